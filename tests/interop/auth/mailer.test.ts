// The mailer's own way in: no mechanism is named, TLS is demanded, and the strongest mechanism that server and credentials share is
// used. Its watcher sees which one that was.
import type { MechanismName } from '@postrider/auth-sasl'
import { createMailer, type ServerOptions, SMTPAuthenticationError } from '@postrider/mailer'
import { expect, it } from 'vitest'
import { wrongPassword } from './account.js'
import { describeServer, setBench } from './scene.js'
import { type Running, servers } from './servers.js'

const bench = await setBench()

for (const server of servers) {
  describeServer(server, bench, running => {
    const bound = server.offers.filter(name => name.endsWith('-PLUS'))
    const strongest = bound.length === 0 ? server.strongest : server.strongest.replace(/-PLUS$/, '')

    it(`lets the mailer in by ${strongest}`, async () => {
      expect(await logIn(running(), { deny: bound })).toMatch(new RegExp(`^AUTH ${strongest}(?: |$)`))
    })

    if (bound.length > 0) {
      it('refuses the mailer that binds by tls-exporter, where it knows tls-unique alone', async () => {
        await expect(logIn(running())).rejects.toMatchObject({ responseCode: server.wrong.code })
      })
    }

    it('keeps the mailer out with a wrong password, and says so by type', async () => {
      const login = logIn(running(), { password: wrongPassword, deny: bound })
      await expect(login).rejects.toBeInstanceOf(SMTPAuthenticationError)
      await expect(login).rejects.toMatchObject({ responseCode: server.wrong.code, mayHaveBeenDelivered: false })
    })
  })
}

/** Logs in with nothing but the password; the AUTH command that was used. */
async function logIn(
  { protocol, ports, account, ca }: Running,
  other: { readonly password?: string; readonly deny?: readonly MechanismName[] } = {},
): Promise<string | undefined> {
  const lines: string[] = []
  const options: ServerOptions = {
    protocol,
    host: 'localhost',
    port: ports.starttls,
    tls: 'starttls',
    tlsOptions: { ca },
    auth: { ...account, ...other },
    onEvent: event => event.type === 'command' && lines.push(event.line),
  }
  const mailer = createMailer(options)
  try {
    await mailer.verify()
    return lines.find(line => line.startsWith('AUTH'))
  } finally {
    await mailer.close()
  }
}
