import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DataDecoder, type DataDecoderOptions, DataEncoder, END_OF_DATA, EncodeError, measureData } from './index.js'

const octets = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'))
const text = (pieces: readonly Uint8Array[]) => Buffer.concat(pieces).toString('latin1')

function encode(chunks: readonly string[], newlines: 'normalise' | 'reject' = 'normalise') {
  const encoder = new DataEncoder({ newlines })
  const pieces = chunks.flatMap(chunk => encoder.push(octets(chunk)))
  pieces.push(...encoder.end())
  const { octets: size, longestLine, eightBit } = encoder
  return { wire: text(pieces), octets: size, longestLine, eightBit }
}

function decode(chunks: readonly string[], options?: DataDecoderOptions) {
  const decoder = new DataDecoder(options)
  const pieces: Uint8Array[] = []
  let trailing = ''
  for (const chunk of chunks) {
    if (decoder.done) trailing += chunk
    else {
      const returned = decoder.push(octets(chunk))
      expect(returned.every(({ length }) => length > 0)).toBe(true)
      pieces.push(...returned)
      trailing += text([decoder.trailing])
    }
  }
  const { done, fault, octets: size, longestLine, bareNewlines } = decoder
  const message = text(pieces)
  expect(size).toBe(message.length)
  return { message, trailing, done, fault: fault && [fault.why, fault.at, fault.limit], longestLine, bareNewlines }
}

/** Every way to cut a text in three, one octet at a time, and whole. */
function* partitions(whole: string): Generator<string[]> {
  yield [whole]
  yield [...whole]
  for (let i = 0; i <= whole.length; i++) {
    for (let j = i; j <= whole.length; j++) yield [whole.slice(0, i), whole.slice(i, j), whole.slice(j)]
  }
}

/** The oracle: lines by RFC 5321 2.3.8 after making every line end a CRLF, then 4.5.2 line by line. */
function reference(message: string): string {
  const normal = message.replace(/\r\n|\r|\n/g, '\r\n')
  const complete = normal === '' || normal.endsWith('\r\n') ? normal : `${normal}\r\n`
  return complete.replace(/(^|\r\n)\./g, '$1..')
}

/** The oracle for the end of data: nothing but CRLF.CRLF, or .CRLF at the very start. */
function endOfData(wire: string): number {
  if (wire.startsWith('.\r\n')) return 3
  const found = wire.indexOf('\r\n.\r\n')
  return found < 0 ? -1 : found + 5
}

/** Short strings over the octets that matter. */
const tricky = (maxLength: number) =>
  fc
    .array(fc.constantFrom('\r', '\n', '.', '\r\n', 'a', '\xe9', '\0', '\r\n.', '\r\n.\r\n'), { maxLength })
    .map(a => a.join(''))

const cut = (whole: string, cuts: readonly number[]) => {
  const borders = [0, ...cuts.map(at => Math.min(at, whole.length)).sort((a, b) => a - b), whole.length]
  return borders.slice(1).map((end, i) => whole.slice(borders[i], end))
}
const cuts = fc.array(fc.nat(40), { maxLength: 6 })

describe('DataEncoder', () => {
  it.each([
    ['', ''],
    ['a\r\n', 'a\r\n'],
    ['a', 'a\r\n'],
    ['.', '..\r\n'],
    ['.\r\n', '..\r\n'],
    ['..\r\n.\r\n', '...\r\n..\r\n'],
    ['a\r\n.b\r\n\r\n.\r\n', 'a\r\n..b\r\n\r\n..\r\n'],
    ['a\n.\nb\r.\rc', 'a\r\n..\r\nb\r\n..\r\nc\r\n'],
    ['\r\r\n\n', '\r\n\r\n\r\n'],
    ['a.b\r\n', 'a.b\r\n'],
    ['\r', '\r\n'],
    ['\n.', '\r\n..\r\n'],
  ])('makes %j into %j, however it is cut (T-32, RFC 5321 4.5.2)', (message, wire) => {
    for (const chunks of partitions(message)) expect(encode(chunks).wire).toBe(wire)
  })

  it('never writes a bare CR, a bare LF or an early end of data, whatever comes in (T-30)', () => {
    fc.assert(
      fc.property(tricky(80), cuts, (message, at) => {
        const { wire } = encode(cut(message, at))
        expect(wire).toBe(reference(message))
        expect(wire.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
        expect(wire === '' || wire.endsWith('\r\n')).toBe(true)
        expect(endOfData(wire)).toBe(-1)
        expect(endOfData(`${wire}.\r\n`)).toBe(wire.length + 3)
      }),
      { numRuns: 3000 },
    )
  })

  it('counts what measureData counts (RFC 1870 6)', () => {
    fc.assert(
      fc.property(tricky(30), cuts, (message, at) => {
        const { wire: _, ...figures } = encode(cut(message, at))
        const { bareNewlines, ...measure } = measureData(octets(message))
        const normal = message.replace(/\r\n|\r|\n/g, '\r\n')
        const lines = normal.split('\r\n')
        expect(figures).toEqual(measure)
        expect(measure).toEqual({
          octets: normal.length + (normal === '' || normal.endsWith('\r\n') ? 0 : 2),
          longestLine: Math.max(...lines.map(line => line.length)),
          eightBit: message.includes('\xe9'),
        })
        expect(bareNewlines).toBe(message.replaceAll('\r\n', '').replace(/[^\r\n]/g, '').length)
      }),
      { numRuns: 3000 },
    )
  })

  it.each([
    ['a\rb', 'bare CR', 1],
    ['a\r\nb\nc', 'bare LF', 4],
    ['abc\r', 'bare CR', 3],
    ['\r\r\n', 'bare CR', 0],
  ])('refuses %j with newlines: reject, and stays refusing', (message, why, at) => {
    for (const chunks of partitions(message)) {
      expect(() => encode(chunks, 'reject')).toThrow(expect.objectContaining({ code: 'EDATA', why, at }))
    }
    const encoder = new DataEncoder({ newlines: 'reject' })
    expect(() => encoder.push(octets('\n'))).toThrow(EncodeError)
    expect(() => encoder.push(octets('a'))).toThrow(EncodeError)
    expect(() => encoder.end()).toThrow(EncodeError)
  })

  it('does not copy what needs no change', () => {
    const chunk = octets('Subject: x\r\n\r\nhello\r\nworld\r\n')
    const encoder = new DataEncoder()
    expect(encoder.push(chunk)).toEqual([chunk])
    expect(encoder.push(chunk)[0]).toBe(chunk)
    const dotted = octets('a\r\n.b\r\n')
    const [before, dot, behind] = encoder.push(dotted)
    expect([before?.buffer, behind?.buffer]).toEqual([dotted.buffer, dotted.buffer])
    expect(dot).toEqual(octets('.'))
    expect(encoder.end()).toEqual([])
  })

  it('returns one piece where thousands would be needed, and the same octets', () => {
    const message = '.a line that ends in LF alone\n'.repeat(5000)
    const pieces = new DataEncoder().push(octets(message))
    expect(pieces).toHaveLength(1)
    expect(text(pieces)).toBe(reference(message))
    const decoder = new DataDecoder()
    const back = decoder.push(octets(`${text(pieces)}.\r\n`))
    expect(back).toHaveLength(1)
    expect(text(back)).toBe(message.replaceAll('\n', '\r\n'))
  })

  it('counts the longest line without its line end (T-44)', () => {
    expect(encode([`${'x'.repeat(998)}\r\ny`]).longestLine).toBe(998)
    expect(encode(['x'.repeat(500), 'x'.repeat(499)]).longestLine).toBe(999)
    expect(encode(['.x\r\n']).longestLine).toBe(2)
  })
})

describe('DataDecoder', () => {
  it('reads the end of data right behind DATA: an empty message (RFC 5321 4.1.1.4)', () => {
    for (const chunks of partitions('.\r\nQUIT\r\n')) {
      expect(decode(chunks)).toMatchObject({ message: '', done: true, trailing: 'QUIT\r\n', fault: undefined })
    }
  })

  it('takes away one dot from lines that start with one (RFC 5321 4.5.2)', () => {
    for (const chunks of partitions('..\r\n.a\r\n...\r\n.\r\n')) {
      expect(decode(chunks)).toMatchObject({ message: '.\r\na\r\n..\r\n', done: true, fault: undefined })
    }
  })

  it('gives back what DataEncoder was given, with line ends made CRLF', () => {
    fc.assert(
      fc.property(tricky(30), cuts, (message, at) => {
        const wire = `${encode([message]).wire}${text([END_OF_DATA])}`
        const normal = message.replace(/\r\n|\r|\n/g, '\r\n')
        const complete = normal === '' || normal.endsWith('\r\n') ? normal : `${normal}\r\n`
        expect(decode(cut(wire, at))).toMatchObject({ message: complete, done: true, fault: undefined, trailing: '' })
      }),
      { numRuns: 3000 },
    )
  })

  it('finds the end of data exactly where the reference scanner does, in every mode and however it is cut', () => {
    const mode = fc.constantFrom('reject' as const, 'normalise' as const, 'keep' as const)
    fc.assert(
      fc.property(tricky(40), cuts, mode, (wire, at, newlines) => {
        const outcome = decode(cut(wire, at), { newlines })
        const end = endOfData(wire)
        expect(outcome.done).toBe(end >= 0)
        if (end >= 0) expect(outcome.trailing).toBe(wire.slice(end))
        expect(outcome).toEqual(decode([wire], { newlines }))
        const body = end < 0 ? wire : wire.slice(0, end)
        expect(outcome.bareNewlines > 0).toBe(/[\r\n]/.test(body.replace(/\r$/, '').replaceAll('\r\n', '')))
        if (newlines === 'reject') expect(outcome.fault !== undefined).toBe(outcome.bareNewlines > 0)
        else expect(outcome.fault).toBeUndefined()
        if (newlines !== 'keep') expect(outcome.message.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
      }),
      { numRuns: 5000 },
    )
  })

  describe('is not misled by smuggling sequences (T-31)', () => {
    const sequences = [
      '\n.\n',
      '\n.\r\n',
      '\r.\r',
      '\r.\r\n',
      '\n.\r',
      '\r\n.\r',
      '\r\n.\n',
      '\r.\n',
      '\r\n.\r\r\n',
      '\r\r\n.\r\r\n',
      '\n\r.\r\n',
      '\n\n.\r\n',
      '\r\n\x00.\r\n',
      '\r\n.\0\r\n',
      '\r\n.\r\0\n',
      '\r\n.\xc0\x8a',
      '\r\n.\xc0\x8d\xc0\x8a',
    ]
    it.each(sequences)('%j', sequence => {
      for (const before of ['', 'body', 'body\r\n']) {
        const smuggled = 'MAIL FROM:<x@y>\r\n'
        const wire = `${before}${sequence}${smuggled}.\r\nQUIT\r\n`
        for (const newlines of ['reject', 'normalise', 'keep'] as const) {
          const whole = decode([wire], { newlines })
          expect(whole).toMatchObject({ done: true, trailing: 'QUIT\r\n' })
          if (newlines !== 'reject') expect(whole.message).toContain('MAIL FROM:<x@y>\r\n')
          for (const limits of [{}, { size: before.length + 1 }, { size: before.length + 3 }, { line: 4 }]) {
            const expected = decode([wire], { newlines, limits })
            expect(expected).toMatchObject({ done: true, trailing: 'QUIT\r\n' })
            for (let i = 0; i <= wire.length; i++) {
              expect(decode([wire.slice(0, i), wire.slice(i)], { newlines, limits })).toEqual(expected)
            }
            expect(decode([...wire], { newlines, limits })).toEqual(expected)
          }
        }
      }
    })
  })

  it('re-encodes whatever it has read to something without an early end of data', () => {
    fc.assert(
      fc.property(tricky(30), fc.constantFrom('normalise' as const, 'keep' as const), (wire, newlines) => {
        const { message } = decode([wire], { newlines })
        expect(endOfData(encode([message]).wire)).toBe(-1)
      }),
      { numRuns: 2000 },
    )
  })

  it.each([
    [9, undefined],
    [10, undefined],
    [11, ['message too large', undefined, 10]],
  ])('holds the size limit of 10 with a message of %d octets, and reads on to its end', (length, fault) => {
    const wire = `${'x'.repeat(length - 2)}\r\n.\r\nQUIT\r\n`
    for (const chunks of partitions(wire)) {
      expect(decode(chunks, { limits: { size: 10 } })).toMatchObject({ done: true, trailing: 'QUIT\r\n', fault })
    }
  })

  it.each([
    [4, undefined],
    [5, undefined],
    [6, ['line too long', undefined, 5]],
  ])('holds the line limit of 5 with a line of %d octets', (length, fault) => {
    const wire = `ab\r\n${'x'.repeat(length)}\r\n.\r\n`
    for (const chunks of partitions(wire))
      expect(decode(chunks, { limits: { line: 5 } })).toMatchObject({ done: true, fault })
  })

  it('counts a bare CR or LF that is kept as part of its line', () => {
    for (const newline of ['\r', '\n']) {
      for (const chunks of partitions(`${'x'.repeat(5)}${newline}\r\n.\r\n`)) {
        const decoded = decode(chunks, { newlines: 'keep', limits: { line: 5 } })
        expect(decoded).toMatchObject({ done: true, message: 'x'.repeat(5), fault: ['line too long', undefined, 5] })
      }
    }
  })

  it('answers a faulty message at its end, but not for ever', () => {
    const limits = { discard: 10 }
    expect(decode([`\n${'x'.repeat(4)}\r\n.\r\n`], { limits }).done).toBe(true)
    for (const chunks of [[`\n${'x'.repeat(5)}\r\n.\r\n`], [...`\n${'x'.repeat(5)}\r\n.\r\n`]]) {
      expect(() => decode(chunks, { limits })).toThrow(expect.objectContaining({ fatal: true, limit: 10 }))
    }
  })

  it('suggests the reply', () => {
    const decoder = new DataDecoder({ limits: { size: 1 } })
    decoder.push(octets('abc\r\n.\r\n'))
    expect(decoder.fault?.reply).toEqual({ code: 552, enhanced: '5.3.4', text: 'Message too big' })
    expect(() => decoder.push(octets('x'))).toThrow('the end of data has been read')
  })
})

describe('DataDecoder says', () => {
  it.each([
    ['a\rb', 'data: bare CR (at 1)', '554 5.6.0 Message has a bare CR or LF'],
    ['ab\nc', 'data: bare LF (at 2)', '554 5.6.0 Message has a bare CR or LF'],
    ['a\nb\rc', 'data: bare LF (at 1)', '554 5.6.0 Message has a bare CR or LF'],
    ['abcdef', 'data: line too long, limit 5', '554 5.6.0 Message has a line that is too long'],
    ['abc\r\nabc\r\n', 'data: message too large, limit 8', '552 5.3.4 Message too big'],
    ['abc\r\nabc\rx', 'data: bare CR (at 8)', '554 5.6.0 Message has a bare CR or LF'],
    ['abc\r\nabcdefg\n', 'data: message too large, limit 8', '552 5.3.4 Message too big'],
  ])('of %j what is wrong, where, and what to answer', (wire, message, expected) => {
    for (const chunks of partitions(wire)) {
      const decoder = new DataDecoder({ limits: { line: 5, size: 8 } })
      for (const chunk of chunks) decoder.push(octets(chunk))
      const { message: said, reply } = decoder.fault ?? {}
      expect(said).toBe(message)
      expect(`${reply?.code} ${reply?.enhanced} ${reply?.text}`).toBe(expected)
    }
  })

  it('how long the longest line is, the unfinished one among them', () => {
    const decoder = new DataDecoder()
    decoder.push(octets('abc\r\na'))
    expect(decoder.longestLine).toBe(3)
    decoder.push(octets('bcd'))
    expect(decoder.longestLine).toBe(4)
  })

  it('that it is of no more use behind the end of data', () => {
    const decoder = new DataDecoder()
    decoder.push(octets('.\r\n'))
    expect(() => decoder.push(octets('x'))).toThrow(expect.objectContaining({ code: 'ESEQUENCE', fault: 'local' }))
  })
})

describe('DataDecoder reads on behind a fault', () => {
  it.each([
    ['\n', { discard: 10 }, 0],
    [`${'x'.repeat(20)}\n`, { discard: 10 }, 20],
    ['x'.repeat(6), { discard: 10, line: 5 }, 5],
    ['x'.repeat(6), { discard: 10, size: 5 }, 5],
    ['abc\r\nx', { discard: 10, size: 3 }, 3],
    ['abc\r\nx', { discard: 10, size: 4 }, 4],
  ])('of %j as far as it was told, counted from the fault, however it is cut', (start, limits, faultAt) => {
    const wire = (length: number) => start + 'y'.repeat(length - start.length)
    for (const chunks of partitions(wire(faultAt + 10))) expect(decode(chunks, { limits }).done).toBe(false)
    for (const chunks of partitions(wire(faultAt + 11))) {
      expect(() => decode(chunks, { limits })).toThrow(
        expect.objectContaining({ message: 'data: faulty message without end, limit 10', fatal: true, what: 'data' }),
      )
    }
  })

  it('and of a message without a fault for ever', () => {
    expect(decode([`${'x'.repeat(50)}\r\n.\r\n`], { limits: { discard: 10 } })).toMatchObject({ done: true })
  })
})

describe('DataDecoder and bare CR and LF', () => {
  it.each([
    ['keep', 'a\rb\nc\r\n'],
    ['normalise', 'a\r\nb\r\nc\r\n'],
  ] as const)('%s', (newlines, message) => {
    for (const chunks of partitions('a\rb\nc\r\n.\r\n')) {
      expect(decode(chunks, { newlines })).toMatchObject({ message, done: true, bareNewlines: 2, fault: undefined })
    }
  })

  it('counts one that is kept up to the limit of the line', () => {
    for (const chunks of partitions('abcd\n\r\n.\r\n')) {
      expect(decode(chunks, { newlines: 'keep', limits: { line: 5 } }).fault).toBeUndefined()
    }
  })

  it('copies where there would be very many pieces, in every chunk, and nothing where nothing changes', () => {
    const dotted = '..a\r\n'.repeat(100)
    const decoder = new DataDecoder()
    for (const chunk of [dotted, dotted]) {
      const pieces = decoder.push(octets(chunk))
      expect(pieces).toHaveLength(1)
      expect(text(pieces)).toBe('.a\r\n'.repeat(100))
    }
    const clean = octets('hello')
    expect(decoder.push(clean)[0]).toBe(clean)
  })
})

describe('DataEncoder at its end', () => {
  it('has nothing to add a second time', () => {
    for (const message of ['a', 'a\r', 'a\n']) {
      const encoder = new DataEncoder()
      encoder.push(octets(message))
      encoder.end()
      expect(encoder.end()).toEqual([])
      expect(encoder.octets).toBe(3)
    }
  })
})
