/** The message behind DATA: where it ends, what is in it, and back (RFC 5321 4.5.2, 4.1.1.4). */
import {
  DataDecoder,
  type DataDecoderOptions,
  DataEncoder,
  DecodeError,
  EncodeError,
  measureData,
} from '@postrider/codec'
import fc from 'fast-check'
import { everyCut, madeOf, octets, text } from './octets.js'
import { holds, same, target } from './target.js'

const pieces = [
  '.',
  '.',
  '\r',
  '\n',
  '\r\n',
  '\r\n',
  '\r\n.',
  '.\r\n',
  '\r\n.\r\n',
  'a',
  'bc',
  '\0',
  '\x80',
  '\x8d\x8a',
]
const wire = madeOf([...pieces, 'd'.repeat(70)], 14)

/** The end of data, found without any cleverness: the first CRLF.CRLF, where the CRLF of the DATA command counts (4.1.1.4). */
function endOfData(given: string): number {
  return `\r\n${given}`.indexOf('\r\n.\r\n')
}

function unstuff(given: string, newlines: DataDecoderOptions['newlines']): string {
  const lines = given.split('\r\n').map(line => (line.startsWith('.') ? line.slice(1) : line))
  return lines.map(line => (newlines === 'normalise' ? line.replace(/[\r\n]/g, '\r\n') : line)).join('\r\n')
}

const bare = /\r(?!\n)|(?<!\r)\n/

function decode(
  chunks: readonly Uint8Array[],
  options: DataDecoderOptions,
): { decoder: DataDecoder; got: string; left: string } {
  const decoder = new DataDecoder(options)
  let got = ''
  for (let i = 0; i < chunks.length; i++) {
    for (const piece of decoder.push(chunks[i] ?? new Uint8Array(0))) got += text(piece)
    if (decoder.done)
      return {
        decoder,
        got,
        left:
          text(decoder.trailing) +
          chunks
            .slice(i + 1)
            .map(text)
            .join(''),
      }
  }
  return { decoder, got, left: '' }
}

export const dataEnd = target({
  name: 'data-end',
  promise:
    'DataDecoder ends where a plain search for CRLF.CRLF ends, and gives the message as plainly unstuffed, however it is cut',
  cases: fc.record({ wire, newlines: fc.constantFrom('reject', 'normalise', 'keep') }),
  check({ wire, newlines }) {
    const all = `${wire}\r\n.\r\n250`
    const end = endOfData(all)
    const isFaulty = newlines === 'reject' && bare.test(all.slice(0, end))
    const message = unstuff(all.slice(0, end), newlines)
    return everyCut(octets(all), chunks => {
      const { decoder, got, left } = decode(chunks, { newlines })
      if (left !== all.slice(end + 3))
        same(left, all.slice(end + 3), `left behind the end, cut into ${chunks.map(c => c.length)}`)
      if (isFaulty) holds(decoder.fault?.what === 'data' && message.startsWith(got), 'a bare CR or LF was let through')
      else if (decoder.fault !== undefined || got !== message)
        same(got, message, `message, cut into ${chunks.map(c => c.length)}`)
    })
  },
})

const limits = { size: 12, line: 6, discard: 20 }

export const dataLimits = target({
  name: 'data-limits',
  promise:
    'DataDecoder gives no octet beyond its limits, says so exactly when they are passed, and the same however it is cut',
  cases: fc.record({ wire, newlines: fc.constantFrom('normalise', 'keep') }),
  check({ wire, newlines }) {
    const all = `${wire}\r\n.\r\n`
    const message = unstuff(all.slice(0, endOfData(all)), newlines)
    const isOver = message.length > limits.size || message.split('\r\n').some(line => line.length > limits.line)
    let expected: string | undefined
    return everyCut(octets(all), chunks => {
      let outcome: string
      try {
        const { decoder, got, left } = decode(chunks, { newlines, limits })
        // The size limit may cut a CRLF in two.
        const lines = got.replace(/\r$/, '').split('\r\n')
        const isWithin = got.length <= limits.size && lines.every(line => line.length <= limits.line)
        holds(isWithin, `over the limits: ${got}`)
        holds((decoder.fault !== undefined) === isOver, `over the limits, ${isOver}, but the fault is ${decoder.fault}`)
        outcome = `${got}|${left}|${decoder.fault?.why} ${decoder.fault?.at} ${decoder.fault?.limit}`
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error
        holds(isOver && error.fatal, `${error}`)
        outcome = error.message
      }
      expected ??= outcome
      if (outcome !== expected) same(outcome, expected, `cut into ${chunks.map(({ length }) => length)}`)
    })
  },
})

const normal = (given: string) => {
  const lines = given.replace(/\r\n|\r|\n/g, '\r\n')
  return lines === '' || lines.endsWith('\r\n') ? lines : `${lines}\r\n`
}

export const dataAgain = target({
  name: 'data-again',
  promise:
    'DataEncoder writes no bare CR or LF and no early end, however a message is cut, and DataDecoder gives the message back',
  cases: fc.record({ message: wire, newlines: fc.constantFrom('normalise', 'reject'), dotStuffing: fc.boolean() }),
  check({ message, newlines, dotStuffing }) {
    const given = octets(message)
    const clean = normal(message)
    const stuffed = dotStuffing
      ? clean
          .split('\r\n')
          .map(l => (l.startsWith('.') ? `.${l}` : l))
          .join('\r\n')
      : clean
    const isRefused = newlines === 'reject' && bare.test(message)
    const measured = measureData(given)
    if (dotStuffing) {
      const { decoder, got } = decode([octets(`${stuffed}.\r\n`)], {})
      holds(decoder.done && decoder.fault === undefined, 'what is to be written ends early')
      same(got, clean, 'decoded')
    }
    return everyCut(given, chunks => {
      const encoder = new DataEncoder({ newlines, dotStuffing })
      let got = ''
      try {
        for (const chunk of chunks) for (const piece of encoder.push(chunk)) got += text(piece)
        for (const piece of encoder.end()) got += text(piece)
      } catch (error) {
        if (!(error instanceof EncodeError)) throw error
        holds(isRefused, error.message)
        return
      }
      holds(!isRefused, 'a bare CR or LF was not refused')
      if (got !== stuffed) same(got, stuffed, `encoded, cut into ${chunks.map(({ length }) => length)}`)
      const { octets, longestLine, eightBit } = encoder
      const figures = `${octets} ${longestLine} ${eightBit}`
      const expected = `${measured.octets} ${measured.longestLine} ${measured.eightBit}`
      if (figures !== expected || octets !== clean.length)
        same(figures, expected, `measured, of ${clean.length} octets`)
    })
  },
})
