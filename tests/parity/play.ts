/**
 * One scenario, one run: its server is there for as long as the run takes.
 */
import { listen } from './peer.js'
import type { Outcome, Scenario } from './scenario.js'

/** Puts a scenario through whatever `run` is. The port, which is another one each time, is called PORT. */
export async function play(
  { server = {} }: Scenario,
  run: (host: string, port: number) => Promise<Omit<Outcome, 'wire'>>,
): Promise<Outcome> {
  const peer = await listen(server)
  try {
    const told = await run('127.0.0.1', peer.port)
    return { wire: (await peer.heard()).replaceAll(String(peer.port), 'PORT'), ...told }
  } finally {
    peer.close()
  }
}
