/**
 * RSET behind a refused transaction. Nobody waits for it: the outcome is known, and RSET cannot change it (rule R13); but the next verb waits until it is
 * answered (`settled`), and a connection whose RSET fails is not used again (rule R6).
 */
import { writeCommand } from '@postrider/codec'
import type { Dialogue } from './dialogue.js'
import { ProtocolError } from './error.js'
import { codes } from './pipeline.js'

const rsetLine = writeCommand({ verb: 'RSET' })

export class Reset {
  readonly #dialogue: Dialogue
  #settled: Promise<void> | undefined
  #notify: () => void = () => {}

  constructor(dialogue: Dialogue) {
    this.#dialogue = dialogue
  }

  /** While a transaction is being cleared: settles when that is over. */
  get settled(): Promise<void> | undefined {
    return this.#settled
  }

  /** In a state in which the chart allows RSET. */
  start(): void {
    const dialogue = this.#dialogue
    dialogue.write(dialogue.spell(rsetLine))
    dialogue.expect({
      command: 'RSET',
      ...codes.rset,
      settle: (reply, outcome) => {
        if (outcome === 'completed') dialogue.apply(outcome)
        else
          dialogue.poison(
            new ProtocolError(`RSET was refused: ${reply.code} ${reply.text}`, 'rset', { reply }),
            'desync',
          )
        this.over()
      },
    })
    this.#settled = new Promise(resolve => {
      this.#notify = () => {
        this.#settled = undefined
        resolve()
      }
    })
  }

  /** It was answered, or the session has ended. */
  over(): void {
    this.#notify()
  }
}
