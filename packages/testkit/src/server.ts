/**
 * The server a test starts: it listens, hands every client to a connection of its own, and shows what came of it.
 *
 * In: options. Out: address, certificate, mailbox, transcript and ground truth, and the rules by which it says otherwise.
 * It speaks SMTP or LMTP for real, over real sockets; it relays nothing, resolves nothing and writes no file.
 */
import { createServer as createNetServer, type Server, type Socket } from 'node:net'
import type { Certificate } from './certificate.js'
import { Connection } from './connection.js'
import type { ServerEvent } from './event.js'
import { type Handshake, prepareHandshake } from './handshake.js'
import type { Host } from './host.js'
import { Mailbox } from './mailbox.js'
import { type ServerOptions, type Settings, settle } from './option.js'
import { TOO_MANY_CONNECTIONS } from './phrase.js'
import { type Criteria, type Misbehaviour, type Refusal, type RuleHandle, Rules } from './rule.js'
import type { Transaction, TransactionRecord } from './transaction.js'
import { Transcript } from './transcript.js'

/**
 * Starts an SMTP or LMTP server in this process, on a free port of the loopback interface unless told otherwise.
 *
 * @throws RangeError for options that contradict each other; the socket's error when it cannot listen
 * @example
 * const server = await createServer({ tls: 'starttls', auth: { users: { alice: 's3cret' } } })
 * try {
 *   await mySendFunction({ host: server.host, port: server.port, ca: server.certificate?.cert })
 *   const [message] = await server.mailbox.waitFor(1)
 *   console.log(message?.envelope.to, message?.text)
 * } finally {
 *   await server.close()
 * }
 */
export async function createServer(options: ServerOptions = {}): Promise<TestServer> {
  const server = new TestServer(settle(options), options.onEvent)
  await server.listen(options)
  return server
}

/** A running server. Made by {@link createServer}; ended by `close()` or by the end of an `await using` block. */
export class TestServer {
  /** The messages it has accepted. */
  readonly mailbox: Mailbox = new Mailbox()
  /** What was said, line by line. */
  readonly transcript: Transcript
  /** Its private key and certificate; hand `certificate.cert` to the client as `ca`. Undefined without TLS. */
  readonly certificate: Certificate | undefined
  readonly #settings: Settings
  readonly #rules: Rules = new Rules()
  readonly #host: Host
  readonly #shake: Handshake | undefined
  readonly #server: Server
  readonly #open = new Map<number, Connection>()
  #accepted = 0
  #transactions: Transaction[] = []

  /** @internal */
  constructor(settings: Settings, onEvent: ((event: ServerEvent) => void) | undefined) {
    this.#settings = settings
    this.transcript = new Transcript(settings.limits.transcript)
    this.certificate = settings.certificate
    this.#shake = prepareHandshake(settings)
    this.#host = {
      settings,
      rules: this.#rules,
      mailbox: this.mailbox,
      record: settings.keep ? event => this.#record(event, onEvent) : onEvent,
      begin: transaction => this.#begin(transaction),
    }
    this.#server = createNetServer(socket => this.#accept(socket))
  }

  /** Address it listens on; '' for a unix socket. */
  get host(): string {
    const address = this.#server.address()
    return address === null || typeof address === 'string' ? '' : address.address
  }

  /** Port it listens on; 0 for a unix socket. */
  get port(): number {
    const address = this.#server.address()
    return address === null || typeof address === 'string' ? 0 : address.port
  }

  /** Path of its unix socket, if that is what it listens on. */
  get path(): string | undefined {
    const address = this.#server.address()
    return typeof address === 'string' ? address : undefined
  }

  /** `smtp://127.0.0.1:40123`; `smtps:` for implicit TLS, `lmtp:` for LMTP. Not for a unix socket: see `path`. */
  get url(): string {
    const scheme = this.#settings.lmtp ? 'lmtp' : this.#settings.tls === 'implicit' ? 'smtps' : 'smtp'
    return `${scheme}://${this.host.includes(':') ? `[${this.host}]` : this.host}:${this.port}`
  }

  /** Ground truth: every mail transaction so far, oldest first. */
  get transactions(): readonly TransactionRecord[] {
    return [...this.#transactions]
  }

  /** Connections that are open, and that were made since the start. */
  get connections(): { readonly open: number; readonly total: number } {
    return { open: this.#open.size, total: this.#accepted }
  }

  /**
   * Refuses what matches from now on: with a 4yz or 5yz reply, or by ending the connection.
   *
   * @throws RangeError, EncodeError for what is no refusal or cannot be sent
   * @example
   * server.refuse({ recipient: 'nobody@example.org', reply: '550 5.1.1 no such user' })
   * server.refuse({ phase: 'endOfData', times: 1, reply: '451 4.3.0 try again' })
   * server.refuse({ phase: 'data', hangUp: 'reset' })
   */
  refuse(refusal: Refusal): RuleHandle {
    return this.#rules.refuse(refusal)
  }

  /**
   * Says yes in other words to what matches from now on.
   *
   * @throws RangeError, EncodeError for what is not positive or cannot be sent
   * @example
   * server.answer({ phase: 'endOfData', reply: '250 2.0.0 Ok: queued as 4Fq8' })
   */
  answer(rule: Criteria & { readonly reply: string | readonly string[] }): RuleHandle {
    return this.#rules.answer(rule)
  }

  /**
   * Plays a script where a reply is due: splits it, delays it, cuts it off, says something else, ends the connection.
   *
   * @throws RangeError, EncodeError for a reply or a step that cannot be
   * @example
   * server.misbehave({ phase: 'endOfData', steps: [{ reply: true, to: 2 }, { end: 'reset' }] })
   * server.misbehave({ phase: 'starttls', steps: [{ send: '220 go\r\n250-localhost\r\n250 AUTH PLAIN\r\n' }] })
   */
  misbehave(misbehaviour: Misbehaviour): RuleHandle {
    return this.#rules.misbehave(misbehaviour)
  }

  /** Forgets messages, transcript, ground truth and rules. Open connections go on. */
  clear(): void {
    this.#rules.clear()
    this.mailbox.clear()
    this.transcript.clear()
    this.#transactions = []
  }

  /** Stops listening and ends every connection at once. */
  async close(): Promise<void> {
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()))
    const connections = [...this.#open.values()]
    for (const connection of connections) connection.destroy()
    await Promise.all([closed, ...connections.map(connection => connection.gone)])
    this.mailbox.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** @internal */
  listen({ host = '127.0.0.1', port = 0, path }: ServerOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.once('listening', () => {
        this.#server.off('error', reject)
        resolve()
      })
      if (path === undefined) this.#server.listen(port, host)
      else this.#server.listen(path)
    })
  }

  #accept(socket: Socket): void {
    if (this.#open.size >= this.#settings.limits.connections) {
      socket.on('error', () => {}) // it is going away anyway
      socket.end(TOO_MANY_CONNECTIONS.octets(false))
      return
    }
    this.#accepted += 1
    const id = this.#accepted
    socket.once('close', () => this.#open.delete(id))
    this.#open.set(id, new Connection(id, socket, this.#host, this.#shake))
  }

  #record(event: ServerEvent, onEvent: ((event: ServerEvent) => void) | undefined): void {
    this.transcript.record(event)
    onEvent?.(event)
  }

  #begin(transaction: Transaction): void {
    if (!this.#settings.keep) return
    this.#transactions.push(transaction)
    if (this.#transactions.length > this.#settings.limits.transactions) this.#transactions.shift()
  }
}
