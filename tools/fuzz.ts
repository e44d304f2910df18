// Runs the targets of tests/fuzz for as long as it is told to, in as many processes as there are processors.
//
//     npm run fuzz -- --minutes 10 [--target data-end,xtext] [--processes 2] [--seed 1]
//     npm run fuzz -- --target data-end --seed 1 --path 12:0:1     the one case that a seed and a path lead to, again
//
// Out: what was found, each with the smallest case, its seed and its path, as soon as it is found; at the end cases, executions and
// executions a second (of one process, while it was at that target) for each target. Exits 1 when something was found.
// A target that was found wanting is not run again.
import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Finding, Target } from '../tests/fuzz/target.js'
import { targets } from '../tests/fuzz/targets.js'

/** Milliseconds at one target before the next has its turn. */
const TURN = 250
const FIRST_CASES = 50

/** What a process tells after each turn. */
interface Turn {
  readonly target: string
  readonly cases: number
  readonly executions: number
  readonly milliseconds: number
  readonly finding: Finding | undefined
}

interface Task {
  readonly names: readonly string[]
  readonly seed: number
}

if (process.send === undefined) process.exitCode = await main()
else process.once('message', task => work(task as Task)).once('disconnect', () => process.exit())

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '1' },
      target: { type: 'string' },
      processes: { type: 'string', default: String(availableParallelism()) },
      seed: { type: 'string', default: String(Date.now() % 0x7fff_ffff) },
      path: { type: 'string' },
    },
  })
  const minutes = numberOf('minutes', values.minutes)
  const processes = numberOf('processes', values.processes)
  const seed = numberOf('seed', values.seed)
  const chosen = values.target === undefined ? targets : values.target.split(',').map(targetNamed)
  if (values.path !== undefined) return again(chosen, seed, values.path)

  const tally = new Map(chosen.map(({ name }) => [name, { cases: 0, executions: 0, milliseconds: 0, found: false }]))
  const begin = performance.now()
  console.log(`${chosen.length} targets, ${processes} processes, ${minutes} minutes, seed ${seed}`)
  const workers = Array.from({ length: processes }, (_, process) => {
    const worker = fork(fileURLToPath(import.meta.url))
    worker.send({ names: [...tally.keys()], seed: seed + process * 0x0100_0000 } satisfies Task)
    return worker
  })
  const add = ({ target, cases, executions, milliseconds, finding }: Turn) => {
    const sum = tally.get(target)
    if (sum === undefined) return
    sum.cases += cases
    sum.executions += executions
    sum.milliseconds += milliseconds
    if (finding === undefined || sum.found) return
    sum.found = true
    console.log(report(targetNamed(target), finding))
    for (const worker of workers) worker.send(target)
    if ([...tally.values()].every(({ found }) => found)) stop()
  }
  let stop: () => void = () => {}
  const stopped = new Promise<void>((resolve, reject) => {
    stop = resolve
    for (const worker of workers) worker.on('message', turn => add(turn as Turn)).on('error', reject)
    setTimeout(resolve, minutes * 60_000)
  })
  await stopped
  for (const worker of workers) worker.kill()

  const seconds = (performance.now() - begin) / 1000
  const rows = [...tally].map(([name, { cases, executions, milliseconds, found }]) => ({
    name,
    cases,
    executions,
    milliseconds,
    found,
  }))
  for (const { name, cases, executions, milliseconds, found } of rows) {
    const rate = Math.round((executions * 1000) / Math.max(milliseconds, 1))
    console.log(
      [name.padEnd(20), columns(cases), columns(executions), `${columns(rate)} /s`, found ? 'FOUND' : ''].join(' '),
    )
  }
  const [cases, executions] = [
    rows.reduce((sum, row) => sum + row.cases, 0),
    rows.reduce((sum, row) => sum + row.executions, 0),
  ]
  const rate = Math.round(executions / seconds)
  console.log(
    [`in ${Math.round(seconds)} s`.padEnd(20), columns(cases), columns(executions), `${columns(rate)} /s`].join(' '),
  )
  return rows.some(({ found }) => found) ? 1 : 0
}

/** One process: turn after turn, until it is ended. */
async function work({ names, seed }: Task): Promise<void> {
  // Most cases are refused, and the stack of an error costs more than all the rest of the case. `--path` shows it.
  Error.stackTraceLimit = 0
  const left = new Map(names.map(name => [name, { target: targetNamed(name), cases: FIRST_CASES }]))
  process.on('message', name => left.delete(name as string))
  for (let turn = seed; left.size > 0; turn++) {
    for (const [name, entry] of left) {
      const begin = performance.now()
      const { cases, executions, finding } = await entry.target.fuzz({ seed: turn, cases: entry.cases })
      const milliseconds = performance.now() - begin
      process.send?.({ target: name, cases, executions, milliseconds, finding } satisfies Turn)
      entry.cases = Math.max(FIRST_CASES, Math.round(entry.cases * Math.min(4, TURN / milliseconds)))
      // Lets the message arrive that a target is done with.
      await new Promise(resolve => setImmediate(resolve))
    }
  }
}

async function again(chosen: readonly Target[], seed: number, path: string): Promise<number> {
  const [target, ...others] = chosen
  if (target === undefined || others.length > 0) throw new Error('--path needs one --target')
  const { finding } = await target.fuzz({ seed, path, cases: 1_000_000_000 })
  console.log(finding === undefined ? `${target.name}: holds` : report(target, finding))
  return finding === undefined ? 0 : 1
}

function report({ name, promise }: Target, { case: smallest, why, seed, path }: Finding): string {
  return [
    '',
    `${name}: this does not hold: ${promise}`,
    why.replace(/^/gm, '    '),
    `again:   npm run fuzz -- --target ${name} --seed ${seed} --path ${path}`,
    'for tests/fuzz/found.jsonl:',
    JSON.stringify({ target: name, case: smallest, seed, path }),
    '',
  ].join('\n')
}

function targetNamed(name: string): Target {
  const target = targets.find(each => each.name === name)
  if (target === undefined) throw new Error(`no target ${name}; there are ${targets.map(each => each.name).join(', ')}`)
  return target
}

function numberOf(option: string, value: string): number {
  const number = Number(value)
  if (value === '' || !(number >= 0)) throw new Error(`--${option} ${value} is not a number`)
  return number
}

function columns(count: number): string {
  return count.toLocaleString('en').padStart(14)
}
