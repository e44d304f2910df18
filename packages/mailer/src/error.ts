/**
 * The errors of the mailer: smtplib's exceptions by name, nodemailer's fields on each of them, and what neither says: in which phase it
 * happened, whether the message may have been delivered, and when to try again.
 *
 * `instanceof` holds across two copies of this package. Nothing secret is in any of them. `report`, where there is one, tells what became of
 * each recipient; it is not enumerable, so that a printed error stays short.
 */
import type { Reply } from '@postrider/codec'
import type { Remedy, Retry } from '@postrider/session'
import { type Refused, replyText } from './reply-pair.js'
import type { SendReport } from './report.js'

/** Facts about an error; what is left out has the default named at the field of {@link SMTPException}. */
export interface SMTPExceptionDetails {
  readonly code?: string | undefined
  readonly command?: string | undefined
  readonly reply?: Reply | undefined
  readonly phase?: string | undefined
  readonly retry?: Retry | undefined
  readonly mayHaveBeenDelivered?: boolean | undefined
  readonly credentialsSent?: boolean | undefined
  readonly recipients?: Refused | undefined
  readonly cause?: unknown
}

/**
 * Gives a class its name and lets `instanceof` look for a mark on the prototype instead of the prototype itself, so that errors made by
 * another copy of the package are recognised. A class derived elsewhere is told by its prototype, as usual.
 */
function brand(branded: { readonly prototype: object }, name: string): void {
  const mark = Symbol.for(`@postrider/mailer/${name}`)
  Object.defineProperty(branded.prototype, mark, { value: true })
  Object.defineProperty(branded.prototype, 'name', { value: name, configurable: true, writable: true })
  Object.defineProperty(branded, Symbol.hasInstance, {
    value(this: { readonly prototype: object }, value: unknown): boolean {
      if (typeof value !== 'object' || value === null) return false
      return this === branded ? mark in value : Object.prototype.isPrototypeOf.call(this.prototype, value)
    },
  })
}

/** What every error of the mailer is. */
export class SMTPException extends Error {
  static {
    brand(SMTPException, 'SMTPException')
  }

  /**
   * A stable word for programs, nodemailer's where it has one: `ECONNECTION`, `ETIMEDOUT`, `EDNS`, `ETLS`, `ETLSMODE`, `EINJECTION`, `EAUTH`,
   * `EPROTOCOL`, `ECOMMAND`, `EENVELOPE`, `EMESSAGE`, `ESTREAM`, `ENOTSUPPORTED`, `ESEQUENCE`, `EABORT`, `ECONFIG`, `ECLOSED`.
   */
  readonly code: string
  /** When to try again. Default `never`. */
  readonly retry: Retry
  /** The terminator was written and its answer never came. Default false: nothing left that could deliver the message. */
  readonly mayHaveBeenDelivered: boolean
  /** Something secret had been sent in an AUTH exchange. Default false. */
  readonly credentialsSent: boolean
  /** The command that failed, as nodemailer spells it: `CONN`, `EHLO`, `STARTTLS`, `AUTH PLAIN`, `MAIL FROM`, `RCPT TO`, `DATA`. */
  declare readonly command?: string
  /** The state of the session, such as `greeting` or `endOfData`. */
  declare readonly phase?: string
  /** The server's words, with their code: `550 5.1.1 no such user`. */
  declare readonly response?: string
  /** The code of `response`. */
  declare readonly responseCode?: number
  /** `5.1.1`, where the server sent one (RFC 2034). */
  declare readonly enhancedCode?: string
  /** Who was refused, as smtplib tells it. */
  declare readonly recipients?: Refused
  /** The reply that `response` shows; not enumerable. */
  declare readonly reply?: Reply
  /** What became of the message, when the error ended a send. */
  declare readonly report?: SendReport

  constructor(message: string, details: SMTPExceptionDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = details.code ?? 'ESMTP'
    this.retry = details.retry ?? 'never'
    this.mayHaveBeenDelivered = details.mayHaveBeenDelivered ?? false
    this.credentialsSent = details.credentialsSent ?? false
    const { command, phase, reply, recipients } = details
    const facts: {
      -readonly [Name in 'command' | 'phase' | 'response' | 'responseCode' | 'enhancedCode']?: string | number
    } = {}
    if (command !== undefined) facts.command = command
    if (phase !== undefined) facts.phase = phase
    if (reply !== undefined) {
      Object.defineProperty(this, 'reply', { value: reply })
      facts.response = reply.toString()
      facts.responseCode = reply.code
      const enhanced = reply.enhanced
      if (enhanced !== undefined) facts.enhancedCode = enhanced.toString()
    }
    Object.assign(this, facts)
    if (recipients !== undefined) Object.defineProperty(this, 'recipients', { value: recipients, enumerable: true })
  }

  /**
   * One paragraph for people: what happened, what the server said, what became of the message and for whom, and when to try again.
   *
   * @throws nothing
   */
  explain(): string {
    const { command, response, report } = this
    const said = response === undefined || this.message.includes(response) ? '' : `The server said: ${response}`
    const sentences = [
      `${this.name}: ${this.message}`,
      command === undefined ? '' : `This was in ${command}${this.phase === undefined ? '' : `, phase ${this.phase}`}`,
      said,
      ...(report?.recipients ?? []).map(({ address, outcome }) => `${address}: ${outcome}`),
      this.mayHaveBeenDelivered ? 'The message may have been delivered all the same' : '',
      advice[this.retry],
    ]
    return sentences
      .filter(sentence => sentence !== '')
      .map(sentence => sentence.replace(/\s+/g, ' ').replace(/[. ]*$/, '.'))
      .join(' ')
  }
}

const advice: Readonly<Record<Retry, string>> = {
  never: 'It will not be otherwise next time',
  now: 'It may be tried again at once',
  later: 'It may be tried again later',
  caller: 'Whether to send it again is up to you: it might arrive twice',
}

/** Notes in an error what became of the message. */
export function attachReport<Failure extends SMTPException>(error: Failure, report: SendReport): Failure {
  Object.defineProperty(error, 'report', { value: report, configurable: true })
  return error
}

/** Something is needed that the server does not offer. Nothing was sent. */
export class SMTPNotSupportedError extends SMTPException {
  static {
    brand(SMTPNotSupportedError, 'SMTPNotSupportedError')
  }
  constructor(message: string, details: SMTPExceptionDetails = {}) {
    super(message, { code: 'ENOTSUPPORTED', ...details })
  }
}

/** The connection broke, ran out of time, or is not there. */
export class SMTPServerDisconnected extends SMTPException {
  static {
    brand(SMTPServerDisconnected, 'SMTPServerDisconnected')
  }
  constructor(message: string, details: SMTPExceptionDetails = {}) {
    super(message, { code: 'ECONNECTION', ...details })
  }
}

/** The server said no. */
export class SMTPResponseException extends SMTPException {
  static {
    brand(SMTPResponseException, 'SMTPResponseException')
  }
  /** The reply code; -1 where there was no reply that could be read. */
  readonly smtp_code: number
  /** The reply's text without its code, lines joined by LF. */
  readonly smtp_error: Uint8Array

  constructor(message: string, details: SMTPExceptionDetails = {}) {
    super(message, details)
    this.smtp_code = details.reply?.code ?? -1
    this.smtp_error = details.reply === undefined ? new Uint8Array(0) : replyText(details.reply)
  }
}

/** MAIL was refused. */
export class SMTPSenderRefused extends SMTPResponseException {
  static {
    brand(SMTPSenderRefused, 'SMTPSenderRefused')
  }
  /** The address that was refused, as it was given. */
  readonly sender: string
  constructor(message: string, details: SMTPExceptionDetails & { readonly sender: string }) {
    super(message, { code: 'EENVELOPE', command: 'MAIL FROM', ...details })
    this.sender = details.sender
  }
}

/** Nobody was accepted. */
export class SMTPRecipientsRefused extends SMTPException {
  static {
    brand(SMTPRecipientsRefused, 'SMTPRecipientsRefused')
  }
  /** Every refused address with the code and the text it was refused with. */
  declare readonly recipients: Refused
  constructor(message: string, details: SMTPExceptionDetails & { readonly recipients: Refused }) {
    super(message, { code: 'EENVELOPE', command: 'RCPT TO', ...details })
  }
}

/** DATA or the message was refused. */
export class SMTPDataError extends SMTPResponseException {
  static {
    brand(SMTPDataError, 'SMTPDataError')
  }
  constructor(message: string, details: SMTPExceptionDetails = {}) {
    super(message, { code: 'EMESSAGE', command: 'DATA', ...details })
  }
}

/** The connection could not be made, or the server refused it in its greeting. */
export class SMTPConnectError extends SMTPResponseException {
  static {
    brand(SMTPConnectError, 'SMTPConnectError')
  }
  constructor(message: string, details: SMTPExceptionDetails = {}) {
    super(message, { code: 'ECONNECTION', command: 'CONN', ...details })
  }
}

/** EHLO and HELO were refused. */
export class SMTPHeloError extends SMTPResponseException {
  static {
    brand(SMTPHeloError, 'SMTPHeloError')
  }
  constructor(message: string, details: SMTPExceptionDetails = {}) {
    super(message, { code: 'EPROTOCOL', command: 'EHLO', ...details })
  }
}

/** AUTH was refused. */
export class SMTPAuthenticationError extends SMTPResponseException {
  static {
    brand(SMTPAuthenticationError, 'SMTPAuthenticationError')
  }
  /** What has to be different for the next try: `credentials` after 535, `time` after 454, and so on; undefined where the reply does not tell. */
  declare readonly remedy?: Remedy
  constructor(message: string, details: SMTPExceptionDetails & { readonly remedy?: Remedy | undefined } = {}) {
    super(message, { code: 'EAUTH', command: 'AUTH', ...details })
    if (details.remedy !== undefined) Object.defineProperty(this, 'remedy', { value: details.remedy, enumerable: true })
  }
}

/** TLS failed, or the port speaks the other kind of it. smtplib has no class for this; it lets `ssl.SSLError` through. */
export class SMTPTlsError extends SMTPException {
  static {
    brand(SMTPTlsError, 'SMTPTlsError')
  }
  /** What to ask for instead, where the server speaks TLS at another moment than we do. */
  declare readonly expected?: 'implicit' | 'starttls'
  constructor(
    message: string,
    details: SMTPExceptionDetails & { readonly expected?: 'implicit' | 'starttls' | undefined } = {},
  ) {
    super(message, { code: 'ETLS', ...details })
    if (details.expected !== undefined) Object.assign(this, { expected: details.expected })
  }
}

/** A message that cannot be sent as it stands. Nothing was sent, unless the message was still being read. */
export class SMTPMessageError extends SMTPException {
  static {
    brand(SMTPMessageError, 'SMTPMessageError')
  }
  /** The header field it is about, as the message spells it. */
  declare readonly header?: string
  /** Where in the header field, unfolded, counted in UTF-16 units. */
  declare readonly at?: number
  constructor(
    message: string,
    details: SMTPExceptionDetails & { readonly header?: string | undefined; readonly at?: number | undefined } = {},
  ) {
    super(message, { code: 'EMESSAGE', ...details })
    const { header, at } = details
    Object.assign(this, { ...(header === undefined ? {} : { header }), ...(at === undefined ? {} : { at }) })
  }
}

/** An envelope that cannot be sent as it stands: an address or a parameter outside the grammar, or no recipient. Nothing was sent. */
export class SMTPEnvelopeError extends SMTPException {
  static {
    brand(SMTPEnvelopeError, 'SMTPEnvelopeError')
  }
  constructor(message: string, details: SMTPExceptionDetails = {}) {
    super(message, { code: 'EENVELOPE', ...details })
  }
}

/** Options that cannot be, or contradict each other. Nothing was opened. */
export class SMTPConfigurationError extends SMTPException {
  static {
    brand(SMTPConfigurationError, 'SMTPConfigurationError')
  }
  constructor(message: string, details: SMTPExceptionDetails = {}) {
    super(message, { code: 'ECONFIG', ...details })
  }
}
