/**
 * Lines from a stream of octets, as a server reads them: CRLF ends a line and nothing else does (RFC 5321 2.3.8), or LF,
 * too, where that is tolerated. Refuses lines over a limit and bare LFs. A refused line is told at once, and what is
 * left of it is skipped up to its CRLF, so that no part of it is ever taken for a line of its own; when that does not
 * come, this is told as well, and is the end.
 */
import { CR, LF } from './ascii.js'
import { HeldOctets } from './held.js'

/** What came of the octets: a whole line, a line that is refused, more to come, or a line without end. */
export type LineResult = 'line' | 'tooLong' | 'bareLineFeed' | 'endless' | 'more'

const NO_OCTETS: Uint8Array = /* @__PURE__ */ new Uint8Array(0)

export interface LineOptions {
  /** LF ends a line without CR. */
  readonly toleratesLineFeed: boolean
  /** The largest of all limits, in octets with line end: no more is ever held. */
  readonly longest: number
  /** Octets skipped behind a refused line before it counts as endless. */
  readonly discard: number
}

export class LineReader {
  /** The line with its line end, or what there was of a refused one: a view into the chunk, or memory of its own. */
  line: Uint8Array = NO_OCTETS
  /** Where in the chunk to go on. */
  next = 0
  /** The limit the last line was under. */
  limit = 0

  readonly #options: LineOptions
  readonly #held: HeldOctets = new HeldOctets()
  #isSkipping = false
  #skipped = 0
  /** The last octet of the chunk before: it may be the CR of a CRLF. */
  #previous = 0

  constructor(options: LineOptions) {
    this.#options = options
  }

  /** Octets of an unfinished line. */
  get buffered(): number {
    return this.#held.length + this.#skipped
  }

  /**
   * Reads up to the next LF or the end of the chunk.
   *
   * @param limitOf - the limit of the line that starts in `source` at `start`, line end included
   */
  read(chunk: Uint8Array, start: number, limitOf: (source: Uint8Array, start: number) => number): LineResult {
    const lf = chunk.indexOf(LF, start)
    const end = lf < 0 ? chunk.length : lf + 1
    const isEnded = lf >= 0 && (this.#options.toleratesLineFeed || this.#before(chunk, start, lf) === CR)
    if (this.#isSkipping) return this.#skip(chunk, start, end, isEnded)
    const before = this.#held.length
    const isInPlace = before === 0 && lf >= 0
    if (!isInPlace) this.#held.append(chunk, start, Math.min(end, start + this.#options.longest + 1 - before))
    const source = isInPlace ? chunk : this.#held.octets
    const from = isInPlace ? start : 0
    const to = isInPlace ? end : this.#held.length
    const limit = limitOf(source, from)
    this.limit = limit
    if (to - from > limit) {
      this.#take(source, from, from + limit)
      this.#isSkipping = true
      this.#goOn(chunk, start, start + limit - before)
      return 'tooLong'
    }
    this.#goOn(chunk, start, end)
    if (lf < 0) return 'more'
    this.#take(source, from, to)
    this.#isSkipping = !isEnded
    return isEnded ? 'line' : 'bareLineFeed'
  }

  #skip(chunk: Uint8Array, start: number, end: number, isEnded: boolean): LineResult {
    this.#skipped += end - start
    this.#goOn(chunk, start, end)
    if (this.#skipped > this.#options.discard) return 'endless'
    if (isEnded) {
      this.#isSkipping = false
      this.#skipped = 0
    }
    return 'more'
  }

  #goOn(chunk: Uint8Array, start: number, next: number): void {
    this.#previous = this.#before(chunk, start, next)
    this.next = next
  }

  /** The octet before `i`, which may have come in the chunk before. */
  #before(chunk: Uint8Array, start: number, i: number): number {
    return i > start ? (chunk[i - 1] ?? 0) : this.#previous
  }

  #take(source: Uint8Array, from: number, to: number): void {
    this.line =
      source === this.#held.octets
        ? this.#held.take(to)
        : new Uint8Array(source.buffer, source.byteOffset + from, to - from)
  }
}
