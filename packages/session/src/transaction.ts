/**
 * What became of each recipient of one mail transaction: a ledger.
 *
 * In: the replies to MAIL, to each RCPT, to DATA and to the end of data, and whether the terminator was written. Out, at any time: one
 * outcome per recipient. It refuses nothing and writes nothing. RFC 5321 3.3, RFC 2033 4.2; rules R1, R10 and R11.
 *
 * - `accepted`  a final 2yz: the server has taken responsibility
 * - `rejected`  5yz: will not be delivered, do not repeat it unchanged
 * - `deferred`  4yz: did not happen, may be repeated later
 * - `unsent`    nothing that could deliver it left this process: safe to repeat
 * - `unknown`   the terminator was written and no trustworthy reply came: it may have been delivered
 */
import type { Reply } from '@postrider/codec'
import type { SessionError } from './error.js'
import type { ReplyClass } from './pipeline.js'

/** What became of one recipient. */
export type Outcome = 'accepted' | 'rejected' | 'deferred' | 'unsent' | 'unknown'

/** Where it was decided. */
export type TransactionPhase = 'mail' | 'rcpt' | 'data' | 'body' | 'endOfData'

/** One recipient, as the caller gave it, and what became of it. */
export interface RecipientResult {
  readonly address: string
  readonly outcome: Outcome
  readonly phase: TransactionPhase
  /** The reply that decided it, where one did. */
  readonly reply?: Reply
}

/** When to try again: `never`, `now` (on a new connection), `later`, or `caller`: some outcome is unknown, and only the caller can weigh a duplicate against a loss. */
export type Retry = 'never' | 'now' | 'later' | 'caller'

/** What became of a transaction. */
export interface TransactionResult {
  /** The one outcome of all recipients, or `partial`. */
  readonly outcome: Outcome | 'partial'
  /** In the order of the envelope. */
  readonly recipients: readonly RecipientResult[]
  readonly mayHaveBeenDelivered: boolean
  readonly retry: Retry
  /** The reply that closed the transaction: to the end of data, or the refusal that ended it earlier. */
  readonly reply?: Reply
  /** What broke the session, where it broke; the connection cannot be used again. */
  readonly error?: SessionError
  /** Octets of the message that were written, without dot-stuffing and terminator. */
  readonly octets: number
}

interface Entry {
  readonly address: string
  /** `standing`: not refused so far. */
  fate: Outcome | 'standing'
  phase: TransactionPhase
  reply: Reply | undefined
}

/** The ledger of one transaction. */
export class Transaction {
  readonly #entries: Entry[] = []
  /** Recipients whose RCPT was answered 2yz, in order: an LMTP server answers each of them (RFC 2033 4.2). */
  readonly #accepted: Entry[] = []
  #verdicts = 0
  #committed = false
  #phase: TransactionPhase = 'mail'
  #reply: Reply | undefined

  /** A recipient, before its RCPT is written. Returns its place. */
  add(address: string): number {
    return this.#entries.push({ address, fate: 'standing', phase: this.#phase, reply: undefined }) - 1
  }

  /** RCPT commands answered 2yz. */
  get acceptedRecipients(): number {
    return this.#accepted.length
  }

  /** Replies to the end of data that are still to come from an LMTP server. */
  get openVerdicts(): number {
    return this.#accepted.length - this.#verdicts
  }

  /** The terminator's last octet has been handed over: from here on what is not answered is unknown (rule R1). */
  commit(): void {
    this.#committed = true
    this.#phase = 'endOfData'
  }

  get committed(): boolean {
    return this.#committed
  }

  enter(phase: TransactionPhase): void {
    this.#phase = phase
  }

  get phase(): TransactionPhase {
    return this.#phase
  }

  /** The reply to one RCPT. */
  rcpt(place: number, reply: Reply, outcome: ReplyClass): void {
    const entry = this.#entries[place]
    if (entry === undefined || entry.fate !== 'standing') return
    entry.phase = 'rcpt'
    entry.reply = reply
    if (outcome === 'completed') this.#accepted.push(entry)
    else entry.fate = this.#refusalOfRecipient(reply)
    this.#reply = reply
  }

  /** A refusal that is meant for everybody still standing: to MAIL, to DATA, in the middle of the body, or at the end. */
  refuse(phase: TransactionPhase, reply: Reply): void {
    this.#reply = reply
    for (const entry of this.#entries) if (entry.fate === 'standing') decide(entry, refusal(reply), phase, reply)
  }

  /** SMTP: the one reply to the end of data. LMTP: the next of them. */
  verdict(reply: Reply, outcome: ReplyClass, perRecipient: boolean): void {
    this.#reply = reply
    const fate = outcome === 'completed' ? 'accepted' : refusal(reply)
    if (!perRecipient) {
      for (const entry of this.#accepted) decide(entry, fate, 'endOfData', reply)
      return
    }
    const entry = this.#accepted[this.#verdicts++]
    if (entry !== undefined) decide(entry, fate, 'endOfData', reply)
  }

  /** Some recipient was told that the message is taken. */
  get delivered(): boolean {
    return this.#entries.some(({ fate }) => fate === 'accepted')
  }

  /** The server has contradicted itself: nothing of what it said can be relied on. */
  doubt(): void {
    for (const entry of this.#entries) entry.fate = 'standing'
  }

  /**
   * 421 (rule R10). Behind a complete terminator it says "did not happen" of everything unanswered; to one RCPT it defers that recipient, and
   * nothing was sent for the others.
   */
  shutdown(reply: Reply, place: number | undefined): void {
    if (place === undefined || this.#committed) this.refuse(this.#phase, reply)
    else {
      this.#reply = reply
      const entry = this.#entries[place]
      if (entry?.fate === 'standing') decide(entry, 'deferred', 'rcpt', reply)
    }
  }

  /** The outcomes as they stand now. */
  result(octets: number, error?: SessionError): TransactionResult {
    const open: Outcome = this.#committed ? 'unknown' : 'unsent'
    const recipients = this.#entries.map(({ address, fate, phase, reply }): RecipientResult => {
      if (fate !== 'standing')
        return reply === undefined ? { address, outcome: fate, phase } : { address, outcome: fate, phase, reply }
      // The reply to RCPT says nothing about a message that did not get through.
      return { address, outcome: open, phase: this.#phase }
    })
    const first = recipients[0]?.outcome ?? 'unsent'
    return {
      outcome: recipients.every(({ outcome }) => outcome === first) ? first : 'partial',
      recipients,
      mayHaveBeenDelivered: recipients.some(({ outcome }) => outcome === 'unknown' || outcome === 'accepted'),
      retry: retry(recipients),
      ...(this.#reply === undefined ? {} : { reply: this.#reply }),
      ...(error === undefined ? {} : { error }),
      octets,
    }
  }

  /**
   * RFC 5321 4.5.3.1.10: "clients SHOULD treat a 552 code in this case as a temporary, rather than permanent, failure", the case being
   * "too many recipients". It is that case when the enhanced code says so, or, without one, when others were accepted before.
   */
  #refusalOfRecipient(reply: Reply): Outcome {
    if (reply.code !== 552) return refusal(reply)
    const { enhanced } = reply
    const tooMany = enhanced === undefined ? this.#accepted.length > 0 : enhanced.subject === 5 && enhanced.detail === 3
    return tooMany ? 'deferred' : 'rejected'
  }
}

function decide(entry: Entry, fate: Outcome, phase: TransactionPhase, reply: Reply): void {
  entry.fate = fate
  entry.phase = phase
  entry.reply = reply
}

function refusal(reply: Reply): 'rejected' | 'deferred' {
  return reply.code >= 500 ? 'rejected' : 'deferred'
}

function retry(recipients: readonly RecipientResult[]): Retry {
  const has = (outcome: Outcome) => recipients.some(recipient => recipient.outcome === outcome)
  if (has('unknown')) return 'caller'
  if (has('unsent')) return 'now'
  return has('deferred') ? 'later' : 'never'
}
