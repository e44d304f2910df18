// The program of clients/python_smtplib.py on our class of the same name. `compat`: one command at a time, as smtplib has it; without it the class pipelines.
import { SMTP } from '@postrider/mailer'
import type { SendSettings } from '../sending.js'
import { serve, settings, takeTurns } from '../worker.js'

const { host, port, connections, from, to, message, compat } = settings<
  SendSettings & { readonly compat?: 'smtplib' }
>()
const body = Buffer.from(message)
const options = { host, port, timeout: null, ...(compat === undefined ? {} : { compat }) }
const clients = await Promise.all(Array.from({ length: connections }, () => SMTP.open(options)))

await serve(
  count =>
    takeTurns(count, clients, async client => {
      // An empty dictionary says that no recipient was refused; anything else throws.
      const { refused } = await client.sendmail(from, [to], body)
      return refused.size === 0
    }),
  () => Promise.all(clients.map(client => client.quit())),
)
