// Where nonces and challenges get their unpredictability: from the caller, or from the platform's
// crypto.getRandomValues. There is no third source; without one the exchange does not begin. RFC 4086.

/** Gives exactly `size` octets that nobody can predict. */
export type Random = (size: number) => Uint8Array

/** `crypto.getRandomValues`, which Node, Bun, Deno, Workers and browsers all have. */
export function platformRandom(size: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(size))
}

/**
 * Asks `random` and holds it to its promise.
 * @throws RangeError when it gives another number of octets.
 */
export function randomOctets(random: Random, size: number): Uint8Array {
  const octets = random(size)
  if (octets.length !== size) throw new RangeError(`random(${size}) gave ${octets.length} octets`)
  return octets
}
