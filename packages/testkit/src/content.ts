/**
 * The content of one message on its way in, by DATA or by BDAT, and the final replies to it (RFC 5321 4.1.1.4, RFC 3030, RFC 2033 4.2).
 *
 * In: octets as the codec hands them out, then the terminator. Out: the final reply, in LMTP one per accepted recipient, and the
 * message for the mailbox when one of them is positive. Octets are held only when somebody will want them.
 */
import type { Answer } from './answer.js'
import type { Speaker } from './host.js'
import { ReceivedMessage, type SessionFacts } from './mailbox.js'
import type { RecipientRecord, Transaction } from './transaction.js'

export class Content {
  readonly #speaker: Speaker
  readonly #transaction: Transaction
  readonly #pieces: Uint8Array[] | undefined
  #begun = false

  constructor(speaker: Speaker, transaction: Transaction, via: 'DATA' | 'BDAT') {
    this.#speaker = speaker
    this.#transaction = transaction
    transaction.via = via
    const { settings, record, rules } = speaker.host
    this.#pieces = settings.keep || record !== undefined || rules.wantMessage ? [] : undefined
  }

  /** Octets of content. Whoever hands them in gives them away: they are not copied until the end. */
  take(octets: Uint8Array): void {
    this.#transaction.octets += octets.length
    this.#pieces?.push(octets)
    if (this.#begun) return
    this.#begun = true
    this.#speaker.say({ phase: 'body', sender: this.#transaction.from }, undefined)
  }

  /**
   * The terminator is here, but the message must not be taken: refused in as many replies as are due, and no rule is asked,
   * because there is no whole message to ask about.
   */
  abandon(refusal: Answer): void {
    this.#terminate()
    const replies = this.#speaker.host.settings.lmtp ? this.#transaction.accepted.length : 1
    for (let given = 0; given < replies; given++) this.#speaker.refuse(refusal)
  }

  /** The terminator is here: gives the final replies, and keeps the message if any of them is positive. */
  end(due: Answer, facts: SessionFacts): void {
    const { host, line } = this.#speaker
    const { accepted } = this.#transaction
    const message = this.#message(accepted, facts)
    this.#terminate()
    const told = this.#tell(due, accepted, message)
    if (told.length === 0 || message === undefined) return
    const delivered = told.length === accepted.length ? message : this.#message(told, facts)
    if (delivered === undefined) return
    if (host.settings.keep) host.mailbox.add(delivered)
    line.record({ kind: 'message', message: delivered })
  }

  #terminate(): void {
    const { host, line } = this.#speaker
    this.#transaction.terminate()
    if (host.settings.keep) line.watch(octets => this.#transaction.wrote(octets))
  }

  /** The recipients that have been told accepted. */
  #tell(
    due: Answer,
    accepted: readonly RecipientRecord[],
    message: ReceivedMessage | undefined,
  ): readonly RecipientRecord[] {
    const sender = this.#transaction.from
    if (this.#speaker.host.settings.lmtp) {
      // RFC 2033 4.2: "Even if there were multiple successful RCPT commands giving the same forward-path, there must be one reply
      // for each successful RCPT command."
      return accepted.filter(({ address }) => {
        const said = this.#speaker.say({ phase: 'endOfData', sender, recipients: [address], message }, due)
        return said?.positive === true
      })
    }
    const recipients = accepted.map(({ address }) => address)
    const said = this.#speaker.say({ phase: 'endOfData', sender, recipients, message }, due)
    return said?.positive === true ? accepted : []
  }

  #message(recipients: readonly RecipientRecord[], facts: SessionFacts): ReceivedMessage | undefined {
    if (this.#pieces === undefined) return undefined
    const { from, parameters, via = 'DATA' } = this.#transaction
    const to = recipients.map(({ address }) => address)
    const envelope = {
      from,
      parameters,
      to,
      recipients: recipients.map(({ address, parameters: own }) => ({ address, parameters: own })),
    }
    return new ReceivedMessage(envelope, facts, via, joined(this.#pieces))
  }
}

/** One array of its own, and no Buffer, so that it compares equal to what a test writes. */
function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
