/**
 * Octets taken out of a chunk, with a line end put in here and there: which are taken in, the octets out. A few ranges cost least as views of the chunk;
 * of thousands, one in each line, the views would cost whoever has to store them far more than one copy, so then there is one copy, and
 * nothing is allocated for a line.
 */
import { CR, LF } from './ascii.js'
import { shiftLeft } from './shift.js'

/** More ranges than this are copied, when they are small on average. */
const FEW = 16
const SMALL = 1024

/** Where the octets of a line end stand that is not in the chunk: at -2 and -1. */
export const CR_AT = -2
export const LF_AT = -1

const CRLF: Uint8Array = /* @__PURE__ */ new Uint8Array([CR, LF])

export class Extract {
  /** Memory for the next chunk, too: what is there is `[0, count)`. */
  readonly #starts: number[] = []
  readonly #ends: number[] = []
  #count = 0
  #octets = 0
  /** Octets that are not from the chunk. */
  #foreign = 0

  /** Takes `chunk[start, end)`; of a negative range, what `CR_AT` and `LF_AT` stand for. */
  take(start: number, end: number): void {
    if (end <= start) return
    this.#starts[this.#count] = start
    this.#ends[this.#count] = end
    this.#count++
    this.#octets += end - start
    if (start < 0) this.#foreign += end - start
  }

  /** All that was taken, which is forgotten then. */
  from(chunk: Uint8Array): Uint8Array[] {
    const count = this.#count
    const octets = this.#octets
    const foreign = this.#foreign
    this.#count = this.#octets = this.#foreign = 0
    if (count <= FEW || octets > count * SMALL) return this.#views(chunk, count)
    return [this.#copy(chunk, count, foreign).subarray(0, octets)]
  }

  #views(chunk: Uint8Array, count: number): Uint8Array[] {
    const pieces: Uint8Array[] = []
    for (let k = 0; k < count; k++) {
      const start = this.#starts[k] ?? 0
      const end = this.#ends[k] ?? 0
      if (start < 0) pieces.push(CRLF.subarray(start - CR_AT, end - CR_AT))
      else pieces.push(start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end))
    }
    return pieces
  }

  /** The chunk stands behind room for what is not from it, and each range moves to its place from there, never to the right. */
  #copy(chunk: Uint8Array, count: number, foreign: number): Uint8Array {
    const copy = new Uint8Array(foreign + chunk.length)
    copy.set(chunk, foreign)
    let to = 0
    for (let k = 0; k < count; k++) {
      const start = this.#starts[k] ?? 0
      const end = this.#ends[k] ?? 0
      if (start >= 0) to = shiftLeft(copy, to, start + foreign, end + foreign)
      else for (let at = start; at < end; at++) copy[to++] = at === CR_AT ? CR : LF
    }
    return copy
  }
}
