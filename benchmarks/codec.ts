// The codec alone, no sockets: octets per second of CPU time of reading and of encoding, beside what others take for the same
// where their code can be called alone, and beside scans and a copy of the same octets.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Allocation } from './codec-allocation.js'
import type { SampleName } from './codec-sample.js'
import type { WorkName } from './codec-work.js'
import type { CodecTask } from './codec-worker.js'
import { Contestant, interleave, type Measurement } from './contestant.js'
import { digits, median, ratio, spread, table } from './figures.js'
import type { Settings, Suite, SuiteResult } from './suite.js'

interface Group {
  readonly title: string
  readonly sample: SampleName
  readonly works: readonly WorkName[]
  /** Passes over the sample in one measurement at 100 % effort. */
  readonly passes: number
  /** What the lines of the sample are, where they are not lines of a message. */
  readonly items?: string
}

const names: Record<WorkName, string> = {
  readReplies: 'postrider ReplyReader',
  readCommands: 'postrider CommandReader',
  smtpServerCommands: 'smtp-server SMTPStream, lines only',
  decode: 'postrider DataDecoder',
  smtpServerData: 'smtp-server SMTPStream',
  encode: 'postrider DataEncoder',
  measure: 'postrider measureData',
  dataStream: 'nodemailer DataStream',
  leWindows: 'nodemailer LeWindows, line ends only',
  lineEnds: 'scan: every line end, Buffer.indexOf',
  lineEndsPlain: 'scan: every line end, Uint8Array.indexOf',
  nowhere: 'scan: one octet, not there, Buffer.indexOf',
  nowherePlain: 'scan: one octet, not there, Uint8Array.indexOf',
  copy: 'memory copy, in cache',
}

const scans: readonly WorkName[] = ['lineEnds', 'lineEndsPlain', 'nowhere', 'nowherePlain', 'copy']

const groups: readonly Group[] = [
  {
    title: 'reading replies, EHLO answers and short ones, 64 KiB at a time',
    sample: 'replies',
    works: ['readReplies', 'lineEnds', 'lineEndsPlain', 'copy'],
    passes: 1500,
    items: 'replies',
  },
  {
    title: 'reading commands, EHLO, MAIL and RCPT with parameters, 64 KiB at a time',
    sample: 'commands',
    works: ['readCommands', 'smtpServerCommands', 'lineEnds', 'lineEndsPlain', 'copy'],
    passes: 150,
    items: 'commands',
  },
  {
    title: 'decoding DATA, text that needs no change',
    sample: 'clean',
    works: ['decode', 'smtpServerData', 'lineEnds', 'lineEndsPlain', 'copy'],
    passes: 1500,
  },
  {
    title: 'decoding DATA, short lines, each with a dot at its start',
    sample: 'shortDots',
    works: ['decode', 'smtpServerData', 'lineEnds', 'lineEndsPlain', 'copy'],
    passes: 150,
  },
  {
    title: 'encoding DATA, text that needs no change',
    sample: 'clean',
    works: ['encode', 'measure', 'dataStream', 'leWindows', ...scans],
    passes: 1500,
  },
  {
    title: 'encoding DATA, LF line ends to become CRLF',
    sample: 'lineFeeds',
    works: ['encode', 'dataStream', 'leWindows', 'lineEnds', 'lineEndsPlain', 'copy'],
    passes: 500,
  },
  {
    title: 'encoding DATA, lines of 79 octets, each with a dot at its start',
    sample: 'dots',
    works: ['encode', 'dataStream', 'lineEnds', 'lineEndsPlain', 'copy'],
    passes: 500,
  },
  {
    title: 'encoding DATA, lines of 18 octets, each with a dot at its start',
    sample: 'shortDots',
    works: ['encode', 'dataStream', 'lineEnds', 'lineEndsPlain', 'copy'],
    passes: 500,
  },
]

export const codec: Suite = {
  name: 'codec',
  about: 'reading and encoding in memory, beside others, and beside scans and a copy of the same octets',
  run,
}

async function run(settings: Settings): Promise<SuiteResult> {
  const report: string[] = []
  const figures: object[] = []
  for (const group of groups) {
    const rounds = await measured(group, settings)
    report.push(`${group.title}\n\n${summary(group, rounds)}`)
    figures.push(
      ...group.works.map((work, index) => ({ name: names[work], work, sample: group.sample, rounds: rounds[index] })),
    )
  }
  settings.progress('codec: allocations')
  const allocations = allocated()
  report.push(`allocations for each line of a body\n\n${allocationTable(allocations)}`)
  return { report, figures: [...figures, { allocations }] }
}

async function measured({ title, sample, works, passes }: Group, settings: Settings): Promise<Measurement[][]> {
  const count = Math.ceil((passes * settings.effort) / 100)
  settings.progress(`codec: ${settings.rounds} rounds of ${count} passes, ${title}`)
  const contestants = works.map(
    work => new Contestant(names[work], 'codec-worker.ts', { work, sample } satisfies CodecTask),
  )
  try {
    await interleave(contestants, 1, contestant => contestant.measure(passes))
    return await interleave(contestants, settings.rounds, contestant => contestant.measure(count))
  } finally {
    await Promise.all(contestants.map(contestant => contestant.close()))
  }
}

/** Beside every rate what it is of the references of its group: those there are of the last columns. */
function summary({ works, items = 'lines' }: Group, rounds: readonly Measurement[][]): string {
  const rates = rounds.map(series => series.map(({ octets = Number.NaN, cpu }) => octets / cpu))
  const itemRates = rounds.map(series => series.map(({ items: count = Number.NaN, cpu }) => (count / cpu) * 1e6))
  const references: readonly [string, WorkName | undefined][] = [
    ['of the scan', 'lineEnds'],
    ['of the plain scan', 'lineEndsPlain'],
    ['of the copy', 'copy'],
    ['times smtp-server', works.find(work => work.startsWith('smtpServer'))],
    ['times nodemailer', works.find(work => work === 'dataStream')],
  ]
  const present = references.filter(([, work]) => work !== undefined && works.includes(work))
  const rows = works.map((work, index) => {
    const rate = rates[index] ?? []
    return [
      names[work],
      digits(median(rate)),
      `${digits(spread(rate))} %`,
      digits(median(itemRates[index] ?? [])),
      ...present.map(([, reference]) => ratio(rate, rates[works.indexOf(reference ?? 'copy')] ?? []).toFixed(3)),
    ]
  })
  return table(['', 'MB per CPU second', '±', `${items} per CPU second`, ...present.map(([head]) => head)], rows)
}

/** In one process, with room for young objects that no pass fills. */
function allocated(): Allocation[] {
  const program = fileURLToPath(new URL('codec-allocation.ts', import.meta.url))
  const memory = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64']
  const environment = { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '' }
  const lines = execFileSync(process.execPath, [...memory, '--import', 'tsx', program], {
    env: environment,
    encoding: 'utf8',
  })
  return lines
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Allocation)
}

function allocationTable(allocations: readonly Allocation[]): string {
  const rows = allocations.map(({ work, sample, heap, outside, line }) => [
    `${names[work]}, ${sample}`,
    line.toFixed(0),
    heap.toFixed(1),
    outside.toFixed(1),
  ])
  return table(['', 'octets a line', 'heap octets a line', 'array buffer octets a line'], rows)
}
