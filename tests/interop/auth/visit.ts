// A visit to a real server: the way a program goes, from the connection to the point where it may log in. It notes what
// was said, so that a test can count replies, and leaves at the end of its block.
import type { TLSSocket } from 'node:tls'
import type { ChannelBinding } from '@postrider/auth-sasl'
import { type Session, type SessionEvent, transcribe } from '@postrider/session'
import { type NodeChannel, open } from '@postrider/session/node'
import type { Certificate } from '@postrider/testkit'

/** What the tests must know of a server to log in to it. */
export interface AuthServer {
  readonly protocol: 'smtp' | 'lmtp'
  /** `starttls`: clear text, then STARTTLS; `tls`: TLS from the first octet. */
  readonly ports: { readonly starttls: number; readonly tls?: number }
  /** PEM of its certificate, which signs itself. */
  readonly ca: string
}

export interface VisitOptions {
  /** How the line is protected; default STARTTLS. */
  readonly line?: 'clear' | 'starttls' | 'tls'
  /** Certificate to show. */
  readonly client?: Certificate
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3'
  /** TLS session to resume. */
  readonly resume?: Buffer
}

export class Visit {
  readonly session: Session
  readonly #channel: NodeChannel
  readonly #events: SessionEvent[]

  private constructor(session: Session, channel: NodeChannel, events: SessionEvent[]) {
    this.session = session
    this.#channel = channel
    this.#events = events
  }

  /** Connects, says hello, and again behind STARTTLS. */
  static async to(server: AuthServer, options: VisitOptions = {}): Promise<Visit> {
    const { line = 'starttls', client, maxVersion, resume } = options
    const events: SessionEvent[] = []
    const { session, channel } = open({
      host: 'localhost',
      port: (line === 'tls' ? server.ports.tls : server.ports.starttls) ?? 0,
      implicitTls: line === 'tls',
      protocol: server.protocol,
      name: 'client.example.test',
      tls: { ca: server.ca, ...client, ...(maxVersion && { maxVersion }), ...(resume && { session: resume }) },
      observe: event => events.push(event),
    })
    const visit = new Visit(session, channel, events)
    try {
      await session.opened()
      await session.hello()
      if (line === 'starttls') {
        await session.startTls()
        await session.hello()
      }
    } catch (error) {
      session.abort()
      throw error
    }
    events.length = 0
    return visit
  }

  /** Mechanisms behind AUTH in the last EHLO. */
  get offered(): readonly string[] {
    return this.session.server?.extensions.auth ?? []
  }

  /** Everything that happened since hello. */
  get events(): readonly SessionEvent[] {
    return this.#events
  }

  /** Reply codes since hello. */
  get codes(): number[] {
    return this.#events.flatMap(event => (event.type === 'reply' ? [event.reply.code] : []))
  }

  /** The dialogue since hello, for people. */
  get transcript(): string {
    return this.#events.flatMap(transcribe).join('\n')
  }

  /** What a later visit can resume. */
  get tlsSession(): Buffer {
    const session = this.tlsSocket.getSession()
    if (session === undefined) throw new Error('there is no TLS session to resume')
    return session
  }

  get tlsSocket(): TLSSocket {
    const { socket } = this.#channel
    if (socket === undefined || !('getFinished' in socket)) throw new Error('this connection has no TLS')
    return socket
  }

  /**
   * What identifies this TLS connection, of the type asked for. In `tls-unique` it is "the first TLS Finished message sent"
   * (RFC 5929 section 3.1): ours in a full handshake, the server's when a session is resumed.
   */
  binding(type: 'tls-unique' | 'tls-exporter'): ChannelBinding {
    const socket = this.tlsSocket
    if (type === 'tls-exporter')
      return { type, data: socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0)) }
    const data = socket.isSessionReused() ? socket.getPeerFinished() : socket.getFinished()
    if (data === undefined) throw new Error('the handshake is not over')
    return { type, data }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.session.usable) await this.session.quit()
    else this.session.abort()
  }
}
