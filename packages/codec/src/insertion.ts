/**
 * Octets put between those of a chunk: where and which in, the chunk with them out. A few cost least as views of the chunk
 * around them; of thousands, one or two in each line, the views would cost whoever has to write or store them far more
 * than one copy, so then there is one copy, and nothing is allocated for a line.
 */
import { CR, DOT, LF } from './ascii.js'

/** More than this are copied, when what is between them is small on average. */
const FEW = 8
const SMALL = 1024
/** Moving less than this by hand costs less than the call that moves it. */
const SHORT = 12

const SINGLE: Readonly<Record<Inserted, Uint8Array>> = /* @__PURE__ */ Object.freeze({
  [CR]: new Uint8Array([CR]),
  [LF]: new Uint8Array([LF]),
  [DOT]: new Uint8Array([DOT]),
})

export type Inserted = typeof CR | typeof LF | typeof DOT

export class Insertions {
  readonly #places: number[] = []
  readonly #octets: Inserted[] = []

  get count(): number {
    return this.#places.length
  }

  /** Puts an octet before `chunk[place]`, behind all that was added before. */
  add(place: number, octet: Inserted): void {
    this.#places.push(place)
    this.#octets.push(octet)
  }

  /** `chunk[0, end)` with everything that was added. */
  into(chunk: Uint8Array, end: number): Uint8Array[] {
    const isFew = this.count <= FEW || end > this.count * SMALL
    return isFew ? this.#views(chunk, end) : [this.#copy(chunk, end)]
  }

  #views(chunk: Uint8Array, end: number): Uint8Array[] {
    const pieces: Uint8Array[] = []
    let from = 0
    for (const [k, place] of this.#places.entries()) {
      if (place > from) pieces.push(chunk.subarray(from, place))
      pieces.push(SINGLE[this.#octets[k] ?? CR])
      from = place
    }
    if (from < end) pieces.push(from === 0 && end === chunk.length ? chunk : chunk.subarray(from, end))
    return pieces
  }

  /** The chunk stands at the end of the copy at first; what is before each insertion moves to its place from there. */
  #copy(chunk: Uint8Array, end: number): Uint8Array {
    const count = this.count
    const copy = new Uint8Array(count + end)
    copy.set(end === chunk.length ? chunk : chunk.subarray(0, end), count)
    let from = count
    let to = 0
    for (let k = 0; k < count; k++) {
      const stop = (this.#places[k] ?? 0) + count
      if (stop - from >= SHORT) {
        copy.copyWithin(to, from, stop)
        to += stop - from
        from = stop
      }
      while (from < stop) copy[to++] = copy[from++] ?? 0
      copy[to++] = this.#octets[k] ?? 0
    }
    return copy
  }
}
