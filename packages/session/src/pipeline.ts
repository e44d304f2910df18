/**
 * Which reply answers which command: a FIFO of expectations.
 *
 * In: expectations in the order in which their commands are written, and the codes of replies in the order in which they arrive. Out: the
 * expectation that a reply answers, and the class of the answer. It refuses nothing itself; a reply that finds no expectation, or
 * whose class its command cannot have, is told to the caller, who closes the connection.
 *
 * RFC 2920 3.1: "Client SMTP implementations that employ pipelining MUST check ALL statuses returned …"; replies are paired with
 * commands by counting alone, never by text or code (rule R4).
 */
import type { Reply } from '@postrider/codec'

/** How a reply decides a phase, in RFC 5321 4.2.1's words; `desync` is a class that the command cannot have (rule R9). */
export type ReplyClass = 'completed' | 'intermediate' | 'refused' | 'desync'

/** A command that is written and not answered. */
export interface Expectation {
  /** The command, for people: `MAIL`, `end of data`. */
  readonly command: string
  /** The codes that mean success or "go on". 4yz and 5yz always mean `refused`. */
  readonly completes: CodeSet
  readonly continues: CodeSet
  /** Called with the reply. */
  readonly settle: (reply: Reply, outcome: ReplyClass) => void
}

/** Codes that continue: none, exactly these, or a whole class. */
export type CodeSet = readonly number[] | '2yz' | '3yz' | 'none'

/** Rule R9, verb by verb. What is not listed here is the wrong class. */
export const codes = {
  greeting: { completes: [220], continues: 'none' },
  // RFC 5321 4.3.2: an unexpected code is taken by its first digit.
  hello: { completes: '2yz', continues: 'none' },
  starttls: { completes: [220], continues: 'none' },
  // RFC 4954 4: 334 asks for more, 235 is success. 503 "already authenticated" is a refusal.
  auth: { completes: [235], continues: [334] },
  mail: { completes: '2yz', continues: 'none' },
  // RFC 5321 4.3.3 RCPT: 250, 251; 252 is tolerated because its first digit says success.
  rcpt: { completes: [250, 251, 252], continues: 'none' },
  // RFC 5321 3.3: only 354 opens the message; a 2yz to DATA is no invitation (T-41).
  data: { completes: 'none', continues: [354] },
  // RFC 3030 2: "A 250 response MUST be sent to each successful BDAT data block".
  bdat: { completes: '2yz', continues: 'none' },
  endOfData: { completes: '2yz', continues: 'none' },
  rset: { completes: '2yz', continues: 'none' },
  command: { completes: '2yz', continues: '3yz' },
  // Whatever comes, the session is over.
  quit: { completes: '2yz', continues: '3yz' },
} as const satisfies Record<string, Pick<Expectation, 'completes' | 'continues'>>

/** Expectations in the order of their commands. */
export class Pipeline {
  readonly #queue: Expectation[] = []
  #head = 0

  /** How many commands are unanswered. */
  get outstanding(): number {
    return this.#queue.length - this.#head
  }

  /** The command whose reply comes next, for messages to people. */
  get next(): string | undefined {
    return this.#queue[this.#head]?.command
  }

  expect(expectation: Expectation): void {
    this.#queue.push(expectation)
  }

  /** The expectation that the next reply answers, taken off the queue; `undefined` when nothing was asked. */
  take(): Expectation | undefined {
    const expectation = this.#queue[this.#head]
    if (expectation === undefined) return undefined
    this.#head++
    if (this.#head === this.#queue.length) {
      this.#queue.length = 0
      this.#head = 0
    }
    return expectation
  }

  /** Forget what was asked: the connection is over. */
  clear(): void {
    this.#queue.length = 0
    this.#head = 0
  }
}

/** How `code` answers a command that awaits `expectation`. */
export function classify(code: number, expectation: Pick<Expectation, 'completes' | 'continues'>): ReplyClass {
  if (code >= 400) return 'refused'
  if (includes(expectation.completes, code)) return 'completed'
  if (includes(expectation.continues, code)) return 'intermediate'
  return 'desync'
}

function includes(set: CodeSet, code: number): boolean {
  if (set === 'none') return false
  if (set === '2yz') return code >= 200 && code < 300
  if (set === '3yz') return code >= 300 && code < 400
  return set.includes(code)
}
