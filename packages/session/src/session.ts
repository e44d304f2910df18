/**
 * One SMTP or LMTP session, sans-IO: verbs for the user, octets and time for the driver.
 *
 * The user awaits one verb after another: `hello`, `startTls`, `authenticate`, `transact`, `quit`. The driver moves octets: it gives what
 * arrives to `receive`, does what `poll` asks, and calls `timeout` at `deadline()`. `drive` is that driver for any
 * `Channel`; `connect` of `@postrider/session/node` has a channel with it.
 *
 * It refuses: a verb that is not legal now (`SequenceError`, nothing written), what may not go on the wire (`EncodeError` of the codec), what the
 * server does not offer (`NotOfferedError`). After a timeout, a breach of the protocol, 421 or a lost connection it refuses
 * everything, with the error that ended it.
 */
import {
  type Extensions,
  type MailParametersInput,
  parseExtensions,
  type Reply,
  validateDomain,
  writeCommand,
  writeLine,
} from '@postrider/codec'
import { type AuthenticateOptions, authenticate, type Mechanism } from './authenticate.js'
import { ChunkDelivery } from './bdat.js'
import type { Body } from './body.js'
import type { TlsFacts } from './channel.js'
import { chunkSize } from './chunk.js'
import { DataDelivery } from './data.js'
import type { DeliveryOptions, DeliveryTerms } from './delivery.js'
import type { DialogueOptions } from './dialogue.js'
import { Driven } from './driven.js'
import { addressOf, type Envelope, isAscii, type Recipient, writeMail, writeRcpt } from './envelope.js'
import { NotOfferedError, RefusedError, SequenceError } from './error.js'
import { exchange, listen } from './exchange.js'
import { classify, codes } from './pipeline.js'
import { chunksOf, type TransactOptions, transact } from './transact.js'
import { Transaction, type TransactionResult } from './transaction.js'

/** How a session is held. */
export interface SessionOptions extends DialogueOptions {
  /** `lmtp` greets with LHLO and takes one verdict per recipient (RFC 2033). Default `smtp`. */
  readonly protocol?: 'smtp' | 'lmtp'
  /** Our name for EHLO: a domain or an address literal, RFC 5321 4.1.4. Default `[127.0.0.1]`. */
  readonly name?: string
  /** Most commands in one write under PIPELINING; default 100. */
  readonly window?: number
  /** Octets of a message in one BDAT, and the most that go in one flight with their envelope; default 65,536. */
  readonly chunkSize?: number
}

/** What the server said of itself. */
export interface ServerFacts {
  /** The reply to EHLO, LHLO or HELO. */
  readonly reply: Reply
  /** Empty after HELO. */
  readonly extensions: Extensions
  /** False when only HELO was understood. */
  readonly esmtp: boolean
}

/** Replies to EHLO after which HELO is worth a try: "not known", or "not implemented" in its several spellings (P2 of the fault table). */
const noEhlo: readonly number[] = [500, 501, 502, 504, 550, 554]

/** One session: verbs for who uses it, octets and time for who drives it. */
export class Session extends Driven {
  readonly #dialogue = this.dialogue()
  readonly #lmtp: boolean
  readonly #name: string
  readonly #window: number
  readonly #chunkSize: number
  #facts: ServerFacts | undefined
  #terms: DeliveryTerms
  /** The transaction that `mail` opened. */
  #ledger = new Transaction()
  #utf8 = false
  #binary = false
  /** Replies to what was said by hand, in their order, that nobody has asked for yet. */
  #unclaimed: Promise<Reply>[] = []

  constructor(options: SessionOptions = {}) {
    super(options)
    this.#lmtp = options.protocol === 'lmtp'
    this.#name = options.name ?? '[127.0.0.1]'
    validateDomain(this.#name)
    this.#window = atLeastOne('window', options.window ?? 100)
    this.#chunkSize = atLeastOne('chunkSize', options.chunkSize ?? chunkSize)
    this.#dialogue.on('forget', () => {
      // RFC 3207 4.2: "The client MUST discard any knowledge obtained from the server … prior to the TLS negotiation".
      this.#learn(undefined)
    })
    this.#terms = this.#termsUnder(undefined)
  }

  // ---- facts

  /** Which of the two it speaks. */
  get protocol(): 'smtp' | 'lmtp' {
    return this.#lmtp ? 'lmtp' : 'smtp'
  }

  /** What the last EHLO, LHLO or HELO told; nothing before it, and nothing after STARTTLS until the next one. */
  get server(): ServerFacts | undefined {
    return this.#facts
  }

  // ---- verbs

  /**
   * EHLO (LHLO for LMTP); where a server does not know it, HELO, RFC 5321 3.2, unless `fallback` is false.
   *
   * @throws RefusedError when the server will not be greeted. The session stays as it was.
   */
  async hello(options: { readonly name?: string; readonly fallback?: boolean } = {}): Promise<ServerFacts> {
    const reply = await this.ehlo(options.name)
    if (this.#facts?.reply === reply) return this.#facts
    const verb = this.#lmtp ? 'LHLO' : 'EHLO'
    // RFC 2033 4.1: an LMTP client has no HELO to fall back to.
    if (this.#lmtp || options.fallback === false || !noEhlo.includes(reply.code)) throw this.#refused(verb, reply)
    const second = await this.helo(options.name)
    if (this.#facts?.reply === second) return this.#facts
    throw this.#refused('HELO', second)
  }

  /** EHLO, or LHLO for LMTP; the reply is returned whatever it is. */
  ehlo(name: string = this.#name): Promise<Reply> {
    return this.#greet('ehlo', this.#lmtp ? 'LHLO' : 'EHLO', name)
  }

  /** HELO; the reply is returned whatever it is. */
  helo(name: string = this.#name): Promise<Reply> {
    return this.#greet('helo', 'HELO', name)
  }

  /**
   * STARTTLS and the handshake (RFC 3207). Afterwards nothing is known of the server: call `hello` again.
   *
   * @throws NotOfferedError, RefusedError (connection usable), TlsError or TlsInjectionError (connection closed)
   */
  async startTls(): Promise<TlsFacts> {
    await this.#dialogue.settled
    if (this.#facts !== undefined && !this.#facts.extensions.starttls)
      throw new NotOfferedError('STARTTLS', 'TLS is asked for', this.state)
    return new Promise((resolve, reject) => {
      this.#dialogue.begin('starttls', 'STARTTLS', { fail: reject })
      this.upgraded = resolve
      this.#dialogue.write(writeCommand({ verb: 'STARTTLS' }))
      this.#dialogue.expect({
        command: 'STARTTLS',
        ...codes.starttls,
        settle: (reply, outcome) => {
          this.#dialogue.apply(outcome)
          if (outcome === 'completed') return
          this.#dialogue.end()
          reject(this.#refused('STARTTLS', reply))
        },
      })
      this.#dialogue.wake()
    })
  }

  /**
   * AUTH with one mechanism (RFC 4954). Returns the 235.
   *
   * @throws AuthenticationRefusedError: `reply` is the server's word, `credentialsSent` whether anything secret left
   */
  async authenticate(mechanism: Mechanism, options: AuthenticateOptions = {}): Promise<Reply> {
    await this.#dialogue.settled
    return authenticate(this.#dialogue, mechanism, options)
  }

  /**
   * One message to one server: MAIL, RCPT for each recipient, DATA, the message. Resolves with what became of each recipient, also when the
   * connection breaks in the middle (`result.error`).
   *
   * @throws before anything is written: EncodeError, NotOfferedError, SequenceError, RangeError
   */
  async transact(envelope: Envelope, body: Body, options: TransactOptions = {}): Promise<TransactionResult> {
    if (this.#dialogue.settled !== undefined) await this.#dialogue.settled
    return transact(this.#terms, envelope, body, options)
  }

  /**
   * MAIL alone, for those who go step by step: `mail`, `rcpt` for each recipient, `data`. The reply is returned whatever it is.
   *
   * @throws before anything is written: EncodeError, NotOfferedError, SequenceError
   */
  async mail(from: string, parameters: MailParametersInput = {}): Promise<Reply> {
    await this.#dialogue.settled
    const utf8 = parameters.smtputf8 === true || !isAscii(from)
    const octets = writeMail(from, parameters, this.#facts?.extensions, utf8, this.state)
    return exchange(this.#dialogue, 'mail', 'MAIL', this.#dialogue.spell(octets), codes.mail, () => {
      this.#ledger = new Transaction()
      this.#ledger.enter('rcpt')
      this.#utf8 = utf8
      this.#binary = parameters.body === 'BINARYMIME'
    })
  }

  /** RCPT alone. The reply is returned whatever it is. */
  async rcpt(recipient: string | Recipient): Promise<Reply> {
    const octets = writeRcpt(recipient, this.#facts?.extensions, this.#utf8, this.state)
    const reply = await exchange(this.#dialogue, 'rcpt', 'RCPT', this.#dialogue.spell(octets), codes.rcpt, () => {})
    const place = this.#ledger.add(addressOf(recipient))
    this.#ledger.rcpt(place, reply, classify(reply.code, codes.rcpt))
    return reply
  }

  /** DATA and the message, for the recipients accepted so far. Resolves with what became of them. */
  async data(body: Body, options: DeliveryOptions = {}): Promise<TransactionResult> {
    // RFC 3030 3: "BINARYMIME cannot be used with the DATA command."
    if (this.#binary) throw new SequenceError('DATA', this.state, 'the message is BINARYMIME and goes by BDAT')
    return new Promise(resolve => {
      const delivery = new DataDelivery(this.#terms, this.#ledger, body, options, resolve)
      this.#dialogue.begin('data', 'DATA', delivery)
      this.#ledger.enter('data')
      this.#dialogue.write(this.#dialogue.spell(writeCommand({ verb: 'DATA' })))
      this.#dialogue.expect({
        command: 'DATA',
        ...codes.data,
        settle: (reply, outcome) => delivery.answerData(reply, outcome),
      })
      this.#dialogue.wake()
    })
  }

  /**
   * The message by BDAT, for the recipients accepted so far: the only way for one whose MAIL said `BODY=BINARYMIME` (RFC 3030 3). Resolves with what
   * became of them.
   *
   * @throws before anything is written: NotOfferedError, SequenceError
   */
  async bdat(body: Body, options: DeliveryOptions = {}): Promise<TransactionResult> {
    const chunks = chunksOf(this.#terms, body, options, this.#binary)
    return new Promise(resolve => {
      const delivery = new ChunkDelivery(this.#terms, this.#ledger, chunks, options, resolve)
      this.#dialogue.begin('bdat', 'BDAT', delivery)
      delivery.go()
      this.#dialogue.wake()
    })
  }

  /**
   * Octets as they are, no questions asked: for people who speak SMTP by hand. The session only counts how many replies may come. `reply` has them, one
   * after another; those that never come are forgotten when the next verb begins.
   *
   * @param replies - how many replies the octets ask for; default one for each line
   */
  send(octets: Uint8Array, replies: number = linesOf(octets)): void {
    let more = replies
    if (this.#unclaimed.length === 0) {
      this.#unclaimed.push(listen(this.#dialogue))
      more--
    }
    this.#dialogue.allow(Math.max(more, 0), reply => this.#unclaimed.push(Promise.resolve(reply)))
    this.#dialogue.write(octets)
    this.#dialogue.wake()
  }

  /** The reply to what `send` sent; without it, the next one. */
  reply(): Promise<Reply> {
    return this.#unclaimed.shift() ?? listen(this.#dialogue)
  }

  /** RSET: forget the transaction that is open, if one is. */
  rset(): Promise<Reply> {
    return exchange(this.#dialogue, 'rset', 'RSET', this.#dialogue.spell(writeCommand({ verb: 'RSET' })), codes.rset)
  }

  /** NOOP. */
  noop(): Promise<Reply> {
    return this.command('NOOP')
  }

  /** Any command that changes nothing in the session (NOOP, HELP, VRFY, EXPN, extensions), as one line without CRLF; its reply whatever it is. */
  async command(line: string): Promise<Reply> {
    return exchange(this.#dialogue, 'command', line.split(' ', 1)[0] ?? '', writeLine(line), codes.command)
  }

  /** QUIT. Resolves with the reply, or `undefined` when the server closed without one; never rejects for that. The connection is closed. */
  async quit(): Promise<Reply | undefined> {
    await this.#dialogue.settled
    return new Promise(resolve => {
      this.#dialogue.begin('quit', 'QUIT', { fail: () => resolve(undefined) })
      this.#dialogue.write(this.#dialogue.spell(writeCommand({ verb: 'QUIT' })))
      this.#dialogue.expect({
        command: 'QUIT',
        ...codes.quit,
        settle: (reply, outcome) => {
          this.#dialogue.end()
          this.#dialogue.finish(outcome)
          resolve(reply)
        },
      })
      this.#dialogue.wake()
    })
  }

  /** End it now, whatever is under way; what was sent and not answered becomes `unknown`. */
  abort(reason?: unknown): void {
    this.#dialogue.abort(reason)
  }

  // ---- details

  async #greet(event: 'ehlo' | 'helo', verb: 'EHLO' | 'LHLO' | 'HELO', name: string): Promise<Reply> {
    return exchange(
      this.#dialogue,
      event,
      verb,
      this.#dialogue.spell(writeCommand({ verb, name })),
      codes.hello,
      reply => {
        this.#learn({ reply, extensions: parseExtensions(reply), esmtp: verb !== 'HELO' })
      },
    )
  }

  #learn(facts: ServerFacts | undefined): void {
    this.#facts = facts
    this.#terms = this.#termsUnder(facts?.extensions)
  }

  /** What a transaction is made under: asked of the server's reply once, not per message. */
  #termsUnder(extensions: Extensions | undefined): DeliveryTerms {
    return {
      dialogue: this.#dialogue,
      lmtp: this.#lmtp,
      extensions,
      eightBit: extensions?.eightBitMime === true,
      pipelining: extensions?.pipelining === true,
      window: this.#window,
      chunkSize: this.#chunkSize,
    }
  }

  #refused(command: string, reply: Reply): RefusedError {
    return new RefusedError(command, reply, this.state, this.usable)
  }
}

const lineFeed = 0x0a

/** How many lines there are, one that is not ended included. */
function linesOf(octets: Uint8Array): number {
  let lines = 0
  let start = 0
  while (start < octets.length) {
    lines++
    const end = octets.indexOf(lineFeed, start)
    start = end < 0 ? octets.length : end + 1
  }
  return lines
}

function atLeastOne(option: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new RangeError(`${option} is ${value}, and must be a whole number of at least 1`)
}
