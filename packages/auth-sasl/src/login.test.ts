import { describe, expect, it } from 'vitest'
import { exchange, latin1, octets } from '../test/exchange.js'
import { AuthenticationError, equalSecrets, login, type ServerLoginOptions, serverLogin } from './index.js'

const tim = { username: 'tim', password: 'tanstaaftanstaaf' }
const knowsTim: ServerLoginOptions = {
  verify: async ({ username, password }) => username === tim.username && equalSecrets(password, tim.password),
}

describe('LOGIN client', () => {
  it('answers the first prompt with the user name and the second with the password, whatever they say (P67)', () => {
    const mechanism = login(tim)
    expect(mechanism.start()).toBeUndefined()
    expect(latin1(mechanism.respond(octets('Benutzer?')) as Uint8Array)).toBe('tim')
    expect(latin1(mechanism.respond(octets('')) as Uint8Array)).toBe('tanstaaftanstaaf')
  })

  it('sends the user name with the command when asked to (P67)', () => {
    const mechanism = login(tim, { initialResponse: true })
    expect(latin1(mechanism.start() as Uint8Array)).toBe('tim')
    expect(latin1(mechanism.respond(octets('Password:')) as Uint8Array)).toBe('tanstaaftanstaaf')
  })

  it('gives up at a third prompt: smtplib needs a counter for that server (T-27)', async () => {
    const mechanism = login(tim)
    await mechanism.start()
    await mechanism.respond(octets('Username:'))
    await mechanism.respond(octets('Password:'))
    expect(() => mechanism.respond(octets('Username:'))).toThrow(AuthenticationError)
  })

  it('begins anew at every start', async () => {
    const mechanism = login(tim)
    for (let time = 0; time < 2; time++) {
      await mechanism.start()
      expect(latin1(mechanism.respond(octets('Username:')) as Uint8Array)).toBe('tim')
    }
  })

  it('sends UTF-8', () => {
    const mechanism = login({ username: 'jürgen', password: 'größe' }, { initialResponse: true })
    expect(mechanism.start()).toEqual(octets('jürgen'))
    expect(mechanism.respond(octets(''))).toEqual(octets('größe'))
  })

  it('refuses what it cannot carry', () => {
    expect(() => login({ ...tim, authorization: 'Ursel' })).toThrow('it cannot carry an authorization identity')
    expect(() => login({ ...tim, username: '' })).toThrow('the user name is empty')
    expect(() => login({ ...tim, password: 'a\0b' })).toThrow('the password holds a NUL, at octet 1')
  })
})

describe('LOGIN server', () => {
  it('prompts for user name and password', async () => {
    const { step, messages } = await exchange(login(tim), serverLogin(knowsTim))
    expect(step).toEqual({ kind: 'success', identity: 'tim' })
    expect(messages).toEqual(['S: Username:', 'C: tim', 'S: Password:', 'C: tanstaaftanstaaf'])
  })

  it('takes the user name with the command', async () => {
    const { step, messages } = await exchange(login(tim, { initialResponse: true }), serverLogin(knowsTim))
    expect(step.kind).toBe('success')
    expect(messages).toEqual(['C: tim', 'S: Password:', 'C: tanstaaftanstaaf'])
  })

  it('answers a wrong password and an unknown user alike', async () => {
    const wrong = await exchange(login({ ...tim, password: 'x' }), serverLogin(knowsTim))
    const unknown = await exchange(login({ ...tim, username: 'tom' }), serverLogin(knowsTim))
    expect(wrong.step).toMatchObject({ kind: 'failure', reply: { code: 535 } })
    expect(unknown.step).toEqual(wrong.step)
  })

  it.each([
    [254, 'success'],
    [255, 'success'],
    [256, 'failure'],
  ])('meets a field of %i octets with %s', async (length, kind) => {
    const verify = () => true
    const long = 'x'.repeat(length)
    expect((await exchange(login({ ...tim, username: long }), serverLogin({ verify }))).step.kind).toBe(kind)
    expect((await exchange(login({ ...tim, password: long }), serverLogin({ verify }))).step.kind).toBe(kind)
  })

  it('answers 501 to an empty user name, an empty password and a response out of turn', async () => {
    const malformed = { kind: 'failure', reply: { code: 501 } }
    const server = serverLogin(knowsTim)
    expect(await server.respond(octets('tim'))).toMatchObject(malformed)
    expect(await server.start(octets(''))).toMatchObject(malformed)
    await server.start(octets('tim'))
    expect(await server.respond(octets(''))).toMatchObject(malformed)
    expect(await server.respond(octets(tim.password))).toMatchObject(malformed)
  })
})
