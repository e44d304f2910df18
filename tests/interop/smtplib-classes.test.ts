// smtplib's classes, call by call in the order a Python program makes them, against Postfix and smtp-sink.
import { LMTP, SMTP, SMTPAuthenticationError, type SmtpOptions } from '@postrider/mailer'
import { describe, expect, it as plainIt } from 'vitest'
import { it } from './against.js'
import { asStored, delivered } from './mailbox.js'
import { makeMessage } from './message.js'
import { obtainPostfix, type PostfixFacts } from './postfix.js'
import { startSink } from './sink.js'

const text = (octets: Uint8Array): string => Buffer.from(octets).toString()

function submission(postfix: PostfixFacts): SmtpOptions {
  return { host: 'localhost', port: postfix.ports.submission, tlsOptions: { ca: postfix.certificate } }
}

describe('SMTP', () => {
  const methods = { PLAIN: 'authPlain', LOGIN: 'authLogin', 'CRAM-MD5': 'authCramMd5' } as const
  for (const [mechanism, method] of Object.entries(methods)) {
    it(`goes through ehlo, starttls, auth ${mechanism}, sendmail, quit`, async ({ postfix }) => {
      const smtp = await SMTP.open(submission(postfix))
      expect((await smtp.ehlo())[0]).toBe(250)
      expect(smtp.has_extn('auth')).toBe(false)
      expect((await smtp.starttls())[0]).toBe(220)
      await smtp.ehlo()
      expect(smtp.esmtp_features.get('auth')).toBe(' PLAIN LOGIN CRAM-MD5')
      smtp.user = postfix.username
      smtp.password = postfix.password
      expect((await smtp.auth(mechanism, smtp[method]))[0]).toBe(235)
      const { sent } = makeMessage()
      const report = await smtp.sendmail('alice@example.test', ['bob@example.test', 'reject@example.test'], sent)
      expect([...report.refused.keys()]).toEqual(['reject@example.test'])
      expect((await delivered(postfix, report.response))[0]?.message).toBe(asStored(sent))
      expect((await smtp.quit())[0]).toBe(221)
    })
  }

  it('is told 535 by login with a wrong password, and can still log in with the right one', async ({ postfix }) => {
    const smtp = await SMTP.open(submission(postfix))
    await smtp.starttls()
    await expect(smtp.login(postfix.username, 'wrong')).rejects.toBeInstanceOf(SMTPAuthenticationError)
    expect((await smtp.login(postfix.username, postfix.password))[0]).toBe(235)
    await smtp.quit()
  })

  it('goes command by command: mail, rcpt, rset, mail, rcpt, data, vrfy, noop', async ({ postfix }) => {
    const smtp = await SMTP.open({ host: '127.0.0.1', port: postfix.ports.strict })
    await smtp.ehlo()
    await smtp.mail('alice@example.test')
    expect((await smtp.rcpt('reject@example.test'))[0]).toBe(550)
    expect((await smtp.rset())[0]).toBe(250)
    expect((await smtp.mail('alice@example.test', ['BODY=8BITMIME']))[0]).toBe(250)
    expect((await smtp.rcpt('bob@example.test', ['NOTIFY=NEVER']))[0]).toBe(250)
    const { sent } = makeMessage()
    const [code, words] = await smtp.data(sent)
    expect(code).toBe(250)
    expect((await delivered(postfix, text(words)))[0]?.message).toBe(asStored(sent))
    expect((await smtp.verify('bob@example.test'))[0]).toBe(252)
    expect((await smtp.noop())[0]).toBe(250)
    expect((await smtp.docmd('HELO', 'client.example.test'))[0]).toBe(250)
    await smtp.quit()
  })
})

describe("SMTP with compat: 'smtplib'", () => {
  it('sends names without a domain, which Postfix understands: it has a sender root and no recipient root', async ({
    postfix,
  }) => {
    const smtp = await SMTP.open({ host: '127.0.0.1', port: postfix.ports.mx, compat: 'smtplib' })
    const to = ['Bob <bob@example.test>', 'root']
    const { sent } = makeMessage()
    const report = await smtp.sendmail('Charlie Root <root>', to, sent)
    expect(report.accepted).toEqual(['Bob <bob@example.test>'])
    // Not 501: it is an address, but one of a domain that is not served here.
    expect(report.refused.get('root')?.[0]).toBe(554)
    expect((await delivered(postfix, report.response))[0]?.message).toBe(asStored(sent))
    await smtp.mail('root')
    expect((await smtp.rcpt('root'))[0]).toBe(554)
    expect((await smtp.rcpt('bob@example.test'))[0]).toBe(250)
    const [code, words] = await smtp.data(sent)
    expect(code).toBe(250)
    expect((await delivered(postfix, text(words)))[0]?.message).toBe(asStored(sent))
    await smtp.quit()
  })
})

describe('LMTP', () => {
  const packages = obtainPostfix()
  plainIt.skipIf('missing' in packages)('reads one reply for each recipient', async () => {
    if ('missing' in packages) return
    const sink = await startSink(packages.folder, { lmtp: true })
    try {
      const lmtp = await LMTP.open({ host: '127.0.0.1', port: sink.port })
      const to = ['bob@example.test', 'carol@example.test']
      for (let count = 1; count <= 2; count++) {
        const report = await lmtp.sendmail('alice@example.test', to, makeMessage().sent)
        expect(report.accepted).toEqual(to)
        expect(await sink.taken()).toBe(count)
      }
      await lmtp.quit()
    } finally {
      await sink.stop()
    }
  })
})
