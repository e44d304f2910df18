/**
 * One scenario, one run: its server is there for as long as the run takes.
 */
import { listen } from './peer.js'
import type { Outcome, Scenario } from './scenario.js'

/** Puts a scenario through whatever `run` is. The port, which is another one each time, is called PORT. */
export async function play(
  { server = {}, tls, host = '127.0.0.1' }: Scenario,
  run: (host: string, port: number) => Promise<Omit<Outcome, 'wire'>>,
): Promise<Outcome> {
  const peer = await listen(server, tls === undefined ? {} : { tls })
  try {
    const { printed, ...told } = await run(host, peer.port)
    const portless = (text: string) => text.replaceAll(String(peer.port), 'PORT')
    return {
      wire: portless(await peer.heard()),
      ...told,
      ...(printed === undefined ? {} : { printed: portless(printed) }),
    }
  } finally {
    peer.close()
  }
}
