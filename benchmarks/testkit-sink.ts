import type { Sink } from '../tests/interop/sink.js'
export async function startTestkitSink(): Promise<Sink> {
  throw new Error('not yet')
}
