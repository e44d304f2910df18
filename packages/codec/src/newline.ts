/**
 * Where the next CR or LF is, in octets that may be megabytes of mail: the one loop of this package that looks at every
 * octet of a body, so it looks at four at a time. On the way it notes whether there is an octet above 127.
 *
 * A search for one octet at a time by the engine's own `indexOf` is no faster, and would need a second one for the other
 * of CR and LF and a third pass for the high bits.
 */

/** Below this, making the second view costs more than it saves. */
const WORTHWHILE = 64

/** Which of the four octets of a word comes first is seen in its lowest bits; elsewhere one octet at a time must do. */
const isLittleEndian: boolean = /* @__PURE__ */ new Uint8Array(/* @__PURE__ */ Uint16Array.of(1).buffer)[0] === 1

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
      octets.length < WORTHWHILE || !isLittleEndian
        ? undefined
        : new Int32Array(octets.buffer, octets.byteOffset - this.#shift, (octets.length + this.#shift) >> 2)
  }

  /** Whether there is an octet above 127. Known when the search has come to the end; before, only `true` is certain. */
  get eightBit(): boolean {
    return (this.#high & 0x80808080) !== 0
  }

  /** The index of the first CR or LF at `start` or behind it, or the length of the chunk. */
  next(start: number): number {
    // Here, not above: bundlers turn the constants of a module into variables, and this loop would read them every time.
    const cr = 0x0d
    const lf = 0x0a
    /** In each of four octets: a space; one more than CR; the high bit. */
    const spaces = 0x20202020
    const aboveCr = 0x0e0e0e0e
    const highBits = 0x80808080 | 0
    const octets = this.#octets
    const words = this.#words
    const length = octets.length
    let high = this.#high
    let i = start
    if (words !== undefined && words.length << 2 > start + this.#shift) {
      const shift = this.#shift
      let w = (start + shift) >> 2
      const mask = -1 << (((start + shift) & 3) << 3)
      /** What stands before `start` counts as spaces. */
      let word = ((words[w] ?? 0) & mask) | (spaces & ~mask)
      for (;;) {
        high |= word
        // A borrow from one octet can make those above it look small, but never one that is below the first small one.
        const small = (word - aboveCr) & ~word & highBits
        if (small !== 0) {
          const bit = 31 - Math.clz32(small & -small)
          i = (w << 2) - shift + (bit >> 3)
          const octet = octets[i]
          if (octet === cr || octet === lf) {
            this.#high = high
            return i
          }
          // Another control character: it counts as one above CR from here on.
          word |= 1 << (bit - 2)
          continue
        }
        if (++w >= words.length) break
        word = words[w] ?? 0
      }
      i = (w << 2) - shift
    }
    while (i < length) {
      const octet = octets[i] ?? 0
      if (octet === cr || octet === lf) break
      high |= octet
      i++
    }
    this.#high = high
    return i
  }
}
