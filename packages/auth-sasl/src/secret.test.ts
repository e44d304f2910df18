import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { exchange } from '../test/exchange.js'
import {
  AuthenticationError,
  chooseMechanism,
  cramMd5,
  equalSecrets,
  login,
  oauthBearer,
  type PasswordAttempt,
  plain,
  ScramKeyCache,
  Secret,
  scram,
  scramRecord,
  serverCramMd5,
  serverLogin,
  serverOAuthBearer,
  serverPlain,
  serverScram,
  serverXoauth2,
  type TokenAttempt,
  xoauth2,
} from './index.js'

const HUNTER = 'hunter2-hunter2-hunter2'

/** The value, its base64, and the base64 of the value at the two other offsets inside a longer text (T-28). */
const traces = [0, 1, 2]
  .map(shift =>
    Buffer.from('x'.repeat(shift) + HUNTER)
      .toString('base64')
      .slice(shift === 0 ? 0 : 4, -4),
  )
  .concat(HUNTER)

function shown(value: unknown): string {
  const deep = { depth: 9, showHidden: true, getters: true }
  return [
    inspect(value, deep),
    JSON.stringify(value),
    String(value),
    `${value}`,
    inspect({ nested: [value] }, deep),
  ].join()
}

describe('Secret (T-28)', () => {
  it.each([HUNTER, Buffer.from(HUNTER)])('is shown by nothing that prints it', value => {
    const text = shown(new Secret(value))
    expect(text).toContain('[secret]')
    for (const trace of traces) expect(text).not.toContain(trace)
  })

  it('says [secret] to whoever asks in whatever way', () => {
    const secret = new Secret(HUNTER)
    const ways = [
      inspect(secret),
      String(secret),
      `${secret}`,
      secret.toString(),
      secret.toJSON(),
      secret[Symbol.toPrimitive](),
    ]
    for (const said of ways) expect(said).toBe('[secret]')
    expect(JSON.stringify({ secret })).toBe('{"secret":"[secret]"}')
    expect(Object.keys(secret)).toEqual([])
  })

  it('is told from everything else, of another copy of the package too', () => {
    for (const other of [null, undefined, 'text', 1, {}, () => {}]) expect(other instanceof Secret).toBe(false)
    const copied = Object.defineProperty({}, Symbol.for('@postrider/auth-sasl/Secret'), { value: true })
    expect(copied instanceof Secret).toBe(true)
  })

  it('says which form it cannot be given in', () => {
    expect(() => new Secret(Uint8Array.of(0xff)).reveal()).toThrow('the secret is not UTF-8')
    expect(() => new Secret('\ud800').revealOctets()).toThrow('the secret holds half of a surrogate pair')
  })

  it('is shown by no mechanism, at no point of the exchange', async () => {
    const credentials = { username: 'tim', password: HUNTER, token: HUNTER }
    const keys = new ScramKeyCache()
    const record = await scramRecord('SHA-1', HUNTER)
    const verify = ({ password }: PasswordAttempt) => equalSecrets(password, HUNTER)
    const verifyToken = ({ token }: TokenAttempt) => ({ identity: equalSecrets(token, HUNTER) ? 'tim' : '' })
    for (const [client, server] of [
      [plain(credentials), serverPlain({ verify })],
      [login(credentials), serverLogin({ verify })],
      [cramMd5(credentials), serverCramMd5({ lookup: () => HUNTER, host: 'x' })],
      [scram('SHA-1', credentials, { keys }), serverScram('SHA-1', { lookup: () => record })],
      [oauthBearer(credentials), serverOAuthBearer({ verify: verifyToken })],
      [xoauth2(credentials), serverXoauth2({ verify: verifyToken })],
    ] as const) {
      expect((await exchange(client, server)).step).toEqual({ kind: 'success', identity: 'tim' })
      for (const trace of traces) for (const value of [client, server, keys]) expect(shown(value)).not.toContain(trace)
    }
  })

  it('is shown by no attempt that a server hands to its owner', async () => {
    let seen = ''
    const verify = (attempt: object) => {
      seen = shown(attempt)
      return true
    }
    await exchange(plain({ username: 'tim', password: HUNTER }), serverPlain({ verify }))
    expect(seen).toContain('[secret]')
    for (const trace of traces) expect(seen).not.toContain(trace)
  })

  it('is shown by no error', () => {
    const errors: unknown[] = []
    for (const password of [`${HUNTER}\0`, `${HUNTER}\ud800`])
      for (const act of [
        () => plain({ username: 'tim', password }),
        () => scram('SHA-256', { username: 'tim', password }),
        () => chooseMechanism(['PLAIN', 'LOGIN', 'CRAM-MD5'], { username: 'tim', password }, { secure: true }),
      ])
        try {
          act()
        } catch (error) {
          errors.push(error)
        }
    expect(errors).toHaveLength(6)
    for (const error of errors) for (const trace of traces) expect(shown(error)).not.toContain(trace)
  })

  it('gives its value to those who ask for it', () => {
    expect(new Secret('pässword').reveal()).toBe('pässword')
    expect(new Secret('pässword').revealOctets()).toEqual(new Uint8Array(Buffer.from('pässword')))
    expect(new Secret(Buffer.from('pässword')).reveal()).toBe('pässword')
    expect(new Secret('\ufeffx').reveal()).toBe(new Secret(Buffer.from('\ufeffx')).reveal())
  })

  it('is not changed by whoever made it or asked for it', () => {
    const octets = Uint8Array.of(1, 2, 3)
    const secret = new Secret(octets)
    octets[0] = 9
    secret.revealOctets()[1] = 9
    expect(secret.revealOctets()).toEqual(Uint8Array.of(1, 2, 3))
  })

  it('refuses to repair octets that are not UTF-8 and text that is not Unicode', () => {
    expect(() => new Secret(Uint8Array.of(0xff)).reveal()).toThrow(AuthenticationError)
    expect(() => new Secret('\udc00').revealOctets()).toThrow(AuthenticationError)
  })

  it('wraps once', () => {
    const secret = new Secret('x')
    expect(Secret.from(secret)).toBe(secret)
    expect(Secret.from('x')).toBeInstanceOf(Secret)
  })
})

describe('equalSecrets', () => {
  it('says what === says', () => {
    const text = fc.string({ unit: 'grapheme' })
    fc.assert(fc.property(text, text, (a, b) => equalSecrets(a, b) === (a === b) && equalSecrets(a, new Secret(a))))
  })

  it('sees one changed bit, one octet more and one octet less', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(), (octets, place) => {
        const changed = octets.slice()
        const at = place % changed.length
        changed[at] = (changed[at] ?? 0) ^ (1 << (place % 8))
        expect(equalSecrets(octets, changed)).toBe(false)
        expect(equalSecrets(octets, octets.subarray(1))).toBe(false)
        expect(equalSecrets(octets, Uint8Array.from([...octets, 0]))).toBe(false)
      }),
    )
  })
})

describe('instanceof', () => {
  it('survives a second copy of the package', async () => {
    vi.resetModules()
    const copy = await import('./index.js')
    expect(copy.Secret).not.toBe(Secret)
    expect(new copy.Secret('x')).toBeInstanceOf(Secret)
    expect(Secret.from(new copy.Secret('x') as unknown as Secret).reveal()).toBe('x')
    const foreign = new copy.AuthenticationError('x', { code: 'EPROOF', fault: 'remote' })
    expect(foreign).toBeInstanceOf(AuthenticationError)
    expect(new Error('x')).not.toBeInstanceOf(AuthenticationError)
    expect('x').not.toBeInstanceOf(Secret)
  })
})
