/**
 * The server of a scenario: says what its script says, keeps every octet it hears, judges nothing.
 *
 * In: a script. Out: a port, and what was heard once all connections are over. It counts as heard what has arrived, so nothing has to be awaited.
 */
import { createServer, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { createCertificate } from '@postrider/testkit'
import type { Answer, Script } from './scenario.js'

export interface Peer {
  readonly port: number
  /** All octets as latin-1, once every connection has ended. */
  heard(): Promise<string>
  close(): void
}

const usual: Script = {
  greeting: '220 mail.example ESMTP',
  ehlo: '250-mail.example\n250-SIZE 5000\n250 HELP',
  lhlo: '250-mail.example\n250-SIZE 5000\n250 HELP',
  helo: '250 mail.example',
  mail: '250 2.1.0 sender ok',
  rcpt: '250 2.1.5 recipient ok',
  data: '354 go on',
  dot: '250 2.0.0 queued',
  rset: '250 2.0.0 reset',
  noop: '250 2.0.0 ok',
  help: '214 see the manual',
  vrfy: '252 2.0.0 perhaps',
  expn: '550 5.7.1 no lists',
  quit: '221 2.0.0 bye!close',
}

export interface PeerOptions {
  /** A Unix socket instead of a port. */
  readonly path?: string
  /** TLS, with the testkit's certificate: behind 220 to STARTTLS, or from the first octet. */
  readonly tls?: 'starttls' | 'implicit'
}

export async function listen(script: Script, { path, tls }: PeerOptions = {}): Promise<Peer> {
  const sockets = new Set<Socket>()
  const heard: string[] = []
  let ended: () => void = () => {}
  const server = createServer(socket => {
    sockets.add(socket)
    const place = heard.push('') - 1
    const conversation = new Conversation({ ...usual, ...script }, octets => {
      heard[place] += octets
    })
    const first = tls === 'implicit' ? secure(socket) : socket
    conversation.over(first, tls === 'starttls' ? () => secure(socket) : undefined)
    // A client that gives up in the handshake has heard no greeting.
    if (first instanceof TLSSocket) first.on('secure', () => conversation.greet())
    else conversation.greet()
    socket.on('error', () => {})
    socket.on('close', () => {
      sockets.delete(socket)
      if (sockets.size === 0) ended()
    })
  })
  await new Promise<void>(resolve => {
    if (path === undefined) server.listen(0, '127.0.0.1', resolve)
    else server.listen(path, resolve)
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async heard() {
      if (sockets.size > 0)
        await new Promise<void>(resolve => {
          ended = resolve
        })
      return heard.join('--- next connection ---\r\n')
    },
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

class Conversation {
  readonly #script: Script
  readonly #note: (octets: string) => void
  #socket: Socket | undefined
  #upgrade: (() => Socket) | undefined
  readonly #used = new Map<string, number>()
  #held = ''
  #expects: 'command' | 'response' | 'dot' = 'command'

  constructor(script: Script, note: (octets: string) => void) {
    this.#script = script
    this.#note = note
  }

  greet(): void {
    this.#answer('greeting')
  }

  /** @param upgrade - what the conversation goes on over behind 220 to STARTTLS */
  over(socket: Socket, upgrade: (() => Socket) | undefined): void {
    this.#socket = socket
    this.#upgrade = upgrade
    socket.on('error', () => {})
    socket.on('data', octets => {
      this.#note(octets.toString('latin1'))
      this.#hear(octets.toString('latin1'))
    })
  }

  #hear(octets: string): void {
    this.#held += octets
    for (;;) {
      const end = this.#expects === 'dot' ? /(^|\r\n)\.\r\n/.exec(this.#held) : /\r\n/.exec(this.#held)
      if (end === null) return
      const line = this.#held.slice(0, end.index)
      this.#held = this.#held.slice(end.index + end[0].length)
      const topic = this.#expects === 'command' ? (line.split(' ', 1)[0] ?? '').toLowerCase() : this.#expects
      this.#expects = 'command'
      this.#answer(topic)
    }
  }

  #answer(topic: string): void {
    const answer = this.#next(topic)
    if (answer.startsWith('!hang')) return
    const [words = '', close] = answer.split('!close')
    const octets = words.startsWith('raw:')
      ? words.slice(4)
      : words === ''
        ? ''
        : `${words.replaceAll('\n', '\r\n')}\r\n`
    if (/^334/.test(octets)) this.#expects = 'response'
    if (/^354/.test(octets)) this.#expects = 'dot'
    if (close === undefined) this.#socket?.write(octets, 'latin1')
    else this.#socket?.end(octets, 'latin1')
    if (topic !== 'starttls' || this.#upgrade === undefined || !octets.startsWith('220')) return
    this.#socket?.removeAllListeners('data')
    this.over(this.#upgrade(), undefined)
  }

  #next(topic: string): Answer {
    const answers = Object.hasOwn(this.#script, topic) ? this.#script[topic] : undefined
    if (answers === undefined) return '500 5.5.1 what?'
    if (typeof answers === 'string') return answers
    const used = this.#used.get(topic) ?? 0
    this.#used.set(topic, used + 1)
    return answers[Math.min(used, answers.length - 1)] ?? ''
  }
}

function secure(socket: Socket): TLSSocket {
  const { cert, key } = createCertificate()
  return new TLSSocket(socket, { isServer: true, cert, key })
}
