// What users of smtplib report as wrong or cannot do, row by row (L1 to L17), and that it is otherwise here; each without `compat` and with it, unless it is about one.
import {
  createMailer,
  LMTP,
  SMTP,
  SMTPMessageError,
  SMTPNotSupportedError,
  SMTPTlsError,
  type SmtpOptions,
  sendmail,
} from '@postrider/mailer'
import { createCertificate, createServer, type TestServer } from '@postrider/testkit'
import { describe, expect, it } from 'vitest'
import { everyMechanism } from '../interop/auth/offers.js'

const letter = 'Subject: x\r\n\r\nhi\r\n'
const both = [{}, { compat: 'smtplib' }] as const

async function open(server: TestServer, options: SmtpOptions = {}): Promise<SMTP> {
  return SMTP.open({ host: server.host, port: server.port, name: 'me.example.org', ...options })
}

describe.each(both)('smtplib’s known limits, %j', compat => {
  it('L1: LMTP has a verdict for each recipient', async () => {
    await using server = await createServer({ protocol: 'lmtp' })
    server.refuse({ phase: 'endOfData', recipient: /^b@/, reply: '552 5.2.2 full' })
    const lmtp = await LMTP.open({ host: server.host, port: server.port, ...compat })
    const { refused, accepted } = await lmtp.sendmail('me@x.example', ['a@y.example', 'b@y.example'], letter)
    expect([accepted, [...refused.keys()]]).toEqual([['a@y.example'], ['b@y.example']])
    expect((await lmtp.noop())[0]).toBe(250)
    await lmtp.quit()
  })

  it('L2: another connection begins with EHLO', async () => {
    await using server = await createServer()
    const smtp = await open(server, compat)
    await smtp.sendmail('me@x.example', 'a@y.example', letter)
    smtp.close()
    await smtp.connect(server.host, server.port)
    await smtp.sendmail('me@x.example', 'a@y.example', letter)
    expect(String(server.transcript).match(/C: ehlo/gi)).toHaveLength(2)
    await smtp.quit()
  })

  it('L3: user names and passwords may be outside ASCII', async () => {
    const password = 'k\u00e4se-Brot 7'
    await using server = await createServer({ auth: { users: { 'j\u00f6rg': password }, mechanisms: ['PLAIN'] } })
    const smtp = await open(server, { ...compat, allowInsecureAuth: true })
    expect((await smtp.login('j\u00f6rg', password))[0]).toBe(235)
    await smtp.quit()
  })

  it('L5, L11: of a message only bare line ends change', async () => {
    await using server = await createServer()
    const smtp = await open(server, compat)
    await smtp.sendMessage(Buffer.from('From: a@x.example\nTo: b@y.example\r\n\r\nFrom me\rto you\n.\n'))
    expect(Buffer.from(server.mailbox.at(0)?.octets ?? []).toString()).toBe(
      'From: a@x.example\r\nTo: b@y.example\r\n\r\nFrom me\r\nto you\r\n.\r\n',
    )
    await smtp.quit()
  })

  it('L6: octets above 127 are declared, and not sent where they are not taken', async () => {
    await using server = await createServer()
    const smtp = await open(server, compat)
    await smtp.sendmail('me@x.example', 'a@y.example', Buffer.from('Subject: x\r\n\r\n\u00e4\r\n'))
    expect(server.mailbox.at(0)?.envelope.parameters).toMatchObject({ body: '8BITMIME' })
    await smtp.quit()
    await using old = await createServer({ extensions: { '8BITMIME': false } })
    const other = await open(old, compat)
    const sent = other.sendmail('me@x.example', 'a@y.example', Buffer.from('Subject: x\r\n\r\n\u00e4\r\n'))
    await expect(sent).rejects.toBeInstanceOf(SMTPNotSupportedError)
    await other.quit()
  })

  it('L7, L8: the name to verify is what connect was given, or an option', async () => {
    const certificate = createCertificate({ names: ['mail.example'] })
    await using server = await createServer({ tls: 'starttls', certificate })
    const smtp = new SMTP({ ...compat, serverName: 'mail.example', tlsOptions: { ca: certificate.cert } })
    await smtp.connect('localhost', server.port)
    expect((await smtp.starttls())[0]).toBe(220)
    await smtp.quit()
  })

  it('L10: a server without EHLO is greeted with HELO, and sent to', async () => {
    await using server = await createServer()
    server.refuse({ phase: 'ehlo', reply: '500 5.5.1 what?' })
    const smtp = await open(server, compat)
    expect((await smtp.sendmail('me@x.example', 'a@y.example', letter)).accepted).toEqual(['a@y.example'])
    expect([smtp.does_esmtp, smtp.esmtp_features.size]).toEqual([false, 0])
    await smtp.quit()
  })

  it('L12: an address outside ASCII stays what it is', async () => {
    await using server = await createServer()
    const smtp = await open(server, compat)
    await smtp.sendMessage({
      headers: [
        ['From', 'a@x.example'],
        ['To', 'j\u00f6rg@y.example'],
      ],
      body: 'hi',
    })
    expect(server.mailbox.at(0)?.envelope.to).toEqual(['j\u00f6rg@y.example'])
    await smtp.quit()
  })

  it('L13: a server that hangs holds up nobody who has had enough', async () => {
    await using server = await createServer()
    server.misbehave({ phase: 'data', steps: [{ stall: true }] })
    const smtp = await open(server, compat)
    const sent = smtp.sendmail('me@x.example', 'a@y.example', letter, { signal: AbortSignal.timeout(50) })
    await expect(sent).rejects.toMatchObject({ code: 'EABORT', mayHaveBeenDelivered: false })
  })

  it('L15: certificates are verified', async () => {
    await using server = await createServer({ tls: 'starttls' })
    const smtp = await open(server, compat)
    await expect(smtp.starttls()).rejects.toBeInstanceOf(SMTPTlsError)
    expect(smtp.sock).toBeUndefined()
  })

  it('L16: what happens is told as data, each thing once', async () => {
    await using server = await createServer()
    const told: string[] = []
    const smtp = await open(server, {
      ...compat,
      onEvent: event => {
        if (event.type === 'command') told.push(event.line.toLowerCase())
      },
    })
    await smtp.noop()
    await smtp.quit()
    expect(told).toEqual(['noop', 'quit'])
  })

  it('L17: lines of more than 998 octets can be refused', async () => {
    await using server = await createServer()
    const smtp = await open(server, compat)
    const sent = smtp.sendmail('me@x.example', 'a@y.example', `${letter}${'x'.repeat(999)}\r\n`, {
      longLines: 'reject',
    })
    await expect(sent).rejects.toBeInstanceOf(SMTPMessageError)
    expect(server.mailbox.at(0)).toBeUndefined()
    await smtp.quit()
  })
})

describe('smtplib’s known limits, without compat', () => {
  it('L4: SCRAM and tokens', async () => {
    const user = { username: 'tim', password: 'Zq7!hidden-horse', token: 'ya29.Canary-Token_77', certificate: '' }
    const offered = async (name: string) => (await everyMechanism(user)).filter(offer => offer.name === name)
    const users = { [user.username]: user.password }
    await using scram = await createServer({ auth: { users, mechanisms: await offered('SCRAM-SHA-256') } })
    const smtp = await open(scram, { allowInsecureAuth: true })
    expect((await smtp.login(user.username, user.password))[0]).toBe(235)
    await smtp.quit()
    await using tokens = await createServer({ auth: { users, mechanisms: await offered('XOAUTH2') } })
    const auth = { username: user.username, token: user.token }
    const target = { host: tokens.host, port: tokens.port, tls: 'none', allowInsecureAuth: true, auth } as const
    expect((await sendmail(target, 'me@x.example', 'a@y.example', letter)).outcome).toBe('accepted')
  })

  it('L9: verbs are in upper case', async () => {
    await using server = await createServer()
    const smtp = await open(server)
    await smtp.sendmail('me@x.example', 'a@y.example', letter)
    await smtp.quit()
    expect(String(server.transcript)).toMatch(
      /C: EHLO me\.example\.org[\s\S]*C: MAIL FROM:<me@x\.example> SIZE=[\s\S]*C: RCPT TO:<a@y\.example>\n/,
    )
  })

  it('L14: pipelining, parameters of each recipient, enhanced codes, a pool, cancelling, streams', async () => {
    await using server = await createServer()
    server.refuse({ recipient: /^b@/, reply: '550 5.1.1 no such user' })
    const smtp = await open(server)
    await smtp.ehlo()
    const before = smtp.session?.roundTrips ?? 0
    const to = [{ address: 'a@y.example', parameters: { notify: ['NEVER'] as const } }, 'b@y.example']
    const { recipients } = await smtp.sendmail('me@x.example', to, [Buffer.from(letter)])
    expect((smtp.session?.roundTrips ?? 0) - before).toBe(2)
    expect(recipients.map(({ outcome, reply }) => [outcome, reply?.enhanced?.toString()])).toEqual([
      ['accepted', expect.any(String)],
      ['rejected', '5.1.1'],
    ])
    await smtp.quit()
    const mailer = createMailer({ host: server.host, port: server.port, tls: 'none', maxConnections: 2 })
    const reports = await Promise.all([1, 2, 3].map(() => mailer.sendmail('me@x.example', 'a@y.example', letter)))
    expect(reports.map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted', 'accepted'])
    await mailer.close()
    const given = sendmail(
      { host: server.host, port: server.port, tls: 'none' },
      'me@x.example',
      'a@y.example',
      letter,
      {
        signal: AbortSignal.abort(),
      },
    )
    await expect(given).rejects.toMatchObject({ code: 'EABORT' })
  })
})
