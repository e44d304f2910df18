/**
 * The seams between server, connection and dialogue: what each may ask of the other, and nothing of how it is done.
 */
import type { TLSSocket } from 'node:tls'
import type { Answer } from './answer.js'
import type { ServerEvent } from './event.js'
import type { Mailbox } from './mailbox.js'
import type { Settings } from './option.js'
import type { HangUp, Occasion, Rules } from './rule.js'
import type { Step } from './script.js'
import type { Transaction } from './transaction.js'

/** A {@link ServerEvent} before it knows its connection. */
export type EventBody = ServerEvent extends infer E ? (E extends unknown ? Omit<E, 'connection'> : never) : never

/** What all connections of a server share. */
export interface Host {
  readonly settings: Settings
  readonly rules: Rules
  readonly mailbox: Mailbox
  /** Undefined when nobody listens and nothing is kept: then no event need be made. */
  readonly record: ((event: ServerEvent) => void) | undefined
  /** Enters a transaction into the ground truth. */
  begin(transaction: Transaction): void
}

/** The connection as the dialogue sees it. */
export interface Line {
  /** Connection number, counted from 1 per server. */
  readonly id: number
  /** The TLS socket once the handshake is done. */
  readonly tlsSocket: TLSSocket | undefined
  /**
   * Octets that have come in behind the current command. Behind STARTTLS there must be none: they would be taken for
   * commands given under TLS (RFC 3207 4.2, T-12).
   */
  readonly early: number
  record(event: EventBody): void
  /** Queues octets for the client; they leave together with all others when the current chunk is dealt with. */
  send(octets: Uint8Array): void
  /** Plays a script instead of sending `due`; whatever is asked of the line afterwards waits until it is over. */
  perform(steps: readonly Step[], due: Uint8Array): void
  /** What the client sends next, if it is not a command. */
  read(next: 'data' | 'chunk' | 'auth'): void
  /** Lets `tap` see every octet that is sent from now on, until it answers false. */
  watch(tap: (octets: Uint8Array) => boolean): void
  /** Sends what is queued, then changes over to TLS. */
  startTls(): void
  /** Ends the connection behind what has been sent. */
  hangUp(how: HangUp): void
}

/** The dialogue as its parts see it. */
export interface Speaker {
  readonly host: Host
  readonly line: Line
  /**
   * Gives the reply that is due, or what a rule wants instead. Answers what has really been said; undefined when nothing.
   */
  say(occasion: Occasion, due: Answer | undefined): Answer | undefined
  /** Gives a reply that no rule is asked about. */
  refuse(answer: Answer): void
}
