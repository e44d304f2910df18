// OAUTHBEARER (RFC 7628) and XOAUTH2 (Google's and Microsoft's older form of it): an OAuth 2.0 access token instead of
// a password. Client.
//
//   OAUTHBEARER   n,a=user,^Ahost=server^Aport=587^Aauth=Bearer token^A^A
//   XOAUTH2       user=user^Aauth=Bearer token^A^A                            (^A is the octet 1)
//
// A server that refuses the token says why in one more challenge and waits for a dummy answer, a single ^A (RFC 7628
// section 3.2.3) or, in XOAUTH2, nothing. What it said is kept for failure().
//
// "TLS MUST be used for OAUTHBEARER to protect the bearer token" (section 3): chooseMechanism() sees to it.
import { checkedField } from './credential.js'
import { AuthenticationError, challengeError, credentialsError, unproved } from './error.js'
import type { ClientMechanism } from './mechanism.js'
import { type OAuthFailure, readOAuthFailure } from './oauth-failure.js'
import { printable } from './printable.js'
import { escapeName } from './saslname.js'
import type { Secret } from './secret.js'
import { bareToken, type FetchToken } from './token.js'
import { encodeWellFormed } from './utf8.js'

/**
 * An access token, or how to get one. A mechanism asks for every login; for many of them at the same time, put a
 * `TokenCache` in between.
 */
export type Token = string | Secret | FetchToken

/** A user name with an OAuth 2.0 access token. */
export interface TokenCredentials {
  /** Whose mailbox it is. */
  readonly username: string
  /** Who to act as, where that is another; both mechanisms name one identity only, and then it is this one. */
  readonly authorization?: string | undefined
  readonly token: Token
  /** The server's name as the user typed it; OAUTHBEARER tells it to the server. */
  readonly host?: string | undefined
  /** The port connected to; OAUTHBEARER tells it to the server. */
  readonly port?: number | undefined
}

/**
 * The client's half of OAUTHBEARER (RFC 7628).
 *
 * @throws AuthenticationError `ECREDENTIALS` when the user name or host cannot be carried; `start()` throws it when the
 * token is not one of RFC 6750 section 2.1.
 *
 * @example
 * ```ts
 * oauthBearer({ username: 'user@example.com', token: () => tokens.fresh(), host: 'smtp.example.com', port: 587 })
 * ```
 */
export function oauthBearer(credentials: TokenCredentials): ClientMechanism {
  const name = 'OAUTHBEARER'
  const username = identityText(name, credentials)
  const { host, port } = credentials
  if (host !== undefined && !/^[\x21-\x7e]+$/.test(host))
    throw credentialsError(name, 'the host is not printable ASCII')
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65536))
    throw credentialsError(name, 'the port is not a number from 1 to 65535')
  const pairs = `${host === undefined ? '' : `host=${host}\x01`}${port === undefined ? '' : `port=${port}\x01`}`
  const write = (token: string) => `n,a=${escapeName(username)},\x01${pairs}auth=Bearer ${token}\x01\x01`
  return bearer(name, credentials.token, write, Uint8Array.of(1))
}

/**
 * The client's half of XOAUTH2, for the servers that do not offer OAUTHBEARER.
 *
 * @throws AuthenticationError `ECREDENTIALS` as {@link oauthBearer}.
 */
export function xoauth2(credentials: TokenCredentials): ClientMechanism {
  const name = 'XOAUTH2'
  const username = identityText(name, credentials)
  const write = (token: string) => `user=${username}\x01auth=Bearer ${token}\x01\x01`
  return bearer(name, credentials.token, write, new Uint8Array(0))
}

function bearer(name: string, token: Token, write: (token: string) => string, dummy: Uint8Array): ClientMechanism {
  let refusal: OAuthFailure | undefined
  return {
    name,
    plaintext: true,
    start: async () => {
      refusal = undefined
      const fresh = bareToken(typeof token === 'function' ? await token() : token).reveal()
      // b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"=" (RFC 6750 section 2.1); anything else,
      // ^A above all, could add pairs of its own (T-23).
      if (!/^[A-Za-z0-9._~+/-]+=*$/.test(fresh))
        throw credentialsError(name, 'the token is not a bearer token of RFC 6750')
      return encodeWellFormed(write(fresh))
    },
    respond: challenge => {
      if (refusal !== undefined) throw challengeError(name, 'the server asks again although it has refused', true)
      refusal = readOAuthFailure(challenge)
      return dummy
    },
    finish: () => {
      if (refusal !== undefined) throw unproved(name, 'the server refused the token and then reports success', true)
    },
    failure: () => (refusal === undefined ? undefined : refused(name, refusal)),
  }
}

function refused(mechanism: string, oauth: OAuthFailure): AuthenticationError {
  const told = [
    oauth.status === undefined ? '' : `: ${printable(oauth.status)}`,
    oauth.scope === undefined ? '' : `, it wants the scope ${printable(oauth.scope, 200)}`,
  ]
  return new AuthenticationError(`${mechanism}: the server refuses the token${told.join('')}`, {
    code: 'EREFUSED',
    fault: 'remote',
    mechanism,
    credentialsSent: true,
    retry: 'caller',
    oauth,
  })
}

/** Who to act as: without what separates the fields, which is ^A, or any other control character. */
function identityText(mechanism: string, credentials: TokenCredentials): string {
  const text = checkedField(mechanism, 'user name', credentials.authorization || credentials.username)
  const control = text.search(/[\0-\x1f\x7f]/)
  if (control !== -1) throw credentialsError(mechanism, `the user name holds a control character, at ${control}`)
  return text
}
