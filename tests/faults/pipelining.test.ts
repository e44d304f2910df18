/**
 * The mailer waits wherever RFC 2920 3.1 wants it to: a server that ends the session upon the first octet that comes too early has nothing to end.
 */
import { createMailer, type MailerOptions, SMTP } from '@postrider/mailer'
import { createServer, FAULT_USER, type ServerOptions, type TestServer } from '@postrider/testkit'
import { describe, expect, it } from 'vitest'

const message = 'Subject: tea\r\n\r\n.At five.\r\n'
const users = { [FAULT_USER.username]: FAULT_USER.password }

const servers: readonly (ServerOptions & { readonly what: string })[] = [
  { what: 'SMTP' },
  { what: 'LMTP', protocol: 'lmtp' },
  { what: 'SMTP over TLS with LOGIN', tls: 'implicit', auth: { users, mechanisms: ['LOGIN'] } },
  { what: 'STARTTLS with PLAIN', tls: 'starttls', auth: { users, mechanisms: ['PLAIN'] } },
  { what: 'STARTTLS with CRAM-MD5', tls: 'starttls', auth: { users, mechanisms: ['CRAM-MD5'] } },
]

function mailerOptions(server: TestServer, { protocol = 'smtp', tls = 'none', auth }: ServerOptions): MailerOptions {
  return {
    host: 'localhost',
    port: server.port,
    protocol,
    tls,
    maxConnections: 1,
    ...(server.certificate === undefined ? {} : { tlsOptions: { ca: server.certificate.cert } }),
    ...(auth === undefined ? {} : { auth: FAULT_USER }),
  }
}

/** What a strict server has to say about it. */
function complaints({ transcript }: TestServer): string[] {
  return transcript.lines().flatMap(({ text }) => (text.startsWith('S: 554') ? [text] : []))
}

describe('the mailer waits for every reply it has to wait for (RFC 2920 3.1)', () => {
  for (const { what, ...options } of servers) {
    for (const PIPELINING of [true, false]) {
      it(`${what}, ${PIPELINING ? 'pipelined' : 'step by step'}`, async () => {
        await using server = await createServer({ ...options, extensions: { PIPELINING }, strictPipelining: 5 })
        server.refuse({ recipient: /^no/, reply: '550 5.1.1 nobody' })
        server.refuse({ sender: /^no/, reply: '550 5.7.1 not you' })
        await using mailer = createMailer(mailerOptions(server, options))
        const all = await mailer.sendmail('me@example.org', ['ann@example.org', 'bob@example.org'], message)
        const some = await mailer.sendmail('me@example.org', ['ann@example.org', 'nobody@example.org'], message)
        await expect(
          mailer.sendmail('me@example.org', ['no1@example.org', 'no2@example.org'], message),
        ).rejects.toThrow()
        await expect(mailer.sendmail('not-me@example.org', ['ann@example.org'], message)).rejects.toThrow()
        const last = await mailer.sendmail('me@example.org', ['ann@example.org'], message)
        expect(complaints(server)).toEqual([])
        expect([all.outcome, some.outcome, last.outcome]).toEqual(['accepted', 'partial', 'accepted'])
        expect(server.mailbox.length).toBe(3)
      })
    }
  }

  it('and would be caught if it did not: here it is told that it need not', async () => {
    await using server = await createServer({ extensions: { PIPELINING: false }, strictPipelining: 5 })
    server.answer({ phase: 'ehlo', reply: '250 localhost\nPIPELINING' })
    await using mailer = createMailer(mailerOptions(server, {}))
    await expect(mailer.sendmail('me@example.org', ['ann@example.org'], message)).rejects.toThrow()
    expect(complaints(server).length).toBe(1)
  })

  it('and so does each method of the class SMTP', async () => {
    await using server = await createServer({ strictPipelining: 5 })
    await using client = await SMTP.open({ host: 'localhost', port: server.port })
    await client.ehlo()
    await client.vrfy('ann')
    await client.noop()
    await client.help()
    await client.sendmail('me@example.org', ['ann@example.org'], message)
    await client.mail('me@example.org')
    await client.rcpt('ann@example.org')
    await client.rset()
    await client.quit()
    expect(complaints(server)).toEqual([])
    expect(server.mailbox.length).toBe(1)
  })
})
