// The server for machines without smtp-sink: @postrider/testkit's, in a process of its own (testkit-server.ts).
import { fork } from 'node:child_process'
import { on, once } from 'node:events'
import type { Sink } from '../tests/interop/sink.js'

export async function startTestkitSink(): Promise<Sink> {
  const child = fork(new URL('testkit-server.ts', import.meta.url), { execArgv: ['--import', 'tsx'] })
  const answers = on(child, 'message', { close: ['exit'] })
  const next = async (): Promise<number> => {
    const answer = await answers.next()
    if (answer.done === true) throw new Error('the test server has ended')
    return Number(answer.value[0])
  }
  return {
    port: await next(),
    taken: () => {
      child.send('taken')
      return next()
    },
    stop: async () => {
      const gone = once(child, 'exit')
      child.disconnect()
      await gone
    },
  }
}
