import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { exchange, fromBase64, latin1, octets, toBase64 } from '../test/exchange.js'
import {
  AuthenticationError,
  oauthBearer,
  Secret,
  serverOAuthBearer,
  serverXoauth2,
  type TokenVerdict,
  type VerifyToken,
  xoauth2,
} from './index.js'

const TOKEN = 'vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=='
const user = { username: 'user@example.com', token: TOKEN }

async function sent(mechanism: ReturnType<typeof xoauth2>): Promise<string> {
  return latin1((await mechanism.start()) ?? octets(''))
}

describe('OAUTHBEARER client (RFC 7628)', () => {
  it('sends the IMAP message of section 4.1', async () => {
    const message = fromBase64(
      'bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVyI' +
        'HZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB',
    )
    expect(await oauthBearer({ ...user, host: 'server.example.com', port: 143 }).start()).toEqual(message)
  })

  it('sends the SMTP message of section 4.1', async () => {
    const message =
      'bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9NTg3AWF1dGg9QmVhcmVyIHZGOWRmd' +
      'DRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB'
    const start = await oauthBearer({ ...user, host: 'server.example.com', port: 587 }).start()
    expect(toBase64(start ?? octets(''))).toBe(message)
  })

  it('answers the failure of section 4.4 with AQ== and tells the reason', async () => {
    const mechanism = oauthBearer(user)
    await mechanism.start()
    expect(mechanism.failure?.()).toBeUndefined()
    const answer = await mechanism.respond(
      fromBase64(
        'eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIiwic2NoZW1lcyI6ImJlYXJlciBtYWMiLCJzY29wZSI6Imh0dHBzOi8vbWFpbC5leGFtcGxlLmNvbS8ifQ==',
      ),
    )
    expect(toBase64(answer)).toBe('AQ==')
    const error = mechanism.failure?.()
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(error).toMatchObject({ code: 'EREFUSED', fault: 'remote', credentialsSent: true, retry: 'caller' })
    expect(error?.oauth).toEqual({
      status: 'invalid_token',
      schemes: 'bearer mac',
      scope: 'https://mail.example.com/',
    })
    expect(error?.message).toBe(
      'OAUTHBEARER: the server refuses the token: invalid_token, it wants the scope https://mail.example.com/',
    )
  })

  it('reads the failure of section 4.3', async () => {
    const mechanism = oauthBearer(user)
    await mechanism.start()
    await mechanism.respond(
      fromBase64(
        'eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIiwic2NvcGUiOiJleGFtcGxlX3Njb3BlIiwib3BlbmlkLWNvbmZpZ3VyYXRpb24iOiJodHRwczovL2V4YW1wbGUuY29tLy53ZWxsLWtub3duL29wZW5pZC1jb25maWd1cmF0aW9uIn0=',
      ),
    )
    expect(mechanism.failure?.()?.oauth).toEqual({
      status: 'invalid_token',
      scope: 'example_scope',
      openidConfiguration: 'https://example.com/.well-known/openid-configuration',
    })
  })

  it('escapes "," and "=" in the name (T-23)', async () => {
    expect(await sent(oauthBearer({ ...user, username: 'a,b=c' }))).toBe(
      `n,a=a=2Cb=3Dc,\x01auth=Bearer ${TOKEN}\x01\x01`,
    )
  })

  it.each([
    ['a host with a space', { host: 'a b' }],
    ['a host with ^A', { host: 'a\x01auth=Bearer x' }],
    ['the port 0', { port: 0 }],
    ['the port 65536', { port: 65536 }],
    ['the port 1.5', { port: 1.5 }],
  ])('refuses %s', (_, where) => {
    expect(() => oauthBearer({ ...user, ...where })).toThrow(expect.objectContaining({ code: 'ECREDENTIALS' }))
  })
})

describe('XOAUTH2 client', () => {
  it('sends the example of Google’s page', async () => {
    const google = { username: 'someuser@example.com', token: 'vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg==' }
    expect(toBase64(octets(await sent(xoauth2(google))))).toBe(
      'dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB2RjlkZnQ0cW1UYzJOdmIzUmxja0JoZEhSaGRtbHpkR0V1WTI5dENnPT0BAQ==',
    )
  })

  it('answers the error of Google’s page with nothing and tells the reason', async () => {
    const mechanism = xoauth2(user)
    await mechanism.start()
    const error = 'eyJzdGF0dXMiOiI0MDEiLCJzY2hlbWVzIjoiYmVhcmVyIG1hYyIsInNjb3BlIjoiaHR0cHM6Ly9tYWlsLmdvb2dsZS5jb20vIn0K'
    expect(await mechanism.respond(fromBase64(error))).toEqual(new Uint8Array(0))
    expect(mechanism.failure?.()?.oauth).toEqual({
      status: '401',
      schemes: 'bearer mac',
      scope: 'https://mail.google.com/',
    })
  })
})

describe.each([
  ['OAUTHBEARER', oauthBearer],
  ['XOAUTH2', xoauth2],
] as const)('%s client', (name, make) => {
  it('shows the token, and says so', () => {
    expect(make(user)).toMatchObject({ name, plaintext: true })
  })

  it('asks for a token at every start', async () => {
    const token = vi.fn(async () => new Secret(`token-${token.mock.calls.length}`))
    const mechanism = make({ ...user, token })
    expect(await sent(mechanism)).toContain('Bearer token-1\x01')
    expect(await sent(mechanism)).toContain('Bearer token-2\x01')
  })

  it('passes on what the token function throws', async () => {
    const token = () => Promise.reject(new Error('the issuer is down'))
    await expect(sent(make({ ...user, token }))).rejects.toThrow('the issuer is down')
  })

  it.each(['', 'a b', 'a\x01b', 'a\r\nb', 'tökén', '=a', 'a=b'])(
    'refuses the token %j (RFC 6750 2.1, T-23)',
    async token => {
      await expect(sent(make({ ...user, token }))).rejects.toThrow(
        expect.objectContaining({ code: 'ECREDENTIALS', credentialsSent: false }),
      )
    },
  )

  it.each(['', 'a\x01b', 'a\nb', 'a\x7f', 'a\0'])('refuses the user name %j (T-23)', username => {
    expect(() => make({ ...user, username })).toThrow(expect.objectContaining({ code: 'ECREDENTIALS' }))
  })

  it('acts as another where told to', async () => {
    expect(await sent(make({ ...user, authorization: 'shared@example.com' }))).toMatch(/=shared@example\.com[,\x01]/)
  })

  it('takes no success after a refusal', async () => {
    const mechanism = make(user)
    await mechanism.start()
    expect(() => mechanism.finish?.()).not.toThrow()
    await mechanism.respond(octets('{"status":"invalid_token"}'))
    expect(() => mechanism.finish?.()).toThrow(expect.objectContaining({ code: 'EPROOF', usable: false }))
  })

  it('takes no second challenge (T-27), and begins anew at start', async () => {
    const mechanism = make(user)
    await mechanism.start()
    await mechanism.respond(octets(''))
    expect(() => mechanism.respond(octets(''))).toThrow('asks again')
    await mechanism.start()
    expect(mechanism.failure?.()).toBeUndefined()
    await mechanism.respond(octets(''))
  })

  it.each([
    ['nothing', '', {}],
    ['text', 'go away', {}],
    ['null', 'null', {}],
    ['an array', '["status"]', {}],
    ['a number as status', '{"status":401}', { status: '401' }],
    ['members that are no text', '{"status":{"a":1},"scope":null,"schemes":true}', {}],
    ['names of object members', '{"__proto__":{"status":"x"},"constructor":"y"}', {}],
  ])('makes the best of %s for a reason', async (_, challenge, oauth) => {
    const mechanism = make(user)
    await mechanism.start()
    await mechanism.respond(octets(challenge))
    expect(mechanism.failure?.()?.oauth).toEqual(oauth)
  })

  it('survives any octets for a reason, and puts none of them raw into a message (T-29)', () => {
    const reason = fc.oneof(
      fc.uint8Array(),
      fc
        .record({ status: fc.string({ unit: 'binary' }), scope: fc.string() })
        .map(json => octets(JSON.stringify(json))),
    )
    return fc.assert(
      fc.asyncProperty(reason, async challenge => {
        const mechanism = make(user)
        await mechanism.start()
        await mechanism.respond(challenge)
        expect(mechanism.failure?.()?.message).toMatch(/^[\x20-\x7e]{1,400}$/)
      }),
    )
  })
})

describe('OAUTHBEARER and XOAUTH2 servers', () => {
  const pairs = [
    ['OAUTHBEARER', oauthBearer, serverOAuthBearer],
    ['XOAUTH2', xoauth2, serverXoauth2],
  ] as const

  function verify(attempt: Parameters<VerifyToken>[0]): TokenVerdict {
    return attempt.token.reveal() === TOKEN
      ? { identity: attempt.username }
      : { failure: { status: 'invalid_token', scope: 'mail', openidConfiguration: 'https://id.example/' } }
  }

  it.each(pairs)('%s: a good token is the end', async (_, client, server) => {
    const { step, messages } = await exchange(client(user), server({ verify }))
    expect(step).toEqual({ kind: 'success', identity: 'user@example.com' })
    expect(messages).toHaveLength(1)
    const later = await exchange(client(user), server({ verify }), { withoutInitialResponse: true })
    expect(later.step.kind).toBe('success')
  })

  it.each(pairs)('%s: a bad token gets a reason, then 535', async (_, client, server) => {
    const mechanism = client({ ...user, token: 'expired' })
    const { step, messages } = await exchange(mechanism, server({ verify }))
    expect(step).toMatchObject({ kind: 'failure', reply: { code: 535, enhanced: '5.7.8' } })
    expect(messages[1]).toBe(
      'S: {"status":"invalid_token","scope":"mail","openid-configuration":"https://id.example/"}',
    )
    expect(mechanism.failure?.()?.oauth).toEqual({
      status: 'invalid_token',
      scope: 'mail',
      openidConfiguration: 'https://id.example/',
    })
  })

  it('hands name, token, host and port to verify', async () => {
    const seen = vi.fn<VerifyToken>(() => ({ identity: 'x' }))
    await exchange(oauthBearer({ ...user, username: 'a,=', host: 'mx', port: 25 }), serverOAuthBearer({ verify: seen }))
    const attempt = seen.mock.calls[0]?.[0]
    expect(attempt).toMatchObject({ mechanism: 'OAUTHBEARER', username: 'a,=', host: 'mx', port: '25' })
    expect(attempt?.token.reveal()).toBe(TOKEN)
  })

  it('tells a client without token what to ask for (RFC 7628 section 4.3)', async () => {
    const message = fromBase64('bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9AQE=')
    const server = serverOAuthBearer({ verify, missingToken: { status: 'invalid_token', scope: 'example_scope' } })
    const step = await server.start(message)
    expect(step.kind === 'challenge' && latin1(step.challenge)).toBe(
      '{"status":"invalid_token","scope":"example_scope"}',
    )
    expect((await server.respond(Uint8Array.of(1))).kind).toBe('failure')
    expect((await server.respond(Uint8Array.of(1))).kind).toBe('failure')
  })

  it('ignores unknown pairs and the case of "Bearer" (sections 3.1 and 4)', async () => {
    const message = `n,,\x01future=x y\x01auth=BeArEr ${TOKEN}\x01\x01`
    expect(await serverOAuthBearer({ verify }).start(octets(message))).toEqual({ kind: 'success', identity: '' })
  })

  it.each([
    ['nothing', ''],
    ['^A alone', '\x01'],
    ['no GS2 header', `auth=Bearer ${TOKEN}\x01\x01`],
    ['a bound channel', `p=tls-exporter,,\x01auth=Bearer ${TOKEN}\x01\x01`],
    ['no authorization', 'n,a=x,\x01host=mx\x01\x01'],
    ['two authorizations', `n,,\x01auth=Bearer a\x01auth=Bearer ${TOKEN}\x01\x01`],
    ['another scheme', 'n,,\x01auth=Basic dXNlcg==\x01\x01'],
    ['a pair left open', `n,,\x01auth=Bearer ${TOKEN}\x01`],
    ['a pair without key', `n,,\x01=x\x01auth=Bearer ${TOKEN}\x01\x01`],
    ['a stray "=" in the name', `n,a=x=,\x01auth=Bearer ${TOKEN}\x01\x01`],
    ['the example of section 4.4, whose header is wrong', `n,user=x@example.com,\x01auth=Bearer ${TOKEN}\x01\x01`],
  ])('OAUTHBEARER server answers 501 to %s', async (_, message) => {
    expect(await serverOAuthBearer({ verify }).start(octets(message))).toMatchObject({
      kind: 'failure',
      reply: { code: 501 },
    })
  })

  it.each([
    '',
    'user=\x01auth=Bearer x\x01\x01',
    'auth=Bearer x\x01\x01',
    'user=x\x01\x01',
    'user=x\x01auth=Bearer x\x01',
  ])('XOAUTH2 server answers 501 to %j', async message => {
    expect(await serverXoauth2({ verify }).start(octets(message))).toMatchObject({
      kind: 'failure',
      reply: { code: 501 },
    })
  })

  it.each([
    [-1, 'success'],
    [0, 'success'],
    [1, 'failure'],
  ])('meets a message %i octets from the limit with %s', async (distance, kind) => {
    const overhead = octets('user=x\x01auth=Bearer \x01\x01').length
    const message = octets(`user=x\x01auth=Bearer ${'t'.repeat(12288 + distance - overhead)}\x01\x01`)
    expect((await serverXoauth2({ verify: () => ({ identity: 'x' }) }).start(message)).kind).toBe(kind)
  })

  it('takes no response out of turn', async () => {
    const server = serverXoauth2({ verify })
    expect(await server.respond(octets(''))).toMatchObject({ kind: 'failure', reply: { code: 501 } })
    await server.start(undefined)
    const message = octets(`user=x\x01auth=Bearer ${TOKEN}\x01\x01`)
    expect((await server.respond(message)).kind).toBe('success')
    expect(await server.respond(message)).toMatchObject({ kind: 'failure', reply: { code: 501 } })
  })
})
