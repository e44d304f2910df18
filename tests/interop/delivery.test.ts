// Our client and Postfix: what is sent is what arrives, octet for octet, whichever way it is sent.
import { readFileSync } from 'node:fs'
import {
  createMailer,
  type ServerOptions,
  SMTPAuthenticationError,
  SMTPRecipientsRefused,
  send_message,
  sendmail,
} from '@postrider/mailer'
import { describe, expect } from 'vitest'
import { it } from './against.js'
import { asStored, delivered, logWith } from './mailbox.js'
import { makeMessage, recipients } from './message.js'
import type { PostfixFacts } from './postfix.js'

const mechanisms = ['PLAIN', 'LOGIN', 'CRAM-MD5'] as const

function submission(postfix: PostfixFacts): ServerOptions & { auth: { username: string; password: string } } {
  return {
    host: 'localhost',
    port: postfix.ports.submission,
    tls: 'starttls',
    tlsOptions: { ca: postfix.certificate },
    auth: { username: postfix.username, password: postfix.password },
  }
}

describe('send_message through STARTTLS and a login', () => {
  for (const mechanism of mechanisms) {
    it(`delivers by ${mechanism} what was sent, to everybody the header names, and the Bcc to nobody's eyes`, async ({
      postfix,
    }) => {
      const { sent, arrives } = makeMessage()
      const server = submission(postfix)
      const report = await send_message({ ...server, auth: { ...server.auth, allow: [mechanism] } }, sent)
      expect(report).toMatchObject({ outcome: 'accepted', mayHaveBeenDelivered: true })
      expect(report.tls?.authorized).toBe(true)
      const copies = await delivered(postfix, report.response, recipients.length)
      expect(copies.map(copy => copy.to)).toEqual(recipients)
      for (const copy of copies) {
        expect(copy.message).toBe(asStored(arrives))
        expect(copy.from).toBe('alice@example.test')
        expect(copy.received).toMatch(/with ESMTPSA/)
      }
      const id = /queued as (\w+)/.exec(report.response)?.[1]
      await logWith(postfix, new RegExp(`${id}: client=.* sasl_method=${mechanism}, sasl_username=alice@`))
    })
  }

  it('delivers the message of the demo', async ({ postfix }) => {
    const sent = readFileSync(new URL('../../examples/demo/message.eml', import.meta.url))
    const report = await send_message(submission(postfix), sent)
    expect(report).toMatchObject({ outcome: 'partial', accepted: ['bob@example.org', 'carol@example.org'] })
    expect([...report.refused.keys()]).toEqual(['nobody@example.org'])
    const copies = await delivered(postfix, report.response, 2)
    const arrives = asStored(sent).replace(/^Bcc: .*\n/m, '')
    expect(copies.map(copy => copy.message)).toEqual([arrives, arrives])
  })

  it('says who was refused and delivers to the others', async ({ postfix }) => {
    const report = await sendmail(
      submission(postfix),
      'alice@example.test',
      ['bob@example.test', 'reject@example.test', 'tempfail@example.test'],
      makeMessage().sent,
    )
    expect(report.outcome).toBe('partial')
    expect(report.recipients.map(({ address, outcome }) => [address, outcome])).toEqual([
      ['bob@example.test', 'accepted'],
      ['reject@example.test', 'rejected'],
      ['tempfail@example.test', 'deferred'],
    ])
    expect(report.refused.get('reject@example.test')?.[0]).toBe(550)
    expect(report.refused.get('tempfail@example.test')?.[0]).toBe(450)
    expect((await delivered(postfix, report.response)).map(copy => copy.to)).toEqual(['bob@example.test'])
  })

  it('throws SMTPRecipientsRefused when nobody is left', async ({ postfix }) => {
    const sending = sendmail(submission(postfix), 'alice@example.test', 'reject@example.test', makeMessage().sent)
    await expect(sending).rejects.toBeInstanceOf(SMTPRecipientsRefused)
  })

  for (const mechanism of mechanisms) {
    it(`throws SMTPAuthenticationError 535 for a wrong password by ${mechanism}, without the password in it`, async ({
      postfix,
    }) => {
      const auth = { username: postfix.username, password: 'not the password', allow: [mechanism] }
      const error = await send_message({ ...submission(postfix), auth }, makeMessage().sent).catch(error => error)
      expect(error).toBeInstanceOf(SMTPAuthenticationError)
      expect(error).toMatchObject({ responseCode: 535, mayHaveBeenDelivered: false })
      expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain('not the password')
    })
  }

  it('sends a stream of 5 MB', async ({ postfix }) => {
    const line = `${'.'.repeat(76)}\r\n`
    const header = 'From: alice@example.test\r\nTo: bob@example.test\r\n\r\n'
    const count = Math.ceil(5_000_000 / line.length)
    async function* pieces(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(header)
      for (let sent = 0; sent < count; sent += 100) yield Buffer.from(line.repeat(Math.min(100, count - sent)))
    }
    const report = await send_message(submission(postfix), pieces())
    expect(report.bytes).toBe(header.length + count * line.length)
    const [copy] = await delivered(postfix, report.response)
    expect(copy?.message === asStored(header + line.repeat(count))).toBe(true)
  })

  it('sends addresses and header fields in UTF-8 where the server offers SMTPUTF8', async ({ postfix }) => {
    const sent = 'From: Jürgen <jürgen@example.test>\r\nTo: 用户@example.test\r\nSubject: Grüße ☕\r\n\r\nschön\r\n'
    const report = await send_message(submission(postfix), sent)
    const [copy] = await delivered(postfix, report.response)
    expect(copy?.message).toBe(asStored(sent))
    expect(copy?.received).toMatch(/with UTF8SMTPSA/)
    expect(Buffer.from(copy?.to ?? '', 'latin1').toString()).toBe('用户@example.test')
  })

  it('does not log in without STARTTLS', async ({ postfix }) => {
    const server = submission(postfix)
    await expect(send_message({ ...server, tls: 'none' }, makeMessage().sent)).rejects.toThrow()
  })

  it('does not trust a certificate it was not told to trust', async ({ postfix }) => {
    const { tlsOptions: _, ...server } = submission(postfix)
    await expect(send_message(server, makeMessage().sent)).rejects.toThrow(/certificate/i)
  })
})

describe('send_message without a login', () => {
  it('encrypts where the server offers it, although it cannot know who that is', async ({ postfix }) => {
    const { sent, arrives } = makeMessage()
    const report = await send_message({ host: 'localhost', port: postfix.ports.mx }, sent)
    expect(report.tls?.authorized).toBe(false)
    const copies = await delivered(postfix, report.response, recipients.length)
    expect(copies.map(copy => copy.message)).toEqual(recipients.map(() => asStored(arrives)))
    expect(copies[0]?.received).toMatch(/with ESMTPS /)
  })
})

describe('the strict port, which answers 554 to what comes too early and 550 to a bare line feed', () => {
  for (const [pace, count] of [
    ['step', 9],
    ['certain', 10],
    ['oneFlight', 10],
  ] as const) {
    it(`has nothing to object to in ${count} messages over one connection, pace ${pace}`, async ({ postfix }) => {
      const mailer = createMailer({ host: '127.0.0.1', port: postfix.ports.strict, tls: 'none', maxConnections: 1 })
      for (let index = 0; index < count; index++) {
        const { sent, arrives } = makeMessage()
        const message = index % 2 === 0 ? sent : sent.replaceAll('\r\n', '\n')
        const report = await mailer.sendMessage(message, { pace })
        expect(report.outcome).toBe('accepted')
        const copies = await delivered(postfix, report.response, recipients.length)
        expect(copies.map(copy => copy.message)).toEqual(recipients.map(() => asStored(arrives)))
      }
      await mailer.close()
      // Postfix counts by verb, and puts a second number behind a slash as soon as one command was refused.
      const rcpt = count * recipients.length
      const verb = pace === 'oneFlight' ? 'bdat' : 'data'
      const counts = `ehlo=1 mail=${count} rcpt=${rcpt} ${verb}=${count} quit=1 commands=${2 + 2 * count + rcpt}`
      await logWith(postfix, new RegExp(`strict/smtpd.* disconnect from .* ${counts}$`))
    })
  }
})
