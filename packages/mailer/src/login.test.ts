// What the mailer does about channel bindings, derived keys and tokens from login to login.
import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectNet } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import {
  type ChannelBinding,
  type Pbkdf2Request,
  Secret,
  type ServerMechanism,
  type ServerStep,
  scramRecord,
  serverOAuthBearer,
  serverPlain,
  serverScram,
} from '@postrider/auth-sasl'
import { type AuthFacts, createServer, type MechanismOffer, type TestServer } from '@postrider/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import {
  createMailer,
  type Mailer,
  type MailerOptions,
  SMTPAuthenticationError,
  SMTPNotSupportedError,
} from './index.js'
import { LoginMemory } from './login-memory.js'

const account = { username: 'tim', password: 'tanstaaftanstaaf' }
const record = await scramRecord('SHA-256', account.password)
/** OpenSSL's SSL_OP_NO_EXTENDED_MASTER_SECRET, which Node has no name for. */
const noExtendedMasterSecret = 1

const open = new Set<{ close(): Promise<void> }>()

afterEach(async () => {
  for (const one of [...open].reverse()) await one.close()
  open.clear()
})

interface Bound {
  /** Types that the server knows. Default: every one. */
  readonly types?: readonly string[]
  /** What becomes of a login that is refused. */
  readonly twist?: (mechanism: ServerMechanism) => ServerMechanism
  readonly names?: readonly string[]
}

/** A server that offers SCRAM with -PLUS and without, and PLAIN. */
async function startBound(
  { types, twist = mechanism => mechanism, names = ['SCRAM-SHA-256-PLUS'] }: Bound = {},
  maxVersion: 'TLSv1.2' | 'TLSv1.3' = 'TLSv1.3',
): Promise<TestServer> {
  const bindings = ({ tlsSocket }: AuthFacts): ChannelBinding[] =>
    serverBindings(tlsSocket as TLSSocket, server).filter(({ type }) => types?.includes(type) ?? true)
  const offer = (name: string): MechanismOffer => ({
    name,
    create: facts =>
      twist(
        serverScram('SHA-256', {
          lookup: () => record,
          plus: name.endsWith('-PLUS'),
          channelBindings: bindings(facts),
        }),
      ),
  })
  const server = await createServer({
    tls: 'starttls',
    tlsOptions: { maxVersion },
    auth: {
      users: {},
      mechanisms: [
        ...names.map(offer),
        offer('SCRAM-SHA-256'),
        { name: 'PLAIN', create: () => serverPlain({ verify: () => true }) },
      ],
    },
  })
  open.add(server)
  return server
}

/** Of the handshakes with servers of `startBound`, whether they resumed a session. */
const resumed: boolean[] = []

function serverBindings(socket: TLSSocket, { certificate }: TestServer): ChannelBinding[] {
  resumed.push(socket.isSessionReused())
  const unique = socket.isSessionReused() ? socket.getFinished() : socket.getPeerFinished()
  // The certificates of the testkit are signed with SHA-256.
  const hash = createHash('sha256')
    .update(new X509Certificate(certificate?.cert ?? '').raw)
    .digest()
  return [
    { type: 'tls-exporter', data: socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0)) },
    { type: 'tls-unique', data: unique ?? Buffer.alloc(0) },
    { type: 'tls-server-end-point', data: hash },
  ]
}

/** A server half whose steps are changed on their way out. */
function changed(change: (step: ServerStep, round: number) => ServerStep) {
  return (mechanism: ServerMechanism): ServerMechanism => {
    let round = 0
    return {
      name: mechanism.name,
      start: async initial => change(await mechanism.start(initial), round++),
      respond: async response => change(await mechanism.respond(response), round++),
    }
  }
}

const refusal = (code: number, enhanced: string): ServerStep => ({
  kind: 'failure',
  reason: 'as the test wants it',
  reply: { code, enhanced, text: 'no' },
})

/** As Cyrus: whatever is wrong is said in answer to the proof, with 501. */
function likeCyrus(mechanism: ServerMechanism): ServerMechanism {
  let isLost = false
  return {
    name: mechanism.name,
    start: async initial => {
      const step = await mechanism.start(initial)
      isLost = step.kind === 'failure'
      const nonce = /r=([^,]+)/.exec(Buffer.from(initial ?? []).toString())?.[1]
      const first = Buffer.from(`r=${nonce}x,s=${Buffer.from(record.salt).toString('base64')},i=4096`)
      return isLost ? { kind: 'challenge', challenge: first } : step
    },
    respond: async response => {
      const step = isLost ? refusal(501, '5.5.4') : await mechanism.respond(response)
      return step.kind === 'failure' ? refusal(501, '5.5.4') : step
    },
  }
}

function makeMailer(
  server: TestServer,
  auth: Partial<MailerOptions['auth']> = {},
  options: Partial<MailerOptions> = {},
): Mailer {
  const { tlsOptions, ...rest } = options
  const mailer = createMailer({
    host: 'localhost',
    port: server.port,
    tls: 'starttls',
    tlsOptions: { ca: server.certificate?.cert, ...tlsOptions },
    auth: { ...account, ...auth } as NonNullable<MailerOptions['auth']>,
    maxMessages: 1,
    ...rest,
  })
  open.add(mailer)
  return mailer
}

const send = (mailer: Mailer) => mailer.sendmail('a@example.test', 'b@example.test', 'Subject: x\r\n\r\nx\r\n')

/** What was tried, one word for each AUTH: the mechanism. */
const attempts = (server: TestServer): string[] =>
  [...String(server.transcript).matchAll(/C: AUTH (\S+)/g)].map(([, name = '']) => name)

describe('channel binding', () => {
  it.each([
    ['TLSv1.3', {}, 'tls-exporter'],
    ['TLSv1.2', {}, 'tls-unique'],
    ['TLSv1.2', { secureOptions: noExtendedMasterSecret }, 'tls-server-end-point'],
  ] as const)('is by the best that is sound in %s %j: %s (RFC 9266, RFC 5929)', async (version, tlsOptions, type) => {
    const server = await startBound({ types: [type] }, version)
    const mailer = makeMailer(server, { require: 'channel-binding' }, { tlsOptions })
    await mailer.verify()
    expect(attempts(server)).toEqual(['SCRAM-SHA-256-PLUS'])
  })

  it('uses tls-unique in TLS 1.2 with the extended master secret alone (RFC 9266 1)', async () => {
    const server = await startBound({ types: ['tls-unique'] }, 'TLSv1.2')
    const mailer = makeMailer(
      server,
      { require: 'channel-binding' },
      { tlsOptions: { secureOptions: noExtendedMasterSecret } },
    )
    await expect(mailer.verify()).rejects.toBeInstanceOf(SMTPAuthenticationError)
    expect(attempts(server)).toEqual(['SCRAM-SHA-256-PLUS'])
  })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'takes the Finished message of the server in a resumed session of %s (RFC 5929 3.1)',
    async version => {
      const server = await startBound({ types: ['tls-unique'] }, version)
      const auth = { channelBindings: ['tls-unique'] as const }
      await makeMailer(server, auth, { tlsOptions: { session: await sessionOf(server) } }).verify()
      expect(resumed.at(-1)).toBe(true)
      expect(attempts(server)).toEqual(['SCRAM-SHA-256-PLUS'])
    },
  )

  it.each([
    ['501 to the proof, as from Cyrus', likeCyrus],
    ['535 before the proof', undefined],
    [
      'e=unsupported-channel-binding-type',
      changed(step =>
        step.kind === 'failure'
          ? { kind: 'challenge', challenge: Buffer.from('e=unsupported-channel-binding-type') }
          : step,
      ),
    ],
  ] as const)(
    'goes on to tls-unique on the same connection after %s, and begins with it from then on',
    async (_how, twist) => {
      const server = await startBound({ types: ['tls-unique'], ...(twist && { twist }) })
      const mailer = makeMailer(server)
      await send(mailer)
      expect(attempts(server)).toEqual(['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256-PLUS'])
      await send(mailer)
      expect(attempts(server)).toHaveLength(3)
      expect(mailer.stats().opened).toBe(2)
    },
  )

  it('tries one other type when 501 may mean the password, none without binding, and says what can be done (T-26)', async () => {
    const server = await startBound({ twist: likeCyrus })
    const mailer = makeMailer(server, { password: 'wrong' })
    const error = await mailer.verify().catch((error: unknown) => error)
    expect(error).toBeInstanceOf(SMTPAuthenticationError)
    expect(error).toMatchObject({ responseCode: 501, credentialsSent: true, retry: 'never' })
    expect(String(error)).toContain('tls-exporter and tls-unique')
    expect(String(error)).toContain('channelBindings')
    expect(String(error)).toContain('-PLUS in deny')
    expect(attempts(server)).toEqual(['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256-PLUS'])
  })

  it('does not doubt a type that was good before: 501 is then about the password', async () => {
    let isChanged = false
    const spoil = changed((step, round) => (isChanged && round === 1 ? refusal(501, '5.5.4') : step))
    const server = await startBound({ types: ['tls-exporter'], twist: spoil })
    const mailer = makeMailer(server)
    await send(mailer)
    isChanged = true
    await expect(send(mailer)).rejects.toBeInstanceOf(SMTPAuthenticationError)
    expect(attempts(server)).toHaveLength(2)
    // And then it does: the server may have changed.
    await expect(send(mailer)).rejects.toBeInstanceOf(SMTPAuthenticationError)
    expect(attempts(server)).toHaveLength(4)
  })

  it('says 535 to the proof once: that is the password', async () => {
    const server = await startBound()
    const error = await makeMailer(server, { password: 'wrong' })
      .verify()
      .catch((error: unknown) => error)
    expect(error).toMatchObject({ responseCode: 535 })
    expect(String(error)).not.toContain('channelBindings')
    expect(attempts(server)).toEqual(['SCRAM-SHA-256-PLUS'])
  })

  it('does not go on after a refusal that is for later', async () => {
    const server = await startBound({ twist: changed(() => refusal(454, '4.7.0')) })
    await expect(makeMailer(server).verify()).rejects.toMatchObject({ responseCode: 454, retry: 'later' })
    expect(attempts(server)).toEqual(['SCRAM-SHA-256-PLUS'])
  })

  it('goes on after 504 to what is bound too, and to nothing else', async () => {
    const twist = changed((step, round) => (round === 0 ? refusal(504, '5.5.4') : step))
    const server = await startBound({ twist, names: ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-1-PLUS'] })
    await expect(makeMailer(server).verify()).rejects.toMatchObject({ responseCode: 504 })
    expect(attempts(server)).toEqual(['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-1-PLUS'])
  })

  it('is by the types that the user names, in his order, and by the certificate where he says so', async () => {
    const server = await startBound({ types: ['tls-server-end-point'] })
    const mailer = makeMailer(server, { channelBindings: ['tls-unique', 'tls-server-end-point'] })
    await mailer.verify()
    expect(attempts(server)).toHaveLength(2)
    const narrow = makeMailer(server, { channelBindings: ['tls-unique'] })
    await expect(narrow.verify()).rejects.toThrow('the connection as identified by tls-unique: name another')
    expect(attempts(server)).toHaveLength(3)
    const none = makeMailer(server, { channelBindings: [], require: 'channel-binding' })
    await expect(none.verify()).rejects.toBeInstanceOf(SMTPNotSupportedError)
    expect(attempts(server)).toHaveLength(3)
  })

  it('is by no type that nobody knows', () => {
    const auth = { ...account, channelBindings: ['tls-uniqe'] } as unknown as NonNullable<MailerOptions['auth']>
    expect(() => createMailer({ auth })).toThrow(
      'auth.channelBindings names tls-uniqe, and knows tls-exporter, tls-unique',
    )
  })

  it('is left out where the user says so', async () => {
    const server = await startBound()
    // To "y" this server would say that somebody has removed the offer; "n" it takes.
    await makeMailer(server, { deny: ['SCRAM-SHA-256-PLUS'] }).verify()
    expect(attempts(server)).toEqual(['SCRAM-SHA-256'])
  })
})

describe('a refusal (RFC 4954 6)', () => {
  it.each([
    [432, '4.7.12', 'transition', 'never'],
    [454, '4.7.0', 'time', 'later'],
    [534, '5.7.9', 'mechanism', 'never'],
    [535, '5.7.8', 'credentials', 'never'],
    [538, '5.7.11', 'encryption', 'never'],
    [535, '5.7.1', 'credentials', 'never'],
    [550, '5.7.1', undefined, 'never'],
  ] as const)(
    'by %d %s says what would help (%s), when to try again (%s), and that the password is out',
    async (code, enhanced, remedy, retry) => {
      const server = await createServer({
        tls: 'starttls',
        auth: {
          users: {},
          mechanisms: [
            {
              name: 'PLAIN',
              create: () => changed(() => refusal(code, enhanced))(serverPlain({ verify: () => true })),
            },
          ],
        },
      })
      open.add(server)
      const error = await makeMailer(server)
        .verify()
        .catch((error: unknown) => error)
      expect(error).toBeInstanceOf(SMTPAuthenticationError)
      expect(error).toMatchObject({
        responseCode: code,
        enhancedCode: enhanced,
        retry,
        credentialsSent: true,
        code: 'EAUTH',
        command: 'AUTH PLAIN',
      })
      expect((error as SMTPAuthenticationError).remedy).toBe(remedy)
      // Nothing weaker is tried, and nothing a second time.
      expect(attempts(server)).toEqual(['PLAIN'])
    },
  )
})

describe('derived keys', () => {
  it('are derived once for all connections of a mailer, and forgotten when it is closed', async () => {
    const server = await startBound()
    const memory = new LoginMemory(account, undefined)
    const { keys } = memory.scram
    const mailer = makeMailer(server, { scram: { keys } })
    for (let count = 0; count < 3; count++) await send(mailer)
    expect(mailer.stats().opened).toBe(3)
    expect(keys?.size).toBe(1)
    memory.clear()
    expect(keys?.size).toBe(0)
  })

  it('are derived two at a time (T-25)', async () => {
    let running = 0
    let most = 0
    const slow = async ({ length }: Pbkdf2Request): Promise<Uint8Array> => {
      most = Math.max(most, ++running)
      await new Promise(resolve => setImmediate(resolve))
      running--
      return new Uint8Array(length)
    }
    const { pbkdf2 } = new LoginMemory(account, undefined, slow).scram
    const request = {
      hash: 'SHA-1',
      password: new Uint8Array(1),
      salt: new Uint8Array(1),
      iterations: 4096,
      length: 20,
    } as const
    await Promise.all(Array.from({ length: 8 }, () => pbkdf2?.(request)))
    expect(most).toBe(2)
  })

  it('are those of RFC 6070 by Node', async () => {
    const { pbkdf2 } = new LoginMemory(account, undefined).scram
    const text = (text: string) => new TextEncoder().encode(text)
    const request = {
      hash: 'SHA-1',
      password: text('password'),
      salt: text('salt'),
      iterations: 4096,
      length: 20,
    } as const
    expect(Buffer.from((await pbkdf2?.(request)) ?? []).toString('hex')).toBe(
      '4b007901b765489abead49d926f721d065a429c1',
    )
  })

  it('are derived as the user wants it', async () => {
    const server = await startBound()
    const asked: number[] = []
    const own = async (request: Pbkdf2Request): Promise<Uint8Array> => {
      asked.push(request.iterations)
      return (await new LoginMemory(account, undefined).scram.pbkdf2?.(request)) ?? new Uint8Array(0)
    }
    const mailer = makeMailer(server, { scram: { pbkdf2: own } })
    await send(mailer)
    await send(mailer)
    expect(asked).toEqual([4096])
  })
})

describe('an OAuth token', () => {
  const good = 'token-2'
  async function startTokens(accepts: (token: string) => boolean): Promise<TestServer> {
    const verify = ({ token }: { readonly token: Secret }) =>
      accepts(token.reveal()) ? { identity: 'tim' } : { failure: { status: 'invalid_token' } }
    const server = await createServer({
      tls: 'starttls',
      auth: { users: {}, mechanisms: [{ name: 'OAUTHBEARER', create: () => serverOAuthBearer({ verify }) }] },
    })
    open.add(server)
    return server
  }
  const makeTokenMailer = (server: TestServer, token: unknown, options: Partial<MailerOptions> = {}) =>
    makeMailer(server, { password: undefined, token } as Partial<MailerOptions['auth']>, options)

  it('is fetched once for ten connections at the same time', async () => {
    const server = await startTokens(() => true)
    let calls = 0
    const fetch = async () => {
      calls++
      await new Promise(resolve => setTimeout(resolve, 20))
      return 'token'
    }
    const mailer = makeTokenMailer(server, fetch, { maxConnections: 10 })
    await Promise.all(Array.from({ length: 10 }, () => send(mailer)))
    expect(mailer.stats().opened).toBe(10)
    expect(attempts(server)).toHaveLength(10)
    expect(calls).toBe(1)
  })

  it('is fetched anew once when it is refused, for all ten, on the same connections', async () => {
    let calls = 0
    const server = await startTokens(token => token === good)
    const mailer = makeTokenMailer(server, () => `token-${++calls}`, { maxConnections: 10 })
    await Promise.all(Array.from({ length: 10 }, () => send(mailer)))
    expect(mailer.stats().opened).toBe(10)
    expect(calls).toBe(2)
  })

  it('is fetched anew when it has expired', async () => {
    let calls = 0
    const server = await startTokens(() => true)
    const mailer = makeTokenMailer(server, () => ({
      token: `token-${++calls}`,
      expires: calls === 1 ? 1 : new Date(9e12),
    }))
    for (let count = 0; count < 3; count++) await send(mailer)
    expect(calls).toBe(2)
  })

  it('that is refused twice ends the login, with what the server said about it', async () => {
    let calls = 0
    const server = await startTokens(() => false)
    const error = await makeTokenMailer(server, () => `token-${++calls}`)
      .verify()
      .catch((error: unknown) => error)
    expect(error).toMatchObject({ responseCode: 535, credentialsSent: true })
    expect((error as Error).cause).toMatchObject({ cause: { code: 'EREFUSED', oauth: { status: 'invalid_token' } } })
    expect(calls).toBe(2)
    expect(attempts(server)).toHaveLength(2)
  })

  it('that comes again after its refusal is not sent again', async () => {
    const server = await startTokens(() => false)
    await expect(makeTokenMailer(server, () => 'token').verify()).rejects.toMatchObject({ responseCode: 535 })
    expect(attempts(server)).toHaveLength(1)
  })

  it('that was given as it is is sent once', async () => {
    const server = await startTokens(() => false)
    for (const token of ['token', new Secret('token')])
      await expect(makeTokenMailer(server, token).verify()).rejects.toMatchObject({ responseCode: 535 })
    expect(attempts(server)).toHaveLength(2)
  })

  it('that cannot be had ends the login with the reason, and the next login asks again', async () => {
    let calls = 0
    const server = await startTokens(() => true)
    const fetch = () => {
      if (++calls === 1) throw new Error('the authorization server is away')
      return 'token'
    }
    const mailer = makeTokenMailer(server, fetch)
    await expect(mailer.verify()).rejects.toThrow('the authorization server is away')
    await mailer.verify()
    expect(calls).toBe(2)
  })
})

/** A TLS session that can be resumed; the mailer has no use for those of its own connections. */
async function sessionOf(server: TestServer): Promise<Buffer> {
  const raw = connectNet({ port: server.port, host: server.host })
  await once(raw, 'data')
  raw.write('EHLO x\r\n')
  await once(raw, 'data')
  raw.write('STARTTLS\r\n')
  await once(raw, 'data')
  const socket = connect({ socket: raw, ca: server.certificate?.cert, servername: 'localhost' })
  const [session] = await once(socket, 'session')
  socket.destroy()
  return session
}
