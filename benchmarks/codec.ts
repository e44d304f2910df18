// The codec alone, no sockets: octets per second of CPU time of reading replies and of encoding DATA, beside a scan for line
// feeds and a copy of the same octets, and beside nodemailer where its code can be called alone.
import type { CodecTask } from './codec-worker.js'
import { Contestant, interleave, type Measurement } from './contestant.js'
import { digits, median, ratio, spread, table } from './figures.js'
import type { Settings, Suite, SuiteResult } from './suite.js'

interface Group {
  readonly title: string
  readonly tasks: readonly { name: string; task: CodecTask }[]
  /** Passes over the sample in one measurement at 100 % effort. */
  readonly passes: number
}

const encoders = (sample: 'clean' | 'lineFeeds' | 'dots'): Group['tasks'] => [
  { name: 'postrider DataEncoder', task: { work: 'encode', sample } },
  { name: 'nodemailer DataStream', task: { work: 'dataStream', sample } },
  { name: 'memory copy, in cache', task: { work: 'copy', sample } },
  { name: 'indexOf scan for line feeds', task: { work: 'scan', sample } },
]

const groups: readonly Group[] = [
  {
    title: 'reading replies, EHLO answers and short ones, 64 KiB at a time',
    tasks: [
      { name: 'postrider ReplyReader', task: { work: 'readReplies', sample: 'replies' } },
      { name: 'indexOf scan for line feeds', task: { work: 'scan', sample: 'replies' } },
    ],
    passes: 1500,
  },
  { title: 'encoding DATA, text that needs no change', tasks: encoders('clean'), passes: 150 },
  { title: 'encoding DATA, LF line ends to become CRLF', tasks: encoders('lineFeeds'), passes: 50 },
  { title: 'encoding DATA, every line begins with a dot', tasks: encoders('dots'), passes: 50 },
]

export const codec: Suite = {
  name: 'codec',
  about: 'reading replies and encoding DATA in memory, beside a scan and a copy of the same octets',
  run,
}

async function run(settings: Settings): Promise<SuiteResult> {
  const report: string[] = []
  const figures: object[] = []
  for (const { title, tasks, passes } of groups) {
    const count = Math.ceil((passes * settings.effort) / 100)
    settings.progress(`codec: ${settings.rounds} rounds of ${count} passes, ${title}`)
    const contestants = tasks.map(({ name, task }) => new Contestant(name, 'codec-worker.ts', task))
    try {
      await interleave(contestants, 1, contestant => contestant.measure(passes))
      const rounds = await interleave(contestants, settings.rounds, contestant => contestant.measure(count))
      report.push(`${title}\n\n${summary(tasks, rounds)}`)
      figures.push(...tasks.map(({ name, task }, index) => ({ name, ...task, rounds: rounds[index] })))
    } finally {
      await Promise.all(contestants.map(contestant => contestant.close()))
    }
  }
  return { report, figures }
}

function summary(tasks: Group['tasks'], rounds: readonly Measurement[][]): string {
  const rates = rounds.map(series => series.map(({ octets = Number.NaN, cpu }) => octets / cpu))
  const reference = rates.at(-1) ?? []
  const rows = tasks.map(({ name }, index) => {
    const rate = rates[index] ?? []
    return [name, digits(median(rate)), `${digits(spread(rate))} %`, ratio(rate, reference).toFixed(3)]
  })
  return table(['', 'MB per CPU second', '±', 'of the scan'], rows)
}
