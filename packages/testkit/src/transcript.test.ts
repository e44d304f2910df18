import { describe, expect, it } from 'vitest'
import { maskAuth, printable, printableLines, SECRET, Transcript } from './transcript.js'

const line = (text: string, from: 'client' | 'server' = 'client', connection = 1) =>
  ({ kind: 'line', connection, from, text }) as const

describe('a transcript', () => {
  it('reads as the RFCs write dialogues', () => {
    const transcript = new Transcript(10)
    transcript.record({ kind: 'connected', connection: 1 })
    transcript.record(line('220 localhost ESMTP ready', 'server'))
    transcript.record(line('STARTTLS'))
    transcript.record({ kind: 'secured', connection: 1, version: 'TLSv1.3' })
    transcript.record({ kind: 'closed', connection: 1, by: 'client', error: 'ECONNRESET' })
    expect(String(transcript)).toBe(
      'S: 220 localhost ESMTP ready\nC: STARTTLS\n-- TLSv1.3\n-- closed by client (ECONNRESET)',
    )
  })

  it('tells connections apart', () => {
    const transcript = new Transcript(10)
    for (const connection of [1, 2, 1]) transcript.record(line('NOOP', 'client', connection))
    expect(String(transcript)).toBe('C: NOOP\n-- connection 2\nC: NOOP\n-- connection 1\nC: NOOP')
    expect(transcript.lines(2)).toEqual([{ connection: 2, text: 'C: NOOP' }])
  })

  it('holds what its limit says, drops the oldest beyond it, and says so (T-50)', () => {
    for (const said of [4, 5, 6, 1000]) {
      const transcript = new Transcript(5)
      for (let count = 1; count <= said; count++) transcript.record(line(`NOOP ${count}`))
      const held = transcript.lines()
      expect(held.length).toBe(Math.min(said, 5))
      expect(held.at(-1)?.text).toBe(`C: NOOP ${said}`)
      expect(transcript.dropped).toBe(said - held.length)
      expect(String(transcript).startsWith(`-- ${said - 5} older lines dropped`)).toBe(said > 5)
    }
  })

  it('holds nothing with a limit of 0', () => {
    const transcript = new Transcript(0)
    for (let count = 1; count <= 3; count++) transcript.record(line(`NOOP ${count}`))
    expect(transcript.lines()).toEqual([])
    expect(transcript.dropped).toBe(3)
  })

  it('forgets when told to', () => {
    const transcript = new Transcript(5)
    transcript.record(line('NOOP'))
    transcript.clear()
    expect([...transcript]).toEqual([])
  })
})

describe('a command line in a transcript', () => {
  it('never shows what follows the mechanism of AUTH', () => {
    for (const shown of [
      'AUTH PLAIN',
      'auth login',
      'AUTH EXTERNAL =',
      'AUTH',
      'NOOP AUTH PLAIN abc',
      'MAIL FROM:<a@b>',
    ]) {
      expect(maskAuth(shown)).toBe(shown)
    }
    expect(maskAuth('AUTH PLAIN c2VjcmV0')).toBe(`AUTH PLAIN ${SECRET}`)
    expect(maskAuth('auth plain  c2VjcmV0 more')).toBe(`auth plain ${SECRET}`)
    expect(maskAuth('AUTH PLAIN=c2VjcmV0')).not.toContain('c2VjcmV0')
    expect(maskAuth('AUTH c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0')).not.toContain('c2Vj')
    expect(maskAuth('AUTHc2VjcmV0')).toBe(SECRET)
    expect(maskAuth('AUTH\tPLAIN c2VjcmV0')).toBe(SECRET)
  })

  it('is one line whatever is in it (T-29)', () => {
    const octets = new TextEncoder().encode('NOOP \u0000\u001b[31m\u0085\u2028\u202e x\ny\r\n')
    expect(printable(octets)).toBe('NOOP \\x00\\x1b[31m\\x85\\x2028\\x202e x\\x0ay')
    expect(printable(Uint8Array.of(0xff, 0x41))).toBe('\ufffdA')
  })

  it('is one of several when a reply has several', () => {
    expect(printableLines(new TextEncoder().encode('250-a\r\n250 b\r\n'))).toEqual(['250-a', '250 b'])
    expect(printableLines(new TextEncoder().encode('25'))).toEqual(['25'])
  })
})
