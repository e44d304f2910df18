/**
 * A session against servers that do anything at all claims nothing that is not so; `transaction.ts` says what that means.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { behaviour, judge, run } from './transaction.js'

for (const lmtp of [false, true]) {
  for (const pipelining of [true, false]) {
    it(`claims nothing that is not so (${lmtp ? 'LMTP' : 'SMTP'}, ${pipelining ? 'pipelined' : 'step by step'})`, async () => {
      const met = new Set<string>()
      await fc.assert(
        fc.asyncProperty(
          behaviour,
          fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 }),
          async (reactions, cuts) => {
            const done = await run(reactions, cuts, { lmtp, pipelining })
            for (const { outcome } of done.result.recipients) met.add(outcome)
            judge(done, { lmtp })
          },
        ),
        { numRuns: 1500 },
      )
      // The servers were strange enough for every outcome to be met.
      expect([...met].sort()).toEqual(['accepted', 'deferred', 'rejected', 'unknown', 'unsent'])
    })
  }
}
