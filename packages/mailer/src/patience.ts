/**
 * The caller's patience with one send: an `AbortSignal`, a deadline, or both.
 *
 * In: the two options. Out: a call to whatever is holding the message just then, once, when one of them says so: the queue, or the session.
 * Made only for those who ask for it; `end` removes every listener and timer.
 */
import { AbortedError } from '@postrider/session'
import { DeadlineReached } from './failure.js'

interface Limits {
  readonly signal?: AbortSignal
  readonly deadline?: number
}

/** Whatever can be told to stop. */
export interface Abortable {
  abort(reason: unknown): void
}

export class Patience {
  readonly #signal: AbortSignal | undefined
  readonly #timer: NodeJS.Timeout | undefined
  #holder: Abortable | undefined
  #over: { readonly reason: unknown } | undefined

  /** `undefined` when nothing limits the patience. @throws RangeError for a deadline that is none */
  static of({ signal, deadline }: Limits): Patience | undefined {
    if (signal === undefined && deadline === undefined) return undefined
    if (deadline !== undefined && !(deadline > 0)) throw new RangeError(`the deadline is ${deadline} milliseconds`)
    return new Patience(signal, deadline)
  }

  private constructor(signal: AbortSignal | undefined, deadline: number | undefined) {
    this.#signal = signal
    if (signal?.aborted === true) this.#run(signal.reason)
    signal?.addEventListener('abort', this.#onAbort, { once: true })
    if (deadline === undefined || deadline > longestTimer) return
    this.#timer = setTimeout(() => this.#run(new DeadlineReached(deadline)), deadline)
    this.#timer.unref()
  }

  /** Who has the message now. Told at once when the patience is over already. */
  hold(holder: Abortable): void {
    this.#holder = holder
    if (this.#over !== undefined) holder.abort(this.#over.reason)
  }

  /** Nobody has the message now: it is done with, or on its way to the next holder. */
  letGo(): void {
    this.#holder = undefined
  }

  /** What `work` comes to, unless the patience is over first. */
  while<Result>(work: Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.hold({ abort: reason => reject(new AbortedError('queue', reason)) })
      work.then(resolve, reject).finally(() => this.letGo())
    })
  }

  /** @throws {@link AbortedError} when the patience is over: nothing has been sent yet */
  check(): void {
    if (this.#over !== undefined) throw new AbortedError('queue', this.#over.reason)
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#signal?.removeEventListener('abort', this.#onAbort)
    this.#holder = undefined
  }

  readonly #onAbort = (): void => this.#run(this.#signal?.reason)

  #run(reason: unknown): void {
    if (this.#over !== undefined) return
    this.#over = { reason }
    this.#holder?.abort(reason)
  }
}

/** Node's timers take no longer delay; nobody's message waits for 24 days. */
const longestTimer = 2 ** 31 - 1

/** Runs `work` with the patience that the options ask for, and ends that behind it. */
export function patiently<Result>(
  options: Limits,
  work: (patience: Patience | undefined) => Promise<Result>,
): Promise<Result> {
  const patience = Patience.of(options)
  return patience === undefined ? work(undefined) : work(patience).finally(() => patience.end())
}
