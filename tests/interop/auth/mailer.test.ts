// The mailer's own way in: no mechanism is named, TLS is demanded, and the strongest mechanism that server and credentials share is
// used. Its watcher sees which one that was.
import { type AuthOptions, createMailer, type ServerOptions, SMTPAuthenticationError } from '@postrider/mailer'
import { expect, it } from 'vitest'
import { wrongPassword } from './account.js'
import { describeServer, setBench } from './scene.js'
import { type Running, servers } from './servers.js'

const bench = await setBench()

for (const server of servers) {
  describeServer(server, bench, running => {
    const isBound = server.strongest.endsWith('-PLUS')

    it(`lets the mailer in by ${server.strongest}`, async () => {
      const lines = await logIn(running())
      for (const line of lines) expect(line).toMatch(new RegExp(`^AUTH ${server.strongest}(?: |$)`))
      // It is bound by tls-exporter first; the server here that binds knows tls-unique alone.
      expect(lines).toHaveLength(isBound ? 2 : 1)
    })

    if (isBound) {
      it('lets it in at once in TLS 1.2, where tls-unique is the best there is (RFC 5929)', async () => {
        expect(await logIn(running(), {}, { maxVersion: 'TLSv1.2' })).toHaveLength(1)
      })

      it('lets it in by a binding of its choice, and not by one that the server does not know', async () => {
        expect(await logIn(running(), { channelBindings: ['tls-unique'] })).toHaveLength(1)
        const login = logIn(running(), { channelBindings: ['tls-exporter'] })
        await expect(login).rejects.toThrow('by tls-exporter: name another type in channelBindings')
      })

      it('lets it in without binding only if it is told to', async () => {
        const deny = server.offers.filter(name => name.endsWith('-PLUS'))
        const plain = server.strongest.replace(/-PLUS$/, '')
        expect(await logIn(running(), { deny })).toEqual([expect.stringMatching(`^AUTH ${plain}(?: |$)`)])
      })
    }

    it('keeps the mailer out with a wrong password, and says so by type', async () => {
      const login = logIn(running(), { password: wrongPassword })
      await expect(login).rejects.toBeInstanceOf(SMTPAuthenticationError)
      await expect(login).rejects.toMatchObject({ responseCode: server.wrong.code, mayHaveBeenDelivered: false })
    })
  })
}

/** Logs in with nothing but the password, if not told otherwise; the AUTH commands that were sent. */
async function logIn(
  { protocol, ports, account, ca }: Running,
  other: Partial<AuthOptions & { readonly password: string }> = {},
  tlsOptions: ServerOptions['tlsOptions'] = {},
): Promise<string[]> {
  const lines: string[] = []
  const options: ServerOptions = {
    protocol,
    host: 'localhost',
    port: ports.starttls,
    tls: 'starttls',
    tlsOptions: { ca, ...tlsOptions },
    auth: { ...account, ...other } as AuthOptions,
    onEvent: event => event.type === 'command' && lines.push(event.line),
  }
  const mailer = createMailer(options)
  try {
    await mailer.verify()
    return lines.filter(line => line.startsWith('AUTH'))
  } finally {
    await mailer.close()
  }
}
