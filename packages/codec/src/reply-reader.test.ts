import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DecodeError, parseReply, type Reply, ReplyReader, type ReplyReaderOptions } from './index.js'

const octets = (text: string) => Uint8Array.from(text, c => c.charCodeAt(0))
const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

interface Outcome {
  readonly replies: readonly unknown[]
  readonly error: unknown
  readonly buffered: number
}

const shape = (reply: Reply) => ({
  code: reply.code,
  raw: latin1(reply.raw),
  lines: reply.lines.map(latin1),
  truncated: reply.truncated,
  quirks: reply.quirks,
})

/** What a reader makes of octets that come in the given chunks. */
function read(
  chunks: readonly Uint8Array[],
  options?: ReplyReaderOptions,
  overflow: 'error' | 'truncate' = 'error',
): Outcome {
  const reader = new ReplyReader(options)
  reader.overflow = overflow
  const replies: Reply[] = []
  for (const chunk of chunks) {
    try {
      replies.push(...reader.push(chunk))
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      return {
        replies: [...replies, ...error.replies].map(shape),
        error: [error.why, error.at, error.limit],
        buffered: 0,
      }
    }
  }
  return { replies: replies.map(shape), error: undefined, buffered: reader.buffered }
}

/** Whole, byte by byte, at each single border, and with octets of the next reply behind: always the same. */
function everywhere(wire: string, options?: ReplyReaderOptions, overflow: 'error' | 'truncate' = 'error'): Outcome {
  const whole = octets(wire)
  const expected = read([whole], options, overflow)
  expect(
    read(
      [...whole].map(octet => Uint8Array.of(octet)),
      options,
      overflow,
    ),
  ).toEqual(expected)
  for (let i = 0; i <= whole.length && whole.length < 3000; i++) {
    expect(read([whole.subarray(0, i), whole.subarray(i)], options, overflow)).toEqual(expected)
  }
  if (expected.error === undefined && expected.buffered === 0) {
    const trailing = read([octets(`${wire}220 `)], options, overflow)
    expect(trailing).toEqual({ ...expected, buffered: 4 })
  }
  return expected
}

const codes = (outcome: Outcome) => outcome.replies.map(reply => (reply as { code: number }).code)

describe('ReplyReader reads', () => {
  it('a single line', () => {
    const outcome = everywhere('250 2.1.0 Ok\r\n')
    expect(outcome.replies).toEqual([
      { code: 250, raw: '250 2.1.0 Ok\r\n', lines: ['2.1.0 Ok'], truncated: false, quirks: [] },
    ])
  })

  it('several replies and lines, "250-234 Text beginning with numbers" among them (RFC 5321 4.2.1)', () => {
    const outcome = everywhere(
      '220 a\r\n250-First line\r\n250-Second line\r\n250-234 Text\r\n250 The last line\r\n354 go\r\n',
    )
    expect(codes(outcome)).toEqual([220, 250, 354])
    expect(outcome.replies[1]).toMatchObject({ lines: ['First line', 'Second line', '234 Text', 'The last line'] })
  })

  it('a code alone, with and without the space (T-36)', () => {
    expect(everywhere('250\r\n').replies).toMatchObject([{ lines: [''], quirks: ['missingText'] }])
    expect(everywhere('250 \r\n').replies).toMatchObject([{ lines: [''], quirks: [] }])
    expect(everywhere('250-\r\n250-\r\n250\r\n').replies).toMatchObject([{ lines: ['', '', ''] }])
  })

  it('codes RFC 5321 does not list, by their first digit: 353, 431, 517, 534, 540', () => {
    expect(codes(everywhere('353 a\r\n431 b\r\n517 c\r\n534 d\r\n540 e\r\n'))).toEqual([353, 431, 517, 534, 540])
  })

  it('NUL, ESC, 8-bit and lone CR as octets of the text (T-37)', () => {
    const outcome = everywhere('250 a\0\x1b\xff\r b\r\r\n')
    expect(outcome.replies).toMatchObject([{ lines: ['a\0\x1b\xff\r b\r'], quirks: [] }])
  })
})

describe('ReplyReader refuses', () => {
  it.each([
    ['unequal codes in one reply (R8)', '250-a\r\n550 b\r\n', 'code 550 follows 250 in the same reply'],
    ['a first digit of 1', '150 a\r\n', 'code is not between 200 and 599'],
    ['a first digit of 6', '650 a\r\n', 'code is not between 200 and 599'],
    ['a first digit of 0', '050 a\r\n', 'code is not between 200 and 599'],
    ['a letter in the code (P30)', '25O a\r\n', 'line does not start with a code'],
    ['a code of two digits (P30)', '25\r\n', 'line does not start with a code'],
    ['a leading space (P30)', ' 250 a\r\n', 'line does not start with a code'],
    ['a sign (P30)', '+25 a\r\n', 'line does not start with a code'],
    ['an underscore in the code (P30)', '2_5 a\r\n', 'line does not start with a code'],
    ['four digits (P30)', '2500 a\r\n', 'no separator follows the code'],
    ['text behind the code', '250OK\r\n', 'no separator follows the code'],
    ['another separator (P30)', '250:x\r\n', 'neither space nor hyphen follows the code'],
    ['an empty line (P31)', '\r\n250 a\r\n', 'empty line'],
    ['garbage', 'HTTP/1.1 400 Bad Request\r\n', 'line does not start with a code'],
  ])('%s (T-35)', (_name, wire, why) => {
    expect(everywhere(wire).error).toEqual([why, expect.any(Number), undefined])
  })

  it('everything after a fault, and keeps the replies before it', () => {
    const reader = new ReplyReader()
    let first: unknown
    try {
      reader.push(octets('250 a\r\n251 b\r\nnonsense\r\n'))
    } catch (error) {
      first = error
    }
    expect(first).toBeInstanceOf(DecodeError)
    expect((first as DecodeError).replies.map(reply => reply.code)).toEqual([250, 251])
    expect(first).toMatchObject({ fault: 'remote', code: 'EPROTOCOL', what: 'reply', fatal: true })
    expect(() => reader.push(octets('250 a\r\n'))).toThrow(first as Error)
  })
})

describe('ReplyReader quirks', () => {
  it.each([
    ['bareLineFeed', '250-a\n250 b\n', ['a', 'b']],
    ['missingText', '250\r\n', ['']],
    ['unknownSecondDigit', '290 a\r\n', ['a']],
    ['blankLine', '\r\n250-a\r\n\r\n250 b\r\n', ['a', 'b']],
    ['otherSeparator', '250\ta\r\n', ['a']],
    ['unequalCodes', '250-a\r\n550 b\r\n', ['a', 'b']],
  ] as const)('%s can be tolerated and refused', (quirk, wire, lines) => {
    const tolerated = everywhere(wire, { quirks: { [quirk]: true } })
    expect(tolerated.replies).toMatchObject([{ lines, quirks: [quirk] }])
    expect(everywhere(wire, { quirks: { [quirk]: false } }).error).toBeDefined()
  })

  it('tolerates two empty lines, not three', () => {
    const options = { quirks: { blankLine: true } }
    expect(codes(everywhere('\r\n\r\n250 a\r\n\r\n\r\n250 b\r\n', options))).toEqual([250, 250])
    expect(everywhere('\r\n\r\n\r\n250 a\r\n', options).error).toEqual(['too many empty lines', 4, 2])
  })
})

describe('ReplyReader limits (T-34)', () => {
  const line = (length: number) => `250 ${'x'.repeat(length - 6)}\r\n`
  const options = { limits: { line: 20, lines: 3, bytes: 40 } }

  it.each([19, 20])('a line of %d octets under a limit of 20', length => {
    expect(codes(everywhere(line(length), options))).toEqual([250])
  })

  it('not a line of 21 octets', () => {
    expect(everywhere(line(21), options).error).toEqual(['line too long', undefined, 20])
    expect(everywhere('x'.repeat(21), options).error).toEqual(['line too long', undefined, 20])
  })

  it.each([2, 3])('%d lines under a limit of 3', count => {
    expect(codes(everywhere(`${'250-\r\n'.repeat(count - 1)}250 \r\n`, options))).toEqual([250])
  })

  it('not 4 lines', () => {
    expect(everywhere(`${'250-\r\n'.repeat(3)}250 \r\n`, options).error).toEqual(['too many lines', undefined, 3])
  })

  it.each([39, 40])('a reply of %d octets under a limit of 40', length => {
    expect(codes(everywhere(`250-${'x'.repeat(14)}\r\n${line(length - 20)}`, options))).toEqual([250])
  })

  it('not a reply of 41 octets', () => {
    const wire = `250-${'x'.repeat(10)}\r\n250-${'x'.repeat(10)}\r\n${line(9)}`
    expect(wire.length).toBe(41)
    expect(everywhere(wire, options).error).toEqual(['too long', undefined, 40])
  })

  it('names the limit that was passed first, however the octets came', () => {
    const limits = { line: 20, bytes: 25 }
    expect(everywhere(`250-${'x'.repeat(10)}\r\n${line(30)}`, { limits }).error).toEqual(['too long', undefined, 25])
    expect(everywhere(`250-\r\n${line(30)}`, { limits: { line: 15, bytes: 25 } }).error).toEqual([
      'line too long',
      undefined,
      15,
    ])
  })

  it('has defaults of 8192, 1000 and 131072', () => {
    expect(read([octets(line(8192))]).error).toBeUndefined()
    expect(read([octets(line(8193))]).error).toEqual(['line too long', undefined, 8192])
    expect(read([octets(`${'250-\r\n'.repeat(999)}250 \r\n`)]).error).toBeUndefined()
    expect(read([octets(`${'250-\r\n'.repeat(1000)}250 \r\n`)]).error).toEqual(['too many lines', undefined, 1000])
    const long = `250-${'x'.repeat(8186)}\r\n`
    expect(read([octets(long.repeat(15) + line(8192))]).error).toBeUndefined()
    expect(read([octets(long.repeat(15) + line(8191) + line(9))]).error).toBeUndefined()
    expect(read([octets(long.repeat(16) + line(9))]).error).toEqual(['too long', undefined, 131072])
  })
})

describe('ReplyReader in truncate mode (R7)', () => {
  const options = { limits: { line: 20, lines: 3, bytes: 40 } }

  it('reads on to the last line of a reply with a long line', () => {
    const outcome = everywhere(`250-${'x'.repeat(50)}\r\n250 ok\r\n250 next\r\n`, options, 'truncate')
    expect(outcome.replies).toEqual([
      {
        code: 250,
        raw: `250-${'x'.repeat(14)}\r\n250 ok\r\n`,
        lines: ['x'.repeat(14), 'ok'],
        truncated: true,
        quirks: [],
      },
      { code: 250, raw: '250 next\r\n', lines: ['next'], truncated: false, quirks: [] },
    ])
  })

  it('keeps no more than the limits', () => {
    const outcome = everywhere(`${`250-${'x'.repeat(30)}\r\n`.repeat(9)}250 ok\r\n`, options, 'truncate')
    expect(outcome.error).toBeUndefined()
    const [reply] = outcome.replies as { raw: string; code: number; truncated: boolean }[]
    expect(reply).toMatchObject({ code: 250, truncated: true })
    expect(reply?.raw.length).toBeLessThanOrEqual(40)
  })

  it('drops lines beyond the number allowed', () => {
    const outcome = everywhere(`${'250-\r\n'.repeat(9)}250\r\n`, options, 'truncate')
    expect(outcome.replies).toMatchObject([{ code: 250, lines: ['', '', ''], truncated: true }])
  })

  it('still refuses unequal codes (R8)', () => {
    expect(
      everywhere(`250-${'x'.repeat(50)}\r\n${'250-\r\n'.repeat(9)}550 no\r\n`, options, 'truncate').error,
    ).toBeDefined()
  })

  it('ends at 1 MiB', () => {
    const header = '250 '
    const chunk = octets('x'.repeat(65536))
    const chunks = [octets(header), ...Array.from({ length: 15 }, () => chunk)]
    const left = 1_048_576 - 4 - 15 * 65536
    const at = (length: number) => read([...chunks, octets(`${'x'.repeat(length - 2)}\r\n`)], undefined, 'truncate')
    expect(at(left - 1).replies).toMatchObject([{ code: 250, truncated: true }])
    expect(at(left).replies).toMatchObject([{ code: 250, truncated: true }])
    expect(at(left + 1).error).toEqual(['too long', undefined, 1_048_576])
  })
})

describe('ReplyReader in general', () => {
  it('gives the same result for every way to cut the octets (R16, T-38)', () => {
    const line = fc.tuple(
      fc.constantFrom('250', '250', '250', '550', '99', ''),
      fc.constantFrom(' ', '-', '-', '', '\t'),
      fc.string({ maxLength: 12 }),
      fc.constantFrom('\r\n', '\r\n', '\n', '\r'),
    )
    const wire = fc.array(line, { maxLength: 12 }).map(lines => octets(lines.map(parts => parts.join('')).join('')))
    const mode = fc.constantFrom('error' as const, 'truncate' as const)
    fc.assert(
      fc.property(
        wire,
        fc.array(fc.nat(200), { maxLength: 8 }),
        mode,
        fc.boolean(),
        (all, cuts, overflow, tolerant) => {
          const options = {
            limits: { line: 20, lines: 4, bytes: 48 },
            quirks: { unequalCodes: tolerant, blankLine: tolerant, otherSeparator: tolerant },
          }
          const borders = [0, ...cuts.map(cut => Math.min(cut, all.length)).sort((a, b) => a - b), all.length]
          const chunks = borders.slice(1).map((end, i) => all.subarray(borders[i], end))
          expect(read(chunks, options, overflow)).toEqual(read([all], options, overflow))
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('holds no more memory than a reply may have, however much comes', () => {
    const reader = new ReplyReader()
    reader.overflow = 'truncate'
    const chunk = octets('x'.repeat(65536))
    reader.push(octets('250-'))
    const before = process.memoryUsage().arrayBuffers
    expect(() => {
      for (let i = 0; i < 1000; i++) reader.push(chunk)
    }).toThrow(DecodeError)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024)
  })

  it('does not copy a reply that lies in one chunk, and owns one that does not', () => {
    const chunk = octets('250 a\r\n250 b\r\n')
    const reader = new ReplyReader()
    expect(reader.push(chunk).map(reply => reply.raw.buffer === chunk.buffer)).toEqual([true, true])
    reader.push(chunk.subarray(0, 3))
    const [reply] = reader.push(chunk.subarray(3, 7))
    chunk.fill(0)
    expect(latin1(reply?.raw ?? new Uint8Array())).toBe('250 a\r\n')
  })

  it('says how many octets of an unfinished reply it holds', () => {
    const reader = new ReplyReader()
    expect(reader.buffered).toBe(0)
    reader.push(octets('250 a\r\n2'))
    expect(reader.buffered).toBe(1)
    reader.push(octets('50-b\r\n'))
    expect(reader.buffered).toBe(7)
    reader.push(octets('250 c\r\n'))
    expect(reader.buffered).toBe(0)
  })
})

describe('parseReply', () => {
  it('reads exactly one reply', () => {
    expect(parseReply(octets('250-a\r\n250 b\r\n')).text).toBe('a\nb')
    expect(() => parseReply(octets('250-a\r\n'))).toThrow('not complete')
    expect(() => parseReply(octets('250 a\r\n250 b\r\n'))).toThrow('followed by more octets')
    expect(() => parseReply(octets('250 a\r\n2'))).toThrow('followed by more octets')
  })
})

describe('ReplyReader, octet by octet', () => {
  it('is read with the quirks that are not named as they were', () => {
    const options = { quirks: { blankLine: true } }
    expect(everywhere('\r\n250\n', options).replies).toMatchObject([
      { quirks: ['blankLine', 'bareLineFeed', 'missingText'] },
    ])
    expect(everywhere('250-a\r\n550 b\r\n', options).error).toBeDefined()
  })

  it('takes no octet of the next line for the rest of a code', () => {
    expect(everywhere('2\n50 a\r\n').error).toEqual(['line does not start with a code', 0, undefined])
    expect(everywhere('25\n0 a\r\n').error).toEqual(['line does not start with a code', 0, undefined])
    expect(everywhere('220 x\r\n2').buffered).toBe(1)
  })

  it('names the limit of a line that ends just where the reply may end', () => {
    const limits = { line: 20, bytes: 27 }
    expect(everywhere(`250-a\r\n250 ${'x'.repeat(30)}\r\n`, { limits }).error).toEqual(['line too long', undefined, 20])
    expect(everywhere(`250-ab\r\n250 ${'x'.repeat(30)}\r\n`, { limits }).error).toEqual(['too long', undefined, 27])
  })

  it('holds the limits of a reply that does not start where its chunk does', () => {
    const limits = { line: 20, lines: 3, bytes: 40 }
    const wire = `220 ${'x'.repeat(14)}\r\n250-${'x'.repeat(14)}\r\n250 ${'x'.repeat(14)}\r\n`
    expect(codes(everywhere(wire, { limits }))).toEqual([220, 250])
  })

  it('in truncate mode says how much it has read of the reply, dropped or not, and goes on to 1 MiB of it', () => {
    const reader = new ReplyReader({ limits: { line: 20, bytes: 40 } })
    reader.overflow = 'truncate'
    reader.push(octets(`220 hello\r\n250-${'x'.repeat(50)}`))
    expect(reader.buffered).toBe(54)
    reader.push(octets('yy'))
    expect(reader.buffered).toBe(56)
    reader.push(octets('\r\n250-a\r\n250'))
    expect(reader.buffered).toBe(68)
    expect(reader.push(octets(' b\r\n'))).toMatchObject([{ code: 250, truncated: true }])
    expect(reader.buffered).toBe(0)
  })

  it('in truncate mode keeps no empty line beyond the limit', () => {
    const options = { limits: { line: 20, bytes: 40 }, quirks: { blankLine: true } }
    const wire = `250-${'x'.repeat(13)}\r\n250-${'x'.repeat(14)}\r\n\r\n250 a\r\n`
    expect(everywhere(wire, options, 'truncate').replies).toMatchObject([{ code: 250, raw: wire.slice(0, 39) }])
  })

  it('in truncate mode refuses a reply of short lines without end at 1 MiB, too', () => {
    const reader = new ReplyReader()
    reader.overflow = 'truncate'
    const lines = octets('250-abcdefghij\r\n'.repeat(4096))
    let pushed = 0
    expect(() => {
      for (; pushed < 1000; pushed++) reader.push(lines)
    }).toThrow('too long, limit 1048576')
    expect(pushed).toBe(16)
  })
})
