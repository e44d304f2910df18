import { inspect } from 'node:util'
import { createServer } from '@postrider/testkit'
import { describe, expect, it } from 'vitest'
import { SMTP } from './client.js'
import { createMailer } from './mailer.js'
import { sendmail } from './sendmail.js'

const password = 'Zq7!hidden-horse-42'
const username = 'tim@x.example'

/** The password and what it looks like on the wire: in base64 by itself, behind a user name, and at each of the three phases. */
const traces = [
  password,
  ...['', '\0', '\0\0', `\0${username}\0`].map(before => {
    const encoded = Buffer.from(before + password).toString('base64')
    // The groups at both ends depend on the neighbours.
    return encoded.slice(4, -6)
  }),
]

function expectNoTrace(...values: readonly unknown[]): void {
  for (const value of values) {
    const shown = [
      inspect(value, { depth: 20, showHidden: true, getters: true, maxArrayLength: null }),
      String(value),
      JSON.stringify(value) ?? '',
    ]
    if (value instanceof Error) shown.push(value.stack ?? '', value.message)
    for (const one of shown) for (const trace of traces) expect(one).not.toContain(trace)
  }
}

describe('a password', () => {
  it('shows in no report, error, event, mailer or client (T-28)', async () => {
    const server = await createServer({ auth: { users: { [username]: password }, mechanisms: ['PLAIN', 'LOGIN'] } })
    const events: unknown[] = []
    const options = {
      host: server.host,
      port: server.port,
      tls: 'none',
      allowInsecureAuth: true,
      auth: { username, password },
      onEvent: (event: unknown) => events.push(event),
    } as const
    const mailer = createMailer(options)
    const smtp = await SMTP.open({
      host: server.host,
      port: server.port,
      allowInsecureAuth: true,
      onEvent: event => events.push(event),
    })
    try {
      const reports = [
        await sendmail(options, 'me@x.example', 'a@y.example', 'x'),
        await mailer.sendmail('me@x.example', 'a@y.example', 'x'),
      ]
      expect(server.mailbox.at(0)?.session.user).toBe(username)
      await smtp.login(username, password)
      server.refuse({ phase: 'auth', reply: '535 5.7.8 no' })
      server.refuse({ phase: 'response', reply: '535 5.7.8 no' })
      const errors: unknown[] = []
      for (const mechanism of ['PLAIN', 'LOGIN'] as const)
        await sendmail({ ...options, auth: { username, password, allow: [mechanism] } }, '', 'a@y.example', 'x').catch(
          error => errors.push(error),
        )
      await sendmail({ ...options, allowInsecureAuth: false }, '', 'a@y.example', 'x').catch(error =>
        errors.push(error),
      )
      await sendmail(`smtp://${username}:${encodeURIComponent(password)}@[`, '', 'a@y.example', 'x').catch(error =>
        errors.push(error),
      )
      expect(errors).toHaveLength(4)
      expectNoTrace(...reports, ...errors, ...events, events, mailer, mailer.stats())
      // A client tells its password to who asks for it by name, as smtplib's does; not to who prints it.
      expect(smtp.password).toBe(password)
      for (const trace of traces)
        expect(inspect(smtp, { depth: 20, showHidden: true }) + JSON.stringify(smtp)).not.toContain(trace)
    } finally {
      smtp.close()
      await mailer.close()
      await server.close()
    }
  })
})
