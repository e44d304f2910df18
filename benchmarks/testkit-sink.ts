// The server for machines without smtp-sink: @postrider/testkit's, in a process of its own (testkit-server.ts).
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Sink } from '../tests/interop/sink.js'

export async function startTestkitSink(): Promise<Sink> {
  const child = fork(new URL('testkit-server.ts', import.meta.url), { execArgv: ['--import', 'tsx'] })
  const port = await next(child)
  return {
    port,
    taken: () => {
      const answer = next(child)
      child.send('taken')
      return answer
    },
    stop: async () => {
      const gone = once(child, 'close')
      child.disconnect()
      await gone
    },
  }
}

async function next(child: ChildProcess): Promise<number> {
  const [answer] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error('the test server has ended'))),
  ])
  return Number(answer)
}
