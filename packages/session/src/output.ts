/**
 * What the driver must do next: an ordered queue of outputs, and behind it the message of the transaction under way, piece by piece.
 *
 * In: octets to write, an upgrade, an end, a message. Out: one `Output` at a time, on demand, so that a message is pulled no faster than the
 * transport takes it. The order at its end is the two-step commit (rules R1 to R3): all pieces, `flush`, the caller's hook, `commit`.
 */
/** What the driver must do next, in order. */
export type Output =
  | { readonly kind: 'write'; readonly octets: Uint8Array }
  /** Wait until all that was written has left and what has arrived is received, then call `flushed`. */
  | { readonly kind: 'flush' }
  /** Call `commit()` and write what it returns, unless something is waiting to be read. */
  | { readonly kind: 'commit' }
  /** Start TLS now, then call `secured` or `closed`. */
  | { readonly kind: 'upgrade' }
  | { readonly kind: 'close'; readonly polite: boolean }

/** What a message is written from, piece by piece: a `BodyWriter`, or chunks with their commands. */
export interface Pieces {
  /** The next piece; `wait` while there is none; `end` when all but the terminator is out. Throws why the message may not go out. */
  next(): Uint8Array | 'wait' | 'end'
  /** Nobody wants the rest. */
  cancel(): void
}

/** The message of the transaction under way. */
export interface Message {
  readonly writer: Pieces
  /** Runs when all but the terminator has left (the hook of a durable queue). */
  readonly beforeCommit: (() => void | Promise<void>) | undefined
  /** The terminator, asked for at the moment it is written: the point of no return (rule R1). */
  readonly commit: () => Uint8Array
}

/** What went wrong with a message before its terminator. */
export interface MessageFailure {
  readonly why: string
  readonly cause: unknown
}

export class Outbox {
  readonly #queue: Output[] = []
  #message: Message | undefined
  #flushing = false
  readonly #wake: () => void
  readonly #fail: (failure: MessageFailure) => void

  /** `fail` is called when the message cannot be completed; `wake` when there is something new to `next` that nobody asked for. */
  constructor(wake: () => void, fail: (failure: MessageFailure) => void) {
    this.#wake = wake
    this.#fail = fail
  }

  push(output: Output): void {
    this.#queue.push(output)
  }

  /** The message goes out from here, piece by piece. */
  start(message: Message): void {
    this.#message = message
    this.#flushing = false
  }

  /** A message is on its way and not committed. */
  get sending(): boolean {
    return this.#message !== undefined
  }

  /** Drop everything: the connection is over. The source of the message is told that nobody wants the rest. */
  clear(): void {
    this.#queue.length = 0
    this.stop()
  }

  /** The message is refused before its end: neither the rest nor the terminator is written. */
  stop(): void {
    this.#message?.writer.cancel()
    this.#message = undefined
  }

  next(): Output | undefined {
    return this.#queue.shift() ?? this.#piece()
  }

  /** All but the terminator has left: run the hook, then offer the commit. */
  flushed(): void {
    const message = this.#message
    if (message === undefined) return
    if (message.beforeCommit === undefined) return this.#offerCommit()
    void Promise.resolve()
      .then(message.beforeCommit)
      .then(
        () => {
          if (this.#message === message) this.#offerCommit()
        },
        cause => this.#fail({ why: 'beforeCommit refused', cause }),
      )
  }

  /** The terminator. Asking for it is the point of no return. */
  commit(): Uint8Array | undefined {
    const message = this.#message
    this.#message = undefined
    return message?.commit()
  }

  #piece(): Output | undefined {
    if (this.#message === undefined || this.#flushing) return undefined
    try {
      const piece = this.#message.writer.next()
      if (piece === 'wait') return undefined
      if (piece !== 'end') return { kind: 'write', octets: piece }
    } catch (cause) {
      this.#fail({ why: 'the message was not sent', cause })
      return this.#queue.shift()
    }
    this.#flushing = true
    return { kind: 'flush' }
  }

  #offerCommit(): void {
    this.#queue.push({ kind: 'commit' })
    this.#wake()
  }
}
