/**
 * The server's side of one conversation: command events in, replies out (RFC 5321, RFC 2033, RFC 3207).
 *
 * It keeps the order of commands and the state between them and nothing else: octets are the connection's, the grammar is
 * the codec's, the exchange of AUTH and the content of messages have files of their own. Every reply due to a command in
 * order passes `say`, where the test's rules have their word; a command out of order, or one the server does not offer, is
 * refused without asking them.
 */
import type { Command, CommandEvent, DecodeError, MailParameters } from '@postrider/codec'
import { Answer } from './answer.js'
import { AuthExchange } from './auth-exchange.js'
import { Content } from './content.js'
import { type Offered, unknownParameters } from './extension.js'
import type { Host, Line, Speaker } from './host.js'
import type { SessionFacts } from './mailbox.js'
import * as phrase from './phrase.js'
import { mustWait } from './pipelining.js'
import { contentRefusal, dataRefusal, policyRefusal } from './refusal.js'
import type { Occasion } from './rule.js'
import { Transaction } from './transaction.js'
import { maskAuth, printable, SECRET } from './transcript.js'

type Of<Verb extends Command['verb']> = Extract<Command, { readonly verb: Verb }>

export class Dialogue implements Speaker {
  readonly host: Host
  readonly line: Line
  #hello: { readonly name: string; readonly verb: 'EHLO' | 'HELO' | 'LHLO' } | undefined
  #transaction: Transaction | undefined
  #content: Content | undefined
  /** The refusal of the chunk that is on its way in: its octets come all the same (RFC 3030 2). */
  #chunkRefusal: Answer | undefined
  #auth: AuthExchange
  #authTried = false
  #errors = 0

  constructor(host: Host, line: Line) {
    this.host = host
    this.line = line
    this.#auth = new AuthExchange(this)
  }

  /** The first word is the server's (RFC 5321 3.1). */
  greet(): void {
    const { hostname, lmtp } = this.host.settings
    this.say({ phase: 'connect' }, new Answer(220, undefined, `${hostname} ${lmtp ? 'LMTP' : 'ESMTP'} ready`))
  }

  /** TLS is about to begin; nothing is due. */
  beforeHandshake(): void {
    this.say({ phase: 'handshake' }, undefined)
  }

  /** TLS is up. RFC 3207 4.2: "the server MUST discard any knowledge obtained from the client". */
  secured(): void {
    this.#hello = undefined
    this.#transaction = undefined
    this.#auth = new AuthExchange(this)
  }

  /** The client has said nothing for too long (RFC 5321 4.5.3.2.7). */
  timedOut(): void {
    this.refuse(phrase.TIMED_OUT)
    this.line.hangUp('close')
  }

  /** Whether the client may say no more before this is answered. */
  mustWait(event: CommandEvent): boolean {
    const { verb = 'HELO' } = this.#hello ?? {}
    return mustWait(event, verb !== 'HELO' && this.host.settings.offered.has('PIPELINING'))
  }

  /** The client has said more, all the same, or has not waited for the greeting: that is the end of it. */
  outOfTurn(event?: CommandEvent): void {
    if (event !== undefined && this.#endsContent(event)) this.#endOfContent(phrase.OUT_OF_TURN)
    else {
      if (event !== undefined && 'line' in event) this.overheard(event)
      this.refuse(phrase.OUT_OF_TURN)
    }
    this.line.hangUp('close')
  }

  /** Deals with one event. A promise: nothing further may be handed in until it is fulfilled. */
  handle(event: CommandEvent): Promise<void> | undefined {
    switch (event.kind) {
      case 'command':
        return this.#command(event.command, event.line)
      case 'error':
        this.#malformed(event.error, event.line)
        return undefined
      case 'response':
        this.#note(event.response === undefined ? '*' : SECRET)
        return this.#auth.respond(event.response)
      case 'data':
      case 'chunk':
        if (this.#chunkRefusal === undefined) this.#content?.take(event.octets)
        return undefined
      case 'endOfData':
        this.#endOfContent(undefined)
        return undefined
      case 'endOfChunk':
        this.#endOfChunk(event.last)
        return undefined
    }
  }

  /** A script has taken this line for itself: it is noted and not answered. */
  overheard(event: Extract<CommandEvent, { readonly line: Uint8Array }>): void {
    this.#noteCommand(event.kind === 'command' ? event.command.verb : 'OTHER', event.line)
  }

  say(occasion: Occasion, due: Answer | undefined): Answer | undefined {
    const { rules } = this.host
    const verdict = rules.any ? rules.find({ ...occasion, secure: this.#secure }) : undefined
    const answer = verdict?.answer ?? (verdict?.hangUp === undefined ? due : undefined)
    if (verdict?.steps !== undefined) {
      this.line.perform(verdict.steps, answer?.octets(this.host.settings.enhancedCodes) ?? NOTHING)
    } else if (answer !== undefined) this.refuse(answer)
    if (verdict?.hangUp !== undefined) this.line.hangUp(verdict.hangUp)
    return answer
  }

  refuse(answer: Answer): void {
    const { enhancedCodes, limits } = this.host.settings
    this.line.send(answer.octets(enhancedCodes))
    if (answer.severity < 5 || ++this.#errors <= limits.errors) return
    this.line.send(phrase.TOO_MANY_ERRORS.octets(enhancedCodes))
    this.line.hangUp('close')
  }

  #command(command: Command, octets: Uint8Array): Promise<void> | undefined {
    const line = this.#noteCommand(command.verb, octets)
    const shown = { secure: this.#secure, proved: this.#auth.proved !== undefined }
    const refusal = policyRefusal(command.verb, this.host.settings, shown)
    if (refusal !== undefined) {
      if (command.verb === 'BDAT') this.#bdat(command.size, refusal)
      else this.refuse(refusal)
      return undefined
    }
    switch (command.verb) {
      case 'EHLO':
      case 'HELO':
      case 'LHLO':
        this.#greeted(command, line)
        break
      case 'MAIL':
        this.#mail(command, line)
        break
      case 'RCPT':
        this.#rcpt(command, line)
        break
      case 'DATA':
        this.#data(line)
        break
      case 'BDAT':
        this.#bdat(command.size, undefined)
        break
      case 'RSET':
        if (this.say({ phase: 'rset', line }, phrase.DONE)?.positive) this.#reset()
        break
      case 'STARTTLS':
        this.#startTls(line)
        break
      case 'AUTH':
        return this.#authenticate(command, line)
      case 'NOOP':
        this.say({ phase: 'noop', line }, phrase.DONE)
        break
      case 'HELP':
        this.say({ phase: 'help', line }, phrase.HELP)
        break
      case 'VRFY':
        this.say({ phase: 'vrfy', line }, phrase.NOT_VERIFIED)
        break
      case 'EXPN':
        this.say({ phase: 'expn', line }, phrase.NOT_OFFERED)
        break
      case 'QUIT':
        this.say({ phase: 'quit', line }, phrase.BYE)
        this.line.hangUp('close')
        break
      case 'OTHER':
        this.say({ phase: 'unknown', line }, phrase.UNKNOWN)
        break
      default:
        this.say({ phase: 'unknown', line }, phrase.NOT_OFFERED)
    }
    return undefined
  }

  /**
   * RFC 5321 4.1.4: EHLO within a transaction works "as if a RSET command had been issued"; if it "is not acceptable", the
   * server "MUST stay in the same state".
   */
  #greeted(command: Of<'EHLO' | 'HELO' | 'LHLO'>, line: string): void {
    const { verb, name } = command
    // RFC 2033 4.1: LHLO replaces HELO and EHLO, which an LMTP server must not know.
    if (this.host.settings.lmtp !== (verb === 'LHLO')) return this.refuse(phrase.UNKNOWN)
    const due = verb === 'HELO' ? phrase.HELLO : new Answer(250, undefined, ...this.#offer())
    if (this.say({ phase: HELLO_PHASE[verb], line }, due)?.positive !== true) return
    this.#hello = { verb, name }
    this.#reset()
  }

  #offer(): string[] {
    const { hostname, offered, startTls, offeredAuth, insecureAuth } = this.host.settings
    const lines = [...offered].map(([keyword, text]) => (text === '' ? keyword : `${keyword} ${text}`))
    if (startTls && !this.#secure) lines.push('STARTTLS')
    if (offeredAuth !== '' && (this.#secure || insecureAuth)) lines.push(`AUTH ${offeredAuth}`)
    return [hostname, ...lines]
  }

  #startTls(line: string): void {
    if (!this.host.settings.startTls) return this.refuse(phrase.NOT_OFFERED)
    if (this.#secure) return this.refuse(phrase.ALREADY_TLS)
    const { early } = this.line
    if (early > 0) {
      this.line.record({ kind: 'attack', what: 'starttls-injection', octets: early })
      this.refuse(phrase.SMUGGLED)
      return this.line.hangUp('close')
    }
    if (this.say({ phase: 'starttls', line }, phrase.GO_TLS)?.code === 220) this.line.startTls()
  }

  #authenticate(command: Of<'AUTH'>, line: string): Promise<void> | undefined {
    if (this.#hello !== undefined && this.#transaction === undefined) {
      return this.#auth.start(command.mechanism, command.initial, line)
    }
    // RFC 4954 4: "An AUTH command issued during a mail transaction MUST be rejected with a 503 reply".
    this.refuse(this.#hello === undefined ? phrase.HELLO_FIRST : phrase.NESTED_MAIL)
    return undefined
  }

  #mail(command: Of<'MAIL'>, line: string): void {
    const { path, parameters } = command
    const sender = path.address
    const refusal = this.#mailRefusal(path.utf8, parameters)
    if (refusal !== undefined) return this.refuse(refusal)
    if (this.say({ phase: 'mail', line, sender }, phrase.SENDER_OK)?.positive !== true) return
    this.#transaction = new Transaction(this.line.id, sender, parameters, this.host.settings.lmtp)
    this.host.begin(this.#transaction)
  }

  #mailRefusal(utf8: boolean, parameters: MailParameters): Answer | undefined {
    const { offered, limits, keep } = this.host.settings
    if (this.#hello === undefined) return phrase.HELLO_FIRST
    if (this.#transaction !== undefined) return phrase.NESTED_MAIL
    if (unknownParameters('MAIL', parameters, this.#extensions).length > 0) return phrase.UNKNOWN_PARAMETER
    if (limits.message > 0 && (parameters.size ?? 0) > limits.message) return phrase.TOO_BIG
    if (parameters.body === 'BINARYMIME' && !offered.has('BINARYMIME')) return phrase.BAD_PARAMETER
    if (utf8 && !parameters.smtputf8) return phrase.NEEDS_SMTPUTF8
    if (keep && this.host.mailbox.octets >= limits.mailbox) return phrase.MAILBOX_FULL
    return undefined
  }

  #rcpt(command: Of<'RCPT'>, line: string): void {
    const transaction = this.#transaction
    const { path, parameters } = command
    const { address } = path
    if (transaction === undefined || transaction.via !== undefined) return this.refuse(phrase.MAIL_FIRST)
    if (unknownParameters('RCPT', parameters, this.#extensions).length > 0) return this.refuse(phrase.UNKNOWN_PARAMETER)
    if (path.utf8 && !transaction.parameters.smtputf8) return this.refuse(phrase.NEEDS_SMTPUTF8)
    if (transaction.accepted.length >= this.host.settings.limits.recipients) {
      return this.refuse(phrase.TOO_MANY_RECIPIENTS)
    }
    const said = this.say({ phase: 'rcpt', line, sender: transaction.from, recipients: [address] }, phrase.RECIPIENT_OK)
    transaction.add({ address, parameters, reply: said?.toString(), accepted: said?.positive === true })
  }

  /** What this client may use. RFC 5321 2.2.1: without EHLO there are no extensions. */
  get #extensions(): Offered {
    const { offered, offeredAuth } = this.host.settings
    if (this.#hello?.verb === 'HELO') return new Map()
    return offeredAuth === '' ? offered : new Map([...offered, ['AUTH', offeredAuth]])
  }

  #data(line: string): void {
    const transaction = this.#transaction
    const refusal = contentRefusal(transaction) ?? dataRefusal(transaction)
    if (refusal !== undefined || transaction === undefined) {
      this.#reset()
      return this.refuse(refusal ?? phrase.MAIL_FIRST)
    }
    const said = this.say({ phase: 'data', line, sender: transaction.from }, phrase.GO_AHEAD)
    if (said?.code !== 354) return this.#reset()
    this.#content = new Content(this, transaction, 'DATA')
    this.line.read('data')
  }

  /** RFC 3030 2: "the receiver-SMTP MUST accept and discard the associated message data before sending" a refusal. */
  #bdat(size: number, policy: Answer | undefined): void {
    const transaction = this.#transaction
    const { offered, limits } = this.host.settings
    const refusal = policy ?? (offered.has('CHUNKING') ? contentRefusal(transaction) : phrase.NOT_OFFERED)
    if (refusal === undefined && transaction !== undefined) this.#content ??= new Content(this, transaction, 'BDAT')
    const tooBig = limits.message > 0 && (transaction?.octets ?? 0) + size > limits.message
    this.#chunkRefusal = refusal ?? (tooBig ? phrase.TOO_BIG : undefined)
    this.line.read('chunk')
  }

  #endOfChunk(last: boolean): void {
    const refusal = this.#chunkRefusal
    this.#chunkRefusal = undefined
    if (last && this.#content !== undefined) return this.#endOfContent(refusal)
    const said = refusal ?? this.say({ phase: 'bdat', sender: this.#transaction?.from }, phrase.CHUNK_OK)
    if (refusal !== undefined) this.refuse(refusal)
    if (said?.positive !== true) this.#reset()
  }

  /** The terminator is here. Whatever the final replies are, the transaction is over (T-49). */
  #endOfContent(refusal: Answer | undefined): void {
    const content = this.#content
    this.#note(`(${this.#transaction?.octets ?? 0} octets of content)`)
    if (this.#transaction?.via === 'DATA') this.#note('.')
    this.#reset()
    if (refusal !== undefined) content?.abandon(refusal)
    else content?.end(phrase.MESSAGE_OK, this.#facts)
  }

  #reset(): void {
    this.#transaction = undefined
    this.#content = undefined
  }

  /** A bad line, or a message that must not be accepted: then the error stands where its end would. */
  #malformed(error: DecodeError, octets: Uint8Array): void {
    const answer = error.reply === undefined ? phrase.UNKNOWN : suggested(error.reply)
    if (this.#inData && !error.fatal) return this.#endOfContent(answer)
    if (!this.#inData) this.#noteCommand('OTHER', octets)
    if (this.#auth.open) this.#auth.cancel(answer)
    else this.refuse(answer)
    if (error.fatal) this.line.hangUp('close')
  }

  get #inData(): boolean {
    return this.#content !== undefined && this.#transaction?.via === 'DATA'
  }

  #endsContent(event: CommandEvent): boolean {
    if (event.kind === 'error') return this.#inData && !event.error.fatal
    return event.kind === 'endOfData' || (event.kind === 'endOfChunk' && event.last && this.#content !== undefined)
  }

  get #secure(): boolean {
    return this.line.tlsSocket !== undefined
  }

  get #facts(): SessionFacts {
    const tlsVersion = this.line.tlsSocket?.getProtocol()
    return {
      connection: this.line.id,
      hello: this.#hello?.name ?? '',
      greeting: this.#hello?.verb ?? 'HELO',
      secure: this.#secure,
      ...(tlsVersion && { tlsVersion }),
      ...this.#auth.proved,
    }
  }

  /** Notes a command line and answers it as text, AUTH secrets masked; '' when nobody will look at it. */
  #noteCommand(verb: Command['verb'], octets: Uint8Array): string {
    if (verb === 'AUTH') this.#authTried = true
    if (this.host.record === undefined && !this.host.rules.any) return ''
    // After a failed AUTH a confused client sends its password where a command is due: no such line is shown.
    const secret = this.#auth.open || (verb === 'OTHER' && this.#authTried)
    const said = printable(octets)
    const text = secret && said !== '*' ? SECRET : maskAuth(said)
    this.#note(text)
    return text
  }

  #note(text: string): void {
    this.line.record({ kind: 'line', from: 'client', text })
  }
}

const NOTHING = new Uint8Array(0)
const HELLO_PHASE = { EHLO: 'ehlo', HELO: 'helo', LHLO: 'lhlo' } as const

function suggested(reply: { readonly code: number; readonly enhanced: string; readonly text: string }): Answer {
  return new Answer(reply.code, reply.enhanced, reply.text)
}
