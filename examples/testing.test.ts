/**
 * Someone who tests code that sends mail: a real server in the test's own process, which says no where the test wants it to.
 */
import { SMTPException, sendmail } from '@postrider/mailer'
import { createServer, type TestServer } from '@postrider/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

/** The code under test: it welcomes a user, and says whether to try again later. */
async function welcome(server: string, user: string): Promise<'sent' | 'later' | 'never'> {
  const message = `From: hello@example.org\r\nTo: ${user}\r\nSubject: Welcome\r\n\r\nGlad to see you.\r\n`
  try {
    await sendmail(server, 'hello@example.org', user, message)
    return 'sent'
  } catch (error) {
    if (!(error instanceof SMTPException) || error.mayHaveBeenDelivered) throw error
    return error.retry === 'never' ? 'never' : 'later'
  }
}

describe('welcome', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await createServer()
  })
  afterEach(() => server.clear())
  afterAll(() => server.close())

  it('sends a message to the user', async () => {
    expect(await welcome(server.url, 'you@example.org')).toBe('sent')
    const message = server.mailbox.at(0)
    expect(message?.envelope).toMatchObject({ from: 'hello@example.org', to: ['you@example.org'] })
    expect(message?.text).toMatch(/^Subject: Welcome\r$/m)
  })

  it('tries again when the mailbox is full, and not when there is no such user', async () => {
    server.refuse({ recipient: 'full@example.org', reply: '452 4.2.2 mailbox full' })
    server.refuse({ recipient: 'gone@example.org', reply: '550 5.1.1 no such user' })
    expect(await welcome(server.url, 'full@example.org')).toBe('later')
    expect(await welcome(server.url, 'gone@example.org')).toBe('never')
    expect(server.mailbox.length).toBe(0)
  })

  it('does not take silence for an answer', async () => {
    server.refuse({ phase: 'endOfData', hangUp: 'reset' })
    await expect(welcome(server.url, 'you@example.org')).rejects.toMatchObject({ mayHaveBeenDelivered: true })
    expect(server.transactions[0]?.sawTerminator).toBe(true)
  })
})
