/**
 * `@postrider/testkit/vitest`: checks of what a server has received, as matchers for vitest's `expect`.
 *
 * `expect.extend(matchers)` once, in a set-up file or at the top of a test; importing this module makes their types known. Each of
 * them is awaited: what is not there yet is waited for, except behind `not`.
 */
import type {} from 'vitest'
import type { MailExpectation } from './expectation.js'
import { countOf, lookFor, type MailSource, type WaitOptions } from './lookout.js'

export type { MailExpectation, MailSource, WaitOptions }

/** What `expect(server)` and `expect(server.mailbox)` can do. */
export interface MailMatchers {
  /**
   * That a message has come that is as expected; waits for it. With `not`: that there is none now.
   *
   * @example
   * await expect(server).toHaveReceived({ to: 'you@example.org', subject: /welcome/i })
   */
  toHaveReceived(expected?: MailExpectation, options?: WaitOptions): Promise<void>
  /**
   * That so many messages have come that are as expected; waits for them, but not for more.
   *
   * @example
   * await expect(server).toHaveReceivedTimes(2, { from: 'shop@example.org' })
   */
  toHaveReceivedTimes(count: number, expected?: MailExpectation, options?: WaitOptions): Promise<void>
}

declare module 'vitest' {
  // T is there because every declaration of Matchers must have the same type parameters.
  interface Matchers<T> extends MailMatchers {}
}

/** What a matcher knows of the `expect` that it stands behind, and what it answers, in vitest's words. */
interface Expecting {
  readonly isNot: boolean
}

interface Answer {
  readonly pass: boolean
  message(): string
}

/**
 * For `expect.extend`.
 *
 * @example
 * import { matchers } from '@postrider/testkit/vitest'
 * import { expect } from 'vitest'
 * expect.extend(matchers)
 */
export const matchers: {
  toHaveReceived(
    this: Expecting,
    received: MailSource,
    expected?: MailExpectation,
    options?: WaitOptions,
  ): Promise<Answer>
  toHaveReceivedTimes(
    this: Expecting,
    received: MailSource,
    count: number,
    expected?: MailExpectation,
    options?: WaitOptions,
  ): Promise<Answer>
} = {
  async toHaveReceived(received, expected = {}, options = {}) {
    // Behind `not` it is about what is there now.
    const { found, undecided, explain } = await lookFor(received, expected, this.isNot ? 0 : 1, options)
    if (this.isNot && undecided !== undefined) throw undecided
    return { pass: found.length > 0, message: () => explain(this.isNot ? 'no message' : 'a message') }
  },
  async toHaveReceivedTimes(received, count, expected = {}, options = {}) {
    const { found, undecided, explain } = await lookFor(received, expected, this.isNot ? 0 : count, options)
    if (undecided !== undefined) throw undecided
    const wanted = this.isNot ? `any number but ${countOf(count)}` : countOf(count)
    return { pass: found.length === count, message: () => explain(wanted) }
  },
}
