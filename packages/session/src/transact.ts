/**
 * One mail transaction: MAIL, RCPT for each recipient, and the message behind them.
 *
 * In: an envelope and a message. Out: a promise of what became of each recipient, which always resolves once the first octet has been
 * written; what is wrong before that is thrown, and nothing was written. A refused transaction is cleared by RSET, which no caller
 * waits for (rule R13).
 */
import { type Reply, writeCommand } from '@postrider/codec'
import { ChunkDelivery } from './bdat.js'
import { type Body, BodyWriter, join } from './body.js'
import { Chunks } from './chunk.js'
import { DataDelivery } from './data.js'
import type { DeliveryOptions, DeliveryTerms } from './delivery.js'
import type { Dialogue, Operation } from './dialogue.js'
import { type Draft, draw } from './draft.js'
import type { Envelope } from './envelope.js'
import { NotOfferedError, ProtocolError, type SessionError } from './error.js'
import { Flight } from './flight.js'
import { codes, type Expectation, type ReplyClass } from './pipeline.js'
import type { TransactionResult } from './transaction.js'

/**
 * How many round trips are spent, and what that costs when a connection dies.
 *
 * - `step` waits for every reply: one round trip per command.
 * - `certain` writes MAIL, RCPT and DATA in one go where the server offers PIPELINING (RFC 2920): two round trips, and as long as the last line of
 *   the message is not written nobody can have received it.
 * - `oneFlight` sends a message in memory that fits one chunk by BDAT, in one write together with its envelope, where the server offers CHUNKING
 *   (RFC 3030) and PIPELINING: one round trip. A connection that dies under that write leaves all that is unanswered `unknown`, even when it died
 *   before the server read a single octet; the whole message has travelled when a recipient is refused; and a server that answers a command
 *   twice is found out only when it does so at once. Every other message goes as under `certain`.
 */
export type Pace = 'step' | 'certain' | 'oneFlight'

/** How one mail transaction is done. */
export interface TransactOptions extends DeliveryOptions {
  /** Default `certain` where the server offers PIPELINING, else `step`. */
  readonly pace?: Pace
  /** Take addresses that are a local part alone (`root`), which some servers complete with a domain of their own. Default false. */
  readonly bareLocalPart?: boolean
}

const paces: ReadonlySet<string> = new Set(['step', 'certain', 'oneFlight'] satisfies Pace[])

const dataLine = writeCommand({ verb: 'DATA' })

/** Validates, then runs the transaction. Throws before anything is written; afterwards the promise resolves, whatever happens. */
export function transact(
  terms: DeliveryTerms,
  envelope: Envelope,
  body: Body,
  options: TransactOptions,
): Promise<TransactionResult> {
  return new Promise(resolve => {
    const { extensions } = terms
    if (options.pace !== undefined && !paces.has(options.pace))
      throw new RangeError(`pace is ${String(options.pace)}, and can be ${[...paces].join(', ')}`)
    const paced = options.pace === 'step' && terms.pipelining ? { ...terms, pipelining: false } : terms
    const draft = draw(paced, envelope, options.bareLocalPart)
    const settle = (result: TransactionResult) => resolve(draft.inOrder(result))
    const isBinary = envelope.parameters?.body === 'BINARYMIME'
    const wantsFlight = options.pace === 'oneFlight' && extensions?.chunking === true && isSmall(body, terms.chunkSize)
    if (isBinary || wantsFlight) {
      const chunks = chunksOf(paced, body, options, isBinary)
      const fits = wantsFlight && chunks.fits()
      // Behind MAIL and RCPT there must be room for BDAT in the group.
      if (fits && paced.pipelining && draft.rcpt.length + 2 <= paced.window)
        return new Flight(paced, draft, chunks.rest, options, settle).start()
      if (isBinary || fits)
        return new Run(paced, draft, new ChunkDelivery(paced, draft.ledger, chunks, options, settle)).start()
    }
    new Run(paced, draft, new DataDelivery(paced, draft.ledger, body, options, settle)).start()
  })
}

/**
 * @throws {@link NotOfferedError} RFC 3030 3: "If a receiver-SMTP does not indicate support the BINARYMIME message format then the sender-SMTP MUST NOT,
 * under any circumstances, send binary data", and BINARYMIME "can only be used with the CHUNKING service extension"
 */
export function chunksOf(terms: DeliveryTerms, body: Body, options: DeliveryOptions, isBinary: boolean): Chunks {
  const { dialogue, extensions, eightBit, chunkSize } = terms
  if (extensions?.chunking !== true)
    throw new NotOfferedError('CHUNKING', 'the message is to go by BDAT', dialogue.state.name)
  const form = { by: isBinary ? 'binary' : 'bdat', eightBit } as const
  return new Chunks(new BodyWriter(body, options, form, () => dialogue.wake()), chunkSize)
}

/** In memory, and not known to be larger than a chunk: line ends may still have to be completed. */
function isSmall(body: Body, size: number): body is Uint8Array {
  return body instanceof Uint8Array && body.length <= size
}

interface Line {
  readonly octets: Uint8Array
  readonly expectation: Expectation
}

/** The envelope, in one write or line by line, and whichever delivery follows it. */
class Run implements Operation {
  readonly #dialogue: Dialogue
  readonly #lmtp: boolean
  readonly #draft: Draft
  readonly #delivery: DataDelivery | ChunkDelivery
  /** MAIL, each RCPT, and DATA where it is by DATA. */
  readonly #lines: readonly Line[]
  /** Lines written so far. */
  #written = 0
  readonly #window: number
  #decided = 0

  constructor(
    { dialogue, lmtp, pipelining, window }: DeliveryTerms,
    draft: Draft,
    delivery: DataDelivery | ChunkDelivery,
  ) {
    this.#dialogue = dialogue
    this.#lmtp = lmtp
    this.#draft = draft
    this.#delivery = delivery
    this.#window = pipelining ? window : 1
    const lines = [
      line('MAIL', draft.mail, codes.mail, (reply, outcome) => this.#mail(reply, outcome)),
      ...draft.rcpt.map((octets, place) =>
        line('RCPT', octets, codes.rcpt, (reply, outcome) => this.#rcpt(place, reply, outcome)),
      ),
    ]
    if (delivery instanceof DataDelivery)
      lines.push(
        line('DATA', dialogue.spell(dataLine), codes.data, (reply, outcome) => this.#data(delivery, reply, outcome)),
      )
    this.#lines = lines
  }

  start(): void {
    this.#dialogue.begin('mail', 'MAIL', this)
    this.#writeGroup()
    this.#dialogue.wake()
  }

  fail(error: SessionError): void {
    this.#delivery.fail(error)
  }

  shutdown(reply: Reply, expectation: Expectation | undefined): void {
    const place = this.#lines.findIndex(line => line.expectation === expectation) - 1
    this.#draft.ledger.shutdown(reply, place >= 0 && place < this.#draft.rcpt.length ? place : undefined)
  }

  refusedEarly(reply: Reply): void {
    this.#delivery.refusedEarly(reply)
  }

  /** The next group of commands in one write. Without pipelining a group is one command. */
  #writeGroup(): void {
    const group = this.#lines.slice(this.#written, this.#written + this.#window)
    this.#written += group.length
    const [first] = group
    if (first === undefined) return
    this.#dialogue.write(group.length === 1 ? first.octets : join(group.map(({ octets }) => octets)))
    for (const { expectation } of group) this.#dialogue.expect(expectation)
  }

  get #unanswered(): number {
    return this.#dialogue.outstanding
  }

  #mail(reply: Reply, outcome: ReplyClass): void {
    if (outcome === 'refused') {
      this.#draft.ledger.refuse('mail', reply)
      return this.#nobodyLeft()
    }
    this.#dialogue.apply('completed')
    this.#dialogue.apply('rcpt')
    this.#draft.ledger.enter('rcpt')
    this.#goOn()
  }

  #rcpt(place: number, reply: Reply, outcome: ReplyClass): void {
    const { ledger, rcpt } = this.#draft
    this.#decided++
    ledger.rcpt(place, reply, outcome)
    if (this.#dialogue.state.name === 'drain') return this.#drained(reply, outcome)
    if (this.#decided < rcpt.length) {
      this.#dialogue.rearm()
      return this.#goOn()
    }
    if (ledger.acceptedRecipients === 0) return this.#nobodyLeft()
    this.#dialogue.apply('completed')
    if (this.#delivery instanceof ChunkDelivery) return this.#delivery.start()
    this.#dialogue.apply('data')
    ledger.enter('data')
    this.#goOn()
  }

  #data(delivery: DataDelivery, reply: Reply, outcome: ReplyClass): void {
    if (this.#dialogue.state.name === 'drain') this.#drained(reply, outcome)
    else delivery.answerData(reply, outcome)
  }

  #goOn(): void {
    if (this.#unanswered === 0) this.#writeGroup()
  }

  /** Every recipient is refused. Replies to what was pipelined behind the refusal may still be to come. */
  #nobodyLeft(): void {
    if (this.#unanswered > 0) {
      this.#dialogue.apply('drain')
      return
    }
    this.#dialogue.apply('refused')
    this.#delivery.conclude({ reset: true })
  }

  /** A reply that decides nothing any more; the last of them may be 354. */
  #drained(reply: Reply, outcome: ReplyClass): void {
    if (this.#unanswered > 0) return this.#dialogue.rearm()
    if (outcome !== 'intermediate') {
      this.#dialogue.apply(outcome)
      return this.#delivery.conclude({ reset: true })
    }
    // An LMTP server answers the end of data once per accepted recipient, so not at all: no reply could be awaited.
    if (this.#lmtp || !(this.#delivery instanceof DataDelivery))
      this.#dialogue.poison(new ProtocolError('DATA was accepted for no recipient', 'drain', { reply }), 'desync')
    else this.#delivery.sendNothing()
  }
}

function line(
  command: string,
  octets: Uint8Array,
  { completes, continues }: Pick<Expectation, 'completes' | 'continues'>,
  settle: Expectation['settle'],
): Line {
  return { octets, expectation: { command, completes, continues, settle } }
}
