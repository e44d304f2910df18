/**
 * The connection under smtplib's classes: how it is made, what is known of the server on its other end, and how it ends.
 *
 * In: options, host and port. Out: a connection on which `run` does something; what was known of one server is forgotten before the next. It refuses
 * whatever needs a connection where there is none (`SMTPServerDisconnected('please run connect() first')`); a connection that has ended is gone at once.
 */
import type { Reply } from '@postrider/codec'
import { type Session, type SessionEvent, ShutdownError } from '@postrider/session'
import { type ConnectOptions, type NodeChannel, open } from '@postrider/session/node'
import { DebugPrinter } from './debug.js'
import { SMTPConfigurationError, SMTPConnectError, SMTPServerDisconnected } from './error.js'
import { _MAXLINE } from './esmtp-feature.js'
import { translate } from './failure.js'
import { helloName } from './hello-name.js'
import { type ServerOptions, type Settings, settle } from './option.js'
import { type ReplyPair, replyPair } from './reply-pair.js'

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
  /** 0 silent, 1 the dialogue on standard error, 2 with times. Default 0. */
  readonly debuglevel?: number
  /**
   * Print at `debuglevel` what smtplib prints: passwords, the lines of AUTH and the text of messages, as they go over the wire. Default false: secrets are
   * masked, with `compat`, too, and of a message the size is told.
   */
  readonly debugSecrets?: boolean
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

export class ConnectedClient {
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
  /** 0 silent, 1 the dialogue on standard error, 2 with times; `setDebuglevel` sets it, too. */
  debuglevel: number
  /** `utf-8` once MAIL has said SMTPUTF8, until `rset`: addresses may be outside ASCII then. All other text goes out as UTF-8 anyway. */
  commandEncoding: 'ascii' | 'utf-8' = 'ascii'
  /** smtplib keeps its reader of replies here. There is none: always `undefined`. */
  readonly file: undefined = undefined
  /** Private, for a client's key may be in them. */
  readonly #options: SmtpOptions
  readonly #kind: Kind
  #line: Line | undefined
  #lastReply: Reply | undefined
  readonly #printer: DebugPrinter

  protected constructor(options: SmtpOptions, kind: Kind) {
    this.#options = options
    this.#kind = kind
    this.#printer = new DebugPrinter(options.debugSecrets ?? false)
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

  /** The socket, for facts such as addresses and certificates; `undefined` when there is no connection. */
  get sock(): NodeChannel['socket'] {
    return this.#line?.channel.socket
  }

  /** The session underneath; `undefined` when there is no connection. */
  get session(): Session | undefined {
    return this.#line?.session
  }

  /**
   * 0 silent, 1 the dialogue on standard error, 2 with times. Secrets are masked; see the option `debugSecrets`.
   *
   * @throws nothing
   */
  setDebuglevel(level: number): void {
    this.debuglevel = level
  }

  /**
   * Connects and waits for the greeting, which is returned whatever it is. What was known of another server is forgotten.
   *
   * @param host - a name, an address, `host:port`, or for LMTP the absolute path of a Unix socket. Default: the option, else `localhost`
   * @param sourceAddress - the local address and port to connect from; kept for the next time
   * @throws {@link SMTPConnectError} when there is no connection; {@link SMTPTlsError}; {@link SMTPServerDisconnected} when it ends before the greeting;
   * {@link SMTPConfigurationError} for a port that is none; RangeError for the timeout 0
   */
  async connect(host?: string, port = 0, sourceAddress?: readonly [host: string, port: number]): Promise<ReplyPair> {
    if (sourceAddress !== undefined) this.sourceAddress = sourceAddress
    return replyPair(await this.greet(host, port))
  }

  /**
   * Closes the connection, without a word.
   *
   * @throws nothing
   */
  close(): void {
    const line = this.#line
    this.#line = undefined
    line?.session.abort()
  }

  /** Connects; the greeting, whatever it is. */
  protected async greet(host: string | undefined, port: number): Promise<Reply> {
    this.close()
    this.forget()
    this.commandEncoding = 'ascii'
    const settings = this.#settle(host, port)
    const connect: Line['connect'] = {
      ...settings.connect,
      ...(this.isCompatible ? smtplibDialect : {}),
      tls: { ...settings.connect.tls },
      observe: (event: SessionEvent) => this.#onEvent(event),
    }
    this.#printer.connecting(this.debuglevel, connect, this.sourceAddress)
    const line = { ...open(connect), settings, connect }
    this.#line = line
    this.#printer.watch(line.channel, () => this.debuglevel)
    try {
      const greeting = await this.run(({ session }) => session.opened())
      this.#printer.connected(this.debuglevel, replyPair(greeting))
      return greeting
    } catch (error) {
      const isUnconnected = error instanceof SMTPConnectError && error.phase !== 'greeting'
      if (connect.path !== undefined && isUnconnected) this.#printer.failed(this.debuglevel, connect.path)
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

  /** What the constructor was given. */
  protected get options(): SmtpOptions {
    return this.#options
  }

  /** Our name, taken from the connection where nobody has said one. */
  protected ownName({ channel }: Line): string {
    this.localHostname ??= helloName(channel.socket?.localAddress)
    return this.localHostname
  }

  /** For who writes a message past the session: it is told as the session would have told it. */
  protected tellBody(octets: number): void {
    this.#onEvent({ type: 'body', octets })
  }

  #settle(host: string | undefined, port: number): Settings {
    const {
      compat: _,
      debuglevel: __,
      debugSecrets: ______,
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

/** smtplib's words (P13). */
function refuseNoTime(timeout: number | null | undefined): void {
  if (timeout === 0) throw new RangeError('Non-blocking socket (timeout=0) is not supported')
}

const noLimit = Number.POSITIVE_INFINITY

/** How CPython writes, and what it reads as a reply (P31, P39). What is no reply at all still ends the connection (P30). */
const smtplibDialect = {
  verbs: 'lower',
  reader: { quirks: { otherSeparator: true, unequalCodes: true }, limits: { line: _MAXLINE } },
} as const
