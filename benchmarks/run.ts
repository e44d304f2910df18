// `npm run bench [-- suite … --rounds N --effort PERCENT --json FILE]`: runs suites and prints their tables.
//
// Everything is measured on the built packages, because that is what users install: the script builds them first.
// Nothing here judges a number; README.md says which to read first and what is unfair.
import { writeFileSync } from 'node:fs'
import { arch, cpus, loadavg, release } from 'node:os'
import { parseArgs } from 'node:util'
import { auth } from './auth.js'
import { codec } from './codec.js'
import { latency } from './latency.js'
import { machine } from './machine.js'
import { sending } from './sending.js'
import type { Suite } from './suite.js'

const suites: readonly Suite[] = [sending, latency, codec, machine, auth]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '7' },
    effort: { type: 'string', default: '100' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

const chosen = positionals.length === 0 ? suites : positionals.map(find)
if (values.help) {
  console.log('npm run bench [-- suite … --rounds N --effort PERCENT --json FILE]\n')
  for (const { name, about } of suites) console.log(`  ${name.padEnd(10)} ${about}`)
} else {
  await run()
}

async function run(): Promise<void> {
  const settings = {
    rounds: positive('rounds', values.rounds),
    effort: positive('effort', values.effort),
    progress: (words: string) => console.error(words),
  }
  const computer = {
    runtime: `Node ${process.version}`,
    system: `${process.platform} ${release()} ${arch()}`,
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    loadBefore: loadavg()[0],
  }
  const figures: Record<string, object> = {}
  console.log(`${computer.runtime}, ${computer.system}, ${computer.cores} × ${computer.processor}`)
  console.log(`median of ${settings.rounds} interleaved rounds; ± is half the distance from lowest to highest`)
  for (const suite of chosen) {
    const result = await suite.run(settings)
    figures[suite.name] = result.figures
    for (const part of result.report) console.log(`\n${suite.name}: ${part}`)
  }
  if (values.json !== undefined) {
    writeFileSync(values.json, `${JSON.stringify({ ...computer, ...settings, suites: figures }, undefined, 2)}\n`)
  }
}

function find(name: string): Suite {
  const suite = suites.find(suite => suite.name === name)
  if (suite === undefined) throw new Error(`no suite ${name}; there are ${suites.map(({ name }) => name).join(', ')}`)
  return suite
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number from 1 on, not ${text}`)
  return value
}
