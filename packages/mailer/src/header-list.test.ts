import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SMTPMessageError } from './error.js'
import { readFields, readName } from './header.js'
import { type HeaderField, writeHeader } from './header-list.js'

const text = (octets: Uint8Array): string => new TextDecoder().decode(octets)

describe('a header written from a list of fields (RFC 5322 2.2)', () => {
  it('has them in order, as they are, and an empty line behind them', () => {
    const fields: HeaderField[] = [
      ['From', 'a@x.example'],
      ['X-Twice', '1'],
      ['X-Twice', '2'],
      ['__proto__', 'ü'],
      ['Subject', 'folded\r\n\tby the caller'],
      ['X-Empty', ''],
    ]
    expect(text(writeHeader(fields))).toBe(
      'From: a@x.example\r\nX-Twice: 1\r\nX-Twice: 2\r\n__proto__: ü\r\nSubject: folded\r\n\tby the caller\r\nX-Empty: \r\n\r\n',
    )
    expect(text(writeHeader([]))).toBe('\r\n')
  })

  it.each(['', 'A B', 'A:', 'A\r\nBcc', 'Ä', 'A\0', ' A', 'A\t', 'A\n'])('refuses the name %j (T-04)', name => {
    expect(() => writeHeader([[name, 'x']])).toThrow(SMTPMessageError)
    expect(() => writeHeader([[name, 'x']])).toThrow('header field 0')
  })

  it.each([
    ['a\r\nBcc: b@x.example', 1],
    ['a\nb', 1],
    ['a\rb', 1],
    ['a\n b', 1],
    ['a\r\n', 1],
    ['a\r\n ', 1],
    ['a\r\n \r\n b', 1],
    ['a\r\n\r\n', 1],
    ['a\r\n b\r\n\r\nc', 5],
    ['\0', 0],
    ['a\u0085b', 1],
    ['\u007f', 0],
    ['a\ud800b', 1],
  ])('refuses the value %j, and says where (T-04)', (value, at) => {
    expect(() => writeHeader([['X-Note', value]])).toThrow(SMTPMessageError)
    expect(() => writeHeader([['X-Note', value]])).toThrow(
      `X-Note: a character that cannot be in a header field (at ${at})`,
    )
  })

  it('refuses what is no field', () => {
    expect(() => writeHeader([['Subject'] as unknown as HeaderField])).toThrow(TypeError)
    expect(() => writeHeader([['Subject', 5] as unknown as HeaderField])).toThrow(TypeError)
  })

  it('has as many fields as the list, whatever stands in them, or is refused (T-04)', () => {
    const name = fc.oneof(fc.constantFrom('A', 'Bcc', 'b c', 'c:', 'd\r\n'), fc.string({ maxLength: 4 }))
    const value = fc
      .array(fc.constantFrom('a', ' ', '\t', '\r', '\n', '\r\n', '\r\n ', ':', 'Bcc: x', 'ü', '\0', '\u2028'), {
        maxLength: 6,
      })
      .map(parts => parts.join(''))
    let written = 0
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 3 }), fields => {
        let block: Uint8Array
        try {
          block = writeHeader(fields)
        } catch (error) {
          expect(error).toBeInstanceOf(SMTPMessageError)
          return
        }
        written++
        const read = readFields(block)
        expect(read.map(field => readName(block, field))).toEqual(fields.map(([own]) => own))
        expect(read.map(({ colon, end }) => text(block.subarray(colon + 2, end - 2)))).toEqual(
          fields.map(([, own]) => own),
        )
      }),
      { numRuns: 5000 },
    )
    expect(written).toBeGreaterThan(500)
  })
})
