import { createServer, type ServerOptions as TestOptions, type TestServer } from '@postrider/testkit'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { smtplibNames } from './alias.js'
import { LMTP, SMTP, SMTP_SSL } from './client.js'
import type { SmtpOptions } from './connected-client.js'
import {
  SMTPAuthenticationError,
  SMTPConnectError,
  SMTPDataError,
  SMTPEnvelopeError,
  SMTPException,
  SMTPHeloError,
  SMTPNotSupportedError,
  SMTPRecipientsRefused,
  SMTPResponseException,
  SMTPSenderRefused,
  SMTPServerDisconnected,
  SMTPTlsError,
} from './error.js'
import { quoteaddr, quotedata } from './quote.js'

const users = { tim: 'correct horse' }
const message = 'Subject: tea\r\n\r\nAt five.\r\n'

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

async function serve(options: TestOptions = {}): Promise<TestServer> {
  const server = await createServer(options)
  open.push(server)
  return server
}

async function client(server: TestServer, options: SmtpOptions = {}): Promise<SMTP> {
  const smtp = await SMTP.open({ ...at(server), ...options })
  open.push(smtp)
  return smtp
}

function at(server: TestServer): SmtpOptions {
  const ca = server.certificate?.cert
  return {
    host: server.host,
    port: server.port,
    name: 'me.example.org',
    ...(ca === undefined ? {} : { tlsOptions: { ca } }),
  }
}

const text = ([code, octets]: readonly [number, Uint8Array]): [number, string] => [
  code,
  new TextDecoder().decode(octets),
]

describe('SMTP', () => {
  it('opens nothing in its constructor', async () => {
    const smtp = new SMTP({ host: 'nowhere.example' })
    expect(smtp.sock).toBeUndefined()
    expect(smtp.defaultPort).toBe(25)
    expect(new SMTP_SSL().defaultPort).toBe(465)
    expect(new LMTP().defaultPort).toBe(2003)
    await expect(smtp.noop()).rejects.toThrow('please run connect() first')
    await expect(smtp.noop()).rejects.toBeInstanceOf(SMTPServerDisconnected)
  })

  it('returns the greeting whatever it is, and `open` refuses all but 220 (P11, P16)', async () => {
    const server = await serve()
    const smtp = new SMTP(at(server))
    expect(text(await smtp.connect())).toEqual([220, 'localhost ESMTP ready'])
    smtp.close()
    server.refuse({ phase: 'connect', reply: '554 5.7.1 go away' })
    expect(text(await smtp.connect())).toEqual([554, '5.7.1 go away'])
    expect(smtp.sock).toBeDefined()
    expect(text(await smtp.quit())[0]).toBe(221)
    await expect(SMTP.open(at(server))).rejects.toMatchObject({ name: 'SMTPConnectError', smtp_code: 554 })
    server.refuse({ phase: 'connect', reply: '421 4.3.2 busy' })
    expect(text(await smtp.connect())).toEqual([421, '4.3.2 busy'])
    expect(smtp.sock).toBeUndefined()
    await expect(SMTP.open(at(server))).rejects.toBeInstanceOf(SMTPConnectError)
  })

  it('takes host:port for a host, and leaves IPv6 alone (P17)', async () => {
    const server = await serve()
    const smtp = new SMTP()
    await smtp.connect(`${server.host}:${server.port}`)
    smtp.close()
    await smtp.connect(server.host, server.port)
    smtp.close()
    await expect(smtp.connect('localhost:smtp')).rejects.toThrow('nonnumeric port')
  })

  it('knows the server behind EHLO, and only then', async () => {
    const server = await serve({ extensions: { SIZE: 5000, 'X-ODD': 'a b' } })
    const smtp = await client(server)
    expect(smtp.hasExtn('size')).toBe(false)
    const [code] = await smtp.ehlo()
    expect(code).toBe(250)
    expect(smtp.doesEsmtp).toBe(true)
    expect(smtp.esmtpFeatures.get('size')).toBe('5000')
    expect(smtp.esmtpFeatures.get('x-odd')).toBe('a b')
    expect(smtp.hasExtn('SiZe')).toBe(true)
    expect(new TextDecoder().decode(smtp.ehloResp)).toMatch(/^localhost\nPIPELINING\n/)
    expect(String(server.transcript)).toContain('C: EHLO me.example.org')
  })

  it('keeps what a server says of itself in a map, whatever its keywords are (T-10)', async () => {
    const server = await serve()
    server.misbehave({
      phase: 'ehlo',
      steps: [{ send: '250-localhost\r\n250-__proto__ x\r\n250-constructor\r\n250 toString\r\n' }],
    })
    const smtp = await client(server)
    await smtp.ehlo()
    expect([...smtp.esmtpFeatures.keys()]).toEqual(['constructor', 'tostring'])
    expect(smtp.hasExtn('hasOwnProperty')).toBe(false)
  })

  it('says EHLO when it has to, HELO where EHLO is not known, and neither twice (P37)', async () => {
    const server = await serve()
    const smtp = await client(server)
    await smtp.ehloOrHeloIfNeeded()
    await smtp.ehloOrHeloIfNeeded()
    expect(String(server.transcript).match(/C: EHLO/g)).toHaveLength(1)
    server.refuse({ phase: 'ehlo', reply: '502 5.5.1 what?' })
    const old = await client(server)
    await old.ehloOrHeloIfNeeded()
    expect(old.doesEsmtp).toBe(false)
    expect(old.heloResp).toBeDefined()
    expect((await old.sendmail('me@x.example', 'a@y.example', message)).outcome).toBe('accepted')
    server.refuse({ phase: 'helo', reply: '550 5.7.1 no' })
    const none = await client(server)
    await expect(none.ehloOrHeloIfNeeded()).rejects.toMatchObject({
      name: 'SMTPHeloError',
      smtp_code: 550,
      command: 'HELO',
    })
    await expect(none.ehloOrHeloIfNeeded()).resolves.toBeUndefined()
  })

  it('goes step by step: MAIL, RCPT, DATA (P40, P41, P43)', async () => {
    const server = await serve()
    server.refuse({ recipient: 'no@y.example', reply: '550 5.1.1 no such user' })
    const smtp = await client(server)
    await smtp.ehlo()
    expect(text(await smtp.mail('me@x.example', ['SIZE=27', 'BODY=8BITMIME']))[0]).toBe(250)
    expect(text(await smtp.rcpt('a@y.example', ['NOTIFY=NEVER']))[0]).toBe(250)
    expect(text(await smtp.rcpt('no@y.example'))).toEqual([550, '5.1.1 no such user'])
    expect(text(await smtp.data('a\n.b'))[0]).toBe(250)
    expect(server.mailbox.at(0)?.text).toBe('a\r\n.b\r\n')
    expect(server.mailbox.at(0)?.envelope).toMatchObject({
      to: ['a@y.example'],
      parameters: { size: 27, body: '8BITMIME' },
      recipients: [{ parameters: { notify: ['NEVER'] } }],
    })
    expect(text(await smtp.mail('me@x.example'))[0]).toBe(250)
    expect(text(await smtp.rset())[0]).toBe(250)
  })

  it('throws when DATA is refused, and returns what becomes of the message (P43)', async () => {
    const server = await serve()
    const smtp = await client(server)
    await smtp.ehlo()
    server.refuse({ phase: 'data', times: 1, reply: '451 4.3.0 later' })
    await smtp.mail('me@x.example')
    await smtp.rcpt('a@y.example')
    await expect(smtp.data('x')).rejects.toBeInstanceOf(SMTPDataError)
    server.refuse({ phase: 'endOfData', times: 1, reply: '554 5.6.0 no' })
    await smtp.mail('me@x.example')
    await smtp.rcpt('a@y.example')
    expect(text(await smtp.data(Buffer.from('x')))).toEqual([554, '5.6.0 no'])
    expect(text(await smtp.noop())[0]).toBe(250)
  })

  it('sends one command, and one reply at a time (P26, P27, P28)', async () => {
    const server = await serve()
    const smtp = await client(server)
    await smtp.ehlo()
    expect(text(await smtp.docmd('NOOP', 'hello'))[0]).toBe(250)
    await smtp.putcmd('NOOP')
    expect(text(await smtp.getreply())[0]).toBe(250)
    expect(text(await smtp.docmd('MAIL', 'FROM:<me@x.example>'))[0]).toBe(250)
    expect(text(await smtp.docmd('RCPT', 'TO:<a@y.example>'))[0]).toBe(250)
    expect(text(await smtp.docmd('DATA'))[0]).toBe(354)
    await smtp.send('by hand\r\n')
    await smtp.send(Buffer.from('.\r\n'))
    expect(text(await smtp.getreply())[0]).toBe(250)
    expect(server.mailbox.at(0)?.text).toBe('by hand\r\n')
    expect(text(await smtp.vrfy('Tim <tim@x.example>'))[0]).toBeGreaterThan(200)
    expect(text(await smtp.expn('staff'))[0]).toBeGreaterThan(200)
    expect((await smtp.help()).length).toBeGreaterThan(0)
    expect(String(server.transcript)).toContain('C: VRFY tim@x.example')
  })

  it.each([
    ['NOOP\r\nRSET', ''],
    ['NOOP', 'x\nRSET'],
    ['NOOP\r', ''],
  ])("refuses a command with a line end in it in smtplib's words: %j %j (P29)", async (cmd, args) => {
    const server = await serve()
    const smtp = await client(server)
    const before = String(server.transcript)
    await expect(smtp.docmd(cmd, args)).rejects.toThrow('command and arguments contain prohibited newline characters: ')
    await expect(smtp.putcmd(cmd, args)).rejects.toThrow(
      'command and arguments contain prohibited newline characters: ',
    )
    await expect(smtp.docmd('NOOP', 'a\0b')).rejects.toMatchObject({ code: 'ECOMMAND' })
    expect(String(server.transcript)).toBe(before)
    expect(text(await smtp.noop())[0]).toBe(250)
  })

  it('refuses addresses, names and options that are none, and goes on (T-01, T-02, T-03)', async () => {
    const server = await serve()
    const smtp = await client(server)
    await smtp.ehlo()
    const before = String(server.transcript)
    await expect(smtp.ehlo('a b')).rejects.toMatchObject({ code: 'ECONFIG' })
    await expect(smtp.mail('a\r\nb@x.example')).rejects.toBeInstanceOf(SMTPEnvelopeError)
    await expect(smtp.mail('me@x.example', ['SIZE=1\r\nRSET'])).rejects.toBeInstanceOf(SMTPEnvelopeError)
    await expect(smtp.mail('me@x.example', ['SIZE=many'])).rejects.toBeInstanceOf(SMTPEnvelopeError)
    await expect(smtp.mail('jörg@x.example')).resolves.toBeDefined()
    await expect(smtp.rcpt('a@y.example', 'NOTIFY=MAYBE')).rejects.toBeInstanceOf(SMTPEnvelopeError)
    await expect(smtp.rcpt('')).rejects.toBeInstanceOf(SMTPEnvelopeError)
    expect(String(server.transcript).replace(before, '').match(/C: .*/g)).toEqual([
      'C: MAIL FROM:<jörg@x.example> SMTPUTF8',
    ])
    expect(text(await smtp.noop())[0]).toBe(250)
  })

  it('says by name what the server does not offer (P40)', async () => {
    const server = await serve({ extensions: { SMTPUTF8: false, DSN: false } })
    const smtp = await client(server)
    await smtp.ehlo()
    await expect(smtp.mail('me@x.example', ['SMTPUTF8'])).rejects.toThrow('SMTPUTF8 not supported by server')
    await expect(smtp.mail('me@x.example', ['SMTPUTF8'])).rejects.toBeInstanceOf(SMTPNotSupportedError)
    await expect(smtp.mail('me@x.example', ['RET=HDRS'])).rejects.toBeInstanceOf(SMTPNotSupportedError)
  })

  it("sends mail, with smtplib's lists of options or ours (P45, P53)", async () => {
    const server = await serve()
    server.refuse({ recipient: 'no@y.example', reply: '550 5.1.1 no such user' })
    const smtp = await client(server)
    const report = await smtp.sendmail(
      'me@x.example',
      ['a@y.example', 'no@y.example'],
      message,
      ['RET=HDRS'],
      ['NOTIFY=FAILURE'],
    )
    expect(report.refused.get('no@y.example')?.[0]).toBe(550)
    await smtp.sendmail('me@x.example', 'a@y.example', message, { parameters: { envid: 'x' } })
    expect(Array.from(server.mailbox, ({ envelope }) => envelope.parameters)).toMatchObject([
      { ret: 'HDRS' },
      { envid: 'x' },
    ])
    expect(server.mailbox.at(0)?.envelope.recipients).toMatchObject([{ parameters: { notify: ['FAILURE'] } }])
    expect(String(server.transcript).match(/C: EHLO/g)).toHaveLength(1)
  })

  it("sends a message by its header, and takes sender and recipients in smtplib's places (P58, P64)", async () => {
    const server = await serve()
    const smtp = await client(server)
    const letter = 'From: me@x.example\nTo: a@y.example\nBcc: b@y.example\n\nhi'
    expect((await smtp.sendMessage(letter)).accepted).toEqual(['a@y.example', 'b@y.example'])
    expect((await smtp.send_message(letter, 'other@x.example', ['c@y.example'], ['RET=FULL'])).envelope).toEqual({
      from: 'other@x.example',
      to: ['c@y.example'],
    })
    expect((await smtp.sendMessage(letter, { to: 'd@y.example' })).accepted).toEqual(['d@y.example'])
    expect(server.mailbox.at(1)?.text).not.toContain('Bcc')
    expect(server.mailbox.at(1)?.envelope.parameters).toMatchObject({ ret: 'FULL' })
  })

  it("throws smtplib's exceptions and can be used again behind them (P23)", async () => {
    const server = await serve()
    const smtp = await client(server)
    server.refuse({ phase: 'mail', times: 1, reply: '550 5.7.1 no' })
    await expect(smtp.sendmail('me@x.example', 'a@y.example', message)).rejects.toBeInstanceOf(SMTPSenderRefused)
    server.refuse({ phase: 'rcpt', times: 1, reply: '550 5.1.1 no' })
    await expect(smtp.sendmail('me@x.example', 'a@y.example', message)).rejects.toBeInstanceOf(SMTPRecipientsRefused)
    server.refuse({ phase: 'endOfData', times: 1, reply: '550 5.6.0 no' })
    await expect(smtp.sendmail('me@x.example', 'a@y.example', message)).rejects.toBeInstanceOf(SMTPDataError)
    expect((await smtp.sendmail('me@x.example', 'a@y.example', message)).outcome).toBe('accepted')
    expect(server.connections.total).toBe(1)
  })

  it('is without a connection when the server has gone (P22)', async () => {
    const server = await serve()
    const smtp = await client(server)
    server.refuse({ phase: 'noop', hangUp: 'close' })
    await expect(smtp.noop()).rejects.toMatchObject({ name: 'SMTPServerDisconnected', code: 'ECONNECTION' })
    expect(smtp.sock).toBeUndefined()
    await expect(smtp.noop()).rejects.toThrow('please run connect() first')
    server.refuse({ phase: 'mail', reply: '421 4.3.2 closing' })
    await smtp.connect(server.host, server.port)
    await expect(smtp.sendmail('me@x.example', 'a@y.example', message)).rejects.toBeInstanceOf(SMTPSenderRefused)
    expect(smtp.sock).toBeUndefined()
  })

  it('forgets the server behind QUIT and before another connection (P18, P20, L2)', async () => {
    const server = await serve()
    const smtp = await client(server)
    await smtp.ehlo()
    expect(text(await smtp.quit())[0]).toBe(221)
    expect([smtp.sock, smtp.ehloResp, smtp.doesEsmtp, smtp.esmtpFeatures.size]).toEqual([
      undefined,
      undefined,
      false,
      0,
    ])
    await smtp.connect(server.host, server.port)
    await smtp.ehlo()
    smtp.close()
    await smtp.connect(server.host, server.port)
    expect((await smtp.sendmail('me@x.example', 'a@y.example', message)).outcome).toBe('accepted')
    server.refuse({ phase: 'quit', hangUp: 'reset' })
    await expect(smtp.quit()).rejects.toBeInstanceOf(SMTPServerDisconnected)
  })

  it('says QUIT at the end of its block (P21)', async () => {
    const server = await serve()
    {
      await using smtp = await SMTP.open(at(server))
      await smtp.noop()
    }
    expect(String(server.transcript)).toContain('C: QUIT')
    {
      await using smtp = await SMTP.open(at(server))
      smtp.close()
    }
    {
      await using _never = new SMTP()
    }
    await expect.poll(() => server.connections.open).toBe(0)
  })

  it('gives up when it is told to', async () => {
    const server = await serve()
    const smtp = await client(server)
    server.misbehave({ phase: 'data', steps: [{ stall: true }] })
    await expect(smtp.sendmail('me@x.example', 'a@y.example', message, { deadline: 100 })).rejects.toMatchObject({
      code: 'ETIMEDOUT',
      report: { outcome: 'unsent' },
    })
    expect(smtp.sock).toBeUndefined()
  })

  it('has every name of smtplib, with the other spelling', async () => {
    const smtp = new SMTP()
    for (const [name, ours] of Object.entries(smtplibNames)) {
      expect(name in smtp, name).toBe(true)
      expect(smtp[name as keyof SMTP], name).toBe(smtp[ours])
    }
    smtp.local_hostname = 'me.example.org'
    expect(smtp.localHostname).toBe('me.example.org')
    class Own extends SMTP {
      override hasExtn(): boolean {
        return true
      }
    }
    expect(new Own().has_extn('anything')).toBe(true)
    for (const name of [
      'connect',
      'ehlo',
      'helo',
      'starttls',
      'login',
      'auth',
      'mail',
      'rcpt',
      'data',
      'sendmail',
      'docmd',
      'putcmd',
      'getreply',
      'send',
      'noop',
      'rset',
      'help',
      'verify',
      'vrfy',
      'expn',
      'quit',
      'close',
    ] as const)
      expect(smtp[name]).toBeInstanceOf(Function)
  })

  it('prints secrets and messages only for who asks for them by name (P74, T-28)', async () => {
    for (const [options, shown] of [
      [{}, false],
      [{ compat: 'smtplib' }, false],
      [{ compat: 'smtplib', debugSecrets: true }, true],
    ] as const) {
      const server = await createServer({ auth: { users: { tim: 'Zq7!hidden-horse-42' }, mechanisms: ['PLAIN'] } })
      const printed: string[] = []
      const stderr = vi.spyOn(process.stderr, 'write').mockImplementation(line => printed.push(String(line)) > 0)
      try {
        const smtp = await client(server, { ...options, allowInsecureAuth: true, debuglevel: 1 })
        await smtp.login('tim', 'Zq7!hidden-horse-42')
        await smtp.sendmail('a@x.example', 'b@y.example', "Subject: it's\r\n\r\nhi\r\n")
        await smtp.quit()
      } finally {
        stderr.mockRestore()
        await server.close()
      }
      const encoded = Buffer.from('\0tim\0Zq7!hidden-horse-42').toString('base64')
      const lines = printed.join('').split('\n')
      expect(lines.includes(`send: 'AUTH PLAIN ${encoded}\\r\\n'`), JSON.stringify(options)).toBe(shown)
      expect(lines.includes(String.raw`send: b"Subject: it's\r\n\r\nhi\r\n.\r\n"`)).toBe(shown)
      expect(lines.filter(line => line.includes('of the message'))).toHaveLength(shown ? 0 : 1)
    }
  })

  it('prints the dialogue, without secrets (P74, T-28)', async () => {
    const server = await serve({ auth: { users } })
    const lines: string[] = []
    const stderr = vi.spyOn(process.stderr, 'write').mockImplementation(line => lines.push(String(line)) > 0)
    try {
      const smtp = await client(server, { allowInsecureAuth: true, debuglevel: 1 })
      await smtp.login('tim', users.tim)
      smtp.set_debuglevel(2)
      await smtp.noop()
      smtp.setDebuglevel(0)
      await smtp.noop()
    } finally {
      stderr.mockRestore()
    }
    const printed = lines.join('')
    expect(printed).toMatch(/^send: 'EHLO me\.example\.org\\r\\n'$/m)
    expect(printed).toMatch(/^reply: b'220 localhost ESMTP ready\\r\\n'$/m)
    expect(printed).toMatch(/^reply: retcode \(220\); Msg: b'localhost ESMTP ready'$/m)
    expect(printed).toMatch(/^\d\d:\d\d:\d\d\.\d{6} send: 'NOOP\\r\\n'$/m)
    expect(printed.match(/NOOP/g)).toHaveLength(1)
    expect(printed).not.toContain(users.tim)
  })
})

describe('STARTTLS and AUTH by hand', () => {
  it('follow each other, and all is asked again inside (P69)', async () => {
    const server = await serve({ tls: 'starttls', auth: { users } })
    const smtp = await client(server)
    const [code, words] = await smtp.starttls()
    expect(code).toBe(220)
    expect(words.length).toBeGreaterThan(0)
    expect(smtp.ehloResp).toBeUndefined()
    expect(text(await smtp.login('tim', users.tim))[0]).toBe(235)
    expect(smtp.user).toBe('tim')
    expect(smtp.password).toBe(users.tim)
    await smtp.sendmail('me@x.example', 'a@y.example', message)
    expect(server.mailbox.at(0)?.session).toMatchObject({ secure: true, user: 'tim' })
  })

  it('look at the certificate and the name that STARTTLS was given', async () => {
    const server = await serve({ tls: 'starttls' })
    const ca = server.certificate?.cert ?? ''
    const options = { host: server.host, port: server.port }
    const trusted = await SMTP.open(options)
    await trusted.starttls({ tlsOptions: { ca } })
    await trusted.quit()
    const unknown = await SMTP.open(options)
    await expect(unknown.starttls()).rejects.toBeInstanceOf(SMTPTlsError)
    expect(unknown.sock).toBeUndefined()
    const other = await SMTP.open(options)
    await expect(other.starttls({ tlsOptions: { ca }, serverName: 'other.example' })).rejects.toBeInstanceOf(
      SMTPTlsError,
    )
  })

  it('are refused by name where the server does not offer them (P66, P69)', async () => {
    const server = await serve()
    const smtp = await client(server)
    await expect(smtp.starttls()).rejects.toThrow('STARTTLS extension not supported by server.')
    await expect(smtp.starttls()).rejects.toBeInstanceOf(SMTPNotSupportedError)
    await expect(smtp.login('tim', 'x')).rejects.toThrow('SMTP AUTH extension not supported by server.')
    const refusing = await serve({ tls: 'starttls' })
    refusing.refuse({ phase: 'starttls', reply: '454 4.7.0 not now' })
    const other = await client(refusing)
    await expect(other.starttls()).rejects.toMatchObject({ name: 'SMTPResponseException', smtp_code: 454 })
    await expect(other.starttls()).rejects.toBeInstanceOf(SMTPResponseException)
    expect(text(await other.noop())[0]).toBe(250)
  })

  it('keep credentials off a line in clear (T-21)', async () => {
    const server = await serve({ auth: { users } })
    const smtp = await client(server)
    await expect(smtp.login('tim', users.tim)).rejects.toBeInstanceOf(SMTPNotSupportedError)
    expect(String(server.transcript)).not.toContain('AUTH CRAM')
    const daring = await client(server, { allowInsecureAuth: true })
    expect(text(await daring.login('tim', users.tim))[0]).toBe(235)
  })

  it('refuse a wrong password; `compat` tries every mechanism, as smtplib does (P66)', async () => {
    const server = await serve({ auth: { users } })
    const smtp = await client(server, { allowInsecureAuth: true })
    await expect(smtp.login('tim', 'wrong')).rejects.toBeInstanceOf(SMTPAuthenticationError)
    expect(String(server.transcript).match(/C: AUTH [A-Z0-9-]+/g)).toEqual(['C: AUTH CRAM-MD5'])
    server.transcript.clear()
    const compatible = await client(server, { allowInsecureAuth: true, compat: 'smtplib' })
    await expect(compatible.login('tim', 'wrong')).rejects.toBeInstanceOf(SMTPAuthenticationError)
    expect(String(server.transcript).match(/C: AUTH [A-Z0-9-]+/g)).toEqual([
      'C: AUTH CRAM-MD5',
      'C: AUTH PLAIN',
      'C: AUTH LOGIN',
    ])
  })

  it.each([
    ['PLAIN', 'authPlain', true],
    ['PLAIN', 'authPlain', false],
    ['LOGIN', 'authLogin', true],
    ['LOGIN', 'authLogin', false],
    ['cram-md5', 'authCramMd5', true],
  ] as const)(
    "run one mechanism with smtplib's objects: %s, initial response %s %s (P65, P67)",
    async (mechanism, name, initialResponseOk) => {
      const server = await serve({ auth: { users } })
      const smtp = await client(server)
      await smtp.ehlo()
      await expect(smtp.auth(mechanism, smtp[name], { initialResponseOk })).rejects.toThrow()
      const again = await client(server)
      await again.ehlo()
      again.user = 'tim'
      again.password = users.tim
      expect(text(await again.auth(mechanism, again[name], { initialResponseOk }))[0]).toBe(235)
    },
  )

  it("run one mechanism with an object of the caller's own", async () => {
    const server = await serve({ auth: { users } })
    const smtp = await client(server)
    await smtp.ehlo()
    const challenges: (string | undefined)[] = []
    const answers = ['tim', users.tim]
    const [code] = await smtp.auth('LOGIN', challenge => {
      challenges.push(challenge === undefined ? undefined : new TextDecoder().decode(challenge))
      return challenge === undefined ? undefined : answers.shift()
    })
    expect(code).toBe(235)
    expect(challenges).toHaveLength(3)
    expect(challenges[0]).toBeUndefined()
  })
})

describe('SMTP_SSL and LMTP', () => {
  it('SMTP_SSL speaks TLS from the first octet, and verifies it (P15)', async () => {
    const server = await serve({ tls: 'implicit', auth: { users } })
    const smtp = await SMTP_SSL.open(at(server))
    expect(smtp).toBeInstanceOf(SMTP)
    await smtp.login('tim', users.tim)
    await smtp.sendmail('me@x.example', 'a@y.example', message)
    await smtp.quit()
    expect(server.mailbox.at(0)?.session.secure).toBe(true)
    await expect(SMTP_SSL.open({ host: server.host, port: server.port })).rejects.toBeInstanceOf(SMTPTlsError)
  })

  it('LMTP says LHLO, never HELO, and takes a verdict for each recipient (P72, P73)', async () => {
    const server = await serve({ protocol: 'lmtp' })
    server.refuse({ phase: 'endOfData', recipient: 'b@y.example', reply: '552 5.2.2 full' })
    const lmtp = await LMTP.open(at(server))
    const report = await lmtp.sendmail('', ['a@y.example', 'b@y.example'], message)
    expect([...report.refused.keys()]).toEqual(['b@y.example'])
    await lmtp.mail('')
    await lmtp.rcpt('a@y.example')
    await lmtp.rcpt('b@y.example')
    expect(text(await lmtp.data(message))).toEqual([552, '5.2.2 full'])
    expect(text(await lmtp.noop())[0]).toBe(250)
    await lmtp.quit()
    server.refuse({ phase: 'lhlo', reply: '502 5.5.1 what?' })
    const other = await LMTP.open(at(server))
    await expect(other.ehloOrHeloIfNeeded()).rejects.toBeInstanceOf(SMTPHeloError)
    expect(String(server.transcript)).not.toContain('C: HELO')
    other.close()
  })
})

describe('quoteaddr and quotedata', () => {
  it.each([
    ['', '<>'],
    ['<>', '<>'],
    ['Foo <a@b.example>', '<a@b.example>'],
    [' a@b.example ', '<a@b.example>'],
    ['<@r.example:a@b.example>', '<a@b.example>'],
    ['a @ b.example', '<a@b.example>'],
    ['"q s"@x.example', '<"q s"@x.example>'],
  ])('quotes %j as %s (P5)', (address, quoted) => {
    expect(quoteaddr(address)).toBe(quoted)
  })

  it.each([
    'a@b.example, c@d.example',
    'Doe, J <j@d.example>',
    'a@b.example\r\nX',
    'G: x@y.example, z@w.example;',
    'foo bar',
    'a b@c.example',
    'a..b@c.example',
    '@x',
    'a@',
  ])('refuses %j (P6)', address => {
    expect(() => quoteaddr(address)).toThrow(SMTPException)
  })

  it('doubles the dots at the start of lines, and ends lines in CRLF (P8)', () => {
    expect(quotedata('.a\n..b\rc\r\n.')).toBe('..a\r\n...b\r\nc\r\n..')
    expect(quotedata('a.b\r')).toBe('a.b\r\n')
    expect(quotedata('')).toBe('')
  })
})
