import { describe, expect, it } from 'vitest'
import { latin1, octets } from '../test/exchange.js'
import {
  AuthenticationError,
  type ChooseOptions,
  type Credentials,
  chooseMechanism,
  MECHANISMS,
  type MechanismName,
} from './index.js'

const tim = { username: 'tim', password: 'tanstaaftanstaaf' }

function chosen(offered: readonly string[], options: ChooseOptions): string {
  return chooseMechanism(offered, tim, options).name
}

function failure(
  offered: readonly string[],
  options: ChooseOptions,
  credentials: Credentials = tim,
): AuthenticationError {
  try {
    chooseMechanism(offered, credentials, options)
  } catch (error) {
    if (error instanceof AuthenticationError) return error
  }
  throw new Error('no AuthenticationError was thrown')
}

describe('chooseMechanism', () => {
  it('takes the strongest, in whatever order the server names them (T-22)', () => {
    expect(chosen(['PLAIN', 'LOGIN', 'CRAM-MD5'], { secure: true })).toBe('CRAM-MD5')
    expect(chosen(['LOGIN', 'PLAIN'], { secure: true })).toBe('PLAIN')
    expect(chosen(['LOGIN'], { secure: true })).toBe('LOGIN')
  })

  it('compares names without case', () => {
    expect(chosen(['plain'], { secure: true })).toBe('PLAIN')
  })

  it.each(['PLAIN', 'LOGIN', 'CRAM-MD5'])('does not use %s without encryption (T-21, RFC 4616 section 1)', name => {
    const error = failure([name], { secure: false })
    expect(error).toMatchObject({ code: 'EMECHANISM', fault: 'local', credentialsSent: false, retry: 'never' })
    expect(error.refused?.get(name)).toContain('the connection is not encrypted')
    expect(chosen([name], { secure: false, allowInsecureAuth: true })).toBe(name)
  })

  it('names what was offered and why each was not used', () => {
    const error = failure(['GSSAPI', 'PLAIN', 'LOGIN', 'CRAM-MD5'], {
      secure: true,
      allow: ['PLAIN', 'CRAM-MD5'],
      deny: ['CRAM-MD5', 'PLAIN'],
    })
    expect(error.offered).toEqual(['GSSAPI', 'PLAIN', 'LOGIN', 'CRAM-MD5'])
    expect(Object.fromEntries(error.refused ?? [])).toEqual({
      GSSAPI: 'not known here',
      PLAIN: 'denied',
      LOGIN: 'not among the allowed mechanisms',
      'CRAM-MD5': 'denied',
    })
    for (const words of ['GSSAPI (not known here)', 'PLAIN (denied)']) expect(error.message).toContain(words)
  })

  it('says so when the server offers nothing', () => {
    expect(failure([], { secure: true })).toMatchObject({
      message: 'The server offers no authentication mechanism',
      fault: 'remote',
    })
  })

  it('passes over a mechanism that cannot carry the credentials', () => {
    const ursel = { ...tim, authorization: 'Ursel' }
    expect(chooseMechanism(['CRAM-MD5', 'LOGIN', 'PLAIN'], ursel, { secure: true }).name).toBe('PLAIN')
    const error = failure(['CRAM-MD5', 'LOGIN'], { secure: true }, ursel)
    expect(error.refused?.get('LOGIN')).toContain('it cannot carry an authorization identity')
    expect(error.cause).toMatchObject({ code: 'ECREDENTIALS' })
  })

  it('honours allow and deny', () => {
    const all = ['CRAM-MD5', 'PLAIN', 'LOGIN']
    expect(chosen(all, { secure: true, allow: ['LOGIN', 'PLAIN'] })).toBe('PLAIN')
    expect(chosen(all, { secure: true, deny: ['CRAM-MD5', 'PLAIN'] })).toBe('LOGIN')
    expect(failure(all, { secure: true, allow: [] }).code).toBe('EMECHANISM')
  })

  it('refuses a policy that names an unknown mechanism', () => {
    const deny = ['CRAM_MD5' as MechanismName]
    expect(failure(['PLAIN'], { secure: true, deny })).toMatchObject({ code: 'EPOLICY', fault: 'local' })
  })

  it('escapes and cuts names from the wire (T-29)', () => {
    const error = failure(['X\r\nY\x1b[2J\u202e', 'Z'.repeat(5000)], { secure: true })
    expect(error.message).not.toMatch(/[^\x20-\x7e…]/)
    expect(error.message.length).toBeLessThan(300)
  })

  it('is not confused by names of object members (T-10)', () => {
    expect(failure(['__proto__', 'constructor'], { secure: true }).refused?.get('CONSTRUCTOR')).toBe('not known here')
  })

  describe('with every mechanism on offer', () => {
    const everything = { ...tim, token: 'abc', external: true as const, anonymous: true as const }
    const channelBinding = { type: 'tls-exporter', data: octets('x') }
    const all = [...MECHANISMS].reverse()

    it('goes down the documented order as one after the other is denied', () => {
      const tried: MechanismName[] = []
      for (const expected of MECHANISMS) {
        const name = chooseMechanism(all, everything, { secure: true, channelBinding, deny: tried }).name
        expect(name).toBe(expected)
        tried.push(expected)
      }
      expect(failure(all, { secure: true, channelBinding, deny: tried }, everything).refused?.size).toBe(13)
    })

    it.each(MECHANISMS)('takes nothing behind the minimum %s (T-22)', minimum => {
      const stronger = MECHANISMS.slice(0, MECHANISMS.indexOf(minimum))
      const options: ChooseOptions = { secure: true, channelBinding, minimum, deny: stronger }
      expect(chooseMechanism(all, everything, options).name).toBe(minimum)
      const error = failure(all, { ...options, deny: [...stronger, minimum] }, everything)
      const weaker = MECHANISMS.slice(MECHANISMS.indexOf(minimum) + 1)
      for (const name of weaker) expect(error.refused?.get(name)).toBe(`weaker than ${minimum}`)
    })

    it.each([
      [tim, 'SCRAM-SHA-512-PLUS'],
      [{ username: 'tim', token: 'abc' }, 'OAUTHBEARER'],
      [{ external: true }, 'EXTERNAL'],
      [{ anonymous: true }, 'ANONYMOUS'],
    ] as const)('asks of %j only what they can show: %s', (credentials, name) => {
      expect(chooseMechanism(all, credentials, { secure: true, channelBinding }).name).toBe(name)
    })

    it.each([
      ['SCRAM-SHA-512', tim],
      ['SCRAM-SHA-256', tim],
      ['SCRAM-SHA-1', tim],
      ['EXTERNAL', { external: true }],
      ['ANONYMOUS', { anonymous: true }],
    ] as const)('uses %s, which shows nothing, on a line that is not encrypted', (name, credentials) => {
      expect(chooseMechanism([name], credentials, { secure: false }).name).toBe(name)
    })

    it.each(['OAUTHBEARER', 'XOAUTH2'])('does not show a token on such a line: %s (RFC 7628 section 3)', name => {
      const token = { username: 'tim', token: 'abc' }
      expect(failure([name], { secure: false }, token).refused?.get(name)).toContain('the connection is not encrypted')
      expect(chooseMechanism([name], token, { secure: false, allowInsecureAuth: true }).name).toBe(name)
    })

    it('says what is missing', () => {
      const error = failure(all, { secure: true, deny: ['ANONYMOUS'] }, { external: false } as unknown as Credentials)
      expect(error.refused?.get('EXTERNAL')).toBe('not asked for')
      expect(error.refused?.get('XOAUTH2')).toBe('needs a token')
      expect(error.refused?.get('PLAIN')).toBe('needs a password')
    })

    it('takes undefined for absent', () => {
      const credentials = { ...tim, token: undefined } as unknown as Credentials
      expect(chooseMechanism(['XOAUTH2', 'PLAIN'], credentials, { secure: true }).name).toBe('PLAIN')
    })
  })

  describe('channel binding (RFC 5802 section 6, T-26)', () => {
    const channelBinding = { type: 'tls-exporter', data: octets('x') }

    async function flag(offered: readonly string[], options: Partial<ChooseOptions>): Promise<string> {
      const initial = await chooseMechanism(offered, tim, { secure: true, ...options }).start()
      return latin1(initial ?? octets('')).replace(/,.*/, '')
    }

    it('binds when the server offers it and the line has what it takes', async () => {
      expect(await flag(['SCRAM-SHA-256', 'SCRAM-SHA-256-PLUS'], { channelBinding })).toBe('p=tls-exporter')
    })

    it('says "y" when we could bind and the server offers no -PLUS', async () => {
      expect(await flag(['SCRAM-SHA-256'], { channelBinding })).toBe('y')
    })

    it('says "n" when we cannot bind', async () => {
      expect(await flag(['SCRAM-SHA-256', 'SCRAM-SHA-256-PLUS'], {})).toBe('n')
      expect(await flag(['SCRAM-SHA-256'], {})).toBe('n')
    })

    it('says "n" when the server offers it and our policy is against it', async () => {
      const deny = ['SCRAM-SHA-256-PLUS'] as const
      expect(await flag(['SCRAM-SHA-256', 'SCRAM-SHA-256-PLUS'], { channelBinding, deny })).toBe('n')
    })

    it("require: 'channel-binding' never falls back", () => {
      const options: ChooseOptions = { secure: true, channelBinding, require: 'channel-binding' }
      const everything = { ...tim, token: 'abc', external: true as const, anonymous: true as const }
      const bare = MECHANISMS.filter(name => !name.endsWith('-PLUS'))
      expect(failure(bare, options, everything).refused?.get('SCRAM-SHA-512')).toBe('not bound to the connection')
      expect(chooseMechanism(MECHANISMS, everything, options).name).toBe('SCRAM-SHA-512-PLUS')
      const without = failure(MECHANISMS, { secure: true, require: 'channel-binding' }, everything)
      expect(without.refused?.get('SCRAM-SHA-1-PLUS')).toBe('needs channel binding, which is not at hand')
    })

    it('hands the options of SCRAM on', async () => {
      const options: ChooseOptions = { secure: true, scram: { nonce: () => 'abc' } }
      const initial = await chooseMechanism(['SCRAM-SHA-1'], tim, options).start()
      expect(latin1(initial ?? octets(''))).toBe('n,,n=tim,r=abc')
    })
  })

  it('passes over SCRAM when SASLprep forbids the password', () => {
    const key = { ...tim, password: '\u{1f511}' }
    expect(chooseMechanism(['SCRAM-SHA-256', 'PLAIN'], key, { secure: true }).name).toBe('PLAIN')
    const error = failure(['SCRAM-SHA-256', 'PLAIN'], { secure: true, minimum: 'SCRAM-SHA-1' }, key)
    expect(error.message).toContain('the password: unassigned code point, character 1')
  })

  describe("compat: 'smtplib' (P66)", () => {
    it('prefers CRAM-MD5, PLAIN, LOGIN', () => {
      expect(chosen(['LOGIN', 'PLAIN', 'CRAM-MD5'], { secure: true, compat: 'smtplib' })).toBe('CRAM-MD5')
      expect(chosen(['LOGIN', 'PLAIN'], { secure: true, compat: 'smtplib' })).toBe('PLAIN')
    })

    it('knows nothing else', () => {
      const offered = ['SCRAM-SHA-256', 'PLAIN']
      expect(chosen(offered, { secure: true })).toBe('SCRAM-SHA-256')
      expect(chosen(offered, { secure: true, compat: 'smtplib' })).toBe('PLAIN')
      const error = failure(['SCRAM-SHA-256'], { secure: true, compat: 'smtplib' })
      expect(error.refused?.get('SCRAM-SHA-256')).toBe('not known to smtplib')
    })

    it('compares names with their case', () => {
      expect(failure(['plain'], { secure: true, compat: 'smtplib' }).refused?.get('plain')).toBe('not known here')
    })

    it('sends the user name of LOGIN with the command (P67)', () => {
      const options: ChooseOptions = { secure: true, compat: 'smtplib' }
      expect(chooseMechanism(['LOGIN'], tim, options).start()).toBeInstanceOf(Uint8Array)
      expect(chooseMechanism(['LOGIN'], tim, { secure: true }).start()).toBeUndefined()
    })

    it('still keeps passwords off an unprotected line (T-21, against P70)', () => {
      expect(failure(['PLAIN'], { secure: false, compat: 'smtplib' }).code).toBe('EMECHANISM')
    })
  })
})
