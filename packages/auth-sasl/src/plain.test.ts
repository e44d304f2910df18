import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { exchange, fromBase64, latin1, octets } from '../test/exchange.js'
import {
  AuthenticationError,
  equalSecrets,
  plain,
  type ServerPlainOptions,
  saslprep,
  serverPlain,
  type VerifyPassword,
} from './index.js'

const tim = { username: 'tim', password: 'tanstaaftanstaaf' }
const knowsTim: ServerPlainOptions = {
  verify: ({ username, password }) => username === tim.username && equalSecrets(password, tim.password),
}

function thrownBy(action: () => unknown): AuthenticationError {
  try {
    action()
  } catch (error) {
    if (error instanceof AuthenticationError) return error
  }
  throw new Error('no AuthenticationError was thrown')
}

describe('PLAIN client (RFC 4616)', () => {
  it('sends the message of the first example of section 4', async () => {
    expect(latin1(plain(tim).start() as Uint8Array)).toBe('\0tim\0tanstaaftanstaaf')
  })

  it('sends the authorization identity of the second example of section 4', () => {
    const ursel = plain({ authorization: 'Ursel', username: 'Kurt', password: 'xipj3plmq' })
    expect(latin1(ursel.start() as Uint8Array)).toBe('Ursel\0Kurt\0xipj3plmq')
  })

  it('sends the message of RFC 4954 section 4.1', () => {
    const test = plain({ authorization: 'test', username: 'test', password: '1234' })
    expect(test.start()).toEqual(fromBase64('dGVzdAB0ZXN0ADEyMzQ='))
  })

  it('takes an empty authorization identity for none (RFC 4422 section 3.4.1)', () => {
    expect(plain({ ...tim, authorization: '' }).start()).toEqual(plain(tim).start())
  })

  it('sends UTF-8 where smtplib fails (P67)', () => {
    expect(plain({ username: 'jürgen', password: '🔑' }).start()).toEqual(octets('\0jürgen\0🔑'))
  })

  it.each([
    ['user name', { ...tim, username: 'ti\0m' }],
    ['password', { ...tim, password: 'a\0b' }],
    ['authorization identity', { ...tim, authorization: '\0' }],
  ])('refuses a NUL in the %s (T-23)', (field, credentials) => {
    const error = thrownBy(() => plain(credentials))
    expect(error).toMatchObject({ code: 'ECREDENTIALS', fault: 'local', credentialsSent: false, mechanism: 'PLAIN' })
    expect(error.message).toMatch(`the ${field} holds a NUL`)
  })

  it('refuses an empty user name and an empty password', () => {
    expect(() => plain({ ...tim, username: '' })).toThrow('the user name is empty')
    expect(() => plain({ ...tim, password: '' })).toThrow('the password is empty')
  })

  it('refuses half of a surrogate pair instead of sending another password', () => {
    expect(() => plain({ ...tim, password: 'a\ud83d' })).toThrow('half of a surrogate pair')
  })

  it('cancels when the server asks again', async () => {
    const mechanism = plain(tim)
    await mechanism.start()
    const error = thrownBy(() => mechanism.respond(new Uint8Array(0)))
    expect(error).toMatchObject({ code: 'ECHALLENGE', fault: 'remote', credentialsSent: true })
  })
})

describe('PLAIN server (RFC 4616)', () => {
  it('admits the user with the right password', async () => {
    const { step } = await exchange(plain(tim), serverPlain(knowsTim))
    expect(step).toEqual({ kind: 'success', identity: 'tim' })
  })

  it('asks with an empty challenge when there was no initial response', async () => {
    const { step, messages } = await exchange(plain(tim), serverPlain(knowsTim), { withoutInitialResponse: true })
    expect(step.kind).toBe('success')
    expect(messages).toEqual(['S: ', 'C: \0tim\0tanstaaftanstaaf'])
  })

  it.each(['tanstaaf', 'tanstaaftanstaaF', 'tanstaaftanstaafx'])('refuses the password %s with 535', async password => {
    const { step } = await exchange(plain({ ...tim, password }), serverPlain(knowsTim))
    expect(step).toMatchObject({ kind: 'failure', reply: { code: 535, enhanced: '5.7.8' } })
  })

  it('lets nobody act as another unless the owner says so', async () => {
    const asUrsel = { ...tim, authorization: 'Ursel' }
    const refused = await exchange(plain(asUrsel), serverPlain(knowsTim))
    expect(refused.step.kind).toBe('failure')
    const same = await exchange(plain({ ...tim, authorization: 'tim' }), serverPlain(knowsTim))
    expect(same.step).toEqual({ kind: 'success', identity: 'tim', authorization: 'tim' })
    const authorize = vi.fn(async () => true)
    const allowed = await exchange(plain(asUrsel), serverPlain({ ...knowsTim, authorize }))
    expect(allowed.step).toEqual({ kind: 'success', identity: 'tim', authorization: 'Ursel' })
    expect(authorize).toHaveBeenCalledWith('tim', 'Ursel')
  })

  it('asks about the authorization only after the password was right', async () => {
    const authorize = vi.fn(() => true)
    await exchange(
      plain({ username: 'tim', password: 'no', authorization: 'x' }),
      serverPlain({ ...knowsTim, authorize }),
    )
    expect(authorize).not.toHaveBeenCalled()
  })

  it.each([
    ['nothing', ''],
    ['one field', 'tim'],
    ['two fields', 'tim\0tim'],
    ['no password', '\0tim\0'],
    ['no user name', '\0\0secret'],
    ['a NUL in the password', '\0tim\0tanstaaf\0tanstaaf'],
  ])('answers 501 to %s', async (_, message) => {
    const verify = vi.fn(() => true)
    const step = await serverPlain({ verify }).start(octets(message))
    expect(step).toMatchObject({ kind: 'failure', reply: { code: 501 } })
    expect(verify).not.toHaveBeenCalled()
  })

  it('answers 501 to octets that are not UTF-8', async () => {
    const step = await serverPlain({ verify: () => true }).start(Uint8Array.of(0, 0xff, 0, 0x61))
    expect(step).toMatchObject({ kind: 'failure', reply: { code: 501 } })
  })

  it.each([
    [254, 'success'],
    [255, 'success'],
    [256, 'failure'],
  ])('meets a field of %i octets with %s: it must accept up to 255', async (length, kind) => {
    const long = 'x'.repeat(length)
    for (const message of [`\0${long}\0p`, `\0u\0${long}`, `${long}\0u\0p`]) {
      const server = serverPlain({ verify: () => true, authorize: () => true })
      expect((await server.start(octets(message))).kind).toBe(kind)
    }
  })

  it('answers nothing but the one message it asked for', async () => {
    const server = serverPlain({ verify: () => true })
    await server.start(octets('\0u\0p'))
    expect(await server.respond(octets('\0u\0p'))).toMatchObject({ kind: 'failure', reply: { code: 501 } })
    await server.start(undefined)
    expect(await server.respond(octets('\0u\0p'))).toMatchObject({ kind: 'success' })
    expect(await server.respond(octets('\0u\0p'))).toMatchObject({ kind: 'failure', reply: { code: 501 } })
  })

  it('takes only true for a yes', async () => {
    const verify = (() => ({ user: 'tim' })) as unknown as () => boolean
    expect((await serverPlain({ verify }).start(octets('\0u\0p'))).kind).toBe('failure')
    const authorize = (() => 'yes') as unknown as () => boolean
    const message = octets('other\0u\0p')
    expect((await serverPlain({ verify: () => true, authorize }).start(message)).kind).toBe('failure')
  })

  it('prepares what was sent, when asked to, and refuses what cannot be prepared (section 2)', async () => {
    const seen = vi.fn<VerifyPassword>(() => true)
    const server = serverPlain({ verify: seen, prepare: saslprep })
    expect(await server.start(octets('\0\u2168\0I\u00adX'))).toEqual({ kind: 'success', identity: 'IX' })
    expect(seen.mock.calls[0]?.[0].password.reveal()).toBe('IX')
    for (const message of ['\0tim\0\u00ad', '\0\u00ad\0x', '\0tim\0\x07', '\0\u2ff0\0x'])
      expect(await server.start(octets(message))).toMatchObject({ kind: 'failure', reply: { code: 535 } })
    expect(seen).toHaveBeenCalledTimes(1)
  })

  it('passes on what prepare and verify throw, for that is the server’s own trouble', async () => {
    const broken = () => {
      throw new Error('the database is down')
    }
    const message = octets('\0tim\0x')
    await expect(serverPlain({ verify: broken }).start(message)).rejects.toThrow('the database is down')
    await expect(serverPlain({ verify: () => true, prepare: broken }).start(message)).rejects.toThrow('is down')
  })

  it('passes on whatever the client half sends', async () => {
    const field = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }).filter(text => !text.includes('\0'))
    await fc.assert(
      fc.asyncProperty(field, field, fc.option(field), async (username, password, authorization) => {
        const attempts: string[] = []
        const server = serverPlain({
          verify: attempt => attempts.push(attempt.username, attempt.password.reveal()) === 2,
          authorize: (_, wanted) => attempts.push(wanted) === 3,
        })
        const credentials = { username, password, authorization: authorization ?? undefined }
        const { step } = await exchange(plain(credentials), server)
        expect(step.kind).toBe('success')
        expect(attempts).toEqual([username, password, authorization].filter(text => text !== null))
      }),
    )
  })
})
