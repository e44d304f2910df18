/**
 * Looks for messages in a mailbox, and waits for those that are still to come.
 *
 * In: a server or its mailbox, an expectation, how many messages, how long to wait. Out: those that are as expected, and what to say
 * when they are too few or too many.
 */
import { describeExpectation, type Judgement, judge, type MailExpectation } from './expectation.js'
import type { Mailbox, ReceivedMessage } from './mailbox.js'
import type { TestServer } from './server.js'

/** Where messages arrive. */
export type MailSource = TestServer | Mailbox

/** How long to wait. */
export interface WaitOptions {
  /** Milliseconds to wait for messages that are not there yet. Default 1000. */
  readonly timeout?: number
}

/** What was found. */
export interface Finding {
  /** The messages that are as expected, in the order they came. */
  readonly found: readonly ReceivedMessage[]
  /** Why of some message it could not be found out whether it is one of them. */
  readonly undecided: Error | undefined
  /** What came, and what speaks against it, for a failure message that begins with what was expected. */
  explain(wanted: string): string
}

/** Resolves as soon as `count` messages are as expected, or when the time is over or the server closed. */
export async function lookFor(
  source: MailSource,
  expectation: MailExpectation,
  count: number,
  { timeout = 1000 }: WaitOptions = {},
): Promise<Finding> {
  const mailbox = 'mailbox' in source ? source.mailbox : source
  const judgements = new Map<ReceivedMessage, Judgement>()
  const deadline = performance.now() + timeout
  let isOver = timeout <= 0
  for (;;) {
    const here = [...mailbox]
    for (const message of here) if (!judgements.has(message)) judgements.set(message, await judge(message, expectation))
    const judged = here.map(message => ({ message, ...(judgements.get(message) ?? NEVER) }))
    const open = judged.filter(({ complaints }) => complaints.length === 0)
    const found = open.flatMap(({ message, undecided }) => (undecided === undefined ? [message] : []))
    if (isOver || found.length >= count) {
      const undecided = open.find(each => each.undecided !== undefined)?.undecided
      return { found, undecided, explain: wanted => explain(source, wanted, expectation, judged) }
    }
    const left = Math.max(1, deadline - performance.now())
    isOver = await mailbox.waitFor(here.length + 1, { timeout: left }).then(
      () => false,
      () => true,
    )
  }
}

/** How a number of messages is called. */
export function countOf(count: number): string {
  return count === 1 ? 'one message' : `${count} messages`
}

/** Every message has a judgement; this one would speak against it. */
const NEVER: Judgement = { complaints: ['not looked at'] }

/** How much of what came a failure message shows. */
const MESSAGES_SHOWN = 5
const LINES_SHOWN = 20

function explain(
  source: MailSource,
  wanted: string,
  expectation: MailExpectation,
  judged: readonly ({ readonly message: ReceivedMessage } & Judgement)[],
): string {
  const lines = [
    `expected ${wanted}${describeExpectation(expectation)}; ${judged.length === 0 ? 'none' : countOf(judged.length)} came`,
  ]
  for (const { message, complaints, undecided } of judged.slice(-MESSAGES_SHOWN)) {
    const { from, to } = message.envelope
    lines.push(`- from <${from}> to ${to.join(', ')}, Subject: ${message.header('Subject') ?? 'none'}`)
    lines.push(...complaints.map(complaint => `    ${complaint}`))
    if (undecided !== undefined) lines.push(`    ${undecided.message}`)
  }
  if (judged.length === 0 && 'transcript' in source) {
    const said = source.transcript.lines().slice(-LINES_SHOWN)
    lines.push(...(said.length === 0 ? ['and nobody connected'] : ['what was said last:']))
    lines.push(...said.map(({ text }) => `    ${text}`))
  }
  return lines.join('\n')
}
