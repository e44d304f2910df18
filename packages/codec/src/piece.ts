/**
 * Octets on their way through, as a list of views. A few views are cheaper than a copy; thousands of them, one or two for
 * each line, cost whoever has to write or store them far more than copying once. So: few pieces stay as they are, many
 * small ones are joined.
 */

/** More pieces than this are joined, when they are small on average. */
const FEW = 16
const SMALL = 1024

/** @param octets - all the pieces together */
export function joinSmall(pieces: Uint8Array[], octets: number): Uint8Array[] {
  if (pieces.length <= FEW || octets > pieces.length * SMALL) return pieces
  const joined = new Uint8Array(octets)
  let end = 0
  for (const piece of pieces) {
    joined.set(piece, end)
    end += piece.length
  }
  return [joined]
}
