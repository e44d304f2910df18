// What the pace of a client is worth. In round trips: 1 KB messages, one after the other over one kept connection, to a server that is 20 ms away; the
// distance is a process that passes everything on 10 ms later. In CPU time: the same clients over ten connections to the same server without a
// distance. The server is @postrider/testkit's, because it offers PIPELINING and CHUNKING; smtp-sink has no CHUNKING.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { hasProgram } from '../tests/interop/debian.js'
import { Contestant, interleave, type Measurement } from './contestant.js'
import { digits, median, ratio, spread, table } from './figures.js'
import { mail } from './sending.js'
import type { Settings, Suite, SuiteResult } from './suite.js'
import { startTestkitSink } from './testkit-sink.js'

const roundTrip = 20

/** Messages in one measurement at 100 % effort: over the distance, and without. */
const messages = { far: 25, near: 5000 }
const warmUp = { far: 5, near: 5000 }

const clients: readonly { name: string; file: string; needs?: string; settings?: object }[] = [
  { name: 'postrider, one flight', file: 'clients/postrider.ts', settings: { pace: 'oneFlight' } },
  { name: 'postrider', file: 'clients/postrider.ts' },
  { name: 'postrider, step', file: 'clients/postrider.ts', settings: { pace: 'step' } },
  { name: 'nodemailer (pool)', file: 'clients/nodemailer.ts' },
  { name: 'smtplib (Python)', file: 'clients/python_smtplib.py', needs: 'python3' },
]

export const latency: Suite = {
  name: 'latency',
  about: `the paces of a client: round trips to a server ${roundTrip} ms away, and CPU time`,
  run,
}

async function run(settings: Settings): Promise<SuiteResult> {
  const sink = await startTestkitSink()
  const line = fork(new URL('delay-line.ts', import.meta.url), [String(sink.port), String(roundTrip / 2)], {
    execArgv: ['--import', 'tsx'],
  })
  try {
    const [distant] = await once(line, 'message')
    const far = await measure(settings, { port: distant, connections: 1, messages: messages.far, warmUp: warmUp.far })
    const near = await measure(settings, {
      port: sink.port,
      connections: 10,
      messages: messages.near,
      warmUp: warmUp.near,
    })
    const waits = table(
      ['client', 'ms/message', '±', 'round trips'],
      far.map(({ name, rounds }) => {
        const series = rounds.map(({ done, seconds }) => (seconds * 1000) / done)
        return [name, digits(median(series)), `${digits(spread(series))} %`, (median(series) / roundTrip).toFixed(2)]
      }),
    )
    const first = near[0]?.rounds.map(({ cpu, done }) => cpu / done) ?? []
    const costs = table(
      ['client', 'messages/s', 'CPU µs/message', '±', 'times one flight'],
      near.map(({ name, rounds }) => {
        const series = rounds.map(({ cpu, done }) => cpu / done)
        const speed = rounds.map(({ done, seconds }) => done / seconds)
        return [
          name,
          digits(median(speed)),
          digits(median(series)),
          `${digits(spread(series))} %`,
          ratio(series, first).toFixed(2),
        ]
      }),
    )
    return {
      report: [
        `1 connection, ${roundTrip} ms there and back, to @postrider/testkit's server\n\n${waits}`,
        `10 connections, no distance, to @postrider/testkit's server\n\n${costs}`,
      ],
      figures: { roundTrip, far, near },
    }
  } finally {
    line.disconnect()
    await sink.stop()
  }
}

interface Course {
  readonly port: number
  readonly connections: number
  readonly messages: number
  readonly warmUp: number
}

/** All clients over one course, in interleaved rounds. */
async function measure(
  settings: Settings,
  { port, connections, messages, warmUp }: Course,
): Promise<{ readonly name: string; readonly rounds: readonly Measurement[] }[]> {
  const address = { host: '127.0.0.1', port, connections, ...mail }
  const contestants = clients
    .filter(({ needs }) => needs === undefined || hasProgram(needs))
    .map(client => new Contestant(client.name, client.file, { ...address, ...client.settings }))
  const count = Math.max(1, Math.ceil((messages * settings.effort) / 100))
  settings.progress(`latency: ${settings.rounds} rounds of ${count} messages over ${connections} connection(s)`)
  try {
    await interleave(contestants, 1, contestant => contestant.measure(warmUp))
    const rounds = await interleave(contestants, settings.rounds, contestant => contestant.measure(count))
    return contestants.map(({ name }, index) => ({ name, rounds: rounds[index] ?? [] }))
  } finally {
    await Promise.all(contestants.map(contestant => contestant.close()))
  }
}
