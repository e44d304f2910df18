/**
 * A server that says exactly what a test tells it to, on a real socket: for what a well-behaved server never does.
 *
 * In: a function that plays the server's side of one connection. Out: the port, and what was received. Closed by `Symbol.asyncDispose`.
 */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { type Certificate, createCertificate } from '@postrider/testkit'

/** The server's side of one connection. */
export class Peer {
  #socket: Socket
  #received = ''
  #arrived: () => void = () => {}

  constructor(socket: Socket) {
    this.#socket = socket
    this.#listen()
  }

  get socket(): Socket {
    return this.#socket
  }

  /** All that came and was not yet waited for. */
  get received(): string {
    return this.#received
  }

  say(...lines: string[]): void {
    this.#socket.write(lines.map(line => `${line}\r\n`).join(''))
  }

  /** Waits until what came ends with `text`, and takes it. */
  async hear(text: string): Promise<string> {
    while (!this.#received.endsWith(text)) await new Promise<void>(resolve => (this.#arrived = resolve))
    const taken = this.#received
    this.#received = ''
    return taken
  }

  /** Greeting and EHLO, as a server with these extensions. */
  async greet(...extensions: string[]): Promise<void> {
    this.say('220 peer.example.org ESMTP')
    await this.hear('\r\n')
    this.say(
      ...['peer.example.org', ...extensions].map(
        (line, index) => `250${index === extensions.length ? ' ' : '-'}${line}`,
      ),
    )
  }

  /** The server's half of a handshake. Returns the SNI that the client sent. */
  async secure(certificate: Certificate = createCertificate()): Promise<string | false> {
    const { key, cert } = certificate
    this.#socket.removeAllListeners('data')
    const secure = new TLSSocket(this.#socket, { isServer: true, key, cert })
    secure.on('error', () => {})
    this.#socket = secure
    await Promise.race([once(secure, 'secure'), once(secure, 'close')])
    this.#listen()
    // Not in the type declarations of Node.
    return (secure as { servername?: string | false | null }).servername || false
  }

  /** Resets the connection: the client sees ECONNRESET, not an end. */
  reset(): void {
    this.#socket.resetAndDestroy()
  }

  #listen(): void {
    this.#socket.on('data', (octets: Buffer) => {
      this.#received += octets.toString('latin1')
      this.#arrived()
    })
    this.#socket.on('error', () => {})
  }
}

export interface Host extends AsyncDisposable {
  readonly port: number
  /** Settles when the play of the last connection is over; rejects when it failed. */
  readonly played: () => Promise<void>
}

export async function host(play: (peer: Peer) => Promise<void> | void, path?: string): Promise<Host> {
  const sockets = new Set<Socket>()
  let played: Promise<void> = Promise.resolve()
  const server: Server = createServer({ noDelay: true }, socket => {
    sockets.add(socket)
    played = Promise.resolve(play(new Peer(socket)))
    // A play that fails is told to whoever waits for it, and to nobody else.
    played.catch(() => {})
  })
  server.listen(path ?? { port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  return {
    port: path === undefined ? (server.address() as AddressInfo).port : 0,
    played: () => played,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
