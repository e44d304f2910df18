/**
 * What is told to whoever watches a session, and what is kept from him.
 *
 * In: what was written, received, and became of the session. Out: events for the observer. Lines of an AUTH exchange are masked whichever way they come, by hand
 * as well: what follows AUTH and its mechanism, and whatever answers a 334 (T-28).
 */
import type { Reply } from '@postrider/codec'
import type { Observer, SessionEvent } from './event.js'

const textDecoder = new TextDecoder()

export class Watch {
  readonly #observe: Observer | undefined
  /** The last reply was 334: what is written next may be a secret. */
  #challenged = false

  constructor(observe: Observer | undefined) {
    this.#observe = observe
  }

  /** Watchers see; they do not take part: what one throws is not the session's business. */
  tell(event: SessionEvent): void {
    try {
      this.#observe?.(event)
    } catch {}
  }

  /** Lines that were written; `shown` is told in their place. */
  write(octets: Uint8Array, shown: string | undefined): void {
    if (this.#observe === undefined) return
    const text = shown ?? textDecoder.decode(octets).replace(/\r\n$/, '')
    for (const line of text.split('\r\n')) {
      const isSecret = shown === undefined && this.#challenged
      this.tell({ type: 'command', line: isSecret ? '***' : line.replace(/^(AUTH +\S+ +).+/i, '$1***') })
      // Until AUTH is answered, whatever is written behind it may answer a challenge that has yet to come.
      if (/^AUTH /i.test(line)) this.#challenged = true
    }
  }

  reply(reply: Reply): void {
    this.#challenged = reply.code === 334
    if (this.#observe !== undefined) this.tell({ type: 'reply', reply })
  }

  state(from: string, event: string, to: string): void {
    if (this.#observe !== undefined) this.tell({ type: 'state', from, event, to })
  }
}
