import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DecodeError, decodeXtext, EncodeError, encodeXtext } from './index.js'
import { fromUnitext, toUnitext } from './xtext.js'

const printable = fc.string({ unit: 'binary', maxLength: 30 }).filter(text => !/[\0-\x1f\x7f]/.test(text))

describe('xtext (RFC 3461 4)', () => {
  it.each([
    ['', ''],
    ['abc', 'abc'],
    ['a b', 'a+20b'],
    ['1+1=2', '1+2B1+3D2'],
    ['Bob@Example.COM', 'Bob@Example.COM'],
    ['ü', '+C3+BC'],
  ])('%j is %s', (text, encoded) => {
    expect(encodeXtext(text)).toBe(encoded)
    expect(decodeXtext(encoded)).toBe(text)
  })

  it('gives back what it was given, in graphic ASCII without "=" (T-02)', () => {
    fc.assert(
      fc.property(printable, text => {
        const encoded = encodeXtext(text)
        expect(encoded).toMatch(/^[!-<>-~]*$/)
        expect(decodeXtext(encoded)).toBe(text)
      }),
      { numRuns: 2000 },
    )
  })

  it('decodes to something that encodes to the same value', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'aZ+0123456789ABCDEFabcdef=~ '), maxLength: 12 }), encoded => {
        let text: string
        try {
          text = decodeXtext(encoded)
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError)
          return
        }
        expect(decodeXtext(encodeXtext(text))).toBe(text)
      }),
      { numRuns: 5000 },
    )
  })

  it.each(['+', '+0', '+G0', 'a=b', 'a b', 'ü', 'a\0', '+00', '+0A', '+0d', '+7F', '+1B', '+FF', '+C0+8A', 'a+2'])(
    'refuses to decode %j',
    encoded => {
      expect(() => decodeXtext(encoded)).toThrow(
        expect.objectContaining({ what: 'xtext', reply: expect.objectContaining({ code: 501 }) }),
      )
    },
  )

  it.each(['a\r\nb', '\0', '\t', '\x7f', '\ud800'])('refuses to encode %j', text => {
    expect(() => encodeXtext(text)).toThrow(expect.objectContaining({ code: 'EXTEXT' }))
    expect(() => encodeXtext(text)).toThrow(EncodeError)
  })
})

describe('the utf-8 address type (RFC 6533 3)', () => {
  it('has a form for SMTPUTF8 and a 7-bit form', () => {
    expect(toUnitext('pelé@bücher', true)).toBe('pelé@bücher')
    expect(toUnitext('pelé@bücher', false)).toBe('pel\\x{E9}@b\\x{FC}cher')
    expect(toUnitext('a+b=c\\d e', true)).toBe('a\\x{2B}b\\x{3D}c\\x{5C}d\\x{20}e')
    expect(toUnitext('a\u0085b\u2028c\u2029', true)).toBe('a\\x{85}b\\x{2028}c\\x{2029}')
    expect(fromUnitext('pel\\x{E9}@b\\x{FC}cher')).toBe('pelé@bücher')
    expect(fromUnitext('\\x{1F44D}\\x{10FFFF}')).toBe('👍\u{10ffff}')
    expect(fromUnitext('a+2Bb')).toBe('a+b')
  })

  it('gives back what it was given, in both forms', () => {
    fc.assert(
      fc.property(printable, fc.boolean(), (text, utf8) => {
        const encoded = toUnitext(text, utf8)
        if (!utf8) expect(encoded).toMatch(/^[!-~]*$/)
        expect(encoded).not.toMatch(/[ =+]/)
        expect(fromUnitext(encoded)).toBe(text)
      }),
      { numRuns: 2000 },
    )
  })

  it.each([
    '\\',
    '\\x',
    '\\x{',
    '\\x{E9',
    '\\x{E9Z',
    'a\\x{E9Z}',
    '\\x{1000000}',
    '\\x{DFFF}',
    '\\',
    'x{E9}\\x{E9',
    '\\x{}',
    '\\x{E}',
    '\\x{e9}',
    '\\x{0E9}',
    '\\x{D800}',
    '\\x{110000}',
    '\\x{0A}',
    '\\x{00}',
    '\\x{7F}',
    '\\y{E9}',
    'a b',
    'a=b',
    '+',
  ])('refuses %j', encoded => {
    expect(() => fromUnitext(encoded)).toThrow()
  })
})

describe('what is no xtext', () => {
  it('is answered as a parameter that is wrong', () => {
    const reply = { code: 501, enhanced: '5.5.4', text: 'Syntax error in parameters' }
    expect(() => decodeXtext('=')).toThrow(expect.objectContaining({ reply }))
  })

  it.each(['a b', 'a\x7f', '='])('%j is no unitext either', text => {
    let fault: unknown
    try {
      fromUnitext(text)
    } catch (error) {
      fault = error
    }
    expect(fault).toMatchObject({ why: 'character outside unitext' })
  })
})
