/**
 * One AUTH exchange (RFC 4954 4): the command, challenges and responses in base64, the verdict.
 *
 * In: anything with the shape of a SASL mechanism. Out: the server's 235, or an `AuthenticationRefusedError` that says whether anything
 * secret had been sent. It refuses challenges that are not base64, more than 16 of them, and a success that the
 * mechanism does not believe; and it never shows a response to anybody but the server (T-28).
 */
import { decodeBase64, type Reply, writeCommand, writeResponse } from '@postrider/codec'
import type { Dialogue, Operation } from './dialogue.js'
import { AuthenticationRefusedError, type SessionError } from './error.js'
import { codes, type ReplyClass } from './pipeline.js'

/** What the session needs of a SASL mechanism; `@postrider/auth-sasl` has them, and anybody may bring one. */
export interface Mechanism {
  /** The name registered for SASL, such as `PLAIN`. */
  readonly name: string
  /** The initial response; `undefined` when the server speaks first. */
  start(): Uint8Array | undefined | Promise<Uint8Array | undefined>
  /** The answer to a challenge. Throwing cancels the exchange. */
  respond(challenge: Uint8Array): Uint8Array | Promise<Uint8Array>
  /** Called on success; throws when the server has not proved what the mechanism asks it to prove. */
  finish?(): void
  /** Called on refusal: what the mechanism learnt of its reason, as the JSON that OAuth servers send in a challenge. */
  failure?(): Error | undefined
}

/** How AUTH is spoken. */
export interface AuthenticateOptions {
  /** Send the initial response with the AUTH command where it fits; default true. RFC 4954 4. */
  readonly initialResponse?: boolean
}

/** Challenges that are answered before the exchange is given up. */
const rounds = 16
/**
 * RFC 4954 4: "the AUTH command is still subject to the line length limitations": an initial response that makes the line longer than 512
 * octets waits for the server's first, empty challenge.
 */
const longestCommand = 512

/** Runs the exchange. */
export async function authenticate(
  dialogue: Dialogue,
  mechanism: Mechanism,
  options: AuthenticateOptions,
): Promise<Reply> {
  const initial = await mechanism.start()
  return new Promise((resolve, reject) => {
    try {
      new Exchange(dialogue, mechanism, initial, resolve, reject).start(options.initialResponse ?? true)
    } catch (error) {
      reject(error)
    }
  })
}

class Exchange implements Operation {
  readonly #dialogue: Dialogue
  readonly #mechanism: Mechanism
  readonly #resolve: (reply: Reply) => void
  readonly #reject: (error: SessionError) => void
  /** An initial response that has not been sent yet. */
  #initial: Uint8Array | undefined
  #round = 0
  #sent = false
  #cancelled: { readonly why: string; readonly cause: unknown } | undefined

  constructor(
    dialogue: Dialogue,
    mechanism: Mechanism,
    initial: Uint8Array | undefined,
    resolve: (reply: Reply) => void,
    reject: (error: SessionError) => void,
  ) {
    this.#dialogue = dialogue
    this.#mechanism = mechanism
    this.#initial = initial
    this.#resolve = resolve
    this.#reject = reject
  }

  start(initialResponse: boolean): void {
    const mechanism = this.#mechanism.name
    const initial = this.#initial
    let octets = writeCommand({ verb: 'AUTH', mechanism })
    let shown = `AUTH ${mechanism}`
    if (initial !== undefined) {
      // What is too long for a line of its own is refused here, before anything is written.
      const response = writeResponse(initial)
      // Behind the command stand a space and the response, and one CRLF for both.
      if (initialResponse && octets.length + 1 + response.length - 2 <= longestCommand) {
        octets = writeCommand({ verb: 'AUTH', mechanism, initial })
        shown += ' ***'
        this.#initial = undefined
        this.#sent = true
      }
    }
    this.#dialogue.begin('auth', `AUTH ${mechanism}`, this)
    this.#write(octets, shown)
    this.#dialogue.wake()
  }

  fail(error: SessionError): void {
    error.credentialsSent = this.#sent
    this.#reject(error)
  }

  #write(octets: Uint8Array, shown: string): void {
    this.#dialogue.write(octets, shown)
    this.#dialogue.expect({ command: 'AUTH', ...codes.auth, settle: (reply, outcome) => this.#answer(reply, outcome) })
  }

  #answer(reply: Reply, outcome: ReplyClass): void {
    if (outcome === 'completed') return this.#succeed(reply)
    if (outcome === 'refused') {
      const cancelled = this.#cancelled
      const cause = cancelled === undefined ? this.#mechanism.failure?.() : cancelled.cause
      this.#dialogue.apply('refused')
      this.#dialogue.end()
      const message =
        cancelled === undefined
          ? `${this.#mechanism.name} was refused: ${reply.code} ${reply.text}`
          : `${this.#mechanism.name} was cancelled: ${cancelled.why}`
      return this.#reject(
        this.#error(message, {
          usable: true,
          reply,
          cause,
          fault: cancelled === undefined ? 'remote' : 'local',
        }),
      )
    }
    this.#dialogue.apply('intermediate')
    void this.#respond(reply)
  }

  #succeed(reply: Reply): void {
    try {
      if (this.#cancelled !== undefined) throw new Error('the server accepted an exchange that was cancelled')
      this.#mechanism.finish?.()
    } catch (cause) {
      // Whoever says 235 without having proved itself is not to be talked to (RFC 5802 5).
      const error = this.#error(`the server's success is not believed: ${text(cause)}`, { usable: false, reply, cause })
      return this.#dialogue.poison(error, 'desync')
    }
    this.#dialogue.apply('completed')
    this.#dialogue.end()
    this.#resolve(reply)
  }

  async #respond(reply: Reply): Promise<void> {
    let line: Uint8Array
    try {
      if (this.#cancelled !== undefined) throw new Error('the server goes on with an exchange that was cancelled')
      if (++this.#round > rounds) throw new RangeError(`more than ${rounds} challenges`)
      const challenge = decodeBase64(reply.lines[0] ?? new Uint8Array(0))
      // What was held back answers the server's first challenge: an empty one (RFC 4954 4), or LOGIN's prompt for the user name, which
      // must not be answered with the password.
      const initial = this.#initial
      this.#initial = undefined
      line = writeResponse(initial ?? (await this.#mechanism.respond(challenge)))
    } catch (cause) {
      return this.#cancel(cause)
    }
    if (this.#dialogue.state.name !== 'challenge') return
    this.#sent = true
    this.#dialogue.apply('respond')
    this.#write(line, '***')
    this.#dialogue.wake()
  }

  /** RFC 4954 4: "If the client wishes to cancel the authentication exchange, it issues a line with a single '*'." */
  #cancel(cause: unknown): void {
    if (this.#dialogue.state.name !== 'challenge') return
    if (this.#cancelled !== undefined) {
      return this.#dialogue.poison(this.#error(text(cause), { usable: false, cause }), 'desync')
    }
    this.#cancelled = { why: text(cause), cause }
    this.#dialogue.apply('respond')
    this.#write(writeResponse(undefined), '*')
    // Some servers stay silent on it, and nothing is lost by leaving those.
    this.#dialogue.rearm('cancel')
    this.#dialogue.wake()
  }

  #error(
    message: string,
    details: {
      readonly usable: boolean
      readonly fault?: SessionError['fault']
      readonly reply?: Reply | undefined
      readonly cause?: unknown
    },
  ): AuthenticationRefusedError {
    return new AuthenticationRefusedError(message, {
      mechanism: this.#mechanism.name,
      credentialsSent: this.#sent,
      phase: 'auth',
      ...details,
    })
  }
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
