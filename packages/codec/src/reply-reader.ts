/**
 * Replies from a stream of octets: chunks of any size in, complete replies out (RFC 5321 4.2). How the octets are cut
 * into chunks never changes the result. Refuses what is not a reply and what is over a limit, with a `DecodeError`, and
 * is dead from then on: where one reply ends is no longer known, so neither is where the next begins.
 *
 * A reply that lies in one chunk is not copied; of a reply that does not, only its own octets are held.
 */
import { CR, DIGIT, HYPHEN, isIn, LET_DIG, LF, SP } from './ascii.js'
import { type DecodeDetails, DecodeError } from './error.js'
import { HeldOctets } from './held.js'
import { REPLY_QUIRKS, type ReplyQuirk, type ReplyQuirks } from './quirk.js'
import { Reply } from './reply.js'

/** Limits of one reply, in octets unless said otherwise. */
export interface ReplyLimits {
  /** One line with its line end. Default 8192; RFC 5321 4.5.3.1.5 promises no more than 512, servers send more. */
  readonly line?: number
  /** Number of lines. Default 1000. */
  readonly lines?: number
  /** All lines together. Default 131072. */
  readonly bytes?: number
}

/** How replies are read. */
export interface ReplyReaderOptions {
  readonly limits?: ReplyLimits
  /** Each quirk on or off; what is not named keeps its default. */
  readonly quirks?: ReplyQuirks
}

/** In `truncate` mode a reply may drop text, but not go on for ever. */
const TRUNCATED_MAX = 1_048_576
const BLANK_LINES_MAX = 2
/** Code and separator: what is kept of every line, because it says whether the reply is over. */
const HEADER = 4

const CRLF: Uint8Array = /* @__PURE__ */ new Uint8Array([CR, LF])

/**
 * Reads the replies of a server, in order.
 *
 * @example
 * const reader = new ReplyReader()
 * for (const reply of reader.push(chunk)) console.log(reply.code, reply.text)
 */
export class ReplyReader {
  /**
   * What happens to a reply over a limit. `error`: a `DecodeError`. `truncate`: text beyond the limits is dropped and
   * reading goes on to the last line, up to 1 MiB, so that a long-winded acceptance is still an acceptance. May be set
   * at any time.
   */
  overflow: 'error' | 'truncate' = 'error'

  readonly #line: number
  readonly #lines: number
  readonly #bytes: number
  readonly #quirks: Required<ReplyQuirks>

  /** The unfinished reply, as far as it came in earlier chunks or had to be cut. */
  readonly #held: HeldOctets = new HeldOctets()
  /** Where in `#held` the unfinished line starts. */
  #lineStart = 0
  #lineDropped = 0
  #dropped = 0
  #lineCount = 0
  #blankLines = 0
  #code = 0
  #truncated = false
  #met: ReplyQuirk[] | undefined
  #fault: DecodeError | undefined

  constructor(options: ReplyReaderOptions = {}) {
    this.#line = options.limits?.line ?? 8192
    this.#lines = options.limits?.lines ?? 1000
    this.#bytes = options.limits?.bytes ?? 131_072
    this.#quirks = options.quirks === undefined ? REPLY_QUIRKS : { ...REPLY_QUIRKS, ...options.quirks }
  }

  /** Octets of an unfinished reply. 0 means that the stream stands exactly behind a reply. */
  get buffered(): number {
    return this.#held.length + this.#dropped
  }

  /**
   * Takes the next octets and returns the replies they complete.
   *
   * @throws {@link DecodeError} on the first octets that are no reply or over a limit; replies completed before them, in this
   * chunk, are in `error.replies`. Every later call throws the same error.
   */
  push(chunk: Uint8Array): Reply[] {
    if (this.#fault !== undefined) throw this.#fault
    const replies: Reply[] = []
    try {
      this.#read(chunk, replies)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      const { at, limit } = error
      this.#fault = fault(error.why, { at, limit, fatal: true, replies })
      this.#held.clear()
      throw this.#fault
    }
    return replies
  }

  #read(chunk: Uint8Array, replies: Reply[]): void {
    /** Start of the unfinished reply in this chunk; used as long as nothing of it is held. */
    let from = 0
    let pos = 0
    for (let lf = chunk.indexOf(LF); lf >= 0; lf = chunk.indexOf(LF, pos)) {
      const end = lf + 1
      if (this.buffered === 0 && this.#overLimit(pos - from, end - from) === undefined) {
        if (this.#readLine(chunk, from, pos, end)) {
          replies.push(this.#finish(new Uint8Array(chunk.buffer, chunk.byteOffset + from, end - from)))
          from = end
        }
      } else {
        this.#holdLines(chunk, from, pos)
        this.#append(chunk, pos, end)
        if (this.#endHeldLine()) replies.push(this.#finish(this.#held.take()))
        from = end
      }
      pos = end
    }
    this.#holdLines(chunk, from, pos)
    this.#append(chunk, pos, chunk.length)
  }

  /**
   * Which limit the octets up to `end` of a line that starts at `lineStart` are over, both counted from the start of the
   * reply: the one that was passed first, so that the answer does not depend on how the octets came.
   */
  #overLimit(lineStart: number, end: number): keyof ReplyLimits | undefined {
    if (this.#lineCount >= this.#lines) return 'lines'
    const isLineOver = end - lineStart > this.#line
    if (isLineOver && lineStart + this.#line <= this.#bytes) return 'line'
    return end > this.#bytes ? 'bytes' : undefined
  }

  /** Holds the complete lines of an unfinished reply: they have been read where they were. */
  #holdLines(chunk: Uint8Array, start: number, end: number): void {
    if (start === end) return
    this.#held.append(chunk, start, end)
    this.#lineStart = this.#held.length
  }

  /** Holds octets of the unfinished line, or as many of them as the limits allow. */
  #append(chunk: Uint8Array, start: number, end: number): void {
    const over = this.#overLimit(this.#lineStart, this.#held.length + end - start)
    if (over === undefined && this.#lineDropped === 0) this.#held.append(chunk, start, end)
    else if (this.overflow === 'truncate') this.#appendTruncated(chunk, start, end)
    else if (over === 'line') throw fault('line too long', { limit: this.#line })
    else if (over === 'lines') throw fault('too many lines', { limit: this.#lines })
    else throw fault('too long', { limit: this.#bytes })
  }

  #appendTruncated(chunk: Uint8Array, start: number, end: number): void {
    this.#truncated = true
    const octets = this.buffered + end - start
    if (octets > TRUNCATED_MAX) throw fault('too long', { limit: TRUNCATED_MAX })
    const room = this.#lineCount >= this.#lines ? 0 : Math.min(this.#lineStart + this.#line, this.#bytes) - CRLF.length
    const keepEnd = Math.max(room, this.#lineStart + HEADER)
    const cut = Math.max(this.#held.length - keepEnd, 0)
    this.#held.length -= cut
    const copied = Math.min(keepEnd - this.#held.length, end - start)
    this.#held.append(chunk, start, start + copied)
    this.#lineDropped += cut + (end - start) - copied
    this.#dropped += cut + (end - start) - copied
  }

  /** Reads the held line, now that its line end has come. A line cut short gets a line end of its own. */
  #endHeldLine(): boolean {
    const wasCut = this.#lineDropped > 0
    if (wasCut) {
      const { buffered } = this
      while (this.#held.octets[this.#held.length - 1] === CR) this.#held.length--
      this.#held.append(CRLF, 0, CRLF.length)
      this.#dropped = buffered - this.#held.length
    }
    const isLast = this.#readLine(this.#held.octets, 0, this.#lineStart, this.#held.length)
    const isOver = wasCut || this.#held.length > this.#bytes
    if (isOver && this.#held.length - this.#lineStart <= HEADER + CRLF.length) {
      this.#dropped += this.#held.length - this.#lineStart
      this.#held.length = this.#lineStart
    }
    this.#lineStart = this.#held.length
    this.#lineDropped = 0
    return isLast
  }

  /**
   * Reads one line, `source[start, end)` with its LF, of a reply that starts at `from`.
   *
   * @returns whether it is the last line of its reply
   */
  #readLine(source: Uint8Array, from: number, start: number, end: number): boolean {
    const at = start - from
    let stop = end - 1
    if (stop > start && source[stop - 1] === CR) stop--
    else this.#meet('bareLineFeed', 'line ends in LF without CR', at + stop - start)
    if (stop === start) {
      this.#meet('blankLine', 'empty line', at)
      if (++this.#blankLines > BLANK_LINES_MAX) {
        throw fault('too many empty lines', { at, limit: BLANK_LINES_MAX })
      }
      return false
    }
    const code = this.#readCode(source, start, stop, at)
    if (this.#lineCount > 0 && code !== this.#code) {
      this.#meet('unequalCodes', `code ${code} follows ${this.#code} in the same reply`, at)
    }
    this.#code = code
    this.#lineCount++
    if (stop === start + 3) {
      this.#meet('missingText', 'nothing follows the code', at + 3)
      return true
    }
    const separator = source[start + 3]
    if (separator === HYPHEN) return false
    if (separator !== SP) {
      if (isIn(separator, LET_DIG)) throw fault('no separator follows the code', { at: at + 3 })
      this.#meet('otherSeparator', 'neither space nor hyphen follows the code', at + 3)
    }
    return true
  }

  /** RFC 5321 4.2: "Reply-code = %x32-35 %x30-35 %x30-39". */
  #readCode(source: Uint8Array, start: number, stop: number, at: number): number {
    const first = (source[start] ?? 0) - 0x30
    const second = (source[start + 1] ?? 0) - 0x30
    const third = (source[start + 2] ?? 0) - 0x30
    const isTail = second >= 0 && second <= 9 && third >= 0 && third <= 9
    if (stop - start < 3 || !isIn(source[start], DIGIT) || !isTail)
      throw fault('line does not start with a code', { at })
    if (first < 2 || first > 5) throw fault('code is not between 200 and 599', { at })
    if (second > 5) this.#meet('unknownSecondDigit', 'second digit of the code is not between 0 and 5', at + 1)
    return first * 100 + second * 10 + third
  }

  /** Notes a quirk, or refuses it. */
  #meet(quirk: ReplyQuirk, why: string, at: number): void {
    if (!this.#quirks[quirk]) throw fault(why, { at })
    this.#met ??= []
    if (!this.#met.includes(quirk)) this.#met.push(quirk)
  }

  #finish(raw: Uint8Array): Reply {
    const reply = new Reply(this.#code, raw, this.#truncated, this.#met)
    this.#lineStart = this.#dropped = 0
    this.#lineCount = this.#blankLines = 0
    this.#truncated = false
    this.#met = undefined
    return reply
  }
}

/**
 * Reads octets that are exactly one reply.
 *
 * @throws {@link DecodeError} when they are none, more than one, or not all of one
 */
export function parseReply(octets: Uint8Array, options?: ReplyReaderOptions): Reply {
  const reader = new ReplyReader(options)
  const [reply, ...others] = reader.push(octets)
  if (reply === undefined) throw fault('not complete', { at: octets.length })
  if (others.length > 0 || reader.buffered > 0) {
    throw fault('followed by more octets', { at: reply.raw.length })
  }
  return reply
}

function fault(why: string, details: DecodeDetails): DecodeError {
  return new DecodeError('reply', why, details)
}
