/**
 * The end of a connection: the mailer waits for no answer to QUIT, but a command that is about to end has the time, if not much.
 */
import type { SessionEvent } from '@postrider/session'

/** Longest wait for it, in milliseconds. */
const longest = 2000

export class Farewell {
  #isOpen = false
  #end: () => void = () => {}

  note(event: SessionEvent): void {
    this.#isOpen = event.type !== 'closed'
    if (!this.#isOpen) this.#end()
  }

  /** Settles when the connection is closed, if there is one, or when it takes too long. */
  async over(): Promise<void> {
    if (!this.#isOpen) return
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, longest)
      this.#end = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
