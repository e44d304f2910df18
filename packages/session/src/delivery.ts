/**
 * From 354 to the verdict: the message, the two-step commit, one reply for SMTP or one per accepted recipient for LMTP.
 *
 * In: a ledger that knows who was accepted, and the message. Out: the ledger, decided. The message is flushed and the receive buffer found
 * empty, and only then the terminator is written (rules R1 to R3).
 */
import { END_OF_DATA, type Reply } from '@postrider/codec'
import { type Body, type BodyOptions, BodyWriter } from './body.js'
import type { Dialogue, Operation } from './dialogue.js'
import type { SessionError } from './error.js'
import { codes, type Expectation, type ReplyClass } from './pipeline.js'
import type { Transaction, TransactionResult } from './transaction.js'

export interface DeliveryOptions extends BodyOptions {
  /**
   * Runs when the whole message has left but for its terminator, so that a durable queue can note "in doubt" first. When it throws or
   * rejects, the terminator is not written, the connection is closed, and nobody is sent anything.
   */
  readonly beforeCommit?: () => void | Promise<void>
}

/** What a delivery needs to know of its session. */
export interface DeliveryTerms {
  readonly dialogue: Dialogue
  readonly lmtp: boolean
  /** The server takes octets above 127. */
  readonly eightBit: boolean
}

/** One message on its way to the recipients of a ledger. It is also the dialogue's operation for as long as the ledger is open. */
export class Delivery implements Operation {
  readonly #terms: DeliveryTerms
  readonly #dialogue: Dialogue
  readonly #ledger: Transaction
  readonly #body: Body
  readonly #options: DeliveryOptions
  readonly #resolve: (result: TransactionResult) => void
  #writer: BodyWriter | undefined

  constructor(
    terms: DeliveryTerms,
    ledger: Transaction,
    body: Body,
    options: DeliveryOptions,
    resolve: (result: TransactionResult) => void,
  ) {
    this.#terms = terms
    this.#dialogue = terms.dialogue
    this.#ledger = ledger
    this.#body = body
    this.#options = options
    this.#resolve = resolve
  }

  fail(error: SessionError): void {
    this.#resolve(this.#result(error))
  }

  shutdown(reply: Reply, _expectation: Expectation | undefined): void {
    this.#ledger.shutdown(reply, undefined)
  }

  refusedEarly(reply: Reply): void {
    this.#ledger.refuse('body', reply)
  }

  /** The reply to DATA, in state `data`. */
  answerData(reply: Reply, outcome: ReplyClass): void {
    if (outcome === 'refused') {
      this.#ledger.refuse('data', reply)
      this.#dialogue.apply('refused')
      return this.conclude({ reset: true })
    }
    this.#ledger.enter('body')
    this.#dialogue.apply('intermediate')
    const writer = new BodyWriter(this.#body, this.#options, this.#terms.eightBit, () => this.#dialogue.wake())
    this.#writer = writer
    this.#dialogue.startMessage({ writer, beforeCommit: this.#options.beforeCommit, commit: () => this.#commit() })
  }

  /**
   * Every recipient was refused and DATA was accepted all the same. RFC 2920 3.1: the client "SHOULD send a single dot"; the reply to it decides
   * nothing.
   */
  sendNothing(): void {
    this.#dialogue.apply('intermediate')
    this.#dialogue.startMessage({
      writer: new BodyWriter(new Uint8Array(0), {}, false, () => {}),
      beforeCommit: undefined,
      commit: () => {
        this.#dialogue.apply('endOfData')
        this.#expectVerdict(() => {
          this.#dialogue.apply('completed')
          this.conclude({ reset: false })
        })
        return this.#terminator()
      },
    })
  }

  /** The ledger is decided. */
  conclude({ reset }: { readonly reset: boolean }): void {
    this.#dialogue.end()
    if (reset) this.#dialogue.reset()
    this.#resolve(this.#result())
  }

  #commit(): Uint8Array {
    this.#dialogue.apply('endOfData')
    // Rule R7: a long reply is cut rather than refused here, so that its verdict is not lost.
    this.#dialogue.tolerateLongReplies(true)
    const verdicts = this.#terms.lmtp ? this.#ledger.acceptedRecipients : 1
    for (let count = 0; count < verdicts; count++)
      this.#expectVerdict((reply, outcome) => this.#verdict(reply, outcome))
    this.#ledger.commit()
    return this.#terminator()
  }

  #terminator(): Uint8Array {
    this.#dialogue.show('.')
    return END_OF_DATA
  }

  #expectVerdict(settle: Expectation['settle']): void {
    this.#dialogue.expect({ command: 'the end of data', ...codes.endOfData, settle })
  }

  #verdict(reply: Reply, outcome: ReplyClass): void {
    this.#ledger.verdict(reply, outcome, this.#terms.lmtp)
    if (this.#dialogue.outstanding > 0) return this.#dialogue.rearm()
    this.#dialogue.tolerateLongReplies(false)
    this.#dialogue.apply(outcome)
    this.conclude({ reset: false })
  }

  #result(error?: SessionError): TransactionResult {
    if (error !== undefined) error.mayHaveBeenDelivered = this.#ledger.committed
    return this.#ledger.result(this.#writer?.octets ?? 0, error)
  }
}
