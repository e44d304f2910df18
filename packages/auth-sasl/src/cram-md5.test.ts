import { hmac } from '@noble/hashes/hmac.js'
import { md5 } from '@noble/hashes/legacy.js'
import { describe, expect, it } from 'vitest'
import { exchange, fromBase64, latin1, octets, toBase64 } from '../test/exchange.js'
import { AuthenticationError, cramMd5, type ServerCramMd5Options, serverCramMd5 } from './index.js'

const tim = { username: 'tim', password: 'tanstaaftanstaaf' }
const knowsTim: ServerCramMd5Options = {
  lookup: username => (username === tim.username ? tim.password : undefined),
  host: 'mx.example.org',
}

function answer(credentials: { username: string; password: string }, challenge: Uint8Array): string {
  const mechanism = cramMd5(credentials)
  expect(mechanism.start()).toBeUndefined()
  return latin1(mechanism.respond(challenge) as Uint8Array)
}

describe('HMAC-MD5 (RFC 2202 section 2)', () => {
  const bytes = (value: number, length: number) => new Uint8Array(length).fill(value)
  it.each([
    [bytes(0x0b, 16), octets('Hi There'), '9294727a3638bb1c13f48ef8158bfc9d'],
    [octets('Jefe'), octets('what do ya want for nothing?'), '750c783e6ab0b503eaa86e310a5db738'],
    [bytes(0xaa, 16), bytes(0xdd, 50), '56be34521d144c88dbb8c733f0e8b3f6'],
    [Uint8Array.from({ length: 25 }, (_, i) => i + 1), bytes(0xcd, 50), '697eaf0aca3a3aea3a75164746ffaa79'],
    [bytes(0x0c, 16), octets('Test With Truncation'), '56461ef2342edc00f9bab995690efd4c'],
    [
      bytes(0xaa, 80),
      octets('Test Using Larger Than Block-Size Key - Hash Key First'),
      '6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd',
    ],
    [
      bytes(0xaa, 80),
      octets('Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data'),
      '6f630fad67cda0ee1fb1f562db3aa53e',
    ],
  ])('test case %#', (key, data, digest) => {
    expect(Buffer.from(hmac(md5, key, data)).toString('hex')).toBe(digest)
  })
})

describe('CRAM-MD5 client (RFC 2195)', () => {
  it('answers the example of section 2', () => {
    const challenge = fromBase64('PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+')
    expect(latin1(challenge)).toBe('<1896.697170952@postoffice.reston.mci.net>')
    const response = answer(tim, challenge)
    expect(response).toBe('tim b913a602c7eda7a495b4e6e7334d3890')
    expect(toBase64(octets(response))).toBe('dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw')
  })

  it('takes keys longer than a block and non-ASCII keys as UTF-8', () => {
    const challenge = octets('<1@example.org>')
    for (const password of ['x'.repeat(65), 'pässwörd']) {
      const digest = Buffer.from(hmac(md5, octets(password), challenge)).toString('hex')
      expect(answer({ username: 'tim', password }, challenge)).toBe(`tim ${digest}`)
    }
  })

  it('refuses an empty challenge and a second challenge (T-27)', async () => {
    const mechanism = cramMd5(tim)
    await mechanism.start()
    expect(() => mechanism.respond(octets(''))).toThrow('the challenge is empty')
    await mechanism.respond(octets('<1@x>'))
    expect(() => mechanism.respond(octets('<2@x>'))).toThrow(AuthenticationError)
  })

  it('refuses what it cannot carry', () => {
    expect(() => cramMd5({ ...tim, authorization: 'Ursel' })).toThrow('it cannot carry an authorization identity')
    expect(() => cramMd5({ ...tim, username: 't\0m' })).toThrow('the user name holds a NUL, at octet 1')
    expect(() => cramMd5({ ...tim, password: '' })).toThrow('the password is empty')
  })
})

describe('CRAM-MD5 server (RFC 2195)', () => {
  it('admits the user with the right password', async () => {
    const { step } = await exchange(cramMd5(tim), serverCramMd5(knowsTim))
    expect(step).toEqual({ kind: 'success', identity: 'tim' })
  })

  it('admits a user name with spaces', async () => {
    const server = serverCramMd5({ ...knowsTim, lookup: async () => 'secret' })
    const { step } = await exchange(cramMd5({ username: 'tim of the hill', password: 'secret' }), server)
    expect(step).toEqual({ kind: 'success', identity: 'tim of the hill' })
  })

  it('sends a msg-id that never repeats', async () => {
    const challenges = new Set<string>()
    for (let time = 0; time < 50; time++) {
      const step = await serverCramMd5(knowsTim).start(undefined)
      if (step.kind === 'challenge') challenges.add(latin1(step.challenge))
    }
    expect(challenges.size).toBe(50)
    for (const challenge of challenges) expect(challenge).toMatch(/^<\d{48}@mx\.example\.org>$/)
  })

  it('answers a wrong password and an unknown user alike', async () => {
    const wrong = await exchange(cramMd5({ ...tim, password: 'x' }), serverCramMd5(knowsTim))
    const unknown = await exchange(cramMd5({ ...tim, username: 'tom' }), serverCramMd5(knowsTim))
    expect(wrong.step).toMatchObject({ kind: 'failure', reply: { code: 535, enhanced: '5.7.8' } })
    expect(unknown.step).toEqual(wrong.step)
  })

  it('does not admit an unknown user whose password is the stand-in', async () => {
    const { step } = await exchange(cramMd5({ username: 'tom', password: 'no such user' }), serverCramMd5(knowsTim))
    expect(step.kind).toBe('failure')
  })

  it.each([
    ['an empty response', ''],
    ['no user name', ' b913a602c7eda7a495b4e6e7334d3890'],
    ['no space', 'timb913a602c7eda7a495b4e6e7334d3890'],
    ['a short digest', 'tim b913a602c7eda7a495b4e6e7334d389'],
    ['a NUL', 't\0m b913a602c7eda7a495b4e6e7334d3890'],
  ])('answers 501 to %s', async (_, response) => {
    const server = serverCramMd5(knowsTim)
    await server.start(undefined)
    expect(await server.respond(octets(response))).toMatchObject({ kind: 'failure', reply: { code: 501 } })
  })

  it('must reject an initial response (RFC 4954 section 4)', async () => {
    expect(await serverCramMd5(knowsTim).start(octets('tim'))).toMatchObject({ kind: 'failure', reply: { code: 501 } })
  })

  it('accepts one response to a challenge', async () => {
    const server = serverCramMd5(knowsTim)
    const step = await server.start(undefined)
    if (step.kind !== 'challenge') throw new Error('no challenge')
    const response = octets(answer(tim, step.challenge))
    expect((await server.respond(response)).kind).toBe('success')
    expect((await server.respond(response)).kind).toBe('failure')
  })

  it.each([
    [254, 'success'],
    [255, 'success'],
    [256, 'failure'],
  ])('meets a user name of %i octets with %s', async (length, kind) => {
    const server = serverCramMd5({ ...knowsTim, lookup: () => tim.password })
    expect((await exchange(cramMd5({ ...tim, username: 'x'.repeat(length) }), server)).step.kind).toBe(kind)
  })

  it('refuses a source of randomness that gives too little', () => {
    expect(() => serverCramMd5({ ...knowsTim, random: () => new Uint8Array(4) }).start(undefined)).toThrow(RangeError)
  })
})
