import { createServer, type ServerOptions as TestOptions, type TestServer } from '@postrider/testkit'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  SMTPConfigurationError,
  SMTPConnectError,
  SMTPDataError,
  SMTPException,
  SMTPServerDisconnected,
} from './error.js'
import { createMailer, type Mail, type Mailer, type MailerOptions } from './mailer.js'

const message = 'Subject: tea\r\n\r\nAt five.\r\n'

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

async function serve(options: TestOptions = {}): Promise<TestServer> {
  const server = await createServer(options)
  open.push(server)
  return server
}

function mailer(server: TestServer, options: MailerOptions = {}): Mailer {
  const made = createMailer({ host: server.host, port: server.port, ...options })
  open.push(made)
  return made
}

const send = (from: Mailer, to = 'a@y.example') => from.sendmail('me@x.example', to, message)

/** Sends a message and holds it open until `release` is called. */
function held(from: Mailer, to = 'a@y.example') {
  let release = (): void => {}
  const gate = new Promise<void>(resolve => {
    release = resolve
  })
  const sending = from.sendmail('me@x.example', to, message, { beforeCommit: () => gate })
  return { sending, release: () => release() }
}

describe('a mailer', () => {
  it('opens nothing until it has a message, and refuses options that cannot be', async () => {
    const server = await serve()
    mailer(server)
    expect(server.connections.total).toBe(0)
    for (const option of ['maxConnections', 'maxMessages', 'idleTimeout', 'acquireTimeout'])
      expect(() => createMailer({ [option]: 0 })).toThrow(SMTPConfigurationError)
    expect(() => createMailer('http://x')).toThrow(SMTPConfigurationError)
  })

  it('sends one message after the other over one connection, and nothing in between (P55)', async () => {
    const server = await serve()
    const one = mailer(server)
    for (let count = 0; count < 3; count++) expect((await send(one)).outcome).toBe('accepted')
    await one.sendMessage('From: me@x.example\r\nTo: a@y.example\r\n\r\nx')
    await one.send_message('From: me@x.example\r\nTo: a@y.example\r\n\r\nx')
    expect(server.connections.total).toBe(1)
    const commands = String(server.transcript).match(/C: [A-Z]+/g) ?? []
    expect(commands).toEqual(['C: EHLO', ...Array.from({ length: 5 }, () => ['C: MAIL', 'C: RCPT', 'C: DATA']).flat()])
    expect(one.stats()).toEqual({ busy: 0, idle: 1, connecting: 0, waiting: 0, opened: 1, repeated: 0 })
  })

  it('tells how long a message waited for a connection, and for the server', async () => {
    const server = await serve()
    const one = mailer(server)
    const { timings: first } = await send(one)
    expect(first.connect).toBeGreaterThan(0)
    const { timings: second } = await send(one)
    expect(second.connect).toBe(0)
    expect(second.total).toBeGreaterThanOrEqual(second.transaction)
  })

  it('goes on over the same connection behind a refused message', async () => {
    const server = await serve()
    const one = mailer(server)
    server.refuse({ recipient: 'no@y.example', reply: '550 5.1.1 no' })
    server.refuse({ phase: 'endOfData', times: 1, reply: '554 5.6.0 no' })
    await expect(send(one)).rejects.toThrow(SMTPDataError)
    await expect(send(one, 'no@y.example')).rejects.toThrow(SMTPException)
    expect((await send(one)).outcome).toBe('accepted')
    expect(server.connections.total).toBe(1)
  })

  it('is as good as before behind bad input, of which nothing is written (T-01, T-02)', async () => {
    const server = await serve()
    const one = mailer(server, { maxConnections: 1 })
    await send(one)
    const before = String(server.transcript)
    for (const to of ['a@y.example>\r\nRSET', '"a\n"@y.example', 'a\0@y.example', 'a b', ''])
      await expect(send(one, to)).rejects.toThrow(SMTPException)
    await expect(
      one.sendmail('me@x.example', 'a@y.example', message, { parameters: { envid: 'a\r\nb' } }),
    ).rejects.toThrow(SMTPException)
    await expect(
      one.sendmail('me@x.example', 'a@y.example', message, { parameters: { extra: { X: 'a b' } } }),
    ).rejects.toThrow(SMTPException)
    await expect(one.sendMessage('From: x\r\n\r\n')).rejects.toThrow(SMTPException)
    await expect(one.sendmail('me@x.example', 'a@y.example', 5 as never)).rejects.toThrow(TypeError)
    expect(String(server.transcript)).toBe(before)
    expect((await send(one)).outcome).toBe('accepted')
    expect(one.stats()).toMatchObject({ opened: 1, idle: 1 })
  })

  it('closes a connection with any doubt on it and goes on over another (rule R6)', async () => {
    const server = await serve()
    const one = mailer(server, { maxConnections: 1 })
    server.misbehave({ phase: 'mail', times: 1, steps: [{ send: '299 \xff garbage\r\nmore garbage\r\n' }] })
    await expect(send(one)).rejects.toThrow(SMTPServerDisconnected)
    expect((await send(one)).outcome).toBe('accepted')
    expect(server.connections.total).toBe(2)
  })

  it('verifies', async () => {
    const server = await serve({ extensions: { SIZE: 5000 } })
    const one = mailer(server)
    expect((await one.verify()).extensions.size).toBe(5000)
    expect(server.connections.total).toBe(1)
    await send(one)
    expect((await one.verify()).esmtp).toBe(true)
    expect(String(server.transcript)).toContain('C: NOOP')
    server.refuse({ phase: 'noop', times: 1, hangUp: 'reset' })
    expect((await one.verify()).esmtp).toBe(true)
    expect(one.stats()).toMatchObject({ busy: 0, idle: 1, opened: 2 })
    server.refuse({ phase: 'connect', reply: '554 5.7.1 go away' })
    await expect(mailer(server).verify()).rejects.toThrow(SMTPConnectError)
  })
})

describe('a kept connection', () => {
  it('that has died is noticed: the message goes over a new one, and nobody is told', async () => {
    const server = await serve()
    const one = mailer(server)
    await send(one)
    server.refuse({ phase: 'mail', times: 1, hangUp: 'reset' })
    expect((await send(one)).outcome).toBe('accepted')
    expect(one.stats()).toMatchObject({ repeated: 1, opened: 2 })
    expect(server.mailbox.length).toBe(2)
  })

  it('that dies on a message is not the only one that may: those beside it are dropped (rule R14)', async () => {
    const server = await serve()
    const one = mailer(server, { maxConnections: 2 })
    const [first, second] = [held(one), held(one)]
    await expect.poll(() => one.stats().busy).toBe(2)
    first.release()
    second.release()
    await Promise.all([first.sending, second.sending])
    server.refuse({ phase: 'mail', times: 1, hangUp: 'close' })
    expect((await send(one)).outcome).toBe('accepted')
    await expect.poll(() => server.connections).toEqual({ open: 1, total: 3 })
  })

  it('that dies is replaced once and not again (rule R14)', async () => {
    const server = await serve()
    const one = mailer(server)
    await send(one)
    server.refuse({ phase: 'mail', hangUp: 'reset' })
    await expect(send(one)).rejects.toMatchObject({ code: 'ECONNECTION', mayHaveBeenDelivered: false, retry: 'now' })
    expect(server.connections.total).toBe(2)
  })

  it.each(['rcpt', 'data'] as const)('that dies in %s is replaced too: nothing was sent to anybody', async phase => {
    const server = await serve()
    const one = mailer(server)
    await send(one)
    server.refuse({ phase, times: 1, hangUp: 'close' })
    expect((await send(one)).outcome).toBe('accepted')
    expect(one.stats()).toMatchObject({ repeated: 1 })
  })

  it('is sent a message in one flight only while it is warm: what dies after a rest is replaced, as ever (rule R14)', async () => {
    const server = await serve()
    const one = mailer(server)
    const flight = () => one.sendmail('me@x.example', 'a@y.example', message, { pace: 'oneFlight' })
    await flight()
    await flight()
    const later = performance.now() + 1001
    const clock = vi.spyOn(performance, 'now').mockReturnValue(later)
    server.refuse({ phase: 'mail', times: 1, hangUp: 'close' })
    expect((await flight()).outcome).toBe('accepted')
    clock.mockRestore()
    // Under a flight this would have been unknown; on the new connection it is a flight again.
    expect([...server.mailbox].map(({ via }) => via)).toEqual(['BDAT', 'BDAT', 'BDAT'])
    expect(one.stats()).toMatchObject({ repeated: 1, opened: 2 })
  })

  it('takes the pace of its mailer, unless the message has its own', async () => {
    const server = await serve()
    const one = mailer(server, { pace: 'oneFlight' })
    await send(one)
    await one.sendmail('me@x.example', 'a@y.example', message, { pace: 'step' })
    expect([...server.mailbox].map(({ via }) => via)).toEqual(['BDAT', 'DATA'])
  })

  it('that says 421 to MAIL is replaced in one flight as well: it has been idle too long', async () => {
    const server = await serve()
    const one = mailer(server)
    const flight = () => one.sendmail('me@x.example', 'a@y.example', message, { pace: 'oneFlight' })
    await flight()
    server.refuse({ phase: 'mail', times: 1, reply: '421 4.4.2 idle too long' })
    expect((await flight()).outcome).toBe('accepted')
    expect(one.stats()).toMatchObject({ repeated: 1 })
  })

  it('is not replaced when the server has refused: that is its answer', async () => {
    const server = await serve()
    const one = mailer(server)
    await send(one)
    server.refuse({ phase: 'mail', times: 1, reply: '451 4.7.1 later' })
    await expect(send(one)).rejects.toMatchObject({ responseCode: 451, retry: 'later' })
    expect(one.stats()).toMatchObject({ repeated: 0, opened: 1 })
  })

  it('is not replaced when the message was on its way', async () => {
    const server = await serve()
    const one = mailer(server)
    await send(one)
    server.misbehave({ phase: 'data', times: 1, steps: [{ reply: true }, { end: 'reset' }] })
    const large = Array.from({ length: 100 }, () => Buffer.alloc(65_536, 'x\r\n'))
    const error = await one.sendmail('me@x.example', 'a@y.example', large).catch(reason => reason)
    expect(error).toMatchObject({ mayHaveBeenDelivered: false, phase: 'body' })
    expect(one.stats()).toMatchObject({ repeated: 0 })
  })

  it('is not replaced when the message may have been delivered', async () => {
    const server = await serve()
    const one = mailer(server)
    await send(one)
    server.refuse({ phase: 'endOfData', times: 1, hangUp: 'reset' })
    await expect(send(one)).rejects.toMatchObject({ mayHaveBeenDelivered: true, retry: 'caller' })
    expect(server.mailbox.length).toBe(1)
  })

  it('sends a stream a second time from its start', async () => {
    const server = await serve()
    const one = mailer(server)
    await send(one)
    server.refuse({ phase: 'mail', times: 1, hangUp: 'reset' })
    async function* source(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('From: me@x.example\r\nTo: a@y.example\r\n\r\n')
      yield Buffer.from('tea\r\n')
    }
    await one.sendMessage(source())
    expect(server.mailbox.at(1)?.text).toBe('From: me@x.example\r\nTo: a@y.example\r\n\r\ntea\r\n')
  })

  it('that the server has closed politely meanwhile is not used', async () => {
    const server = await serve({ limits: { idle: 50 } })
    const one = mailer(server)
    await send(one)
    await expect.poll(() => server.connections.open).toBe(0)
    expect((await send(one)).outcome).toBe('accepted')
    expect(one.stats()).toMatchObject({ opened: 2, repeated: 0 })
  })

  it('is ended with QUIT when nobody has needed it for a while', async () => {
    const server = await serve()
    const one = mailer(server, { idleTimeout: 30 })
    await send(one)
    await expect.poll(() => server.connections.open).toBe(0)
    expect(String(server.transcript)).toContain('C: QUIT')
    expect(one.stats().idle).toBe(0)
  })

  it('is replaced after so many messages', async () => {
    const server = await serve()
    const one = mailer(server, { maxMessages: 2 })
    for (let count = 0; count < 5; count++) await send(one)
    expect(server.connections.total).toBe(3)
  })
})

describe('a pool', () => {
  it('never has more connections than it may, and serves in the order of asking', async () => {
    const server = await serve()
    const one = mailer(server, { maxConnections: 2 })
    const order: number[] = []
    const sends = Array.from({ length: 10 }, async (_, index) => {
      await one.sendmail('me@x.example', 'a@y.example', message)
      order.push(index)
    })
    expect(one.stats()).toMatchObject({ connecting: 2, waiting: 10 })
    await Promise.all(sends)
    expect(server.connections.total).toBe(2)
    expect(server.mailbox.length).toBe(10)
    for (const [place, index] of order.entries()) expect(Math.abs(place - index)).toBeLessThanOrEqual(1)
  })

  it('tells a failed attempt to whoever has waited longest, and tries again for the others', async () => {
    const server = await serve()
    server.refuse({ phase: 'connect', times: 2, reply: '554 5.7.1 go away' })
    const one = mailer(server, { maxConnections: 1 })
    const results = await Promise.allSettled([send(one), send(one), send(one)])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
  })

  it('lets nobody wait for longer than `acquireTimeout`', async () => {
    const server = await serve()
    const one = mailer(server, { maxConnections: 1, acquireTimeout: 500 })
    const busy = held(one)
    await expect.poll(() => one.stats().busy).toBe(1)
    await expect(send(one)).rejects.toMatchObject({
      code: 'ETIMEDOUT',
      phase: 'queue',
      retry: 'later',
      report: { outcome: 'unsent' },
    })
    expect(one.stats().waiting).toBe(0)
    busy.release()
    await busy.sending
  })

  it('lets those go who give up, in the queue or on a connection, and serves the rest', async () => {
    const server = await serve()
    const one = mailer(server, { maxConnections: 1 })
    const busy = held(one)
    const controller = new AbortController()
    const waiting = one.sendmail('me@x.example', 'a@y.example', message, { signal: controller.signal })
    const patient = send(one)
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toMatchObject({ code: 'EABORT', phase: 'queue', mayHaveBeenDelivered: false })
    busy.release()
    await busy.sending
    expect((await patient).outcome).toBe('accepted')
    server.misbehave({ phase: 'data', times: 1, steps: [{ stall: true }] })
    const stalled = one.sendmail('me@x.example', 'a@y.example', message, { deadline: 100 })
    await expect(stalled).rejects.toMatchObject({ code: 'ETIMEDOUT', mayHaveBeenDelivered: false })
    expect((await send(one)).outcome).toBe('accepted')
  })

  it('does not abort a connection that somebody else has got by then', async () => {
    const server = await serve()
    const controller = new AbortController()
    let envelopes = 0
    // The first caller gives up at the very moment at which the second one begins.
    const onEvent: MailerOptions['onEvent'] = event => {
      if (event.type === 'command' && event.line.startsWith('MAIL') && ++envelopes === 2) controller.abort()
    }
    const one = mailer(server, { maxConnections: 1, onEvent })
    const first = one.sendmail('me@x.example', 'a@y.example', message, { signal: controller.signal })
    const second = send(one)
    expect((await first).outcome).toBe('accepted')
    expect((await second).outcome).toBe('accepted')
    expect(controller.signal.aborted).toBe(true)
  })

  it('settles every message, whatever the server does', async () => {
    const server = await serve()
    const one = mailer(server, { maxConnections: 3, maxMessages: 4, timeout: 500 })
    server.refuse({ phase: 'connect', skip: 1, times: 1, hangUp: 'reset' })
    server.refuse({ phase: 'mail', skip: 3, times: 2, reply: '421 4.7.0 slow down' })
    server.refuse({ phase: 'rcpt', skip: 5, times: 1, hangUp: 'reset' })
    server.refuse({ phase: 'endOfData', skip: 7, times: 1, hangUp: 'close' })
    server.misbehave({ phase: 'data', skip: 9, times: 1, steps: [{ stall: true }] })
    const results = await Promise.allSettled(Array.from({ length: 40 }, () => send(one)))
    const accepted = results.filter(({ status }) => status === 'fulfilled').length
    expect(accepted).toBeGreaterThanOrEqual(34)
    expect(server.mailbox.length).toBe(accepted)
    expect(one.stats()).toMatchObject({ busy: 0, connecting: 0, waiting: 0 })
  })

  it('is closed when all are served; then it takes nothing more', async () => {
    const server = await serve()
    const one = mailer(server, { maxConnections: 1 })
    const sends = [send(one), send(one), send(one)]
    const closed = one.close()
    await expect(send(one)).rejects.toMatchObject({ code: 'ECLOSED', report: { outcome: 'unsent' } })
    await closed
    expect(await Promise.all(sends.map(async sending => (await sending).outcome))).toEqual([
      'accepted',
      'accepted',
      'accepted',
    ])
    await expect.poll(() => server.connections.open).toBe(0)
    expect(String(server.transcript)).toContain('C: QUIT')
    await one.close()
  })

  it('is closed at the end of its block', async () => {
    const server = await serve()
    {
      await using one = mailer(server)
      await send(one)
    }
    await expect.poll(() => server.connections.open).toBe(0)
  })
})

describe('sendMany', () => {
  const mail = (to: string): Mail => ({ from: 'me@x.example', to: [to], message })

  async function outcomes(reports: AsyncIterable<{ outcome: string; error?: unknown }>): Promise<string[]> {
    const found: string[] = []
    for await (const { outcome } of reports) found.push(outcome)
    return found
  }

  it('reports in the order in which the messages came, and throws for none of them', async () => {
    const server = await serve()
    server.refuse({ recipient: 'no@y.example', reply: '550 5.1.1 no' })
    const one = mailer(server, { maxConnections: 2 })
    const mails: Mail[] = [
      mail('a@y.example'),
      mail('no@y.example'),
      mail('b a d'),
      { message: 'From: me@x.example\r\nTo: b@y.example\r\n\r\nx' },
      { message: 'no header' },
      { from: 'me@x.example', to: ['c@y.example'], message, parameters: { envid: 'x' } },
    ]
    const reports: unknown[] = []
    for await (const report of one.sendMany(mails)) reports.push(report)
    expect(reports).toMatchObject([
      { outcome: 'accepted', envelope: { to: ['a@y.example'] }, error: undefined },
      { outcome: 'rejected', error: { name: 'SMTPRecipientsRefused' } },
      { outcome: 'unsent', envelope: { to: ['b a d'] }, error: { name: 'SMTPEnvelopeError' } },
      { outcome: 'accepted', envelope: { to: ['b@y.example'] } },
      { outcome: 'unsent', error: { name: 'SMTPMessageError' } },
      { outcome: 'accepted', envelope: { to: ['c@y.example'] } },
    ])
    expect(server.connections.total).toBeLessThanOrEqual(2)
  })

  it('takes in no more than it can send, and reports without waiting for more to come', async () => {
    const server = await serve()
    const one = mailer(server, { maxConnections: 2 })
    let taken = 0
    let more = (): void => {}
    async function* slow(): AsyncGenerator<Mail> {
      for (; taken < 20; taken++) yield mail('a@y.example')
      await new Promise<void>(resolve => {
        more = resolve
      })
      yield mail('b@y.example')
    }
    const reports = one.sendMany(slow())[Symbol.asyncIterator]()
    await reports.next()
    expect(taken).toBeLessThanOrEqual(5)
    for (let count = 1; count < 20; count++) expect((await reports.next()).done).toBe(false)
    const last = reports.next()
    more()
    expect((await last).value?.accepted).toEqual(['b@y.example'])
    expect((await reports.next()).done).toBe(true)
  })

  it('finishes what is under way and tells the source, when the reader stops', async () => {
    const server = await serve()
    const one = mailer(server, { maxConnections: 2 })
    let told = false
    function* endless(): Generator<Mail> {
      try {
        for (;;) yield mail('a@y.example')
      } finally {
        told = true
      }
    }
    for await (const _ of one.sendMany(endless())) break
    expect(told).toBe(true)
    expect(one.stats()).toMatchObject({ busy: 0, waiting: 0 })
  })

  it('passes on what the source throws, behind the reports of what came before', async () => {
    const server = await serve()
    const one = mailer(server)
    function* broken(): Generator<Mail> {
      yield mail('a@y.example')
      throw new Error('no more')
    }
    await expect(outcomes(one.sendMany(broken()))).rejects.toThrow('no more')
    expect(server.mailbox.length).toBe(1)
  })
})

describe('two mailers', () => {
  it('share nothing (T-18)', async () => {
    const server = await serve()
    const [first, second] = [mailer(server, { name: 'one.example' }), mailer(server, { name: 'two.example' })]
    await send(first)
    await send(second)
    await send(first)
    expect(Array.from(server.mailbox, ({ session }) => session.hello)).toEqual([
      'one.example',
      'two.example',
      'one.example',
    ])
    expect(server.connections.total).toBe(2)
  })
})

describe('a process', () => {
  it('is told what happens on its connections', async () => {
    const server = await serve()
    const events: string[] = []
    await send(mailer(server, { onEvent: ({ type }) => events.push(type) }))
    expect(events).toContain('command')
    expect(events).toContain('reply')
  })
})
