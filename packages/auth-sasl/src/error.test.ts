import { describe, expect, it } from 'vitest'
import { challengeError, credentialsError, unproved } from './error.js'
import { AuthenticationError, chooseMechanism, scram } from './index.js'

describe('AuthenticationError', () => {
  it('has a default for every field that nobody filled in', () => {
    const error = new AuthenticationError('why', { code: 'EPOLICY', fault: 'local' })
    expect(error).toMatchObject({
      name: 'AuthenticationError',
      message: 'why',
      code: 'EPOLICY',
      fault: 'local',
      mechanism: undefined,
      credentialsSent: false,
      retry: 'never',
      usable: true,
      offered: undefined,
      refused: undefined,
      oauth: undefined,
      scram: undefined,
    })
    expect('cause' in error).toBe(false)
    expect(String(error)).toBe('AuthenticationError: why')
    expect(Object.keys(error)).not.toContain('cause')
  })

  it('keeps what it is given', () => {
    const given = {
      code: 'EREFUSED',
      fault: 'remote',
      mechanism: 'PLAIN',
      credentialsSent: true,
      retry: 'caller',
      usable: false,
      offered: ['PLAIN'],
      refused: new Map([['PLAIN', 'denied']]),
      oauth: { status: 'invalid_token' },
      scram: 'other-error',
      cause: new Error('below'),
    } as const
    expect(new AuthenticationError('why', given)).toMatchObject(given)
  })

  it('is told from everything else, of another copy of the package too', () => {
    for (const other of [null, undefined, 'text', 1, {}, () => {}, new Error('x')])
      expect(other instanceof AuthenticationError).toBe(false)
    const copied = Object.defineProperty({}, Symbol.for('@postrider/auth-sasl/AuthenticationError'), { value: true })
    expect(copied instanceof AuthenticationError).toBe(true)
  })

  it('says whether another try can help: with other credentials after a refusal of these, else never', () => {
    const user = { username: 'tim', password: 'pencil' }
    expect(credentialsError('PLAIN', 'the password is empty')).toMatchObject({
      code: 'ECREDENTIALS',
      fault: 'local',
      retry: 'caller',
      credentialsSent: false,
      message: 'PLAIN: the password is empty',
    })
    expect(credentialsError(undefined, 'empty')).toMatchObject({ message: 'empty', mechanism: undefined })
    expect(challengeError('PLAIN', 'no', true)).toMatchObject({ code: 'ECHALLENGE', retry: 'never', usable: true })
    expect(unproved('PLAIN', 'no', true)).toMatchObject({ code: 'EPROOF', retry: 'never', usable: false })
    expect(() => chooseMechanism([], user, { secure: true })).toThrow(
      expect.objectContaining({ code: 'EMECHANISM', retry: 'never', fault: 'remote', credentialsSent: false }),
    )
    expect(() => scram('SHA-1', { ...user, password: '\u{1f511}' })).toThrow(
      expect.objectContaining({ code: 'ECREDENTIALS', retry: 'caller' }),
    )
  })
})
