/**
 * @postrider/mailer: messages out, reports back. `sendmail`, `send_message`, a pool, and smtplib's classes by name.
 */
export type { ClientMechanism, Credentials, Secret } from '@postrider/auth-sasl'
export type { MailParametersInput, RcptParametersInput } from '@postrider/codec'
export type {
  Envelope,
  Outcome,
  Recipient,
  RecipientResult,
  Retry,
  ServerFacts,
  SessionEvent,
  Timeouts,
  TlsFacts,
  TransactionPhase,
} from '@postrider/session'
export { type AddressOptions, type Mailbox, parseAddresses } from './address.js'
export { _MAXCHALLENGE, type AuthObject, type LoginOptions } from './auth-client.js'
export { LMTP, SMTP, SMTP_SSL, type StarttlsOptions } from './client.js'
export type { Kind, SmtpOptions } from './connected-client.js'
export {
  SMTPAuthenticationError,
  SMTPConfigurationError,
  SMTPConnectError,
  SMTPDataError,
  SMTPEnvelopeError,
  SMTPException,
  type SMTPExceptionDetails,
  SMTPHeloError,
  SMTPMessageError,
  SMTPNotSupportedError,
  SMTPRecipientsRefused,
  SMTPResponseException,
  SMTPSenderRefused,
  SMTPServerDisconnected,
  SMTPTlsError,
} from './error.js'
export { _MAXLINE, OLDSTYLE_AUTH } from './esmtp-feature.js'
export type { HeaderField } from './header-list.js'
export type { Recipients } from './letter.js'
export { createMailer, type Mail, type Mailer, type MailerOptions } from './mailer.js'
export type { AuthOptions, ServerOptions, TlsMode, UserAndPass } from './option.js'
export type { PoolOptions, PoolStats } from './pool.js'
export { LMTP_PORT, SMTP_PORT, SMTP_SSL_PORT } from './port.js'
export { bCRLF, CRLF, quoteaddr, quotedata } from './quote.js'
export type { Refused, ReplyPair } from './reply-pair.js'
export type { Remote, SendReport, Timings } from './report.js'
export type { Commit, SendMessageOptions, SendOptions } from './send-option.js'
export { type Server, sendMessage, sendMessage as send_message, sendmail } from './sendmail.js'
export type { MailOptions, RcptOptions } from './smtplib-option.js'
export type { Message, MessageForm, MessageParts, MessageSource, Octets, SerializableMessage } from './source.js'
