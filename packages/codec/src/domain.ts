/**
 * Domains and address literals (RFC 5321 4.1.2, 4.1.3; RFC 6531 3.3 for those outside ASCII): a text and where to start
 * in, where the domain ends out. One pass, no recursion. Refuses underscores, empty labels, a trailing dot, labels and
 * names that are too long. A-labels are plain labels here; nothing is converted, so the domain that is shown is the
 * domain on the wire.
 */
import { DCONTENT, DEL, DIGIT, DOT, HEX, HYPHEN, isIn, LET_DIG, skip } from './ascii.js'
import { local, SyntaxFault } from './syntax.js'

const OPENING = 0x5b
const CLOSING = 0x5d
const LABEL_LIMIT = 63

/** RFC 5321 4.5.3.1.2: "The maximum total length of a domain name or number is 255 octets." */
export const DOMAIN_LIMIT = 255

/** What RFC 5892 lets into a U-label, roughly: letters, marks, digits, and a few characters by context. */
const U_LABEL_CHARACTER = /[\p{L}\p{M}\p{N}\u00b7\u0375\u05f3\u05f4\u30fb\u200c]|\u200d/u

/**
 * Checks a name for EHLO, HELO or LHLO: a domain or an address literal, ASCII only (RFC 5321 4.1.1.1, RFC 6531 3.7.1).
 * Returns the name as it is; nothing is repaired.
 *
 * @throws {@link EncodeError} `EDOMAIN`, `ELENGTH`
 */
export function validateDomain(name: string): string {
  return local('domain', name, () => {
    const end = scanDomainOrLiteral(name, 0, false, DOMAIN_LIMIT)
    if (end !== name.length) throw new SyntaxFault('not a domain or address literal', end)
    return name
  })
}

/** Scans a domain or an address literal; returns its end. */
export function scanDomainOrLiteral(text: string, start: number, utf8: boolean, limit: number): number {
  const isLiteral = text.charCodeAt(start) === OPENING
  const end = isLiteral ? scanLiteral(text, start) : scanDomain(text, start, utf8)
  if (octetLength(text, start, end, utf8) > limit)
    throw new SyntaxFault(`domain longer than ${limit} octets`, start, 'length')
  return end
}

/** `Domain = sub-domain *("." sub-domain)`, `sub-domain = Let-dig [Ldh-str] / U-label`. */
export function scanDomain(text: string, start: number, utf8: boolean): number {
  let i = start
  for (;;) {
    const end = scanLabel(text, i, utf8)
    if (text.charCodeAt(end) !== DOT) return end
    i = end + 1
  }
}

function scanLabel(text: string, start: number, utf8: boolean): number {
  let i = start
  let isAscii = true
  for (; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (isIn(unit, LET_DIG) || unit === HYPHEN) continue
    if (unit <= DEL) break
    const character = String.fromCodePoint(text.codePointAt(i) ?? 0)
    if (!U_LABEL_CHARACTER.test(character)) throw new SyntaxFault('character not allowed in a domain', i)
    if (!utf8) throw new SyntaxFault('domain is not ASCII', i, 'utf8')
    isAscii = false
    i += character.length - 1
  }
  if (i === start) throw new SyntaxFault(i < text.length ? 'character not allowed in a domain' : 'domain ends early', i)
  if (text.charCodeAt(start) === HYPHEN) throw new SyntaxFault('label starts with a hyphen', start)
  if (text.charCodeAt(i - 1) === HYPHEN) throw new SyntaxFault('label ends with a hyphen', i - 1)
  if (octetLength(text, start, i, !isAscii) > LABEL_LIMIT)
    throw new SyntaxFault('label longer than 63 octets', start, 'length')
  if (!isAscii && text.slice(start, i).normalize('NFC') !== text.slice(start, i)) {
    throw new SyntaxFault('label is not in Unicode form NFC', start)
  }
  return i
}

/** `address-literal = "[" ( IPv4 / "IPv6:" IPv6-addr / Standardized-tag ":" 1*dcontent ) "]"`. */
function scanLiteral(text: string, start: number): number {
  const end = skip(text, start + 1, text.length, DCONTENT)
  if (text.charCodeAt(end) !== CLOSING) throw new SyntaxFault('address literal is not closed by "]"', end)
  const content = text.slice(start + 1, end)
  const colon = content.indexOf(':')
  const tag = colon < 0 ? '' : content.slice(0, colon)
  if (tag === '') {
    if (!isIPv4(content)) throw new SyntaxFault('not an IPv4 address', start + 1)
  } else if (tag.toUpperCase() === 'IPV6') {
    if (!isIPv6(content.slice(colon + 1))) throw new SyntaxFault('not an IPv6 address', start + colon + 2)
  } else if (!isTag(tag) || colon + 1 === content.length) {
    throw new SyntaxFault('not an address literal', start + 1)
  }
  return end + 1
}

/** `Standardized-tag = Ldh-str`: letters, digits and hyphens, no hyphen at the end. */
function isTag(tag: string): boolean {
  for (let i = 0; i < tag.length; i++) {
    if (!isIn(tag.charCodeAt(i), LET_DIG) && tag.charCodeAt(i) !== HYPHEN) return false
  }
  return tag.charCodeAt(tag.length - 1) !== HYPHEN
}

/** `Snum 3("." Snum)`, `Snum = 1*3DIGIT ; 0 through 255`. */
function isIPv4(text: string): boolean {
  const parts = text.split('.', 5)
  return parts.length === 4 && parts.every(part => part.length <= 3 && isDecimal(part) && Number(part) <= 255)
}

function isDecimal(text: string): boolean {
  return text.length > 0 && skip(text, 0, text.length, DIGIT) === text.length
}

/**
 * `IPv6-full / IPv6-comp / IPv6v4-full / IPv6v4-comp`. RFC 5321 4.1.3: "The "::" represents at least 2 16-bit groups of
 * zeros", so at most six groups may stand beside it.
 */
function isIPv6(text: string): boolean {
  if (text.length > 45) return false
  let groups = text
  let wanted = 8
  const tail = text.lastIndexOf(':') + 1
  if (text.includes('.')) {
    if (tail === 0 || !isIPv4(text.slice(tail))) return false
    groups = text.slice(0, text.endsWith('::', tail) ? tail : tail - 1)
    wanted = 6
  }
  const gap = groups.indexOf('::')
  if (gap < 0) return countGroups(groups) === wanted
  const before = countGroups(groups.slice(0, gap))
  const after = countGroups(groups.slice(gap + 2))
  return before >= 0 && after >= 0 && before + after <= wanted - 2
}

/** The number of groups of one to four hexadecimal digits between single colons, or -1. */
function countGroups(text: string): number {
  if (text === '') return 0
  const groups = text.split(':', 9)
  const isValid = groups.every(g => g.length >= 1 && g.length <= 4 && skip(g, 0, g.length, HEX) === g.length)
  return isValid ? groups.length : -1
}

/** Octets a text takes in UTF-8, where a pair of surrogates takes four; without `wide` it is known to be ASCII. */
export function octetLength(text: string, start: number, end: number, wide: boolean): number {
  let octets = end - start
  for (let i = start; wide && i < end; i++) {
    const unit = text.charCodeAt(i)
    if (unit > DEL) octets += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2
  }
  return octets
}
