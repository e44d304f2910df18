/** A session against servers that do anything at all; what it may claim is said in `tests/model`. */
import fc from 'fast-check'
import { behaviour, judge, run } from '../model/transaction.js'
import { asyncTarget } from './target.js'

export const claims = asyncTarget({
  name: 'session-claims',
  promise:
    'a session claims of no recipient what the server did not say, whatever the server does, and settles every transaction',
  cases: fc.constantFrom('data' as const, 'flight' as const, 'chunks' as const).chain(way =>
    fc.record({
      way: fc.constant(way),
      reactions: behaviour(way),
      cuts: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 }),
      lmtp: fc.boolean(),
      pipelining: fc.boolean(),
    }),
  ),
  async check({ reactions, cuts, ...conditions }) {
    judge(await run(reactions, cuts, conditions), conditions)
    return 1
  },
})
