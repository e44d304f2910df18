import { afterEach, describe, expect, it } from 'vitest'
import { RawClient } from '../test/raw-client.js'
import { createServer, type ServerOptions, type TestServer } from './index.js'

const open: { close(): unknown }[] = []

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

async function dial(options: ServerOptions): Promise<{ server: TestServer; client: RawClient }> {
  const server = await createServer(options)
  open.push(server)
  const client = await RawClient.connect(server, { tls: options.tls === 'implicit' })
  open.push(client)
  return { server, client }
}

/** What a client says in one write, and the codes it then waits for; strictness adds its own at the end where it must. */
type Turn = readonly [say: string, ...codes: readonly string[]]

interface Case {
  readonly what: string
  readonly options?: ServerOptions
  readonly hello?: 'HELO'
  readonly turns: readonly Turn[]
}

const MAIL = 'MAIL FROM:<me@x.example>\r\n'
const RCPT = 'RCPT TO:<you@x.example>\r\n'
const PUNISHED = '554 5.5.1 Not waiting for replies as RFC 2920 asks'
const auth = { users: { alice: 's3cret' } }
const alone: ServerOptions = { extensions: { PIPELINING: false } }

const LEGAL: readonly Case[] = [
  { what: 'MAIL, RCPT, RCPT, DATA', turns: [[`${MAIL}${RCPT}${RCPT}DATA\r\n`, '250', '250', '250', '354']] },
  { what: 'RSET anywhere', turns: [[`RSET\r\n${MAIL}${RCPT}RSET\r\nNOOP\r\n`, '250', '250', '250', '250', '250']] },
  {
    what: 'commands behind the end of the content',
    turns: [
      [`${MAIL}${RCPT}DATA\r\n`, '250', '250', '354'],
      [`hi\r\n.\r\nRSET\r\n${MAIL}${RCPT}QUIT\r\n`, '250', '250', '250', '250', '221'],
    ],
  },
  {
    what: 'chunks as RFC 3030 4.2 shows them',
    turns: [
      [`${MAIL}${RCPT}BDAT 4\r\nhi\r\nBDAT 2\r\n\r\nBDAT 0 LAST\r\nQUIT\r\n`, '250', '250', '250', '250', '250', '221'],
    ],
  },
  {
    what: 'a RCPT that cannot be read',
    turns: [[`${MAIL}RCPT TO:you\r\n${RCPT}DATA\r\n`, '250', '501', '250', '354']],
  },
  {
    what: 'an AUTH exchange that waits',
    options: { auth },
    turns: [
      ['AUTH LOGIN\r\n', '334'],
      ['YWxpY2U=\r\n', '334'],
      ['czNjcmV0\r\n', '235'],
    ],
  },
  {
    what: 'one command at a time where PIPELINING is not offered, and a chunk with its octets',
    options: alone,
    turns: [
      [MAIL, '250'],
      [RCPT, '250'],
      ['BDAT 2\r\n\r\n', '250'],
      ['BDAT 2 LAST\r\n\r\n', '250'],
      [MAIL, '250'],
      [RCPT, '250'],
      ['DATA\r\n', '354'],
      ['hi\r\n', ''],
      ['.\r\n', '250'],
    ],
  },
]

const ILLEGAL: readonly Case[] = [
  { what: 'MAIL behind NOOP', turns: [[`NOOP\r\n${MAIL}`]] },
  { what: 'MAIL behind EHLO', turns: [[`EHLO again.example\r\n${MAIL}`]] },
  { what: 'half a line behind QUIT', turns: [['QUIT\r\nQ']] },
  { what: 'a verb behind one of no known extension', turns: [['XFOO\r\nNOOP\r\n']] },
  { what: 'content behind DATA', turns: [[`${MAIL}${RCPT}DATA\r\nhi\r\n.\r\n`, '250', '250']] },
  { what: 'a response behind AUTH', options: { auth }, turns: [['AUTH LOGIN\r\nYWxpY2U=\r\n']] },
  {
    what: 'a response behind a response',
    options: { auth },
    turns: [['AUTH LOGIN\r\n', '334'], ['YWxpY2U=\r\nczNjcmV0\r\n']],
  },
  { what: 'RCPT behind MAIL after HELO', hello: 'HELO', turns: [[MAIL + RCPT]] },
  { what: 'RCPT behind MAIL without PIPELINING', options: alone, turns: [[MAIL + RCPT]] },
  {
    what: 'a command behind an unreadable one without PIPELINING',
    options: alone,
    turns: [[`MAIL FROM:me\r\n${MAIL}`]],
  },
  {
    what: 'a command behind a chunk without PIPELINING',
    options: alone,
    turns: [[MAIL, '250'], [RCPT, '250'], ['BDAT 2 LAST\r\n\r\nQUIT\r\n']],
  },
]

async function converse(client: RawClient, { hello, turns }: Case): Promise<void> {
  await client.hello(hello)
  for (const [say, ...codes] of turns) {
    client.write(say)
    for (const code of codes) if (code !== '') expect((await client.reply()).slice(0, 3)).toBe(code)
  }
}

describe('a strict server (RFC 2920 3.1)', () => {
  it.each(LEGAL)('bears $what', async dialogue => {
    const { client } = await dial({ ...dialogue.options, strictPipelining: true })
    await converse(client, dialogue)
  })

  it.each(ILLEGAL)('ends the session upon $what', async dialogue => {
    const { server, client } = await dial({ ...dialogue.options, strictPipelining: true })
    await converse(client, dialogue)
    expect(await client.reply()).toBe(PUNISHED)
    expect(await client.ending()).toEqual({ how: 'end', rest: '' })
    expect(server.mailbox.length).toBe(0)
  })

  it('ends the session upon a command before the greeting (RFC 5321 4.3.1), under TLS too', async () => {
    for (const tls of ['none', 'implicit'] as const) {
      const { client } = await dial({ tls, strictPipelining: 50 })
      client.write('EHLO hasty.example\r\n')
      expect(await client.reply()).toBe(PUNISHED)
      expect((await client.ending()).how).toBe('end')
    }
  })

  it('sees what comes a little later but still before the reply, when it is given the time', async () => {
    const { client } = await dial({ strictPipelining: 100 })
    await client.hello()
    client.write(`${MAIL}${RCPT}DATA\r\n`)
    await new Promise(resolve => setImmediate(resolve))
    client.write('hi\r\n')
    expect(await client.replies(3)).toEqual(['250 2.1.0 Sender ok', '250 2.1.5 Recipient ok', PUNISHED])
  })

  it('refuses the whole message when something stands behind its end that may not', async () => {
    const { server, client } = await dial({ ...alone, protocol: 'lmtp', strictPipelining: true })
    await client.hello('LHLO')
    for (const say of [MAIL, RCPT, RCPT, 'DATA\r\n']) {
      client.write(say)
      await client.reply()
    }
    client.write('hi\r\n.\r\nQUIT\r\n')
    expect(await client.replies(2)).toEqual([PUNISHED, PUNISHED])
    expect((await client.ending()).how).toBe('end')
    expect(server.transactions).toMatchObject([{ sawTerminator: true, replies: [PUNISHED, PUNISHED] }])
  })

  it('leaves commands behind STARTTLS to the rule that holds for everybody (RFC 3207 4.2, T-12)', async () => {
    const { client } = await dial({ tls: 'starttls', strictPipelining: true })
    await client.hello()
    expect(await client.say('STARTTLS\r\nNOOP')).toMatch(/^421 4\.7\.0 /)
  })

  it('shows in the transcript what was said too early, and no secret', async () => {
    const { server, client } = await dial({ auth, strictPipelining: true })
    await client.hello()
    client.write('AUTH PLAIN AGFsaWNlAHMzY3JldA==\r\nNOOP\r\n')
    await client.ending()
    const lines = server.transcript.lines().map(({ text }) => text)
    expect(lines.slice(-2)).toEqual(['C: AUTH PLAIN [secret]', `S: ${PUNISHED}`])
  })
})

describe('a server that is not strict', () => {
  it.each(ILLEGAL)('bears $what', async dialogue => {
    const { client } = await dial(dialogue.options ?? {})
    await converse(client, dialogue)
    expect(await client.reply()).not.toBe(PUNISHED)
  })

  it('takes no other number than milliseconds', async () => {
    await expect(createServer({ strictPipelining: -1 })).rejects.toThrow('strictPipelining is -1')
  })
})
