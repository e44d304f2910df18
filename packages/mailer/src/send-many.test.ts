import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inOrder } from './send-many.js'

describe('work in order', () => {
  it('gives every result once, in the order of the work, with no more under way than the width allows', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(3), { maxLength: 20 }),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        async (delays, width, isAsync) => {
          let running = 0
          let most = 0
          const work = async (index: number) => {
            most = Math.max(most, ++running)
            for (let turn = 0; turn < (delays[index] ?? 0); turn++) await new Promise(setImmediate)
            running--
            return index
          }
          async function* later(): AsyncGenerator<number> {
            yield* delays.keys()
          }
          const results: number[] = []
          for await (const result of inOrder(isAsync ? later() : delays.keys(), width, work)) results.push(result)
          expect(results).toEqual([...delays.keys()])
          expect(most).toBeLessThanOrEqual(width * 2)
          expect(running).toBe(0)
        },
      ),
      { numRuns: 50 },
    )
  })
})
