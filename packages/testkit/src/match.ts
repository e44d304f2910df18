/**
 * What a test says a text or an address should be: equal to, like, or whatever it thinks right.
 */

/** Equal text (the domain of an address without regard to case), a pattern, or any question. */
export type Match = string | RegExp | ((value: string) => boolean)

/** Whether there is a value and it is as wanted. */
export function matches(match: Match, value: string | undefined): boolean {
  if (value === undefined) return false
  if (typeof match === 'string') return match === value
  return typeof match === 'function' ? match(value) : value.search(match) >= 0
}

/** The same for an address. RFC 5321 2.4: the local part is case-sensitive, the domain is not. */
export function matchesAddress(match: Match, address: string | undefined): boolean {
  return typeof match === 'string' && address !== undefined
    ? foldDomain(match) === foldDomain(address)
    : matches(match, address)
}

function foldDomain(address: string): string {
  const at = address.lastIndexOf('@')
  return address.slice(0, at + 1) + address.slice(at + 1).toLowerCase()
}
