/**
 * A message by BDAT, chunk by chunk, to recipients who were accepted. RFC 3030 2.
 *
 * In: the message, and the replies to its chunks. Out: a ledger, decided. Each chunk waits for the answer to the one before, under PIPELINING too: all answers
 * look alike, so one too many would be taken for the next, and in the end for the verdict. When all but the last are answered, and nothing more has
 * arrived, the last is written: that write is the point of no return (rules R1 to R3).
 *
 * "If a 5XX or 4XX code is received by the sender-SMTP in response to a BDAT chunk, the transaction should be considered failed and the sender-SMTP
 * MUST NOT send any additional BDAT segments." "The resulting state from a failed BDAT command is indeterminate. A RSET command MUST be issued".
 */
import { type Reply, writeChunk } from '@postrider/codec'
import { join } from './body.js'
import type { Chunks } from './chunk.js'
import { Delivery, type DeliveryOptions, type DeliveryTerms } from './delivery.js'
import { codes, type ReplyClass } from './pipeline.js'
import type { Transaction, TransactionResult } from './transaction.js'

export class ChunkDelivery extends Delivery {
  readonly #chunks: Chunks
  readonly #options: DeliveryOptions

  constructor(
    terms: DeliveryTerms,
    ledger: Transaction,
    chunks: Chunks,
    options: DeliveryOptions,
    resolve: (result: TransactionResult) => void,
  ) {
    super(terms, ledger, resolve)
    this.#chunks = chunks
    this.#options = options
    this.message = chunks
  }

  /** The envelope is answered and somebody was accepted. */
  start(): void {
    this.dialogue.apply('bdat')
    this.go()
  }

  /** In state `chunks`. */
  go(): void {
    this.ledger.enter('body')
    this.dialogue.startMessage({
      writer: { next: () => this.#next(), cancel: () => this.#chunks.cancel() },
      beforeCommit: this.#options.beforeCommit,
      commit: () => this.#last(),
    })
  }

  #next(): Uint8Array | 'wait' | 'end' {
    const { dialogue } = this
    if (dialogue.outstanding > 0) return 'wait'
    const chunk = this.#chunks.next()
    if (typeof chunk === 'string') return chunk
    dialogue.expect({ command: 'BDAT', ...codes.bdat, settle: (reply, outcome) => this.#answered(reply, outcome) })
    return this.#write(chunk, false)
  }

  #last(): Uint8Array {
    this.commit()
    this.expectVerdicts()
    return this.#write(this.#chunks.rest, true)
  }

  #write(chunk: Uint8Array, last: boolean): Uint8Array {
    this.dialogue.showChunk(chunk.length, last)
    return join(writeChunk(chunk, last))
  }

  /** The reply to a chunk that is not the last. */
  #answered(reply: Reply, outcome: ReplyClass): void {
    const { dialogue } = this
    if (outcome !== 'refused') return dialogue.rearm()
    this.ledger.refuse('body', reply)
    dialogue.stopMessage()
    dialogue.apply('refused')
    this.conclude({ reset: true })
  }
}
