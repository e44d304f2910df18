/**
 * A client that does exactly what a test writes down, over a real socket: no protocol of its own, no retries, no codec.
 * A reply is what its lines say: all text up to a line `ddd ` or `ddd` alone.
 */
import { connect as connectNet, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** Where to, and whether TLS comes first. */
export interface Target {
  readonly host: string
  readonly port: number
  readonly path?: string | undefined
  readonly certificate?: { readonly cert: string } | undefined
}

export class RawClient {
  #socket: Socket
  #received = ''
  #ended: string | undefined
  #wake: () => void = () => {}
  /** How many pieces the socket has delivered: shows what was written together. */
  pieces = 0

  private constructor(socket: Socket) {
    this.#socket = socket
    this.#listen()
  }

  static async connect(target: Target, options: { readonly tls?: boolean } = {}): Promise<RawClient> {
    const where = target.path === undefined ? { host: target.host, port: target.port } : { path: target.path }
    const socket = options.tls
      ? connectTls({ ...where, servername: 'localhost', ...(target.certificate && { ca: target.certificate.cert }) })
      : connectNet(where)
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.once(options.tls ? 'secureConnect' : 'connect', () => {
        socket.off('error', reject)
        resolve()
      })
    })
    return new RawClient(socket)
  }

  /** Writes octets (a string as latin1) in one piece. */
  write(octets: string | Uint8Array): void {
    this.#socket.write(typeof octets === 'string' ? Buffer.from(octets, 'latin1') : octets)
  }

  /** Writes a line, and waits for one reply. */
  say(line: string): Promise<string> {
    this.write(Buffer.from(`${line}\r\n`, 'utf8'))
    return this.reply()
  }

  /** The next reply, its lines joined by \n; throws with what there is when the connection ends first. */
  async reply(): Promise<string> {
    for (;;) {
      const match = /^(?:\d{3}-.*\r\n)*\d{3}(?: .*)?\r\n/.exec(this.#received)
      if (match !== null) {
        this.#received = this.#received.slice(match[0].length)
        return match[0].trimEnd().split('\r\n').join('\n')
      }
      if (this.#ended !== undefined) throw new Error(`${this.#ended} with ${JSON.stringify(this.#received)} received`)
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
  }

  /** Several replies, one after the other. */
  async replies(count: number): Promise<string[]> {
    const replies: string[] = []
    while (replies.length < count) replies.push(await this.reply())
    return replies
  }

  /** Greeting and EHLO (or LHLO) done; the EHLO reply. */
  async hello(verb = 'EHLO'): Promise<string> {
    await this.reply()
    return this.say(`${verb} client.example`)
  }

  /** Goes over to TLS, after 220. */
  async secure(ca: string): Promise<void> {
    const raw = this.#socket
    raw.removeAllListeners()
    raw.on('error', () => {})
    const socket = connectTls({ socket: raw, servername: 'localhost', ca })
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.once('secureConnect', () => {
        socket.off('error', reject)
        resolve()
      })
    })
    this.#socket = socket
    this.#listen()
  }

  /** How the server ended it: 'end' for FIN, or an error code; and what came before and was not read. */
  async ending(): Promise<{ readonly how: string; readonly rest: string }> {
    while (this.#ended === undefined) {
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
    return { how: this.#ended, rest: this.#received }
  }

  close(): void {
    this.#socket.destroy()
  }

  #listen(): void {
    this.#socket.on('data', chunk => {
      this.pieces += 1
      this.#received += Buffer.from(chunk).toString('utf8')
      this.#wake()
    })
    const over = (how: string): void => {
      this.#ended ??= how
      this.#wake()
    }
    this.#socket.on('end', () => over('end'))
    this.#socket.on('error', error => over('code' in error ? String(error.code) : error.message))
    this.#socket.on('close', () => over('close'))
  }
}
