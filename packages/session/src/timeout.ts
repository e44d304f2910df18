/**
 * How long the session waits, phase by phase, and the one deadline that follows from it.
 *
 * In: the name of the limit that applies, and `now` in milliseconds on any monotonic scale. Out: the instant at which the wait is over.
 * No clock and no timer: time is a value that the driver brings.
 *
 * RFC 5321 4.5.3.2: "An SMTP client MUST provide a timeout mechanism. It MUST use per-command timeouts rather than somehow
 * trying to time the entire mail transaction." Each limit is an absolute deadline for its phase: a server that drips one octet
 * a second does not extend it (rule R5).
 */

/** The phases that have a limit of their own. */
export type TimeoutName =
  | 'connect'
  | 'greeting'
  | 'handshake'
  | 'command'
  | 'cancel'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'dataBlock'
  | 'lastWord'
  | 'endOfData'
  | 'rset'
  | 'quit'

/** Milliseconds for each phase; `Infinity` waits for ever. */
export type Timeouts = Readonly<Record<TimeoutName, number>>

const minute = 60_000

/**
 * The limits of RFC 5321 4.5.3.2 where it names one. `connect` (addresses, TCP), `handshake` (TLS), `cancel` (the answer
 * to a cancelled AUTH), `lastWord` (the server's reason when writing the message has failed), `rset` and `quit` are ours: nobody's message waits behind the last two.
 */
export const defaultTimeouts: Timeouts = {
  connect: minute,
  // 4.5.3.2.1 "Initial 220 Message: 5 Minutes"
  greeting: 5 * minute,
  handshake: minute,
  command: 5 * minute,
  cancel: 5_000,
  // 4.5.3.2.2 "MAIL Command: 5 Minutes"
  mail: 5 * minute,
  // 4.5.3.2.3 "RCPT Command: 5 Minutes"
  rcpt: 5 * minute,
  // 4.5.3.2.4 "DATA Initiation: 2 Minutes"
  data: 2 * minute,
  // 4.5.3.2.5 "Data Block: 3 Minutes": the window in which `minimumRate` octets must have left
  dataBlock: 3 * minute,
  lastWord: 1000,
  // 4.5.3.2.6 "DATA Termination: 10 Minutes": shorter "will typically result in duplicates"
  endOfData: 10 * minute,
  rset: 5_000,
  quit: 5_000,
}

/** Fewest octets of a message that must leave in one `dataBlock` window; less is a stalled peer. */
export const minimumRate = 1024

/**
 * One deadline, moved from phase to phase.
 *
 * A phase may begin where no time is known (a verb has no `now`): `arm` names the limit, and the next `settle(now)` fixes the instant.
 */
export class Deadline {
  readonly #limits: Timeouts
  #armed: TimeoutName | undefined
  #at: number | undefined
  #name: TimeoutName | undefined

  constructor(limits: Timeouts) {
    this.#limits = limits
  }

  /** Start the phase's clock at the next `settle`. `undefined`: nothing is waited for. */
  arm(name: TimeoutName | undefined): void {
    this.#armed = name
    this.#name = name
    this.#at = undefined
  }

  /** Fix the instant of a phase that `arm` began. Call it when its octets have been handed over. */
  settle(now: number): void {
    if (this.#armed === undefined) return
    this.#at = now + this.#limits[this.#armed]
    this.#armed = undefined
  }

  /** The instant at which the phase is over; `undefined` while nothing is waited for. */
  get at(): number | undefined {
    return this.#at === Number.POSITIVE_INFINITY ? undefined : this.#at
  }

  /** The phase whose limit applies. */
  get name(): TimeoutName | undefined {
    return this.#name
  }

  /** Milliseconds the current phase was given. */
  get limit(): number | undefined {
    return this.#name === undefined ? undefined : this.#limits[this.#name]
  }
}
