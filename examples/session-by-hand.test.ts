import { createServer } from '@postrider/testkit'
import { describe, expect, it } from 'vitest'
import { deliver } from './session-by-hand.js'

const message = 'Subject: by hand\r\n\r\nhello\r\n.\r\n'

describe('the statechart driven by hand', () => {
  it('delivers a message, and goes from state to state as RFC 5321 does', async () => {
    await using server = await createServer()
    const states = await deliver(server.host, server.port, message)
    expect(server.mailbox.at(0)?.text).toBe(message)
    const rest = (name: string): string => JSON.stringify({ [name]: 'idle' })
    expect(states).toEqual([
      '"connecting"',
      '"greeting"',
      rest('greeted'),
      '{"greeted":"ehlo"}',
      rest('ready'),
      '"mail"',
      rest('envelope'),
      '"rcpt"',
      rest('envelope'),
      '"data"',
      '"body"',
      '"endOfData"',
      rest('ready'),
      '"quit"',
      '"closed"',
    ])
  })

  it('takes a refusal for an answer: nothing of the message is sent, and it leaves', async () => {
    await using server = await createServer()
    server.refuse({ phase: 'rcpt', reply: '550 5.1.1 no such user' })
    const states = await deliver(server.host, server.port, message)
    expect(states.slice(-4)).toEqual(['"rcpt"', '{"envelope":"idle"}', '"quit"', '"closed"'])
    expect(server.transcript.toString()).toMatch(/S: 550 .*\nC: QUIT\n/)
    expect(server.mailbox.length).toBe(0)
  })
})
