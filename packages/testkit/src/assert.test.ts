import { AssertionError } from 'node:assert'
import { connect } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { letter, mailboxOf } from '../test/letter.js'
import { assertNotReceived, assertReceived, assertReceivedTimes, type MailExpectation } from './assert.js'
import { createServer } from './index.js'

const now = { timeout: 0 }
const text = 'Subject: Welcome\nTo: <you@example.org>\nX-Tag: a\nX-Tag: b\n\nYour code is 1234.\n'
const box = mailboxOf({ to: ['you@example.org', 'Two@Example.org'], text })

afterEach(() => {
  vi.doUnmock('postal-mime')
  vi.resetModules()
})

describe('a received message is as expected', () => {
  it.each<MailExpectation>([
    {},
    { from: 'me@EXAMPLE.org' },
    { from: /^me@/ },
    { to: 'you@example.org' },
    { to: 'Two@example.ORG' },
    { to: ['Two@example.org', 'you@example.org'] },
    { to: [/you/, address => address.startsWith('Two')] },
    { subject: 'Welcome' },
    { subject: /come/ },
    { text: 'code is 1234' },
    { text: /^Your code is \d+\.\n$/ },
    { headers: { 'x-tag': 'b', To: /you@/, Bcc: false } },
    { secure: false, user: false },
  ])('when %o holds', async expected => {
    expect(await assertReceived(box, expected, now)).toBe(box.at(0))
    expect(await assertReceivedTimes(box, 1, expected, now)).toEqual([box.at(0)])
    await expect(assertNotReceived(box, expected)).rejects.toThrow('expected no message')
  })

  it.each<[MailExpectation, string]>([
    [{ from: 'Me@example.org' }, 'from is "me@example.org", not "Me@example.org"'],
    [{ to: 'two@example.org' }, 'to is ["you@example.org", "Two@Example.org"], not "two@example.org"'],
    [{ to: ['you@example.org'] }, 'to is ["you@example.org", "Two@Example.org"], not ["you@example.org"]'],
    [{ to: ['you@example.org', /Two/, /three/] }, 'not ["you@example.org", /Two/, /three/]'],
    [{ subject: 'welcome' }, 'Subject is "Welcome", not "welcome"'],
    [{ text: '4321' }, 'text is "Your code is 1234.\\n", not "4321"'],
    [{ html: /./ }, 'html is absent, not /./'],
    [{ headers: { 'X-Tag': 'c' } }, 'X-Tag is ["a", "b"], not "c"'],
    [{ headers: { 'X-TAG': false } }, 'X-TAG is ["a", "b"], not absent'],
    [{ headers: { Date: () => true } }, 'Date is absent, not as Date wants it'],
    [{ secure: true }, 'secure is false, not true'],
    [{ user: 'alice' }, 'user is absent, not "alice"'],
  ])('and is not when %o does not', async (expected, complaint) => {
    const failure = assertReceived(box, { subject: /./, ...expected }, now)
    await expect(failure).rejects.toBeInstanceOf(AssertionError)
    await expect(failure).rejects.toThrow(complaint)
    await expect(assertReceivedTimes(box, 1, expected, now)).rejects.toThrow(complaint)
    await assertNotReceived(box, expected)
  })

  it('never when the expectation names something a message has not', async () => {
    const misspelt = { titel: 'Welcome' } as MailExpectation
    await expect(assertReceived(box, misspelt, now)).rejects.toThrow(
      'no criterion "titel" for a message: there are from,',
    )
  })
})

describe('what is not there yet', () => {
  it('is waited for', async () => {
    const mailbox = mailboxOf({ text: 'Subject: one\n\n' })
    const two = assertReceived(mailbox, { subject: 'two' })
    const three = assertReceivedTimes(mailbox, 3)
    setImmediate(() => {
      mailbox.add(letter({ text: 'Subject: two\n\n' }))
      mailbox.add(letter({ text: 'Subject: three\n\n' }))
    })
    expect(await two).toBe(mailbox.at(1))
    expect((await three).length).toBe(3)
  })

  it('is not waited for when the server is closed', async () => {
    const server = await createServer()
    await server.close()
    await expect(assertReceived(server, {}, { timeout: 60_000 })).rejects.toThrow('expected a message; none came')
  })

  it('is not waited for by assertNotReceived', async () => {
    const mailbox = mailboxOf()
    await assertNotReceived(mailbox)
    mailbox.add(letter({ text: '' }))
    await expect(assertNotReceived(mailbox)).rejects.toThrow('expected no message; one message came')
  })
})

describe('a failure', () => {
  it('counts what came', async () => {
    const mailbox = mailboxOf({ text: '' }, { text: '' })
    await expect(assertReceivedTimes(mailbox, 1, {}, now)).rejects.toThrow('expected one message; 2 messages came')
    await expect(assertReceivedTimes(mailbox, 3, {}, now)).rejects.toThrow('expected 3 messages; 2 messages came')
  })

  it('shows the dialogue when nothing came', async () => {
    await using server = await createServer()
    await expect(assertReceived(server, {}, now)).rejects.toThrow('none came\nand nobody connected')
    const client = connect(server.port, server.host)
    await new Promise(resolve => client.once('data', resolve))
    await expect(assertReceived(server, { to: 'x' }, now)).rejects.toThrow(
      'expected a message { to: "x" }; none came\nwhat was said last:\n    S: 220 localhost ESMTP ready',
    )
    client.destroy()
  })

  it('shows no more of a long text than helps', async () => {
    const mailbox = mailboxOf({ text: `\n${'x'.repeat(10_000)}\n` })
    const failure = await assertReceived(mailbox, { text: 'y' }, now).catch(String)
    expect(failure).toMatch(/x"… \(10001 characters\), not "y"$/)
  })
})

describe('a message that nobody here can decode', () => {
  async function undecoded(): Promise<typeof import('./assert.js')> {
    vi.resetModules()
    vi.doMock('postal-mime', () => {
      throw new Error("Cannot find package 'postal-mime'")
    })
    return import('./assert.js')
  }
  const encoded = { text: 'Subject: =?utf-8?q?=C3=A4?=\n\n' }

  it('does not stand in the way of another that is as expected', async () => {
    const { assertReceived } = await undecoded()
    const mailbox = mailboxOf(encoded, { text: 'Subject: plain\n\n' })
    expect(await assertReceived(mailbox, { subject: 'plain' }, now)).toBe(mailbox.at(1))
    expect(await assertReceived(mailbox, { from: /me/ }, now)).toBe(mailbox.at(0))
    await expect(assertReceived(mailbox, { subject: 'ä' }, now)).rejects.toThrow(/encoded: it takes .*postal-mime/)
  })

  it('proves nothing where it matters that there is no other', async () => {
    const { assertNotReceived, assertReceivedTimes } = await undecoded()
    const mailbox = mailboxOf(encoded)
    await expect(assertNotReceived(mailbox, { subject: 'ä' })).rejects.toThrow('postal-mime')
    await expect(assertReceivedTimes(mailbox, 0, { subject: 'ä' })).rejects.toThrow('postal-mime')
    await assertNotReceived(mailbox, { subject: 'ä', from: 'you@example.org' })
  })
})
