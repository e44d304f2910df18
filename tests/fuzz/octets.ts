/** Octets as text and back, U+0000 to U+00FF for 0 to 255; texts made of pieces; and the ways to cut octets into chunks. */
import fc from 'fast-check'

export function octets(text: string): Uint8Array {
  const made = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) made[i] = text.charCodeAt(i)
  return made
}

export function text(given: Uint8Array): string {
  let made = ''
  for (let i = 0; i < given.length; i++) made += String.fromCharCode(given[i] ?? 0)
  return made
}

/** Texts made of the given pieces, which are cheaper than any grammar and reach into all corners of it. */
export function madeOf(pieces: readonly string[], maxLength: number): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom(...pieces), { maxLength }).map(chosen => chosen.join(''))
}

/** More borders than this are not all tried; they are then as far apart as it takes. */
const BORDERS = 48

/**
 * Every way to cut octets that is worth its time: whole, one by one, in two at each border, the one before the first octet among them. Each cut
 * is a list of chunks, views that stand at different distances from a border of four.
 *
 * @returns the number of ways
 */
export function everyCut(given: Uint8Array, visit: (chunks: readonly Uint8Array[]) => void): number {
  visit([given])
  if (given.length < 2) return 1
  visit(Array.from(given, (_, i) => given.subarray(i, i + 1)))
  let ways = 2
  const step = Math.ceil(given.length / BORDERS)
  for (let i = 0; i < given.length; i += step, ways++) visit([given.subarray(0, i), given.subarray(i)])
  return ways
}
