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
import { measureData, type Reply } from '@postrider/codec'
import type { Recipient } from '@postrider/session'
import { addSmtplibNames, type SmtplibNames } from './alias.js'
import { CommandClient, type Kind, type Line, type SmtpOptions } from './command-client.js'
import { sendByHand } from './data-by-hand.js'
import { quoteOctets } from './debug.js'
import {
  SMTPAuthenticationError,
  SMTPConnectError,
  SMTPDataError,
  SMTPEnvelopeError,
  SMTPException,
  SMTPNotSupportedError,
  SMTPServerDisconnected,
} from './error.js'
import { translate } from './failure.js'
import { addressOf, type KnownHeader, type Letter, type Recipients, whyUtf8, writeLetter } from './letter.js'
import { logIn } from './login.js'
import { openMessage } from './message.js'
import type { ServerOptions } from './option.js'
import { type Patience, patiently } from './patience.js'
import { LMTP_PORT, SMTP_PORT, SMTP_SSL_PORT } from './port.js'
import { bareAddress } from './quote.js'
import { type ReplyPair, replyPair, replyText } from './reply-pair.js'
import type { SendReport } from './report.js'
import type { SendMessageOptions, SendOptions } from './send-option.js'
import { type MailOptions, mailParameters, type RcptOptions, rcptParameters } from './smtplib-option.js'
import { type Content, type Message, type MessageSource, readContent } from './source.js'
import { circumstancesOf, conclude, transfer, unbegun } from './transfer.js'
import { isAscii } from './wire-address.js'

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
  /** What `sendMessage` has read already of what it hands to `sendmail`. */
  readonly #opened = new WeakMap<object, { readonly content: Content; readonly header: KnownHeader }>()

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
      await this.#authenticating(({ session, channel, settings, connect }) =>
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
   * One AUTH exchange, answered by `authobject`. EHLO is said first where it has not been.
   *
   * @throws {SMTPAuthenticationError}, {@link SMTPException} when the server never stops asking, and what `authobject` throws: the exchange is then cancelled
   */
  async auth(
    mechanism: string,
    authobject: AuthObject,
    { initialResponseOk = true }: LoginOptions = {},
  ): Promise<ReplyPair> {
    await this.ehloOrHeloIfNeeded()
    const ask = async (challenge?: Uint8Array) => {
      try {
        if (challenge !== undefined && ++this.#challenges > maximumChallenges) throw endlessChallenges(this.lastReply)
        const response = challenge === undefined ? await authobject.call(this) : await authobject.call(this, challenge)
        return response === undefined ? undefined : octetsOf(response)
      } catch (error) {
        failure = { error }
        throw error
      }
    }
    let failure: { readonly error: unknown } | undefined
    const exchange: Omit<ClientMechanism, 'plaintext'> = {
      name: mechanism.toUpperCase(),
      start: async () => {
        this.#challenges = 0
        const initial = initialResponseOk ? await ask() : undefined
        if (initial !== undefined) this.#challenges = 1
        return initial
      },
      respond: async challenge => (await ask(challenge)) ?? new Uint8Array(0),
    }
    try {
      return replyPair(await this.#authenticating(({ session }) => session.authenticate(exchange)))
    } catch (error) {
      if (failure !== undefined) throw failure.error
      const isAlready = error instanceof SMTPAuthenticationError && error.smtp_code === 503
      if (isAlready && this.isCompatible) return [error.smtp_code, error.smtp_error]
      throw error
    }
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
    if (this.isCompatible) return this.#dataByHand(content)
    const { error, recipients, reply } = await this.run(({ session }) => {
      this.#refuseEightBit(content)
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
    return last === undefined ? [-1, new Uint8Array(0)] : replyPair(last)
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
    await this.ehloOrHeloIfNeeded()
    const all = this.#sendOptions(options, rcptOptions)
    const letter = this.#write(from, to, message, all)
    return patiently(all, patience => this.#deliver(letter, all, patience))
  }

  /**
   * Sends one message to those its header names, by `sendmail`, which a subclass may have made its own.
   *
   * @param from - instead of the sender in the header; or all options in one object
   * @param to - instead of the recipients in the header
   * @throws as `sendmail`; {@link SMTPMessageError} for a header that cannot be read
   */
  async sendMessage(
    message: Message,
    from?: string | SendMessageOptions | null,
    to?: Recipients | null,
    mailOptions: MailOptions = [],
    rcptOptions: RcptOptions = [],
  ): Promise<SendReport> {
    await this.ehloOrHeloIfNeeded()
    const isAll = typeof from === 'object' && from !== null
    const options: SendMessageOptions = isAll
      ? from
      : {
          ...this.#sendOptions(mailOptions, rcptOptions),
          ...(from === undefined || from === null ? {} : { from }),
          ...(to === undefined || to === null ? {} : { to }),
        }
    const asked = performance.now()
    const opened = await patiently(options, patience => openMessage(message, options, patience)).catch(error => {
      throw translate(error)
    })
    const { content, header } = opened
    const rest = content.kind === 'memory' ? content.octets : sourceOf(content)
    this.#opened.set(rest, { content, header })
    try {
      const { from: _, to: __, headerLimit: ___, ...others } = options
      const to = listOf(opened.to)
      if (!isAscii(opened.from) || to.some(one => !isAscii(addressOf(one)))) {
        const letter = this.#write(opened.from, to, rest, others)
        if (letter.utf8Address && !this.hasExtn('SMTPUTF8')) throw new SMTPNotSupportedError(whyUtf8(letter))
      }
      return await this.sendmail(opened.from, to, rest, remaining(others, performance.now() - asked))
    } finally {
      this.#opened.delete(rest)
      opened.release()
    }
  }

  /** A letter, with errors in the mailer's words. */
  #write(from: string, to: Recipients, message: Message, options: SendOptions): Letter {
    const known = typeof message === 'object' ? this.#opened.get(message) : undefined
    try {
      const content = known?.content ?? readContent(message)
      // smtplib takes addresses with a display name (P5).
      const [sender, recipients] = this.isCompatible ? [bareAddress(from), bareRecipients(to)] : [from, to]
      return writeLetter(sender, recipients, content, options, known?.header)
    } catch (error) {
      throw translate(error)
    }
  }

  /** smtplib writes one command at a time, and tells a server that knows HELO alone no options (P42). */
  #sendOptions(options: SendOptions | MailOptions, rcptOptions: RcptOptions): SendOptions {
    const all = sendOptions(options, rcptOptions)
    if (!this.isCompatible) return all
    const { parameters: _, recipientParameters: __, ...bare } = all
    return { pace: 'step', ...(this.doesEsmtp ? all : bare) }
  }

  #refuseEightBit(content: Content): void {
    if (content.kind === 'memory' && measureData(content.octets).eightBit && !this.hasExtn('8BITMIME'))
      throw new SMTPNotSupportedError('the message holds octets above 127, and the server does not offer 8BITMIME')
  }

  async #dataByHand(content: Content): Promise<ReplyPair> {
    this.#refuseEightBit(content)
    const [code, text] = await this.docmd('data')
    if (code !== 354)
      throw new SMTPDataError(`DATA was refused: ${this.lastReply ?? code}`, {
        reply: this.lastReply,
        phase: 'data',
        retry: code >= 500 ? 'never' : 'later',
      })
    const replies = await this.run(({ session, channel, settings }) =>
      sendByHand(
        session,
        channel,
        content,
        this.hasExtn('8BITMIME'),
        settings.lmtp ? Math.max(this.acceptedRecipients, 1) : 1,
      ),
    )
    const worst = replies.find(reply => reply.code >= 400) ?? replies.at(-1)
    return worst === undefined ? [code, text] : replyPair(worst)
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

  /** 421 in answer to AUTH is a refusal of the login, too (P66). */
  async #authenticating(verb: (line: Line) => Promise<Reply>): Promise<Reply> {
    try {
      return await this.run(verb)
    } catch (error) {
      const reply = error instanceof SMTPServerDisconnected ? error.reply : undefined
      if (reply?.code !== 421) throw error
      throw new SMTPAuthenticationError(`AUTH was refused: ${reply}`, {
        reply,
        phase: 'auth',
        retry: 'later',
        cause: error,
      })
    }
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

/** smtplib's `_MAXCHALLENGE`: more challenges than this, the initial response counted as an answer to one, are a server that never stops asking (P65). */
const maximumChallenges = 6

/** The options of what is left to do, when some of the time is gone. */
function remaining(options: SendOptions, gone: number): SendOptions {
  return options.deadline === undefined ? options : { ...options, deadline: Math.max(options.deadline - gone, 1) }
}

function bareRecipients(to: Recipients): Recipients {
  return listOf(to).map(one => (typeof one === 'string' ? bareAddress(one) : one))
}

function listOf(to: Recipients): (string | Recipient)[] {
  return typeof to === 'string' || 'address' in to ? [to] : Array.from(to)
}

function sourceOf({ body, size }: Extract<Content, { kind: 'stream' }>): MessageSource {
  const stream = () => body
  return size === undefined ? { stream } : { stream, size }
}

function endlessChallenges(reply: Reply | undefined): SMTPException {
  const last = reply === undefined ? '' : ` Last response: (${reply.code}, ${quoteOctets(replyText(reply))})`
  return new SMTPException(`Server AUTH mechanism infinite loop.${last}`, { code: 'EAUTH', reply, phase: 'auth' })
}
