/**
 * The end of a transaction: the point of no return, the verdict (one reply for SMTP, one per accepted recipient for LMTP), and what becomes of a
 * ledger when the session ends before it. What the ways to send a message (DATA, BDAT) have in common.
 *
 * In: a ledger that knows who was accepted, replies to the end of the message. Out: the ledger, decided.
 */
import type { Extensions, Reply } from '@postrider/codec'
import type { BodyOptions } from './body.js'
import type { Dialogue, Operation } from './dialogue.js'
import type { SessionError } from './error.js'
import { codes, type Expectation, type ReplyClass } from './pipeline.js'
import type { Transaction, TransactionResult } from './transaction.js'

/** How a message is delivered. */
export interface DeliveryOptions extends BodyOptions {
  /**
   * Runs when the whole message has left but for its terminator (for a message in one flight with its envelope: before any of it leaves), so that a
   * durable queue can note "in doubt" first. When it throws or rejects, the terminator is not written, the connection is closed,
   * and nobody is sent anything.
   */
  readonly beforeCommit?: () => void | Promise<void>
}

/** What a delivery needs to know of its session. */
export interface DeliveryTerms {
  readonly dialogue: Dialogue
  readonly lmtp: boolean
  readonly extensions: Extensions | undefined
  /** The server takes octets above 127. */
  readonly eightBit: boolean
  readonly pipelining: boolean
  /** Most commands in one write: real servers fail beyond a few hundred. */
  readonly window: number
  /** Octets of a message in one BDAT. */
  readonly chunkSize: number
}

/** One message on its way to the recipients of a ledger. It can be the dialogue's operation for as long as the ledger is open. */
export class Delivery implements Operation {
  protected readonly terms: DeliveryTerms
  protected readonly dialogue: Dialogue
  protected readonly ledger: Transaction
  readonly #resolve: (result: TransactionResult) => void
  /** Counts the octets of the message, once it is on its way. */
  protected message: { readonly octets: number } | undefined

  constructor(terms: DeliveryTerms, ledger: Transaction, resolve: (result: TransactionResult) => void) {
    this.terms = terms
    this.dialogue = terms.dialogue
    this.ledger = ledger
    this.#resolve = resolve
  }

  fail(error: SessionError): void {
    this.#resolve(this.#result(error))
  }

  shutdown(reply: Reply, _expectation: Expectation | undefined): void {
    this.ledger.shutdown(reply, undefined)
  }

  refusedEarly(reply: Reply): void {
    this.ledger.refuse('body', reply)
  }

  /** The ledger is decided. */
  conclude({ reset }: { readonly reset: boolean }): void {
    this.dialogue.end()
    if (reset) this.dialogue.reset()
    this.#resolve(this.#result())
  }

  /** The last octet of the message is handed over (rule R1). */
  protected commit(): void {
    this.dialogue.apply('endOfData')
    // Rule R7: a long reply is cut rather than refused here, so that its verdict is not lost.
    this.dialogue.tolerateLongReplies(true)
    this.ledger.commit()
  }

  /** The replies that decide: one, or one per accepted recipient (RFC 2033 4.2). `awaited` of them are expected already. */
  protected expectVerdicts(awaited = 0): void {
    const count = this.terms.lmtp ? this.ledger.acceptedRecipients : 1
    for (let left = count - awaited; left > 0; left--) this.expectVerdict()
  }

  protected expectVerdict(): void {
    this.expectReply((reply, outcome) => this.verdict(reply, outcome))
  }

  /** One reply to the end of the message. */
  protected expectReply(settle: Expectation['settle']): void {
    this.dialogue.expect({ command: 'the end of data', ...codes.endOfData, settle })
  }

  protected verdict(reply: Reply, outcome: ReplyClass): void {
    this.ledger.verdict(reply, outcome, this.terms.lmtp)
    if (this.dialogue.outstanding > 0) return this.dialogue.rearm()
    this.dialogue.tolerateLongReplies(false)
    this.dialogue.apply(outcome)
    this.decided()
  }

  /** The last verdict has come. RFC 3030 2: "The resulting state from a failed BDAT command is indeterminate. A RSET command MUST be issued". */
  protected decided(): void {
    this.conclude({ reset: !this.ledger.delivered })
  }

  #result(error?: SessionError): TransactionResult {
    if (error !== undefined) error.mayHaveBeenDelivered = this.ledger.committed
    return this.ledger.result(this.message?.octets ?? 0, error)
  }
}
