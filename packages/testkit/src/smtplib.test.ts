/**
 * Somebody else's client: Python's smtplib, over plain text, STARTTLS, implicit TLS and LMTP, against the server as it is.
 */
import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createServer, type TestServer } from './index.js'

const version = spawnSync('python3', ['-c', 'import smtplib, ssl, sys; print(sys.version.split()[0])'], {
  encoding: 'utf8',
})
const python = version.status === 0 ? version.stdout.trim() : undefined
const title = `Python's smtplib ${python ?? '(skipped: no python3 with smtplib and ssl on this machine)'}`

/** Runs a program that has `server` details in `port` and `ca`; answers what it printed. */
async function run(server: TestServer, program: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'testkit-'))
  try {
    const ca = join(folder, 'ca.pem')
    writeFileSync(ca, server.certificate?.cert ?? '')
    const opening = `import smtplib, ssl, sys\nport, ca = ${server.port}, ${JSON.stringify(ca)}\n`
    const { stdout } = await promisify(execFile)('python3', ['-c', opening + program], { timeout: 20_000 })
    return stdout.trim()
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe.skipIf(python === undefined)(title, () => {
  const text = 'Subject: hi\r\n\r\n.dot\r\n..two\r\nend\r\n'
  const literal = JSON.stringify(text)

  it('sends in clear text, and gets the refused recipients as a dictionary', async () => {
    await using server = await createServer()
    server.refuse({ recipient: 'nobody@example.org', reply: '550 5.1.1 no such user' })
    const printed = await run(
      server,
      `with smtplib.SMTP('127.0.0.1', port, local_hostname='py.example') as s:
    print(s.sendmail('me@example.org', ['you@example.org', 'nobody@example.org'], ${literal}, ['BODY=8BITMIME']))
    print(s.noop(), s.vrfy('x'), s.rset(), sorted(s.esmtp_features))`,
    )
    expect(printed).toContain(`{'nobody@example.org': (550, b'5.1.1 no such user')}`)
    expect(printed).toContain(`(250, b'2.0.0 Ok') (252, b'2.5.0 Cannot VRFY user, but will accept message')`)
    expect(printed).toContain(
      `['8bitmime', 'chunking', 'dsn', 'enhancedstatuscodes', 'pipelining', 'size', 'smtputf8']`,
    )
    const [message] = await server.mailbox.waitFor(1)
    expect(message?.text).toBe(text)
    expect(message?.envelope).toMatchObject({ from: 'me@example.org', to: ['you@example.org'] })
    expect(message?.session.hello).toBe('py.example')
  })

  it('sends after STARTTLS and each login, trusting the certificate that was made on the spot', async () => {
    await using server = await createServer({
      tls: 'starttls',
      requireTls: true,
      requireAuth: true,
      auth: { users: { alice: 's3cret' } },
    })
    const printed = await run(
      server,
      `for mechanism in ['auth_plain', 'auth_login', 'auth_cram_md5']:
    with smtplib.SMTP('127.0.0.1', port) as s:
        s.ehlo()
        s.starttls(context=ssl.create_default_context(cafile=ca))
        s.ehlo()
        s.user, s.password = 'alice', 's3cret'
        name = mechanism[5:].upper().replace('_', '-')
        print(s.auth(name, getattr(s, mechanism))[0], s.sendmail('me@example.org', 'you@example.org', ${literal}))
        print(s.auth('PLAIN', s.auth_plain)[0])
with smtplib.SMTP('127.0.0.1', port) as s:
    s.starttls(context=ssl.create_default_context(cafile=ca))
    try:
        s.login('alice', 'wrong')
    except smtplib.SMTPAuthenticationError as e:
        print(e.smtp_code)
with smtplib.SMTP('127.0.0.1', port) as s:
    try:
        s.starttls(context=ssl.create_default_context())
    except ssl.SSLCertVerificationError:
        print('untrusted')`,
    )
    expect(printed.split('\n')).toEqual(['235 {}', '503', '235 {}', '503', '235 {}', '503', '535', 'untrusted'])
    expect([...server.mailbox].map(({ session }) => [session.user, session.mechanism, session.secure])).toEqual([
      ['alice', 'PLAIN', true],
      ['alice', 'LOGIN', true],
      ['alice', 'CRAM-MD5', true],
    ])
    expect(String(server.transcript)).not.toContain('s3cret')
  })

  it('sends over implicit TLS', async () => {
    await using server = await createServer({ tls: 'implicit' })
    const printed = await run(
      server,
      `with smtplib.SMTP_SSL('127.0.0.1', port, context=ssl.create_default_context(cafile=ca)) as s:
    print(s.sendmail('me@example.org', 'you@example.org', ${literal}))`,
    )
    expect(printed).toBe('{}')
    expect(server.mailbox.at(0)).toMatchObject({ text, session: { secure: true } })
  })

  it('sends by LMTP', async () => {
    await using server = await createServer({ protocol: 'lmtp' })
    const printed = await run(
      server,
      `with smtplib.LMTP('127.0.0.1', port) as s:
    print(s.sendmail('me@example.org', ['you@example.org'], ${literal}))`,
    )
    expect(printed).toBe('{}')
    expect(server.mailbox.at(0)).toMatchObject({ text, session: { greeting: 'LHLO' } })
  })
})
