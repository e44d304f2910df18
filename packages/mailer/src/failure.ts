/**
 * Errors of the layers below, told in the mailer's words; the one place where that is done.
 *
 * In: whatever a session, the codec or a SASL mechanism threw, or the result of a transaction that reached nobody. Out: an
 * `SMTPException` with the original as its `cause`. Errors of the mailer itself, and errors of the caller's making (`TypeError`, `RangeError`), pass
 * unchanged.
 */
import { AuthenticationError } from '@postrider/auth-sasl'
import { DecodeError, EncodeError, parseReply } from '@postrider/codec'
import {
  AbortedError,
  AuthenticationRefusedError,
  BodyError,
  NotOfferedError,
  ProtocolError,
  type RecipientResult,
  RefusedError,
  type Retry,
  SequenceError,
  SessionError,
  ShutdownError,
  TimeoutError,
  TlsError,
  TlsInjectionError,
  TlsModeError,
  type TransactionResult,
} from '@postrider/session'
import {
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
import { isRefusal, refusals } from './report.js'

/** The reason of an abort that a deadline brought about. */
export class DeadlineReached extends Error {
  constructor(milliseconds: number) {
    super(`not done within ${milliseconds} ms`)
    this.name = 'DeadlineReached'
  }
}

/** What `beforeCommit` threw. */
export class CommitRefused extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.name = 'CommitRefused'
  }
}

/** An error of a layer below, as the mailer's own. */
export function translate(error: unknown): unknown {
  if (error instanceof SMTPException) return error
  if (error instanceof SessionError) return ofSession(error)
  if (error instanceof EncodeError) return ofEncoding(error)
  if (error instanceof AuthenticationError) {
    const details = { code: 'EAUTH', credentialsSent: error.credentialsSent, cause: error } as const
    return error.code === 'EMECHANISM'
      ? new SMTPNotSupportedError(error.message, details)
      : new SMTPException(error.message, details)
  }
  return error
}

function ofSession(error: SessionError): SMTPException {
  const details = detailsOf(error)
  const { message } = error
  if (error instanceof AuthenticationRefusedError)
    return new SMTPAuthenticationError(message, {
      ...details,
      command: `AUTH ${error.mechanism}`,
      remedy: error.remedy,
      // 432 begins with 4, but waiting does not help (RFC 4954 6).
      ...(error.remedy === 'transition' && { retry: 'never' }),
    })
  if (error instanceof NotOfferedError) return notOffered(error, details)
  if (error instanceof BodyError) return ofBody(error, details)
  if (error instanceof AbortedError) return ofAbort(error, details)
  if (error instanceof SequenceError)
    return new SMTPException(message, { ...details, code: 'ESEQUENCE', retry: 'never' })
  if (error instanceof TlsModeError)
    return new SMTPTlsError(message, { ...details, code: 'ETLSMODE', retry: 'never', expected: error.expected })
  if (error instanceof TlsError)
    return new SMTPTlsError(message, { ...details, code: 'ETLS', command: tlsCommand(error) })
  if (error instanceof TlsInjectionError)
    return new SMTPTlsError(message, { ...details, code: 'EINJECTION', command: 'STARTTLS', retry: 'never' })
  if (error instanceof RefusedError) return refused(error, details)
  if (isLongLine(error))
    return new SMTPResponseException(lineTooLong.text, { ...details, reply: lineTooLong, code: 'EPROTOCOL' })
  if (isConnectError(error)) return new SMTPConnectError(message, { ...details, code: connectCode(error) })
  if (error instanceof ShutdownError) return new SMTPServerDisconnected(message, { ...details, code: 'ECONNECTION' })
  if (error instanceof TimeoutError)
    return new SMTPServerDisconnected(`Connection unexpectedly closed: timed out: ${message}`, {
      ...details,
      code: 'ETIMEDOUT',
    })
  if (error instanceof ProtocolError) return new SMTPServerDisconnected(message, { ...details, code: 'EPROTOCOL' })
  return new SMTPServerDisconnected(`Connection unexpectedly closed: ${message}`, details)
}

/** smtplib's answer to a line that is too long, as if the server had said it (P32). */
const lineTooLong = parseReply(new TextEncoder().encode('500 Line too long.\r\n'))

function isLongLine({ cause }: SessionError): boolean {
  return cause instanceof DecodeError && cause.why === 'line too long'
}

/** What a session's error tells whichever class it becomes. */
function detailsOf(error: SessionError): SMTPExceptionDetails {
  const { phase, reply, mayHaveBeenDelivered, credentialsSent } = error
  return { phase, reply, mayHaveBeenDelivered, credentialsSent, retry: retryOf(error), cause: error }
}

/** Rule of the fault table: what is unsent may be repeated at once, 4yz later, 5yz never, what is unknown is for the caller to weigh. */
function retryOf({ mayHaveBeenDelivered, reply, fault }: SessionError): Retry {
  if (mayHaveBeenDelivered) return 'caller'
  if (reply !== undefined && reply.code >= 400) return reply.code >= 500 ? 'never' : 'later'
  return fault === 'local' ? 'never' : 'now'
}

/** smtplib tells a connection that was lost before the greeting from one that was refused in it (P11). */
function isConnectError(error: SessionError): boolean {
  if (error.phase === 'connecting') return true
  return error.phase === 'greeting' && (error instanceof ShutdownError || error instanceof ProtocolError)
}

function connectCode(error: SessionError): string {
  if (error instanceof TimeoutError) return 'ETIMEDOUT'
  if (error instanceof ProtocolError) return 'EPROTOCOL'
  const { cause } = error
  const isNameError =
    typeof cause === 'object' && cause !== null && 'syscall' in cause && cause.syscall === 'getaddrinfo'
  return isNameError ? 'EDNS' : 'ECONNECTION'
}

function tlsCommand({ phase }: SessionError): string {
  return phase === 'connecting' ? 'CONN' : 'STARTTLS'
}

/** smtplib's words (P40, P66, P69). */
const notSupported: ReadonlyMap<string, readonly [message: string, code: string]> = new Map([
  ['STARTTLS', ['STARTTLS extension not supported by server.', 'ETLS']],
  ['AUTH', ['SMTP AUTH extension not supported by server.', 'EAUTH']],
  ['SMTPUTF8', ['SMTPUTF8 not supported by server', 'ENOTSUPPORTED']],
])

function notOffered(error: NotOfferedError, details: SMTPExceptionDetails): SMTPException {
  const [message, code] = notSupported.get(error.keyword) ?? [error.message, 'ENOTSUPPORTED']
  return new SMTPNotSupportedError(message, { ...details, code, retry: 'never' })
}

function refused(error: RefusedError, details: SMTPExceptionDetails): SMTPException {
  const { command, message } = error
  return command === 'STARTTLS'
    ? new SMTPResponseException(message, { ...details, code: 'ETLS', command })
    : new SMTPHeloError(message, { ...details, command })
}

function ofBody(error: BodyError, details: SMTPExceptionDetails): SMTPException {
  const { cause } = error
  if (cause instanceof CommitRefused)
    return new SMTPException(error.message, { ...details, code: 'EABORT', cause: cause.cause })
  // Our own check, or the codec's: the message is at fault. Anything else was thrown by whoever gave us the message.
  const isContent = cause instanceof RangeError || cause instanceof EncodeError
  return new SMTPMessageError(error.message, { ...details, code: isContent ? 'EMESSAGE' : 'ESTREAM', retry: 'never' })
}

function ofAbort(error: AbortedError, details: SMTPExceptionDetails): SMTPException {
  const { cause } = error
  const retry = error.mayHaveBeenDelivered ? 'caller' : 'now'
  return cause instanceof DeadlineReached
    ? new SMTPServerDisconnected(cause.message, { ...details, code: 'ETIMEDOUT', retry })
    : new SMTPException(error.message, { ...details, code: 'EABORT', retry })
}

function ofEncoding(error: EncodeError): SMTPException {
  // Of domains by themselves there is one: our name in EHLO.
  if (error.what === 'domain') return new SMTPConfigurationError(error.message, { cause: error })
  if (error.what === 'command') return new SMTPException(error.message, { code: 'ECOMMAND', cause: error })
  if (error.code === 'EUTF8') return new SMTPNotSupportedError(error.message, { cause: error })
  return new SMTPEnvelopeError(error.message, { cause: error })
}

/**
 * The error that ends a send, if its result is one: nobody was accepted, or the connection broke before everything was decided. `undefined`
 * when the report may be returned.
 */
export function failureOf(sender: string, result: TransactionResult, lmtp: boolean): SMTPException | undefined {
  const { recipients, error, outcome } = result
  if (outcome === 'accepted') return undefined
  const broken = error === undefined ? undefined : (translate(error) as SMTPException)
  const isDecided = recipients.every(recipient => recipient.outcome === 'accepted' || isRefusal(recipient.outcome))
  if (isDecided && recipients.some(recipient => recipient.outcome === 'accepted')) return undefined
  const decisive = isDecided ? lastRefusal(recipients) : undefined
  // smtplib too calls it refused recipients when the server says 421 to one of them (P49).
  if (decisive === undefined && !(error instanceof ShutdownError && error.phase === 'rcpt')) return broken
  const { mayHaveBeenDelivered, retry, reply } = result
  const details = {
    reply: decisive?.reply ?? reply,
    phase: decisive?.phase ?? 'rcpt',
    retry,
    mayHaveBeenDelivered,
    cause: error,
  }
  switch (details.phase) {
    case 'mail':
      return new SMTPSenderRefused(`the sender ${sender} was refused: ${details.reply}`, { ...details, sender })
    case 'rcpt':
      return everybodyRefused(recipients, details)
    default:
      return lmtp && details.phase === 'endOfData'
        ? everybodyRefused(recipients, { ...details, command: 'DATA' })
        : new SMTPDataError(`the message was refused: ${details.reply}`, details)
  }
}

function everybodyRefused(recipients: readonly RecipientResult[], details: SMTPExceptionDetails): SMTPException {
  const refusedOnes = refusals(recipients)
  const [first] = refusedOnes.keys()
  const others = refusedOnes.size > 1 ? ` and ${refusedOnes.size - 1} more` : ''
  return new SMTPRecipientsRefused(`every recipient was refused: ${first}${others}: ${details.reply}`, {
    ...details,
    recipients: refusedOnes,
  })
}

const order: readonly string[] = ['mail', 'rcpt', 'data', 'body', 'endOfData']

/** Where some were refused one by one and the rest with the message, the message's refusal is what ended it. */
function lastRefusal(recipients: readonly RecipientResult[]): RecipientResult | undefined {
  let last: RecipientResult | undefined
  for (const recipient of recipients)
    if (last === undefined || order.indexOf(recipient.phase) > order.indexOf(last.phase)) last = recipient
  return last
}
