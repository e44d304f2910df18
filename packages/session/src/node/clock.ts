/**
 * The one real timer of a connection. Deadlines move with every command; the timer does not: when it rings early it is set again for the rest.
 * It never keeps the process alive.
 */
import type { Clock } from '../channel.js'

/** The longest delay that Node's timers take. */
const longest = 2 ** 31 - 1

export class NodeClock implements Clock {
  #at: number | undefined
  #timer: NodeJS.Timeout | undefined
  #rings = 0
  ring: () => void = () => {}

  now(): number {
    return performance.now()
  }

  alarm(at: number | undefined): void {
    this.#at = at
    if (at === undefined) return
    if (this.#timer === undefined || at < this.#rings) this.#set(at)
  }

  /** No more alarms: the connection is over. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#at = undefined
  }

  #set(at: number): void {
    clearTimeout(this.#timer)
    this.#rings = at
    this.#timer = setTimeout(() => this.#wake(), Math.min(Math.max(at - this.now(), 0) + 1, longest))
    this.#timer.unref()
  }

  #wake(): void {
    this.#timer = undefined
    if (this.#at === undefined) return
    if (this.now() < this.#at) this.#set(this.#at)
    else this.ring()
  }
}
