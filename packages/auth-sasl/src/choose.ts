// Which mechanism to use. What goes in: the names the server offers, the credentials, and what is known of the line.
// What comes out: the strongest mechanism that both sides have and the policy permits, ready to run; never whichever
// the server names first (T-22). Refused: sending a password or token that can be read, or guessed at home, over a line
// that is not encrypted (T-21), unless the caller says so in as many words. RFC 4422 sections 3.2 and 6.1.2.
import { type AnonymousCredentials, anonymous } from './anonymous.js'
import type { ChannelBinding } from './channel-binding.js'
import { cramMd5 } from './cram-md5.js'
import type { PasswordCredentials } from './credential.js'
import { AuthenticationError } from './error.js'
import { type ExternalCredentials, external } from './external.js'
import { login } from './login.js'
import type { ClientMechanism } from './mechanism.js'
import { oauthBearer, type TokenCredentials, xoauth2 } from './oauth.js'
import { plain } from './plain.js'
import { printable } from './printable.js'
import { type ScramOptions, scram } from './scram.js'
import type { ScramHash } from './scram-key.js'

/**
 * The mechanisms this package speaks in the order of preference, the strongest first:
 * proved by the connection itself; password proved and tied to the connection; password proved by both sides; a token,
 * shown but short-lived; password proved by the client alone, weakly; password shown; nothing proved.
 */
export const MECHANISMS = [
  'EXTERNAL',
  'SCRAM-SHA-512-PLUS',
  'SCRAM-SHA-256-PLUS',
  'SCRAM-SHA-1-PLUS',
  'SCRAM-SHA-512',
  'SCRAM-SHA-256',
  'SCRAM-SHA-1',
  'OAUTHBEARER',
  'XOAUTH2',
  'CRAM-MD5',
  'PLAIN',
  'LOGIN',
  'ANONYMOUS',
] as const
/** A mechanism of this package, as IANA spells it. */
export type MechanismName = (typeof MECHANISMS)[number]

/** What the user has to show. Where an object is several of these at once, the mechanisms of all of them count. */
export type Credentials = PasswordCredentials | TokenCredentials | ExternalCredentials | AnonymousCredentials

/** Which mechanisms may be used, and on what kind of connection. */
export interface ChooseOptions {
  /** Whether the line is encrypted and the server's certificate was verified, or the line needs neither. */
  readonly secure: boolean
  /** Permits passwords and tokens on a line that is not `secure`. Default false. */
  readonly allowInsecureAuth?: boolean | undefined
  /** Only these. */
  readonly allow?: readonly MechanismName[] | undefined
  /** Not these. */
  readonly deny?: readonly MechanismName[] | undefined
  /** Nothing that stands behind this one in `MECHANISMS`. */
  readonly minimum?: MechanismName | undefined
  /** Only mechanisms that are tied to this very TLS connection: no fall back to a name without `-PLUS` (T-26). */
  readonly require?: 'channel-binding' | undefined
  /** What identifies the TLS connection, where it can be had. */
  readonly channelBinding?: ChannelBinding | undefined
  /** How SCRAM is to run. */
  readonly scram?: Omit<ScramOptions, 'channelBinding'> | undefined
  /**
   * Chooses as smtplib's `login()` does (P66, P67): CRAM-MD5, PLAIN, LOGIN and nothing else, names compared with their
   * case, the user name of LOGIN sent with the command. The rules about unprotected lines stay as they are.
   */
  readonly compat?: 'smtplib' | undefined
}

/**
 * Chooses the mechanism to log in with. A mechanism that cannot carry the credentials (an authorization identity in
 * LOGIN, a password that SASLprep forbids in SCRAM) is passed over like one that is denied.
 *
 * To try the next one after a refusal, call again with the refused name in `deny`; mind that the next one is weaker.
 *
 * @param offered The names behind the server's `AUTH` keyword; compared without case.
 * @returns A mechanism ready to `start()`.
 * @throws AuthenticationError `EMECHANISM` naming what was offered and why each was not used (also as the fields
 * `offered` and `refused`); `EPOLICY` when the options name an unknown mechanism.
 *
 * @example
 * ```ts
 * const mechanism = chooseMechanism(extensions.auth, { username: 'tim', password }, { secure: true })
 * ```
 */
export function chooseMechanism(
  offered: readonly string[],
  credentials: Credentials,
  options: ChooseOptions,
): ClientMechanism {
  assertKnown('allow', options.allow ?? [])
  assertKnown('deny', options.deny ?? [])
  assertKnown('minimum', options.minimum === undefined ? [] : [options.minimum])
  const names = new Set(options.compat === 'smtplib' ? offered : offered.map(name => name.toUpperCase()))
  const refused = new Map<string, string>()
  let cause: unknown
  for (const name of MECHANISMS) {
    if (!names.has(name)) continue
    const objection = policyObjection(name, options)
    if (objection !== undefined) {
      refused.set(name, objection)
      continue
    }
    try {
      const mechanism = make(name, credentials, options, names)
      if (typeof mechanism === 'object') return mechanism
      refused.set(name, mechanism)
    } catch (error) {
      if (!(error instanceof AuthenticationError)) throw error
      refused.set(name, error.message)
      cause ??= error
    }
  }
  const fault = refused.size === 0 ? 'remote' : 'local'
  for (const name of names) if (!refused.has(name)) refused.set(printable(name), 'not known here')
  const why = Array.from(refused, ([name, reason]) => `${name} (${reason})`).join(', ')
  throw new AuthenticationError(
    why === ''
      ? 'The server offers no authentication mechanism'
      : `No authentication mechanism can be used. The server offers ${why}`,
    { code: 'EMECHANISM', fault, offered: offered.map(name => printable(name)), refused, cause },
  )
}

/** The mechanism, or why the credentials are not for it. */
function make(
  name: MechanismName,
  credentials: Credentials,
  options: ChooseOptions,
  offered: ReadonlySet<string>,
): ClientMechanism | string {
  switch (name) {
    case 'EXTERNAL':
      return 'external' in credentials && credentials.external ? external(credentials) : 'not asked for'
    case 'ANONYMOUS':
      return 'anonymous' in credentials && credentials.anonymous ? anonymous(credentials) : 'not asked for'
    case 'OAUTHBEARER':
      return 'token' in credentials && credentials.token !== undefined ? oauthBearer(credentials) : 'needs a token'
    case 'XOAUTH2':
      return 'token' in credentials && credentials.token !== undefined ? xoauth2(credentials) : 'needs a token'
  }
  if (!('password' in credentials) || credentials.password === undefined) return 'needs a password'
  switch (name) {
    case 'CRAM-MD5':
      return cramMd5(credentials)
    case 'PLAIN':
      return plain(credentials)
    case 'LOGIN':
      return login(credentials, { initialResponse: options.compat === 'smtplib' })
  }
  const [, hash, plus] = /^SCRAM-(SHA-\d+)(-PLUS)?$/.exec(name) ?? []
  if (plus !== undefined && options.channelBinding === undefined) return 'needs channel binding, which is not at hand'
  const channelBinding = plus === undefined ? unboundFlag(options, offered) : options.channelBinding
  return scram(hash as ScramHash, credentials, { ...options.scram, channelBinding })
}

/**
 * What SCRAM without binding says about binding: "If the client supports channel binding and the server does not appear
 * to [...], then the client MUST NOT use an 'n' gs2-cbind-flag" (RFC 5802 section 6). Where the server does offer it
 * and our own policy is against it, we are a client that does not support it.
 */
function unboundFlag(options: ChooseOptions, offered: ReadonlySet<string>): 'unoffered' | undefined {
  const isOffered = Array.from(offered).some(name => name.startsWith('SCRAM-') && name.endsWith('-PLUS'))
  return options.channelBinding !== undefined && !isOffered ? 'unoffered' : undefined
}

const SMTPLIB: readonly string[] = ['CRAM-MD5', 'PLAIN', 'LOGIN']
const READABLE: readonly string[] = ['OAUTHBEARER', 'XOAUTH2', 'PLAIN', 'LOGIN']

function policyObjection(name: MechanismName, options: ChooseOptions): string | undefined {
  const { allow, deny, minimum } = options
  if (options.compat === 'smtplib' && !SMTPLIB.includes(name)) return 'not known to smtplib'
  if (allow !== undefined && !allow.includes(name)) return 'not among the allowed mechanisms'
  if (deny?.includes(name)) return 'denied'
  if (minimum !== undefined && MECHANISMS.indexOf(name) > MECHANISMS.indexOf(minimum)) return `weaker than ${minimum}`
  if (options.require === 'channel-binding' && !name.endsWith('-PLUS')) return 'not bound to the connection'
  if (options.secure || options.allowInsecureAuth) return undefined
  if (READABLE.includes(name)) return 'shows the secret, and the connection is not encrypted'
  if (name === 'CRAM-MD5') return 'lets a listener guess the password, and the connection is not encrypted'
  return undefined
}

/** A misspelt name in a policy would silently permit what it was meant to forbid. */
function assertKnown(option: string, names: readonly string[]): void {
  for (const name of names) {
    if (!(MECHANISMS as readonly string[]).includes(name))
      throw new AuthenticationError(`${option}: ${printable(name)} is not a mechanism known here`, {
        code: 'EPOLICY',
        fault: 'local',
      })
  }
}
