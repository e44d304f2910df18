/**
 * A message by DATA: from the 354 to the verdict, with the two-step commit between. RFC 5321 3.3, 4.1.1.4.
 *
 * In: the reply to DATA, and the message. Out: a ledger, decided. The message is flushed and the receive buffer found empty, and only then
 * the terminator is written (rules R1 to R3).
 */
import { END_OF_DATA, type Reply } from '@postrider/codec'
import { type Body, BodyWriter } from './body.js'
import { Delivery, type DeliveryOptions, type DeliveryTerms } from './delivery.js'
import type { ReplyClass } from './pipeline.js'
import type { Transaction, TransactionResult } from './transaction.js'

export class DataDelivery extends Delivery {
  readonly #body: Body
  readonly #options: DeliveryOptions

  constructor(
    terms: DeliveryTerms,
    ledger: Transaction,
    body: Body,
    options: DeliveryOptions,
    resolve: (result: TransactionResult) => void,
  ) {
    super(terms, ledger, resolve)
    this.#body = body
    this.#options = options
  }

  /** The reply to DATA, in state `data`. */
  answerData(reply: Reply, outcome: ReplyClass): void {
    if (outcome === 'refused') {
      this.ledger.refuse('data', reply)
      this.dialogue.apply('refused')
      return this.conclude({ reset: true })
    }
    this.ledger.enter('body')
    this.dialogue.apply('intermediate')
    const form = { by: 'data', eightBit: this.terms.eightBit } as const
    const writer = new BodyWriter(this.#body, this.#options, form, () => this.dialogue.wake())
    this.message = writer
    this.#send(writer, this.#options.beforeCommit, () => {
      this.commit()
      this.expectVerdicts()
    })
  }

  /**
   * Every recipient was refused and DATA was accepted all the same. RFC 2920 3.1: the client "SHOULD send a single dot"; the reply to it decides
   * nothing.
   */
  sendNothing(): void {
    this.dialogue.apply('intermediate')
    const writer = new BodyWriter(new Uint8Array(0), {}, { by: 'data', eightBit: false }, () => {})
    this.#send(writer, undefined, () => {
      this.dialogue.apply('endOfData')
      this.expectReply(() => {
        this.dialogue.apply('completed')
        this.conclude({ reset: false })
      })
    })
  }

  /** Refused or not, nothing is left to be cleared. RFC 5321 4.1.1.4: "on the completion of this command these buffers are cleared." */
  protected override decided(): void {
    this.conclude({ reset: false })
  }

  #send(writer: BodyWriter, beforeCommit: DeliveryOptions['beforeCommit'], commit: () => void): void {
    this.dialogue.startMessage({
      writer: {
        next: () => {
          const piece = writer.next()
          if (piece === 'end') this.dialogue.showBody(writer.octets)
          return piece
        },
        cancel: () => writer.cancel(),
      },
      beforeCommit,
      commit: () => {
        commit()
        this.dialogue.show('.')
        return END_OF_DATA
      },
    })
  }
}
