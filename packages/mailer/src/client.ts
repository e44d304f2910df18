/**
 * smtplib's classes: `SMTP`, `SMTP_SSL`, `LMTP`, for programs that go step by step.
 *
 * In: options, then one call after another, in smtplib's order and by smtplib's names (`alias.ts` has the second spelling of each). Out: pairs of a code and
 * a text from the single commands, a report from `sendmail`, smtplib's exceptions. Other than in smtplib nothing is opened by the constructor, TLS
 * is verified, credentials stay off a line in clear, verbs are in upper case, and what was learnt from one server is forgotten before the next.
 *
 * Times are milliseconds.
 */
import { type ClientMechanism, cramMd5, plain, Secret } from '@postrider/auth-sasl'
import { measureData } from '@postrider/codec'
import { addSmtplibNames, type SmtplibNames } from './alias.js'
import { CommandClient, type Kind, type SmtpOptions } from './command-client.js'
import { SMTPConnectError, SMTPDataError, SMTPEnvelopeError, SMTPNotSupportedError } from './error.js'
import { translate } from './failure.js'
import type { Letter, Recipients } from './letter.js'
import { logIn } from './login.js'
import type { ServerOptions } from './option.js'
import { type Patience, patiently } from './patience.js'
import { LMTP_PORT, SMTP_PORT, SMTP_SSL_PORT } from './port.js'
import { type ReplyPair, replyPair, replyText } from './reply-pair.js'
import type { SendReport } from './report.js'
import type { SendMessageOptions, SendOptions } from './send-option.js'
import { withLetter, write } from './sendmail.js'
import { type MailOptions, mailParameters, type RcptOptions, rcptParameters } from './smtplib-option.js'
import { type Message, readContent } from './source.js'
import { circumstancesOf, conclude, transfer, unbegun } from './transfer.js'

/** What answers a challenge, and makes the initial response when there is none; `undefined` is no initial response. */
export type AuthObject = (
  this: SMTP,
  challenge?: Uint8Array,
) => string | Uint8Array | undefined | Promise<string | Uint8Array | undefined>

export interface LoginOptions {
  /** Send the initial response with the command. Default true. */
  readonly initialResponseOk?: boolean
}

/** What TLS is to look at. */
export type StarttlsOptions = Pick<ServerOptions, 'tlsOptions' | 'serverName'>

export interface SMTP extends SmtplibNames<SMTP> {}

/**
 * A client for SMTP, or ESMTP where the server speaks it.
 *
 * @example
 * ```ts
 * const smtp = await SMTP.open({ host: 'mail.example.org', port: 587 })
 * try {
 *   await smtp.starttls()
 *   await smtp.login('me', password)
 *   const { refused } = await smtp.sendmail('me@example.org', ['you@example.org'], 'Subject: hi\r\n\r\nhello')
 * } finally {
 *   await smtp.quit()
 * }
 * ```
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the names are there: `addSmtplibNames` below defines every one of them
export class SMTP extends CommandClient {
  static {
    addSmtplibNames(SMTP.prototype)
  }

  /** Who has logged in. */
  user: string | undefined
  #password: Secret | undefined
  /** Challenges answered in the exchange under way. */
  #challenges = 0

  /** Nothing is opened: call `connect`, or `SMTP.open`. */
  constructor(options: SmtpOptions = {}, kind: Kind = { protocol: 'smtp', implicitTls: false, port: SMTP_PORT }) {
    super(options, kind)
  }

  /**
   * A client that is connected.
   *
   * @throws {SMTPConnectError} when the greeting is not 220
   */
  static async open<Client extends SMTP>(
    this: new (
      options?: SmtpOptions,
    ) => Client,
    options: SmtpOptions = {},
  ): Promise<Client> {
    const client = new this(options)
    const reply = await client.greet(undefined, 0)
    if (reply.code === 220) return client
    client.close()
    throw new SMTPConnectError(`the server refused the connection: ${reply}`, {
      reply,
      phase: 'greeting',
      retry: reply.code >= 500 ? 'never' : 'later',
    })
  }

  /** What `login` was given. Shown to whoever asks for it by name, and to no inspector. */
  get password(): string | undefined {
    return this.#password?.reveal()
  }

  set password(password: string | undefined) {
    this.#password = password === undefined ? undefined : new Secret(password)
  }

  /**
   * STARTTLS and the handshake. What was known of the server is forgotten; the next command that needs it says EHLO again.
   *
   * @throws {SMTPNotSupportedError} when it is not offered, {@link SMTPResponseException} when it is refused, {@link SMTPTlsError} when TLS fails
   */
  async starttls(options: StarttlsOptions = {}): Promise<ReplyPair> {
    await this.ehloOrHeloIfNeeded()
    if (!this.hasExtn('STARTTLS'))
      throw new SMTPNotSupportedError('STARTTLS extension not supported by server.', { code: 'ETLS' })
    await this.run(({ session, connect }) => {
      connect.tls = { ...connect.tls, ...options.tlsOptions }
      if (options.serverName !== undefined) connect.serverName = options.serverName
      return session.startTls()
    })
    const reply = this.lastReply
    this.forget()
    return reply === undefined ? [220, new Uint8Array(0)] : replyPair(reply)
  }

  /**
   * Logs in with the strongest mechanism that both sides have.
   *
   * @throws {SMTPNotSupportedError} when AUTH is not offered, or nothing of it can be used on this connection; {@link SMTPAuthenticationError}
   */
  async login(
    user: string,
    password: string | Secret,
    { initialResponseOk = true }: LoginOptions = {},
  ): Promise<ReplyPair> {
    await this.ehloOrHeloIfNeeded()
    const secret = Secret.from(password)
    this.user = user
    this.#password = secret
    const { compat, allowInsecureAuth = false } = this.options
    return replyPair(
      await this.run(({ session, channel, settings, connect }) =>
        logIn(
          session,
          channel,
          { credentials: { username: user, password: secret }, choose: { compat } },
          {
            local: settings.local,
            unverified: connect.tls?.rejectUnauthorized === false,
            allowInsecureAuth,
            initialResponse: initialResponseOk,
          },
        ),
      ),
    )
  }

  /**
   * One AUTH exchange, answered by `authobject`.
   *
   * @throws {SMTPAuthenticationError}
   */
  async auth(
    mechanism: string,
    authobject: AuthObject,
    { initialResponseOk = true }: LoginOptions = {},
  ): Promise<ReplyPair> {
    const exchange: Omit<ClientMechanism, 'plaintext'> = {
      name: mechanism.toUpperCase(),
      start: async () => {
        this.#challenges = 0
        if (!initialResponseOk) return undefined
        const initial = await authobject.call(this)
        if (initial === undefined) return undefined
        this.#challenges = 1
        return octetsOf(initial)
      },
      respond: async challenge => {
        this.#challenges++
        return octetsOf((await authobject.call(this, challenge)) ?? '')
      },
    }
    return replyPair(await this.run(({ session }) => session.authenticate(exchange)))
  }

  /** For `auth`: CRAM-MD5 of `user` and `password`. */
  async authCramMd5(challenge?: Uint8Array): Promise<Uint8Array | undefined> {
    if (challenge === undefined) return undefined
    const mechanism = cramMd5(this.#credentials())
    await mechanism.start()
    return mechanism.respond(challenge)
  }

  /** For `auth`: PLAIN of `user` and `password`. */
  async authPlain(_challenge?: Uint8Array): Promise<Uint8Array | undefined> {
    return plain(this.#credentials()).start()
  }

  /** For `auth`: the user name first, then the password, whatever the server asks. */
  authLogin(challenge?: Uint8Array): string {
    const { username, password } = this.#credentials()
    return challenge === undefined || this.#challenges < 2 ? username : password.reveal()
  }

  /**
   * DATA and the message, for the recipients accepted so far. The reply to the message is returned whatever it is; for LMTP the worst of them.
   *
   * @throws {SMTPDataError} when DATA itself is refused
   */
  async data(message: Message): Promise<ReplyPair> {
    const content = readContent(message)
    const { error, recipients, reply } = await this.run(({ session }) => {
      if (content.kind === 'memory' && measureData(content.octets).eightBit && !this.hasExtn('8BITMIME'))
        throw new SMTPNotSupportedError('the message holds octets above 127, and the server does not offer 8BITMIME')
      return content.kind === 'memory'
        ? session.data(content.octets)
        : session.data(content.body, content.size === undefined ? {} : { length: content.size })
    })
    const worst = recipients.find(
      ({ phase, reply }) => phase === 'endOfData' && reply !== undefined && reply.code >= 400,
    )?.reply
    if (recipients.some(({ phase, reply }) => phase === 'data' && reply !== undefined) && reply !== undefined)
      throw new SMTPDataError(`DATA was refused: ${reply}`, {
        reply,
        phase: 'data',
        retry: reply.code >= 500 ? 'never' : 'later',
      })
    if (error !== undefined) throw translate(error)
    const last = worst ?? reply
    return last === undefined ? [-1, new Uint8Array(0)] : [last.code, replyText(last)]
  }

  /**
   * Sends one message. EHLO is said first where it has not been. Returns when somebody was accepted; `refused` in the report is smtplib's
   * dictionary.
   *
   * @param options - as for the function `sendmail`, or smtplib's list of MAIL options
   * @param rcptOptions - smtplib's list of RCPT options
   * @throws {SMTPSenderRefused, SMTPRecipientsRefused, SMTPDataError, SMTPHeloError, SMTPNotSupportedError, SMTPServerDisconnected}
   */
  async sendmail(
    from: string,
    to: Recipients,
    message: Message,
    options: SendOptions | MailOptions = {},
    rcptOptions: RcptOptions = [],
  ): Promise<SendReport> {
    const all = sendOptions(options, rcptOptions)
    await this.ehloOrHeloIfNeeded()
    const letter = write(from, to, message, all)
    return patiently(all, patience => this.#deliver(letter, all, patience))
  }

  /**
   * Sends one message to those its header names.
   *
   * @param from - instead of the sender in the header; or all options in one object
   * @param to - instead of the recipients in the header
   * @throws as `sendmail`; {@link SMTPMessageError} for a header that cannot be read
   */
  async sendMessage(
    message: Message,
    from?: string | SendMessageOptions,
    to?: Recipients,
    mailOptions: MailOptions = [],
    rcptOptions: RcptOptions = [],
  ): Promise<SendReport> {
    const options: SendMessageOptions =
      typeof from === 'object'
        ? from
        : {
            ...sendOptions(mailOptions, rcptOptions),
            ...(from === undefined ? {} : { from }),
            ...(to === undefined ? {} : { to }),
          }
    await this.ehloOrHeloIfNeeded()
    return patiently(options, patience =>
      withLetter(message, options, patience, letter => this.#deliver(letter, options, patience)),
    )
  }

  #deliver(letter: Letter, options: SendOptions, patience: Patience | undefined): Promise<SendReport> {
    const asked = performance.now()
    return this.run(async ({ session, settings }) => {
      const now = () =>
        circumstancesOf(
          letter,
          settings,
          { remote: settings.remote, tls: session.tls },
          { asked, begun: asked, connect: 0 },
        )
      try {
        patience?.check()
        patience?.hold(session)
        return conclude(letter, settings.lmtp, await transfer(session, letter, options), now())
      } catch (error) {
        throw unbegun(letter, error, now())
      } finally {
        patience?.letGo()
      }
    })
  }

  #credentials(): { readonly username: string; readonly password: Secret } {
    if (this.user === undefined || this.#password === undefined)
      throw new SMTPEnvelopeError('user and password are not set', { code: 'EAUTH' })
    return { username: this.user, password: this.#password }
  }
}

/** SMTP over TLS from the first octet; port 465. */
export class SMTP_SSL extends SMTP {
  constructor(options: SmtpOptions = {}) {
    super(options, { protocol: 'smtp', implicitTls: true, port: SMTP_SSL_PORT })
  }
}

/** LMTP: LHLO, and a verdict for each recipient (RFC 2033). A host that begins with "/" is a Unix socket. */
export class LMTP extends SMTP {
  constructor(options: SmtpOptions = {}) {
    super(options, { protocol: 'lmtp', implicitTls: false, port: LMTP_PORT })
  }
}

function octetsOf(response: string | Uint8Array): Uint8Array {
  return typeof response === 'string' ? new TextEncoder().encode(response) : response
}

function sendOptions(options: SendOptions | MailOptions, rcptOptions: RcptOptions): SendOptions {
  const isList = typeof options === 'string' || Array.isArray(options)
  const own = isList ? { parameters: mailParameters(options as readonly string[] | string) } : (options as SendOptions)
  return Array.isArray(rcptOptions) && rcptOptions.length === 0
    ? own
    : { recipientParameters: rcptParameters(rcptOptions), ...own }
}
