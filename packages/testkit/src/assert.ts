/**
 * `@postrider/testkit/assert`: checks of what a server has received, as functions, for node:test and every other test runner.
 *
 * In: a server or its mailbox, and what a message should be. Out: the messages, or an AssertionError of node:assert that says what came
 * instead. What is not there yet is waited for.
 */
import { AssertionError } from 'node:assert'
import type { MailExpectation } from './expectation.js'
import { countOf, type Finding, lookFor, type MailSource, type WaitOptions } from './lookout.js'
import type { ReceivedMessage } from './mailbox.js'

export type { MailExpectation, MailSource, WaitOptions }

/**
 * Waits for a message that is as expected, and answers it: the first that is.
 *
 * @throws AssertionError when none comes in time; it tells what came instead
 * @example
 * const message = await assertReceived(server, { to: 'you@example.org', subject: /welcome/i })
 */
export async function assertReceived(
  source: MailSource,
  expected: MailExpectation = {},
  options: WaitOptions = {},
): Promise<ReceivedMessage> {
  const finding = await lookFor(source, expected, 1, options)
  const [message] = finding.found
  if (message !== undefined) return message
  throw failure(finding, 'a message', assertReceived)
}

/**
 * Waits for so many messages that are as expected, and answers them. More are as wrong as fewer, but are not waited for.
 *
 * @throws AssertionError when it is another number; Error when something has to be decoded to know, and postal-mime is not installed
 */
export async function assertReceivedTimes(
  source: MailSource,
  count: number,
  expected: MailExpectation = {},
  options: WaitOptions = {},
): Promise<readonly ReceivedMessage[]> {
  const finding = await lookFor(source, expected, count, options)
  if (finding.undecided !== undefined) throw finding.undecided
  if (finding.found.length === count) return finding.found
  throw failure(finding, countOf(count), assertReceivedTimes)
}

/**
 * Checks that no message is there that is as expected. It does not wait: first make sure that what should have sent one is done.
 *
 * @throws AssertionError when there is one; Error when something has to be decoded to know, and postal-mime is not installed
 */
export async function assertNotReceived(source: MailSource, expected: MailExpectation = {}): Promise<void> {
  const finding = await lookFor(source, expected, 0)
  if (finding.found.length > 0) throw failure(finding, 'no message', assertNotReceived)
  if (finding.undecided !== undefined) throw finding.undecided
}

function failure(finding: Finding, wanted: string, caller: (...args: never[]) => unknown): AssertionError {
  return new AssertionError({ message: finding.explain(wanted), stackStartFn: caller })
}
