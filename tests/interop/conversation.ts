// One SMTP conversation by hand over node:net and node:tls, octet for octet, with nothing of ours between test and server.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

export class Conversation {
  #socket: Socket
  #received = ''
  #ended = false
  #wake: () => void = () => {}

  private constructor(socket: Socket) {
    this.#socket = socket
    this.#listen()
  }

  /** Connects; the greeting is the first reply. */
  static async open(port: number): Promise<Conversation> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return new Conversation(socket)
  }

  /** Writes octets as they are (latin1 text or bytes), in one write. */
  send(octets: string | Uint8Array): void {
    this.#socket.write(typeof octets === 'string' ? Buffer.from(octets, 'latin1') : octets)
  }

  /** The next reply, its lines joined with `\n`; 'closed' when the server has closed instead. */
  async reply(): Promise<string> {
    for (;;) {
      const match = /^(?:\d{3}-.*\r\n)*\d{3}(?: .*)?\r\n/.exec(this.#received)
      if (match !== null) {
        this.#received = this.#received.slice(match[0].length)
        return match[0].trimEnd().replaceAll('\r\n', '\n')
      }
      if (this.#ended) return 'closed'
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
  }

  /** Sends one command line and returns its reply. */
  async command(line: string): Promise<string> {
    this.send(`${line}\r\n`)
    return this.reply()
  }

  /** STARTTLS and the handshake, trusting the certificate. */
  async startTls(certificate: string): Promise<void> {
    const reply = await this.command('STARTTLS')
    if (!reply.startsWith('220')) throw new Error(`STARTTLS: ${reply}`)
    this.#socket.removeAllListeners('data')
    const secure = connectTls({ socket: this.#socket, ca: certificate, servername: 'localhost' })
    await once(secure, 'secureConnect')
    this.#socket = secure
    this.#listen()
  }

  close(): void {
    this.#socket.destroy()
  }

  #listen(): void {
    const ended = (): void => {
      this.#ended = true
      this.#wake()
    }
    this.#socket
      .on('data', (octets: Buffer) => {
        this.#received += octets.toString('latin1')
        this.#wake()
      })
      .on('close', ended)
      .on('error', ended)
  }
}
