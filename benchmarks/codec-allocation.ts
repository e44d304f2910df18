// What the codec allocates for each line of a body, in a process that collects no garbage while it is looked at:
//
//     node --expose-gc --min-semi-space-size=64 --max-semi-space-size=64 --import tsx codec-allocation.ts
//
// Each work is done on a body and on one of ten times as many lines; what the second takes more is what the lines take. One
// line of JSON for each: octets on the heap a line, and octets outside it a line, where those of messages are.
import { type SampleName, sampleOf } from './codec-sample.js'
import { type Work, type WorkName, works } from './codec-work.js'

export interface Allocation {
  readonly work: WorkName
  readonly sample: SampleName
  /** Octets on the heap for each line. */
  readonly heap: number
  /** Octets of array buffers for each line. */
  readonly outside: number
  /** Octets a line has. */
  readonly line: number
}

const cases: readonly [WorkName, SampleName][] = [
  ['encode', 'clean'],
  ['encode', 'lineFeeds'],
  ['encode', 'shortDots'],
  ['measure', 'clean'],
  ['decode', 'clean'],
  ['decode', 'shortDots'],
  ['dataStream', 'clean'],
  ['dataStream', 'shortDots'],
  ['smtpServerData', 'clean'],
]
const { gc } = globalThis
if (gc === undefined) throw new Error('needs --expose-gc')

for (const [work, name] of cases) {
  const [one, ten] = [sampleOf(name), sampleOf(name, 10)]
  // Compiled first: code is on the heap, too.
  for (let i = 0; i < 30; i++) await passOf(work, ten)()
  const [less, more] = [await taken(passOf(work, one)), await taken(passOf(work, ten))]
  const lines = ten.lines - one.lines
  const allocation: Allocation = {
    work,
    sample: name,
    heap: (more.heap - less.heap) / lines,
    outside: (more.outside - less.outside) / lines,
    line: one.octets.length / one.lines,
  }
  console.log(JSON.stringify(allocation))
}

function passOf(name: WorkName, sample: ReturnType<typeof sampleOf>): () => number | Promise<number> {
  const work: Work = works[name]
  return work(sample).pass
}

/** The middle of several tries: what the runtime does on the side is in some of them. */
async function taken(pass: () => number | Promise<number>): Promise<{ heap: number; outside: number }> {
  const tries: { heap: number; outside: number }[] = []
  for (let i = 0; i < 9; i++) {
    gc?.()
    const before = process.memoryUsage()
    const result = pass()
    if (typeof result !== 'number') await result
    const after = process.memoryUsage()
    tries.push({ heap: after.heapUsed - before.heapUsed, outside: after.arrayBuffers - before.arrayBuffers })
  }
  const middle = (of: (each: { heap: number; outside: number }) => number) =>
    tries.map(of).sort((a, b) => a - b)[Math.floor(tries.length / 2)] ?? Number.NaN
  return { heap: middle(({ heap }) => heap), outside: middle(({ outside }) => outside) }
}
