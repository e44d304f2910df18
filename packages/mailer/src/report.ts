/**
 * What became of a message: per recipient, and in the words of smtplib and of nodemailer.
 *
 * In: what the session found out about one transaction, and when and where. Out: a `SendReport`, whose lists are made when they are first
 * asked for. It holds no message and no secret.
 */
import type { Envelope, Outcome, RecipientResult, Retry, TlsFacts, TransactionResult } from '@postrider/session'
import { attachReport, type SMTPException } from './error.js'
import { addressOf } from './letter.js'
import { type Refused, replyPair } from './reply-pair.js'

/** Milliseconds. */
export interface Timings {
  /** Until a connection was free. */
  readonly queue: number
  /** Until a new connection was ready for the message: TCP, greeting, EHLO, TLS, AUTH. 0 for one that was there. */
  readonly connect: number
  /** From MAIL to the last verdict. */
  readonly transaction: number
  readonly total: number
}

/** The server's end of the connection. */
export interface Remote {
  /** As it was asked for. */
  readonly host?: string
  readonly port?: number
  /** The IP address that was reached. */
  readonly address?: string
  /** The Unix socket. */
  readonly path?: string
}

/** What became of a message. */
export interface SendReport {
  /** The Message-ID field, where the header was read. */
  readonly messageId?: string | undefined
  /** Addresses as they went over the wire: domains in ASCII. */
  readonly envelope: { readonly from: string; readonly to: readonly string[] }
  /** The one outcome of all recipients, or `partial`. */
  readonly outcome: Outcome | 'partial'
  /** In the order of the envelope. */
  readonly recipients: readonly RecipientResult[]
  /** smtplib's dictionary: who was refused, with the code and the text. Empty when everybody was accepted. */
  readonly refused: Refused
  /** Addresses the server has taken responsibility for. */
  readonly accepted: readonly string[]
  /** Addresses the server has refused, for good or for now. */
  readonly rejected: readonly string[]
  /** The server's last words on it, such as `250 2.0.0 Ok: queued as 4Fq8`. */
  readonly response: string
  /** True as soon as one recipient may have got it. */
  readonly mayHaveBeenDelivered: boolean
  /** When to try those again who were not accepted. */
  readonly retry: Retry
  /** Octets of the message that were written, without dot-stuffing and terminator. */
  readonly bytes: number
  readonly timings: Timings
  /** Set when TLS protected it. */
  readonly tls?: TlsFacts | undefined
  readonly remote: Remote
  /** What `sendmail` threw, in reports of `sendMany`; also when some are accepted and the connection then broke. */
  readonly error?: SMTPException | undefined
  /** All of it in a few lines, for a person. */
  explain(): string
}

/** Where and when, beside the transaction itself. */
export interface Circumstances {
  readonly messageId: string | undefined
  readonly timings: Timings
  readonly tls: TlsFacts | undefined
  readonly remote: Remote
}

/** Who sends to whom. */
export type Addresses = Pick<Envelope, 'from' | 'to'>

/** The report, made of what the session tells. */
export class Report implements SendReport {
  readonly #from: string
  readonly #to: Envelope['to']
  readonly #result: TransactionResult
  readonly #circumstances: Circumstances
  #refused: Refused | undefined
  #error: SMTPException | undefined

  constructor({ from, to }: Addresses, result: TransactionResult, circumstances: Circumstances) {
    this.#from = from
    this.#to = to
    this.#result = result
    this.#circumstances = circumstances
  }

  static {
    // What util.inspect of Node, Bun and Deno shows: getters of a class would stay hidden.
    const inspect = Symbol.for('nodejs.util.inspect.custom')
    Object.defineProperty(Report.prototype, inspect, { value: Report.prototype.toJSON })
  }

  get messageId(): string | undefined {
    return this.#circumstances.messageId
  }

  get envelope(): SendReport['envelope'] {
    return { from: this.#from, to: this.#to.map(addressOf) }
  }

  get outcome(): Outcome | 'partial' {
    return this.#result.outcome
  }

  get recipients(): readonly RecipientResult[] {
    return this.#result.recipients
  }

  get refused(): Refused {
    this.#refused ??= refusals(this.#result.recipients)
    return this.#refused
  }

  get accepted(): readonly string[] {
    return this.#addresses(outcome => outcome === 'accepted')
  }

  get rejected(): readonly string[] {
    return this.#addresses(isRefusal)
  }

  get response(): string {
    return this.#result.reply?.toString() ?? ''
  }

  get mayHaveBeenDelivered(): boolean {
    return this.#result.mayHaveBeenDelivered
  }

  get retry(): Retry {
    return this.#error?.retry ?? this.#result.retry
  }

  get bytes(): number {
    return this.#result.octets
  }

  get timings(): Timings {
    return this.#circumstances.timings
  }

  get tls(): TlsFacts | undefined {
    return this.#circumstances.tls
  }

  get remote(): Remote {
    return this.#circumstances.remote
  }

  get error(): SMTPException | undefined {
    return this.#error
  }

  /** Notes what the send ended with; the error points back at the report. */
  fail(error: SMTPException): void {
    this.#error = error
    attachReport(error, this)
  }

  explain(): string {
    const { host, port, path } = this.remote
    const server = path ?? (port === undefined ? host : `${host}:${port}`)
    const lines = [`${this.outcome}: ${this.bytes} octets to ${server ?? 'nowhere'}, retry ${this.retry}`]
    for (const { address, outcome, phase, reply } of this.recipients)
      lines.push(`  ${address}: ${outcome} in ${phase}${reply === undefined ? '' : `: ${reply}`}`)
    if (this.#error !== undefined) lines.push(`  ${this.#error.name}: ${this.#error.message}`)
    return lines.join('\n')
  }

  /** All of it as plain data; the error by its name and message. */
  toJSON(): Record<string, unknown> {
    const error = this.#error
    return {
      messageId: this.messageId,
      envelope: this.envelope,
      outcome: this.outcome,
      recipients: this.recipients,
      accepted: this.accepted,
      rejected: this.rejected,
      response: this.response,
      mayHaveBeenDelivered: this.mayHaveBeenDelivered,
      retry: this.retry,
      bytes: this.bytes,
      timings: this.timings,
      tls: this.tls,
      remote: this.remote,
      ...(error === undefined ? {} : { error: { name: error.name, code: error.code, message: error.message } }),
    }
  }

  #addresses(wanted: (outcome: Outcome) => boolean): string[] {
    return this.recipients.filter(({ outcome }) => wanted(outcome)).map(({ address }) => address)
  }
}

/**
 * What became of a message for which no transaction was begun: unsent, or what the server said instead of letting us begin. 4yz or 421 before MAIL puts
 * the message off; 5yz in the greeting or to the login refuses it; 5yz to EHLO or STARTTLS is about our terms, not about the message.
 */
export function unbegunResult({ to }: Addresses, { retry, reply, phase }: SMTPException): TransactionResult {
  const outcome = outcomeOf(reply?.code ?? 0, phase)
  const told = reply === undefined ? {} : { reply }
  const own = outcome === 'unsent' ? {} : told
  return {
    outcome,
    recipients: to.map(recipient => ({ address: addressOf(recipient), outcome, phase: 'mail', ...own })),
    mayHaveBeenDelivered: false,
    retry,
    ...told,
    octets: 0,
  }
}

function outcomeOf(code: number, phase: string | undefined): 'unsent' | 'rejected' | 'deferred' {
  if (code >= 500) return phase === 'greeting' || phase === 'auth' ? 'rejected' : 'unsent'
  return code >= 400 ? 'deferred' : 'unsent'
}

/** Who was refused, with the reply. */
export function refusals(recipients: readonly RecipientResult[]): Refused {
  const refused: Refused = new Map()
  for (const { address, outcome, reply } of recipients)
    if (isRefusal(outcome) && reply !== undefined) refused.set(address, replyPair(reply))
  return refused
}

export function isRefusal(outcome: Outcome): boolean {
  return outcome === 'rejected' || outcome === 'deferred'
}
