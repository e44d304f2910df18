// No password and no token is shown by anything a program can look at while it logs in (T-28): every mechanism, with the right
// secret and a wrong one, through session, mailer, SMTP client and test server, when the server behaves and when it does not. Events,
// errors with all that caused them, reports, transcripts, ground truth, the objects themselves, snapshots of the statechart, and
// the debug output are printed in every way there is and searched for the secrets and their encodings (trace.ts).
import { inspect } from 'node:util'
import { type ChooseOptions, type ClientMechanism, type MechanismName, ScramKeyCache } from '@postrider/auth-sasl'
import { createMailer, type ServerOptions as MailServer, SMTP, send_message } from '@postrider/mailer'
import { type SessionEvent, type SessionMachineEvent, sessionMachine, transcribe } from '@postrider/session'
import { open } from '@postrider/session/node'
import { createCertificate, createServer, type ServerEvent, type Step, type TestServer } from '@postrider/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createActor } from 'xstate'
import { byName } from '../interop/auth/mechanisms.js'
import { everyMechanism } from '../interop/auth/offers.js'
import { leaks, traces } from './trace.js'

const certificate = createCertificate({ names: ['alice'] })
const user = {
  username: 'alice',
  password: 'canary-Pferd7 käfig',
  token: 'ya29.Canary-Token_77~x',
  certificate: certificate.cert,
}
const wrong = { password: 'canary-Esel8 käfig', token: 'ya29.Wrong-Canary_88~y' }
/** The second line of the private key is nothing but key. */
const [, , keyLine = ''] = certificate.key.split('\n')
const secrets = [user.password, user.token, wrong.password, wrong.token, keyLine].flatMap(traces)
const offers = await everyMechanism(user)
const names = offers.map(({ name }) => name) as MechanismName[]
/** One of each kind, for what takes long. */
const kinds = ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256', 'OAUTHBEARER', 'XOAUTH2', 'CRAM-MD5', 'PLAIN', 'LOGIN'] as const

let server: TestServer
let evidence: Map<string, unknown>
let events: (SessionEvent | ServerEvent)[]

beforeEach(async () => {
  evidence = new Map()
  events = []
  server = await createServer({
    tls: 'starttls',
    tlsOptions: { requestCert: true },
    requireAuth: true,
    auth: { users: { [user.username]: user.password }, mechanisms: offers },
    onEvent: event => events.push(event),
  })
})

/** Everything is searched here, behind each test; what the tests themselves expect is that there was something to search. */
afterEach(async () => {
  await server.close()
  const all = new Map<string, unknown>([
    ...evidence,
    ['the events', events],
    ['the dialogue', events.flatMap(event => ('type' in event ? transcribe(event) : []))],
    ['the snapshots of the statechart', snapshots(events)],
    ['the server', server],
    ['its transcript', [server.transcript.lines(), String(server.transcript)]],
    ['its ground truth', server.transactions],
    ['its mailbox', [...server.mailbox]],
    ['its mechanisms', offers],
  ])
  const found = [...all].flatMap(([where, value]) => leaks(value, secrets).map(form => `${where}: ${form}`))
  expect(found).toEqual([])
})

/** The statechart led through what the sessions went through, and what it would be persisted as at each step. */
function snapshots(events: readonly (SessionEvent | ServerEvent)[]): unknown[] {
  const seen: unknown[] = []
  let actor = createActor(sessionMachine).start()
  for (const event of events) {
    if (!('type' in event) || event.type !== 'state') continue
    const step = { type: event.event } as SessionMachineEvent
    const before = actor.getSnapshot()
    if (before.status !== 'active' || !before.can(step)) actor = createActor(sessionMachine).start()
    actor.send(step)
    const { value, context, error, output } = actor.getSnapshot()
    seen.push({ value, context, error, output }, actor.getPersistedSnapshot())
  }
  return seen
}

/** A session up to the point where it may log in; `patience` in milliseconds. */
async function secured(patience?: number) {
  const { session, channel } = open({
    host: 'localhost',
    port: server.port,
    tls: { ca: server.certificate?.cert, ...certificate },
    ...(patience && { timeouts: { command: patience } }),
    observe: event => events.push(event),
  })
  await session.opened()
  await session.hello()
  await session.startTls()
  await session.hello()
  return { session, channel }
}

/** What the other end of the connection knows it by. */
function binding({ channel }: Awaited<ReturnType<typeof secured>>) {
  const { socket } = channel
  if (socket === undefined || !('exportKeyingMaterial' in socket)) throw new Error('there is no TLS')
  return { type: 'tls-exporter', data: socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0)) }
}

/** The mechanism by its own function, for the user or for somebody who guesses. */
function mechanismFor(
  name: MechanismName,
  who: 'right' | 'wrong',
  place: Awaited<ReturnType<typeof secured>>,
): ClientMechanism {
  const credentials = { ...user, ...(who === 'wrong' && wrong), host: 'localhost', port: server.port }
  return byName(name, credentials, name.endsWith('-PLUS') ? binding(place) : undefined)
}

/**
 * What is shown to who prints it. A channel hands out Node's socket, and a client its password, to who asks for them by name;
 * those are not asked here.
 */
function printed(value: object): string[] {
  return [inspect(value, { depth: 10, showHidden: true }), JSON.stringify(value), String(value)]
}

/** Keeps what came of it, a value or an error. */
async function keep(where: string, act: () => Promise<unknown>): Promise<unknown> {
  const outcome = await act().catch((error: unknown) => error)
  evidence.set(where, outcome)
  return outcome
}

describe('a session', () => {
  describe.each(names)('with %s', name => {
    for (const initialResponse of [true, false]) {
      it(`shows no secret, ${initialResponse ? 'with' : 'without'} initial response`, async () => {
        for (const who of name === 'EXTERNAL' ? (['right'] as const) : (['wrong', 'right'] as const)) {
          const place = await secured()
          const mechanism = mechanismFor(name, who, place)
          await keep(`the ${who} login`, () => place.session.authenticate(mechanism, { initialResponse }))
          expect(place.session.authenticated).toBe(who === 'right')
          evidence.set(`the session of the ${who} login`, [place.session, mechanism])
          evidence.set(`the channel of the ${who} login`, printed(place.channel))
          await place.session.quit()
        }
      })
    }
  })

  const broken: readonly [string, readonly Step[]][] = [
    ['resets the connection', [{ end: 'reset' }]],
    ['reports success at once', [{ send: '235 2.7.0 welcome\r\n' }]],
    [
      'sends a challenge that is not base64',
      [{ send: '334 !!!\r\n' }, { expect: '*' }, { send: '501 5.5.2 so be it\r\n' }],
    ],
    [
      'sends a challenge that makes no sense',
      [{ send: '334 AAAA\r\n' }, { expect: /./ }, { send: '535 5.7.8 no\r\n' }],
    ],
    ['says something else', [{ send: '250 ok\r\n' }]],
    ['closes the session', [{ send: '421 4.3.0 not now\r\n' }, { end: 'close' }]],
    ['says what no server says', [{ send: 'what?\r\n' }]],
  ]
  describe.each(broken)('with a server that %s', (_what, steps) => {
    it.each(kinds)('shows no secret of %s', async name => {
      let misbehaved = 0
      for (const phase of ['auth', 'response'] as const) {
        const place = await secured()
        const rule = server.misbehave({ phase, steps })
        const mechanism = mechanismFor(name, 'right', place)
        await keep(`the login, at ${phase}`, () => place.session.authenticate(mechanism))
        await keep(`what comes behind it, at ${phase}`, () => place.session.noop())
        evidence.set(`the session, at ${phase}`, [place.session, mechanism])
        misbehaved += rule.applied
        rule.remove()
        place.session.abort()
      }
      expect(misbehaved).toBeGreaterThan(0)
    })
  })

  it('shows no secret when the server says nothing', async () => {
    const place = await secured(500)
    server.misbehave({ phase: 'response', steps: [{ stall: true }] })
    const mechanism = mechanismFor('SCRAM-SHA-256', 'right', place)
    await keep('the login', () => place.session.authenticate(mechanism))
    expect(place.session.closedBy).toMatchObject({ code: 'ETIMEDOUT' })
  })

  it('shows no secret that is sent by hand', async () => {
    const { session } = await secured()
    const base64 = (text: string) => Buffer.from(text).toString('base64')
    await keep('AUTH as a command', () => session.command(`AUTH PLAIN ${base64(`\0alice\0${wrong.password}`)}`))
    for (const line of ['AUTH LOGIN', base64('alice'), base64(user.password)]) {
      session.send(Buffer.from(`${line}\r\n`))
      await keep(`the reply to ${line.slice(0, 10)}`, () => session.reply())
    }
    expect(events).toContainEqual(expect.objectContaining({ kind: 'authenticated', user: 'alice' }))
    evidence.set('the session', session)
    await session.quit()
  })

  it('shows no secret that is sent by hand in one write with its command', async () => {
    const { session } = await secured()
    const base64 = (text: string) => Buffer.from(text).toString('base64')
    session.send(Buffer.from(`AUTH LOGIN\r\n${base64('alice')}\r\n${base64(user.password)}\r\n`))
    for (let count = 0; count < 3; count++) await keep(`reply ${count}`, () => session.reply())
    expect(events).toContainEqual(expect.objectContaining({ kind: 'authenticated', user: 'alice' }))
    session.abort()
  })
})

describe('a mailer', () => {
  const message = 'From: a@example.org\r\nTo: b@example.org\r\n\r\nhello\r\n'
  const mailServer = (name: MechanismName, who: 'right' | 'wrong', scram: ChooseOptions['scram']): MailServer => ({
    host: 'localhost',
    port: server.port,
    tls: 'starttls',
    tlsOptions: { ca: server.certificate?.cert, ...certificate },
    auth:
      name === 'EXTERNAL'
        ? { external: true }
        : { ...user, ...(who === 'wrong' && wrong), allow: [name], ...(scram && { scram }) },
    onEvent: event => events.push(event),
  })

  it.each(names)('shows no secret of %s', async name => {
    for (const who of name === 'EXTERNAL' ? (['right'] as const) : (['wrong', 'right'] as const)) {
      const keys = new ScramKeyCache()
      const options = mailServer(name, who, { keys })
      const outcome = await keep(`the message of the ${who} login`, () => send_message(options, message))
      expect(outcome instanceof Error).toBe(who === 'wrong')
      const mailer = createMailer(options)
      await keep(`the verification of the ${who} login`, () => mailer.verify())
      await keep(`the pool of the ${who} login`, () => mailer.sendMessage(message))
      evidence.set(`the mailer of the ${who} login`, [mailer, mailer.stats(), keys])
      await mailer.close()
    }
  })

  it('shows no secret of an address or of options that cannot be', async () => {
    const url = `smtp://alice:${encodeURIComponent(user.password)}@localhost`
    await keep('the port', () => send_message(`${url}:99999`, message))
    await keep('the host', () => send_message(`${url}[`, message))
    await keep('the mechanism', () => send_message({ auth: { ...user, allow: ['NONE' as MechanismName] } }, message))
    await keep('the password', () => send_message({ auth: { ...user, password: `${user.password}\0` } }, message))
    for (const outcome of evidence.values()) expect(outcome).toBeInstanceOf(Error)
  })
})

describe('the SMTP client of smtplib', () => {
  it.each([undefined, 'smtplib'] as const)('shows no secret in its debug output, compat %s', async compat => {
    const lines: string[] = []
    const write = vi.spyOn(process.stderr, 'write').mockImplementation(text => lines.push(String(text)) > 0)
    try {
      for (const password of [wrong.password, user.password]) {
        await using client = await SMTP.open({
          host: 'localhost',
          port: server.port,
          tlsOptions: { ca: server.certificate?.cert },
          debuglevel: 2,
          ...(compat && { compat }),
          onEvent: event => events.push(event),
        })
        await client.starttls()
        await keep(`the login with ${lines.length} lines`, () => client.login(user.username, password))
        evidence.set(`the client with ${lines.length} lines`, printed(client))
        await keep('AUTH as a command', () =>
          client.docmd('AUTH', `PLAIN ${Buffer.from(`\0alice\0${user.password}`).toString('base64')}`),
        )
      }
    } finally {
      write.mockRestore()
    }
    expect(lines.join('')).toMatch(/AUTH \S+ \*\*\*/i)
    evidence.set('the debug output', lines)
  })
})
