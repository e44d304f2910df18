import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  DecodeError,
  decodeBase64,
  encodeBase64,
  parseChallenge,
  parseReply,
  Reply,
  writeReply,
  writeResponse,
} from './index.js'

const octets = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'))
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

describe('base64', () => {
  it('has the vectors of RFC 4648 10', () => {
    for (const [plain, encoded] of [
      ['', ''],
      ['f', 'Zg=='],
      ['fo', 'Zm8='],
      ['foo', 'Zm9v'],
      ['foob', 'Zm9vYg=='],
      ['fooba', 'Zm9vYmE='],
      ['foobar', 'Zm9vYmFy'],
    ] as const) {
      expect(encodeBase64(octets(plain))).toBe(encoded)
      expect(text(decodeBase64(encoded))).toBe(plain)
      expect(text(decodeBase64(octets(encoded)))).toBe(plain)
    }
  })

  it('agrees with the platform, and gives back what it was given', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        const encoded = encodeBase64(bytes)
        expect(encoded).toBe(Buffer.from(bytes).toString('base64'))
        expect(decodeBase64(encoded)).toEqual(bytes)
      }),
    )
  })

  it.each([
    ['a pad character in front', '=AAA'],
    ['a pad character in the middle', 'AAA=BBB='],
    ['a pad character before the last two', 'A=AA'],
    ['three pad characters', 'A==='],
    ['only pad characters', '===='],
    ['missing padding', 'Zg'],
    ['one character too many', 'Zm9vY'],
    ['a space', 'Zm9 '],
    ['a line end', 'Zm9v\r\n'],
    ['the URL alphabet', 'Zm-_'],
    ['unused bits that are not zero', 'Zh=='],
    ['unused bits that are not zero, two octets', 'Zm9='],
    ['characters outside ASCII', 'Zm9\u00f6'],
    ['NUL', 'Zm9\0'],
  ])('refuses %s (RFC 4954 4)', (_name, encoded) => {
    expect(() => decodeBase64(encoded)).toThrow(
      expect.objectContaining({
        what: 'base64',
        reply: { code: 501, enhanced: '5.5.2', text: 'Cannot decode base64' },
      }),
    )
    expect(() => decodeBase64(octets(encoded))).toThrow(DecodeError)
  })

  it('decodes nothing but what it encodes: one value has one form', () => {
    const digit = fc.constantFrom(...'AQgwZm9v+/=')
    fc.assert(
      fc.property(fc.string({ unit: digit, maxLength: 12 }), encoded => {
        let decoded: Uint8Array
        try {
          decoded = decodeBase64(encoded)
        } catch {
          return
        }
        expect(encodeBase64(decoded)).toBe(encoded)
      }),
      { numRuns: 5000 },
    )
  })
})

describe('an AUTH exchange', () => {
  const challenge = (wire: string) => text(parseChallenge(parseReply(octets(wire))))

  it('reads challenges, empty ones with no, one and two blanks behind the code', () => {
    expect(challenge('334 VXNlcm5hbWU6\r\n')).toBe('Username:')
    for (const wire of ['334\r\n', '334 \r\n', '334  \r\n', '334   \r\n']) expect(challenge(wire)).toBe('')
    expect(challenge('334 Zm9v \r\n')).toBe('foo')
  })

  it('refuses challenges that are not base64 or have several lines (T-27)', () => {
    expect(() => challenge('334 Zm9\r\n')).toThrow(DecodeError)
    expect(() => challenge('334-Zm9v\r\n334 Zm9v\r\n')).toThrow('challenge has more than one line')
  })

  it('reads every challenge a server writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
        const reply = parseReply(writeReply({ code: 334, text: encodeBase64(bytes) }))
        expect(parseChallenge(reply)).toEqual(bytes)
      }),
    )
  })

  it('writes responses and the cancel, up to 12288 octets', () => {
    expect(text(writeResponse(octets('foo')))).toBe('Zm9v\r\n')
    expect(text(writeResponse(new Uint8Array()))).toBe('\r\n')
    expect(text(writeResponse(undefined))).toBe('*\r\n')
    expect(writeResponse(new Uint8Array(9213))).toHaveLength(12_286)
    expect(() => writeResponse(new Uint8Array(9216))).toThrow(expect.objectContaining({ code: 'ELENGTH' }))
  })
})

describe('parseChallenge, one by one', () => {
  const challenge = (line: string) => text(parseChallenge(parseReply(octets(`334${line}\r\n`))))

  it('ignores blanks around the text, and of nothing but blanks leaves nothing (RFC 4954 4)', () => {
    expect(challenge('   YWI=  ')).toBe('ab')
    for (const blank of ['', ' ', '  ', '      ']) expect(challenge(blank)).toBe('')
  })

  it('refuses a reply without a line, and one of several', () => {
    expect(() => parseChallenge(new Reply(334, octets('')))).toThrow('base64: challenge has more than one line')
    expect(() => parseChallenge(parseReply(octets('334-YQ==\r\n334 YQ==\r\n')))).toThrow(DecodeError)
    expect(() => parseChallenge(new Reply(334, octets('334 YQ==\r\n'), true))).toThrow(DecodeError)
  })
})
