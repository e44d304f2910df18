/** Octets of a message moved to the left in their own memory, a line at a time: how copies are made without an allocation for each line. */

/** Moving less than this by hand costs less than the call that moves it. */
const SHORT = 12

/** Moves `octets[from, stop)` to `to`, which is no further right. Returns where the next octet belongs. */
export function shiftLeft(octets: Uint8Array, to: number, from: number, stop: number): number {
  const end = to + stop - from
  if (stop - from >= SHORT) octets.copyWithin(to, from, stop)
  else for (let at = to; at < end; at++) octets[at] = octets[at + from - to] ?? 0
  return end
}
