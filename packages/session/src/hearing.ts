/**
 * What the peer says, taken for the answer to what was asked.
 *
 * In: expectations in the order in which their commands are written, octets as they arrive. Out: each reply, given to the expectation it answers; or
 * the error that ends the session: octets that are no reply, a class that the command cannot have (rule R9), 421, a reply that nobody asked for
 * (rule R4), clear text where TLS should be (T-11).
 */
import { DecodeError, type Reply, ReplyReader, type ReplyReaderOptions } from '@postrider/codec'
import type { Dialogue } from './dialogue.js'
import { ProtocolError, ShutdownError, TlsInjectionError, TlsModeError } from './error.js'
import { classify, type Expectation, Pipeline } from './pipeline.js'

/** What hearing needs to know of its dialogue, and may do to it. */
type Listener = Pick<Dialogue, 'state' | 'operation' | 'poison'>

export class Hearing {
  readonly #dialogue: Listener
  readonly #reader: ReplyReader
  readonly #pipeline = new Pipeline()
  readonly #watch: (reply: Reply) => void
  /** Replies that are read and not handled. */
  #unhandled = 0
  /** Replies that may come without a verb of ours: somebody speaks by hand. */
  #spare = 0
  #takeSpare: (reply: Reply) => void = () => {}

  /** `watch` sees every reply before it is handled. */
  constructor(dialogue: Listener, options: ReplyReaderOptions | undefined, watch: (reply: Reply) => void) {
    this.#dialogue = dialogue
    this.#reader = new ReplyReader(options)
    this.#watch = watch
  }

  get outstanding(): number {
    return this.#pipeline.outstanding
  }

  /** More replies are here than are asked for. */
  get surplus(): boolean {
    return this.#unhandled > this.#pipeline.outstanding
  }

  expect(expectation: Expectation): void {
    this.#pipeline.expect(expectation)
  }

  /** Up to `count` more replies are welcome until the next verb begins: what is said by hand may be several commands. */
  allow(count: number, take: (reply: Reply) => void): void {
    this.#spare += count
    this.#takeSpare = take
  }

  /** A verb begins: what was allowed before is not any more. */
  disallow(): void {
    this.#spare = 0
  }

  /** A long reply to the end of data is cut, not refused, so that its verdict is not lost (rule R7). */
  tolerateLongReplies(yes: boolean): void {
    this.#reader.overflow = yes ? 'truncate' : 'error'
  }

  /** Forget what was asked: the connection is over. */
  clear(): void {
    this.#pipeline.clear()
  }

  /** Rule R2: nothing may be half heard where both sides must agree that nothing is under way. */
  insistOnSilence(): void {
    if (this.#reader.buffered > 0 && this.outstanding === 0) this.#unsolicited()
  }

  receive(octets: Uint8Array): void {
    const dialogue = this.#dialogue
    const { name } = dialogue.state
    if (name === 'handshake') return dialogue.poison(new TlsInjectionError('handshake'), 'desync')
    if (name === 'greeting' && looksLikeTls(octets))
      return dialogue.poison(new TlsModeError('implicit', 'greeting'), 'desync')
    let replies: readonly Reply[]
    let broken: DecodeError | undefined
    try {
      replies = this.#reader.push(octets)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      broken = error
      replies = error.replies ?? []
    }
    this.#unhandled = replies.length
    for (const reply of replies) {
      this.#unhandled--
      try {
        this.#answer(reply)
      } catch (cause) {
        // A mechanism that throws where it may not, say. Whatever it was, we no longer know where we are.
        this.#breach(`a reply could not be handled: ${cause instanceof Error ? cause.message : String(cause)}`, {
          reply,
          cause,
        })
      }
      if (dialogue.state.closed) return
    }
    if (broken !== undefined) this.#breach(`the server's reply cannot be read: ${broken.message}`, { cause: broken })
    else if (this.#spare === 0 && dialogue.state.name !== 'body') this.insistOnSilence()
  }

  #answer(reply: Reply): void {
    const dialogue = this.#dialogue
    this.#watch(reply)
    const expectation = this.#pipeline.take()
    if (reply.code === 421 && dialogue.state.name !== 'quit') {
      dialogue.operation?.shutdown?.(reply, expectation)
      return dialogue.poison(new ShutdownError(reply, dialogue.state.name), 'shutdown')
    }
    if (expectation === undefined) {
      if (this.#spare === 0) return this.#early(reply)
      this.#spare--
      return this.#takeSpare(reply)
    }
    const outcome = classify(reply.code, expectation)
    if (outcome === 'desync') return this.#breach(`${reply.code} is no answer to ${expectation.command}`, { reply })
    expectation.settle(reply, outcome)
  }

  /** A reply that nobody asked for. A refusal in the middle of the message is the server's last word on it; all else is a breach. */
  #early(reply: Reply): void {
    const dialogue = this.#dialogue
    if (dialogue.state.name !== 'body' || reply.code < 400) return this.#unsolicited(reply)
    dialogue.operation?.refusedEarly?.(reply)
    this.#breach(`the server refused the message before its end: ${reply.code} ${reply.text}`, { reply })
  }

  #unsolicited(reply?: Reply): void {
    // Replies of one segment are handled one by one: STARTTLS may have been answered by the one before.
    if (this.#dialogue.state.name === 'handshake')
      return this.#dialogue.poison(new TlsInjectionError('handshake'), 'desync')
    this.#breach('the server sent a reply that nobody asked for', { reply })
  }

  #breach(why: string, detail: { readonly reply?: Reply | undefined; readonly cause?: unknown }): void {
    this.#dialogue.poison(new ProtocolError(why, this.#dialogue.state.name, detail), 'desync')
  }
}

/** A TLS record where a greeting should be: handshake or alert, version 3.x (RFC 8446 5.1). */
function looksLikeTls(octets: Uint8Array): boolean {
  return (octets[0] === 0x15 || octets[0] === 0x16) && octets[1] === 0x03
}
