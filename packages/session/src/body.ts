/**
 * The message on its way out: a source of octets in, pieces ready for the wire out, one at a time and only when asked for.
 *
 * It refuses, before the terminator can be written: a source that fails, that is shorter or longer than it promised, octets above 127 that
 * were not negotiated, and, where asked, lines that are too long. RFC 5321 4.5.2 (transparency), 2.3.8 (line ends), 4.5.3.1.6; RFC 3030 3
 * (binary messages, of which nothing is changed).
 */
import { DataEncoder } from '@postrider/codec'

/** Octets of a message: all at once, or as they come. */
export type Body = Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>

/** How a message may be written. */
export interface BodyOptions {
  /** Bare CR and bare LF become CRLF (`normalise`, the default), or are an error (`reject`). Neither ever goes out. */
  readonly newlines?: 'normalise' | 'reject'
  /** Lines of more than 998 octets: `send` (the default) or `reject`. RFC 5321 4.5.3.1.6. */
  readonly longLines?: 'send' | 'reject'
  /** Octets that the source must give, no more and no less. */
  readonly length?: number
}

/** What the wire does to a message, and what it takes. */
export interface BodyForm {
  /** `data` doubles dots at the start of a line, `bdat` has no need to, `binary` (BODY=BINARYMIME) leaves line ends alone too. */
  readonly by: 'data' | 'bdat' | 'binary'
  /** Octets above 127 were negotiated. */
  readonly eightBit: boolean
}

/** What both kinds of iterators have in common. */
interface Source {
  next(): IteratorResult<Uint8Array> | Promise<IteratorResult<Uint8Array>>
  return?(): unknown
}

const longestTextLine = 998
/** Octets of a message in memory that are encoded at a time, so that one large message neither blocks nor doubles in memory. */
const slice = 65_536

/** Pulls, checks and encodes one message. */
export class BodyWriter {
  readonly #encoder: Pick<DataEncoder, 'push' | 'end' | 'octets' | 'eightBit' | 'longestLine'>
  readonly #options: BodyOptions
  readonly #eightBit: boolean
  readonly #wake: () => void
  readonly #memory: Uint8Array | undefined
  #offset = 0
  readonly #iterator: Source | undefined
  #given = 0
  #ready: Uint8Array[] = []
  #pulling = false
  #ended = false
  #failure: { readonly reason: unknown } | undefined

  /** `wake` is called when a source that kept us waiting has gone on. */
  constructor(body: Body, options: BodyOptions, form: BodyForm, wake: () => void) {
    this.#encoder =
      form.by === 'binary'
        ? new BinaryEncoder()
        : new DataEncoder({ newlines: options.newlines ?? 'normalise', dotStuffing: form.by === 'data' })
    this.#options = options
    this.#eightBit = form.eightBit
    this.#wake = wake
    if (body instanceof Uint8Array) this.#memory = body
    else this.#iterator = Symbol.asyncIterator in body ? body[Symbol.asyncIterator]() : body[Symbol.iterator]()
  }

  /** Octets so far, as RFC 1870 counts them: with CRLF line ends, without stuffing. */
  get octets(): number {
    return this.#encoder.octets
  }

  /** The next piece; `wait` while the source has none; `end` when all is out. Throws what the source threw, or why the message may not go out. */
  next(): Uint8Array | 'wait' | 'end' {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.reason
      const piece = this.#ready.shift()
      if (piece !== undefined) return piece
      if (this.#ended) return 'end'
      if (this.#memory !== undefined) this.#take(this.#memory)
      else if (this.#pull() === 'wait') return 'wait'
    }
  }

  /** Stop: the source is told that nobody wants the rest. */
  cancel(): void {
    this.#ended = true
    this.#ready = []
    // A source that fails while it is being closed has nothing more to say to us.
    void Promise.resolve(this.#iterator?.return?.()).catch(() => {})
  }

  #take(memory: Uint8Array): void {
    const end = Math.min(this.#offset + slice, memory.length)
    if (end > this.#offset) this.#encode(memory.subarray(this.#offset, end))
    this.#offset = end
    if (end === memory.length) this.#finish()
  }

  #pull(): 'wait' | 'taken' {
    if (this.#pulling || this.#iterator === undefined) return 'wait'
    const step = this.#iterator.next()
    if (!('then' in step)) {
      this.#accept(step)
      return 'taken'
    }
    this.#pulling = true
    const settled = (settle: () => void) => {
      this.#pulling = false
      if (this.#ended) return
      try {
        settle()
      } catch (reason) {
        this.#failure = { reason }
      }
      this.#wake()
    }
    step.then(
      result => settled(() => this.#accept(result)),
      reason =>
        settled(() => {
          throw reason
        }),
    )
    return 'wait'
  }

  #accept(result: IteratorResult<Uint8Array>): void {
    if (result.done === true) this.#finish()
    else if (result.value instanceof Uint8Array) this.#encode(result.value)
    else throw new TypeError(`the message source gave ${typeof result.value} where octets (Uint8Array) are needed`)
  }

  #encode(octets: Uint8Array): void {
    this.#given += octets.length
    const { length } = this.#options
    if (length !== undefined && this.#given > length)
      throw new RangeError(`the message source promised ${length} octets and gave more`)
    this.#keep(this.#encoder.push(octets))
    this.#inspect()
  }

  #finish(): void {
    const { length } = this.#options
    if (length !== undefined && this.#given < length)
      throw new RangeError(`the message source promised ${length} octets and ended after ${this.#given}`)
    this.#keep(this.#encoder.end())
    this.#inspect()
    this.#ended = true
  }

  #keep(pieces: readonly Uint8Array[]): void {
    const [only] = pieces
    if (only === undefined) return
    // Many short pieces (a dot at the start of every line) would be as many writes.
    this.#ready.push(pieces.length === 1 ? only : join(pieces))
  }

  #inspect(): void {
    if (this.#encoder.eightBit && !this.#eightBit)
      throw new RangeError('the message holds octets above 127, and the server does not offer 8BITMIME')
    if (this.#options.longLines === 'reject' && this.#encoder.longestLine > longestTextLine)
      throw new RangeError(`the message holds a line of more than ${longestTextLine} octets`)
  }
}

/** RFC 3030 3: BINARYMIME is accepted "to preserve all bits in each octet"; such a message has no lines and no character set. */
class BinaryEncoder {
  octets = 0
  readonly eightBit = false
  readonly longestLine = 0

  push(octets: Uint8Array): Uint8Array[] {
    this.octets += octets.length
    return [octets]
  }

  end(): Uint8Array[] {
    return []
  }
}

/** One array out of several. */
export function join(pieces: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const piece of pieces) length += piece.length
  const whole = new Uint8Array(length)
  let offset = 0
  for (const piece of pieces) {
    whole.set(piece, offset)
    offset += piece.length
  }
  return whole
}
