// OAUTHBEARER (RFC 7628) and XOAUTH2, server: takes the token apart from its wrapping and asks whether it is good. The
// messages stand in oauth.ts. Refused as malformed: what does not begin with a GS2 header (`user=`), pairs that are
// not `key=value` closed by ^A, a key that comes twice, an authorization that is not Bearer.
import { fieldText } from './credential.js'
import type { ServerMechanism, ServerStep } from './mechanism.js'
import { type OAuthFailure, writeOAuthFailure } from './oauth-failure.js'
import { unescapeName } from './saslname.js'
import { Secret } from './secret.js'
import { challenge, malformed, refuse } from './server-step.js'

/** One attempt to log in with a token. */
export interface TokenAttempt {
  readonly mechanism: string
  /** Who the client says it is: `a=` or `user=`; empty when OAUTHBEARER leaves it to the token. */
  readonly username: string
  readonly token: Secret
  /** The server's name and port as the client knows them; OAUTHBEARER only, and only if it says so. */
  readonly host?: string
  readonly port?: string
}

/** The identity the token stands for, when the token is good and the user may act as `username`; else the reason. */
export type VerifyToken = (attempt: TokenAttempt) => TokenVerdict | Promise<TokenVerdict>
/** What a server makes of a token. */
export type TokenVerdict = { readonly identity: string } | { readonly failure: OAuthFailure }

/** How a server takes tokens. */
export interface ServerOAuthOptions {
  readonly verify: VerifyToken
  /** What is told to a client that shows no token, for example the scope it should ask for. */
  readonly missingToken?: OAuthFailure
  /** Octets in the message; more is refused. Default 12288, the line limit of RFC 4954 section 4. */
  readonly limit?: number
}

/** The server's half of OAUTHBEARER (RFC 7628). */
export function serverOAuthBearer(options: ServerOAuthOptions): ServerMechanism {
  return bearerServer('OAUTHBEARER', options, text => {
    // client-resp = (gs2-header kvsep *kvpair kvsep) / kvsep; no channel binding is defined (section 3.1)
    const match = /^[ny],(?:a=([^,\x01]+))?,\x01(.*)\x01$/s.exec(text)
    const pairs = match === null ? undefined : parsePairs(match[2] ?? '')
    const username = unescapeName(match?.[1] ?? '')
    return pairs === undefined || username === undefined ? undefined : { username, pairs }
  })
}

/** The server's half of XOAUTH2. */
export function serverXoauth2(options: ServerOAuthOptions): ServerMechanism {
  return bearerServer('XOAUTH2', options, text => {
    const match = /^user=([^\x01]+)\x01(.*)\x01$/s.exec(text)
    const pairs = match === null ? undefined : parsePairs(match[2] ?? '')
    return pairs === undefined ? undefined : { username: match?.[1] ?? '', pairs }
  })
}

interface Message {
  readonly username: string
  readonly pairs: ReadonlyMap<string, string>
}

function bearerServer(
  name: string,
  options: ServerOAuthOptions,
  parse: (text: string) => Message | undefined,
): ServerMechanism {
  const limit = options.limit ?? 12288
  let awaited: 'nothing' | 'message' | 'dummy' = 'nothing'

  function fail(failure: OAuthFailure): ServerStep {
    awaited = 'dummy'
    return challenge(writeOAuthFailure(failure))
  }

  async function check(octets: Uint8Array): Promise<ServerStep> {
    const text = fieldText(octets, limit)
    const message = text === undefined ? undefined : parse(text)
    const authorization = message?.pairs.get('auth')
    if (message === undefined || authorization === undefined) return malformed('the message is not in the grammar')
    // An empty authorization "is how a client can query for the needed scope" (RFC 7628 section 4.3).
    if (authorization === '') return fail(options.missingToken ?? { status: 'invalid_token' })
    // "OAuth method names are case insensitive" (section 4)
    const token = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization)?.[1]
    if (token === undefined) return malformed('the authorization is not a bearer token')
    const host = message.pairs.get('host')
    const port = message.pairs.get('port')
    const verdict = await options.verify({
      mechanism: name,
      username: message.username,
      token: new Secret(token),
      ...(host === undefined ? {} : { host }),
      ...(port === undefined ? {} : { port }),
    })
    return 'identity' in verdict ? { kind: 'success', identity: verdict.identity } : fail(verdict.failure)
  }

  return {
    name,
    start: initial => {
      awaited = initial === undefined ? 'message' : 'nothing'
      return initial === undefined ? challenge(new Uint8Array(0)) : check(initial)
    },
    respond: response => {
      const now = awaited
      awaited = 'nothing'
      if (now === 'message') return check(response)
      // "in order to allow the server to finish the exchange" (section 3.2.3): whatever the answer, this is the end.
      return now === 'dummy' ? refuse('the token is not accepted') : malformed('a response to no challenge')
    },
  }
}

/**
 * kvpair = key "=" value kvsep; "Unknown key/value pairs MUST be ignored by the server" (section 3.1), so they are
 * kept and nobody asks for them.
 */
function parsePairs(text: string): ReadonlyMap<string, string> | undefined {
  const pairs = new Map<string, string>()
  if (!text.endsWith('\x01')) return undefined
  for (const pair of text.slice(0, -1).split('\x01')) {
    const [, key, value] = /^([A-Za-z]+)=([\x20-\x7e\t\r\n]*)$/.exec(pair) ?? []
    if (key === undefined || value === undefined || pairs.has(key)) return undefined
    pairs.set(key, value)
  }
  return pairs
}
