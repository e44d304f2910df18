// The least a client can do, as the limit to measure others against: a socket, three writes and a count of line feeds.
// It keeps the pace of our client (MAIL, RCPT and DATA in one write; the body; behind it the terminator in a write of its
// own) and validates nothing: no address, no dot, no multi-line reply, no deadline. Not a client anyone should use.
import { connect, type Socket } from 'node:net'
import type { SendSettings } from '../sending.js'
import { serve, settings, takeTurns } from '../worker.js'

const { host, port, connections, from, to, message } = settings<SendSettings>()
const envelope = Buffer.from(`MAIL FROM:<${from}>\r\nRCPT TO:<${to}>\r\nDATA\r\n`)
const body = Buffer.from(message)
const terminator = Buffer.from('.\r\n')

class Line {
  readonly #socket: Socket
  #wanted = 0
  #codes = ''
  #settle: (codes: string) => void = () => {}

  constructor(socket: Socket) {
    this.#socket = socket.setNoDelay(true)
    socket.on('data', (octets: Buffer) => {
      for (let start = 0; start < octets.length; ) {
        this.#codes += String.fromCharCode(octets[start] ?? 0)
        start = octets.indexOf(0x0a, start) + 1 || octets.length
      }
      if (this.#codes.length >= this.#wanted) this.#settle(this.#codes)
    })
  }

  /** Writes and waits for so many reply lines; their first digits. */
  exchange(lines: number, ...writes: Uint8Array[]): Promise<string> {
    return new Promise(resolve => {
      this.#wanted = lines
      this.#codes = ''
      this.#settle = resolve
      for (const octets of writes) this.#socket.write(octets)
    })
  }

  async send(): Promise<boolean> {
    return (await this.exchange(3, envelope)) === '223' && (await this.exchange(1, body, terminator)) === '2'
  }

  close(): void {
    this.#socket.end('QUIT\r\n')
  }
}

async function open(): Promise<Line> {
  const line = new Line(connect(port, host))
  await line.exchange(1)
  await line.exchange(1, Buffer.from('HELO bench.example.test\r\n'))
  return line
}

const lines = await Promise.all(Array.from({ length: connections }, open))

await serve(
  count => takeTurns(count, lines, line => line.send()),
  () => {
    for (const line of lines) line.close()
  },
)
