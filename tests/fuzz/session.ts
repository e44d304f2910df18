/** A session against servers that do anything at all; what it may claim is said in `tests/model`. */
import fc from 'fast-check'
import { behaviour, judge, run } from '../model/transaction.js'
import { asyncTarget } from './target.js'

export const claims = asyncTarget({
  name: 'session-claims',
  promise:
    'a session claims of no recipient what the server did not say, whatever the server does, and settles every transaction',
  cases: fc.record({
    reactions: behaviour,
    cuts: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 }),
    lmtp: fc.boolean(),
    pipelining: fc.boolean(),
  }),
  async check({ reactions, cuts, lmtp, pipelining }) {
    judge(await run(reactions, cuts, { lmtp, pipelining }), { lmtp })
    return 1
  },
})
