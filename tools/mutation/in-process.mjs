// A test runner for Stryker that loads a package's tests once and runs those that reach a mutant in its own process: a mutant
// costs what its tests cost, not the start of a test runner for each file of them.
//
// All tests are bundled with the instrumented sources. A mutant in what runs while modules load (a table, a constant) has the
// bundle loaded again with the mutant in place; any other is switched on in the bundle that is there. A mutant that never ends
// is ended by Stryker, with the process. The quickest tests go first, because the first that fails is enough.
//
// Of vitest there is what these tests use: `describe`, `it`, `each` of both, `expect`, and `vi.resetModules` before a dynamic
// import, which here always loads a second copy.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Script } from 'node:vm'
import {
  ASYMMETRIC_MATCHERS_OBJECT,
  chai,
  GLOBAL_EXPECT,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
} from '@vitest/expect'
import { build } from 'esbuild'

/** Cases of a property: what needs more of them to be noticed has deserved a test of its own. */
const CASES = 60
/** Every process of a run reads the order of the tests from here. */
const ORDER = 'order.json'
const REGISTRY = '__tests__'
const [SUCCESS, FAILURE] = [0, 1]

const folder = `packages/${process.env.MUTATED_PACKAGE ?? 'codec'}/src`

export const strykerPlugins = [{ kind: 'TestRunner', name: 'in-process', factory: () => new InProcessRunner() }]
strykerPlugins[0].factory.inject = []

class InProcessRunner {
  /** What Stryker's instrumented code and its runner talk to each other by. */
  #mutation = {}
  #script
  #require
  /** Tests by id, of the bundle without a mutant in what is loaded. */
  #tests
  #order

  capabilities() {
    return { reloadEnvironment: true }
  }

  async init() {
    globalThis.__stryker__ = this.#mutation
    const require = createRequire(resolve(folder, 'tests.cjs'))
    const fc = limited(require('fast-check'))
    this.#require = name => (name === 'fast-check' ? fc : require(name))
    const names = readdirSync(folder).filter(name => name.endsWith('.test.ts'))
    const { outputFiles } = await build({
      stdin: {
        contents: names.map(name => `${REGISTRY}.file = '${name}'\nrequire('./${name}')`).join('\n'),
        resolveDir: resolve(folder),
        loader: 'js',
      },
      bundle: true,
      write: false,
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      external: ['fast-check'],
      define: { 'import.meta.url': JSON.stringify(pathToFileURL(resolve(folder, 'tests.ts')).href) },
      plugins: [secondCopy, vitest],
      logLevel: 'silent',
    })
    const source = `(function (require, module) {${outputFiles[0].text}\n})`
    this.#script = new Script(source, { filename: 'tests.cjs' })
  }

  async dryRun() {
    this.#mutation.mutantCoverage = { static: {}, perTest: {} }
    this.#tests = this.#load()
    const tests = []
    for (const test of this.#tests.values()) tests.push(await this.#run(test))
    tests.sort((a, b) => a.timeSpentMs - b.timeSpentMs)
    writeFileSync(ORDER, JSON.stringify(tests.map(({ id }) => id)))
    return { status: 'complete', tests, mutantCoverage: this.#mutation.mutantCoverage }
  }

  async mutantRun({ activeMutant, testFilter, mutantActivation, hitLimit }) {
    Object.assign(this.#mutation, { hitCount: hitLimit && 0, hitLimit, activeMutant: undefined })
    let tests
    try {
      tests = this.#testsWith(activeMutant.id, mutantActivation)
    } catch (error) {
      return { status: 'killed', killedBy: ['load'], failureMessage: String(error), nrOfTests: 0 }
    }
    this.#order ??= JSON.parse(readFileSync(ORDER, 'utf8'))
    const chosen = testFilter && new Set(testFilter)
    let nrOfTests = 0
    for (const id of this.#order) {
      if (chosen !== undefined && !chosen.has(id)) continue
      const test = tests.get(id)
      const { status, failureMessage } =
        test === undefined
          ? { status: FAILURE, failureMessage: 'there is no such test any more' }
          : await this.#run(test)
      nrOfTests++
      if (this.#mutation.hitCount > hitLimit)
        return { status: 'timeout', reason: `reached more than ${hitLimit} times` }
      if (status === FAILURE) return { status: 'killed', killedBy: [id], failureMessage, nrOfTests }
    }
    return { status: 'survived', nrOfTests }
  }

  #testsWith(mutant, activation) {
    if (activation !== 'static') this.#tests ??= this.#load()
    this.#mutation.activeMutant = mutant
    return activation === 'static' ? this.#load() : this.#tests
  }

  #load() {
    const tests = new Map()
    globalThis[REGISTRY] = { file: '', tests, names: [], expect, describe, it, vi }
    this.#script.runInThisContext()(this.#require, { exports: {} })
    return tests
  }

  async #run({ id, file, run }) {
    const begin = performance.now()
    this.#mutation.currentTestId = id
    let failureMessage
    try {
      await run()
    } catch (error) {
      failureMessage = String(error?.message ?? error).slice(0, 2000)
    }
    this.#mutation.currentTestId = undefined
    const test = { id, name: id, fileName: resolve(folder, file), timeSpentMs: performance.now() - begin }
    return failureMessage === undefined ? { ...test, status: SUCCESS } : { ...test, status: FAILURE, failureMessage }
  }
}

/** Fewer cases, and no smaller one is looked for: the first that tells a mutant from the original is enough. */
function limited(fc) {
  const assert = (property, given) =>
    fc.assert(property, { ...given, endOnFailure: true, numRuns: Math.min(given?.numRuns ?? 100, CASES) })
  const made = { ...fc, assert }
  return { ...made, default: made, __esModule: true }
}

/** What a dynamic import leads to is another copy of the modules the tests import. */
const secondCopy = {
  name: 'second copy',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\./ }, ({ path, kind, importer, pluginData }) => {
      if (kind !== 'dynamic-import' && pluginData !== 'copy') return undefined
      const file = join(dirname(importer), path.replace(/\.js$/, '.ts'))
      return { path: file, suffix: '?copy', pluginData: 'copy' }
    })
    onLoad({ filter: /\.ts$/ }, ({ path, suffix }) => {
      if (suffix !== '?copy') return undefined
      return { contents: readFileSync(path, 'utf8'), loader: 'ts', resolveDir: dirname(path), pluginData: 'copy' }
    })
  },
}

const vitest = {
  name: 'vitest',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^vitest$/ }, ({ path }) => ({ path, namespace: 'vitest' }))
    onLoad({ filter: /./, namespace: 'vitest' }, () => ({ contents: `module.exports = globalThis.${REGISTRY}` }))
  },
}

function describe(name, body) {
  const { names } = globalThis[REGISTRY]
  names.push(name)
  body()
  names.pop()
}
describe.each = table => (name, body) => {
  for (const [i, row] of table.entries()) describe(`${name} [${i}]`, () => body(...(Array.isArray(row) ? row : [row])))
}

function it(name, run) {
  const { file, names, tests } = globalThis[REGISTRY]
  const full = `${file} ${[...names, name].join(' ')}`
  const id = tests.has(full) ? `${full} (${tests.size})` : full
  tests.set(id, { id, file, run })
}
it.each = table => (name, run) => {
  for (const [i, row] of table.entries()) it(`${name} [${i}]`, () => run(...(Array.isArray(row) ? row : [row])))
}

const vi = { resetModules() {} }

const expect = (value, message) => chai.expect(value, message)
globalThis[GLOBAL_EXPECT] = expect
setState({ assertionCalls: 0, isExpectingAssertions: false, expectedAssertionsNumber: null }, expect)
for (const part of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(part)
Object.assign(expect, chai.expect, globalThis[ASYMMETRIC_MATCHERS_OBJECT])
