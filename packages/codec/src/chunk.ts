/**
 * BDAT (RFC 3030 2): the line before a chunk when writing, the octets of a chunk when reading. A chunk is counted, not
 * scanned: no dots, no line ends, nothing that could end it early or late.
 */
import { writeCommand } from './command-writer.js'

/**
 * What to write for a chunk: the BDAT line and, when there are any, the octets, uncopied. An empty last chunk is legal
 * and ends the message (`BDAT 0 LAST`).
 */
export function writeChunk(octets: Uint8Array, last: boolean): Uint8Array[] {
  const line = writeCommand({ verb: 'BDAT', size: octets.length, last })
  return octets.length === 0 ? [line] : [line, octets]
}

const NO_OCTETS: Uint8Array = /* @__PURE__ */ new Uint8Array(0)

/**
 * Takes the octets of one chunk from a stream and leaves the rest.
 *
 * @example
 * const reader = new ChunkReader(command.size)
 * store(reader.push(octets))
 * if (reader.done) next(reader.trailing)
 */
export class ChunkReader {
  #remaining: number
  #trailing: Uint8Array = NO_OCTETS

  /** @param size - the number in the BDAT command */
  constructor(size: number) {
    this.#remaining = size
  }

  /** Octets still to come. */
  get remaining(): number {
    return this.#remaining
  }

  /** Whether the chunk is complete; one of size 0 is from the start. */
  get done(): boolean {
    return this.#remaining === 0
  }

  /** The octets of the last `push` behind the chunk: the next commands. */
  get trailing(): Uint8Array {
    return this.#trailing
  }

  /** Those of the octets that belong to the chunk: a view, maybe an empty one. */
  push(octets: Uint8Array): Uint8Array {
    const taken = Math.min(octets.length, this.#remaining)
    this.#remaining -= taken
    this.#trailing = octets.subarray(taken)
    return taken === octets.length ? octets : octets.subarray(0, taken)
  }
}
