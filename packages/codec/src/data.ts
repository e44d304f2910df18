/**
 * The body of DATA on its way out: message octets in, dot-stuffed octets out (RFC 5321 4.5.2). Whatever comes in, no bare
 * CR and no bare LF goes out (RFC 5321 2.3.8), every line ends in CRLF, and no line but `END_OF_DATA` is a lone dot.
 *
 * What does not have to change is not copied: the pieces returned are views into the chunk that was pushed. Write them, or
 * copy them, before that chunk is overwritten. Where so much changes that there would be very many pieces, there is one copy.
 */
import { CR, DOT, LF } from './ascii.js'
import { EncodeError } from './error.js'
import { Insertions } from './insertion.js'
import { NewlineScanner } from './newline.js'

/** What ends the data, to be written after `DataEncoder.end()`. Do not write into it. */
export const END_OF_DATA: Uint8Array = /* @__PURE__ */ new Uint8Array([DOT, CR, LF])

const CRLF: Uint8Array = /* @__PURE__ */ new Uint8Array([CR, LF])

/** How a message is encoded. */
export interface DataEncoderOptions {
  /**
   * What to do with a CR or LF that is not part of a CRLF. `normalise` (default): each becomes a CRLF. `reject`: an
   * `EncodeError`. There is no way to send them: DATA cannot carry them safely.
   */
  readonly newlines?: 'normalise' | 'reject'
  /** Whether to double the dot at the start of a line. Default true; false for BDAT, which has no transparency. */
  readonly dotStuffing?: boolean
}

/**
 * Makes the body of DATA, piece by piece. How the message is cut into chunks does not change the octets.
 *
 * @example
 * const encoder = new DataEncoder()
 * for await (const chunk of message) for (const piece of encoder.push(chunk)) socket.write(piece)
 * for (const piece of encoder.end()) socket.write(piece)
 * socket.write(END_OF_DATA)
 */
export class DataEncoder {
  readonly #reject: boolean
  readonly #stuffing: boolean
  readonly #insertions: Insertions = new Insertions()
  /** The last octet was a CR that is not yet written: an LF may follow. */
  #afterCr = false
  #lineLength = 0
  #octets = 0
  #longestLine = 0
  #eightBit = false
  #taken = 0
  #fault: EncodeError | undefined

  constructor(options: DataEncoderOptions = {}) {
    this.#reject = options.newlines === 'reject'
    this.#stuffing = options.dotStuffing ?? true
  }

  /** Octets of the message so far as it is transmitted, without the dots added: the SIZE of RFC 1870 6. */
  get octets(): number {
    return this.#octets
  }

  /** Octets of the longest line so far, without its CRLF and without a dot added. RFC 5321 4.5.3.1.6 allows 998. */
  get longestLine(): number {
    return Math.max(this.#longestLine, this.#lineLength)
  }

  /** Whether an octet above 127 was among them: the message needs 8BITMIME (RFC 6152). */
  get eightBit(): boolean {
    return this.#eightBit
  }

  /**
   * The next octets of the message.
   *
   * @throws {@link EncodeError} `EDATA`, with `newlines: 'reject'`, at the first bare CR or LF; `at` counts from the start of
   * the message. Nothing of this chunk is returned, and every later call throws the same error.
   */
  push(chunk: Uint8Array): Uint8Array[] {
    if (this.#fault !== undefined) throw this.#fault
    const length = chunk.length
    if (length === 0) return []
    const scanner = new NewlineScanner(chunk)
    const insertions = this.#insertions
    /** Where the unfinished line starts; before the chunk when the line did. Never -0, which is no index. */
    let lineStart = 0 - this.#lineLength
    let dots = 0
    let i = 0
    if (this.#afterCr) {
      this.#afterCr = false
      const isCrlf = chunk[0] === LF
      if (this.#reject && !isCrlf) this.#refuse('bare CR', this.#taken - 1)
      insertions.add(0, CR)
      if (!isCrlf) insertions.add(0, LF)
      this.#endLine(0 - lineStart)
      i = isCrlf ? 1 : 0
      lineStart = i
    }
    while (i < length) {
      if (i === lineStart && this.#stuffing && chunk[i] === DOT) {
        insertions.add(i, DOT)
        dots++
      }
      i = scanner.next(i)
      if (i === length) break
      const isCr = chunk[i] === CR
      if (isCr && i + 1 === length) {
        this.#afterCr = true
        break
      }
      this.#endLine(i - lineStart)
      if (isCr && chunk[i + 1] === LF) {
        i += 2
        lineStart = i
        continue
      }
      if (this.#reject) this.#refuse(isCr ? 'bare CR' : 'bare LF', this.#taken + i)
      lineStart = i + 1
      if (isCr) insertions.add(lineStart, LF)
      else insertions.add(i, CR)
      i = lineStart
    }
    const end = this.#afterCr ? i : length
    this.#octets += end + insertions.count - dots
    this.#lineLength = i - lineStart
    this.#taken += length
    this.#eightBit ||= scanner.eightBit
    return insertions.into(chunk, end)
  }

  #endLine(length: number): void {
    if (length > this.#longestLine) this.#longestLine = length
  }

  /**
   * What makes the data end in CRLF: often nothing, and nothing for an empty message. The terminator is `END_OF_DATA`.
   *
   * @throws {@link EncodeError} with `newlines: 'reject'`, when the message ends in a bare CR
   */
  end(): Uint8Array[] {
    if (this.#fault !== undefined) throw this.#fault
    if (this.#afterCr && this.#reject) this.#refuse('bare CR', this.#taken - 1)
    if (this.#lineLength === 0 && !this.#afterCr) return []
    this.#longestLine = this.longestLine
    this.#lineLength = 0
    this.#afterCr = false
    this.#octets += 2
    return [CRLF]
  }

  #refuse(why: string, at: number): never {
    this.#fault = new EncodeError('data', why, { at })
    throw this.#fault
  }
}

/** What one scan tells about a message. */
export interface DataMeasure {
  /** Octets as transmitted: every line end CRLF, the last one added when it is missing, dots not doubled (RFC 1870 6). */
  readonly octets: number
  /** Octets of the longest line without its line end. */
  readonly longestLine: number
  /** Whether there is an octet above 127. */
  readonly eightBit: boolean
  /** CRs and LFs that are not part of a CRLF. */
  readonly bareNewlines: number
}

/** Measures a message that is in memory: the same figures a `DataEncoder` has at its end, before anything is written. */
export function measureData(message: Uint8Array): DataMeasure {
  const scanner = new NewlineScanner(message)
  const length = message.length
  let longestLine = 0
  let bareNewlines = 0
  let lineStart = 0
  for (let i = scanner.next(0); i < length; i = scanner.next(lineStart)) {
    if (i - lineStart > longestLine) longestLine = i - lineStart
    const isCrlf = message[i] === CR && message[i + 1] === LF
    if (!isCrlf) bareNewlines++
    lineStart = i + (isCrlf ? 2 : 1)
  }
  const unfinished = length - lineStart
  return {
    octets: length + bareNewlines + (unfinished > 0 ? 2 : 0),
    longestLine: Math.max(longestLine, unfinished),
    eightBit: scanner.eightBit,
    bareNewlines,
  }
}
