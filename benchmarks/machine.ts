// The session without a socket, and the statechart alone: what one mail costs before a single octet is moved by the system.
// The chart runs three ways: inside a session, which remembers steps once taken (its channel here is memory that answers at
// once); as an XState actor; and by XState's pure `transition`.
import { Contestant, interleave } from './contestant.js'
import { digits, median, ratio, spread, table } from './figures.js'
import type { MachineTask } from './machine-worker.js'
import type { Settings, Suite, SuiteResult } from './suite.js'

const tasks: readonly { name: string; task: MachineTask; mails: number }[] = [
  { name: 'whole session over a channel in memory', task: { way: 'session' }, mails: 20_000 },
  { name: 'statechart as XState actor, its 8 events', task: { way: 'actor' }, mails: 10_000 },
  { name: "XState's pure transition, the same events", task: { way: 'transition' }, mails: 2000 },
]

export const machine: Suite = {
  name: 'machine',
  about: 'one mail through a session without a socket, and through the statechart alone',
  run,
}

async function run(settings: Settings): Promise<SuiteResult> {
  const turns = tasks.map(({ name, task, mails }) => ({
    contestant: new Contestant(name, 'machine-worker.ts', task),
    mails,
    count: Math.ceil((mails * settings.effort) / 100),
  }))
  settings.progress(`machine: ${settings.rounds} rounds of ${turns.map(({ count }) => count).join(', ')} mails`)
  try {
    await interleave(turns, 1, ({ contestant, mails }) => contestant.measure(mails))
    const rounds = await interleave(turns, settings.rounds, ({ contestant, count }) => contestant.measure(count))
    const costs = rounds.map(series => series.map(({ done, cpu }) => cpu / done))
    const rows = tasks.map(({ name }, index) => {
      const cost = costs[index] ?? []
      return [name, digits(median(cost)), `${digits(spread(cost))} %`, ratio(cost, costs[0] ?? []).toFixed(2)]
    })
    const report = table(['one mail, one recipient, 1 KB', 'CPU µs/mail', '±', "times the session's"], rows)
    return {
      report: [`a mail without a socket\n\n${report}`],
      figures: tasks.map((task, index) => ({ ...task, rounds: rounds[index] })),
    }
  } finally {
    await Promise.all(turns.map(({ contestant }) => contestant.close()))
  }
}
