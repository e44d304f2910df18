// One codec task in a process of its own: see codec.ts.
import { type SampleName, sampleOf } from './codec-sample.js'
import { type Work, type WorkName, works } from './codec-work.js'
import { serve, settings } from './worker.js'

export interface CodecTask {
  readonly work: WorkName
  readonly sample: SampleName
}

const task = settings<CodecTask>()
const sample = sampleOf(task.sample)
const work: Work = works[task.work]
const { pass, expected } = work(sample)

await serve(async count => {
  let done = 0
  for (let i = 0; i < count; i++) {
    const result = pass()
    if ((typeof result === 'number' ? result : await result) === expected) done++
  }
  return {
    done,
    octets: done * sample.octets.length,
    items: done * (task.work === 'readReplies' ? expected : sample.lines),
  }
})
