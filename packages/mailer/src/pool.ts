/**
 * Connections to one server, on one set of terms, kept for the next message.
 *
 * In: `Settings` and limits. Out: a connection for whoever asks, in the order of asking; back it comes when the message is done. What
 * holds at every moment: never more than `maxConnections`; whoever waits is served, refused or told to stop, never forgotten; a
 * connection with any doubt on it is not given out (rule R6). A failed attempt to connect is told to the one who has waited longest.
 */
import { AbortedError } from '@postrider/session'
import { type Connection, establish } from './connection.js'
import { SMTPConfigurationError, SMTPException, SMTPServerDisconnected } from './error.js'
import type { Settings } from './option.js'
import type { Abortable, Patience } from './patience.js'

/** How many connections there are, and for how long. */
export interface PoolOptions {
  /** Connections open at a time. Default 5. */
  readonly maxConnections?: number
  /** Messages sent over one connection before it is replaced. Default 100. */
  readonly maxMessages?: number
  /** Milliseconds after which a connection that nobody needs is ended with QUIT. Default 30 000. */
  readonly idleTimeout?: number
  /** Milliseconds a message may wait for a connection. Default: as long as it takes. */
  readonly acquireTimeout?: number
}

/** The pool at one moment. */
export interface PoolStats {
  /** Connections with a message on them. */
  readonly busy: number
  readonly idle: number
  /** Connections being made. */
  readonly connecting: number
  /** Messages that wait for a connection. */
  readonly waiting: number
  /** Connections made so far. */
  readonly opened: number
  /** Messages that were begun again on a new connection, because a kept one had died meanwhile (rule R14). */
  readonly repeated: number
}

interface Waiter extends Abortable {
  serve(connection: Connection): void
  refuse(error: unknown): void
}

export class Pool {
  readonly #settings: Settings
  readonly #limits: Required<PoolOptions>
  readonly #idle: Connection[] = []
  /** In the order in which they came. */
  readonly #waiting = new Set<Waiter>()
  #busy = 0
  #connecting = 0
  #opened = 0
  #repeated = 0
  #sweeper: NodeJS.Timeout | undefined
  #closing: { readonly drained: Promise<void>; readonly settle: () => void } | undefined

  constructor(settings: Settings, options: PoolOptions) {
    const {
      maxConnections = 5,
      maxMessages = 100,
      idleTimeout = 30_000,
      acquireTimeout = Number.POSITIVE_INFINITY,
    } = options
    this.#settings = settings
    this.#limits = { maxConnections, maxMessages, idleTimeout, acquireTimeout }
    for (const [name, limit] of Object.entries(this.#limits))
      if (!(limit > 0)) throw new SMTPConfigurationError(`${name} is ${limit}, and must be above 0`)
  }

  get stats(): PoolStats {
    return {
      busy: this.#busy,
      idle: this.#idle.filter(({ usable }) => usable).length,
      connecting: this.#connecting,
      waiting: this.#waiting.size,
      opened: this.#opened,
      repeated: this.#repeated,
    }
  }

  /** A connection that is there, if one is. Give it back with `release`. */
  take(): Connection | undefined {
    this.#refuseWhenClosed()
    for (let kept = this.#idle.pop(); kept !== undefined; kept = this.#idle.pop()) {
      if (!kept.usable) {
        void kept.leave()
        continue
      }
      kept.wake()
      this.#busy++
      return kept
    }
    return undefined
  }

  /** The next connection that is free. Give it back with `release`. */
  wait(patience: Patience | undefined): Promise<Connection> {
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined
      const leave = () => {
        clearTimeout(timer)
        this.#waiting.delete(waiter)
        this.#tellWhenDrained()
      }
      const waiter: Waiter = {
        serve: connection => {
          leave()
          resolve(connection)
        },
        refuse: error => {
          leave()
          reject(error)
        },
        abort: reason => waiter.refuse(new AbortedError('queue', reason)),
      }
      this.#waiting.add(waiter)
      const { acquireTimeout } = this.#limits
      if (Number.isFinite(acquireTimeout))
        timer = setTimeout(() => waiter.refuse(noConnection(acquireTimeout)), acquireTimeout).unref()
      patience?.hold(waiter)
      this.#grow()
    })
  }

  /** A kept connection turned out to be dead: those kept beside it are not trusted either. */
  repeat(patience: Patience | undefined): Promise<Connection> {
    this.#repeated++
    for (const kept of this.#idle.splice(0)) void kept.leave()
    return this.wait(patience)
  }

  /** Takes a connection back; `used`: a message was sent over it, or tried. */
  release(connection: Connection, { used = true }: { readonly used?: boolean } = {}): void {
    this.#busy--
    if (used) connection.messages++
    if (connection.usable && connection.messages < this.#limits.maxMessages) this.#give(connection)
    else {
      void connection.leave()
      this.#grow()
    }
    this.#tellWhenDrained()
  }

  /** Ends every connection, when all who wait have been served; nobody new is. */
  async close(): Promise<void> {
    if (this.#closing === undefined) {
      let settle = () => {}
      const drained = new Promise<void>(resolve => {
        settle = resolve
      })
      this.#closing = { drained, settle }
      clearTimeout(this.#sweeper)
      this.#tellWhenDrained()
    }
    await this.#closing.drained
    await Promise.all(this.#idle.splice(0).map(kept => kept.leave({ hold: true })))
  }

  #refuseWhenClosed(): void {
    if (this.#closing !== undefined) throw new SMTPException('the mailer is closed', { code: 'ECLOSED' })
  }

  #tellWhenDrained(): void {
    if (this.#busy === 0 && this.#connecting === 0 && this.#waiting.size === 0) this.#closing?.settle()
  }

  /** To whoever has waited longest, or to the shelf. */
  #give(connection: Connection): void {
    const [waiter] = this.#waiting
    // One that was made for whoever waits for it is still fresh when he gets it.
    if (waiter === undefined || !connection.isFresh) connection.idleSince = performance.now()
    if (waiter !== undefined) {
      this.#busy++
      waiter.serve(connection)
      return
    }
    connection.rest()
    this.#idle.push(connection)
    if (this.#closing === undefined) this.#sweeper ??= this.#sweepIn(this.#limits.idleTimeout)
  }

  /** As many attempts as there are people waiting, as far as the limit goes. */
  #grow(): void {
    const { maxConnections } = this.#limits
    while (
      this.#waiting.size > this.#connecting &&
      this.#busy + this.#idle.length + this.#connecting < maxConnections
    ) {
      this.#connecting++
      establish(this.#settings).then(
        connection => {
          this.#connecting--
          this.#opened++
          this.#give(connection)
          this.#tellWhenDrained()
        },
        error => {
          this.#connecting--
          const [waiter] = this.#waiting
          waiter?.refuse(error)
          this.#grow()
          this.#tellWhenDrained()
        },
      )
    }
  }

  #sweepIn(milliseconds: number): NodeJS.Timeout {
    return setTimeout(() => this.#sweep(), Math.min(milliseconds, longestTimer)).unref()
  }

  /** One timer for all: it looks who has been idle too long, and when to look again. */
  #sweep(): void {
    this.#sweeper = undefined
    const { idleTimeout } = this.#limits
    const now = performance.now()
    let next = Number.POSITIVE_INFINITY
    for (const kept of this.#idle.splice(0)) {
      const left = kept.usable ? kept.idleSince + idleTimeout - now : 0
      if (left <= 0) void kept.leave()
      else {
        this.#idle.push(kept)
        next = Math.min(next, left)
      }
    }
    if (this.#idle.length > 0) this.#sweeper = this.#sweepIn(next)
  }
}

const longestTimer = 2 ** 31 - 1

function noConnection(milliseconds: number): SMTPServerDisconnected {
  return new SMTPServerDisconnected(`no connection was free within ${milliseconds} ms`, {
    code: 'ETIMEDOUT',
    phase: 'queue',
    retry: 'later',
  })
}
