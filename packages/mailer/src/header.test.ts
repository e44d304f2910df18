import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SMTPMessageError } from './error.js'
import { characterSet, HeaderEnd, readFields, readName, readValue, withoutFields } from './header.js'

const octets = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

function endOf(chunks: readonly Uint8Array[]): number {
  const end = new HeaderEnd()
  let before = 0
  for (const chunk of chunks) {
    const found = end.find(chunk)
    if (found >= 0) return before + found
    before += chunk.length
  }
  return -1
}

describe('the end of a header block (RFC 5322 2.1)', () => {
  const ends: readonly (readonly [header: string, rest: string])[] = [
    ['A: b\r\n\r', '\nbody'],
    ['A: b\n\n', 'body'],
    ['A: b\r\r', 'body'],
    ['A: b\n\r', '\nbody'],
    ['A: b\r\n\n', 'body'],
    ['A: b\r\n \r\nC: d\r\n\r', '\nbody'],
    ['\r', '\nbody'],
    ['\n', ''],
  ]
  it.each(ends)('is the first empty line, whatever ends it: %j', (header, rest) => {
    const message = octets(header + rest)
    expect(endOf([message])).toBe(header.length)
    for (let split = 0; split <= message.length; split++)
      expect(endOf([message.subarray(0, split), message.subarray(split)])).toBe(header.length)
    expect(endOf(Array.from(message, octet => Uint8Array.of(octet)))).toBe(header.length)
  })

  it.each(['', 'A: b', 'A: b\r\n', 'A: b\r\nC: d'])('has not come in %j', message => {
    expect(endOf([octets(message)])).toBe(-1)
  })
})

describe('the fields of a header block', () => {
  const block = octets('From: a@x.example\r\nTO : b@x.example,\r\n\tc@x.example\r\nBcc:\nX-Long: a\r b\r\n\r\n')

  it('are found with their continuations, whatever ends the lines', () => {
    const fields = readFields(block)
    expect(fields.map(({ name }) => name)).toEqual(['from', 'to', 'bcc', 'x-long'])
    expect(fields.map(field => readValue(block, field))).toEqual([
      'a@x.example',
      'b@x.example,\tc@x.example',
      '',
      'a b',
    ])
    expect(fields.map(field => readName(block, field))).toEqual(['From', 'TO', 'Bcc', 'X-Long'])
  })

  it('can be cut out, and not one other octet changes', () => {
    const fields = readFields(block)
    expect(withoutFields(block, [])).toBe(block)
    expect(
      text(
        withoutFields(
          block,
          fields.filter(({ name }) => name === 'to'),
        ),
      ),
    ).toBe('From: a@x.example\r\nBcc:\nX-Long: a\r b\r\n\r\n')
    expect(text(withoutFields(block, fields))).toBe('\r\n')
  })

  it('keep white space that is none in a header: beyond ASCII it is text (RFC 6532 3.2)', () => {
    const odd = octets('To:\t \u00a0a@x.example\ufeff\u2028 \t\r\n\r\n')
    expect(readFields(odd).map(field => readValue(odd, field))).toEqual(['\u00a0a@x.example\ufeff\u2028'])
  })

  it.each([
    ['From a@x.example Mon\r\nTo: b\r\n\r\n', 1],
    [' folded: first\r\n\r\n', 1],
    ['A: b\r\nno colon here\r\n\r\n', 2],
    ['A: b\r\n: nameless\r\n\r\n', 2],
    ['A: b\r\n c\r\nn\u00e4me: x\r\n\r\n', 3],
  ])('are refused when a line is none: %j', (header, line) => {
    expect(() => readFields(octets(header))).toThrow(SMTPMessageError)
    expect(() => readFields(octets(header))).toThrow(`line ${line} of the header`)
  })

  it('must be UTF-8 where they are read (RFC 6532 3.2)', () => {
    const latin1 = Uint8Array.of(...octets('To: J'), 0xf6, ...octets('rg <j@x.example>\r\n\r\n'))
    const [field] = readFields(latin1)
    expect(field).toBeDefined()
    expect(() => field && readValue(latin1, field)).toThrow('To: not UTF-8')
    expect(characterSet(latin1)).toBe('invalid')
    expect(characterSet(octets('To: Jörg'))).toBe('utf8')
    expect(characterSet(octets('To: Joerg'))).toBe('ascii')
  })

  it('together are the whole block, for any block', () => {
    const name = fc.stringMatching(/^[!-9;-~]{1,8}$/)
    const line = fc.string({ unit: fc.constantFrom('a', ' ', ':', 'ü', '\t'), maxLength: 8 })
    const end = fc.constantFrom('\r\n', '\n', '\r')
    const field = fc
      .tuple(name, line, end, fc.array(fc.tuple(fc.constantFrom(' ', '\t'), line, end), { maxLength: 3 }))
      .map(([key, value, eol, more]) => `${key}:${value}${eol}${more.map(part => part.join('')).join('')}`)
    fc.assert(
      fc.property(fc.array(field, { maxLength: 6 }), fc.constantFrom('\r\n', ''), (list, last) => {
        const whole = octets(list.join('') + last)
        const fields = readFields(whole)
        expect(fields.map(({ start, end }) => text(whole.subarray(start, end)))).toEqual(list)
      }),
    )
  })
})
