import { describe, expect, it } from 'vitest'
import { UsageError } from './argument.js'
import { type Composition, compose } from './compose.js'

const written = (parts: Partial<Composition>): string =>
  new TextDecoder().decode(compose({ from: 'a@example.org', to: ['b@example.org'], subject: '', text: '', ...parts }))

describe('a message of a subject and a text', () => {
  it('has the fields that RFC 5322 3.6 asks for, and CRLF at the end of every line', () => {
    const text = written({ to: ['b@example.org', 'c@example.org'], subject: 'hi', text: 'one\ntwo\r\nthree' })
    expect(text).toMatch(/^Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000\r\nFrom: a@example\.org\r\n/)
    expect(text).toContain('\r\nTo: b@example.org,\r\n c@example.org\r\nSubject: hi\r\n')
    expect(text).toMatch(/\r\nMessage-ID: <[0-9a-f-]{36}@example\.org>\r\n/)
    expect(text).toMatch(/\r\n\r\none\r\ntwo\r\nthree\r\n$/)
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
  })

  it('writes a subject outside ASCII as encoded-words of at most 75 characters, cut between characters (RFC 2047 2)', () => {
    const subject = 'Grüße, ☕ '.repeat(20)
    const [, field = ''] = /\r\nSubject: (.*?)\r\n(?! )/s.exec(written({ subject })) ?? []
    const words = field.split('\r\n ')
    expect(words.length).toBeGreaterThan(3)
    for (const word of words) expect(word.length).toBeLessThanOrEqual(75)
    const decoded = words.map(word => Buffer.from(word.slice('=?utf-8?B?'.length, -2), 'base64').toString())
    for (const piece of decoded) expect(piece).not.toContain('\ufffd')
    expect(decoded.join('')).toBe(subject)
  })

  it('says 8bit for a text outside ASCII, and 7bit otherwise (RFC 2045 6.2)', () => {
    expect(written({ text: 'schön' })).toContain('Content-Transfer-Encoding: 8bit\r\n')
    expect(written({ text: 'plain' })).toContain('Content-Transfer-Encoding: 7bit\r\n')
  })

  it('refuses a subject of two lines and an address that is none: nothing gets into the header that was not meant', () => {
    expect(() => written({ subject: 'hi\r\nBcc: eve@example.org' })).toThrow(UsageError)
    expect(() => written({ to: ['b@example.org\r\nBcc: eve@example.org'] })).toThrow(/address/)
  })
})
