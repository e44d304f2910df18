import { pbkdf2, pbkdf2Sync } from 'node:crypto'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { exchange, latin1, octets } from '../test/exchange.js'
import {
  AuthenticationError,
  type ClientMechanism,
  type Pbkdf2,
  type ScramHash,
  ScramKeyCache,
  type ScramOptions,
  type ScramRecord,
  type ServerScramOptions,
  scram,
  scramRecord,
  serverScram,
} from './index.js'

const user = { username: 'user', password: 'pencil' }
const HASHES: readonly ScramHash[] = ['SHA-1', 'SHA-256', 'SHA-512']

const derive = promisify(pbkdf2)
const nodePbkdf2: Pbkdf2 = ({ password, salt, iterations, length, hash }) =>
  derive(password, salt, iterations, length, hash.replace('-', ''))

interface Vector {
  readonly hash: ScramHash
  readonly options: ScramOptions
  readonly clientFirst: string
  readonly serverFirst: string
  readonly clientFinal: string
  readonly serverFinal: string
}

const CLIENT = 'rOprNGfwEbeRWgbNEkqO'
const BOTH = `${CLIENT}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0`
const SERVER_FIRST = `r=${BOTH},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`

/** @param data the octets in hexadecimal, or how many of 0, 1, 2 and so on */
function bound(hash: ScramHash, type: string, data: string | number, messages: readonly string[]): Vector {
  const [c = '', p = '', v = ''] = messages
  const octets = typeof data === 'string' ? Buffer.from(data, 'hex') : Uint8Array.from({ length: data }, (_, i) => i)
  return {
    hash,
    options: { nonce: () => CLIENT, channelBinding: { type, data: octets } },
    clientFirst: `p=${type},,n=user,r=${CLIENT}`,
    serverFirst: SERVER_FIRST,
    clientFinal: `c=${c},r=${BOTH},p=${p}`,
    serverFinal: `v=${v}`,
  }
}

const vectors: readonly (readonly [source: string, vector: Vector])[] = [
  [
    'RFC 5802 section 5',
    {
      hash: 'SHA-1',
      options: { nonce: () => 'fyko+d2lbbFgONRv9qkxdawL' },
      clientFirst: 'n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL',
      serverFirst: 'r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096',
      clientFinal: 'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
      serverFinal: 'v=rmF9pqV8S7suAoZWja4dJRkFsKQ=',
    },
  ],
  [
    'RFC 7677 section 3',
    {
      hash: 'SHA-256',
      options: { nonce: () => CLIENT },
      clientFirst: `n,,n=user,r=${CLIENT}`,
      serverFirst: SERVER_FIRST,
      clientFinal: `c=biws,r=${BOTH},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`,
      serverFinal: 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
    },
  ],
  [
    'SHA-512 (test/scram-vectors.py)',
    {
      hash: 'SHA-512',
      options: { nonce: () => CLIENT },
      clientFirst: `n,,n=user,r=${CLIENT}`,
      serverFirst: SERVER_FIRST,
      clientFinal: `c=biws,r=${BOTH},p=gMGXRcevScNtxZ6/8lQYpGtnsNAc3mGcmNomv+xnoOMw+3R2xNJdMNnzMlTN8PPC6wdp6dybEmDYXYTxwnYPJQ==`,
      serverFinal: 'v=ZQnYEgWQMFmmsM8aQMF0nDDCy/AgCzkwk8CmMZYcMg0vSVlKDanekLtifDSeVGT4+5ZxXnJq199RVG2rR7N7Zw==',
    },
  ],
  [
    'SHA-1-PLUS (test/scram-vectors.py)',
    bound('SHA-1', 'tls-unique', 12, [
      'cD10bHMtdW5pcXVlLCwAAQIDBAUGBwgJCgs=',
      'QFkg+ulaqERFv4niHp/atSnglKc=',
      '+OU00NmE2EJp2C6JjMHszib3gCQ=',
    ]),
  ],
  [
    'SHA-256-PLUS (test/scram-vectors.py)',
    bound('SHA-256', 'tls-exporter', 32, [
      'cD10bHMtZXhwb3J0ZXIsLAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f',
      'QC6CS20quADQRb3mT99YUH+n3VJxUvzuK0K0E1Vrs2M=',
      '2GiAgapEppLVlUXbxUDksL3VgYHzuqiK5tR4mhJGgvs=',
    ]),
  ],
  [
    'SHA-512-PLUS (test/scram-vectors.py)',
    bound('SHA-512', 'tls-server-end-point', 48, [
      'cD10bHMtc2VydmVyLWVuZC1wb2ludCwsAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4v',
      'a8IPB3Ty3s+fXk9wnWzt9wGG1OZEjRa1Z9wdnYODL0b9KskWb5Onmhi8D/r6fYl8RwaZfBwB2mBYi4kMHh4ICw==',
      'l48VebNpN7PRmAKxpNrman/ll8K1QswFzDjkfkwt3ZPVx7gKgz9cvxNt9GtGi+lOLeJeAZMvLHznohoAKLF7yA==',
    ]),
  ],
  [
    'SHA-256-PLUS, tls-exporter of a connection between OpenSSL and GnuTLS (test/scram-vectors.py)',
    bound('SHA-256', 'tls-exporter', '519661d4ce0a03bf2203c41b321bcd37f2903ea1d54b9db0d5a4f160d11465fc', [
      'cD10bHMtZXhwb3J0ZXIsLFGWYdTOCgO/IgPEGzIbzTfykD6h1UudsNWk8WDRFGX8',
      '08ouRRW0qs8RxJ+gjwmiCjsdZSD2r+gcTCauWuJbw5Y=',
      'gXsTWT11S0iTK/7noBfHcVvKfNvfN1K7yFE4N/JfdTQ=',
    ]),
  ],
  [
    'SHA-256-PLUS, tls-unique of a connection between OpenSSL and GnuTLS (test/scram-vectors.py)',
    bound('SHA-256', 'tls-unique', 'e1c26b3eec5347622a9afbc3', [
      'cD10bHMtdW5pcXVlLCzhwms+7FNHYiqa+8M=',
      '6cTlR4jL+pbJUm6F4TGORobEh+NaEIVs6p0PDPIe5Rw=',
      'uXB+iW24J49jo/Vv4ccxfm9GAUhH5yNnogrXqGFa6iU=',
    ]),
  ],
  [
    'SHA-512-PLUS, tls-server-end-point of a connection between OpenSSL and GnuTLS (test/scram-vectors.py)',
    bound('SHA-512', 'tls-server-end-point', '90400c9daab41be556ecace39a5f7dac934dd8cc9acd9b8e85bf95e1c67c24c4', [
      'cD10bHMtc2VydmVyLWVuZC1wb2ludCwskEAMnaq0G+VW7Kzjml99rJNN2MyazZuOhb+V4cZ8JMQ=',
      'vBNklNyBMJMaRqjGuB//YgD55qd8gHdiZ8NO74xn4v3K24gH3Zw051A+3A7tefcGca5Us1U6qyT5/j/faBKdQw==',
      'QXugd2tdVO59jARA4dG65eRZOuuLzjE2xAOvMVrEYVA+pILL7NXvPuj3bgOQ6euF2jNW84ZToqBDI4t0e2vBTg==',
    ]),
  ],
]

async function say(mechanism: ClientMechanism, message: string | Uint8Array): Promise<string> {
  return latin1(await mechanism.respond(typeof message === 'string' ? octets(message) : message))
}

async function begun(options: ScramOptions = {}): Promise<ClientMechanism> {
  const mechanism = scram('SHA-256', user, { nonce: () => CLIENT, pbkdf2: nodePbkdf2, ...options })
  await mechanism.start()
  return mechanism
}

async function rejection(promise: Promise<unknown>): Promise<AuthenticationError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof AuthenticationError) return error
  throw new Error(`no AuthenticationError was thrown, but ${String(error)}`)
}

describe.each(vectors)('SCRAM vector: %s', (_, vector) => {
  it('client', async () => {
    const mechanism = scram(vector.hash, user, vector.options)
    expect(latin1((await mechanism.start()) ?? octets(''))).toBe(vector.clientFirst)
    expect(await say(mechanism, vector.serverFirst)).toBe(vector.clientFinal)
    expect(() => mechanism.finish?.()).toThrow('success without its signature')
    expect(await say(mechanism, vector.serverFinal)).toBe('')
    expect(() => mechanism.finish?.()).not.toThrow()
  })

  it('client with the PBKDF2 of the platform', async () => {
    const mechanism = scram(vector.hash, user, { ...vector.options, pbkdf2: nodePbkdf2 })
    await mechanism.start()
    expect(await say(mechanism, vector.serverFirst)).toBe(vector.clientFinal)
  })

  it('server', async () => {
    const [, bothNonces = '', salt = ''] = /^r=([^,]+),s=([^,]+)/.exec(vector.serverFirst) ?? []
    const clientNonce = vector.options.nonce?.() ?? ''
    const binding = typeof vector.options.channelBinding === 'object' ? [vector.options.channelBinding] : []
    const record = await scramRecord(vector.hash, 'pencil', { salt: Buffer.from(salt, 'base64') })
    const server = serverScram(vector.hash, {
      lookup: name => (name === 'user' ? record : undefined),
      nonce: () => bothNonces.slice(clientNonce.length),
      plus: binding.length > 0,
      channelBindings: binding,
    })
    expect(await server.start(octets(vector.clientFirst))).toEqual({
      kind: 'challenge',
      challenge: octets(vector.serverFirst),
    })
    expect(await server.respond(octets(vector.clientFinal))).toEqual({
      kind: 'challenge',
      challenge: octets(vector.serverFinal),
    })
    expect(await server.respond(octets(''))).toEqual({ kind: 'success', identity: 'user' })
  })
})

describe('SCRAM client: what it sends (RFC 5802)', () => {
  async function first(credentials: Parameters<typeof scram>[1], options: ScramOptions = {}): Promise<string> {
    const octetsSent = await scram('SHA-1', credentials, { nonce: () => 'abc', ...options }).start()
    return Buffer.from(octetsSent ?? []).toString('utf8')
  }

  it('writes "," and "=" in names as "=2C" and "=3D" (5.1, T-23)', async () => {
    expect(await first({ ...user, username: 'a=b,c', authorization: ',=2C' })).toBe('n,a==2C=3D2C,n=a=3Db=2Cc,r=abc')
  })

  it('prepares the user name as a query and the password as a stored string', async () => {
    expect(await first({ ...user, username: '\u2168\u{1f511}' })).toBe('n,,n=IX\u{1f511},r=abc')
    expect(() => scram('SHA-1', { ...user, password: '\u{1f511}' })).toThrow('the password: unassigned code point')
    expect(() => scram('SHA-1', { ...user, username: '\u00ad' })).toThrow('the user name is empty')
    expect(await first({ ...user, password: '\u{1f511}' }, { prepare: text => text })).toBe('n,,n=user,r=abc')
  })

  it('logs in with differently typed spellings of one password', async () => {
    const record = await scramRecord('SHA-1', 'I\u00adX')
    const { step } = await exchange(
      scram('SHA-1', { ...user, password: '\u2168' }),
      serverScram('SHA-1', { lookup: () => record }),
    )
    expect(step.kind).toBe('success')
  })

  it.each([
    ['n', undefined],
    ['y', 'unoffered' as const],
    ['p=tls-exporter', { type: 'tls-exporter', data: octets('x') }],
  ])('says %s about channel binding (section 6, T-26)', async (flag, channelBinding) => {
    expect(await first(user, { channelBinding })).toBe(`${flag},,n=user,r=abc`)
  })

  it('is named -PLUS exactly when it binds', () => {
    expect(scram('SHA-512', user, { channelBinding: { type: 'tls-unique', data: octets('x') } }).name).toBe(
      'SCRAM-SHA-512-PLUS',
    )
    expect(scram('SHA-512', user, { channelBinding: 'unoffered' }).name).toBe('SCRAM-SHA-512')
  })

  it('refuses a binding that cannot be written or binds nothing', () => {
    for (const binding of [
      { type: 'tls,exporter', data: octets('x') },
      { type: '', data: octets('x') },
      { type: 'tls-exporter', data: octets('') },
    ])
      expect(() => scram('SHA-1', user, { channelBinding: binding })).toThrow(
        expect.objectContaining({ code: 'EPOLICY', fault: 'local' }),
      )
  })

  it('makes a nonce of 144 bits that never repeats', async () => {
    const mechanism = scram('SHA-1', user)
    const nonces = new Set<string>()
    for (let time = 0; time < 50; time++) nonces.add(latin1((await mechanism.start()) ?? octets('')))
    expect(nonces.size).toBe(50)
    for (const nonce of nonces) expect(nonce).toMatch(/^n,,n=user,r=[A-Za-z0-9+/]{24}$/)
  })

  it.each(['', 'a,b', 'a b', 'ä', 'a\x01'])('refuses to use the nonce %j', nonce => {
    expect(() => scram('SHA-1', user, { nonce: () => nonce }).start()).toThrow('the nonce')
  })

  it('refuses what it cannot carry', () => {
    expect(() => scram('SHA-1', { ...user, password: 'a\0' })).toThrow('the password: a control character, character 2')
    expect(() => scram('SHA-1', { ...user, authorization: '\0' })).toThrow('holds a NUL')
    expect(() => scram('SHA-1', { ...user, username: '\ud800' })).toThrow('the user name: half of a surrogate pair')
  })
})

describe('SCRAM client: what it accepts as server-first (T-24)', () => {
  const salt = 's=W22ZaJ0SNY7soEsUEjb6gQ=='
  it.each([
    ['a nonce that is ours alone', `r=${CLIENT},${salt},i=4096`, 'the server added nothing to the nonce'],
    ['a nonce that is not ours', `r=x${BOTH},${salt},i=4096`, 'the nonce does not begin with ours'],
    ['a nonce cut short', `r=${CLIENT.slice(0, -1)},${salt},i=4096`, 'the nonce does not begin with ours'],
    ['a mandatory extension', `m=ext,r=${BOTH},${salt},i=4096`, 'an extension that does not exist'],
    ['a mandatory extension at the end', `r=${BOTH},${salt},i=4096,m=ext`, 'an extension that does not exist'],
    ['attributes in another order', `${salt},r=${BOTH},i=4096`, 'not in their order'],
    ['an attribute twice', `r=${BOTH},${salt},i=4096,i=4096`, 'stands where it does not belong'],
    ['an error that is none', 'e=', 'not a list of attributes'],
    ['no iteration count', `r=${BOTH},${salt}`, 'an attribute is missing'],
    ['no salt', `r=${BOTH},i=4096`, 'not in their order'],
    ['an empty salt', `r=${BOTH},s=,i=4096`, 'not a list of attributes'],
    ['a salt that is not base64', `r=${BOTH},s=W22Z!,i=4096`, 'the salt is not base64'],
    ['a salt with stray bits', `r=${BOTH},s=W22ZaJ0SNY7soEsUEjb6gR==,i=4096`, 'the salt is not base64'],
    ['a nonce with a space', `r=${BOTH} x,${salt},i=4096`, 'the nonce is not printable ASCII'],
    ['no iterations', `r=${BOTH},${salt},i=0`, 'not a positive number'],
    ['negative iterations', `r=${BOTH},${salt},i=-4096`, 'not a positive number'],
    ['iterations with a leading zero', `r=${BOTH},${salt},i=04096`, 'not a positive number'],
    ['iterations with something behind', `r=${BOTH},${salt},i=4096x`, 'not a positive number'],
    ['iterations in hexadecimal', `r=${BOTH},${salt},i=0x1000`, 'not a positive number'],
    ['nothing', '', 'not a list of attributes'],
    ['a NUL', `r=${BOTH},${salt},i=4096,x=\0`, 'holds a NUL'],
    ['text', 'Username:', 'not a list of attributes'],
  ])('refuses %s', async (_, message, why) => {
    const pbkdf2 = vi.fn(nodePbkdf2)
    const error = await rejection(say(await begun({ pbkdf2 }), message))
    expect(error).toMatchObject({ code: 'ECHALLENGE', fault: 'remote', credentialsSent: false, usable: true })
    expect(error.message).toContain(why)
    expect(pbkdf2).not.toHaveBeenCalled()
  })

  it('refuses octets that are not UTF-8', async () => {
    expect((await rejection(say(await begun(), Uint8Array.of(0x72, 0x3d, 0xff)))).message).toContain('not UTF-8')
  })

  it('passes over optional extensions, and signs them', async () => {
    const record = await scramRecord('SHA-256', user.password)
    const extended = (text: string) => `${text},x=future,z=ä`
    const server = serverScram('SHA-256', { lookup: () => record, nonce: () => 'server' })
    const mechanism = await begun()
    const step = await server.start(octets(`n,,n=user,r=${CLIENT}`))
    if (step.kind !== 'challenge') throw new Error('no challenge')
    const final = await say(mechanism, Buffer.from(extended(latin1(step.challenge)), 'utf8'))
    expect(final).toContain('p=')
    // The server has not sent the extension, so its signature over the exchange is another.
    expect((await server.respond(octets(final))).kind).toBe('failure')
  })

  it.each([
    [4095, false],
    [4096, true],
    [4097, true],
    [999_999, true],
    [1_000_000, true],
    [1_000_001, false],
    [Number.MAX_SAFE_INTEGER, false],
  ])('%i iterations: accepted %s, before any work is done (T-25)', async (count, accepted) => {
    const pbkdf2 = vi.fn<Pbkdf2>(({ length }) => new Uint8Array(length))
    const answer = say(await begun({ pbkdf2 }), `r=${BOTH},${salt},i=${count}`)
    if (accepted) expect(await answer).toContain('p=')
    else expect((await rejection(answer)).message).toContain(`asks for ${count} iterations`)
    expect(pbkdf2).toHaveBeenCalledTimes(accepted ? 1 : 0)
  })

  it('is not fooled by a count of a thousand digits', async () => {
    const error = await rejection(say(await begun(), `r=${BOTH},${salt},i=${'9'.repeat(1000)}`))
    expect(error.message.length).toBeLessThan(200)
  })

  it.each([
    [9, false],
    [10, true],
    [20, true],
    [21, false],
  ])('keeps to bounds of its own: %i of 10 to 20 iterations', async (count, accepted) => {
    const mechanism = await begun({ iterations: { minimum: 10, maximum: 20 } })
    const answer = say(mechanism, `r=${BOTH},${salt},i=${count}`)
    if (accepted) expect(await answer).toContain('p=')
    else expect((await rejection(answer)).code).toBe('ECHALLENGE')
  })

  it('refuses a PBKDF2 that gives the wrong length', async () => {
    const mechanism = await begun({ pbkdf2: () => new Uint8Array(20) })
    await expect(say(mechanism, SERVER_FIRST)).rejects.toThrow(RangeError)
  })
})

it('takes an error of the server already in place of server-first, and says that nothing has left', async () => {
  const error = await rejection(say(await begun(), 'e=unsupported-channel-binding-type'))
  expect(error).toMatchObject({
    code: 'EREFUSED',
    fault: 'remote',
    credentialsSent: false,
    scram: 'unsupported-channel-binding-type',
    message: 'SCRAM-SHA-256: the server refuses: unsupported-channel-binding-type',
  })
})

describe('SCRAM client: what it accepts as server-final (T-24)', () => {
  const good = 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4='

  async function proved(): Promise<ClientMechanism> {
    const mechanism = await begun()
    await say(mechanism, SERVER_FIRST)
    return mechanism
  }

  it.each([
    ['a signature of another password', `v=${Buffer.alloc(32).toString('base64')}`, 'EPROOF', false],
    [
      'a signature cut short',
      `v=${Buffer.from(good.slice(2), 'base64').subarray(0, 31).toString('base64')}`,
      'EPROOF',
      false,
    ],
    ['no signature', 'v=', 'ECHALLENGE', true],
    ['nothing', '', 'ECHALLENGE', true],
    ['our own message', `c=biws,r=${BOTH},p=AA==`, 'ECHALLENGE', true],
    ['a mandatory extension', `${good},m=x`, 'ECHALLENGE', true],
    ['a signature and an error', `${good},e=other-error`, 'ECHALLENGE', true],
  ])('refuses %s', async (_, message, code, usable) => {
    const mechanism = await proved()
    const error = await rejection(say(mechanism, message))
    expect(error).toMatchObject({ code, usable, fault: 'remote', credentialsSent: true })
    expect(() => mechanism.finish?.()).toThrow(AuthenticationError)
  })

  it('names a signature that cannot be read', async () => {
    const error = await rejection(say(await proved(), 'v=!'))
    expect(error).toMatchObject({ code: 'ECHALLENGE', message: 'SCRAM-SHA-256: the signature is not base64' })
  })

  it('passes over an optional extension', async () => {
    const mechanism = await proved()
    expect(await say(mechanism, `${good},x=y`)).toBe('')
    expect(() => mechanism.finish?.()).not.toThrow()
  })

  it.each([
    ...(['invalid-encoding', 'extensions-not-supported', 'invalid-proof', 'channel-bindings-dont-match'] as const),
    ...(['server-does-support-channel-binding', 'channel-binding-not-supported'] as const),
    ...(['unsupported-channel-binding-type', 'unknown-user', 'invalid-username-encoding', 'no-resources'] as const),
    'other-error',
  ])('tells the reason %s (7)', async reason => {
    const error = await rejection(say(await proved(), `e=${reason}`))
    expect(error).toMatchObject({
      code: 'EREFUSED',
      fault: 'remote',
      mechanism: 'SCRAM-SHA-256',
      credentialsSent: true,
      usable: true,
      retry: 'caller',
      scram: reason,
      message: `SCRAM-SHA-256: the server refuses: ${reason}`,
    })
  })

  it('"Unrecognized errors should be treated as \'other-error\'" (7), and put nothing of theirs into the message', async () => {
    for (const unknown of ['\x1b[2J', 'e', 'invalid'])
      expect(await rejection(say(await proved(), `e=${unknown}`))).toMatchObject({
        scram: 'other-error',
        message: 'SCRAM-SHA-256: the server refuses: other-error',
      })
  })

  it('takes no success before the signature: 235 at once, after server-first, after an error', async () => {
    const early = await begun()
    expect(() => early.finish?.()).toThrow(
      expect.objectContaining({ code: 'EPROOF', usable: false, credentialsSent: false }),
    )
    const later = await proved()
    expect(() => later.finish?.()).toThrow('success without its signature')
    await rejection(say(later, 'e=invalid-proof'))
    expect(() => later.finish?.()).toThrow('success without its signature')
  })

  it('takes no further challenge and no second chance (T-27)', async () => {
    const mechanism = await proved()
    await rejection(say(mechanism, 'v=AAAA'))
    expect((await rejection(say(mechanism, good))).message).toContain('asks again')
    const done = await proved()
    await say(done, good)
    expect((await rejection(say(done, good))).message).toContain('asks again')
  })

  it('forgets the former exchange at start', async () => {
    const mechanism = await proved()
    await say(mechanism, good)
    await mechanism.start()
    expect(() => mechanism.finish?.()).toThrow('success without its signature')
    expect(await say(mechanism, SERVER_FIRST)).toContain('p=')
  })

  it('is not disturbed by a derivation that ends after the next start', async () => {
    let release = (_: Uint8Array) => {}
    const slow = new Promise<Uint8Array>(resolve => {
      release = resolve
    })
    const mechanism = await begun({ pbkdf2: () => slow })
    const abandoned = say(mechanism, SERVER_FIRST)
    await mechanism.start()
    release(new Uint8Array(32))
    await abandoned
    expect((await rejection(say(mechanism, good))).message).toContain('not in their order')
  })
})

describe('SCRAM: one changed bit of any server message leads to failure (T-24)', () => {
  const quick: Pbkdf2 = ({ password, salt, iterations, length, hash }) =>
    pbkdf2Sync(password, salt, iterations, length, hash.replace('-', ''))
  const iterations = { minimum: 1, maximum: 9 }
  const binding = { type: 'tls-exporter', data: octets('the connection') }
  const cases = HASHES.flatMap(hash => [undefined, binding].map(channelBinding => ({ hash, channelBinding })))
  const records = new Map<ScramHash, ScramRecord>()

  beforeAll(async () => {
    for (const hash of HASHES)
      records.set(hash, await scramRecord(hash, user.password, { iterations: 2, salt: octets('salty'), pbkdf2: quick }))
  })

  function client(hash: ScramHash, channelBinding: typeof binding | undefined): ClientMechanism {
    return scram(hash, user, { nonce: () => 'client', pbkdf2: quick, iterations, channelBinding })
  }

  function server(hash: ScramHash, channelBinding: typeof binding | undefined) {
    const options: ServerScramOptions = { lookup: () => records.get(hash), nonce: () => 'server' }
    return serverScram(
      hash,
      channelBinding === undefined ? options : { ...options, plus: true, channelBindings: [channelBinding] },
    )
  }

  it.each(cases)('$hash $channelBinding.type', async ({ hash, channelBinding }) => {
    const unchanged = await exchange(client(hash, channelBinding), server(hash, channelBinding))
    expect(unchanged.step.kind).toBe('success')
    const [serverFirst = '', serverFinal = ''] = unchanged.messages
      .filter(message => message.startsWith('S: '))
      .map(message => message.slice(3))

    /** Whether the client believes an exchange with these two messages. */
    async function believes(first: Uint8Array, final: Uint8Array): Promise<boolean> {
      const mechanism = client(hash, channelBinding)
      await mechanism.start()
      try {
        await mechanism.respond(first)
        await mechanism.respond(final)
        mechanism.finish?.()
        return true
      } catch (error) {
        if (error instanceof AuthenticationError) return false
        throw error
      }
    }

    const first = octets(serverFirst)
    const final = octets(serverFinal)
    expect(await believes(first, final)).toBe(true)
    for (const message of [first, final])
      for (let bit = 0; bit < message.length * 8; bit++) {
        message[bit >> 3] = (message[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        expect(await believes(first, final), `${latin1(first)} ${latin1(final)}`).toBe(false)
        message[bit >> 3] = (message[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      }
  })

  it('and a server refuses what a client answers to a changed message, or was changed itself', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...cases), fc.nat(), fc.boolean(), async (chosen, place, fromServer) => {
        const { hash, channelBinding } = chosen
        const mechanism = client(hash, channelBinding)
        const peer = server(hash, channelBinding)
        const changed = (message: Uint8Array) => {
          const copy = message.slice()
          const bit = place % (copy.length * 8)
          copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
          return copy
        }
        const step = await peer.start((await mechanism.start()) ?? octets(''))
        if (step.kind !== 'challenge') throw new Error('no challenge')
        let answer: Uint8Array
        try {
          answer = await mechanism.respond(fromServer ? changed(step.challenge) : step.challenge)
        } catch (error) {
          expect(error).toBeInstanceOf(AuthenticationError)
          return
        }
        expect((await peer.respond(fromServer ? answer : changed(answer))).kind).toBe('failure')
      }),
      { numRuns: 500 },
    )
  })
})

describe('ScramKeyCache (RFC 5802 section 5.1)', () => {
  async function logIn(keys: ScramKeyCache, pbkdf2: Pbkdf2, password: string, record: ScramRecord): Promise<string> {
    const mechanism = scram('SHA-256', { ...user, password }, { keys, pbkdf2 })
    const server = serverScram('SHA-256', { lookup: () => record })
    return (await exchange(mechanism, server)).step.kind
  }

  it('derives once for one password, salt and count, and again for another of any', async () => {
    const keys = new ScramKeyCache()
    const pbkdf2 = vi.fn(nodePbkdf2)
    const record = await scramRecord('SHA-256', 'pencil')
    expect(await logIn(keys, pbkdf2, 'pencil', record)).toBe('success')
    expect(await logIn(keys, pbkdf2, 'pencil', record)).toBe('success')
    expect(pbkdf2).toHaveBeenCalledTimes(1)
    expect(await logIn(keys, pbkdf2, 'pencils', record)).toBe('failure')
    expect(pbkdf2).toHaveBeenCalledTimes(2)
    expect(await logIn(keys, pbkdf2, 'pencil', await scramRecord('SHA-256', 'pencil'))).toBe('success')
    expect(pbkdf2).toHaveBeenCalledTimes(3)
    const more = await scramRecord('SHA-256', 'pencil', { salt: record.salt, iterations: 5000 })
    expect(await logIn(keys, pbkdf2, 'pencil', more)).toBe('success')
    expect(pbkdf2).toHaveBeenCalledTimes(4)
    keys.clear()
    expect(await logIn(keys, pbkdf2, 'pencil', record)).toBe('success')
    expect(pbkdf2).toHaveBeenCalledTimes(5)
  })

  it('lets logins at the same time share one derivation', async () => {
    const keys = new ScramKeyCache()
    const pbkdf2 = vi.fn(nodePbkdf2)
    const record = await scramRecord('SHA-256', 'pencil')
    await Promise.all([1, 2, 3].map(() => logIn(keys, pbkdf2, 'pencil', record)))
    expect(pbkdf2).toHaveBeenCalledTimes(1)
  })

  it('keeps no derivation that failed', async () => {
    const keys = new ScramKeyCache()
    const record = await scramRecord('SHA-256', 'pencil')
    const broken: Pbkdf2 = () => Promise.reject(new Error('no memory'))
    await expect(logIn(keys, broken, 'pencil', record)).rejects.toThrow('no memory')
    expect(keys.size).toBe(0)
    expect(await logIn(keys, nodePbkdf2, 'pencil', record)).toBe('success')
  })

  it('keeps a derivation that came since under the same name when an older one fails', async () => {
    const keys = new ScramKeyCache()
    const made = { clientKey: octets('c'), serverKey: octets('s') }
    let fail = (_error: Error): void => {}
    const failing = keys.get('name', () => new Promise((_, reject) => (fail = reject)))
    keys.clear()
    expect(await keys.get('name', () => Promise.resolve(made))).toBe(made)
    fail(new Error('late'))
    await expect(failing).rejects.toThrow('late')
    expect(await keys.get('name', () => Promise.reject(new Error('derived again')))).toBe(made)
  })

  it('says how much a PBKDF2 has given that gave something else', async () => {
    const record = await scramRecord('SHA-256', 'pencil')
    await expect(logIn(new ScramKeyCache(), () => new Uint8Array(31), 'pencil', record)).rejects.toThrow(
      'pbkdf2 gave 31 octets instead of 32',
    )
  })

  it.each([
    [2, 2],
    [3, 3],
    [4, 3],
  ])('after %i salts holds %i of at most 3, the latest', async (count, held) => {
    const keys = new ScramKeyCache(3)
    const pbkdf2 = vi.fn(nodePbkdf2)
    const records = await Promise.all(Array.from({ length: count }, () => scramRecord('SHA-256', 'pencil')))
    for (const record of records) await logIn(keys, pbkdf2, 'pencil', record)
    expect(keys.size).toBe(held)
    for (const record of records.slice(-held)) await logIn(keys, pbkdf2, 'pencil', record)
    expect(pbkdf2).toHaveBeenCalledTimes(count)
  })
})

describe('scramRecord', () => {
  it('holds what RFC 5802 section 2.1 names, a fresh salt, and 4096 iterations', async () => {
    const records = await Promise.all([scramRecord('SHA-1', 'x'), scramRecord('SHA-1', 'x')])
    const [a, b] = records
    expect(a).toMatchObject({ iterations: 4096 })
    expect([a?.salt.length, a?.storedKey.length, a?.serverKey.length]).toEqual([16, 20, 20])
    expect(a?.salt).not.toEqual(b?.salt)
  })

  it('refuses an empty password and one that SASLprep forbids', async () => {
    await expect(scramRecord('SHA-1', '')).rejects.toThrow('the password is empty')
    await expect(scramRecord('SHA-1', '\u{1f511}')).rejects.toThrow('unassigned code point')
  })
})
