// The layer below the mailer: sessions by hand, one per caller, without pool, address grammar or report.
import { connect } from '@postrider/session/node'
import type { SendSettings } from '../sending.js'
import { serve, settings, takeTurns } from '../worker.js'

const { host, port, connections, from, to, message } = settings<SendSettings>()
const envelope = { from, to: [to] }
const body = Buffer.from(message)

const sessions = await Promise.all(
  Array.from({ length: connections }, async () => {
    const session = await connect({ host, port })
    await session.hello()
    return session
  }),
)

await serve(
  count =>
    takeTurns(count, sessions, async session => {
      const { recipients } = await session.transact(envelope, body)
      return recipients[0]?.outcome === 'accepted'
    }),
  () => Promise.all(sessions.map(session => session.quit())),
)
