/**
 * Where the next CR or LF is, in octets that may be megabytes of mail: the one loop of this package that looks at every
 * octet of a body, so it looks at four at a time. On the way it notes whether an octet above 127 was passed.
 *
 * A search for one octet at a time by the engine's own `indexOf` is no faster, and would need a second one for the other
 * of CR and LF and a third pass for the high bits.
 */

/** Below this, making the second view costs more than it saves. */
const WORTHWHILE = 64

/** Searches one chunk from left to right. */
export class NewlineScanner {
  readonly #octets: Uint8Array
  /** The same memory in units of four octets; it starts `#shift` octets before the chunk. */
  readonly #words: Int32Array | undefined
  readonly #shift: number
  #high = 0

  constructor(octets: Uint8Array) {
    this.#octets = octets
    this.#shift = octets.byteOffset & 3
    this.#words =
      octets.length < WORTHWHILE
        ? undefined
        : new Int32Array(octets.buffer, octets.byteOffset - this.#shift, (octets.length + this.#shift) >> 2)
  }

  /** Whether an octet above 127 was passed. */
  get eightBit(): boolean {
    return this.#high !== 0
  }

  /** The index of the first CR or LF at `start` or behind it, or the length of the chunk. */
  next(start: number): number {
    // Here, not above: bundlers turn the constants of a module into variables, and this loop would read them every time.
    const cr = 0x0d
    const lf = 0x0a
    /** In each of four octets: one more than CR; the high bit. */
    const aboveCr = 0x0e0e0e0e
    const highBits = 0x80808080 | 0
    const octets = this.#octets
    const words = this.#words
    const length = octets.length
    const shift = this.#shift
    let high = this.#high
    let i = start
    while (i < length) {
      if (words !== undefined && ((i + shift) & 3) === 0) {
        let w = (i + shift) >> 2
        for (; w < words.length; w++) {
          const word = words[w] ?? 0
          // A borrow from one octet can make the next look small, never the other way round: below, each is looked at.
          if (((word - aboveCr) & ~word & highBits) !== 0) break
          high |= word & highBits
        }
        i = (w << 2) - shift
        if (i >= length) break
      }
      const octet = octets[i] ?? 0
      if (octet <= cr && (octet === cr || octet === lf)) break
      high |= octet & 0x80
      i++
    }
    this.#high = high
    return Math.min(i, length)
  }
}
