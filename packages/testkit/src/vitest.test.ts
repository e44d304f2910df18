import { beforeAll, describe, expect, it } from 'vitest'
import { letter, mailboxOf } from '../test/letter.js'
import { createServer } from './index.js'
import { matchers } from './vitest.js'

beforeAll(() => expect.extend(matchers))

const now = { timeout: 0 }

describe('matchers for vitest', () => {
  it('find a message, and wait for it', async () => {
    const mailbox = mailboxOf({ text: 'Subject: one\n\n' })
    await expect(mailbox).toHaveReceived()
    await expect(mailbox).toHaveReceived({ subject: 'one' }, now)
    setImmediate(() => mailbox.add(letter({ text: 'Subject: two\n\n' })))
    await expect(mailbox).toHaveReceived({ subject: 'two' })
  })

  it('say what came instead', async () => {
    const mailbox = mailboxOf({ text: 'Subject: one\n\n' })
    await expect(expect(mailbox).toHaveReceived({ subject: 'two' }, now)).rejects.toThrow(
      'expected a message { subject: "two" }; one message came\n- from <me@example.org> to you@example.org, Subject: one\n    Subject is "one", not "two"',
    )
    await expect(expect(mailbox).not.toHaveReceived({ subject: 'one' })).rejects.toThrow('expected no message {')
  })

  it('do not wait behind not', async () => {
    await using server = await createServer()
    await expect(server).not.toHaveReceived({}, { timeout: 60_000 })
    await expect(server).not.toHaveReceivedTimes(1, {}, { timeout: 60_000 })
  })

  it('count messages', async () => {
    const mailbox = mailboxOf({ text: 'Subject: one\n\n' }, { text: 'Subject: one\n\n' }, { text: 'Subject: two\n\n' })
    await expect(mailbox).toHaveReceivedTimes(3)
    await expect(mailbox).toHaveReceivedTimes(2, { subject: 'one' }, now)
    await expect(mailbox).toHaveReceivedTimes(0, { subject: 'three' })
    await expect(expect(mailbox).toHaveReceivedTimes(1, { subject: 'one' }, now)).rejects.toThrow(
      'expected one message { subject: "one" }; 3 messages came',
    )
    await expect(expect(mailbox).not.toHaveReceivedTimes(3)).rejects.toThrow('expected any number but 3 messages;')
  })

  it('are typed', async () => {
    const mailbox = mailboxOf({ text: '' })
    // @ts-expect-error: a message has no title
    await expect(expect(mailbox).toHaveReceived({ title: 'one' })).rejects.toThrow('no criterion "title"')
  })
})
