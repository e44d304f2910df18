/**
 * A target of the fuzzer: cases that fast-check makes up, and what must hold for each of them. `tools/fuzz.ts` runs targets for as
 * long as it is told to, `fuzz.test.ts` for a moment.
 *
 * A case is plain JSON, octets as a string of U+0000 to U+00FF: what was found once can be kept in `found.jsonl` and be tried for
 * ever, whatever becomes of the generators.
 */
import fc from 'fast-check'

interface TargetParts<Case, Runs> {
  readonly name: string
  /** What must hold, as a sentence; it is printed with what was found. */
  readonly promise: string
  readonly cases: fc.Arbitrary<Case>
  /**
   * Throws when the promise does not hold.
   *
   * @returns how often the code under test was run on this case: once for each way to cut it, for example
   */
  readonly check: (given: Case) => Runs
}

export interface Target {
  readonly name: string
  readonly promise: string
  /** Tries as many cases as asked for, those that follow from the seed; with a path only those at and behind its end. */
  fuzz(options: { readonly seed: number; readonly cases: number; readonly path?: string }): Promise<Round>
  /** Tries one case again. Throws when the promise does not hold. */
  replay(given: unknown): Promise<void>
}

/** What came of some cases. */
export interface Round {
  readonly cases: number
  /** Runs of the code under test. */
  readonly executions: number
  /** The smallest case for which the promise did not hold. */
  readonly finding: Finding | undefined
}

export interface Finding {
  readonly case: unknown
  readonly why: string
  /** How fast-check comes to it: its seed, and which case behind it, made how small. */
  readonly seed: number
  readonly path: string
}

/** A target whose code answers at once: many times faster than one that must be awaited. */
export function target<Case>(parts: TargetParts<Case, number>): Target {
  return made(parts, count => fc.property(parts.cases, given => count(parts.check(given))))
}

export function asyncTarget<Case>(parts: TargetParts<Case, Promise<number>>): Target {
  return made(parts, count => fc.asyncProperty(parts.cases, async given => count(await parts.check(given))))
}

function made<Case>(
  { name, promise, check }: TargetParts<Case, number | Promise<number>>,
  propertyOf: (count: (runs: number) => void) => fc.IProperty<[Case]> | fc.IAsyncProperty<[Case]>,
): Target {
  return {
    name,
    promise,
    async fuzz({ seed, cases: numRuns, path = '' }) {
      let cases = 0
      let executions = 0
      const property = propertyOf(runs => {
        cases++
        executions += runs
      })
      const details = await fc.check(property as fc.IAsyncProperty<[Case]>, { seed, path, numRuns })
      return { cases, executions, finding: details.failed ? findingOf(details) : undefined }
    },
    async replay(given) {
      await check(given as Case)
    },
  }
}

function findingOf<Case>(details: fc.RunDetails<[Case]>): Finding {
  const { counterexample, counterexamplePath, errorInstance, seed } = details
  const why = errorInstance instanceof Error ? (errorInstance.stack ?? errorInstance.message) : String(errorInstance)
  return { case: counterexample?.[0], why, seed, path: counterexamplePath ?? '' }
}

/** The comparison of all oracles. */
export function same(actual: string, expected: string, what: string): void {
  if (actual === expected) return
  throw new Error(`${what}\n  expected ${JSON.stringify(expected)}\n  got      ${JSON.stringify(actual)}`)
}

export function holds(condition: boolean, what: string): void {
  if (!condition) throw new Error(what)
}
