// nodemailer's pool, given a finished message and envelope, so that it composes nothing either.
import { createTransport } from 'nodemailer'
import type { SendSettings } from '../sending.js'
import { serve, settings, takeTurns } from '../worker.js'

const { host, port, connections, from, to, message } = settings<SendSettings>()
const transport = createTransport({
  pool: true,
  host,
  port,
  secure: false,
  ignoreTLS: true,
  maxConnections: connections,
  maxMessages: Number.POSITIVE_INFINITY,
})
const raw = Buffer.from(message)
const callers = Array.from({ length: connections }, () => transport)

await serve(
  count =>
    takeTurns(count, callers, async transport => {
      const { accepted } = await transport.sendMail({ envelope: { from, to: [to] }, raw })
      return accepted.length === 1
    }),
  () => transport.close(),
)
