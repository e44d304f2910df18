import { inspect } from 'node:util'
import { EncodeError } from '@postrider/codec'
import { describe, expect, it } from 'vitest'
import type { Mechanism } from './authenticate.js'
import { NotOfferedError, SequenceError, SessionError, TimeoutError } from './error.js'
import type { SessionEvent } from './event.js'
import { Session, type SessionOptions } from './session.js'

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const message = encoder.encode('Subject: tea\r\n\r\nAt five.\r\n')

/** A session without a socket: what it writes, and a way to answer. */
class Bench {
  readonly events: SessionEvent[] = []
  readonly session: Session
  written = ''
  closed: boolean | 'polite' = false

  constructor(options: SessionOptions = {}) {
    this.session = new Session({ name: 'client.example.org', observe: event => this.events.push(event), ...options })
    this.session.connected()
  }

  /** Does what the session asks for, until it asks for no more. */
  async settle(): Promise<void> {
    for (let idle = 0; idle < 6; ) {
      const output = this.session.poll()
      if (output === undefined) {
        idle++
        await null
        continue
      }
      if (output.kind === 'write') this.written += decoder.decode(output.octets)
      else if (output.kind === 'flush') this.session.flushed()
      else if (output.kind === 'commit') this.written += decoder.decode(this.session.commit())
      else if (output.kind === 'close') this.closed = output.polite ? 'polite' : true
    }
  }

  async hear(...lines: string[]): Promise<void> {
    await this.settle()
    this.session.receive(encoder.encode(lines.map(line => `${line}\r\n`).join('')))
    await this.settle()
  }

  async ready(...extensions: string[]): Promise<this> {
    await this.hear('220 mx.example.org')
    const hello = this.session.hello()
    await this.hear(
      ...['mx.example.org', ...extensions].map((line, index) => `250${index === extensions.length ? ' ' : '-'}${line}`),
    )
    await hello
    this.written = ''
    return this
  }
}

const mechanism = (name: string, ...responses: string[]): Mechanism => ({
  name,
  start: () => (responses[0] === undefined ? undefined : encoder.encode(responses.shift())),
  respond: () => encoder.encode(responses.shift() ?? ''),
})

describe('bad input', () => {
  const hostile = ['\r\n', '\r', '\n', '\0', '\x1b', '\x7f', '\ud800', ' ', '>']
  it('is refused before an octet is written, and the session stays usable (T-01, T-02, T-03)', async () => {
    const bench = await new Bench().ready('SIZE', 'DSN', 'PIPELINING', 'SMTPUTF8', '8BITMIME')
    const { session } = bench
    for (const evil of hostile) {
      const attempts: [what: string, attempt: () => Promise<unknown>][] = [
        ['sender', () => session.transact({ from: `a${evil}b@example.org`, to: ['b@example.org'] }, message)],
        ['sender domain', () => session.transact({ from: `a@exa${evil}mple.org`, to: ['b@example.org'] }, message)],
        [
          'quoted sender',
          () =>
            session.transact(
              { from: `"a${evil === ' ' || evil === '>' ? '\r' : evil}"@example.org`, to: ['b@example.org'] },
              message,
            ),
        ],
        [
          'recipient',
          () => session.transact({ from: 'a@example.org', to: ['ok@example.org', `b${evil}@example.org`] }, message),
        ],
        [
          'parameter value',
          () =>
            session.transact(
              {
                from: 'a@example.org',
                to: ['b@example.org'],
                parameters: { extra: { X: `v${evil === '>' ? ' ' : evil}` } },
              },
              message,
            ),
        ],
        [
          'parameter name',
          () =>
            session.transact(
              { from: 'a@example.org', to: ['b@example.org'], parameters: { extra: { [`X${evil}`]: true } } },
              message,
            ),
        ],
        ['EHLO name', () => session.ehlo(`client${evil}.example.org`)],
        ['mail', () => session.mail(`a${evil}@example.org`)],
      ]
      if (evil !== ' ' && evil !== '>') attempts.push(['command', () => session.command(`NOOP ${evil}`)])
      for (const [what, attempt] of attempts) {
        await expect(attempt(), `${what} with ${JSON.stringify(evil)}`).rejects.toBeInstanceOf(EncodeError)
        await bench.settle()
        expect(bench.written, what).toBe('')
        expect(session.usable).toBe(true)
      }
    }
    const noop = session.noop()
    await bench.hear('250 ok')
    expect((await noop).code).toBe(250)
  })

  it('is refused when the session is made: a client name that is none', () => {
    expect(() => new Session({ name: 'evil\r\nMAIL FROM:<>' })).toThrow(EncodeError)
  })

  it('says that a non-ASCII address needs SMTPUTF8, before MAIL', async () => {
    const bench = await new Bench().ready('8BITMIME')
    const attempt = bench.session.transact({ from: 'jörg@example.org', to: ['b@example.org'] }, message)
    await expect(attempt).rejects.toMatchObject({ keyword: 'SMTPUTF8', usable: true })
    await bench.settle()
    expect(bench.written).toBe('')
  })

  it('takes a local part alone only where it was asked for', async () => {
    const bench = await new Bench().ready()
    const { session } = bench
    const envelope = { from: 'root', to: ['ann', { address: 'bob' }] }
    await expect(session.transact(envelope, message)).rejects.toBeInstanceOf(EncodeError)
    await bench.settle()
    expect(bench.written).toBe('')
    void session.transact(envelope, message, { bareLocalPart: true })
    for (const reply of ['250 ok', '250 ok', '250 ok']) await bench.hear(reply)
    expect(bench.written).toBe('MAIL FROM:<root>\r\nRCPT TO:<ann>\r\nRCPT TO:<bob>\r\nDATA\r\n')
  })

  it('refuses a parameter that the server does not offer (RFC 5321 4.1.1.3)', async () => {
    const bench = await new Bench().ready('SIZE')
    const { session } = bench
    const to = [{ address: 'b@example.org', parameters: { notify: ['NEVER'] as const } }]
    await expect(session.transact({ from: '', to }, message)).rejects.toBeInstanceOf(NotOfferedError)
    await expect(
      session.transact({ from: '', to: ['b@example.org'], parameters: { body: '8BITMIME' } }, message),
    ).rejects.toMatchObject({ keyword: '8BITMIME' })
    await expect(session.startTls()).rejects.toMatchObject({ keyword: 'STARTTLS' })
    await expect(session.transact({ from: '', to: [] }, message)).rejects.toBeInstanceOf(RangeError)
    await bench.settle()
    expect(bench.written).toBe('')
  })
})

describe('order', () => {
  it('refuses a verb that is not legal, names the state, and goes on', async () => {
    const bench = new Bench()
    await bench.hear('220 hello')
    const attempt = bench.session.transact({ from: '', to: ['b@example.org'] }, message)
    await expect(attempt).rejects.toSatisfy(
      error => error instanceof SequenceError && error.phase === 'greeted.idle' && error.usable,
    )
    expect(bench.written).toBe('')
  })

  it('refuses a second verb while one is under way', async () => {
    const bench = await new Bench().ready()
    const first = bench.session.noop()
    await bench.settle()
    await expect(bench.session.noop()).rejects.toThrow(/another verb is under way/)
    await bench.hear('250 ok')
    await first
  })

  it('fails every verb with what ended the session', async () => {
    const bench = await new Bench().ready()
    await bench.hear('250 nobody asked')
    for (const verb of [
      bench.session.noop(),
      bench.session.quit(),
      bench.session.transact({ from: '', to: ['b@example.org'] }, message),
    ])
      await expect(verb).rejects.toMatchObject({ code: 'EPROTOCOL', usable: false })
    expect(bench.closed).toBe(true)
  })

  it('waits for RSET behind a refused transaction before the next verb', async () => {
    const bench = await new Bench().ready()
    const { session } = bench
    const refused = session.transact({ from: '', to: ['b@example.org'] }, message)
    await bench.hear('451 later')
    expect((await refused).outcome).toBe('deferred')
    expect(session.usable).toBe(true)
    const noop = session.noop()
    await bench.settle()
    expect(bench.written).toBe('MAIL FROM:<>\r\nRSET\r\n')
    await bench.hear('250 reset')
    await bench.hear('250 ok')
    expect((await noop).code).toBe(250)
  })

  it('lets a transaction be made step by step', async () => {
    const bench = await new Bench().ready()
    const { session } = bench
    const mail = session.mail('a@example.org')
    await bench.hear('250 ok')
    await mail
    for (const [address, answer] of [
      ['b@example.org', '250 ok'],
      ['c@example.org', '550 no'],
    ] as const) {
      const rcpt = session.rcpt(address)
      await bench.hear(answer)
      expect(String((await rcpt).code)).toBe(answer.slice(0, 3))
    }
    const data = session.data(message)
    await bench.hear('354 go')
    await bench.hear('250 queued')
    expect(await data).toMatchObject({
      outcome: 'partial',
      recipients: [{ outcome: 'accepted' }, { outcome: 'rejected' }],
    })
  })

  it('writes no more than a window of commands at once (PIPELINING)', async () => {
    const bench = await new Bench({ window: 3 }).ready('PIPELINING')
    const to = ['b', 'c', 'd', 'e'].map(name => `${name}@example.org`)
    const result = bench.session.transact({ from: '', to }, message)
    await bench.settle()
    expect(bench.written.split('\r\n').length - 1).toBe(3)
    await bench.hear('250 ok', '250 ok', '250 ok')
    expect(bench.written.split('\r\n').slice(3, -1)).toEqual([
      'RCPT TO:<d@example.org>',
      'RCPT TO:<e@example.org>',
      'DATA',
    ])
    await bench.hear('250 ok', '250 ok', '354 go')
    await bench.hear('250 queued')
    expect((await result).outcome).toBe('accepted')
  })

  it('goes on reading a long reply to the end of data (rule R7)', async () => {
    const bench = await new Bench().ready('PIPELINING')
    const result = bench.session.transact({ from: '', to: ['b@example.org'] }, message)
    await bench.hear('250 ok', '250 ok', '354 go')
    await bench.hear(...Array.from({ length: 1500 }, () => '250-thank you'), '250 queued')
    expect((await result).outcome).toBe('accepted')
    // Elsewhere it is more than a server may say.
    const noop = bench.session.noop()
    await bench.settle()
    const failed = expect(noop).rejects.toMatchObject({ code: 'EPROTOCOL' })
    await bench.hear(...Array.from({ length: 1500 }, () => '250-thank you'), '250 ok')
    await failed
  })
})

describe('speaking by hand', () => {
  it('sends octets as they are and hands out the replies in order', async () => {
    const bench = await new Bench().ready()
    const { session } = bench
    session.send(encoder.encode('VRFY <ann>\r\n'))
    await bench.hear('252 perhaps')
    expect((await session.reply()).code).toBe(252)
    session.send(encoder.encode('DATA\r\n'))
    const data = session.reply()
    await bench.hear('354 go')
    expect((await data).code).toBe(354)
    expect(bench.written).toBe('VRFY <ann>\r\nDATA\r\n')
  })
})

describe('several things said by hand before anybody asks for a reply (P26, P27)', () => {
  it.each([
    ['one by one', ['NOOP 1\r\n', 'NOOP 2\r\n']],
    ['in one piece', ['NOOP 1\r\nNOOP 2\r\n']],
  ])('%s: each reply is kept for its turn', async (_how, pieces) => {
    const bench = await new Bench().ready()
    for (const piece of pieces) bench.session.send(encoder.encode(piece))
    await bench.hear('250 one')
    await bench.hear('250 two')
    expect(String(await bench.session.reply())).toBe('250 one')
    expect(String(await bench.session.reply())).toBe('250 two')
    expect(bench.session.usable).toBe(true)
  })

  it('a message in pieces has one reply, and the next verb finds a clean line', async () => {
    const bench = await new Bench().ready()
    for (const piece of ['Subject: x\r\n', '\r\nhi\r\n', '.\r\n']) bench.session.send(encoder.encode(piece))
    await bench.hear('250 queued')
    expect(String(await bench.session.reply())).toBe('250 queued')
    const noop = bench.session.noop()
    await bench.hear('250 ok')
    expect(String(await noop)).toBe('250 ok')
  })

  it('as many replies may come as were said, whatever the lines: one too many is nobody’s (R4)', async () => {
    const bench = await new Bench().ready()
    bench.session.send(encoder.encode('.\r\n'), 3)
    await bench.hear('250 a', '552 b', '250 c')
    for (const text of ['250 a', '552 b', '250 c']) expect(String(await bench.session.reply())).toBe(text)
    expect(bench.session.usable).toBe(true)
    bench.session.send(encoder.encode('two\r\nlines\r\n'), 1)
    await bench.hear('250 a', '250 b')
    expect(bench.session.usable).toBe(false)
  })

  it("one reply too many is nobody's (R4), and so is one behind the next verb", async () => {
    const bench = await new Bench().ready()
    bench.session.send(encoder.encode('NOOP\r\n'))
    await bench.hear('250 one', '250 two')
    expect(bench.session.usable).toBe(false)
    const other = await new Bench().ready()
    other.session.send(encoder.encode('NOOP 1\r\nNOOP 2\r\n'))
    await other.hear('250 one')
    const noop = other.session.noop()
    await other.hear('250 two', '250 three')
    expect(String(await noop)).toBe('250 two')
    expect(other.session.usable).toBe(false)
  })
})

describe("verbs: 'lower' (P39)", () => {
  it('writes every verb and SIZE in lower case, and nothing else', async () => {
    const bench = await new Bench({ verbs: 'lower' }).ready('SIZE')
    const sent = bench.session.transact(
      { from: 'ANN@X.example', to: ['BOB@Y.example'], parameters: { size: 27 } },
      message,
    )
    await bench.hear('250 ok')
    await bench.hear('250 ok')
    await bench.hear('354 go')
    await bench.hear('250 queued')
    await sent
    const rset = bench.session.rset()
    await bench.hear('250 ok')
    await rset
    const quit = bench.session.quit()
    await bench.hear('221 bye')
    await quit
    expect(bench.written).toBe(
      'mail from:<ANN@X.example> size=27\r\nrcpt to:<BOB@Y.example>\r\ndata\r\nSubject: tea\r\n\r\nAt five.\r\n.\r\nrset\r\nquit\r\n',
    )
  })

  it('leaves a path alone that looks like a verb or a parameter', async () => {
    const bench = await new Bench({ verbs: 'lower' }).ready()
    const mail = bench.session.mail('"A SIZE=1"@x.example')
    await bench.hear('250 ok')
    await mail
    expect(bench.written).toBe('mail from:<"A SIZE=1"@x.example>\r\n')
  })
})

describe('AUTH by hand', () => {
  it('shows watchers no secret either (T-28)', async () => {
    const bench = await new Bench().ready('AUTH LOGIN PLAIN')
    const { session } = bench
    for (const [line, answer] of [
      ['auth login', '334 VXNlcm5hbWU6'],
      [btoa('user-hunter2'), '334 UGFzc3dvcmQ6'],
      [btoa('pass-hunter2'), '535 no'],
      [`AUTH PLAIN ${btoa('again-hunter2')}`, '535 no'],
      ['NOOP', '250 ok'],
    ] as const) {
      session.send(encoder.encode(`${line}\r\n`))
      const reply = session.reply()
      await bench.hear(answer)
      await reply
    }
    const lines = bench.events.flatMap(event => (event.type === 'command' ? [event.line] : []))
    expect(lines.slice(-5)).toEqual(['auth login', '***', '***', 'AUTH PLAIN ***', 'NOOP'])
  })

  it('shows watchers no secret that does not wait for its challenge', async () => {
    const bench = await new Bench().ready('AUTH LOGIN')
    const { session } = bench
    session.send(encoder.encode(`AUTH LOGIN\r\n${btoa('user-hunter2')}\r\n`))
    session.send(encoder.encode(`${btoa('pass-hunter2')}\r\n`))
    await bench.hear('334 VXNlcm5hbWU6', '334 UGFzc3dvcmQ6', '235 ok')
    session.send(encoder.encode('NOOP\r\n'))
    await bench.hear('250 ok')
    const lines = bench.events.flatMap(event => (event.type === 'command' ? [event.line] : []))
    expect(lines.slice(-4)).toEqual(['AUTH LOGIN', '***', '***', 'NOOP'])
  })
})

describe('AUTH', () => {
  it('holds back an initial response that makes the command too long (RFC 4954 4)', async () => {
    const bench = await new Bench().ready('AUTH X')
    const done = bench.session.authenticate(mechanism('X', 'y'.repeat(400)))
    await bench.settle()
    expect(bench.written).toBe('AUTH X\r\n')
    await bench.hear('334 ')
    expect(bench.written).toMatch(/^AUTH X\r\neXl5[A-Za-z0-9+/=]+\r\n$/)
    await bench.hear('235 ok')
    expect((await done).code).toBe(235)
    expect(bench.session.authenticated).toBe(true)
  })

  // "AUTH X ", base64, CRLF: 376 octets of response are 504 of base64 and a line of 513, 375 are 500 and one of 509.
  it.each([
    [372, `AUTH X ${btoa('y'.repeat(372))}\r\n`],
    [375, `AUTH X ${btoa('y'.repeat(375))}\r\n`],
    [376, 'AUTH X\r\n'],
  ])(
    'writes an initial response of %d octets so that the command has 512 at most (RFC 5321 4.5.3.1.4)',
    async (octets, line) => {
      const bench = await new Bench().ready('AUTH X')
      const done = bench.session.authenticate(mechanism('X', 'y'.repeat(octets)))
      await bench.settle()
      expect(bench.written).toBe(line)
      if (line === 'AUTH X\r\n') await bench.hear('334 ')
      await bench.hear('235 ok')
      await done
    },
  )

  // Base64 comes in steps of four: lines of 12282, 12286 and, one octet later, 12290.
  it.each([
    ['command', 9210],
    ['command', 9213],
    ['response', 9210],
    ['response', 9213],
  ])(
    'sends what is too long for the %s in answer to 334, up to a line of 12288 octets: %d (RFC 4954 4)',
    async (place, size) => {
      const bench = await new Bench().ready('AUTH X')
      const done = bench.session.authenticate(mechanism('X', 'y'.repeat(size)), {
        initialResponse: place === 'command',
      })
      await bench.hear('334 ')
      expect(bench.written).toBe(`AUTH X\r\n${btoa('y'.repeat(size))}\r\n`)
      await bench.hear('235 ok')
      expect((await done).code).toBe(235)
    },
  )

  it.each([true, false])(
    'refuses a longer one before anything is written (initialResponse: %s)',
    async initialResponse => {
      const bench = await new Bench().ready('AUTH X')
      const done = bench.session.authenticate(mechanism('X', 'y'.repeat(9214)), { initialResponse })
      await expect(done).rejects.toBeInstanceOf(EncodeError)
      await expect(done).rejects.toMatchObject({ code: 'ELENGTH' })
      expect(bench.written).toBe('')
      expect(bench.session.usable).toBe(true)
      // Nothing hangs on: the next one runs.
      const next = bench.session.authenticate(mechanism('X', 'y'))
      await bench.hear('235 ok')
      expect((await next).code).toBe(235)
    },
  )

  it('answers the first challenge with a held-back initial response even when it is a prompt, as in LOGIN', async () => {
    const bench = await new Bench().ready('AUTH LOGIN')
    const login = { name: 'LOGIN', start: () => encoder.encode('user'), respond: () => encoder.encode('password') }
    const done = bench.session.authenticate(login, { initialResponse: false })
    await bench.hear('334 VXNlcm5hbWU6')
    expect(bench.written).toBe('AUTH LOGIN\r\ndXNlcg==\r\n')
    await bench.hear('334 UGFzc3dvcmQ6')
    expect(bench.written).toBe('AUTH LOGIN\r\ndXNlcg==\r\ncGFzc3dvcmQ=\r\n')
    await bench.hear('235 ok')
    await done
  })

  it('writes an empty initial response as "=" (RFC 4954 4)', async () => {
    const bench = await new Bench().ready('AUTH EXTERNAL')
    const done = bench.session.authenticate(mechanism('EXTERNAL', ''))
    await bench.hear('235 ok')
    await done
    expect(bench.written).toBe('AUTH EXTERNAL =\r\n')
  })

  it('cancels after 16 challenges (T-27)', async () => {
    const bench = await new Bench().ready('AUTH X')
    const done = bench.session.authenticate(mechanism('X'))
    const failed = expect(done).rejects.toMatchObject({ code: 'EAUTH', usable: true, fault: 'local' })
    for (let round = 0; round < 17; round++) await bench.hear('334 AA==')
    expect(bench.written.endsWith('\r\n*\r\n')).toBe(true)
    await bench.hear('501 cancelled')
    await failed
  })

  it('closes when a cancelled exchange is answered by silence', async () => {
    const bench = await new Bench().ready('AUTH X')
    const done = bench.session.authenticate({ ...mechanism('X'), respond: () => Promise.reject(new Error('no token')) })
    const failed = expect(done).rejects.toBeInstanceOf(TimeoutError)
    await bench.hear('334 ')
    const deadline = bench.session.deadline(0)
    expect(deadline).toBe(5000)
    bench.session.timeout(5000)
    await failed
  })

  it('does not believe a success that the mechanism does not believe, and ends the session', async () => {
    const bench = await new Bench().ready('AUTH X')
    const done = bench.session.authenticate({
      ...mechanism('X', 'hi'),
      finish: () => {
        throw new Error('no server signature')
      },
    })
    const failed = expect(done).rejects.toMatchObject({ code: 'EAUTH', usable: false })
    await bench.hear('235 trust me')
    await failed
    expect(bench.closed).toBe(true)
  })

  it('says whether anything secret had left', async () => {
    const before = await new Bench().ready('AUTH X')
    const first = expect(before.session.authenticate(mechanism('X'))).rejects.toMatchObject({ credentialsSent: false })
    await before.hear('421 going')
    await first
    const after = await new Bench().ready('AUTH X')
    const second = expect(after.session.authenticate(mechanism('X', 'secret'))).rejects.toMatchObject({
      credentialsSent: true,
      code: 'ESHUTDOWN',
    })
    await after.hear('421 going')
    await second
  })

  it('hands on what the mechanism learnt of the reason', async () => {
    const bench = await new Bench().ready('AUTH X')
    const reason = new Error('token expired')
    const failed = bench.session
      .authenticate({ ...mechanism('X', 'hi'), failure: () => reason })
      .catch((error: unknown) => error)
    await bench.hear('535 no')
    expect(await failed).toMatchObject({ cause: reason, reply: { code: 535 }, usable: true })
  })

  it('ends the session, and nothing else, when a mechanism throws where it may not', async () => {
    const bench = await new Bench().ready('AUTH X')
    const failing = () => {
      throw new Error('oops')
    }
    const failed = bench.session
      .authenticate({ ...mechanism('X', 'hi'), failure: failing })
      .catch((error: unknown) => error)
    await bench.hear('535 no')
    expect(bench.session.usable).toBe(false)
    expect(await Promise.race([failed, Promise.resolve('unsettled')])).not.toBe('unsettled')
  })

  it('shows no secret to watchers, in errors or in the session itself (T-28)', async () => {
    const bench = await new Bench().ready('AUTH X')
    const failed = bench.session.authenticate(mechanism('X', 'hunter2', 'tanstaaf')).catch((error: unknown) => error)
    await bench.hear('334 AA==')
    await bench.hear('535 no')
    const shown = [
      JSON.stringify(bench.events),
      inspect(bench.events, { depth: 9 }),
      inspect(await failed, { depth: 9 }),
      inspect(bench.session, { depth: 9, showHidden: true }),
      JSON.stringify(bench.session),
    ].join('\n')
    expect(shown).toContain('***')
    for (const secret of ['hunter2', 'tanstaaf']) {
      // Base64 of a text within a longer one looks different at each of three offsets.
      for (const shift of [0, 1, 2]) {
        const inner = btoa('\0'.repeat(shift) + secret).slice(shift === 0 ? 0 : 4, -4)
        expect(shown).not.toContain(inner)
      }
      expect(shown).not.toContain(secret)
    }
  })
})

describe('time', () => {
  it('gives each phase its own absolute limit (RFC 5321 4.5.3.2)', async () => {
    const bench = await new Bench().ready()
    const result = bench.session.transact({ from: '', to: ['b@example.org'] }, message)
    await bench.settle()
    expect(bench.session.deadline(1000)).toBe(301_000)
    // Part of a reply is no progress (rule R5).
    bench.session.receive(encoder.encode('250-so'))
    expect(bench.session.deadline(200_000)).toBe(301_000)
    bench.session.timeout(300_999)
    expect(bench.session.state).toBe('mail')
    bench.session.timeout(301_000)
    expect(await result).toMatchObject({
      outcome: 'unsent',
      retry: 'now',
      error: { code: 'ETIMEDOUT', phase: 'mail', limit: 300_000 },
    })
  })

  it('asks for a minimum rate while the message goes out, not for a total (rule R5)', async () => {
    const bench = await new Bench().ready('PIPELINING')
    const never = (async function* () {
      yield message
      await new Promise(() => {})
    })()
    const result = bench.session.transact({ from: '', to: ['b@example.org'] }, never)
    await bench.hear('250 ok', '250 ok', '354 go')
    expect(bench.session.deadline(0)).toBe(180_000)
    bench.session.written(1000)
    expect(bench.session.deadline(100_000)).toBe(180_000)
    bench.session.written(24)
    expect(bench.session.deadline(100_000)).toBe(280_000)
    bench.session.timeout(280_000)
    expect((await result).error).toBeInstanceOf(TimeoutError)
  })

  it('waits for nothing while nothing is under way', async () => {
    const bench = await new Bench().ready()
    expect(bench.session.deadline(0)).toBeUndefined()
  })
})

it('errors are recognised across copies of the package', () => {
  const foreign = Object.assign(new Error('x'), { [Symbol.for('@postrider/session/SessionError')]: true })
  expect(foreign).toBeInstanceOf(SessionError)
  expect(foreign).not.toBeInstanceOf(SequenceError)
  expect(new SequenceError('DATA', 'greeting')).toBeInstanceOf(SessionError)
  class Own extends SessionError {}
  expect(new SequenceError('DATA', 'greeting')).not.toBeInstanceOf(Own)
})

it('a watcher that throws disturbs nobody', async () => {
  const bench = await new Bench({
    observe: () => {
      throw new Error('disk full')
    },
  }).ready()
  expect(bench.session.state).toBe('ready.idle')
})

describe('in one flight (RFC 2920, RFC 3030)', () => {
  const envelope = { from: 'a@example.org', to: ['b@example.org'] }
  const flight =
    'MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nBDAT 26 LAST\r\nSubject: tea\r\n\r\nAt five.\r\n'
  const offered = ['PIPELINING', 'CHUNKING']

  it('a reply too many leaves everything in doubt: the verdict may be the answer to something else', async () => {
    const bench = await new Bench().ready(...offered)
    const sent = bench.session.transact(envelope, message, { pace: 'oneFlight' })
    await bench.hear('250 ok', '250 ok again', '250 ok', '554 spam')
    expect(bench.written).toBe(flight)
    expect(await sent).toMatchObject({ outcome: 'unknown', retry: 'caller', mayHaveBeenDelivered: true })
    expect(bench.closed).toBe(true)
  })

  it('the hook of a durable queue runs before anything of it is written, and can call it off', async () => {
    const bench = await new Bench().ready(...offered)
    const seen: string[] = []
    const beforeCommit = () => {
      seen.push(bench.written)
      throw new Error('the disk is full')
    }
    const sent = bench.session.transact(envelope, message, { pace: 'oneFlight', beforeCommit })
    await bench.settle()
    expect(await sent).toMatchObject({ outcome: 'unsent', retry: 'now', mayHaveBeenDelivered: false })
    expect(seen).toEqual([''])
    expect(bench.written).toBe('')
  })

  it('a message that may not go out is refused before an octet is written, and the connection stays usable', async () => {
    const bench = await new Bench().ready(...offered)
    const { session } = bench
    const options = { pace: 'oneFlight', newlines: 'reject' } as const
    await expect(session.transact(envelope, encoder.encode('a\nb'), options)).rejects.toBeInstanceOf(EncodeError)
    await expect(session.transact(envelope, encoder.encode('\u00e9'), options)).rejects.toThrow('8BITMIME')
    await bench.settle()
    expect([bench.written, session.usable]).toEqual(['', true])
  })

  it.each([
    ['a server without CHUNKING', ['PIPELINING'], message, {}, 'DATA'],
    ['a stream', offered, [message], {}, 'DATA'],
    ['a message larger than a chunk', offered, message, { chunkSize: 25 }, 'DATA'],
    ['a message that outgrows a chunk by its line ends', offered, encoder.encode('a\nb\n'), { chunkSize: 5 }, 'DATA'],
    ['a server without PIPELINING', ['CHUNKING'], message, {}, 'step'],
    ['an envelope that fills the window', offered, message, { window: 2 }, 'BDAT'],
  ] as const)('is not how it goes with %s', async (_, extensions, body, options, way) => {
    const bench = await new Bench(options).ready(...extensions)
    void bench.session.transact(envelope, body, { pace: 'oneFlight' })
    await bench.settle()
    const mail = 'MAIL FROM:<a@example.org>\r\n'
    const rcpt = 'RCPT TO:<b@example.org>\r\n'
    expect(bench.written).toBe(way === 'step' ? mail : `${mail}${rcpt}${way === 'DATA' ? 'DATA\r\n' : ''}`)
    if (way === 'DATA') return
    await bench.hear('250 ok', ...(way === 'step' ? [] : ['250 ok']))
    if (way === 'step') await bench.hear('250 ok')
    expect(bench.written).toBe(flight)
  })

  it('is asked for by a pace that is known, or refused before an octet is written', async () => {
    const bench = await new Bench().ready(...offered)
    const pace = 'oneflight' as 'oneFlight'
    await expect(bench.session.transact(envelope, message, { pace })).rejects.toThrow('pace is oneflight')
    await bench.settle()
    expect([bench.written, bench.session.usable]).toEqual(['', true])
  })

  it('counts as one round trip, over LMTP with several verdicts as well (RFC 2033 4.2)', async () => {
    for (const protocol of ['smtp', 'lmtp'] as const) {
      const bench = await new Bench({ protocol }).ready(...offered)
      const before = bench.session.roundTrips
      const to = ['b@example.org', 'c@example.org']
      const sent = bench.session.transact({ ...envelope, to }, message, { pace: 'oneFlight' })
      await bench.hear('250 ok', '250 ok', '250 ok', '250 taken', ...(protocol === 'lmtp' ? ['250 taken'] : []))
      expect((await sent).outcome).toBe('accepted')
      expect(bench.session.roundTrips - before).toBe(1)
    }
  })
})

describe('BINARYMIME (RFC 3030 3)', () => {
  const octets = Uint8Array.from([0x2e, 0x0a, 0x0d, 0x00, 0x80])
  const parameters = { body: 'BINARYMIME' } as const

  it('goes by BDAT as it is, step by step as well', async () => {
    const bench = await new Bench().ready('CHUNKING', 'BINARYMIME')
    const { session } = bench
    for (const verb of [() => session.mail('a@example.org', parameters), () => session.rcpt('b@example.org')]) {
      const answered = verb()
      await bench.hear('250 ok')
      await answered
    }
    await expect(session.data(octets)).rejects.toBeInstanceOf(SequenceError)
    bench.written = ''
    const sent = session.bdat(octets)
    await bench.hear('250 ok')
    expect(await sent).toMatchObject({ outcome: 'accepted', octets: 5 })
    expect(bench.written).toBe(`BDAT 5 LAST\r\n${decoder.decode(octets)}`)
    expect(session.usable).toBe(true)
  })

  it('is never sent to a server that does not offer it', async () => {
    const envelope = { from: 'a@example.org', to: ['b@example.org'], parameters }
    for (const extensions of [[], ['CHUNKING'], ['BINARYMIME']]) {
      const bench = await new Bench().ready(...extensions)
      await expect(bench.session.transact(envelope, octets)).rejects.toBeInstanceOf(NotOfferedError)
      await bench.settle()
      expect(bench.written).toBe('')
    }
  })
})

it('shows nothing of the conversation when it is printed (T-28)', async () => {
  const bench = await new Bench().ready('AUTH PLAIN', 'PIPELINING')
  const login = bench.session.authenticate(mechanism('PLAIN', '\0tim\0tanstaaftanstaaf'))
  await bench.hear('235 ok')
  await login
  const printed = inspect(bench.session, { depth: Number.POSITIVE_INFINITY, showHidden: true })
  expect(printed).not.toContain('tanstaaf')
  expect(printed.length).toBeLessThan(1000)
})
