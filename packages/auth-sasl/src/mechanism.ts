// The two halves of a SASL exchange as step functions: octets in, octets out, no I/O, no clock, no base64 (that is
// the protocol's wrapping, RFC 4954 section 4). RFC 4422 sections 3 and 5.
//
// One object serves one exchange at a time; start() begins a new one and forgets whatever went before.
import type { AuthenticationError } from './error.js'

/**
 * The client's half. Whoever drives it over SMTP does this:
 *
 * 1. `start()`. Octets are the initial response: they go behind `AUTH name` (zero octets as `=`), or, where the line
 *    would be too long, as the answer to the server's first, empty `334`; that challenge is not passed on. Undefined
 *    means that the server speaks first.
 * 2. For every further `334`: `respond(challenge)`, and send what it returns. When it throws (at once or by a rejected
 *    promise), send `*` and report that error.
 * 3. On `235`: `finish()`. When it throws, the server is an impostor and the connection must be closed.
 * 4. On any other final reply: `failure()` may know more about the reason than the reply says.
 */
export interface ClientMechanism {
  /** The registered name, upper case, as it goes on the wire: `PLAIN`. */
  readonly name: string
  /** Whether the password or token could be read on an unprotected line. */
  readonly plaintext: boolean
  /**
   * Begins an exchange.
   * @throws AuthenticationError when the credentials cannot be had or sent; nothing has been sent then.
   */
  start(): Uint8Array | undefined | Promise<Uint8Array | undefined>
  /**
   * Answers one challenge (without base64).
   * @throws AuthenticationError to cancel the exchange with `*`.
   */
  respond(challenge: Uint8Array): Uint8Array | Promise<Uint8Array>
  /**
   * Must be called when the server reports success.
   * @throws AuthenticationError `EPROOF` when the server has not proved itself or has reported failure before.
   */
  finish?(): void
  /** Called when the server reports failure: what the exchange itself has told about it, if anything. */
  failure?(): AuthenticationError | undefined
}

/**
 * The server's half. `start()` gets what stood behind `AUTH name` (undefined: nothing; zero octets: `=`), `respond()`
 * every later response. A `*` from the client ends the exchange without this object being asked.
 *
 * A promise is rejected only when the server's own store failed: answer `454 4.7.0`.
 */
export interface ServerMechanism {
  readonly name: string
  start(initial: Uint8Array | undefined): ServerStep | Promise<ServerStep>
  respond(response: Uint8Array): ServerStep | Promise<ServerStep>
}

/** What the server does next: send a `334`, report success, or report failure. */
export type ServerStep = ServerChallenge | ServerSuccess | ServerFailure

/** The server asks for more. */
export interface ServerChallenge {
  readonly kind: 'challenge'
  readonly challenge: Uint8Array
}

/** The server lets somebody in. */
export interface ServerSuccess {
  readonly kind: 'success'
  /** Whose credentials were shown. */
  readonly identity: string
  /** Who the client wants to act as, when it said so and was allowed to. */
  readonly authorization?: string
}

/** The server refuses. */
export interface ServerFailure {
  readonly kind: 'failure'
  /** For the server's log: what was wrong. Holds nothing the client sent and is not for the wire. */
  readonly reason: string
  /** What to answer (RFC 4954 section 6): the same words for a wrong password and for an unknown user. */
  readonly reply: { readonly code: number; readonly enhanced: string; readonly text: string }
}
