import { describe, expect, it } from 'vitest'
import { Mailbox, ReceivedMessage } from './mailbox.js'

const message = (text: string): ReceivedMessage =>
  new ReceivedMessage(
    {
      from: 'a@example.org',
      parameters: {},
      to: ['b@example.org'],
      recipients: [{ address: 'b@example.org', parameters: {} }],
    },
    { connection: 1, hello: 'client.example', greeting: 'EHLO', secure: false },
    'DATA',
    new TextEncoder().encode(text),
  )

describe('a mailbox', () => {
  it('gives messages in the order they came', () => {
    const mailbox = new Mailbox()
    mailbox.add(message('one'))
    mailbox.add(message('zwei ü'))
    expect([...mailbox].map(({ text }) => text)).toEqual(['one', 'zwei ü'])
    expect(mailbox.at(-1)?.text).toBe('zwei ü')
    expect(mailbox.length).toBe(2)
    expect(mailbox.octets).toBe(3 + 7)
  })

  it('resolves who waits as soon as there are enough, at once when there are already', async () => {
    const mailbox = new Mailbox()
    const two = mailbox.waitFor(2)
    mailbox.add(message('one'))
    const [first] = await mailbox.waitFor()
    expect(first?.text).toBe('one')
    mailbox.add(message('two'))
    mailbox.add(message('three'))
    expect((await two).map(({ text }) => text)).toEqual(['one', 'two'])
  })

  it('says how many came when time runs out', async () => {
    const mailbox = new Mailbox()
    mailbox.add(message('one'))
    await expect(mailbox.waitFor(2, { timeout: 1 })).rejects.toThrow('1 ms passed: waited for 2 messages, 1 came')
  })

  it('lets nobody wait for a server that is closed', async () => {
    const mailbox = new Mailbox()
    const waiting = mailbox.waitFor(1)
    mailbox.close()
    await expect(waiting).rejects.toThrow('server closed: waited for 1 message, 0 came')
    await expect(mailbox.waitFor(1)).rejects.toThrow('server closed')
  })

  it('counts from none again after clear()', async () => {
    const mailbox = new Mailbox()
    mailbox.add(message('one'))
    const two = mailbox.waitFor(2)
    mailbox.clear()
    expect(mailbox.octets).toBe(0)
    mailbox.add(message('two'))
    mailbox.add(message('three'))
    expect((await two).map(({ text }) => text)).toEqual(['two', 'three'])
  })
})
