import { afterEach, describe, expect, it } from 'vitest'
import { RawClient } from '../test/raw-client.js'
import { DENO } from '../test/runtime.js'
import { createServer, type ServerOptions, type Step, type TestServer } from './index.js'

const open: { close(): unknown }[] = []

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

async function start(options: ServerOptions = {}): Promise<TestServer> {
  const server = await createServer(options)
  open.push(server)
  return server
}

async function dial(server: TestServer, options: { readonly tls?: boolean } = {}): Promise<RawClient> {
  const client = await RawClient.connect(server, options)
  open.push(client)
  return client
}

/** Two recipients and DATA done: the terminator is next. */
async function body(server: TestServer): Promise<RawClient> {
  const client = await dial(server)
  await client.hello(server.url.startsWith('lmtp') ? 'LHLO' : 'EHLO')
  for (const line of ['MAIL FROM:<me@x.example>', 'RCPT TO:<a@x.example>', 'RCPT TO:<b@x.example>', 'DATA']) {
    await client.say(line)
  }
  return client
}

describe('a script in the place of a reply', () => {
  it('cuts the reply into the pieces it is told to', async () => {
    const server = await start()
    server.misbehave({ phase: 'noop', steps: [{ reply: true, split: 1, gap: DENO ? 10 : 0 }] })
    const client = await dial(server)
    await client.hello()
    const before = client.pieces
    expect(await client.say('NOOP')).toBe('250 2.0.0 Ok')
    expect(client.pieces - before).toBe('250 2.0.0 Ok\r\n'.length)
    expect(await client.say('RSET')).toBe('250 2.0.0 Ok')
  })

  it('sends a part of it and then ends the connection, for every number of octets', async () => {
    const reply = '250 2.0.0 Ok\r\n'
    for (let to = 0; to <= reply.length; to++) {
      const server = await start()
      server.misbehave({ phase: 'noop', steps: [{ reply: true, to }, { end: 'halfClose' }] })
      const client = await dial(server)
      await client.hello()
      client.write('NOOP\r\n')
      expect(await client.ending()).toEqual({ how: 'end', rest: reply.slice(0, to) })
    }
  })

  it('takes the next line, not the one that brought it about, when it begins with what it expects', async () => {
    const server = await start()
    server.misbehave({ phase: 'noop', times: 1, steps: [{ expect: 'NOOP b' }, { send: '250 at last\r\n' }] })
    const client = await dial(server)
    await client.hello()
    client.write('NOOP a\r\nNOOP b\r\nNOOP c\r\n')
    expect(await client.replies(2)).toEqual(['250 at last', '250 2.0.0 Ok'])
  })

  it('says something else and goes on from the reply that was due', async () => {
    const server = await start()
    server.misbehave({ phase: 'rcpt', times: 1, steps: [{ send: '550-never\r\n550 mind\r\n' }] })
    const client = await dial(server)
    await client.hello()
    await client.say('MAIL FROM:<me@x.example>')
    expect(await client.say('RCPT TO:<a@x.example>')).toBe('550-never\n550 mind')
    expect(await client.say('DATA')).toMatch(/^354 /)
  })

  it('goes on from another reply when it is given one', async () => {
    const server = await start()
    server.misbehave({ phase: 'rcpt', reply: '550 5.1.1 no', steps: [{ wait: 1 }, { reply: true }] })
    const client = await dial(server)
    await client.hello()
    await client.say('MAIL FROM:<me@x.example>')
    expect(await client.say('RCPT TO:<a@x.example>')).toBe('550 5.1.1 no')
    expect(await client.say('DATA')).toMatch(/^503 /)
  })

  it('keeps the order of replies in a pipelined group around it', async () => {
    const server = await start()
    server.misbehave({ phase: 'rcpt', skip: 1, times: 1, steps: [{ reply: true, split: 3, gap: 1 }, { wait: 5 }] })
    const client = await dial(server)
    await client.hello()
    client.write('MAIL FROM:<m@x.example>\r\nRCPT TO:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nRCPT TO:<c>\r\nDATA\r\n')
    expect((await client.replies(5)).map(reply => reply.slice(0, 3))).toEqual(['250', '250', '250', '501', '354'])
    expect(await client.say('.')).toMatch(/^250 /)
    expect(server.mailbox.at(0)?.envelope.to).toEqual(['a@x.example', 'b@x.example'])
  })

  it('keeps the order of final replies in LMTP behind it', async () => {
    const server = await start({ protocol: 'lmtp' })
    server.misbehave({ phase: 'endOfData', times: 1, steps: [{ wait: 10 }, { send: '250 first\r\n' }] })
    const client = await body(server)
    client.write('.\r\nNOOP\r\n')
    expect(await client.replies(3)).toEqual(['250 first', '250 2.0.0 Message accepted', '250 2.0.0 Ok'])
    expect(server.transactions[0]?.replies).toEqual(['250 first', '250 2.0.0 Message accepted'])
  })

  it('gives surplus replies, and early ones while content arrives', async () => {
    const server = await start()
    server.misbehave({ phase: 'noop', steps: [{ reply: true }, { send: '250 and more\r\n' }] })
    server.misbehave({ phase: 'body', steps: [{ send: '452 4.3.1 full\r\n' }] })
    const client = await body(server)
    client.write('first octets\r\n')
    expect(await client.reply()).toBe('452 4.3.1 full')
    client.write('.\r\n')
    expect(await client.reply()).toMatch(/^250 /)
    client.write('NOOP\r\n')
    expect(await client.replies(2)).toEqual(['250 2.0.0 Ok', '250 and more'])
  })

  it('stalls: nothing more is said or read, until the server is closed', async () => {
    const server = await start()
    server.misbehave({ phase: 'noop', steps: [{ stall: true }] })
    const client = await dial(server)
    await client.hello()
    client.write('NOOP\r\nNOOP\r\n')
    await new Promise(resolve => setTimeout(resolve, 20))
    await server.close()
    expect((await client.ending()).rest).toBe('')
  })

  it('ends the connection in each way', async () => {
    const ends = { halfClose: /^end$/, close: /^end$/, cut: /^end$/, reset: /^ECONNRESET$/ } as const
    for (const [end, how] of Object.entries(ends)) {
      const server = await start()
      server.misbehave({ phase: 'noop', steps: [{ end } as Step] })
      const client = await dial(server)
      await client.hello()
      client.write('NOOP\r\n')
      const ending = await client.ending()
      expect([end, ending.how]).toEqual([end, expect.stringMatching(how)])
      expect(ending.rest).toBe('')
    }
  })

  it('ends a TLS connection in each way', async () => {
    for (const end of ['halfClose', 'close', 'cut', 'reset'] as const) {
      const server = await start({ tls: 'implicit' })
      server.misbehave({ phase: 'noop', steps: [{ reply: true, to: 3 }, { end }] })
      const client = await dial(server, { tls: true })
      await client.hello()
      client.write('NOOP\r\n')
      const ending = await client.ending()
      expect(ending.rest).toBe('250')
      expect(ending.how).toMatch(/^(end|close|ECONNRESET)$/)
    }
  })

  it('speaks beneath TLS, which the client takes for an attack', async () => {
    const server = await start({ tls: 'implicit' })
    server.misbehave({ phase: 'noop', steps: [{ sendBeneathTls: Uint8Array.from([0x15, 3, 3, 0, 2, 2, 40]) }] })
    const client = await dial(server, { tls: true })
    await client.hello()
    client.write('NOOP\r\n')
    expect((await client.ending()).how).toMatch(/^ERR_SSL/)
  })

  it('plays a whole server from the greeting on', async () => {
    const server = await start()
    server.misbehave({
      phase: 'connect',
      steps: [
        { send: '220 scripted\r\n' },
        { expect: /^EHLO / },
        { send: '250-scripted\r\n250 AUTH PLAIN\r\n' },
        { expect: /^AUTH PLAIN / },
        { send: '334 !!not base64!!\r\n' },
        { expect: '*' },
        { send: '501 2.0.0 odd\r\n' },
        { expect: 'data' },
        { send: '354 go\r\n' },
        { content: true },
        { send: '250 taken\r\n' },
      ],
    })
    const client = await dial(server)
    expect(await client.reply()).toBe('220 scripted')
    expect(await client.say('EHLO client.example')).toBe('250-scripted\n250 AUTH PLAIN')
    expect(await client.say('AUTH PLAIN c2VjcmV0')).toBe('334 !!not base64!!')
    client.write('*\r\nDATA\r\n')
    expect(await client.replies(2)).toEqual(['501 2.0.0 odd', '354 go'])
    client.write('QUIT\r\n.\r\nNOOP\r\n')
    expect(await client.replies(2)).toEqual(['250 taken', '250 2.0.0 Ok'])
    expect(String(server.transcript)).toContain('C: AUTH PLAIN [secret]\nS: 334 !!not base64!!\nC: *\n')
    expect(String(server.transcript)).not.toContain('c2VjcmV0')
  })

  it('hangs up when the client says something it does not expect', async () => {
    const server = await start()
    server.misbehave({
      phase: 'connect',
      steps: [{ send: '220 hi\r\n' }, { expect: 'NOOP' }, { send: '250 never\r\n' }],
    })
    const client = await dial(server)
    await client.reply()
    client.write('QUIT\r\n')
    expect(await client.ending()).toEqual({ how: 'end', rest: '' })
  })

  it('is refused before it is in force when a step cannot be', async () => {
    const server = await start()
    for (const step of [{}, { sned: 'x' }, { send: 'x', split: 0 }, { send: 'x', gap: -1 }, { wait: Number.NaN }]) {
      expect(() => server.misbehave({ phase: 'noop', steps: [step as Step] })).toThrow(RangeError)
    }
  })
})

describe('a script around STARTTLS', () => {
  it('puts replies in clear text behind the 220, in the same segment or later (T-11)', async () => {
    for (const wait of [0, 5]) {
      const server = await start({ tls: 'starttls' })
      const injected = '250-localhost\r\n250 AUTH PLAIN\r\n'
      const steps: Step[] =
        wait === 0 ? [{ send: `220 go\r\n${injected}` }] : [{ reply: true }, { wait }, { send: injected }]
      server.misbehave({ phase: 'starttls', steps })
      const client = await dial(server)
      await client.hello()
      client.write('STARTTLS\r\n')
      expect((await client.replies(2)).at(1)).toBe('250-localhost\n250 AUTH PLAIN')
      await client.secure(server.certificate?.cert ?? '')
      expect(await client.say('EHLO client.example')).not.toContain('STARTTLS')
    }
  })

  it('breaks the handshake: garbage, silence, FIN, RST', async () => {
    const ways: Step[][] = [
      [{ wait: 20 }, { send: 'garbage that is no TLS\r\n' }],
      [{ end: 'halfClose' }],
      [{ end: 'reset' }],
      [{ stall: true }],
    ]
    for (const tls of ['starttls', 'implicit'] as const) {
      for (const steps of ways) {
        const server = await start({ tls })
        server.misbehave({ phase: 'handshake', steps })
        const attempt = async (): Promise<void> => {
          const client = await dial(server, { tls: tls === 'implicit' })
          await client.hello()
          await client.say('STARTTLS')
          await client.secure(server.certificate?.cert ?? '')
        }
        const failed = attempt().then(
          () => 'secured',
          () => 'failed',
        )
        if ('stall' in (steps[0] ?? {})) {
          const silence = new Promise(resolve => setTimeout(() => resolve('silent'), 100))
          expect(await Promise.race([failed, silence])).toBe('silent')
          await server.close()
        }
        expect(await failed).toBe('failed')
        await server.close()
      }
    }
  })

  it('delays the handshake and then does it', async () => {
    for (const tls of ['starttls', 'implicit'] as const) {
      const server = await start({ tls })
      server.misbehave({ phase: 'handshake', steps: [{ wait: 10 }] })
      const client = await dial(server, { tls: tls === 'implicit' })
      await client.hello()
      if (tls === 'starttls') {
        await client.say('STARTTLS')
        await client.secure(server.certificate?.cert ?? '')
      }
      expect(await client.say('NOOP')).toMatch(/^250 /)
    }
  })
})

describe('ground truth under scripts', () => {
  it('knows that a reply which was cut off has said nothing, though the message was taken', async () => {
    const whole = '250 2.0.0 Message accepted\r\n'
    for (const to of [0, 1, 4, whole.length - 1, whole.length]) {
      const server = await start()
      server.misbehave({ phase: 'endOfData', steps: [{ reply: true, to }, { end: 'reset' }] })
      const client = await body(server)
      client.write('hi\r\n.\r\n')
      await client.ending()
      const [record] = server.transactions
      expect(record?.sawTerminator).toBe(true)
      expect(record?.octets).toBe(4)
      expect(record?.saidAccepted('a@x.example')).toBe(to === whole.length)
      expect(server.mailbox.length).toBe(1)
    }
  })

  it('knows in LMTP who was told and who was not', async () => {
    const server = await start({ protocol: 'lmtp' })
    server.misbehave({ phase: 'endOfData', skip: 1, steps: [{ reply: true, to: 10 }, { end: 'reset' }] })
    const client = await body(server)
    client.write('.\r\n')
    expect(await client.reply()).toMatch(/^250 /)
    await client.ending()
    const [record] = server.transactions
    expect(['a@x.example', 'b@x.example'].map(address => record?.saidAccepted(address))).toEqual([true, false])
  })

  it('knows that the terminator has not come', async () => {
    const server = await start()
    server.misbehave({ phase: 'body', steps: [{ end: 'reset' }] })
    const client = await body(server)
    client.write('hi\r\n')
    await client.ending()
    expect(server.transactions[0]).toMatchObject({ sawTerminator: false, octets: 4, via: 'DATA', replies: [] })
    expect(server.mailbox.length).toBe(0)
  })

  it('takes the first reply for the outcome when more are given', async () => {
    const server = await start()
    server.misbehave({ phase: 'endOfData', steps: [{ send: '452 4.3.1 full\r\n250 or not\r\n' }] })
    const client = await body(server)
    await client.say('.')
    expect(server.transactions[0]?.replies).toEqual(['452 4.3.1 full'])
  })
})
