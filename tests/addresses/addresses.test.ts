/**
 * The grammar of addresses in headers, held against the RFC's own grammar and two foreign readers (threat T-06).
 *
 * `ADDRESSES=1000000 npx vitest run tests/addresses` compares that many header fields, from another seed with `SEED=2`, and prints what it has counted.
 */
import { describe, expect, it } from 'vitest'
import { compare } from './differential.js'
import { PythonReader } from './oracle.js'

const { ADDRESSES: wanted, SEED: seed = '1' } = process.env
const fields = Number(wanted ?? 4000)

describe.skipIf(!PythonReader.isThere())('addresses of a header (RFC 5322 3.4, 4.4)', () => {
  it(
    `are those that the grammar, Python and postal-mime find, or are refused, in ${fields} fields (T-06)`,
    async () => {
      using python = new PythonReader()
      const tally = await compare(fields, Number(seed), python)
      const { unexplained, explained, ...counts } = tally
      if (wanted !== undefined) console.log(counts, Object.fromEntries(explained))
      expect(unexplained).toEqual([])
      expect(tally.fields).toBe(fields)
      // Who refuses everything agrees with everybody.
      expect(tally.accepted).toBeGreaterThan(fields / 4)
      expect(tally.agreed.python).toBeGreaterThan(tally.accepted * 0.8)
      expect(tally.agreed['postal-mime']).toBeGreaterThan(tally.accepted * 0.3)
    },
    30_000 + fields * 20,
  )
})
