/**
 * smtplib's classes: `SMTP`, `SMTP_SSL`, `LMTP`, for programs that go step by step.
 *
 * In: options, then one call after another, in smtplib's order and by smtplib's names (`alias.ts` has the second spelling of each). Out: pairs of a code and
 * a text from the single commands, a report from `sendmail`, smtplib's exceptions. Other than in smtplib nothing is opened by the constructor, TLS
 * is verified, credentials stay off a line in clear, verbs are in upper case, and what was learnt from one server is forgotten before the next.
 *
 * Times are milliseconds.
 */
import { measureData, type Reply } from '@postrider/codec'
import { type Recipient, ShutdownError, type TransactionResult } from '@postrider/session'
import { addSmtplibNames, linkSpellings, type SmtplibNames } from './alias.js'
import { AuthClient } from './auth-client.js'
import type { Kind, SmtpOptions } from './connected-client.js'
import { sendByHand } from './data-by-hand.js'
import { SMTPConnectError, SMTPDataError, SMTPNotSupportedError } from './error.js'
import { translate } from './failure.js'
import {
  addressOf,
  eightBitRefused,
  type KnownHeader,
  type Letter,
  listOf,
  type Recipients,
  whyUtf8,
  writeLetter,
} from './letter.js'
import { openMessage } from './message.js'
import type { ServerOptions } from './option.js'
import { type Patience, patiently } from './patience.js'
import { LMTP_PORT, SMTP_PORT, SMTP_SSL_PORT } from './port.js'
import { bareAddress } from './quote.js'
import { type ReplyPair, replyPair } from './reply-pair.js'
import type { SendReport } from './report.js'
import type { SendMessageOptions, SendOptions } from './send-option.js'
import { type MailOptions, mailParameters, type RcptOptions, rcptParameters } from './smtplib-option.js'
import { type Content, type Message, type MessageSource, readContent } from './source.js'
import { circumstancesOf, conclude, transfer, unbegun } from './transfer.js'
import { isAscii } from './wire-address.js'

/** What TLS is to look at. */
export type StarttlsOptions = Pick<ServerOptions, 'tlsOptions' | 'serverName'>

export interface SMTP extends SmtplibNames {}

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
export class SMTP extends AuthClient {
  static {
    addSmtplibNames(SMTP.prototype as unknown as Record<string, unknown>)
  }

  /** What `sendMessage` has read already of what it hands to `sendmail`. */
  readonly #opened = new WeakMap<object, { readonly content: Content; readonly header: KnownHeader }>()

  /** Nothing is opened: call `connect`, or `SMTP.open`. */
  constructor(options: SmtpOptions = {}, kind: Kind = { protocol: 'smtp', implicitTls: false, port: SMTP_PORT }) {
    super(options, kind)
    linkSpellings(this, SMTP.prototype)
  }

  /**
   * A client that is connected.
   *
   * @throws {@link SMTPConnectError} when there is no connection, or the greeting is not 220; {@link SMTPTlsError}; {@link SMTPServerDisconnected};
   * {@link SMTPConfigurationError} for options that cannot be
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

  /**
   * STARTTLS and the handshake. What was known of the server is forgotten; the next command that needs it says EHLO again.
   *
   * @throws {@link SMTPNotSupportedError} when it is not offered; {@link SMTPResponseException} when it is refused; {@link SMTPTlsError} when TLS fails;
   * {@link SMTPHeloError}; {@link SMTPServerDisconnected}
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
   * DATA and the message, for the recipients accepted so far. The reply to the message is returned whatever it is, 421 included; for LMTP the worst of them.
   *
   * @param message - text, octets, or a stream of them, which smtplib refuses; dots and line ends are seen to
   * @throws {@link SMTPDataError} when DATA itself is refused; {@link SMTPNotSupportedError} for octets above 127 without 8BITMIME; {@link SMTPMessageError};
   * {@link SMTPException} (`ESEQUENCE`) before `rcpt`; {@link SMTPServerDisconnected}, whose `mayHaveBeenDelivered` says whether the terminator was out
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
      throw dataRefused(reply.code, reply)
    // 421 is a verdict like others: whoever says it has not taken the message.
    const shutdown = error instanceof ShutdownError ? error.reply : undefined
    if (error !== undefined && shutdown === undefined) throw translate(error)
    const last = worst ?? shutdown ?? reply
    return last === undefined ? [-1, new Uint8Array(0)] : replyPair(last)
  }

  /**
   * Sends one message. EHLO is said first where it has not been. Returns when somebody was accepted; `refused` in the report is smtplib's
   * dictionary.
   *
   * @param options - as for the function `sendmail`, or smtplib's list of MAIL options
   * @param rcptOptions - smtplib's list of RCPT options
   * @throws {@link SMTPSenderRefused}, {@link SMTPRecipientsRefused}, {@link SMTPDataError} when nobody was accepted; {@link SMTPEnvelopeError},
   * {@link SMTPMessageError}, {@link SMTPNotSupportedError} before anything is sent; {@link SMTPHeloError}; {@link SMTPServerDisconnected}, whose
   * `mayHaveBeenDelivered` says whether the message may have got through
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
    if (!this.isCompatible) {
      const letter = this.#write(from, to, message, all)
      return patiently(all, patience => this.#deliver(letter, undefined, all, patience))
    }
    // smtplib takes addresses with a display name (P5), and tells of them as they were given (P53).
    const given = { from, to: listOf(to) }
    const letter = this.#write(bare(from), given.to.map(bareRecipient), message, all)
    return patiently(all, patience => this.#deliver(letter, given, all, patience))
  }

  /**
   * Sends one message to those its header names, by `sendmail`, which a subclass may have made its own.
   *
   * @param from - instead of the sender in the header; or all options in one object
   * @param to - instead of the recipients in the header
   * @throws {@link SMTPMessageError} for a header that cannot be read; {@link SMTPSenderRefused}, {@link SMTPRecipientsRefused}, {@link SMTPDataError},
   * {@link SMTPEnvelopeError}, {@link SMTPNotSupportedError}, {@link SMTPHeloError}, {@link SMTPServerDisconnected} as `sendmail`
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
    const said: SendMessageOptions = isAll
      ? { ...this.#sendOptions(from, []), ...from }
      : {
          ...this.#sendOptions(mailOptions, rcptOptions),
          ...(from === undefined || from === null ? {} : { from }),
          ...(to === undefined || to === null ? {} : { to }),
        }
    // Recipients may come from a generator, and are needed twice.
    const options = said.to === undefined ? said : { ...said, to: listOf(said.to) }
    const asked = performance.now()
    const plain = this.isCompatible ? withoutNames(options) : options
    const opened = await patiently(options, patience => openMessage(message, plain, patience)).catch(error => {
      throw translate(error)
    })
    const { content, header } = opened
    const rest = content.kind === 'memory' ? content.octets : sourceOf(content)
    this.#opened.set(rest, { content, header })
    try {
      const { from: givenFrom, to: givenTo, headerLimit: _, ...others } = options
      const to = listOf(opened.to)
      if (!isAscii(opened.from) || to.some(one => !isAscii(addressOf(one)))) {
        const letter = this.#write(opened.from, to, rest, others)
        if (letter.utf8Address && !this.hasExtn('SMTPUTF8')) throw new SMTPNotSupportedError(whyUtf8(letter))
      }
      const left = remaining(others, performance.now() - asked)
      return await this.sendmail(givenFrom ?? opened.from, givenTo ?? to, rest, left)
    } finally {
      this.#opened.delete(rest)
      opened.release()
    }
  }

  /** A letter, with errors in the mailer's words. */
  #write(from: string, to: Recipients, message: Message, options: SendOptions): Letter {
    const known = typeof message === 'object' ? this.#opened.get(message) : undefined
    try {
      return writeLetter(from, to, known?.content ?? readContent(message), options, known?.header)
    } catch (error) {
      throw translate(error)
    }
  }

  /** smtplib writes one command at a time, and tells a server that knows HELO alone no options (P42). */
  #sendOptions(options: SendOptions | MailOptions, rcptOptions: RcptOptions): SendOptions {
    const all = sendOptions(options, rcptOptions)
    if (!this.isCompatible) return all
    const { parameters: _, recipientParameters: __, ...others } = all
    return { pace: 'step', bareLocalPart: true, ...(this.doesEsmtp ? all : others) }
  }

  #refuseEightBit(content: Content): void {
    if (content.kind === 'memory' && measureData(content.octets).eightBit && !this.hasExtn('8BITMIME'))
      throw eightBitRefused()
  }

  async #dataByHand(content: Content): Promise<ReplyPair> {
    this.#refuseEightBit(content)
    const [code, text] = await this.docmd('data')
    if (code !== 354) throw dataRefused(code, this.lastReply)
    const replies = await this.run(line =>
      sendByHand(line, content, {
        eightBit: this.hasExtn('8BITMIME'),
        verdicts: line.settings.lmtp ? Math.max(this.acceptedRecipients, 1) : 1,
        left: octets => this.tellBody(octets),
      }),
    )
    const worst = replies.find(reply => reply.code >= 400) ?? replies.at(-1)
    return worst === undefined ? [code, text] : replyPair(worst)
  }

  #deliver(
    letter: Letter,
    given: Given | undefined,
    options: SendOptions,
    patience: Patience | undefined,
  ): Promise<SendReport> {
    const asked = performance.now()
    const named = given === undefined ? letter : { ...letter, ...given }
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
        const result = await transfer(session, letter, options)
        if (letter.utf8Address) this.commandEncoding = 'utf-8'
        return conclude(named, settings.lmtp, given === undefined ? result : asGiven(result, given), now())
      } catch (error) {
        throw unbegun(named, error, now())
      } finally {
        patience?.letGo()
      }
    })
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

function sendOptions(options: SendOptions | MailOptions, rcptOptions: RcptOptions): SendOptions {
  const isList = typeof options === 'string' || Array.isArray(options)
  const own = isList ? { parameters: mailParameters(options as readonly string[] | string) } : (options as SendOptions)
  return Array.isArray(rcptOptions) && rcptOptions.length === 0
    ? own
    : { recipientParameters: rcptParameters(rcptOptions), ...own }
}

function dataRefused(code: number, reply: Reply | undefined): SMTPDataError {
  return new SMTPDataError(`DATA was refused: ${reply ?? code}`, {
    reply,
    phase: 'data',
    retry: code >= 500 ? 'never' : 'later',
  })
}

/** The options of what is left to do, when some of the time is gone. */
function remaining(options: SendOptions, gone: number): SendOptions {
  return options.deadline === undefined ? options : { ...options, deadline: Math.max(options.deadline - gone, 1) }
}

/** An envelope in its caller's words. */
interface Given {
  readonly from: string
  readonly to: readonly (string | Recipient)[]
}

function asGiven(result: TransactionResult, { to }: Given): TransactionResult {
  const recipients = result.recipients.map((recipient, place) => {
    const given = to[place]
    return given === undefined ? recipient : { ...recipient, address: addressOf(given) }
  })
  return { ...result, recipients }
}

/** Without display names, as `quoteaddr` has it. */
function withoutNames({ from, to, ...others }: SendMessageOptions): SendMessageOptions {
  return {
    ...others,
    ...(from === undefined ? {} : { from: bare(from) }),
    ...(to === undefined ? {} : { to: listOf(to).map(bareRecipient) }),
  }
}

function bare(address: string): string {
  return bareAddress(address, { bareLocalPart: true })
}

function bareRecipient(one: string | Recipient): string | Recipient {
  return typeof one === 'string' ? bare(one) : one
}

function sourceOf({ body, size }: Extract<Content, { kind: 'stream' }>): MessageSource {
  const stream = () => body
  return size === undefined ? { stream } : { stream, size }
}
