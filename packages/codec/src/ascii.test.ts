import { describe, expect, it } from 'vitest'
import {
  ATEXT,
  DCONTENT,
  DIGIT,
  decimal,
  GRAPHIC,
  HEX,
  isAnyControl,
  isControl,
  isIn,
  LET_DIG,
  loneSurrogate,
  printable,
  skip,
  toOctets,
  toText,
  toTextStrictly,
  upper,
  VALUE,
  XCHAR,
} from './ascii.js'

describe('a class of characters is exactly what its RFC says', () => {
  it.each([
    ['LET_DIG (RFC 5321 4.1.2)', LET_DIG, /[A-Za-z0-9]/],
    ['ATEXT (RFC 5322 3.2.3)', ATEXT, /[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]/],
    ['VALUE (RFC 5321 4.1.2 esmtp-value)', VALUE, /[\x21-\x3c\x3e-\x7e]/],
    ['XCHAR (RFC 3461 4)', XCHAR, /[\x21-\x2a\x2c-\x3c\x3e-\x7e]/],
    ['DCONTENT (RFC 5321 4.1.3)', DCONTENT, /[\x21-\x5a\x5e-\x7e]/],
    ['HEX (RFC 5234 B.1)', HEX, /[0-9A-Fa-f]/],
    ['GRAPHIC', GRAPHIC, /[\x21-\x7e]/],
    ['DIGIT (RFC 5234 B.1)', DIGIT, /[0-9]/],
  ])('%s', (_name, flag, expected) => {
    for (let unit = 0; unit < 0x300; unit++) {
      expect([unit, isIn(unit, flag)]).toEqual([unit, expected.test(String.fromCharCode(unit))])
    }
    expect(isIn(undefined, flag)).toBe(false)
  })

  it('skip ends at the first character of none, or at the end', () => {
    expect(skip('ab1-c', 1, 5, LET_DIG)).toBe(3)
    expect(skip('ab', 0, 1, LET_DIG)).toBe(1)
    expect(skip('', 0, 0, LET_DIG)).toBe(0)
  })
})

describe('text from octets, and back', () => {
  it('is UTF-8, a byte order mark kept, what is none replaced or refused', () => {
    for (const text of ['', 'abc\x7f', 'é', '例', '\u{1f600}', '\ufeffa']) {
      expect(toText(toOctets(text))).toBe(text)
      expect(toTextStrictly(toOctets(text))).toBe(text)
    }
    expect(toOctets('a\x7f\x80')).toEqual(Uint8Array.of(0x61, 0x7f, 0xc2, 0x80))
    expect(toText(Uint8Array.of(0x61, 0xff, 0x62))).toBe('a\ufffdb')
    expect(toTextStrictly(Uint8Array.of(0x61, 0xff))).toBeUndefined()
    expect(toText(toOctets('abcd'), 1, 3)).toBe('bc')
    expect(toTextStrictly(toOctets('abcd'), 1, 3)).toBe('bc')
  })
})

describe('what is printed', () => {
  it('has no control character, no line end, no byte order mark and nothing that turns its direction (T-29)', () => {
    const shown: [string, string][] = [
      ['\t\n\r', '\\t\\n\\r'],
      ['\0\x1f \x7e\x7f', '\\x00\\x1f ~\\x7f'],
      ['\x80\x9f\xa0', '\\x80\\x9f\xa0'],
      ['\u200d\u200e\u200f\u2010', '\u200d\\u200e\\u200f\u2010'],
      ['\u2027\u2028\u2029\u202a\u202e\u202f', '\u2027\\u2028\\u2029\\u202a\\u202e\u202f'],
      ['\u2065\u2066\u2069\u206a', '\u2065\\u2066\\u2069\u206a'],
      ['\ufefe\ufeff', '\ufefe\\ufeff'],
      ['a\0b\0c', 'a\\x00b\\x00c'],
    ]
    for (const [text, expected] of shown) expect(printable(text)).toBe(expected)
  })

  it('is cut where it was told', () => {
    expect(printable('abcd', 4)).toBe('abcd')
    expect(printable('abcde', 4)).toBe('abcd…')
    expect(printable('\0bcde', 4)).toBe('\\x00bcd…')
    expect(printable('abcd\0', 4)).toBe('abcd…')
  })
})

describe('control characters', () => {
  it('are C0 and DEL, and of all of Unicode C1 and the separators', () => {
    for (let unit = 0; unit < 0x3000; unit++) {
      const isC0 = unit < 0x20 || unit === 0x7f
      expect([unit, isControl(unit)]).toEqual([unit, isC0])
      const isAny = isC0 || (unit >= 0x80 && unit < 0xa0) || unit === 0x2028 || unit === 0x2029
      expect([unit, isAnyControl(unit)]).toEqual([unit, isAny])
    }
  })
})

describe('half of a surrogate pair', () => {
  it.each([
    ['', -1],
    ['a\u{1f600}b\u{10ffff}\u{10000}', -1],
    ['\ud7ff\ue000', -1],
    ['\ud800', 0],
    ['a\udbff', 1],
    ['ab\udc00', 2],
    ['\udfff', 0],
    ['\u{1f600}\udc00', 2],
    ['\ud800\ud800\udc00', 0],
    ['\ud800\ue000', 0],
    ['\ud800a', 0],
    ['\udc00\ud800', 0],
    ['\udc00\udc00', 0],
  ])('in %j stands at %d', (text, at) => {
    expect(loneSurrogate(text)).toBe(at)
  })
})

describe('numbers and case', () => {
  it.each([
    ['', -1],
    ['0', 0],
    ['007', 7],
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', Number.POSITIVE_INFINITY],
    ['1a', -1],
    ['a1', -1],
    ['-1', -1],
    ['1.5', -1],
    ['\u0661', -1],
  ])('%j is %d', (text, value) => {
    expect(decimal(text)).toBe(value)
  })

  it('upper case is ASCII upper case: no letter becomes two, none of another alphabet one of ours', () => {
    expect(upper('auth\x7f=é')).toBe('auth\x7f=é')
    expect(upper('az~\x7f')).toBe('AZ~\x7f')
    expect(upper('\u017f')).toBe('\u017f')
    expect(upper('stra\u00dfe')).toBe('stra\u00dfe')
  })
})
