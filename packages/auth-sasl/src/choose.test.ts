import { describe, expect, it } from 'vitest'
import { AuthenticationError, type ChooseOptions, chooseMechanism, type MechanismName } from './index.js'

const tim = { username: 'tim', password: 'tanstaaftanstaaf' }

function chosen(offered: readonly string[], options: ChooseOptions): string {
  return chooseMechanism(offered, tim, options).name
}

function failure(offered: readonly string[], options: ChooseOptions, credentials = tim): AuthenticationError {
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

  describe("compat: 'smtplib' (P66)", () => {
    it('prefers CRAM-MD5, PLAIN, LOGIN', () => {
      expect(chosen(['LOGIN', 'PLAIN', 'CRAM-MD5'], { secure: true, compat: 'smtplib' })).toBe('CRAM-MD5')
      expect(chosen(['LOGIN', 'PLAIN'], { secure: true, compat: 'smtplib' })).toBe('PLAIN')
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
