/**
 * Octets put between those of a chunk: where and which in, the chunk with them out. A few cost least as views of the chunk
 * around them; of thousands, one or two in each line, the views would cost whoever has to write or store them far more
 * than one copy, so then there is one copy, and nothing is allocated for a line.
 */
import { CR, DOT, LF } from './ascii.js'
import { shiftLeft } from './shift.js'

/** More than this are copied, when what is between them is small on average. */
const FEW = 8
const SMALL = 1024

export type Inserted = typeof CR | typeof LF | typeof DOT

const SINGLE: Readonly<Record<Inserted, Uint8Array>> = /* @__PURE__ */ Object.freeze({
  [CR]: new Uint8Array([CR]),
  [LF]: new Uint8Array([LF]),
  [DOT]: new Uint8Array([DOT]),
})

export class Insertions {
  /** Memory for the next chunk, too: what is there is `[0, count)`. */
  readonly #places: number[] = []
  readonly #octets: Inserted[] = []
  #count = 0

  get count(): number {
    return this.#count
  }

  /** Puts an octet before `chunk[place]`, behind all that was added before. */
  add(place: number, octet: Inserted): void {
    this.#places[this.#count] = place
    this.#octets[this.#count] = octet
    this.#count++
  }

  /** `chunk[0, end)` with everything that was added, which is forgotten then. */
  into(chunk: Uint8Array, end: number): Uint8Array[] {
    const count = this.#count
    this.#count = 0
    return count <= FEW || end > count * SMALL ? this.#views(chunk, end, count) : [this.#copy(chunk, end, count)]
  }

  #views(chunk: Uint8Array, end: number, count: number): Uint8Array[] {
    const pieces: Uint8Array[] = []
    let from = 0
    for (let k = 0; k < count; k++) {
      const place = this.#places[k] ?? 0
      if (place > from) pieces.push(chunk.subarray(from, place))
      pieces.push(SINGLE[this.#octets[k] ?? CR])
      from = place
    }
    if (from < end) pieces.push(from === 0 && end === chunk.length ? chunk : chunk.subarray(from, end))
    return pieces
  }

  /** The chunk stands at the end of the copy at first; what is before each insertion moves to its place from there. */
  #copy(chunk: Uint8Array, end: number, count: number): Uint8Array {
    const copy = new Uint8Array(count + end)
    copy.set(chunk.subarray(0, end), count)
    let from = count
    let to = 0
    for (let k = 0; k < count; k++) {
      const stop = (this.#places[k] ?? 0) + count
      to = shiftLeft(copy, to, from, stop)
      from = stop
      copy[to++] = this.#octets[k] ?? 0
    }
    return copy
  }
}
