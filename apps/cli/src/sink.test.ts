import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sendmail } from '@postrider/mailer'
import { createServer } from '@postrider/testkit'
import { describe, expect, it } from 'vitest'
import { postrider, Running } from '../test/postrider.js'

const folder = mkdtempSync(join(tmpdir(), 'postrider-sink-'))
const message = 'Subject: hi\r\n\r\nhello\r\n.\r\n\u001b[2Jgone?\r\n'

/** Where it says that it listens. */
async function urlOf(sink: Running): Promise<string> {
  return (await sink.shows(/^listening on (\S+?)[,;]/))[1] ?? ''
}

describe('postrider sink', () => {
  it('shows what arrives and who was refused, and nothing in it moves the cursor (T-29)', async () => {
    await using sink = new Running(['sink', '0'])
    const report = await sendmail(
      await urlOf(sink),
      'me@example.org',
      ['you@example.org', 'nobody@example.net'],
      message,
    )
    expect(report.accepted).toEqual(['you@example.org'])
    expect(report.rejected).toEqual(['nobody@example.net'])
    await sink.shows(/gone/)
    sink.signal('SIGTERM')
    const { code, out, err } = await sink.ended
    expect(err).toBe('')
    expect(out.split('\n').slice(1)).toEqual([
      'refuses nobody@ at any domain',
      '',
      'message 1, 36 octets, in clear text',
      '  from    me@example.org',
      '  to      you@example.org',
      '  refused nobody@example.net: 550 5.1.1 No such user here',
      '  | Subject: hi',
      '  | ',
      '  | hello',
      '  | .',
      '  | \\u{1b}[2Jgone?',
      '1 message came',
      '',
    ])
    expect(code).toBe(0)
  })

  it('keeps messages in a folder, octets as received, and never overwrites one', async () => {
    const mailbox = join(folder, 'mailbox')
    writeFileSync(join(folder, 'keep'), '')
    await using sink = new Running(['sink', '0', '--mailbox', mailbox, '--lines', '0', '--transcript'])
    const url = await urlOf(sink)
    writeFileSync(join(mailbox, '0001.eml'), 'from an earlier run')
    await sendmail(url, 'me@example.org', 'you@example.org', message)
    await sink.shows(/kept as .*0002\.eml/)
    expect(readFileSync(join(mailbox, '0001.eml'), 'utf8')).toBe('from an earlier run')
    expect(readFileSync(join(mailbox, '0002.eml'), 'utf8')).toBe(message)
    expect(sink.out).toMatch(/C: MAIL FROM:<me@example\.org>.*\n.*S: 250 /)
    expect(sink.out).not.toContain('| hello')
  })

  it('refuses whom it is told to, for all recipients of a message too', async () => {
    await using sink = new Running(['sink', '0', '--refuse', 'eve@example.org', '--refuse', 'mallory@example.org'])
    const url = await urlOf(sink)
    const failure = sendmail(url, 'me@example.org', ['eve@EXAMPLE.org', 'mallory@example.org'], message)
    await expect(failure).rejects.toMatchObject({ name: 'SMTPRecipientsRefused', responseCode: 550 })
    await sendmail(url, 'me@example.org', 'nobody@example.org', message)
    await sink.shows(/message 1/)
    await sink.shows(/no message\n {2}from {4}me@example\.org\n {2}refused eve@EXAMPLE\.org: 550/)
  })

  it('speaks TLS with a certificate that it hands out, and wants the login from the environment', async () => {
    const certificate = join(folder, 'certificate.pem')
    const args = [
      'sink',
      '0',
      '--tls',
      'starttls',
      '--save-certificate',
      certificate,
      '--auth-env',
      'LOGIN',
      '--accept-all',
    ]
    await using sink = new Running(args, { env: { LOGIN: 'ann:s3:cret' } })
    const url = await urlOf(sink)
    const tlsOptions = { ca: readFileSync(certificate, 'utf8') }
    await expect(sendmail(url, 'a@example.org', 'b@example.org', message)).rejects.toMatchObject({ responseCode: 530 })
    await sendmail(
      { url, auth: { user: 'ann', pass: 's3:cret' }, tlsOptions },
      'a@example.org',
      'nobody@example.org',
      message,
    )
    await sink.shows(/message 1, \d+ octets, TLSv1\.3, ann by /)
    expect(sink.out).not.toContain('s3:cret')
  })

  it('speaks LMTP', async () => {
    await using sink = new Running(['sink', '0', '--lmtp'])
    const report = await sendmail(await urlOf(sink), 'a@example.org', ['b@example.org', 'nobody@example.org'], message)
    expect(report.recipients.map(({ outcome }) => outcome)).toEqual(['accepted', 'rejected'])
  })

  it('goes wrong once, as a fault says, and is well again', async () => {
    await using sink = new Running(['sink', '0', '--fault', 'p12 RST'])
    const url = await urlOf(sink)
    await sink.shows(/^once, upon the end of the content: the connection is reset\na client owes: unknown; and drops/m)
    const failure = await sendmail(url, 'me@example.org', 'you@example.org', message).catch(error => error)
    expect(failure).toMatchObject({ report: { outcome: 'unknown', mayHaveBeenDelivered: true } })
    const report = await sendmail(url, 'me@example.org', 'you@example.org', message)
    expect(report.outcome).toBe('accepted')
  })

  it('goes wrong every time if it is to, and offers what it takes for that', async () => {
    const certificate = join(folder, 'fault.pem')
    const args = ['sink', '0', '--fault', 'P6-5yz', '--fault-always', '--save-certificate', certificate]
    await using sink = new Running(args, { tellsPassword: true })
    const url = await urlOf(sink)
    expect(url).toMatch(/^smtps:/)
    await sink.shows(/^always, upon AUTH: .*\n.*\nit takes a login to happen: alice, password s3cret$/m)
    const server = {
      url,
      auth: { user: 'alice', pass: 's3cret' },
      tlsOptions: { ca: readFileSync(certificate, 'utf8') },
    }
    for (let round = 0; round < 2; round++)
      await expect(sendmail(server, 'me@example.org', 'you@example.org', message)).rejects.toMatchObject({
        responseCode: 535,
      })
  })

  it('says which message it could not keep, goes on, and ends with 73', async () => {
    const mailbox = join(folder, 'gone')
    await using sink = new Running(['sink', '0', '--mailbox', mailbox])
    const url = await urlOf(sink)
    rmSync(mailbox, { recursive: true })
    await sendmail(url, 'me@example.org', 'you@example.org', message)
    await sink.shows(/not kept: ENOENT/)
    await sendmail(url, 'me@example.org', 'you@example.org', message)
    sink.signal('SIGINT')
    const { code, out } = await sink.ended
    expect(out).toMatch(/\n2 messages came\n$/)
    expect(code).toBe(73)
  })

  it('ends with 73, and listens no more, when the certificate cannot be written', async () => {
    const path = join(folder, 'no-such-folder', 'ca.pem')
    const { code, err } = await postrider(['sink', '0', '--tls', 'starttls', '--save-certificate', path])
    expect(err).toMatch(/^postrider sink: ENOENT/)
    expect(code).toBe(73)
  })

  it('ends when nobody reads what it shows', async () => {
    await using sink = new Running(['sink', '0'])
    const url = await urlOf(sink)
    sink.fail('EPIPE')
    expect(await sink.ended).toMatchObject({ code: 0, err: '' })
    await expect(sendmail(url, 'me@example.org', 'you@example.org', message)).rejects.toMatchObject({
      name: 'SMTPConnectError',
    })
  })

  it('lists what can go wrong, and refuses what cannot', async () => {
    const list = await postrider(['sink', '--fault', 'list'])
    expect(list.code).toBe(0)
    expect(list.out).toMatch(/^ {2}P12 rst +unknown +destroy +the connection is reset$/m)
    const silly = await postrider(['sink', '0', '--fault', 'P12 rset'])
    expect(silly.err).toMatch(/^postrider sink: --fault is "P12 rset", .* at P12 there are rst, fin, .*--fault list/)
    expect(silly.code).toBe(64)
    const alone = await postrider(['sink', '0', '--fault-always'])
    expect(alone.err).toMatch(/^postrider sink: --fault-always needs --fault NAME/)
  })

  it('says what is in the way of listening, or makes no sense', async () => {
    await using other = await createServer()
    const taken = await postrider(['sink', String(other.port)])
    expect(taken.err).toMatch(/^postrider sink: .*EADDRINUSE.* Give another one, or 0/)
    expect(taken.code).toBe(69)
    const silly = await postrider(['sink', '2525x'])
    expect(silly.err).toMatch(/^postrider sink: the port is "2525x"/)
    expect(silly.code).toBe(64)
  })
})
