/**
 * Octets and text: the character classes of the grammars (RFC 5234 core rules, RFC 5321 4.1.2, RFC 3461 4) as one table,
 * and the few conversions between `Uint8Array` and `string` everything else is built on.
 *
 * Text from the wire is UTF-8 (RFC 6531), of which ASCII is the usual case.
 */

export const HT = 0x09
export const LF = 0x0a
export const CR = 0x0d
export const SP = 0x20
export const PLUS = 0x2b
export const HYPHEN = 0x2d
export const DOT = 0x2e
export const DEL = 0x7f

/** ALPHA / DIGIT: `Let-dig` of RFC 5321. */
export const LET_DIG = 1
/** `atext` of RFC 5322 3.2.3. */
export const ATEXT = 2
/** `esmtp-value` of RFC 5321: graphic, without "=". */
export const VALUE = 4
/** `xchar` of RFC 3461: graphic, without "+" and "=". */
export const XCHAR = 8
/** `dcontent` of RFC 5321: graphic, without "[", "\" and "]". */
export const DCONTENT = 16
/** HEXDIG, either case. */
export const HEX = 32
/** Graphic: %d33-126. */
export const GRAPHIC = 64
export const DIGIT = 128

const classes: Uint8Array = /* @__PURE__ */ classTable()

function classTable(): Uint8Array {
  const table = new Uint8Array(128)
  const add = (characters: string, flag: number) => {
    for (const c of characters) table[c.charCodeAt(0)] = (table[c.charCodeAt(0)] ?? 0) | flag
  }
  const digits = '0123456789'
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
  const specials = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'
  const graphic = digits + letters + specials
  add(digits, DIGIT)
  add(`${digits}abcdefABCDEF`, HEX)
  add(digits + letters, LET_DIG)
  add(`${digits}${letters}!#$%&'*+-/=?^_\`{|}~`, ATEXT)
  add(graphic, GRAPHIC)
  add(graphic.replace('=', ''), VALUE)
  add(graphic.replace('=', '').replace('+', ''), XCHAR)
  add(graphic.replace('[', '').replace('\\', '').replace(']', ''), DCONTENT)
  return table
}

/** Whether an octet or UTF-16 unit is in one of the classes; nothing outside ASCII is in any. */
export function isIn(unit: number | undefined, flags: number): boolean {
  return unit !== undefined && unit < 128 && ((classes[unit] ?? 0) & flags) !== 0
}

/** The first index in `[start, end)` whose character is in none of the classes, or `end`. */
export function skip(text: string, start: number, end: number, flags: number): number {
  let i = start
  while (i < end && isIn(text.charCodeAt(i), flags)) i++
  return i
}

const encoder = /* @__PURE__ */ new TextEncoder()
const lossy = /* @__PURE__ */ new TextDecoder('utf-8', { ignoreBOM: true })
const strict = /* @__PURE__ */ new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })

/** The UTF-8 octets of a text. Lone surrogates have none: refuse them before. */
export function toOctets(text: string): Uint8Array {
  const octets = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > DEL) return encoder.encode(text)
    octets[i] = unit
  }
  return octets
}

/** Octets as text, UTF-8, every invalid sequence as U+FFFD. */
export function toText(octets: Uint8Array, start = 0, end: number = octets.length): string {
  return lossy.decode(octets.subarray(start, end))
}

/** Octets as text, or `undefined` when they are not UTF-8. */
export function toTextStrictly(octets: Uint8Array, start = 0, end: number = octets.length): string | undefined {
  try {
    return strict.decode(octets.subarray(start, end))
  } catch {
    return undefined
  }
}

/**
 * Text that is safe in a log: C0, DEL and C1 controls, the line separators U+2028 and U+2029, the byte order mark and
 * the bidirectional controls are shown as escapes, and what is longer than `limit` characters is cut with an ellipsis.
 */
export function printable(text: string, limit: number = Number.POSITIVE_INFINITY): string {
  let shown = ''
  let from = 0
  const end = Math.min(text.length, limit)
  for (let i = 0; i < end; i++) {
    const unit = text.charCodeAt(i)
    if (!isUnprintable(unit)) continue
    shown += text.slice(from, i) + escapeUnit(unit)
    from = i + 1
  }
  if (end < text.length) return `${shown}${text.slice(from, end)}…`
  return from === 0 ? text : shown + text.slice(from)
}

function isUnprintable(unit: number): boolean {
  if (unit < DEL) return unit < SP
  if (unit < 0x200e) return unit < 0xa0
  return unit <= 0x202e ? unit >= 0x2028 || unit <= 0x200f : (unit >= 0x2066 && unit <= 0x2069) || unit === 0xfeff
}

function escapeUnit(unit: number): string {
  if (unit === HT) return '\\t'
  if (unit === LF) return '\\n'
  if (unit === CR) return '\\r'
  const hex = unit.toString(16)
  return unit < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`
}

/** Control characters no line of SMTP carries: C0 with HT, and DEL. */
export function isControl(unit: number): boolean {
  return unit < SP || unit === DEL
}

/** The same with what is outside ASCII: C1 controls, and the line and paragraph separators. */
export function isAnyControl(unit: number): boolean {
  if (unit < DEL) return unit < SP
  return unit < 0xa0 || unit === 0x2028 || unit === 0x2029
}

/** The first unit of a text that is half of a surrogate pair without the other half, or -1. */
export function loneSurrogate(text: string): number {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0xd800 || unit > 0xdfff) continue
    const next = text.charCodeAt(i + 1)
    if (unit > 0xdbff || !(next >= 0xdc00 && next <= 0xdfff)) return i
    i++
  }
  return -1
}

/** A decimal number of digits only; `Infinity` when it is beyond what a number holds exactly, -1 when it is none. */
export function decimal(text: string): number {
  if (text.length === 0 || skip(text, 0, text.length, DIGIT) !== text.length) return -1
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : Number.POSITIVE_INFINITY
}

/** ASCII upper case: never locale, never `ß`. */
export function upper(text: string): string {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > DEL) return text
  return text.toUpperCase()
}
