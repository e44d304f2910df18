/**
 * A whole transaction in one write: MAIL, RCPT for each recipient, and the message by BDAT LAST behind them. One round trip.
 *
 * RFC 2920 3.1 lets MAIL and RCPT stand anywhere in a group, RFC 3030 2 has a server "accept and discard the associated message data" of a BDAT it
 * refuses, so a refused envelope cannot turn the message into commands.
 *
 * In: an envelope and a small message, checked and encoded. Out: a ledger, decided. The price of the one round trip: the point of no return is
 * the flight itself. When the connection dies under it, what was not answered is unknown, where the other paces could say unsent.
 */
import { type Reply, writeChunk } from '@postrider/codec'
import { join } from './body.js'
import { Delivery, type DeliveryOptions, type DeliveryTerms } from './delivery.js'
import type { Draft } from './draft.js'
import { ProtocolError } from './error.js'
import { codes, type ReplyClass } from './pipeline.js'
import type { TransactionResult } from './transaction.js'

const decoder = new TextDecoder()

export class Flight extends Delivery {
  readonly #draft: Draft
  readonly #octets: Uint8Array
  readonly #beforeCommit: DeliveryOptions['beforeCommit']
  #decided = 0
  /** Some RCPT was answered 2yz, maybe behind a refused MAIL. */
  #welcome = false
  /** MAIL or every RCPT was refused: nobody is left to receive the message. */
  #grounded = false

  /** `octets`: the whole message as it goes on the wire. */
  constructor(
    terms: DeliveryTerms,
    draft: Draft,
    octets: Uint8Array,
    options: DeliveryOptions,
    resolve: (result: TransactionResult) => void,
  ) {
    super(terms, draft.ledger, resolve)
    this.#draft = draft
    this.#octets = octets
    this.#beforeCommit = options.beforeCommit
  }

  start(): void {
    this.dialogue.begin('flight', 'MAIL', this)
    this.dialogue.startMessage({
      writer: { next: () => 'end', cancel: () => {} },
      beforeCommit: this.#beforeCommit,
      commit: () => this.#takeOff(),
    })
    this.dialogue.wake()
  }

  #takeOff(): Uint8Array {
    const { dialogue } = this
    const { mail, rcpt } = this.#draft
    this.message = { octets: this.#octets.length }
    this.commit()
    for (const line of [mail, ...rcpt]) dialogue.show(decoder.decode(line).trimEnd())
    dialogue.showChunk(this.#octets.length, true)
    dialogue.expect({ command: 'MAIL', ...codes.mail, settle: (reply, outcome) => this.#mail(reply, outcome) })
    for (const place of rcpt.keys())
      dialogue.expect({
        command: 'RCPT',
        ...codes.rcpt,
        settle: (reply, outcome) => this.#rcpt(place, reply, outcome),
      })
    this.expectVerdict()
    return join([mail, ...rcpt, ...writeChunk(this.#octets, true)])
  }

  #mail(reply: Reply, outcome: ReplyClass): void {
    if (outcome === 'refused') {
      this.ledger.refuse('mail', reply)
      this.#grounded = true
    }
    this.dialogue.apply(outcome)
  }

  #rcpt(place: number, reply: Reply, outcome: ReplyClass): void {
    const { dialogue, ledger } = this
    ledger.rcpt(place, reply, outcome)
    this.#welcome ||= outcome === 'completed'
    if (++this.#decided < this.#draft.rcpt.length) return dialogue.rearm()
    if (!this.#grounded) {
      this.#grounded = ledger.acceptedRecipients === 0
      dialogue.apply(this.#grounded ? 'refused' : 'completed')
    }
    // Only now is it known how many replies the end of the message has beside the first (RFC 2033 4.2); with nobody accepted that one is a refusal.
    this.expectVerdicts(1)
  }

  protected override verdict(reply: Reply, outcome: ReplyClass): void {
    const { dialogue } = this
    // One reply too many anywhere in the flight, and each behind it was taken for the answer to something else.
    if (dialogue.surplus) return this.#distrust('there are more replies than commands', reply)
    if (!this.#grounded) return super.verdict(reply, outcome)
    if (outcome === 'completed' && this.#welcome)
      return this.#distrust('the sender was refused and the message was taken', reply)
    dialogue.tolerateLongReplies(false)
    dialogue.apply(outcome)
    this.conclude({ reset: true })
  }

  /** What the server keeps, nobody knows. */
  #distrust(why: string, reply: Reply): void {
    this.ledger.doubt()
    this.dialogue.poison(new ProtocolError(why, this.dialogue.state.name, { reply }), 'desync')
  }
}
