// Mutates one package: `run.mjs [package] [options of Stryker]`, from the root of the repository. Without a name, the codec.
//
// Without `--mutate` one file after the other, each in a run of its own: Stryker's changes slow down every file they are in,
// and then they are in no other. Prints the score of each file and of all.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const given = process.argv.slice(2).filter(word => word !== '--')
const name = given[0]?.startsWith('-') === false ? given.shift() : 'codec'
const folder = `packages/${name}/src`
if (!existsSync(folder)) throw new Error(`there is no package ${name}`)

if (given.some(word => word.startsWith('--mutate') || word === '-m')) process.exit(mutate(given))

const counts = new Map()
for (const file of readdirSync(folder)) {
  if (!file.endsWith('.ts') || file.endsWith('.test.ts') || file.endsWith('.d.ts')) continue
  const report = `tools/mutation/report/${name}-${file}.json`
  rmSync(report, { force: true })
  const status = mutate([...given, '--mutate', `${folder}/${file}`], `-${file}`)
  if (status !== 0) process.exit(status)
  // There is none for a file of types alone.
  if (!existsSync(report)) continue
  const { files } = JSON.parse(readFileSync(report, 'utf8'))
  counts.set(file, tally(Object.values(files).flatMap(({ mutants }) => mutants)))
}
const sum = { killed: 0, timeout: 0, survived: 0, noCoverage: 0, ignored: 0, other: 0 }
for (const count of counts.values()) for (const key of Object.keys(sum)) sum[key] += count[key]
console.log(`\n${'file'.padEnd(28)}  score  killed  timeout  survived  not covered  ignored  other`)
for (const [file, count] of [...counts, ['all', sum]]) console.log(row(file, count))

function mutate(options, file = '') {
  const stryker = fileURLToPath(new URL('node_modules/.bin/stryker', import.meta.url))
  const { status } = spawnSync(stryker, ['run', 'tools/mutation/stryker.config.mjs', ...options], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env: { ...process.env, MUTATED_PACKAGE: name, MUTATED_FILE: file },
  })
  return status ?? 1
}

function tally(mutants) {
  const count = { killed: 0, timeout: 0, survived: 0, noCoverage: 0, ignored: 0, other: 0 }
  const keys = {
    Killed: 'killed',
    Timeout: 'timeout',
    Survived: 'survived',
    NoCoverage: 'noCoverage',
    Ignored: 'ignored',
  }
  for (const { status } of mutants) count[keys[status] ?? 'other']++
  return count
}

/** Timeouts are found, too: the tests do not end. */
function row(file, { killed, timeout, survived, noCoverage, ignored, other }) {
  const found = killed + timeout
  const score = (100 * found) / Math.max(found + survived + noCoverage, 1)
  const columns = [
    [killed, 6],
    [timeout, 7],
    [survived, 8],
    [noCoverage, 11],
    [ignored, 7],
    [other, 5],
  ]
  return [
    file.padEnd(28),
    score.toFixed(2).padStart(6),
    ...columns.map(([n, width]) => String(n).padStart(width)),
  ].join('  ')
}
