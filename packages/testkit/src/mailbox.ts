/**
 * Where received messages wait for the test: exact octets, envelope, and the facts of the session they came by.
 *
 * In: a message the server has accepted (a positive reply for at least one recipient). Out: the same octets the client's
 * mail program handed over: dots unstuffed, nothing added, nothing re-encoded. It parses no MIME.
 */

import type { MailParameters, RcptParameters } from '@postrider/codec'
import { type Header, type HeaderField, readHeader } from './header.js'

/** Who a message is from and for, as MAIL and RCPT said. */
export interface ReceivedEnvelope {
  /** Reverse path without angle brackets; '' is the null reverse path of a bounce (RFC 5321 4.5.5). */
  readonly from: string
  /** Parameters of MAIL, decoded: `size`, `body`, `ret`, `envid`; unknown ones in `extra`. */
  readonly parameters: MailParameters
  /** The accepted recipients' addresses, in the order of their RCPT commands; a repeated one is repeated. */
  readonly to: readonly string[]
  /** The same recipients with the parameters of each RCPT. */
  readonly recipients: readonly { readonly address: string; readonly parameters: RcptParameters }[]
}

/** What the server knew about the session when the message was accepted. */
export interface SessionFacts {
  /** Connection number, counted from 1 per server. */
  readonly connection: number
  /** The client's name for itself in EHLO, LHLO or HELO. */
  readonly hello: string
  /** The verb it greeted with. */
  readonly greeting: 'EHLO' | 'HELO' | 'LHLO'
  /** Whether TLS protected the message. */
  readonly secure: boolean
  /** TLS version as node:tls names it, `TLSv1.3`. */
  readonly tlsVersion?: string
  /** Name the client proved by AUTH. */
  readonly user?: string
  /** Mechanism of that AUTH. */
  readonly mechanism?: string
}

/** A message as received. */
export class ReceivedMessage {
  readonly envelope: ReceivedEnvelope
  readonly session: SessionFacts
  /** The command that carried the content. */
  readonly via: 'DATA' | 'BDAT'
  /** Exactly what came between 354 and the terminator, dots unstuffed; or the octets of all BDAT chunks. */
  readonly octets: Uint8Array
  #header: Header | undefined

  constructor(envelope: ReceivedEnvelope, session: SessionFacts, via: 'DATA' | 'BDAT', octets: Uint8Array) {
    this.envelope = envelope
    this.session = session
    this.via = via
    this.octets = octets
  }

  /** The octets read as UTF-8, for `expect(message.text).toMatch(/^Subject: hi/m)`. */
  get text(): string {
    return new TextDecoder().decode(this.octets)
  }

  /** The header fields in their order, unfolded and not decoded; `@postrider/testkit/mail` decodes. */
  get headers(): readonly HeaderField[] {
    return this.#read().fields
  }

  /** The value of the first field of that name, in any case; undefined where there is none. */
  header(name: string): string | undefined {
    const wanted = name.toLowerCase()
    return this.headers.find(field => field.name.toLowerCase() === wanted)?.value
  }

  /** What stands behind the empty line that ends the header. */
  get body(): Uint8Array {
    return this.octets.subarray(this.#read().end)
  }

  #read(): Header {
    this.#header ??= readHeader(this.octets)
    return this.#header
  }
}

interface Waiter {
  readonly count: number
  settle(error?: Error): void
}

/** The messages a server has accepted, oldest first. */
export class Mailbox {
  #messages: ReceivedMessage[] = []
  #octets = 0
  #waiters: Waiter[] = []
  #closed = false

  /** How many messages are here. */
  get length(): number {
    return this.#messages.length
  }

  /** Octets of all messages here together. */
  get octets(): number {
    return this.#octets
  }

  /** Message at `index`; negative counts from the end, as in Array.at. */
  at(index: number): ReceivedMessage | undefined {
    return this.#messages.at(index)
  }

  [Symbol.iterator](): Iterator<ReceivedMessage> {
    return [...this.#messages][Symbol.iterator]()
  }

  /**
   * Resolves with the first `count` messages as soon as there are that many.
   *
   * @param options.timeout milliseconds to wait, default 5000
   * @throws Error when they do not come in time, or the server is closed first; it says how many came.
   */
  waitFor(count = 1, options: { readonly timeout?: number } = {}): Promise<readonly ReceivedMessage[]> {
    const { timeout = 5000 } = options
    return new Promise((resolve, reject) => {
      if (this.#messages.length >= count) return resolve(this.#messages.slice(0, count))
      const short = (why: string): Error =>
        new Error(`${why}: waited for ${count} message${count === 1 ? '' : 's'}, ${this.#messages.length} came`)
      if (this.#closed) return reject(short('server closed'))
      const timer = setTimeout(() => waiter.settle(short(`${timeout} ms passed`)), timeout)
      const waiter: Waiter = {
        count,
        settle: error => {
          clearTimeout(timer)
          this.#waiters = this.#waiters.filter(other => other !== waiter)
          if (this.#messages.length >= count) resolve(this.#messages.slice(0, count))
          else reject(error ?? short('server closed'))
        },
      }
      this.#waiters.push(waiter)
    })
  }

  /** Throws all messages away. Who waits goes on waiting, counted from none. */
  clear(): void {
    this.#messages = []
    this.#octets = 0
  }

  /** Takes a message in. The server calls it; a test may too. */
  add(message: ReceivedMessage): void {
    this.#messages.push(message)
    this.#octets += message.octets.length
    for (const waiter of this.#waiters) if (this.#messages.length >= waiter.count) waiter.settle()
  }

  /** No message will come any more: whoever still waits is told so. */
  close(): void {
    this.#closed = true
    for (const waiter of this.#waiters) waiter.settle()
  }
}
