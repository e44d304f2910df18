/**
 * The body of DATA on its way in: octets from the wire in, message octets out, dots unstuffed (RFC 5321 4.5.2), until the
 * end of data. That end is CRLF.CRLF and nothing else, whatever is done with bare CR and LF: RFC 5321 4.1.1.4 "the
 * sequence <LF>.<LF> (bare line feeds, without carriage returns) MUST NOT be treated as equivalent to <CRLF>.<CRLF> as the
 * end of mail data indication".
 *
 * A message that must not be accepted (a bare CR or LF, too large, a line too long) does not stop the decoder: it yields
 * nothing more, goes on to the end of data, so that the server can answer in step, and says why in `fault`.
 *
 * What is returned are views into the chunk that was pushed, or, where they would be very many, a copy.
 */
import { CR, DOT, LF } from './ascii.js'
import { CodecError, DecodeError, type SuggestedReply } from './error.js'
import { CR_AT, Extract, LF_AT } from './extract.js'
import { NewlineScanner } from './newline.js'

/** Limits of a message, in octets. */
export interface DataLimits {
  /** Octets of a message. Default: none, because nothing is held here. Answer: 552 5.3.4. */
  readonly size?: number
  /** Octets of a line without CRLF and without the dot added. Default: none; RFC 5321 4.5.3.1.6 says 998. */
  readonly line?: number
  /** Octets read on behind a fault in search of the end of data. Default 67108864; then the fault is fatal. */
  readonly discard?: number
}

/** How a message is decoded. */
export interface DataDecoderOptions {
  /**
   * What to do with a CR or LF that is not part of a CRLF. `reject` (default): the message is faulty. `normalise`: each
   * becomes a CRLF. `keep`: they stay as they are; re-encode such a message only with `normalise` or `reject`. None of
   * them ever ends a line for the purpose of dots and the end of data.
   */
  readonly newlines?: 'reject' | 'normalise' | 'keep'
  readonly limits?: DataLimits
}

const NO_OCTETS: Uint8Array = /* @__PURE__ */ new Uint8Array(0)

const BARE_NEWLINE: SuggestedReply = /* @__PURE__ */ Object.freeze({
  code: 554,
  enhanced: '5.6.0',
  text: 'Message has a bare CR or LF',
})
const TOO_LARGE: SuggestedReply = /* @__PURE__ */ Object.freeze({
  code: 552,
  enhanced: '5.3.4',
  text: 'Message too big',
})
const LINE_TOO_LONG: SuggestedReply = /* @__PURE__ */ Object.freeze({
  code: 554,
  enhanced: '5.6.0',
  text: 'Message has a line that is too long',
})

/** Where in a line the next octet stands. */
const LINE_START = 0
const TEXT = 1
/** Behind a CR that may be the first half of a CRLF. */
const AFTER_CR = 2
/** Behind a dot at the start of a line. */
const AFTER_DOT = 3
/** Behind a dot at the start of a line and a CR. */
const AFTER_DOT_CR = 4
const DONE = 5

/**
 * Takes the octets behind a 354 until the end of data.
 *
 * @example
 * const decoder = new DataDecoder()
 * for (const piece of decoder.push(chunk)) store(piece)
 * if (decoder.done) next(decoder.trailing, decoder.fault)
 */
export class DataDecoder {
  readonly #newlines: 'reject' | 'normalise' | 'keep'
  readonly #size: number
  readonly #line: number
  readonly #discard: number
  readonly #extract: Extract = new Extract()
  /** RFC 5321 4.1.1.4: the data may be empty, so that the end of data stands right at the start. */
  #state = LINE_START
  #octets = 0
  #lineLength = 0
  #longestLine = 0
  #bareNewlines = 0
  #taken = 0
  #faultAt = 0
  #fault: DecodeError | undefined
  #trailing: Uint8Array = NO_OCTETS

  constructor(options: DataDecoderOptions = {}) {
    this.#newlines = options.newlines ?? 'reject'
    this.#size = options.limits?.size ?? Number.POSITIVE_INFINITY
    this.#line = options.limits?.line ?? Number.POSITIVE_INFINITY
    this.#discard = options.limits?.discard ?? 67_108_864
  }

  /** Whether the end of data was read. */
  get done(): boolean {
    return this.#state === DONE
  }

  /** The octets of the last chunk behind the end of data: the next commands. */
  get trailing(): Uint8Array {
    return this.#trailing
  }

  /** Why the message must not be accepted; `fault.reply` is the answer to give at the end of data. */
  get fault(): DecodeError | undefined {
    return this.#fault
  }

  /** Octets of the message so far, as returned. */
  get octets(): number {
    return this.#octets
  }

  /** Octets of the longest line, without CRLF. */
  get longestLine(): number {
    return Math.max(this.#longestLine, this.#lineLength)
  }

  /** CRs and LFs that were not part of a CRLF. */
  get bareNewlines(): number {
    return this.#bareNewlines
  }

  /**
   * The next octets from the wire; returns the octets of the message they hold.
   *
   * @throws {@link DecodeError} when a faulty message does not end within `limits.discard`: fatal
   */
  push(chunk: Uint8Array): Uint8Array[] {
    if (this.#state === DONE) throw new CodecError('ESEQUENCE', 'local', 'the end of data has been read')
    const length = chunk.length
    if (length === 0) return []
    const scanner = new NewlineScanner(chunk)
    let i = this.#resolveCr(chunk)
    /** Everything before was taken or dropped. */
    let from = i
    while (i < length && this.#state !== DONE) {
      if (this.#state === LINE_START) {
        this.#state = TEXT
        if (chunk[i] === DOT) {
          this.#take(from, i)
          this.#state = AFTER_DOT
          from = ++i
          continue
        }
      }
      if (this.#state === AFTER_DOT) {
        this.#state = TEXT
        if (chunk[i] === CR && (i + 1 === length || chunk[i + 1] === LF)) {
          this.#state = i + 1 === length ? AFTER_DOT_CR : DONE
          from = i = Math.min(i + 2, length)
          continue
        }
      }
      const start = i
      i = scanner.next(i)
      this.#lineLength += i - start
      if (this.#lineLength > this.#line) {
        const over = this.#lineLength - this.#line
        this.#take(from, i - over)
        from = i
        this.#fail('line too long', i - over, LINE_TOO_LONG, this.#line)
      }
      if (i === length) break
      const octet = chunk[i]
      if (octet === CR && i + 1 === length) {
        this.#take(from, i)
        this.#state = AFTER_CR
        from = i = length
      } else if (octet === CR && chunk[i + 1] === LF) {
        i += 2
        this.#endLine()
        this.#state = LINE_START
      } else {
        this.#take(from, i)
        this.#bare(octet, i)
        from = ++i
      }
    }
    this.#take(from, i)
    this.#taken += i
    if (this.#fault !== undefined && this.#taken - this.#faultAt > this.#discard) {
      const { reply } = this.#fault
      throw new DecodeError('data', 'faulty message without end', { limit: this.#discard, reply, fatal: true })
    }
    this.#trailing = chunk.subarray(i)
    return this.#extract.from(chunk)
  }

  /** Decides on the CR at the end of the last chunk, now that the next octet is here; returns where to go on. */
  #resolveCr(chunk: Uint8Array): number {
    if (this.#state !== AFTER_CR && this.#state !== AFTER_DOT_CR) return 0
    if (chunk[0] !== LF) {
      this.#state = TEXT
      this.#bare(CR, -1)
      return 0
    }
    if (this.#state === AFTER_DOT_CR) {
      this.#state = DONE
    } else {
      this.#put(CR_AT, 0, -1)
      this.#endLine()
      this.#state = LINE_START
    }
    return 1
  }

  /** A CR or LF that is not part of a CRLF. */
  #bare(octet: number | undefined, i: number): void {
    this.#bareNewlines++
    if (this.#newlines === 'reject') {
      this.#fail(octet === CR ? 'bare CR' : 'bare LF', i, BARE_NEWLINE)
    } else if (this.#newlines === 'keep') {
      if (++this.#lineLength > this.#line) this.#fail('line too long', i, LINE_TOO_LONG, this.#line)
      const at = octet === CR ? CR_AT : LF_AT
      this.#put(at, at + 1, i)
    } else {
      this.#put(CR_AT, 0, i)
      this.#endLine()
    }
  }

  #endLine(): void {
    this.#longestLine = this.longestLine
    this.#lineLength = 0
  }

  /** Takes octets of the chunk, as far as the size limit allows. */
  #take(start: number, end: number): void {
    this.#put(start, end, start)
  }

  /** Takes octets that stand for those at `at` of the chunk. */
  #put(start: number, end: number, at: number): void {
    if (this.#fault !== undefined) return
    const stop = Math.min(end, start + this.#size - this.#octets)
    this.#extract.take(start, stop)
    this.#octets += stop - start
    if (stop < end) this.#fail('message too large', at + stop - start, TOO_LARGE, this.#size)
  }

  #fail(why: string, i: number, reply: SuggestedReply, limit?: number): void {
    if (this.#fault !== undefined) return
    this.#faultAt = this.#taken + i
    this.#fault = new DecodeError('data', why, { at: limit === undefined ? this.#faultAt : undefined, limit, reply })
  }
}
