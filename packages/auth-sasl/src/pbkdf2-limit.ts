// So many derivations at a time, the others in turn (T-25). A derivation cannot be stopped once it runs, and a server
// chooses how long it takes: without a limit, as many connections as somebody opens would hold as many threads.
import { type Pbkdf2, purePbkdf2 } from './scram-key.js'

/**
 * A PBKDF2 of which at most `limit` run at the same time; the others wait in the order in which they came.
 *
 * @param pbkdf2 What runs. Default: the one in pure JavaScript.
 * @throws RangeError when `limit` is not a whole number above 0.
 *
 * @example
 * ```ts
 * const pbkdf2 = limitPbkdf2(2, nodePbkdf2)
 * const clients = accounts.map(account => scram('SHA-256', account, { pbkdf2 }))
 * ```
 */
export function limitPbkdf2(limit: number, pbkdf2: Pbkdf2 = purePbkdf2): Pbkdf2 {
  if (!Number.isInteger(limit) || limit < 1) throw new RangeError(`the limit is ${limit}, not a number above 0`)
  const waiting: (() => void)[] = []
  let running = 0
  return async request => {
    if (running === limit) await new Promise<void>(resolve => waiting.push(resolve))
    else running++
    try {
      return await pbkdf2(request)
    } finally {
      // The place goes to whoever waits without being free in between, so that nobody can jump the queue.
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }
}
