/**
 * smtplib's single commands: a connection, and one method for each command that returns the code and the text of the reply whatever they are.
 *
 * In: options, host and port, arguments. Out: pairs. It refuses a command on a connection that is not there
 * (`SMTPServerDisconnected('please run connect() first')`), and every line that holds CR, LF or another control character, before anything is written.
 */
import { type Reply, writeLine } from '@postrider/codec'
import type { Session, SessionEvent } from '@postrider/session'
import { type ConnectOptions, type NodeChannel, open } from '@postrider/session/node'
import { printEvent } from './debug.js'
import { SMTPConfigurationError, SMTPConnectError, SMTPHeloError, SMTPServerDisconnected } from './error.js'
import { translate } from './failure.js'
import { helloName } from './hello-name.js'
import { type ServerOptions, type Settings, settle } from './option.js'
import { bareAddress } from './quote.js'
import { type ReplyPair, replyPair, replyText } from './reply-pair.js'
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
    | 'timeout'
    | 'timeouts'
    | 'window'
    | 'allowInsecureAuth'
    | 'onEvent'
  > {
  /** Do as CPython's smtplib does where a program may depend on it: `login` tries every mechanism, in CPython's order. */
  readonly compat?: 'smtplib'
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
  /** Milliseconds for each phase; `undefined` is RFC 5321's. Holds from the next `connect` on. */
  timeout: number | undefined
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

  protected constructor(options: SmtpOptions, kind: Kind) {
    this.#options = options
    this.#kind = kind
    this.timeout = options.timeout
    this.localHostname = options.name
    const { localAddress, localPort = 0 } = options
    this.sourceAddress = localAddress === undefined ? undefined : [localAddress, localPort]
    this.debuglevel = options.debuglevel ?? 0
  }

  /** Where `connect` connects to when no port is said. */
  get defaultPort(): number {
    return this.#kind.port
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
   * @throws {SMTPConnectError, SMTPTlsError, SMTPServerDisconnected}
   */
  async connect(host?: string, port = 0): Promise<ReplyPair> {
    return replyPair(await this.greet(host, port))
  }

  /** HELO. */
  async helo(name?: string): Promise<ReplyPair> {
    const reply = await this.run(({ session, channel }) => session.helo(this.#name(channel, name)))
    this.heloResp = replyText(reply)
    return replyPair(reply)
  }

  /** EHLO, or LHLO for LMTP. */
  async ehlo(name?: string): Promise<ReplyPair> {
    return replyPair(await this.#ehlo(name))
  }

  /**
   * EHLO, unless it or HELO has been said; HELO where the server refuses it (not for LMTP).
   *
   * @throws {SMTPHeloError}
   */
  async ehloOrHeloIfNeeded(): Promise<void> {
    if (this.heloResp !== undefined || this.ehloResp !== undefined) return
    const reply = await this.#ehlo()
    if (reply.severity === 2) return
    if (this.#kind.protocol === 'lmtp') throw heloError('LHLO', reply)
    const [code] = await this.helo()
    if (code >= 300) throw heloError('HELO', this.#lastReply ?? reply)
  }

  /** Whether the server offers an extension. Ask after EHLO. */
  hasExtn(name: string): boolean {
    return this.esmtpFeatures.has(name.toLowerCase())
  }

  /** The text of HELP. */
  async help(args = ''): Promise<Uint8Array> {
    const [, text] = await this.docmd('HELP', args)
    return text
  }

  noop(): Promise<ReplyPair> {
    return this.docmd('NOOP')
  }

  async rset(): Promise<ReplyPair> {
    return replyPair(await this.run(({ session }) => session.rset()))
  }

  /** VRFY. */
  verify(address: string): Promise<ReplyPair> {
    return this.docmd('VRFY', addressOnly(address))
  }

  /** VRFY. */
  vrfy(address: string): Promise<ReplyPair> {
    return this.verify(address)
  }

  /** EXPN. */
  expn(address: string): Promise<ReplyPair> {
    return this.docmd('EXPN', addressOnly(address))
  }

  /** MAIL. `''` is the null sender. */
  async mail(sender: string, options: MailOptions = []): Promise<ReplyPair> {
    return replyPair(
      await this.run(({ session }) => session.mail(wireAddress(sender, 'reverse'), mailParameters(options))),
    )
  }

  /** RCPT. */
  async rcpt(recipient: string, options: RcptOptions = []): Promise<ReplyPair> {
    const parameters = rcptParameters(options)
    return replyPair(
      await this.run(({ session }) => session.rcpt({ address: wireAddress(recipient, 'forward'), parameters })),
    )
  }

  /** One command line, and its reply. It changes nothing that this object knows. */
  async docmd(cmd: string, args = ''): Promise<ReplyPair> {
    const line = commandLine(cmd, args)
    return replyPair(await this.run(({ session }) => session.command(line)))
  }

  /** One command line; `getreply` has the reply. */
  async putcmd(cmd: string, args = ''): Promise<void> {
    const line = commandLine(cmd, args)
    await this.run(async ({ session }) => session.send(writeLine(line)))
  }

  /** The next reply. */
  async getreply(): Promise<ReplyPair> {
    return replyPair(await this.run(({ session }) => session.reply()))
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
    if (this.#line?.session.usable === true) await this.#line.session.quit()
    this.close()
  }

  /** Connects; the greeting, whatever it is. */
  protected async greet(host: string | undefined, port: number): Promise<Reply> {
    this.close()
    this.forget()
    const settings = this.#settle(host, port)
    const connect = {
      ...settings.connect,
      tls: { ...settings.connect.tls },
      observe: (event: SessionEvent) => this.#onEvent(event),
    }
    const line = { ...open(connect), settings, connect }
    this.#line = line
    try {
      return await this.run(({ session }) => session.opened())
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

  async #ehlo(name?: string): Promise<Reply> {
    this.esmtpFeatures = new Map()
    const line = this.#line
    const reply = await this.run(({ session, channel }) => session.ehlo(this.#name(channel, name)))
    this.ehloResp = replyText(reply)
    const server = line?.session.server
    if (reply.severity === 2 && server !== undefined) {
      this.doesEsmtp = true
      for (const [keyword, parameters] of server.extensions.entries())
        this.esmtpFeatures.set(keyword.toLowerCase(), parameters)
    }
    return reply
  }

  #name(channel: NodeChannel, name: string | undefined): string {
    if (name !== undefined && name !== '') return name
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
      ...options
    } = this.#options
    const target = splitPort(host ?? ownHost ?? 'localhost', port || (host === undefined ? (ownPort ?? 0) : 0))
    const { protocol, implicitTls } = this.#kind
    const [localAddress, localPort = 0] = this.sourceAddress ?? []
    return settle({
      ...options,
      protocol,
      tls: implicitTls ? 'implicit' : 'none',
      ...(protocol === 'lmtp' && target.host.startsWith('/')
        ? { path: target.host }
        : { host: target.host, port: target.port || this.defaultPort }),
      ...(this.timeout === undefined ? {} : { timeout: this.timeout }),
      ...(localAddress === undefined ? {} : { localAddress, ...(localPort === 0 ? {} : { localPort }) }),
    })
  }

  #onEvent(event: SessionEvent): void {
    if (event.type === 'reply') this.#lastReply = event.reply
    if (this.debuglevel > 0) printEvent(this.debuglevel, event)
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

function heloError(command: string, reply: Reply): SMTPHeloError {
  return new SMTPHeloError(`${command} was refused: ${reply}`, {
    command,
    reply,
    retry: reply.code >= 500 ? 'never' : 'later',
  })
}

/** smtplib's check and smtplib's words (P29); other control characters are the codec's to refuse. */
function commandLine(cmd: string, args: string): string {
  const line = args === '' ? cmd : `${cmd} ${args}`
  if (/[\r\n]/.test(line))
    throw new RangeError(`command and arguments contain prohibited newline characters: ${JSON.stringify(line)}`)
  return line
}

/** P7: the addr-spec where it is an address, else the text as it is. */
function addressOnly(address: string): string {
  return address.includes('@') ? bareAddress(address) : address
}
