import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EnhancedCode, parseEnhancedCode, parseReply, Reply, writeReply } from './index.js'

const octets = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'))
const read = (wire: string) => parseReply(octets(wire), { quirks: { unknownSecondDigit: true } })
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()

describe('Reply', () => {
  it('has the enhanced code, and a message without it on any line (RFC 2034 4)', () => {
    const reply = read('550-5.1.1 The account you tried\r\n550-5.1.1\r\n550 5.1.1 does not exist\r\n')
    expect(reply.enhanced).toEqual(new EnhancedCode(5, 1, 1))
    expect(String(reply.enhanced)).toBe('5.1.1')
    expect(reply.message).toBe('The account you tried\n\ndoes not exist')
    expect(reply.text).toBe('5.1.1 The account you tried\n5.1.1\n5.1.1 does not exist')
    expect(reply.severity).toBe(5)
  })

  it('takes an enhanced code of another class for text (RFC 2034 4)', () => {
    const reply = read('250 5.1.1 odd\r\n')
    expect([reply.enhanced, reply.message]).toEqual([undefined, '5.1.1 odd'])
    expect(read('354 3.0.0 go\r\n').enhanced).toBeUndefined()
  })

  it('keeps enhanced codes no registry knows (RFC 5248)', () => {
    expect(String(read('450 4.999.0 x\r\n').enhanced)).toBe('4.999.0')
  })

  it('finds the enhanced code on a later line when the first has none', () => {
    const reply = read('550-first\r\n550 5.7.1 second\r\n')
    expect(String(reply.enhanced)).toBe('5.7.1')
    expect(reply.message).toBe('first\nsecond')
  })

  it('shows text that cannot break a log line (T-29)', () => {
    const reply = read('250 a\r\x1b[31m\0\x7f\x85\xff\t\xe2\x80\xa8b\r\n')
    expect(reply.text).toBe('a\\r\\x1b[31m\\x00\\x7f\ufffd\ufffd\\t\\u2028b')
    expect(reply.text.split('\n')).toHaveLength(1)
    expect(text(reply.lines[0] ?? new Uint8Array())).toContain('\x1b')
  })

  it('reads UTF-8 (RFC 6531 3.7.4)', () => {
    expect(parseReply(new TextEncoder().encode('250 Grüße 你好\r\n')).text).toBe('Grüße 你好')
  })

  it('prints as code and text, and as plain data', () => {
    expect(String(read('250-a\r\n250 b\r\n'))).toBe('250 a\nb')
    expect(String(read('250\r\n'))).toBe('250')
    expect(JSON.stringify(read('250 2.0.0 a\r\n'))).toBe('{"code":250,"enhanced":"2.0.0","text":"2.0.0 a"}')
  })
})

describe('parseEnhancedCode', () => {
  it.each(['2.0.0', '4.2.2', '5.999.999'])('reads %s', code => {
    expect(parseEnhancedCode(code)?.toString()).toBe(code)
    expect(JSON.stringify(parseEnhancedCode(code))).toBe(`"${code}"`)
  })

  it.each([
    '3.0.0',
    '5.01.1',
    '5.1',
    '5.1.1000',
    '5..1',
    '5.1.',
    '.1.1',
    '5.1.1 ',
    '5.1.1x',
    '',
    '51.1.1',
    '5.1.1\u0131',
  ])('refuses %j', code => {
    expect(parseEnhancedCode(code)).toBeUndefined()
  })
})

describe('writeReply', () => {
  it('writes one line and several, with the enhanced code on each (RFC 2034 4)', () => {
    expect(text(writeReply({ code: 250 }))).toBe('250 \r\n')
    expect(text(writeReply({ code: 250, text: 'Ok' }))).toBe('250 Ok\r\n')
    expect(text(writeReply({ code: 550, enhanced: '5.1.1', text: ['a', 'b'] }))).toBe('550-5.1.1 a\r\n550 5.1.1 b\r\n')
    expect(text(writeReply({ code: 421, enhanced: new EnhancedCode(4, 3, 2) }))).toBe('421 4.3.2 \r\n')
  })

  it.each([
    [{ code: 199 }, 'EREPLY'],
    [{ code: 600 }, 'EREPLY'],
    [{ code: 260 }, 'EREPLY'],
    [{ code: 250.5 }, 'EREPLY'],
    [{ code: Number.NaN }, 'EREPLY'],
    [{ code: 250, enhanced: '5.1.1' }, 'EREPLY'],
    [{ code: 354, enhanced: '2.1.1' }, 'EREPLY'],
    [{ code: 250, enhanced: '2.1' }, 'EREPLY'],
    [{ code: 250, text: 'a\r\n550 b' }, 'EREPLY'],
    [{ code: 250, text: ['a', 'b\n'] }, 'EREPLY'],
    [{ code: 250, text: 'a\0' }, 'EREPLY'],
    [{ code: 250, text: [] }, 'EREPLY'],
    [{ code: 250, text: 'ü' }, 'EUTF8'],
  ])('refuses %j', (reply, code) => {
    expect(() => writeReply(reply)).toThrow(expect.objectContaining({ code, fault: 'local' }))
  })

  it('writes UTF-8 only when allowed, and no half of a surrogate pair', () => {
    expect(text(writeReply({ code: 250, text: 'ü' }, { utf8: true }))).toBe('250 ü\r\n')
    expect(() => writeReply({ code: 250, text: '\ud800' }, { utf8: true })).toThrow('half of a surrogate pair')
  })

  it('holds the limit of 512 octets of a line (RFC 5321 4.5.3.1.5), and 12288 of a challenge (RFC 4954 4)', () => {
    const write = (code: number, length: number, line?: number) =>
      writeReply({ code, text: 'x'.repeat(length - 6) }, line === undefined ? {} : { line }).length
    expect([write(250, 511), write(250, 512)]).toEqual([511, 512])
    expect(() => write(250, 513)).toThrow(expect.objectContaining({ code: 'ELENGTH' }))
    expect([write(334, 12_288), write(250, 600, 600)]).toEqual([12_288, 600])
    expect(() => write(334, 12_289)).toThrow(expect.objectContaining({ code: 'ELENGTH' }))
    expect(() => writeReply({ code: 250, text: 'ü'.repeat(300) }, { utf8: true })).toThrow(
      expect.objectContaining({ code: 'ELENGTH' }),
    )
  })

  it('is read back as it was', () => {
    const code = fc
      .tuple(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 0, max: 5 }), fc.nat(9))
      .map(d => Number(d.join('')))
    const line = fc.string({ unit: 'grapheme', maxLength: 40 }).filter(s => !/[\p{Cc}\u2028\u2029]/u.test(s))
    const subject = fc.nat(999)
    fc.assert(
      fc.property(
        code,
        fc.array(line, { minLength: 1, maxLength: 5 }),
        fc.option(fc.tuple(subject, subject)),
        (c, lines, tail) => {
          const digit = Math.floor(c / 100)
          const enhanced = tail && digit !== 3 ? `${digit}.${tail.join('.')}` : undefined
          const wire = writeReply({ code: c, enhanced, text: lines }, { utf8: true })
          const reply = parseReply(wire)
          expect(reply.code).toBe(c)
          expect(reply.raw).toEqual(wire)
          expect(reply.quirks).toEqual([])
          expect(reply.lines.map(text)).toEqual(lines.map(l => (enhanced ? `${enhanced} ${l}` : l)))
          if (enhanced) expect(reply.enhanced?.toString()).toBe(enhanced)
          const again = writeReply({ code: reply.code, text: reply.lines.map(text) }, { utf8: true })
          expect(again).toEqual(wire)
        },
      ),
      { numRuns: 1000 },
    )
  })
})

describe('a Reply, one by one', () => {
  it('has the lines of its octets, ended or not, and none for blank ones', () => {
    const lines = (wire: string) => new Reply(250, octets(wire)).lines.map(line => text(line))
    expect(lines('250-a\r\n250 b')).toEqual(['a', 'b'])
    expect(lines('250-a\n\r\n\n250 b\r\n')).toEqual(['a', 'b'])
    expect(lines('250')).toEqual([''])
    expect(lines('')).toEqual([])
    expect(new Reply(250, octets('250 a\r\n'))).toMatchObject({ truncated: false, quirks: [] })
  })

  it('is plain data without an enhanced code, too', () => {
    expect(read('250 a\r\n').toJSON()).toEqual({ code: 250, enhanced: undefined, text: 'a' })
  })

  it.each([
    ['5.1.1', '5.1.1', ''],
    ['5.1.1 x', '5.1.1', 'x'],
    ['5.999.999 x', '5.999.999', 'x'],
    ['5.1.1x', undefined, '5.1.1x'],
    ['5.1.1\tx', undefined, '5.1.1\\tx'],
    ['5.01.1 x', undefined, '5.01.1 x'],
    ['5.1.1000 x', undefined, '5.1.1000 x'],
    ['5.1 x', undefined, '5.1 x'],
    ['5-1-1 x', undefined, '5-1-1 x'],
    ['x5.1.1 x', undefined, 'x5.1.1 x'],
    ['4.1.1 x', undefined, '4.1.1 x'],
  ])('%j has the enhanced code %s (RFC 3463 2)', (line, enhanced, message) => {
    const reply = read(`550 ${line}\r\n`)
    expect([reply.enhanced?.toString(), reply.message]).toEqual([enhanced, message])
  })
})

describe('writeReply, one by one', () => {
  it('writes every code of RFC 5321 4.2 from 200 to 559', () => {
    for (const code of [200, 259, 300, 559]) expect(text(writeReply({ code }))).toBe(`${code} \r\n`)
    for (const code of [199, 260, 560, 599, 600]) expect(() => writeReply({ code })).toThrow('not a reply code')
  })

  it('writes a tab, and nothing else that is a control character', () => {
    expect(text(writeReply({ code: 250, text: 'a\tb' }))).toBe('250 a\tb\r\n')
    expect(() => writeReply({ code: 250, text: 'a\x7f' })).toThrow('control character (at 1)')
  })

  it('counts the octets of a line, not its characters (RFC 5321 4.5.3.1.5)', () => {
    const line = (characters: number) => writeReply({ code: 250, text: '例'.repeat(characters) }, { utf8: true })
    expect(line(168).length).toBe(510)
    expect(() => line(169)).toThrow('line longer than 512 octets')
  })
})
