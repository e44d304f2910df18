/** What clients say: however it is cut, within limits, and back (RFC 5321 4.1.1, RFC 3030, RFC 4954). */
import { inspect, isDeepStrictEqual } from 'node:util'
import {
  type Command,
  type CommandEvent,
  CommandReader,
  type CommandReaderOptions,
  type Continuation,
  DataEncoder,
  DecodeError,
  parseCommand,
  writeChunk,
  writeCommand,
} from '@postrider/codec'
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

const line = madeOf(
  [
    'MAIL FROM:<a@b>',
    'MAIL FROM:<>',
    'mail from: <"a b"@c>',
    'RCPT TO:<@x,@y:a@b>',
    'RCPT TO:<Postmaster>',
    'RCPT TO:<é@例.test>',
    'MAIL FROM:',
    '<a@[IPv6:::1]>',
    ' SIZE=',
    ' SIZE=12',
    ' BODY=8bitmime',
    ' SMTPUTF8',
    ' RET=full',
    ' ENVID=a+2Bb',
    ' AUTH=',
    '<>',
    'a+40b',
    ' BY=',
    '-0;N',
    '+5;rt',
    ' HOLDFOR=1',
    ' HOLDUNTIL=2030-01-01T00:00:00Z',
    ' MT-PRIORITY=-9',
    ' REQUIRETLS',
    ' SOLICIT=a,b.c:D',
    ' NOTIFY=success,DELAY',
    ' NOTIFY=NEVER',
    ' ORCPT=rfc822;',
    ' ORCPT=UTF-8;',
    'a\\x{E9}b',
    'a+2Bb',
    ' RRVS=2030-01-01T00:00:00Z',
    ';c',
    ' X-Y=',
    ' z',
    '=',
    'EHLO ',
    'HELO my.host',
    '[1.2.3.4]',
    'VRFY ',
    'EXPN é',
    'NOOP',
    'HELP x',
    'AUTH PLAIN',
    ' YQ==',
    ' =',
    'BDAT ',
    '18',
    '9007199254740991',
    ' last',
    'BURL imap://x',
    'ETRN @a.b',
    'ETRN #',
    'XCLIENT NAME=a+20b',
    'XFORWARD a=b',
    'ADDR=[UNAVAILABLE]',
    'STARTTLS',
    'FOO',
    ' ',
    '\t',
    '+',
    '\\',
    '0',
    'é',
    '\u2028',
    '\u{1f600}',
  ],
  6,
)

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export const commandAgain = target({
  name: 'command-again',
  promise: 'every line that can be read as a command is written as one line that is read as the same command',
  cases: fc.record({ line, missingBrackets: fc.boolean() }),
  check(given) {
    let command: Command
    try {
      const quirks = { irregularName: false, missingBrackets: given.missingBrackets }
      command = parseCommand(encoder.encode(given.line), { smtputf8: true, quirks })
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      holds(error.reply !== undefined, 'a fault without the reply to give')
      return 1
    }
    // RFC 1870 4 allows sizes that no number holds exactly. They can be compared with a limit, but not be written.
    if (command.verb === 'MAIL' && command.parameters.size === Number.POSITIVE_INFINITY) return 1
    const written = writeCommand(command, { utf8: true })
    const shown = decoder.decode(written)
    holds(/^[^\0-\x1f\x7f]+\r\n$/.test(shown), `not one line: ${JSON.stringify(shown)}`)
    const again = parseCommand(written.subarray(0, -2), { smtputf8: true })
    if (!isDeepStrictEqual(again, command)) same(inspect(again), inspect(command), 'read again')
    same(decoder.decode(writeCommand(again, { utf8: true })), shown, 'written again')
    return 4
  },
})

const message = madeOf(['.', '\r\n', '\r\n.\r\n', 'QUIT\r\n', 'BDAT 1\r\n', '\r', '\n', '\0', '\x80', 'abc'], 10)

export const chunks = target({
  name: 'chunks',
  promise: 'a message sent in chunks of any sizes is read back octet for octet, and what stands behind it is a command',
  cases: fc.record({ message, sizes: fc.array(fc.nat(9), { minLength: 1, maxLength: 4 }), normalise: fc.boolean() }),
  check({ message, sizes, normalise }) {
    let whole = message
    if (normalise) {
      const encoder = new DataEncoder({ dotStuffing: false })
      whole = text(Uint8Array.from([...encoder.push(octets(message)), ...encoder.end()].flatMap(piece => [...piece])))
    }
    let wire = ''
    for (let i = 0, start = 0, isLast = false; !isLast; i++) {
      const size = i < 40 ? (sizes[i % sizes.length] ?? 0) : whole.length
      isLast = start + size >= whole.length
      for (const part of writeChunk(octets(whole.slice(start, start + size)), isLast)) wire += text(part)
      start += size
    }
    return everyCut(octets(`${wire}NOOP\r\n`), cut => {
      const reader = new CommandReader()
      let got = ''
      let last = ''
      for (const chunk of cut) {
        for (let events = reader.push(chunk); ; events = reader.resume('chunk')) {
          for (const event of events) {
            if (event.kind === 'chunk') got += text(event.octets)
            else
              last =
                event.kind === 'command'
                  ? event.command.verb
                  : `${event.kind} ${event.kind === 'endOfChunk' && event.last}`
          }
          if (!reader.paused) break
        }
      }
      if (got !== whole || last !== 'NOOP')
        same(`${got} ${last}`, `${whole} NOOP`, `cut into ${cut.map(c => c.length)}`)
    })
  },
})
