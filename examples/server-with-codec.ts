/**
 * A small SMTP server made of nothing but @postrider/codec and node:net.
 *
 * It listens on port 2525 of 127.0.0.1 and shows every message it accepts. It knows EHLO, pipelining, DATA, BDAT, SIZE and
 * SMTPUTF8, keeps the order of commands and refuses what is malformed with the right replies. No TLS, no AUTH, no queue.
 *
 *     node --import tsx examples/server-with-codec.ts
 */
import { createServer, type Server, type Socket } from 'node:net'
import { type Command, type CommandEvent, CommandReader, writeExtensions, writeReply } from '@postrider/codec'

type Deliver = (message: { from: string; to: string[]; octets: Uint8Array }) => void

const DOMAIN = 'mx.example.org'
const SIZE = 10_000_000
const TOO_BIG = [552, '5.3.4', 'Message too big'] as const
const EXTENSIONS = { pipelining: true, eightBitMime: true, chunking: true, smtputf8: true, enhancedStatusCodes: true }

export function serve(deliver: Deliver): Server {
  return createServer({ noDelay: true }, socket => {
    const conversation = new Conversation(socket, deliver)
    socket.on('data', chunk => conversation.hear(chunk))
    socket.on('error', () => socket.destroy())
  })
}

class Conversation {
  readonly #reader = new CommandReader({ smtputf8: true, data: { limits: { size: SIZE } } })
  readonly #socket: Socket
  readonly #deliver: Deliver
  #from: string | undefined
  #to: string[] = []
  #pieces: Uint8Array[] = []
  #size = 0
  #next: 'data' | 'chunk' | 'command' = 'command'

  constructor(socket: Socket, deliver: Deliver) {
    this.#socket = socket
    this.#deliver = deliver
    this.#say(220, undefined, `${DOMAIN} ESMTP`)
  }

  /** The command that makes the reader pause is the last event of its batch; we say what follows and get the next. */
  hear(chunk: Uint8Array): void {
    if (this.#socket.writableEnded) return
    for (let events = this.#reader.push(chunk); ; events = this.#reader.resume(this.#next)) {
      for (const event of events) if (!this.#socket.writableEnded) this.#handle(event)
      if (!this.#reader.paused || this.#socket.writableEnded) return
    }
  }

  #handle(event: CommandEvent): void {
    if (event.kind === 'command') return this.#obey(event.command)
    if (event.kind === 'endOfData') return this.#accept()
    if (event.kind === 'data' || event.kind === 'chunk') {
      this.#size += event.octets.length
      if (this.#size <= SIZE) this.#pieces.push(event.octets)
    } else if (event.kind === 'endOfChunk') {
      if (this.#to.length === 0) this.#say(503, '5.5.1', 'RCPT first')
      else if (this.#size > SIZE) this.#say(...TOO_BIG)
      else if (event.last) return this.#accept()
      else return this.#say(250, '2.0.0', 'Chunk ok')
      this.#reset()
    } else if (event.kind === 'error') {
      if (event.error.what === 'data') this.#reset()
      this.#socket.write(writeReply(event.error.reply ?? { code: 500, text: 'Syntax error' }))
      if (event.error.fatal) this.#socket.end()
    }
  }

  #obey(command: Command): void {
    const { verb } = command
    const isReady = this.#to.length > 0 && this.#size === 0
    this.#next = verb === 'BDAT' ? 'chunk' : verb === 'DATA' && isReady ? 'data' : 'command'
    if (verb === 'EHLO' || verb === 'HELO' || verb === 'RSET') this.#reset()
    if (verb === 'EHLO') this.#socket.write(writeExtensions({ domain: DOMAIN, size: SIZE, ...EXTENSIONS }))
    else if (verb === 'HELO') this.#say(250, undefined, DOMAIN)
    else if (verb === 'RSET' || verb === 'NOOP') this.#say(250, '2.0.0', 'Ok')
    else if (verb === 'MAIL') {
      if (this.#from !== undefined) return this.#say(503, '5.5.1', 'One sender is enough')
      if ((command.parameters.size ?? 0) > SIZE) return this.#say(...TOO_BIG)
      if (command.parameters.extra) return this.#say(555, '5.5.4', 'Unknown parameter')
      this.#from = command.path.address
      this.#say(250, '2.1.0', 'Sender ok')
    } else if (verb === 'RCPT') {
      if (this.#from === undefined) return this.#say(503, '5.5.1', 'MAIL first')
      if (this.#to.length === 100) return this.#say(452, '4.5.3', 'Too many recipients')
      this.#to.push(command.path.address)
      this.#say(250, '2.1.5', 'Recipient ok')
    } else if (verb === 'DATA') {
      if (!isReady) this.#say(503, '5.5.1', 'RCPT first, and no BDAT')
      else this.#say(354, undefined, 'End with a dot on a line of its own')
    } else if (verb === 'QUIT') {
      this.#say(221, '2.0.0', 'Bye')
      this.#socket.end()
    } else if (verb !== 'BDAT') this.#say(502, '5.5.1', 'Command not implemented')
  }

  #accept(): void {
    this.#deliver({ from: this.#from ?? '', to: this.#to, octets: Buffer.concat(this.#pieces) })
    this.#reset()
    this.#say(250, '2.6.0', 'Message accepted')
  }

  #reset(): void {
    this.#from = undefined
    this.#to = []
    this.#pieces = []
    this.#size = 0
  }

  #say(code: number, enhanced: string | undefined, text: string): void {
    this.#socket.write(writeReply({ code, enhanced, text }))
  }
}

if (import.meta.url === new URL(process.argv[1] ?? '', 'file:').href) {
  serve(({ from, to, octets }) => console.log(`${from} -> ${to.join(', ')}\n${octets}`)).listen(2525, '127.0.0.1')
}
