import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CodecError,
  type CommandEvent,
  CommandReader,
  type CommandReaderOptions,
  type Continuation,
  writeReply,
} from './index.js'

const octets = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'))
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

/** A server that takes everything, in short words; data is joined, because only its borders depend on the chunks. */
class Listener {
  readonly said: string[] = []
  readonly reader: CommandReader
  #data = ''

  constructor(options?: CommandReaderOptions) {
    this.reader = new CommandReader(options)
  }

  hear(chunk: string): this {
    try {
      this.handle(this.reader.push(octets(chunk)))
    } catch (error) {
      if (!(error instanceof CodecError)) throw error
      expect(this.said.at(-1)).toContain('(fatal)')
    }
    return this
  }

  handle(events: CommandEvent[]): void {
    for (const event of events) {
      if (event.kind === 'data' || event.kind === 'chunk') {
        this.#data += text(event.octets)
        continue
      }
      if (this.#data !== '') this.said.push(`"${this.#data}"`)
      this.#data = ''
      if (event.kind === 'error') {
        const { reply, why, fatal } = event.error
        if (reply) writeReply(reply)
        this.said.push(`${reply?.code} ${reply?.enhanced} ${why}${fatal ? ' (fatal)' : ''} <${text(event.line)}>`)
      } else if (event.kind === 'response') {
        this.said.push(`response ${event.response === undefined ? '*' : text(event.response)}`)
      } else if (event.kind === 'command') {
        this.said.push(text(event.line).replace(/\r?\n$/, ''))
        const next: Partial<Record<string, Continuation>> = {
          DATA: 'data',
          BDAT: 'chunk',
          AUTH: 'auth',
          STARTTLS: 'command',
        }
        const continuation = next[event.command.verb]
        if (continuation !== undefined) this.handle(this.reader.resume(continuation))
      } else {
        this.said.push(event.kind === 'endOfChunk' && event.last ? 'endOfChunk last' : event.kind)
      }
      if (event.kind === 'response') {
        this.handle(this.reader.resume(event.response === undefined || event.response.length < 9 ? 'command' : 'auth'))
      }
    }
  }
}

/** Whole, one octet at a time, in two parts at every border. */
function everywhere(wire: string, options?: CommandReaderOptions): string[] {
  const expected = new Listener(options).hear(wire).said
  const byOctet = new Listener(options)
  for (const octet of wire) byOctet.hear(octet)
  expect(byOctet.said).toEqual(expected)
  for (let i = 0; i <= wire.length && wire.length < 3000; i++) {
    expect(new Listener(options).hear(wire.slice(0, i)).hear(wire.slice(i)).said).toEqual(expected)
  }
  return expected
}

describe('CommandReader reads', () => {
  it('the dialogue of RFC 5321 D.1, DATA included, all in one go', () => {
    const wire =
      'EHLO bar.com\r\nMAIL FROM:<Smith@bar.com>\r\nRCPT TO:<Jones@foo.com>\r\nRCPT TO:<Green@foo.com>\r\n' +
      'DATA\r\nBlah blah blah...\r\n..etc. etc. etc.\r\n.\r\nQUIT\r\n'
    expect(everywhere(wire)).toEqual([
      'EHLO bar.com',
      'MAIL FROM:<Smith@bar.com>',
      'RCPT TO:<Jones@foo.com>',
      'RCPT TO:<Green@foo.com>',
      'DATA',
      '"Blah blah blah...\r\n.etc. etc. etc.\r\n"',
      'endOfData',
      'QUIT',
    ])
  })

  it('pipelined BDAT with octets that look like commands, and BDAT 0 LAST (RFC 3030, T-33)', () => {
    expect(everywhere('BDAT 8\r\nQUIT\r\n.\rBDAT 3 last\r\n\n\r\nBDAT 0 LAST\r\nRSET\r\n')).toEqual([
      'BDAT 8',
      '"QUIT\r\n.\r"',
      'endOfChunk',
      'BDAT 3 last',
      '"\n\r\n"',
      'endOfChunk last',
      'BDAT 0 LAST',
      'endOfChunk last',
      'RSET',
    ])
  })

  it('an AUTH exchange with a cancel (RFC 4954 4)', () => {
    expect(everywhere('AUTH PLAIN AGEAYg==\r\nAGxvbmdlcnRoYW4=\r\n*\r\nNOOP\r\n')).toEqual([
      'AUTH PLAIN AGEAYg==',
      'response \0longerthan',
      'response *',
      'NOOP',
    ])
  })

  it('bad base64 as the end of the exchange (501 5.5.2)', () => {
    expect(everywhere('AUTH LOGIN\r\nab!=\r\nNOOP\r\n')).toEqual([
      'AUTH LOGIN',
      '501 5.5.2 character outside the alphabet <>',
      'NOOP',
    ])
  })

  it('faulty data as an error in the place of its end (T-31)', () => {
    expect(everywhere('DATA\r\na\nb\r\n.\r\nNOOP\r\n')).toEqual(['DATA', '"a"', '554 5.6.0 bare LF <>', 'NOOP'])
  })
})

describe('CommandReader pauses', () => {
  it('behind DATA, and holds what follows', () => {
    const reader = new CommandReader()
    expect(reader.push(octets('DATA\r\nMAIL FROM:<a@b.c>\r\n'))).toHaveLength(1)
    expect([reader.paused, reader.buffered]).toEqual([true, 19])
    expect(reader.push(octets('.\r\n'))).toEqual([])
    expect(() => reader.resume('chunk')).toThrow("resume('chunk'): only data or command can follow")
    expect(reader.resume('data').map(event => event.kind)).toEqual(['data', 'endOfData'])
    expect(() => reader.resume('data')).toThrow('the reader is not paused')
  })

  it('behind BDAT, and nothing but the chunk can follow: the octets come anyway (T-33)', () => {
    const reader = new CommandReader()
    reader.push(octets('BDAT 6 LAST\r\nQUIT\r\n'))
    for (const next of ['command', 'data', 'auth'] as const)
      expect(() => reader.resume(next)).toThrow('only chunk can follow')
    expect(reader.resume('chunk').map(event => event.kind)).toEqual(['chunk', 'endOfChunk'])
  })

  it('behind STARTTLS: octets that came with it are seen in `buffered` (T-12)', () => {
    const reader = new CommandReader()
    reader.push(octets('STARTTLS\r\nRSE'))
    expect(reader.buffered).toBe(3)
    const clean = new CommandReader()
    clean.push(octets('STARTTLS\r\n'))
    expect(clean.buffered).toBe(0)
  })
})

describe('CommandReader limits', () => {
  const line = (length: number) => `NOOP ${'x'.repeat(length - 7)}\r\n`

  it.each([511, 512])('a command line of %d octets', length => {
    expect(everywhere(line(length))).toHaveLength(1)
  })

  it('not a command line of 513 octets: 500, and the rest of it is skipped', () => {
    expect(everywhere(`${line(513)}RSET\r\n`)).toEqual([`500 5.5.2 line too long <${line(513).slice(0, 512)}>`, 'RSET'])
  })

  it.each([
    ['MAIL FROM:<a@b> ', 2272],
    ['rcpt TO:<a@b> ', 1088],
    ['AUTH X ', 12_288],
    ['BURL ', 12_288],
    ['XCLIENT A=', 12_288],
    ['XFORWARD A=', 12_288],
  ])('%s has a limit of %d octets', (verb, limit) => {
    const said = (length: number) => new Listener().hear(`${verb}${'x'.repeat(length - verb.length - 2)}\r\n`).said[0]
    expect(said(limit - 1)).not.toContain('line too long')
    expect(said(limit)).not.toContain('line too long')
    expect(said(limit + 1)).toContain('line too long')
    const [event] = new CommandReader().push(octets(`${verb}${'x'.repeat(limit)}`))
    expect(event).toMatchObject({ error: { limit } })
  })

  it('the lines of an AUTH exchange: 12288 octets, then 500 5.5.6 (RFC 4954 4)', () => {
    const said = (length: number) => new Listener().hear(`AUTH X\r\n${'A'.repeat(length - 2)}\r\nNOOP\r\n`).said
    expect(said(12_286)[1]).toMatch(/^response/)
    expect(said(12_290)).toEqual(['AUTH X', expect.stringMatching(/^500 5.5.6 line too long/), 'NOOP'])
  })

  it('a line without end, not for ever', () => {
    const limits = { line: 10, discard: 20 }
    expect(everywhere('x'.repeat(30), { limits }).at(-1)).toMatch(/^500 5.5.2 line too long/)
    expect(everywhere('x'.repeat(31), { limits }).at(-1)).toMatch(/line without end \(fatal\)/)
  })

  it('holds no more than allowed while paused', () => {
    const limits = { held: 10 }
    const listen = (wire: string) => new CommandReader({ limits }).push(octets(wire)).map(event => event.kind)
    expect(listen(`DATA\r\n${'x'.repeat(10)}`)).toEqual(['command'])
    expect(listen(`DATA\r\n${'x'.repeat(11)}`)).toEqual(['command', 'error'])
  })

  it('allows a number of chunks in a message', () => {
    const limits = { chunks: 2 }
    expect(everywhere('BDAT 0\r\nBDAT 0 LAST\r\nBDAT 0\r\nBDAT 0\r\n', { limits })).toHaveLength(8)
    expect(everywhere('BDAT 0\r\nBDAT 0\r\nBDAT 0 LAST\r\n', { limits }).at(-1)).toMatch(/421 4.7.0/)
  })
})

describe('CommandReader and memory (T-50)', () => {
  it.each<[string, string, Continuation | undefined]>([
    ['a command without end', 'MAIL FROM:<', undefined],
    ['an AUTH exchange without end', 'AUTH X\r\n', 'auth'],
    ['data without end', 'DATA\r\n', 'data'],
    ['a chunk without end', 'BDAT 9007199254740991\r\n', 'chunk'],
    ['octets nobody has asked for', 'DATA\r\n', undefined],
  ])('%s takes less than 8 MB', (_name, start, next) => {
    const reader = new CommandReader()
    reader.push(octets(start))
    if (next !== undefined) reader.resume(next)
    const chunk = octets('x'.repeat(65_536))
    const before = process.memoryUsage().arrayBuffers
    let fatal = false
    for (let i = 0; i < 1000 && !fatal; i++) {
      fatal = reader.push(chunk).some(event => event.kind === 'error' && event.error.fatal)
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024)
    expect(fatal).toBe(next === undefined || next === 'auth')
  })

  it('holds octets that come one by one while it pauses in linear time', () => {
    const reader = new CommandReader()
    reader.push(octets('DATA\r\n'))
    for (let i = 0; i < 200_000; i++) reader.push(Uint8Array.of(0x61))
    expect(reader.buffered).toBe(200_000)
    expect(reader.resume('command').map(event => event.kind)).toEqual(['error'])
  })
})

describe('CommandReader and line ends', () => {
  it('takes a bare LF as an error at once, and everything up to the CRLF with it', () => {
    expect(everywhere('RCPT TO:<a@b.c>\nRSET\r\nNOOP\r\n')).toEqual([
      '500 5.5.2 line ends in LF without CR <RCPT TO:<a@b.c>\n>',
      'NOOP',
    ])
  })

  it('takes a bare LF as a line end with the quirk bareLineFeed', () => {
    expect(everywhere('RSET\nNOOP\r\n', { quirks: { bareLineFeed: true } })).toEqual(['RSET', 'NOOP'])
  })

  it('gives the same events for every way to cut the octets (R16)', () => {
    const part = fc.constantFrom(
      'DATA\r\n',
      'BDAT 3\r\n',
      'AUTH X\r\n',
      'NOOP\r\n',
      '\r\n',
      '\n',
      '\r',
      '.',
      'x'.repeat(20),
      'YQ==',
      '*\r\n',
      'RSET',
    )
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 14 }),
        fc.array(fc.nat(100), { maxLength: 6 }),
        fc.boolean(),
        (parts, cuts, lenient) => {
          const wire = parts.join('')
          const options = { limits: { line: 16, authLine: 20, discard: 40 }, quirks: { bareLineFeed: lenient } }
          const borders = [0, ...cuts.map(cut => Math.min(cut, wire.length)).sort((a, b) => a - b), wire.length]
          const listener = new Listener(options)
          for (let i = 1; i < borders.length; i++) listener.hear(wire.slice(borders[i - 1], borders[i]))
          expect(listener.said).toEqual(new Listener(options).hear(wire).said)
        },
      ),
      { numRuns: 2000 },
    )
  })
})

describe('CommandReader refuses', () => {
  const first = (wire: string, options?: CommandReaderOptions) => {
    const [event] = new CommandReader(options).push(octets(wire))
    if (event?.kind !== 'error') throw new Error('was not refused')
    const { message, reply, fatal } = event.error
    return [message, reply && `${reply.code} ${reply.enhanced} ${reply.text}`, fatal]
  }

  it('lines that are too long or end in LF, and says so', () => {
    expect(first('x'.repeat(513))).toEqual(['command: line too long, limit 512', '500 5.5.2 Line too long', false])
    expect(first('NOOP\n')).toEqual(['command: line ends in LF without CR', '500 5.5.2 Lines must end in CRLF', false])
  })

  it('to go on behind what is fatal: nothing more is an event, nothing is held, every call throws', () => {
    const limits = { line: 10, discard: 20, held: 16, chunks: 1 }
    const fatal: [wire: string, message: string, reply: string, next?: Continuation][] = [
      ['x'.repeat(31), 'command: line without end, limit 20', '500 5.5.2 Line too long'],
      ['BDAT x\r\nNOOP\r\n', 'chunk: BDAT without a usable size', '501 5.5.4 Syntax error in parameters'],
      [
        `DATA\r\n${'x'.repeat(17)}`,
        'command: too much sent ahead, limit 16',
        '421 4.7.0 Too much sent without waiting for a reply',
      ],
      ['BDAT 0\r\nBDAT 0\r\nNOOP\r\n', 'chunk: too many chunks, limit 1', '421 4.7.0 Too many chunks', 'chunk'],
      [
        `DATA\r\n\n${'x'.repeat(9)}`,
        'data: faulty message without end, limit 8',
        '554 5.6.0 Message has a bare CR or LF',
        'data',
      ],
    ]
    for (const [wire, message, reply, next] of fatal) {
      const reader = new CommandReader({ limits, data: { limits: { discard: 8 } } })
      const events = reader.push(octets(wire))
      if (next !== undefined) events.push(...reader.resume(next))
      const last = events.at(-1)
      if (last?.kind !== 'error') throw new Error('was not refused')
      expect([last.error.message, last.error.fatal]).toEqual([message, true])
      expect(`${last.error.reply?.code} ${last.error.reply?.enhanced} ${last.error.reply?.text}`).toBe(reply)
      expect(events.filter(event => event.kind === 'error' && event.error.fatal)).toHaveLength(1)
      expect(() => reader.push(octets('NOOP\r\n'))).toThrow(last.error)
      expect(() => reader.resume('command')).toThrow(last.error)
    }
  })

  it('an AUTH exchange that is not base64, and `*` with anything behind it', () => {
    expect(everywhere('AUTH X\r\n*=\r\nNOOP\r\n')[1]).toMatch(/^501 5.5.2 length is not a multiple of four/)
    expect(everywhere('AUTH X\r\n****\r\nNOOP\r\n')[1]).toMatch(/^501 5.5.2 character outside the alphabet/)
    expect(everywhere('AUTH X\r\na\r\nNOOP\r\n')[1]).toMatch(/^501 5.5.2 length is not a multiple of four/)
  })

  it('to be told what cannot follow', () => {
    const reader = new CommandReader()
    expect(() => reader.resume('command')).toThrow(expect.objectContaining({ code: 'ESEQUENCE', fault: 'local' }))
    reader.push(octets('STARTTLS\r\n'))
    expect(() => reader.resume('data')).toThrow("resume('data'): only command can follow")
    reader.resume('command')
    reader.push(octets('AUTH X\r\n'))
    expect(() => reader.resume('data')).toThrow("resume('data'): only auth or command can follow")
  })
})

describe('CommandReader and what it holds', () => {
  it('goes on behind a STARTTLS that was refused, and takes nothing for a command before (RFC 3207 4)', () => {
    const reader = new CommandReader()
    expect(reader.push(octets('STARTTLS\r\nNOOP\r\n'))).toHaveLength(1)
    expect([reader.paused, reader.buffered]).toEqual([true, 6])
    expect(reader.resume('command')).toMatchObject([{ command: { verb: 'NOOP' } }])
  })

  it('counts unfinished lines, refused ones too', () => {
    const reader = new CommandReader({ limits: { line: 10 } })
    reader.push(octets('NOO'))
    expect(reader.buffered).toBe(3)
    reader.push(octets('P'.repeat(20)))
    expect(reader.buffered).toBe(13)
    reader.push(octets('\r\nDATA\r\nab'))
    expect(reader.buffered).toBe(2)
    expect(new CommandReader().buffered).toBe(0)
  })

  it('gives data that came ahead in one piece as a view, in many pieces whole', () => {
    const chunk = octets('DATA\r\nhello\r\n.\r\n')
    const reader = new CommandReader()
    reader.push(chunk)
    const [data] = reader.resume('data')
    expect(data?.kind === 'data' && data.octets.buffer).toBe(chunk.buffer)
    const patient = new CommandReader()
    for (const part of ['DATA\r\na', 'b', 'c', 'd\r\n.', '\r\nNOOP\r\n']) patient.push(octets(part))
    const events = patient.resume('data')
    expect(events.map(event => (event.kind === 'data' ? text(event.octets) : event.kind))).toEqual([
      'abcd\r\n',
      'endOfData',
      'command',
    ])
  })

  it.each(['EHLO a', 'HELO a', 'MAIL FROM:<a@b>', 'RSET'])('counts chunks from the start at %s', line => {
    const wire = `BDAT 0\r\n${line}\r\nBDAT 0\r\nNOOP\r\nBDAT 0\r\n`
    expect(everywhere(wire, { limits: { chunks: 1 } })).toEqual([
      'BDAT 0',
      'endOfChunk',
      line,
      'BDAT 0',
      'endOfChunk',
      'NOOP',
      expect.stringContaining('too many chunks (fatal)'),
    ])
    expect(everywhere('BDAT 0\r\nLHLO a\r\nBDAT 0\r\n', { lmtp: true, limits: { chunks: 1 } })).toHaveLength(5)
  })

  it('takes the line without its line end, whichever that is', () => {
    const reader = new CommandReader({ quirks: { bareLineFeed: true } })
    expect(reader.push(octets('NOOP ab\nNOOP cd\r\n'))).toMatchObject([
      { command: { argument: 'ab' }, line: octets('NOOP ab\n') },
      { command: { argument: 'cd' }, line: octets('NOOP cd\r\n') },
    ])
  })

  it('holds a limit of a verb that is below the limit of other lines', () => {
    expect(everywhere('MAIL FROM:<a@b.example>\r\nNOOP\r\n', { limits: { mailLine: 20 } })).toEqual([
      '500 5.5.2 line too long <MAIL FROM:<a@b.examp>',
      'NOOP',
    ])
  })
})
