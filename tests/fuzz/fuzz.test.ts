/**
 * What fuzzing has found once is tried again, and every target runs for a moment. `npm run fuzz` runs them for as long as you like.
 */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asyncTarget, same, type Target, target } from './target.js'
import { targets } from './targets.js'

const found = readFileSync(new URL('found.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map(line => JSON.parse(line) as { target: string; case: unknown })

describe('what fuzzing has found', () => {
  it.each(found)('does not come back: $target $case', async ({ target: name, case: given }) => {
    const target = targets.find(each => each.name === name)
    if (target === undefined) throw new Error(`found.jsonl speaks of a target that is not there: ${name}`)
    await target.replay(given)
  })
})

describe('a target', () => {
  it.each(targets)('$name: $promise', async target => {
    const { cases, executions, finding } = await target.fuzz({ seed: Date.now() % 0x7fff_ffff, cases: 100 })
    expect(finding).toBeUndefined()
    expect(cases).toBe(100)
    expect(executions).toBeGreaterThanOrEqual(cases)
  })

  it('has a name of its own', () => {
    expect(new Set(targets.map(({ name }) => name)).size).toBe(targets.length)
  })
})

const refusesX = (given: string) => same(given.replace('x', ''), given, 'an x')
const cases = fc.string({ unit: fc.constantFrom('a', 'b', 'x'), maxLength: 20 })
const promise = 'there is no x'

const broken: readonly [string, Target][] = [
  ['at once', target({ name: 'broken', promise, cases, check: given => refusesX(given) ?? 1 })],
  ['later', asyncTarget({ name: 'broken', promise, cases, check: async given => refusesX(given) ?? 1 })],
]

describe('a promise that does not hold', () => {
  it.each(broken)('is found %s, made small, and found again by seed and path', async (_when, target) => {
    const { finding } = await target.fuzz({ seed: 1, cases: 1000 })
    expect(finding).toMatchObject({ case: 'x', seed: 1, why: expect.stringContaining('an x') })
    const again = await target.fuzz({ seed: 1, path: finding?.path ?? '', cases: 1000 })
    expect(again.finding).toMatchObject({ case: 'x', path: finding?.path })
    await expect(target.replay('x')).rejects.toThrow('an x')
    await target.replay('ab')
  })
})
