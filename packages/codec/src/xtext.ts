/**
 * xtext: how values that are not esmtp-values travel in one (RFC 3461 4), and the form international addresses have in
 * ORCPT (RFC 6533 3). Text in, graphic ASCII out, and back. Control characters are refused in both directions: nothing
 * that is carried in xtext may have them, and a decoded CR LF must not turn up in somebody's next command.
 */
import {
  DEL,
  HEX,
  isAnyControl,
  isControl,
  isIn,
  loneSurrogate,
  PLUS,
  toOctets,
  toTextStrictly,
  XCHAR,
} from './ascii.js'
import { local, remote, SyntaxFault } from './syntax.js'

const BACKSLASH = 0x5c
const HEX_DIGITS = '0123456789ABCDEF'

const SYNTAX = { code: 501, enhanced: '5.5.4', text: 'Syntax error in parameters' }

/**
 * Text as xtext; what is outside ASCII goes through UTF-8.
 *
 * @throws {@link EncodeError} `EXTEXT` on control characters and lone surrogates
 */
export function encodeXtext(text: string): string {
  return local('xtext', text, () => toXtext(text))
}

/**
 * The text an xtext stands for.
 *
 * @throws {@link DecodeError} `what: 'xtext'` on anything but xchar and hexchar, on octets that are not UTF-8, on control
 * characters
 */
export function decodeXtext(encoded: string): string {
  return remote('xtext', SYNTAX, () => fromXtext(encoded))
}

export function toXtext(text: string): string {
  refuseUnwritable(text)
  let encoded = ''
  for (const octet of toOctets(text)) {
    encoded += isIn(octet, XCHAR) ? String.fromCharCode(octet) : `+${hexOf(octet)}`
  }
  return encoded
}

export function fromXtext(encoded: string): string {
  const octets = new Uint8Array(encoded.length)
  let length = 0
  for (let i = 0; i < encoded.length; i++) {
    let unit = encoded.charCodeAt(i)
    if (unit === PLUS) {
      if (!isIn(encoded.charCodeAt(i + 1), HEX) || !isIn(encoded.charCodeAt(i + 2), HEX)) {
        throw new SyntaxFault('"+" without two hexadecimal digits', i)
      }
      unit = Number.parseInt(encoded.slice(i + 1, i + 3), 16)
      if (isControl(unit)) throw new SyntaxFault('control character', i)
      i += 2
    } else if (!isIn(unit, XCHAR)) throw new SyntaxFault('character outside xtext', i)
    octets[length++] = unit
  }
  const text = toTextStrictly(octets, 0, length)
  if (text === undefined) throw new SyntaxFault('not UTF-8', 0)
  return text
}

/**
 * The address of an `ORCPT=utf-8;` parameter: as `unitext`, with characters outside ASCII as they are (but for C1 controls
 * and line separators, which no command line may have), or in the 7-bit form (`utf-8-addr-xtext`), with each as `\x{HEX}`.
 */
export function toUnitext(text: string, utf8: boolean): string {
  refuseUnwritable(text)
  let encoded = ''
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0
    const isPlain = point > DEL ? utf8 && !isAnyControl(point) : isIn(point, XCHAR) && point !== BACKSLASH
    encoded += isPlain ? character : `\\x{${point.toString(16).toUpperCase()}}`
  }
  return encoded
}

/** The address such a text stands for; `+HH` of plain xtext is understood, too. */
export function fromUnitext(encoded: string): string {
  let text = ''
  for (let i = 0; i < encoded.length; i++) {
    const unit = encoded.charCodeAt(i)
    if (unit === BACKSLASH) {
      EMBEDDED.lastIndex = i
      const [all = '', digits = ''] = EMBEDDED.exec(encoded) ?? []
      const point = Number.parseInt(digits, 16)
      if (!isCharacter(point)) throw new SyntaxFault('not an EmbeddedUnicodeChar', i)
      text += String.fromCodePoint(point)
      i += all.length - 1
    } else if (unit === PLUS) {
      text += fromXtext(encoded.slice(i, i + 3))
      i += 2
    } else {
      if (unit <= DEL && !isIn(unit, XCHAR)) throw new SyntaxFault('character outside unitext', i)
      text += encoded.charAt(i)
    }
  }
  return text
}

/** RFC 6533 3 `EmbeddedUnicodeChar`, whose `HEXPOINT` is in upper case and has no leading zeros beyond two digits. */
const EMBEDDED = /\\x\{([0-9A-F]{2}|[1-9A-F][0-9A-F]{2,5})\}/y

/** `HEXPOINT` stands for no surrogate and nothing beyond Unicode; here for no control character, too. */
function isCharacter(point: number): boolean {
  return point <= 0x10ffff && !isControl(point) && !(point >= 0xd800 && point <= 0xdfff)
}

function hexOf(octet: number): string {
  return HEX_DIGITS.charAt(octet >> 4) + HEX_DIGITS.charAt(octet & 15)
}

function refuseUnwritable(text: string): void {
  for (let i = 0; i < text.length; i++) {
    if (isControl(text.charCodeAt(i))) throw new SyntaxFault('control character', i)
  }
  const lone = loneSurrogate(text)
  if (lone >= 0) throw new SyntaxFault('half of a surrogate pair', lone)
}
