// The mail server and the way its messages are read back, proved by hand before our client is judged by them.
import { Buffer } from 'node:buffer'
import { afterEach, describe, expect } from 'vitest'
import { it } from './against.js'
import { Conversation } from './conversation.js'
import { asStored, delivered, logWith } from './mailbox.js'

describe('Postfix, spoken to by hand', () => {
  const open: Conversation[] = []
  const greet = async (port: number): Promise<Conversation> => {
    const talk = await Conversation.open(port)
    open.push(talk)
    expect(await talk.reply()).toMatch(/^220 postfix\.example\.test ESMTP/)
    return talk
  }
  afterEach(() => {
    for (const talk of open.splice(0)) talk.close()
  })

  it('takes a message after STARTTLS and AUTH PLAIN on the submission port and stores it octet for octet', async ({
    postfix,
  }) => {
    const talk = await greet(postfix.ports.submission)
    await talk.command('EHLO client.example.test')
    expect(await talk.command('MAIL FROM:<alice@example.test>')).toBe('530 5.7.0 Must issue a STARTTLS command first')
    await talk.startTls(postfix.certificate)
    expect(await talk.command('EHLO client.example.test')).toContain('\n250-AUTH PLAIN LOGIN CRAM-MD5\n')
    const secret = Buffer.from(`\0${postfix.username}\0${postfix.password}`).toString('base64')
    expect(await talk.command(`AUTH PLAIN ${secret}`)).toBe('235 2.7.0 Authentication successful')
    await talk.command('MAIL FROM:<alice@example.test>')
    await talk.command('RCPT TO:<bob@example.test>')
    expect(await talk.command('RCPT TO:<reject@example.test>')).toMatch(/^550 5\.1\.1 .*no such user$/)
    expect(await talk.command('DATA')).toMatch(/^354 /)
    const long = 'x'.repeat(998)
    talk.send(`Subject: by hand\r\n\r\n${long}\r\n..\r\n...two\r\n\xe9\x00\xff\r\n.\r\n`)
    const [copy] = await delivered(postfix, await talk.reply())
    expect(copy?.message).toBe(
      asStored(Buffer.from(`Subject: by hand\r\n\r\n${long}\r\n.\r\n..two\r\n\xe9\0\xff\r\n`, 'latin1')),
    )
    expect(copy).toMatchObject({ from: 'alice@example.test', to: 'bob@example.test' })
    expect(copy?.received).toMatch(/using TLSv1.*with ESMTPSA/s)
    expect(await talk.command('QUIT')).toMatch(/^221 /)
  })

  it('refuses a wrong password with 535', async ({ postfix }) => {
    const talk = await greet(postfix.ports.submission)
    await talk.command('EHLO client.example.test')
    await talk.startTls(postfix.certificate)
    await talk.command('EHLO client.example.test')
    const secret = Buffer.from(`\0${postfix.username}\0wrong`).toString('base64')
    expect(await talk.command(`AUTH PLAIN ${secret}`)).toMatch(/^535 5\.7\.8 /)
  })

  it('judges on the strict port: a body sent without waiting for 354 gets 554 and a closed connection', async ({
    postfix,
  }) => {
    const talk = await greet(postfix.ports.strict)
    await talk.command('EHLO client.example.test')
    talk.send('MAIL FROM:<a@example.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\nSubject: early\r\n\r\nbody\r\n.\r\n')
    expect(await talk.reply()).toMatch(/^250 /)
    expect(await talk.reply()).toMatch(/^250 /)
    expect(await talk.reply()).toBe('554 5.5.0 Error: SMTP protocol synchronization')
    expect(await talk.reply()).toBe('closed')
    await logWith(postfix, /improper command pipelining after DATA/)
  })

  it('judges on the strict port: a bare line feed in the body gets 550', async ({ postfix }) => {
    const talk = await greet(postfix.ports.strict)
    await talk.command('EHLO client.example.test')
    await talk.command('MAIL FROM:<a@example.test>')
    await talk.command('RCPT TO:<b@example.test>')
    await talk.command('DATA')
    talk.send('Subject: bare\r\n\r\none\ntwo\r\n.\r\n')
    expect(await talk.reply()).toMatch(/^550 5\.5\.2 .*bare <LF> received/)
  })

  it('takes MAIL, RCPT and DATA in one write on the strict port', async ({ postfix }) => {
    const talk = await greet(postfix.ports.strict)
    await talk.command('EHLO client.example.test')
    talk.send('MAIL FROM:<a@example.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n')
    expect([await talk.reply(), await talk.reply(), await talk.reply()].map(reply => reply.slice(0, 3))).toEqual([
      '250',
      '250',
      '354',
    ])
    talk.send('Subject: group\r\n\r\nbody\r\n.\r\n')
    expect(await talk.reply()).toMatch(/^250 /)
  })
})
