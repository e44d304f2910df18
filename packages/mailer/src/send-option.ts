/**
 * What may be said about sending one message, whichever door it goes through.
 */
import type { MailParametersInput, RcptParametersInput } from '@postrider/codec'
import type { BodyOptions, TransactOptions } from '@postrider/session'
import type { Recipients } from './letter.js'

/** What is about to be committed. */
export interface Commit {
  readonly messageId?: string
  /** All addresses of the envelope, also those the server has refused. */
  readonly recipients: readonly string[]
}

/** How to send one message. */
export interface SendOptions {
  /** Parameters of MAIL, such as `{ ret: 'HDRS', envid: 'order-17' }`. SIZE, BODY and SMTPUTF8 are found out. */
  readonly parameters?: MailParametersInput
  /** Parameters of every RCPT, such as `{ notify: ['FAILURE'] }`; a recipient's own come on top. */
  readonly recipientParameters?: RcptParametersInput
  /** Bare CR and LF in octets: each becomes a CRLF (`normalise`, the default), or the message is refused. Line ends of text always become CRLF. */
  readonly newlines?: NonNullable<BodyOptions['newlines']>
  /** Lines of more than 998 octets: `send` (the default) or `reject`. */
  readonly longLines?: NonNullable<BodyOptions['longLines']>
  /**
   * Take addresses that are a local part alone (`root`), in envelope and header: some servers complete them with a domain of their own. RFC 5321 has no
   * such address but `Postmaster`. Default false; true with `compat: 'smtplib'`.
   */
  readonly bareLocalPart?: boolean
  /** How many round trips are spent; see `Pace` of the session. */
  readonly pace?: NonNullable<TransactOptions['pace']>
  /** Gives up, wherever the message is just then. */
  readonly signal?: AbortSignal
  /** Milliseconds for all of it: waiting for a connection, making one, sending. Default: the limits of each phase alone. */
  readonly deadline?: number
  /**
   * Runs when the whole message has left but for its terminator, so that a durable queue can note "in doubt" first. When it throws or
   * rejects, the terminator is not written and nobody is sent anything.
   */
  readonly beforeCommit?: (commit: Commit) => void | Promise<void>
}

/** How to send one message whose envelope is in its header. */
export interface SendMessageOptions extends SendOptions {
  /** Instead of the sender in the header; `''` is the null sender. */
  readonly from?: string
  /** Instead of the recipients in the header. */
  readonly to?: Recipients
  /** Octets that the header block may have at most. Default 1 MiB. */
  readonly headerLimit?: number
}
