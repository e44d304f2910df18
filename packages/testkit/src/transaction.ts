/**
 * Ground truth: what one mail transaction came to as the server saw it, so that a test can hold a client's claims against it.
 *
 * In: MAIL, every RCPT with its reply, octets of content, the terminator, and afterwards every octet written to the client.
 * Out: whether the terminator was seen, and what was said about whom. "Said" means that the last octet of a complete reply
 * has been written; half a reply says nothing. It is worked out from the octets themselves, never from what was meant.
 */
import { DecodeError, type MailParameters, type RcptParameters, type Reply, ReplyReader } from '@postrider/codec'

/** What became of one RCPT command. */
export interface RecipientRecord {
  readonly address: string
  readonly parameters: RcptParameters
  /** The reply to RCPT, as in `250 2.1.5 Recipient ok`; undefined when the connection ended instead. */
  readonly reply: string | undefined
  /** Whether that reply was positive. */
  readonly accepted: boolean
}

/** One MAIL command that was accepted, and all that followed from it. */
export interface TransactionRecord {
  /** Connection number, counted from 1 per server. */
  readonly connection: number
  readonly from: string
  readonly parameters: MailParameters
  readonly recipients: readonly RecipientRecord[]
  /** The command that carried content; undefined while there was none. */
  readonly via: 'DATA' | 'BDAT' | undefined
  /** Octets of content received so far, dots unstuffed. */
  readonly octets: number
  /** Whether CRLF.CRLF, or the last octet of BDAT LAST, has arrived. From here on the message may be delivered. */
  readonly sawTerminator: boolean
  /** The complete replies written after the terminator: one in SMTP, one per accepted recipient in LMTP; fewer if cut off. */
  readonly replies: readonly string[]
  /** The complete final reply about a recipient; undefined when there was none. */
  finalReply(address: string): string | undefined
  /** Whether this recipient was told accepted, completely and after the terminator. */
  saidAccepted(address: string): boolean
}

/** The record while it is being written. */
export class Transaction implements TransactionRecord {
  readonly connection: number
  readonly from: string
  readonly parameters: MailParameters
  readonly recipients: RecipientRecord[] = []
  /** Those of them that were accepted. */
  readonly accepted: RecipientRecord[] = []
  readonly replies: string[] = []
  via: 'DATA' | 'BDAT' | undefined
  octets = 0
  sawTerminator = false
  readonly #perRecipient: boolean
  #reader: ReplyReader | undefined

  constructor(connection: number, from: string, parameters: MailParameters, perRecipient: boolean) {
    this.connection = connection
    this.from = from
    this.parameters = parameters
    this.#perRecipient = perRecipient
  }

  /** One more RCPT has been answered. */
  add(recipient: RecipientRecord): void {
    this.recipients.push(recipient)
    if (recipient.accepted) this.accepted.push(recipient)
  }

  /** The terminator is here: replies count from now on. */
  terminate(): void {
    this.sawTerminator = true
    this.#reader = new ReplyReader()
    this.#reader.overflow = 'truncate' // a reply that is too long is still a reply
  }

  /** Octets were written to the client. False once nothing more is to be learnt from them. */
  wrote(octets: Uint8Array): boolean {
    if (this.#reader === undefined) return false
    for (const reply of this.#read(this.#reader, octets)) {
      if (this.replies.length < this.#due) this.replies.push(reply.toString())
    }
    if (this.replies.length >= this.#due) this.#reader = undefined
    return this.#reader !== undefined
  }

  finalReply(address: string): string | undefined {
    const index = this.accepted.findIndex(recipient => recipient.address === address)
    // RFC 2033 4.2: in LMTP replies come in the order of the successful RCPT commands.
    return index < 0 ? undefined : this.replies[this.#perRecipient ? index : 0]
  }

  saidAccepted(address: string): boolean {
    return this.finalReply(address)?.startsWith('2') === true
  }

  get #due(): number {
    return this.#perRecipient ? this.accepted.length : 1
  }

  #read(reader: ReplyReader, octets: Uint8Array): readonly Reply[] {
    try {
      return reader.push(octets)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      this.#reader = undefined // what is written from here on is no reply any more
      return error.replies
    }
  }
}
