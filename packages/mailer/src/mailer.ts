/**
 * A mailer: one server, one set of terms, a pool of connections.
 *
 * In: options, checked once; then messages. Out: a report for each, or an error with that report in it. A message whose kept connection turns out
 * to be of no use before anything was sent is begun again, once, on a new one (rule R14); nothing else is repeated. Two mailers
 * share nothing (threat T-18).
 */
import type { Envelope, ServerFacts } from '@postrider/session'
import { SessionError, ShutdownError, type TransactionResult } from '@postrider/session'
import type { Connection } from './connection.js'
import { SMTPException } from './error.js'
import { translate } from './failure.js'
import type { Letter, Recipients } from './letter.js'
import { type ServerOptions, type Settings, settle } from './option.js'
import { type Patience, patiently } from './patience.js'
import { Pool, type PoolOptions, type PoolStats } from './pool.js'
import { Report, type SendReport, unbegunResult } from './report.js'
import { inOrder } from './send-many.js'
import type { SendMessageOptions, SendOptions } from './send-option.js'
import { withLetter, write } from './sendmail.js'
import type { Message } from './source.js'
import { circumstancesOf, conclude, transfer, unbegun } from './transfer.js'

/** A server, and how its connections are pooled. */
export interface MailerOptions extends ServerOptions, PoolOptions {
  /** The pace of messages that name none of their own; default `certain`. */
  readonly pace?: NonNullable<SendOptions['pace']>
}

/** One of many messages. Without `from` and `to` they are taken from its header. */
export type Mail =
  | (Envelope & { readonly message: Message })
  | { readonly message: Message; readonly from?: undefined; readonly to?: undefined }

/** Sends messages over connections that it keeps. */
export interface Mailer {
  /** As the function `sendmail`, without its server. */
  sendmail(from: string, to: Recipients, message: Message, options?: SendOptions): Promise<SendReport>
  /** As the function `sendMessage`, without its server. */
  sendMessage(message: Message, options?: SendMessageOptions): Promise<SendReport>
  /** `sendMessage`. */
  send_message(message: Message, options?: SendMessageOptions): Promise<SendReport>
  /**
   * Sends what comes, as many at a time as there are connections, and reports in the order in which it came. It never throws for a message:
   * what `sendmail` would have thrown is in `report.error`.
   */
  sendMany(messages: AsyncIterable<Mail> | Iterable<Mail>, options?: SendOptions): AsyncIterable<SendReport>
  /** Connects, logs in, and tells what the server said of itself. @throws as `sendmail`, before a message */
  verify(options?: Pick<SendOptions, 'signal' | 'deadline'>): Promise<ServerFacts>
  stats(): PoolStats
  /** Takes no more messages, sends those it has, and ends every connection. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Makes a mailer. Nothing is opened until the first message.
 *
 * @throws {@link SMTPConfigurationError}
 * @example
 * ```ts
 * const mailer = createMailer({ host: 'mail.example.org', auth: { username: 'me', password } })
 * try {
 *   const report = await mailer.sendmail('me@example.org', 'you@example.org', 'Subject: hi\r\n\r\nhello')
 * } finally {
 *   await mailer.close()
 * }
 * ```
 */
export function createMailer(options: MailerOptions | string | URL): Mailer {
  return new PoolMailer(options)
}

class PoolMailer implements Mailer {
  readonly #settings: Settings
  readonly #pool: Pool
  readonly #width: number
  readonly #pace: SendOptions['pace']

  constructor(options: MailerOptions | string | URL) {
    this.#settings = settle(options)
    const own: MailerOptions = typeof options === 'string' || options instanceof URL ? {} : options
    this.#pool = new Pool(this.#settings, own)
    this.#width = own.maxConnections ?? 5
    this.#pace = own.pace
  }

  async sendmail(from: string, to: Recipients, message: Message, options: SendOptions = {}): Promise<SendReport> {
    const letter = write(from, to, message, options)
    return patiently(options, patience => this.#send(letter, options, patience))
  }

  async sendMessage(message: Message, options: SendMessageOptions = {}): Promise<SendReport> {
    return patiently(options, patience =>
      withLetter(message, options, patience, letter => this.#send(letter, options, patience)),
    )
  }

  send_message(message: Message, options?: SendMessageOptions): Promise<SendReport> {
    return this.sendMessage(message, options)
  }

  sendMany(messages: AsyncIterable<Mail> | Iterable<Mail>, options: SendOptions = {}): AsyncIterable<SendReport> {
    return inOrder(messages, this.#width, mail => this.#report(mail, options))
  }

  async verify(options: Pick<SendOptions, 'signal' | 'deadline'> = {}): Promise<ServerFacts> {
    return patiently(options, async patience => {
      let connection: Connection | undefined
      try {
        patience?.check()
        connection = this.#pool.take() ?? (await this.#pool.wait(patience))
        patience?.hold(connection.session)
        if (!connection.isFresh && !(await isAlive(connection))) {
          patience?.letGo()
          this.#pool.release(connection, { used: false })
          connection = undefined
          connection = await this.#pool.repeat(patience)
        }
        const { server } = connection.session
        if (server === undefined)
          throw new SMTPException('the server has said nothing of itself', { code: 'EPROTOCOL' })
        return server
      } catch (error) {
        throw translate(error)
      } finally {
        patience?.letGo()
        if (connection !== undefined) this.#pool.release(connection, { used: false })
      }
    })
  }

  stats(): PoolStats {
    return this.#pool.stats
  }

  async close(): Promise<void> {
    await this.#pool.close()
    const { auth } = this.#settings
    if (auth !== undefined && 'memory' in auth) auth.memory?.clear()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #send(letter: Letter, options: SendOptions, patience: Patience | undefined): Promise<SendReport> {
    const asked = performance.now()
    let begun = asked
    let connect = 0
    let connection: Connection | undefined
    try {
      patience?.check()
      connection = this.#pool.take() ?? (await this.#pool.wait(patience))
      connect = connection.isFresh ? connection.setUp : 0
      begun = performance.now()
      let result = await this.#over(connection, letter, options, patience)
      if (result === 'stale') {
        connection = await this.#pool.repeat(patience)
        connect = connection.isFresh ? connection.setUp : 0
        begun = performance.now()
        result = await this.#through(connection, letter, options, patience)
      }
      return conclude(
        letter,
        this.#settings.lmtp,
        result,
        circumstancesOf(letter, this.#settings, connection, { asked, begun, connect }),
      )
    } catch (error) {
      throw unbegun(letter, error, circumstancesOf(letter, this.#settings, connection, { asked, begun, connect }))
    }
  }

  /** `stale` when the connection had been kept and turned out to be of no use before anything of this message was sent (rule R14). */
  async #over(
    connection: Connection,
    letter: Letter,
    options: SendOptions,
    patience: Patience | undefined,
  ): Promise<TransactionResult | 'stale'> {
    const wasKept = !connection.isFresh
    try {
      const result = await this.#through(connection, letter, options, patience)
      return wasKept && isUntouched(result) ? 'stale' : result
    } catch (error) {
      // The session had ended before a word of this message was written.
      if (wasKept && error instanceof SessionError && isBroken(error)) return 'stale'
      throw error
    }
  }

  async #through(
    connection: Connection,
    letter: Letter,
    options: SendOptions,
    patience: Patience | undefined,
  ): Promise<TransactionResult> {
    try {
      patience?.hold(connection.session)
      const wanted = options.pace ?? this.#pace
      const pace = wanted === 'oneFlight' && connection.mayBeStale ? 'certain' : wanted
      return await transfer(connection.session, letter, pace === undefined ? options : { ...options, pace })
    } finally {
      // Before somebody else gets the connection: it is not ours to abort any more.
      patience?.letGo()
      this.#pool.release(connection)
    }
  }

  /** What became of one of many, whatever it was. */
  async #report(mail: Mail, options: SendOptions): Promise<SendReport> {
    try {
      if (mail.to === undefined) return await this.sendMessage(mail.message, options)
      const { from, to, message, parameters } = mail
      return await this.sendmail(from, to, message, parameters === undefined ? options : { ...options, parameters })
    } catch (error) {
      const failure = error instanceof SMTPException ? error : new SMTPException(String(error), { cause: error })
      if (failure.report !== undefined) return failure.report
      const envelope = { from: mail.from ?? '', to: mail.to ?? [] }
      const moment = performance.now()
      const circumstances = circumstancesOf(undefined, this.#settings, undefined, {
        asked: moment,
        begun: moment,
        connect: 0,
      })
      const report = new Report(envelope, unbegunResult(envelope, failure), circumstances)
      report.fail(failure)
      return report
    }
  }
}

/** A connection that was kept has to show that it is still there. What the caller gave up stays given up. */
async function isAlive({ session }: Connection): Promise<boolean> {
  try {
    await session.noop()
    return session.usable
  } catch (error) {
    if (error instanceof SessionError && isBroken(error)) return false
    throw error
  }
}

/** States in which the message itself has not been asked for. */
const beforeMessage: ReadonlySet<string | undefined> = new Set(['mail', 'rcpt', 'data', 'drain', 'flight.held'])

/** States in which a 421 is the answer to MAIL, or to nothing. */
const uponMail: ReadonlySet<string | undefined> = new Set(['mail', 'flight.held', 'flight.mail'])

/**
 * The connection broke, or what was left on it from before got in the way, and nothing was sent to anybody: it is as good as never begun. A 421 to
 * MAIL on a connection that was kept says "idle too long", not "not this message".
 */
function isUntouched({ error, recipients }: TransactionResult): boolean {
  if (error === undefined || !isBroken(error)) return false
  if (error instanceof ShutdownError) return uponMail.has(error.phase)
  return beforeMessage.has(error.phase) && recipients.every(({ outcome }) => outcome === 'unsent')
}

/** By the server or on the way to it; what the caller gave up stays given up. */
function isBroken({ usable, fault }: SessionError): boolean {
  return !usable && fault !== 'local'
}
