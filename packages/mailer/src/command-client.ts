/**
 * smtplib's single commands: a connection, and one method for each command that returns the code and the text of the reply whatever they are.
 *
 * In: options, host and port, arguments. Out: pairs. It refuses a command on a connection that is not there
 * (`SMTPServerDisconnected('please run connect() first')`), and every line that holds CR, LF or another control character, before anything is written.
 */
import { type Reply, writeLine } from '@postrider/codec'
import { type Session, type SessionEvent, ShutdownError } from '@postrider/session'
import { type ConnectOptions, type NodeChannel, open } from '@postrider/session/node'
import { DebugPrinter } from './debug.js'
import {
  SMTPConfigurationError,
  SMTPConnectError,
  SMTPHeloError,
  SMTPResponseException,
  SMTPServerDisconnected,
} from './error.js'
import { esmtpFeatures } from './esmtp-feature.js'
import { translate } from './failure.js'
import { helloName } from './hello-name.js'
import { type ServerOptions, type Settings, settle } from './option.js'
import { bareAddress } from './quote.js'
import { type ReplyPair, replyPair, replyText } from './reply-pair.js'
import { isTextual, mailArguments, rcptArguments } from './smtplib-line.js'
import { type MailOptions, mailParameters, type RcptOptions, rcptParameters } from './smtplib-option.js'
import { wireAddress } from './wire-address.js'

/** Options of `SMTP`, `SMTP_SSL` and `LMTP`. */
export interface SmtpOptions
  extends Pick<
    ServerOptions,
    | 'host'
    | 'port'
    | 'name'
    | 'tlsOptions'
    | 'serverName'
    | 'localAddress'
    | 'localPort'
    | 'lookup'
    | 'timeouts'
    | 'window'
    | 'allowInsecureAuth'
    | 'onEvent'
  > {
  /**
   * Do as CPython's smtplib does where a program may depend on it: verbs in lower case, one command at a time, `mail`, `rcpt` and `data` in any order the
   * server bears, lenient replies, `login` with every mechanism. What CPython gets wrong is right all the same.
   */
  readonly compat?: 'smtplib'
  /** Milliseconds for every phase but the answer to the message itself; `null`: no limit at all. Default: RFC 5321 4.5.3.2. */
  readonly timeout?: number | null
  /** 0 silent, 1 the dialogue, 2 with times. Default 0. */
  readonly debuglevel?: number
}

/** How a class of clients opens its connections. */
export interface Kind {
  readonly protocol: 'smtp' | 'lmtp'
  readonly implicitTls: boolean
  readonly port: number
}

/** A connection that is open. */
export interface Line {
  readonly session: Session
  readonly channel: NodeChannel
  readonly settings: Settings
  /** The channel's own options: STARTTLS looks up what to verify in them, so what its caller says is written there. */
  readonly connect: { -readonly [Name in keyof ConnectOptions]: ConnectOptions[Name] }
}

export class CommandClient {
  /** Keywords of the server's extensions in lower case, with their parameters. Empty before EHLO and behind STARTTLS. */
  esmtpFeatures: Map<string, string> = new Map()
  /** The server has understood EHLO. */
  doesEsmtp = false
  /** The text of the last reply to EHLO (LHLO), lines joined by LF. */
  ehloResp: Uint8Array | undefined
  /** The text of the last reply to HELO. */
  heloResp: Uint8Array | undefined
  /** Milliseconds for each phase; `undefined` is RFC 5321's, `null` no limit. Holds from the next `connect` on. */
  timeout: number | null | undefined
  /** Our name in EHLO; `undefined` until there is a connection to take it from. */
  localHostname: string | undefined
  /** The local address and port to connect from. */
  sourceAddress: readonly [host: string, port: number] | undefined
  debuglevel: number
  /** Private, for a client's key may be in them. */
  readonly #options: SmtpOptions
  readonly #kind: Kind
  #line: Line | undefined
  #lastReply: Reply | undefined
  readonly #printer = new DebugPrinter()
  /** Of the transaction that is open by `mail`: it may hold characters outside ASCII; how many recipients are accepted. */
  #utf8 = false
  #accepted = 0

  protected constructor(options: SmtpOptions, kind: Kind) {
    this.#options = options
    this.#kind = kind
    this.timeout = options.timeout
    refuseNoTime(options.timeout)
    this.localHostname = options.name
    const { localAddress, localPort = 0 } = options
    this.sourceAddress = localAddress === undefined ? undefined : [localAddress, localPort]
    this.debuglevel = options.debuglevel ?? 0
  }

  /** Where `connect` connects to when no port is said. */
  get defaultPort(): number {
    return this.#kind.port
  }

  /** The verb of the greeting. */
  get ehloMsg(): 'ehlo' | 'lhlo' {
    return this.#kind.protocol === 'lmtp' ? 'lhlo' : 'ehlo'
  }

  /** What the constructor was given. */
  protected get options(): SmtpOptions {
    return this.#options
  }

  /** The socket; `undefined` when there is no connection. */
  get sock(): NodeChannel['socket'] {
    return this.#line?.channel.socket
  }

  /** The session underneath; `undefined` when there is no connection. */
  get session(): Session | undefined {
    return this.#line?.session
  }

  /** 0 silent, 1 the dialogue on standard error, 2 with times. Secrets are masked. */
  setDebuglevel(level: number): void {
    this.debuglevel = level
  }

  /**
   * Connects and waits for the greeting, which is returned whatever it is. What was known of another server is forgotten.
   *
   * @param host - a name, an address, `host:port`, or for LMTP the absolute path of a Unix socket. Default: the option, else `localhost`
   * @param sourceAddress - the local address and port to connect from; kept for the next time
   * @throws {SMTPConnectError, SMTPTlsError, SMTPServerDisconnected}
   */
  async connect(host?: string, port = 0, sourceAddress?: readonly [host: string, port: number]): Promise<ReplyPair> {
    if (sourceAddress !== undefined) this.sourceAddress = sourceAddress
    return replyPair(await this.greet(host, port))
  }

  /** HELO. */
  async helo(name?: string): Promise<ReplyPair> {
    const reply = await this.ask(({ session, channel }) => session.helo(this.#name(channel, 'helo', name)))
    this.heloResp = replyText(reply)
    return replyPair(reply)
  }

  /** EHLO, or LHLO for LMTP. */
  async ehlo(name?: string): Promise<ReplyPair> {
    this.esmtpFeatures = new Map()
    const reply = await this.ask(({ session, channel }) => session.ehlo(this.#name(channel, this.ehloMsg, name)))
    this.ehloResp = replyText(reply)
    if (reply.severity === 2) {
      this.doesEsmtp = true
      this.esmtpFeatures = esmtpFeatures(this.ehloResp)
    }
    return replyPair(reply)
  }

  /**
   * EHLO, unless it or HELO has been said; HELO where the server refuses it (not for LMTP).
   *
   * @throws {SMTPHeloError}
   */
  async ehloOrHeloIfNeeded(): Promise<void> {
    if (this.heloResp !== undefined || this.ehloResp !== undefined) return
    const [code] = await this.ehlo()
    if (isSuccess(code)) return
    // RFC 2033 4.1: an LMTP client has no HELO to fall back to; behind 421 there is nobody to say it to.
    if (this.#kind.protocol === 'lmtp' || this.sock === undefined)
      throw heloError(this.ehloMsg.toUpperCase(), this.#lastReply)
    const [second] = await this.helo()
    if (!isSuccess(second)) throw heloError('HELO', this.#lastReply)
  }

  /** Whether the server offers an extension. Ask after EHLO. */
  hasExtn(name: string): boolean {
    return this.esmtpFeatures.has(name.toLowerCase())
  }

  /** The text of HELP. */
  async help(args = ''): Promise<Uint8Array> {
    const [, text] = await this.docmd(this.spell('HELP'), args)
    return text
  }

  noop(): Promise<ReplyPair> {
    return this.docmd(this.spell('NOOP'))
  }

  /** RSET: whatever was begun by `mail` is forgotten. */
  async rset(): Promise<ReplyPair> {
    if (this.isCompatible) return this.docmd('rset')
    return replyPair(await this.ask(({ session }) => session.rset()))
  }

  /** VRFY. */
  verify(address: string): Promise<ReplyPair> {
    return this.docmd(this.spell('VRFY'), addressOnly(address))
  }

  /** VRFY. */
  vrfy(address: string): Promise<ReplyPair> {
    return this.verify(address)
  }

  /** EXPN. */
  expn(address: string): Promise<ReplyPair> {
    return this.docmd(this.spell('EXPN'), addressOnly(address))
  }

  /** MAIL. `''` is the null sender. */
  async mail(sender: string, options: MailOptions = []): Promise<ReplyPair> {
    this.#accepted = 0
    if (this.isCompatible && isTextual(options)) {
      const { text, utf8 } = mailArguments(sender, options, this)
      this.#utf8 = utf8
      return this.docmd('mail', text)
    }
    return replyPair(
      await this.ask(({ session }) => session.mail(wireAddress(sender, 'reverse'), mailParameters(options))),
    )
  }

  /** RCPT. */
  async rcpt(recipient: string, options: RcptOptions = []): Promise<ReplyPair> {
    if (this.isCompatible && isTextual(options)) {
      const pair = await this.docmd('rcpt', rcptArguments(recipient, options, this, this.#utf8))
      if (isSuccess(pair[0])) this.#accepted++
      return pair
    }
    const parameters = rcptParameters(options)
    return replyPair(
      await this.ask(({ session }) => session.rcpt({ address: wireAddress(recipient, 'forward'), parameters })),
    )
  }

  /** One command line, and its reply. It changes nothing that this object knows. */
  async docmd(cmd: string, args = ''): Promise<ReplyPair> {
    const line = commandLine(cmd, args)
    return replyPair(await this.ask(({ session }) => session.command(line)))
  }

  /** One command line; `getreply` has the reply. */
  async putcmd(cmd: string, args = ''): Promise<void> {
    const line = commandLine(cmd, args)
    await this.run(async ({ session }) => session.send(writeLine(line)))
  }

  /** The next reply. */
  async getreply(): Promise<ReplyPair> {
    return replyPair(await this.ask(({ session }) => session.reply()))
  }

  /** Octets as they are, nothing checked: the end of the message, its dots and its line ends are the caller's. */
  async send(octets: string | Uint8Array): Promise<void> {
    const wire = typeof octets === 'string' ? new TextEncoder().encode(octets) : octets
    await this.run(async ({ session }) => session.send(wire))
  }

  /**
   * QUIT. The connection is closed.
   *
   * @throws {SMTPServerDisconnected} when the server goes without an answer
   */
  async quit(): Promise<ReplyPair> {
    const reply = await this.run(({ session }) => session.quit())
    this.forget()
    if (reply === undefined) throw new SMTPServerDisconnected('Connection unexpectedly closed', { phase: 'quit' })
    return replyPair(reply)
  }

  /** Closes the connection, without a word. */
  close(): void {
    const line = this.#line
    this.#line = undefined
    line?.session.abort()
  }

  /** QUIT where there is a connection, then the end of it. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (this.#line?.session.usable !== true) return
      if (!this.isCompatible) await this.#line.session.quit()
      else {
        const reply = await this.ask(({ session }) => session.command('QUIT'))
        // smtplib's `__exit__` insists on it (P21).
        if (reply.code !== 221)
          throw new SMTPResponseException(`QUIT was answered with ${reply}`, { reply, command: 'QUIT', phase: 'quit' })
      }
    } catch (error) {
      if (!(error instanceof SMTPServerDisconnected)) throw error
    } finally {
      this.close()
    }
  }

  /** Connects; the greeting, whatever it is. */
  protected async greet(host: string | undefined, port: number): Promise<Reply> {
    this.close()
    this.forget()
    const settings = this.#settle(host, port)
    const connect: Line['connect'] = {
      ...settings.connect,
      ...(this.isCompatible ? smtplibDialect : {}),
      tls: { ...settings.connect.tls },
      observe: (event: SessionEvent) => this.#onEvent(event),
    }
    this.#printer.connecting(this.debuglevel, connect.path ?? connect.host ?? '', connect.port, this.sourceAddress)
    const line = { ...open(connect), settings, connect }
    this.#line = line
    try {
      const greeting = await this.run(({ session }) => session.opened())
      this.#printer.connected(this.debuglevel, replyPair(greeting))
      return greeting
    } catch (error) {
      const greeting = this.#lastReply
      // A server that says 421, or something else than 220, has greeted all the same.
      if (!(error instanceof SMTPConnectError) || greeting === undefined || error.phase !== 'greeting') throw error
      return greeting
    }
  }

  /** Does something on the connection; errors come out in the mailer's words, and a connection that has ended is gone. */
  protected async run<Result>(verb: (line: Line) => Promise<Result>): Promise<Result> {
    const line = this.#line
    if (line === undefined) throw new SMTPServerDisconnected('please run connect() first')
    try {
      return await verb(line)
    } catch (error) {
      throw translate(error)
    } finally {
      if (line.session.closedBy !== undefined && this.#line === line) this.#line = undefined
    }
  }

  /** `run` for what ends in one reply, which is returned whatever it is: 421 too, though there is no connection behind it. */
  protected async ask(verb: (line: Line) => Promise<Reply>): Promise<Reply> {
    try {
      return await this.run(verb)
    } catch (error) {
      if (
        error instanceof SMTPServerDisconnected &&
        error.cause instanceof ShutdownError &&
        error.cause.reply !== undefined
      )
        return error.cause.reply
      throw error
    }
  }

  /** CPython's behaviour was asked for. */
  protected get isCompatible(): boolean {
    return this.#options.compat === 'smtplib'
  }

  /** How many recipients `rcpt` has had accepted since `mail`. */
  protected get acceptedRecipients(): number {
    return this.#accepted
  }

  /** A verb in the case that this client writes. */
  protected spell(verb: string): string {
    return this.isCompatible ? verb.toLowerCase() : verb
  }

  /** Drops what is known of the server. */
  protected forget(): void {
    this.esmtpFeatures = new Map()
    this.doesEsmtp = false
    this.ehloResp = undefined
    this.heloResp = undefined
    this.#lastReply = undefined
  }

  /** The last reply of the server. */
  protected get lastReply(): Reply | undefined {
    return this.#lastReply
  }

  #name(channel: NodeChannel, verb: string, name: string | undefined): string {
    if (name !== undefined && name !== '') {
      commandLine(verb, name)
      return name
    }
    this.localHostname ??= helloName(channel.socket?.localAddress)
    return this.localHostname
  }

  #settle(host: string | undefined, port: number): Settings {
    const {
      compat: _,
      debuglevel: __,
      host: ownHost,
      port: ownPort,
      localAddress: ___,
      localPort: ____,
      timeout: _____,
      ...options
    } = this.#options
    const target = splitPort(host ?? ownHost ?? 'localhost', port || (host === undefined ? (ownPort ?? 0) : 0))
    const { protocol, implicitTls } = this.#kind
    refuseNoTime(this.timeout)
    const [localAddress, localPort = 0] = this.sourceAddress ?? []
    return settle({
      ...options,
      protocol,
      tls: implicitTls ? 'implicit' : 'none',
      ...(protocol === 'lmtp' && target.host.startsWith('/')
        ? { path: target.host }
        : { host: target.host, port: target.port || this.defaultPort }),
      ...(this.timeout === null ? { timeout: noLimit, timeouts: { endOfData: noLimit, ...options.timeouts } } : {}),
      ...(typeof this.timeout === 'number' ? { timeout: this.timeout } : {}),
      ...(localAddress === undefined ? {} : { localAddress, ...(localPort === 0 ? {} : { localPort }) }),
    })
  }

  #onEvent(event: SessionEvent): void {
    if (event.type === 'reply') this.#lastReply = event.reply
    if (this.debuglevel > 0) this.#printer.print(this.debuglevel, event)
    this.#options.onEvent?.(event)
  }
}

/** P17: `host:port` where no port is given and there is one colon, so that IPv6 is left alone. */
function splitPort(host: string, port: number): { readonly host: string; readonly port: number } {
  const [name, digits, ...more] = host.split(':')
  if (port !== 0 || name === undefined || digits === undefined || more.length > 0 || host.startsWith('/'))
    return { host, port }
  if (!/^\d{1,5}$/.test(digits)) throw new SMTPConfigurationError('nonnumeric port')
  return { host: name, port: Number(digits) }
}

function heloError(command: string, reply: Reply | undefined): SMTPHeloError {
  return new SMTPHeloError(`${command} was refused: ${reply ?? 'no reply'}`, {
    command,
    reply,
    retry: reply === undefined || reply.code >= 500 ? 'never' : 'later',
  })
}

/** smtplib's words (P13). */
function refuseNoTime(timeout: number | null | undefined): void {
  if (timeout === 0) throw new RangeError('Non-blocking socket (timeout=0) is not supported')
}

const noLimit = Number.POSITIVE_INFINITY

/** How CPython writes, and what it reads as a reply (P31, P39). What is no reply at all still ends the connection (P30). */
const smtplibDialect = { verbs: 'lower', reader: { quirks: { otherSeparator: true, unequalCodes: true } } } as const

function isSuccess(code: number): boolean {
  return code >= 200 && code <= 299
}

/** smtplib's check and smtplib's words (P29); other control characters are the codec's to refuse. */
function commandLine(cmd: string, args: string): string {
  const line = args === '' ? cmd : `${cmd} ${args}`
  if (/[\r\n]/.test(line))
    throw new RangeError(
      `command and arguments contain prohibited newline characters: ${line.replaceAll('\r', '\\r').replaceAll('\n', '\\n')}`,
    )
  return line
}

/** P7: the addr-spec where it is an address, else the text as it is. */
function addressOnly(address: string): string {
  return address.includes('@') ? bareAddress(address) : address
}
