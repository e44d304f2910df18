/**
 * One mail transaction: MAIL, RCPT for each recipient, DATA, and the delivery behind it.
 *
 * In: an envelope and a message. Out: a promise of what became of each recipient, which always resolves once the first octet has been
 * written; what is wrong before that is thrown, and nothing was written. Two paces: `certain` writes MAIL, RCPT and DATA in one go where
 * the server offers PIPELINING (RFC 2920), `step` waits for each reply. A refused transaction is cleared by RSET, which no caller
 * waits for (rule R13).
 */
import { type Extensions, type Reply, writeCommand } from '@postrider/codec'
import { type Body, join } from './body.js'
import { Delivery, type DeliveryOptions, type DeliveryTerms } from './delivery.js'
import type { Operation } from './dialogue.js'
import { addressOf, type Envelope, international, type Recipient, writeMail, writeRcpt } from './envelope.js'
import { ProtocolError, type SessionError } from './error.js'
import { codes, type Expectation, type ReplyClass } from './pipeline.js'
import { Transaction, type TransactionResult } from './transaction.js'

/** How many round trips are spent: `step` waits for every reply, `certain` writes the envelope in one go. */
export type Pace = 'step' | 'certain'

export interface TransactOptions extends DeliveryOptions {
  /** Default `certain` where the server offers PIPELINING, else `step`. */
  readonly pace?: Pace
  /** Take addresses that are a local part alone (`root`), which some servers complete with a domain of their own. Default false. */
  readonly bareLocalPart?: boolean
}

/** What a transaction needs to know of its session. */
export interface Terms extends DeliveryTerms {
  readonly extensions: Extensions | undefined
  readonly pipelining: boolean
  /** Most commands in one write: real servers fail beyond a few hundred. */
  readonly window: number
}

const dataLine = writeCommand({ verb: 'DATA' })

interface Line {
  readonly octets: Uint8Array
  readonly expectation: Expectation
}

/** Validates, then runs the transaction. Throws before anything is written; afterwards the promise resolves, whatever happens. */
export function transact(
  terms: Terms,
  envelope: Envelope,
  body: Body,
  options: TransactOptions,
): Promise<TransactionResult> {
  return new Promise(resolve => new Run(terms, envelope, body, options, resolve).start())
}

class Run implements Operation {
  readonly #terms: Terms
  readonly #ledger = new Transaction()
  readonly #delivery: Delivery
  /** MAIL, each RCPT, DATA. */
  readonly #lines: Line[] = []
  /** Lines written so far. */
  #written = 0
  readonly #window: number
  readonly #recipients: number
  #decided = 0

  constructor(
    terms: Terms,
    envelope: Envelope,
    body: Body,
    options: TransactOptions,
    resolve: (result: TransactionResult) => void,
  ) {
    this.#terms = terms
    const { extensions, lmtp, dialogue } = terms
    if (envelope.to.length === 0) throw new RangeError('the envelope has no recipient')
    const phase = dialogue.state.name
    const parameters = envelope.parameters ?? {}
    const utf8 = parameters.smtputf8 === true || international(envelope)
    this.#window = terms.pipelining && options.pace !== 'step' ? terms.window : 1

    const { bareLocalPart = false } = options
    const mail = writeMail(envelope.from, parameters, extensions, utf8, phase, bareLocalPart)
    this.#line('MAIL', mail, codes.mail, (reply, outcome) => this.#mail(reply, outcome))
    // Real LMTP servers disagree on whether a recipient named twice gets one verdict or two, so there none is named twice.
    const places = lmtp ? new Map<string, number>() : undefined
    const order = envelope.to.map(recipient => {
      const address = addressOf(recipient)
      const place = places?.get(address) ?? this.#recipient(recipient, utf8, phase, bareLocalPart)
      places?.set(address, place)
      return place
    })
    this.#recipients = this.#lines.length - 1
    this.#line('DATA', dataLine, codes.data, (reply, outcome) => this.#data(reply, outcome))

    this.#delivery = new Delivery(terms, this.#ledger, body, options, result => {
      // One verdict for each address as the caller gave it, duplicates included.
      if (this.#recipients === order.length) resolve(result)
      else resolve({ ...result, recipients: order.flatMap(place => result.recipients[place] ?? []) })
    })
  }

  start(): void {
    this.#terms.dialogue.begin('mail', 'MAIL', this)
    this.#writeGroup()
    this.#terms.dialogue.wake()
  }

  fail(error: SessionError): void {
    this.#delivery.fail(error)
  }

  shutdown(reply: Reply, expectation: Expectation | undefined): void {
    const place = this.#lines.findIndex(line => line.expectation === expectation) - 1
    this.#ledger.shutdown(reply, place >= 0 && place < this.#recipients ? place : undefined)
  }

  refusedEarly(reply: Reply): void {
    this.#delivery.refusedEarly(reply)
  }

  #recipient(recipient: string | Recipient, utf8: boolean, phase: string, bareLocalPart: boolean): number {
    const place = this.#ledger.add(addressOf(recipient))
    const octets = writeRcpt(recipient, this.#terms.extensions, utf8, phase, bareLocalPart)
    this.#line('RCPT', octets, codes.rcpt, (reply, outcome) => this.#rcpt(place, reply, outcome))
    return place
  }

  #line(
    command: string,
    octets: Uint8Array,
    set: Pick<Expectation, 'completes' | 'continues'>,
    settle: Expectation['settle'],
  ): void {
    this.#lines.push({
      octets: this.#terms.dialogue.spell(octets),
      expectation: { command, completes: set.completes, continues: set.continues, settle },
    })
  }

  /** The next group of commands in one write. Without pipelining a group is one command. */
  #writeGroup(): void {
    const { dialogue } = this.#terms
    const group = this.#lines.slice(this.#written, this.#written + this.#window)
    this.#written += group.length
    const [first] = group
    if (first === undefined) return
    dialogue.write(group.length === 1 ? first.octets : join(group.map(line => line.octets)))
    for (const { expectation } of group) dialogue.expect(expectation)
  }

  get #unanswered(): number {
    return this.#terms.dialogue.outstanding
  }

  #mail(reply: Reply, outcome: ReplyClass): void {
    const { dialogue } = this.#terms
    if (outcome === 'refused') {
      this.#ledger.refuse('mail', reply)
      return this.#nobodyLeft()
    }
    dialogue.apply('completed')
    dialogue.apply('rcpt')
    this.#ledger.enter('rcpt')
    this.#goOn()
  }

  #rcpt(place: number, reply: Reply, outcome: ReplyClass): void {
    const { dialogue } = this.#terms
    this.#decided++
    this.#ledger.rcpt(place, reply, outcome)
    if (dialogue.state.name === 'drain') return this.#drained(reply, outcome)
    if (this.#decided < this.#recipients) {
      dialogue.rearm()
      return this.#goOn()
    }
    if (this.#ledger.acceptedRecipients === 0) return this.#nobodyLeft()
    dialogue.apply('completed')
    dialogue.apply('data')
    this.#ledger.enter('data')
    this.#goOn()
  }

  #data(reply: Reply, outcome: ReplyClass): void {
    if (this.#terms.dialogue.state.name === 'drain') this.#drained(reply, outcome)
    else this.#delivery.answerData(reply, outcome)
  }

  #goOn(): void {
    if (this.#unanswered === 0) this.#writeGroup()
  }

  /** Every recipient is refused. Replies to what was pipelined behind the refusal may still be to come. */
  #nobodyLeft(): void {
    const { dialogue } = this.#terms
    if (this.#unanswered > 0) {
      dialogue.apply('drain')
      return
    }
    dialogue.apply('refused')
    this.#delivery.conclude({ reset: true })
  }

  /** A reply that decides nothing any more; the last of them may be 354. */
  #drained(reply: Reply, outcome: ReplyClass): void {
    const { dialogue, lmtp } = this.#terms
    if (this.#unanswered > 0) return dialogue.rearm()
    if (outcome !== 'intermediate') {
      dialogue.apply(outcome)
      return this.#delivery.conclude({ reset: true })
    }
    // An LMTP server answers the end of data once per accepted recipient, so not at all: no reply could be awaited.
    if (lmtp) dialogue.poison(new ProtocolError('DATA was accepted for no recipient', 'drain', { reply }), 'desync')
    else this.#delivery.sendNothing()
  }
}
