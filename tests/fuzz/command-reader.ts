/** What clients say: however it is cut, line by line, within limits (RFC 5321 4.1.1, RFC 3030, RFC 4954). */
import { type CommandEvent, CommandReader, type CommandReaderOptions, type Continuation } from '@postrider/codec'
import fc from 'fast-check'
import { everyCut, madeOf, octets, text } from './octets.js'
import { holds, same, target } from './target.js'

const dialogue = madeOf(
  [
    'EHLO a\r\n',
    'MAIL FROM:<a@b>\r\n',
    'rcpt to:<c@d> NOTIFY=NEVER\r\n',
    'DATA\r\n',
    'DATA\r\n',
    'DATA x\r\n',
    'BDAT 3\r\n',
    'BDAT 0 LAST\r\n',
    'BDAT 5 LAST\r\n',
    'BDAT x\r\n',
    'AUTH PLAIN\r\n',
    'AUTH X =\r\n',
    'YQ==\r\n',
    '*\r\n',
    'STARTTLS\r\n',
    'RSET\r\n',
    'QUIT\r\n',
    'NOOP ',
    'MAIL',
    'XCLIENT A=b',
    '.\r\n',
    '\r\n.\r\n',
    '..a',
    '.',
    'b',
    ' ',
    '\0',
    '\x80',
    '\r',
    '\n',
    '\r\n',
    '\r\n',
    'y'.repeat(19),
    'z'.repeat(600),
  ],
  10,
)

const small = { line: 24, mailLine: 40, rcptLine: 30, authLine: 48, discard: 64, chunks: 3 }
const readers: readonly CommandReaderOptions[] = [
  {},
  { smtputf8: true, data: { newlines: 'keep' } },
  { lmtp: true, data: { newlines: 'normalise' }, quirks: { irregularName: false, spaceBeforePath: false } },
  { quirks: { bareLineFeed: true, missingBrackets: true } },
  { limits: small, data: { limits: { size: 10, line: 4 } } },
  { limits: small, data: { limits: { discard: 12 } }, quirks: { bareLineFeed: true } },
]

/** A server that says yes or no to each pause as the bits of `answers` say, and the whole of what it is told. */
class Listener {
  #heard = ''
  readonly #reader: CommandReader
  readonly #isSmall: boolean
  #answers: number
  #data = ''

  constructor(kind: number, answers: number) {
    const options = readers[kind] ?? {}
    this.#reader = new CommandReader(options)
    this.#isSmall = options.limits === small
    this.#answers = answers
  }

  /** @returns false when the client is not to be heard any longer */
  hear(chunk: Uint8Array): boolean {
    let next: Continuation = 'command'
    for (let events = this.#reader.push(chunk); ; events = this.#reader.resume(next)) {
      for (const event of events) {
        if (event.kind === 'data' || event.kind === 'chunk') {
          this.#data += text(event.octets)
          continue
        }
        const isFatal = event.kind === 'error' && event.error.fatal
        // How much there is of a message that is thrown away depends on where it was cut.
        if (isFatal) this.#data = ''
        this.#flush()
        next = this.#take(event)
        if (isFatal) return false
      }
      if (!this.#reader.paused) return true
    }
  }

  /** All that was heard. */
  end(): string {
    this.#flush()
    return this.#heard
  }

  #flush(): void {
    if (this.#data !== '') this.#heard += `"${this.#data}"\n`
    this.#data = ''
  }

  #take(event: CommandEvent): Continuation {
    if (event.kind === 'error') {
      const { code, why, at, limit, fatal, reply } = event.error
      this.#heard += `${reply?.code} ${reply?.enhanced} ${code} ${why} ${at} ${limit} ${fatal} <${text(event.line)}>\n`
      return 'command'
    }
    if (event.kind === 'response') {
      this.#heard += `response ${event.response && text(event.response)}\n`
      return this.#yes() ? 'auth' : 'command'
    }
    if (event.kind !== 'command') {
      this.#heard += `${event.kind} ${event.kind === 'endOfChunk' && event.last}\n`
      return 'command'
    }
    const { verb } = event.command
    this.#heard += `${verb} <${text(event.line)}>\n`
    if (this.#isSmall) holds(event.line.length <= limitOf(event.line), `a line over its limit: ${text(event.line)}`)
    if (verb === 'BDAT') return 'chunk'
    if (verb === 'DATA') return this.#yes() ? 'data' : 'command'
    return verb === 'AUTH' && this.#yes() ? 'auth' : 'command'
  }

  #yes(): boolean {
    const isYes = (this.#answers & 1) === 0
    this.#answers >>= 1
    return isYes
  }
}

/** The limit of a line depends on its first four letters, whatever it turns out to be. */
function limitOf(line: Uint8Array): number {
  const verb = text(line.subarray(0, 4)).toUpperCase()
  if (verb === 'MAIL') return small.mailLine
  if (verb === 'RCPT') return small.rcptLine
  return ['AUTH', 'BURL', 'XCLI', 'XFOR'].includes(verb) ? small.authLine : small.line
}

export const commandCuts = target({
  name: 'command-cuts',
  promise:
    'CommandReader gives the same events for every way to cut the octets, but for the borders of data, and keeps its limits',
  cases: fc.record({ wire: dialogue, reader: fc.nat(readers.length - 1), answers: fc.nat(63) }),
  check({ wire, reader, answers }) {
    let expected: string | undefined
    return everyCut(octets(wire), chunks => {
      const listener = new Listener(reader, answers)
      chunks.every(chunk => listener.hear(chunk))
      const heard = listener.end()
      expected ??= heard
      if (heard !== expected) same(heard, expected, `cut into ${chunks.map(({ length }) => length)}`)
    })
  },
})

const plainLines = madeOf(['NOOP', 'RSET', 'noop ', 'x', ' ', '\r', '\n', '\r\n', '\r\n', '\r\n', 'y'.repeat(13)], 12)

export const commandLines = target({
  name: 'command-lines',
  promise:
    'every line up to its CRLF is one event: a command, or an error; nothing of a refused line is ever a line of its own; too much behind a refusal is the end',
  cases: plainLines,
  check(wire) {
    const expected = eventsOf(wire).join()
    return everyCut(octets(wire), chunks => {
      const reader = new CommandReader({ limits: small })
      const shown: string[] = []
      for (const chunk of chunks) {
        for (const event of reader.push(chunk)) shown.push(shownAs(event))
        if (shown.at(-1) === 'fatal') break
      }
      if (shown.join() !== expected) same(shown.join(), expected, `cut into ${chunks.map(c => c.length)}`)
    })
  },
})

function shownAs(event: CommandEvent): string {
  if (event.kind === 'command') return text(event.line)
  return event.kind === 'error' && event.error.fatal ? 'fatal' : event.kind
}

/** What there is to say of each line, found without any cleverness. */
function eventsOf(wire: string): string[] {
  const events: string[] = []
  const lines = wire.split('\r\n')
  for (const [i, line] of lines.entries()) {
    const isEnded = i < lines.length - 1
    const length = line.length + (isEnded ? 2 : 0)
    const lineFeed = line.indexOf('\n')
    // A line is refused as soon as it has a bare LF or is too long, the last one before its end has come.
    const refusedAt = lineFeed >= 0 && lineFeed < small.line ? lineFeed + 1 : small.line
    const isRefused = refusedAt <= lineFeed + 1 || length > small.line
    if (isRefused) events.push('error')
    else if (isEnded) events.push(isCommand(line) ? `${line}\r\n` : 'error')
    if (isRefused && length - refusedAt > small.discard) return [...events, 'fatal']
  }
  return events
}

/** Any word may be a verb; of the verbs in `plainLines` one takes no argument. */
function isCommand(line: string): boolean {
  return /^[^ \r][^\r]*$/.test(line) && !/^rset +[^ ]/i.test(line)
}
