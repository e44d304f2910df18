// Why an authentication did not happen. What goes in: the reason, whose fault it is, and what has left the machine by
// then. What comes out: one error class whose message, fields and inspection never hold a password, a token or
// anything computed from them. RFC 4422 section 3.5 (aborting), RFC 4954 section 6 (what a failure means).
import type { OAuthFailure } from './oauth-failure.js'

/**
 * What went wrong:
 * - `EMECHANISM`: no mechanism is both offered by the server and permitted here
 * - `ECREDENTIALS`: the user name, password or token cannot be carried by the mechanism as it stands
 * - `EPOLICY`: the options contradict each other or name something unknown
 * - `ECHALLENGE`: the server broke the rules of the mechanism
 * - `EPROOF`: the server claims a success it has not earned: it did not prove that it knows the password, or had refused
 * - `EREFUSED`: the server said inside the exchange why it refuses the credentials
 */
export type AuthenticationErrorCode = 'EMECHANISM' | 'ECREDENTIALS' | 'EPOLICY' | 'ECHALLENGE' | 'EPROOF' | 'EREFUSED'

/** The fields of an {@link AuthenticationError}; what is left out has the default named there. */
export interface AuthenticationErrorOptions {
  readonly code: AuthenticationErrorCode
  readonly fault: 'local' | 'remote'
  readonly mechanism?: string | undefined
  readonly credentialsSent?: boolean
  readonly retry?: 'never' | 'caller'
  readonly usable?: boolean
  readonly offered?: readonly string[]
  readonly refused?: ReadonlyMap<string, string>
  readonly oauth?: OAuthFailure | undefined
  readonly scram?: string | undefined
  readonly cause?: unknown
}

const brand: unique symbol = Symbol.for('@postrider/auth-sasl/AuthenticationError')

/**
 * An authentication that was refused before it began, or given up by our own side. (A plain `535` is the session's
 * business: the mechanism did its part.) `instanceof` also holds for an error made by another copy of this package.
 *
 * @example
 * ```ts
 * try {
 *   chooseMechanism(['LOGIN'], { username, password }, { secure: false })
 * } catch (error) {
 *   if (error instanceof AuthenticationError && error.code === 'EMECHANISM') console.log(error.refused)
 * }
 * ```
 */
export class AuthenticationError extends Error {
  override readonly name: string = 'AuthenticationError'
  readonly code: AuthenticationErrorCode
  /** `local`: the caller's input or policy; `remote`: the server. */
  readonly fault: 'local' | 'remote'
  /** The mechanism in use, in the RFC's spelling; undefined while none was chosen. */
  readonly mechanism: string | undefined
  /** True once octets made from the password or token (itself, a digest, a proof) were handed out for sending. */
  readonly credentialsSent: boolean
  /** `never`: the same call fails the same way. `caller`: other credentials, or a new token, may succeed. */
  readonly retry: 'never' | 'caller'
  /** False when the peer must be distrusted and the connection closed; else cancelling with `*` is enough. */
  readonly usable: boolean
  /** The mechanisms the server offered, when the choice among them failed. */
  readonly offered: readonly string[] | undefined
  /** For each mechanism that was offered, why it was not used. */
  readonly refused: ReadonlyMap<string, string> | undefined
  /** The reason an OAuth server gave for refusing the token. */
  readonly oauth: OAuthFailure | undefined
  /** The reason a SCRAM server gave, in a word of RFC 5802 section 7 such as `unsupported-channel-binding-type`. */
  readonly scram: string | undefined

  constructor(message: string, options: AuthenticationErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = options.code
    this.fault = options.fault
    this.mechanism = options.mechanism
    this.credentialsSent = options.credentialsSent ?? false
    this.retry = options.retry ?? 'never'
    this.usable = options.usable ?? true
    this.offered = options.offered
    this.refused = options.refused
    this.oauth = options.oauth
    this.scram = options.scram
    Object.defineProperty(this, brand, { value: true })
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && brand in value
  }
}

/** The server broke the rules of `mechanism`; `why` completes the sentence and holds nothing the server sent. */
export function challengeError(mechanism: string, why: string, credentialsSent: boolean): AuthenticationError {
  return new AuthenticationError(`${mechanism}: ${why}`, {
    code: 'ECHALLENGE',
    fault: 'remote',
    mechanism,
    credentialsSent,
  })
}

/** The server wants to hear more than the mechanism has to say. */
export function askedAgain(mechanism: string, credentialsSent: boolean): AuthenticationError {
  return challengeError(mechanism, 'the server asks again although everything was said', credentialsSent)
}

/** What we were asked to send cannot be sent; `why` names the field and the place, never the value. */
export function credentialsError(mechanism: string | undefined, why: string): AuthenticationError {
  return new AuthenticationError(mechanism === undefined ? why : `${mechanism}: ${why}`, {
    code: 'ECREDENTIALS',
    fault: 'local',
    mechanism,
    retry: 'caller',
  })
}

/** The server claims a success that it has not earned; nothing it says can be trusted any more. */
export function unproved(mechanism: string, why: string, credentialsSent: boolean): AuthenticationError {
  return new AuthenticationError(`${mechanism}: ${why}`, {
    code: 'EPROOF',
    fault: 'remote',
    mechanism,
    credentialsSent,
    usable: false,
  })
}
