/**
 * One message, one connection: `sendmail`, and `send_message`, which finds the envelope in the header.
 *
 * In: a server, an envelope, a message. Out: a report; or an error with that report in it, when nobody was accepted. The connection is made
 * for this message and ended politely behind it; nobody waits for the end.
 */
import { type Connection, establish } from './connection.js'
import { translate } from './failure.js'
import { type Letter, type Recipients, writeLetter } from './letter.js'
import { readMessage } from './message.js'
import { type ServerOptions, type Settings, settle } from './option.js'
import { type Patience, patiently } from './patience.js'
import type { SendReport } from './report.js'
import type { SendMessageOptions, SendOptions } from './send-option.js'
import { type Message, readContent } from './source.js'
import { circumstancesOf, conclude, transfer, unbegun } from './transfer.js'

/** A server: a URL, or options. */
export type Server = string | URL | ServerOptions

/**
 * Sends one message to one server.
 *
 * @param server - `smtp://user:password@mail.example.org:587`, or options
 * @param from - the sender's address, an addr-spec; `''` is the null sender
 * @param to - one recipient or several; each may have RCPT parameters of its own
 * @param message - RFC 5322 text or octets, which are not looked into, or what can be made into them
 * @throws {@link SMTPConfigurationError}, {@link SMTPEnvelopeError}, {@link SMTPMessageError}, {@link SMTPNotSupportedError} before a message is begun
 * @throws {@link SMTPSenderRefused}, {@link SMTPRecipientsRefused}, {@link SMTPDataError} when the server accepted it for nobody
 * @throws {@link SMTPConnectError}, {@link SMTPTlsError}, {@link SMTPHeloError}, {@link SMTPAuthenticationError}, {@link SMTPServerDisconnected} when the connection failed;
 * `mayHaveBeenDelivered` says whether the message may have got through
 * @example
 * ```ts
 * const report = await sendmail('smtp://localhost:2525', 'me@example.org', ['you@example.org'], 'Subject: hi\r\n\r\nhello')
 * console.log(report.accepted, report.refused)
 * ```
 */
export async function sendmail(
  server: Server,
  from: string,
  to: Recipients,
  message: Message,
  options: SendOptions = {},
): Promise<SendReport> {
  const settings = settle(server)
  const letter = write(from, to, message, options)
  return patiently(options, patience => sendAlone(settings, letter, options, patience))
}

/**
 * Sends one message to those its header names (To, Cc, Bcc, or Resent-*), from its Sender or From. Bcc and Resent-Bcc are taken out of it.
 *
 * @throws as `sendmail`; {@link SMTPMessageError} also for a header that cannot be read
 * @example
 * ```ts
 * await sendMessage('smtp://localhost:2525', createReadStream('letter.eml'))
 * ```
 */
export async function sendMessage(
  server: Server,
  message: Message,
  options: SendMessageOptions = {},
): Promise<SendReport> {
  const settings = settle(server)
  return patiently(options, patience =>
    withLetter(message, options, patience, letter => sendAlone(settings, letter, options, patience)),
  )
}

/** A letter, with errors in the mailer's words. */
export function write(from: string, to: Recipients, message: Message, options: SendOptions): Letter {
  try {
    return writeLetter(from, to, readContent(message), options)
  } catch (error) {
    throw translate(error)
  }
}

/** Reads a message, sends it, and releases its source where nobody has taken it. */
export async function withLetter(
  message: Message,
  options: SendMessageOptions,
  patience: Patience | undefined,
  send: (letter: Letter) => Promise<SendReport>,
): Promise<SendReport> {
  const { letter, release } = await readMessage(message, options, patience).catch(error => {
    throw translate(error)
  })
  try {
    return await send(letter)
  } finally {
    release()
  }
}

async function sendAlone(
  settings: Settings,
  letter: Letter,
  options: SendOptions,
  patience: Patience | undefined,
): Promise<SendReport> {
  const asked = performance.now()
  let connection: Connection | undefined
  const now = () => {
    const connect = connection?.setUp ?? performance.now() - asked
    return circumstancesOf(letter, settings, connection, { asked, begun: asked + connect, connect })
  }
  try {
    patience?.check()
    connection = await establish(settings, session => patience?.hold(session))
    const result = await transfer(connection.session, letter, options)
    return conclude(letter, settings.lmtp, result, now())
  } catch (error) {
    throw unbegun(letter, error, now())
  } finally {
    patience?.letGo()
    void connection?.leave()
  }
}
