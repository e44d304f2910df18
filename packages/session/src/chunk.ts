/**
 * A message cut into the chunks of BDAT (RFC 3030 2).
 *
 * In: the pieces of a `BodyWriter`, of any size. Out: chunks of exactly `size` octets, as soon as one is full and it is known that more follows;
 * and `rest`, what is left for the last chunk, at most `size` octets and maybe none. It refuses nothing itself.
 */
import { type BodyWriter, join } from './body.js'

/** Octets in one chunk; also the most of a message that goes out together with its envelope. */
export const chunkSize = 65_536

export class Chunks {
  readonly #writer: BodyWriter
  readonly #size: number
  #held: Uint8Array[] = []
  #octets = 0

  constructor(writer: BodyWriter, size: number) {
    this.#writer = writer
    this.#size = size
  }

  /** Octets of the message so far. */
  get octets(): number {
    return this.#writer.octets
  }

  /** All that is left fits one chunk: it is in `rest`, and `next` says `end`. Throws what the writer throws. */
  fits(): boolean {
    return this.#fill() === 'end'
  }

  /** A chunk that is not the last; `wait` while the source has none; `end`: all that is left is in `rest`. Throws what the writer throws. */
  next(): Uint8Array | 'wait' | 'end' {
    const filled = this.#fill()
    if (filled !== 'full') return filled
    const all = this.rest
    this.#held = [all.subarray(this.#size)]
    this.#octets -= this.#size
    return all.subarray(0, this.#size)
  }

  /** What has not been given as a chunk. */
  get rest(): Uint8Array {
    const [only] = this.#held
    return this.#held.length === 1 && only !== undefined ? only : join(this.#held)
  }

  cancel(): void {
    this.#writer.cancel()
  }

  /** `full`: there is more than one chunk. */
  #fill(): 'full' | 'wait' | 'end' {
    while (this.#octets <= this.#size) {
      const piece = this.#writer.next()
      if (typeof piece === 'string') return piece
      this.#held.push(piece)
      this.#octets += piece.length
    }
    return 'full'
  }
}
