// What a message costs in round trips: 1 KB messages, one after the other over one kept connection, to a server that is 20 ms away. The server offers
// PIPELINING and CHUNKING; the distance is a process that passes everything on 10 ms later.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { hasProgram } from '../tests/interop/debian.js'
import { Contestant, interleave } from './contestant.js'
import { digits, median, spread, table } from './figures.js'
import { mail } from './sending.js'
import type { Settings, Suite, SuiteResult } from './suite.js'
import { startTestkitSink } from './testkit-sink.js'

const roundTrip = 20

/** Messages in one measurement at 100 % effort. */
const messages = 25

const clients: readonly { name: string; file: string; needs?: string; settings?: object }[] = [
  { name: 'postrider, one flight', file: 'clients/postrider.ts', settings: { pace: 'oneFlight' } },
  { name: 'postrider', file: 'clients/postrider.ts' },
  { name: 'postrider, step', file: 'clients/postrider.ts', settings: { pace: 'step' } },
  { name: 'nodemailer (pool)', file: 'clients/nodemailer.ts' },
  { name: 'smtplib (Python)', file: 'clients/python_smtplib.py', needs: 'python3' },
]

export const latency: Suite = {
  name: 'latency',
  about: `1 KB messages to a server ${roundTrip} ms away: what round trips cost`,
  run,
}

async function run(settings: Settings): Promise<SuiteResult> {
  const sink = await startTestkitSink()
  const line = fork(new URL('delay-line.ts', import.meta.url), [String(sink.port), String(roundTrip / 2)], {
    execArgv: ['--import', 'tsx'],
  })
  const [port] = await once(line, 'message')
  const present = clients.filter(({ needs }) => needs === undefined || hasProgram(needs))
  const contestants = present.map(
    client =>
      new Contestant(client.name, client.file, {
        host: '127.0.0.1',
        port,
        connections: 1,
        ...mail,
        ...client.settings,
      }),
  )
  const count = Math.max(1, Math.ceil((messages * settings.effort) / 100))
  settings.progress(`latency: ${settings.rounds} rounds of ${count} messages over ${roundTrip} ms`)
  try {
    await interleave(contestants, 1, contestant => contestant.measure(5))
    const rounds = await interleave(contestants, settings.rounds, contestant => contestant.measure(count))
    const rows = contestants.map(({ name }, index) => {
      const waits = (rounds[index] ?? []).map(({ done, seconds }) => (seconds * 1000) / done)
      return [name, digits(median(waits)), `${digits(spread(waits))} %`, (median(waits) / roundTrip).toFixed(2)]
    })
    const head = ['client', 'ms/message', '±', 'round trips']
    return {
      report: [`1 connection, ${roundTrip} ms there and back, to @postrider/testkit's server\n\n${table(head, rows)}`],
      figures: contestants.map(({ name }, index) => ({ client: name, roundTrip, rounds: rounds[index] })),
    }
  } finally {
    await Promise.all(contestants.map(contestant => contestant.close()))
    line.disconnect()
    await sink.stop()
  }
}
