// The suite that counts for a user: finished messages of 1 KB, one recipient each, over loopback to a server that throws
// them away, over one connection and over ten. Clients take turns in one run; each is its own process, so is the server.
import { hasProgram } from '../tests/interop/debian.js'
import { obtainPostfix } from '../tests/interop/postfix.js'
import { type Sink, startSink } from '../tests/interop/sink.js'
import { Contestant, interleave, type Measurement } from './contestant.js'
import { digits, median, ratio, spread, table } from './figures.js'
import type { Settings, Suite, SuiteResult } from './suite.js'
import { startTestkitSink } from './testkit-sink.js'

/** What every client is told. */
export interface SendSettings {
  readonly host: string
  readonly port: number
  readonly connections: number
  readonly from: string
  readonly to: string
  readonly message: string
}

interface Client {
  readonly name: string
  readonly file: string
  readonly needs?: string
  readonly settings?: object
}

const python = 'smtplib (Python)'
const program = { compatible: 'smtplib program, compat', own: 'smtplib program' } as const

const clients: readonly Client[] = [
  { name: 'postrider', file: 'clients/postrider.ts' },
  { name: '@postrider/session', file: 'clients/session.ts' },
  { name: 'nodemailer (pool)', file: 'clients/nodemailer.ts' },
  { name: python, file: 'clients/python_smtplib.py', needs: 'python3' },
  { name: program.compatible, file: 'clients/smtp-class.ts', settings: { compat: 'smtplib' } },
  { name: program.own, file: 'clients/smtp-class.ts' },
  { name: 'straight-line socket', file: 'clients/straight-line.ts' },
]

/** Connections, and messages in one measurement at 100 % effort. */
const stages = [
  { connections: 1, messages: 5000 },
  { connections: 10, messages: 10_000 },
] as const

/** Messages before anything is measured, whatever the effort: until compilers have seen enough. */
const warmUp = 10_000

export const sending: Suite = {
  name: 'sending',
  about: '1 KB messages over one connection and over ten, beside other clients',
  run,
}

async function run(settings: Settings): Promise<SuiteResult> {
  const { sink, server } = await startServer(settings)
  const present = clients.filter(client => client.needs === undefined || hasProgram(client.needs))
  const report: string[] = []
  const figures: object[] = []
  try {
    for (const { connections, messages } of stages) {
      const count = Math.ceil((messages * settings.effort) / 100)
      settings.progress(`sending: ${settings.rounds} rounds of ${count} messages over ${connections} connection(s)`)
      const address = { host: '127.0.0.1', port: sink.port, connections }
      const contestants = present.map(
        client => new Contestant(client.name, client.file, { ...address, ...mail, ...client.settings }),
      )
      try {
        await interleave(contestants, 1, contestant => checked(contestant, warmUp, sink))
        const rounds = await interleave(contestants, settings.rounds, contestant => checked(contestant, count, sink))
        report.push(`${connections} connection(s), to ${server}\n\n${summary(contestants, rounds)}`)
        if (connections === 1) report.push(...sameProgram(contestants, rounds))
        figures.push(
          ...contestants.map(({ name }, index) => ({ client: name, connections, server, rounds: rounds[index] })),
        )
      } finally {
        await Promise.all(contestants.map(contestant => contestant.close()))
      }
    }
  } finally {
    await sink.stop()
  }
  return { report, figures }
}

/** Postfix's smtp-sink, the faster one, where it can be had; else our own test server, in its own process all the same. */
async function startServer({ progress }: Settings): Promise<{ sink: Sink; server: string }> {
  const packages = obtainPostfix()
  if ('folder' in packages) return { sink: await startSink(packages.folder), server: "Postfix's smtp-sink" }
  progress(`sending: no smtp-sink (${packages.missing}); the server is @postrider/testkit's, which is slower`)
  return { sink: await startTestkitSink(), server: "@postrider/testkit's server" }
}

/** One measurement, believed only when the server says that it took as many messages. */
async function checked(contestant: Contestant, count: number, sink: Sink): Promise<Measurement> {
  const before = await sink.taken()
  const measurement = await contestant.measure(count)
  const taken = (await sink.taken()) - before
  if (taken !== count) throw new Error(`${contestant.name} claims ${count} messages, the server took ${taken}`)
  return measurement
}

function summary(contestants: readonly Contestant[], rounds: readonly Measurement[][]): string {
  const speeds = rounds.map(series => series.map(({ done, seconds }) => done / seconds))
  const costs = rounds.map(series => series.map(({ done, cpu }) => cpu / done))
  const ours = costs[0] ?? []
  const limit = speeds.at(-1) ?? []
  const head = ['client', 'messages/s', '±', 'best', 'of the limit', 'CPU µs/message', '±', "times postrider's"]
  const rows = contestants.map(({ name }, index) => {
    const speed = speeds[index] ?? []
    const cost = costs[index] ?? []
    return [
      name,
      digits(median(speed)),
      `${digits(spread(speed))} %`,
      digits(Math.max(...speed)),
      ratio(speed, limit).toFixed(2),
      digits(median(cost)),
      `${digits(spread(cost))} %`,
      ratio(cost, ours).toFixed(2),
    ]
  })
  return table(head, rows)
}

/** One program, in Python and here: messages per second in the same rounds. Nothing where there is no Python. */
function sameProgram(contestants: readonly Contestant[], rounds: readonly Measurement[][]): string[] {
  const speedOf = (wanted: string) =>
    rounds[contestants.findIndex(({ name }) => name === wanted)]?.map(({ done, seconds }) => done / seconds) ?? []
  const theirs = speedOf(python)
  if (theirs.length === 0) return []
  const told = (name: string) =>
    `${digits(median(speedOf(name)))} messages/s (${ratio(speedOf(name), theirs).toFixed(2)} times Python's)`
  return [
    `the same smtplib program, 1 KB, 1 connection: ${digits(median(theirs))} messages/s in Python; here ${told(program.compatible)} with compat, ${told(program.own)} without`,
  ]
}

/** What is sent: 1 KB, to one recipient. */
export const mail = { from: 'alice@example.test', to: 'bob@example.test', message: makeMessage(1024) }

/** A plain message of exactly so many octets: short header, lines of 76, CRLF, no line that begins with a dot. */
function makeMessage(octets: number): string {
  const header = 'From: alice@example.test\r\nTo: bob@example.test\r\nSubject: benchmark\r\n\r\n'
  const line = `${'All work and no play makes a dull benchmark, but it is a fair one. '.repeat(2).slice(0, 76)}\r\n`
  const body = line.repeat(Math.ceil(octets / line.length))
  return `${(header + body).slice(0, octets - 2)}\r\n`
}
