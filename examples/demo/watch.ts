/**
 * Watches a session: the dialogue, the states, and how often we had to wait for the server.
 *
 * In: a session's events, in order. Out: lines, names of states, counts. A round trip is a turn of the conversation: we said something, then the server
 * did, however many commands and replies that were.
 */
import { type SessionEvent, transcribe } from '@postrider/session'

/** What a turn was for. */
type Purpose = 'hello' | 'login' | 'transaction' | 'goodbye'

const purposes: ReadonlyMap<string, Purpose> = new Map([
  ['AUTH', 'login'],
  ['MAIL', 'transaction'],
  ['QUIT', 'goodbye'],
])

export class Watch {
  readonly lines: string[] = []
  readonly states: string[] = ['connecting']
  readonly turns: Record<Purpose, number> = { hello: 0, login: 0, transaction: 0, goodbye: 0 }
  /** Settles when the connection is over, or after two seconds: nobody owes us an answer to QUIT. */
  readonly closed: Promise<void>
  #end: () => void = () => {}
  #purpose: Purpose = 'hello'
  #isOurTurn = true
  #isSecure = false
  isSecureLogin = false

  constructor() {
    this.closed = new Promise(resolve => {
      const timer = setTimeout(resolve, 2000)
      this.#end = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  readonly note = (event: SessionEvent): void => {
    this.lines.push(...transcribe(event))
    switch (event.type) {
      case 'state':
        this.states.push(event.to)
        break
      case 'command':
        this.#purpose = purposes.get(event.line.slice(0, 4)) ?? this.#purpose
        if (this.#purpose === 'login') this.isSecureLogin = this.#isSecure
        this.#isOurTurn = true
        break
      case 'reply':
        // The greeting answers nothing.
        if (this.#isOurTurn && this.states.at(-1) !== 'greeting') this.turns[this.#purpose]++
        this.#isOurTurn = false
        break
      case 'tls':
        this.#isSecure = event.facts.authorized
        break
      case 'closed':
        this.#end()
        break
    }
  }
}
