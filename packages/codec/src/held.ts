/**
 * Octets that have to wait for the rest of their line, reply or turn: memory that grows by doubling, so that octets coming
 * one by one cost no more than linear time, and that is given back when it was large. How much may be held is the
 * caller's business.
 */

/** Memory of this size is kept for the next line; beyond it is given back. */
const KEPT = 1024

const NO_OCTETS: Uint8Array = /* @__PURE__ */ new Uint8Array(0)

export class HeldOctets {
  /** The memory; what is held is `octets[0, length)`. Valid until the next `append` or `take`. */
  octets: Uint8Array = NO_OCTETS
  length = 0

  append(chunk: Uint8Array, start: number, end: number): void {
    const length = this.length + end - start
    if (length > this.octets.length) {
      const grown = new Uint8Array(Math.max(length, this.octets.length * 2, 128))
      grown.set(this.octets.subarray(0, this.length))
      this.octets = grown
    }
    this.octets.set(chunk.subarray(start, end), this.length)
    this.length = length
  }

  /** The first octets held, in memory of their own; all are let go. */
  take(count: number = this.length): Uint8Array {
    const taken = this.octets.slice(0, count)
    this.clear()
    return taken
  }

  clear(): void {
    this.length = 0
    if (this.octets.length > KEPT) this.octets = NO_OCTETS
  }
}
