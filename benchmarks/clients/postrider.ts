// The mailer as an application uses it: a pool, a finished message, an envelope.
import { createMailer, type SendOptions } from '@postrider/mailer'
import type { SendSettings } from '../sending.js'
import { serve, settings, takeTurns } from '../worker.js'

const { host, port, connections, from, to, message, pace } = settings<SendSettings & Pick<SendOptions, 'pace'>>()
const mailer = createMailer({
  host,
  port,
  tls: 'none',
  maxConnections: connections,
  maxMessages: Number.POSITIVE_INFINITY,
  // Other clients have their turn while this one waits.
  idleTimeout: 600_000,
})
const body = Buffer.from(message)
const options: SendOptions = pace === undefined ? {} : { pace }
const callers = Array.from({ length: connections }, () => mailer)

await serve(
  count =>
    takeTurns(count, callers, async mailer => {
      const { outcome } = await mailer.sendmail(from, to, body, options)
      return outcome === 'accepted'
    }),
  () => mailer.close(),
)
