// What every mechanism tells its caller in words and fields: what it is, what it did before it gave up, and, on the server's side, what goes into
// the log. The exchanges themselves stand beside each mechanism.
import { describe, expect, it } from 'vitest'
import { exchange, octets } from '../test/exchange.js'
import {
  AuthenticationError,
  anonymous,
  type ClientMechanism,
  chooseMechanism,
  cramMd5,
  external,
  login,
  oauthBearer,
  plain,
  type ServerMechanism,
  type ServerStep,
  scram,
  scramRecord,
  serverAnonymous,
  serverCramMd5,
  serverExternal,
  serverLogin,
  serverOAuthBearer,
  serverPlain,
  serverScram,
  serverXoauth2,
  xoauth2,
} from './index.js'

const user = { username: 'tim', password: 'pencil' }
const holder = { username: 'tim', token: 'abc' }
const record = await scramRecord('SHA-1', user.password)

/** Where the server's first challenge is not empty. */
const server = { host: 'mail.example', random: (size: number) => new Uint8Array(size) }

const clients: readonly (readonly [string, () => ClientMechanism, () => ServerMechanism, plaintext: boolean])[] = [
  ['PLAIN', () => plain(user), () => serverPlain({ verify: () => true }), true],
  ['LOGIN', () => login(user), () => serverLogin({ verify: () => true }), true],
  ['CRAM-MD5', () => cramMd5(user), () => serverCramMd5({ ...server, lookup: () => user.password }), false],
  ['SCRAM-SHA-1', () => scram('SHA-1', user), () => serverScram('SHA-1', { lookup: () => record }), false],
  ['EXTERNAL', () => external(), () => serverExternal({ identity: 'tim' }), false],
  ['ANONYMOUS', () => anonymous({ trace: 'tim' }), () => serverAnonymous(), false],
  ['OAUTHBEARER', () => oauthBearer(holder), () => serverOAuthBearer({ verify: () => ({ identity: 'tim' }) }), true],
  ['XOAUTH2', () => xoauth2(holder), () => serverXoauth2({ verify: () => ({ identity: 'tim' }) }), true],
]

async function thrown(action: () => unknown): Promise<AuthenticationError> {
  try {
    await action()
  } catch (error) {
    if (error instanceof AuthenticationError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe.each(clients)('%s', (name, makeClient, makeServer, plaintext) => {
  it('has its name on both sides, and says whether its secret can be read', () => {
    expect(makeClient()).toMatchObject({ name, plaintext })
    expect(makeServer()).toMatchObject({ name })
  })

  it('logs in, and again with the same objects', async () => {
    const client = makeClient()
    const peer = makeServer()
    for (let time = 0; time < 2; time++) expect((await exchange(client, peer)).step.kind).toBe('success')
  })

  it('cancels when asked more than it has to say, and tells whether a secret is out', async () => {
    if (name === 'OAUTHBEARER' || name === 'XOAUTH2') return // one more challenge is how they hear of a refusal
    const client = makeClient()
    await exchange(client, makeServer())
    const error = await thrown(() => client.respond(octets('more')))
    expect(error).toMatchObject({
      code: 'ECHALLENGE',
      fault: 'remote',
      mechanism: name,
      credentialsSent: name !== 'EXTERNAL' && name !== 'ANONYMOUS',
      usable: true,
      retry: 'never',
      message: `${name}: the server asks again although everything was said`,
    })
  })

  it('as a server takes no response that it has not asked for', async () => {
    const peer = makeServer()
    const reply = { code: 501, enhanced: '5.5.2', text: 'Malformed authentication exchange' }
    const words = { kind: 'failure', reason: 'a response to no challenge', reply }
    expect(await peer.respond(octets('x'))).toMatchObject(words)
    await exchange(makeClient(), peer)
    expect(await peer.respond(octets('x'))).toMatchObject(words)
  })
})

describe('what a client tells about itself when it gives up', () => {
  it('SCRAM says that nothing is out before it has begun, and before the proof', async () => {
    const mechanism = scram('SHA-1', user)
    const early = { mechanism: 'SCRAM-SHA-1', credentialsSent: false }
    expect(await thrown(() => mechanism.respond(octets('x')))).toMatchObject({
      ...early,
      code: 'ECHALLENGE',
      usable: true,
    })
    expect(await thrown(() => mechanism.finish?.())).toMatchObject({ ...early, code: 'EPROOF', usable: false })
    await mechanism.start()
    expect(await thrown(() => mechanism.finish?.())).toMatchObject({ ...early, code: 'EPROOF' })
    expect(await thrown(() => mechanism.respond(octets('x')))).toMatchObject({ ...early, code: 'ECHALLENGE' })
    expect(await thrown(() => mechanism.respond(octets('x')))).toMatchObject({
      ...early,
      message: 'SCRAM-SHA-1: the server asks again although everything was said',
    })
  })

  it('SCRAM says that the proof is out when the server does not prove itself', async () => {
    const peer = serverScram('SHA-1', { lookup: () => record })
    const mechanism = scram('SHA-1', user)
    const first = await peer.start(await mechanism.start())
    await mechanism.respond(first.kind === 'challenge' ? first.challenge : octets(''))
    expect(await thrown(() => mechanism.finish?.())).toMatchObject({
      credentialsSent: true,
      message: 'SCRAM-SHA-1: the server reports success without its signature',
    })
    const wrong = `v=${Buffer.alloc(20).toString('base64')}`
    expect(await thrown(() => mechanism.respond(octets(wrong)))).toMatchObject({
      code: 'EPROOF',
      credentialsSent: true,
      message: 'SCRAM-SHA-1: the signature of the server is wrong',
    })
    expect(await thrown(() => mechanism.finish?.())).toMatchObject({ code: 'EPROOF', credentialsSent: true })
  })

  it.each([
    [4095, 'the server asks for 4095 iterations, less than the 4096 that make a password hard to guess'],
    [1_000_001, 'the server asks for 1000001 iterations, more than the 1000000 permitted'],
  ])('SCRAM names the count of iterations that it does not accept: %d (T-25)', async (iterations, told) => {
    const mechanism = scram('SHA-1', user, { nonce: () => 'abc' })
    await mechanism.start()
    const error = await thrown(() => mechanism.respond(octets(`r=abcd,s=AAAA,i=${iterations}`)))
    expect(error).toMatchObject({ code: 'ECHALLENGE', credentialsSent: false, message: `SCRAM-SHA-1: ${told}` })
  })

  it('randomness that is too short is named', () => {
    const lookup = () => user.password
    const short = serverCramMd5({ host: 'mail.example', lookup, random: () => new Uint8Array(3) })
    expect(() => short.start(undefined)).toThrow('random(16) gave 3 octets')
  })

  it('CRAM-MD5 refuses an empty challenge before its digest is out', async () => {
    const mechanism = cramMd5(user)
    await mechanism.start()
    expect(await thrown(() => mechanism.respond(octets('')))).toMatchObject({
      credentialsSent: false,
      message: 'CRAM-MD5: the challenge is empty',
    })
  })

  it('LOGIN has nothing to say before it was started', async () => {
    expect(await thrown(() => login(user).respond(octets('')))).toMatchObject({ code: 'ECHALLENGE' })
  })

  it.each([oauthBearer, xoauth2])('a refused token is out, whatever the server does next', async make => {
    const mechanism = make(holder)
    await mechanism.start()
    await mechanism.respond(octets('{}'))
    const details = { mechanism: mechanism.name, credentialsSent: true, fault: 'remote' }
    expect(await thrown(() => mechanism.respond(octets('{}')))).toMatchObject({
      ...details,
      code: 'ECHALLENGE',
      message: `${mechanism.name}: the server asks again although it has refused`,
    })
    expect(await thrown(() => mechanism.finish?.())).toMatchObject({
      ...details,
      code: 'EPROOF',
      message: `${mechanism.name}: the server refused the token and then reports success`,
    })
    expect(mechanism.failure?.()).toMatchObject({
      ...details,
      message: `${mechanism.name}: the server refuses the token`,
    })
  })

  it.each([
    [() => oauthBearer({ ...holder, host: 'a b' }), 'OAUTHBEARER: the host is not printable ASCII'],
    [() => oauthBearer({ ...holder, host: '' }), 'OAUTHBEARER: the host is not printable ASCII'],
    [() => oauthBearer({ ...holder, port: 0 }), 'OAUTHBEARER: the port is not a number from 1 to 65535'],
    [() => oauthBearer({ ...holder, username: '' }), 'OAUTHBEARER: the user name is empty'],
    [() => xoauth2({ ...holder, username: 'a\x01' }), 'XOAUTH2: the user name holds a control character, at 1'],
    [() => xoauth2({ ...holder, token: 'a b' }).start(), 'XOAUTH2: the token is not a bearer token of RFC 6750'],
    [() => external({ authorization: '\0' }), 'EXTERNAL: the authorization identity holds a NUL, at octet 0'],
    [
      () => scram('SHA-1', { ...user, authorization: '\0' }),
      'SCRAM-SHA-1: the authorization identity holds a NUL, at octet 0',
    ],
    [() => scram('SHA-1', { ...user, password: '' }), 'SCRAM-SHA-1: the password is empty'],
    [
      () => scram('SHA-1', { ...user, username: 'a\0' }),
      'SCRAM-SHA-1: the user name: a control character, character 2',
    ],
    [() => scramRecord('SHA-512', ''), 'SCRAM-SHA-512: the password is empty'],
    [() => anonymous({ trace: '\ud800' }), 'ANONYMOUS: the trace: half of a surrogate pair, character 1'],
    [() => anonymous({ trace: 'x'.repeat(256) }), 'ANONYMOUS: the trace: longer than 255 characters'],
  ])('credentials that cannot be sent are named by field and place: %#', async (action, message) => {
    expect(await thrown(action)).toMatchObject({
      code: 'ECREDENTIALS',
      fault: 'local',
      retry: 'caller',
      credentialsSent: false,
      message,
    })
  })

  it('a user name for SCRAM is prepared as a query, a password as a stored string', () => {
    const uses: unknown[] = []
    const prepare = (text: string, use: unknown) => {
      uses.push([text, use])
      return text
    }
    scram('SHA-1', user, { prepare })
    expect(uses).toEqual([
      ['tim', 'query'],
      ['pencil', 'stored'],
    ])
  })
})

describe('what a server tells its log, and never the client', () => {
  const say = async (peer: ServerMechanism, ...messages: readonly string[]): Promise<ServerStep> => {
    let step = await peer.start(undefined)
    for (const message of messages) step = await peer.respond(Buffer.from(message, 'latin1'))
    return step
  }
  const no = { verify: () => false }
  const noToken = { verify: () => ({ failure: { status: 'invalid_token' } }) }
  const scramServer = (options: Partial<Parameters<typeof serverScram>[1]> = {}) =>
    serverScram('SHA-1', { lookup: () => record, nonce: () => 'x', ...options })
  const binding = { type: 'tls-unique', data: octets('x') }
  const proof = Buffer.alloc(20).toString('base64')

  it.each([
    ['PLAIN', () => say(serverPlain(no), '\0tim\0pencil'), 535, 'the password does not match'],
    ['PLAIN', () => say(serverPlain(no), 'tim\0pencil'), 501, 'the message has fewer than three fields'],
    ['PLAIN', () => say(serverPlain(no), 'tim'), 501, 'the message has fewer than three fields'],
    ['PLAIN', () => say(serverPlain(no), '\0\0pencil'), 501, 'a field is empty, too long, not UTF-8 or holds a NUL'],
    [
      'PLAIN',
      () => say(serverPlain({ verify: () => true }), 'root\0tim\0pencil'),
      535,
      'the user may not act as the requested identity',
    ],
    ['LOGIN', () => say(serverLogin(no), 'tim', 'pencil'), 535, 'the password does not match'],
    ['LOGIN', () => say(serverLogin(no), ''), 501, 'the user name is empty, too long, not UTF-8 or holds a NUL'],
    [
      'LOGIN',
      () => say(serverLogin(no), 'tim', '\xff'),
      501,
      'the password is empty, too long, not UTF-8 or holds a NUL',
    ],
    [
      'CRAM-MD5',
      () => say(serverCramMd5({ ...server, lookup: () => 'x' }), `tim ${'0'.repeat(32)}`),
      535,
      'the digest does not match',
    ],
    [
      'CRAM-MD5',
      () => say(serverCramMd5({ ...server, lookup: () => 'x' }), 'tim'),
      501,
      'the response is not a user name, a space and a digest',
    ],
    [
      'CRAM-MD5',
      async () => serverCramMd5({ ...server, lookup: () => 'x' }).start(octets('')),
      501,
      'an initial response, but the server speaks first',
    ],
    [
      'EXTERNAL',
      () => say(serverExternal({ identity: undefined }), ''),
      535,
      'the client has not established its credentials',
    ],
    [
      'EXTERNAL',
      () => say(serverExternal({ identity: 'tim' }), '\0'),
      501,
      'the identity is too long, not UTF-8 or holds a NUL',
    ],
    ['ANONYMOUS', () => say(serverAnonymous({ admit: () => false }), ''), 535, 'turned away'],
    ['ANONYMOUS', () => say(serverAnonymous(), '\xff'), 501, 'the trace is not in the grammar'],
    [
      'OAUTHBEARER',
      () => say(serverOAuthBearer(noToken), 'n,,\x01auth=Bearer x\x01\x01', '\x01'),
      535,
      'the token is not accepted',
    ],
    [
      'OAUTHBEARER',
      () => say(serverOAuthBearer(noToken), 'n,,\x01auth=Basic x\x01\x01'),
      501,
      'the authorization is not a bearer token',
    ],
    [
      'OAUTHBEARER',
      () => say(serverOAuthBearer(noToken), 'n,,\x01auth=xBearer x\x01\x01'),
      501,
      'the authorization is not a bearer token',
    ],
    [
      'OAUTHBEARER',
      () => say(serverOAuthBearer(noToken), 'n,,\x01auth=Bearer x y\x01\x01'),
      501,
      'the authorization is not a bearer token',
    ],
    [
      'OAUTHBEARER',
      () => say(serverOAuthBearer(noToken), 'xn,,\x01auth=Bearer x\x01\x01'),
      501,
      'the message is not in the grammar',
    ],
    [
      'OAUTHBEARER',
      () => say(serverOAuthBearer(noToken), 'n,,\x01auth=Bearer x\x01\x01x'),
      501,
      'the message is not in the grammar',
    ],
    [
      'OAUTHBEARER',
      () => say(serverOAuthBearer(noToken), 'n,,\x01auth=Bearer x\x01\x01\xff'),
      501,
      'the message is not in the grammar',
    ],
    [
      'OAUTHBEARER',
      () => say(serverOAuthBearer(noToken), 'n,,\x011=1\x01auth=Bearer x\x01\x01'),
      501,
      'the message is not in the grammar',
    ],
    [
      'OAUTHBEARER',
      () => say(serverOAuthBearer(noToken), 'n,,\x011a=1\x01auth=Bearer x\x01\x01'),
      501,
      'the message is not in the grammar',
    ],
    [
      'OAUTHBEARER',
      () => say(serverOAuthBearer(noToken), 'n,,\x01a=\x02\x01auth=Bearer x\x01\x01'),
      501,
      'the message is not in the grammar',
    ],
    [
      'OAUTHBEARER',
      () => say(serverOAuthBearer(noToken), 'n,,\x01a\x01auth=Bearer x\x01\x01'),
      501,
      'the message is not in the grammar',
    ],
    ['OAUTHBEARER', () => say(serverOAuthBearer(noToken), 'n,,\x01'), 501, 'the message is not in the grammar'],
    [
      'OAUTHBEARER',
      () => say(serverOAuthBearer(noToken), 'n,,\x01host=a\x01\x01'),
      501,
      'the message is not in the grammar',
    ],
    ['OAUTHBEARER', () => say(serverOAuthBearer(noToken), 'n,,\x01\x01'), 501, 'the message is not in the grammar'],
    ['XOAUTH2', () => say(serverXoauth2(noToken), 'user=tim\x01\x01'), 501, 'the message is not in the grammar'],
    [
      'XOAUTH2',
      () => say(serverXoauth2(noToken), 'xuser=tim\x01auth=Bearer x\x01\x01'),
      501,
      'the message is not in the grammar',
    ],
    [
      'XOAUTH2',
      () => say(serverXoauth2(noToken), 'user=tim\x01auth=Bearer x\x01\x01x'),
      501,
      'the message is not in the grammar',
    ],
    ['SCRAM', () => say(scramServer({ lookup: () => undefined }), 'n,,n=tim,r=a'), 535, 'there is no such user'],
    ['SCRAM', () => say(scramServer(), 'n,,n=tim,r=\xff'), 501, 'the message is not UTF-8'],
    ['SCRAM', () => say(scramServer(), 'n=tim,r=a'), 501, 'the message does not begin with a GS2 header'],
    ['SCRAM', () => say(scramServer(), 'xn,,n=tim,r=a'), 501, 'the message does not begin with a GS2 header'],
    ['SCRAM', () => say(scramServer(), 'n,,n=t=m,r=a'), 501, 'a name holds a "=" that is neither "=2C" nor "=3D"'],
    ['SCRAM', () => say(scramServer(), 'n,,n=tim,r=a b'), 501, 'the nonce is not printable ASCII'],
    ['SCRAM', () => say(scramServer(), 'n,,n=\u2ff0,r=a'), 501, 'the message is not UTF-8'],
    ['SCRAM', () => say(scramServer({ prepare: () => '' }), 'n,,n=tim,r=a'), 535, 'the user name cannot be prepared'],
    [
      'SCRAM',
      () => say(scramServer(), 'p=tls-unique,,n=tim,r=a'),
      535,
      'the client binds to a type not supported here',
    ],
    [
      'SCRAM',
      () => say(scramServer({ plus: true, channelBindings: [binding] }), 'n,,n=tim,r=a'),
      535,
      'the client does not bind, but asked for -PLUS',
    ],
    [
      'SCRAM',
      () => say(scramServer({ channelBindings: [binding] }), 'y,,n=tim,r=a'),
      535,
      'the client believes that the server cannot bind: the offer was removed on the way',
    ],
    ['SCRAM', () => say(scramServer(), 'n,,n=tim,r=a', '\xff'), 501, 'the message is not UTF-8'],
    [
      'SCRAM',
      () => say(scramServer(), 'n,,n=tim,r=a', `c=biws,r=ay,p=${proof}`),
      535,
      'the nonce is not the one that was sent',
    ],
    [
      'SCRAM',
      () => say(scramServer(), 'n,,n=tim,r=a', `c=eSws,r=ax,p=${proof}`),
      535,
      'the channel binding does not match',
    ],
    ['SCRAM', () => say(scramServer(), 'n,,n=tim,r=a', `c=biws,r=ax,p=${proof}`), 535, 'the proof does not match'],
    [
      'SCRAM',
      () => say(scramServer(), 'n,,n=tim,r=a', 'c=biws,r=ax,p=!'),
      501,
      'the channel binding or the proof is not base64',
    ],
    ['SCRAM', () => say(scramServer(), 'n,,m=1,n=tim,r=a', ''), 501, 'it demands an extension that does not exist'],
  ])('%s: %#', async (_name, run, code, reason) => {
    expect(await run()).toMatchObject({ kind: 'failure', reason, reply: { code } })
  })

  it('SCRAM takes an answer to its signature for the end of the exchange', async () => {
    const peer = scramServer()
    const client = scram('SHA-1', user)
    const first = await peer.start(await client.start())
    const second = await peer.respond(first.kind === 'challenge' ? await client.respond(first.challenge) : octets(''))
    expect(second.kind).toBe('challenge')
    expect(await peer.respond(octets('x'))).toMatchObject({
      kind: 'failure',
      reason: 'an answer to the signature, which asks for none',
    })
  })

  it('SCRAM refuses the right password of somebody who may not act as another, without its signature', async () => {
    const client = scram('SHA-1', { ...user, authorization: 'root' })
    const { step, messages } = await exchange(client, scramServer())
    expect(step).toMatchObject({ kind: 'failure', reason: 'the user may not act as the requested identity' })
    expect(messages.join()).not.toContain('v=')
  })

  it('SCRAM takes no second first message behind one that it has refused', async () => {
    const peer = scramServer()
    expect((await peer.start(octets('nothing'))).kind).toBe('failure')
    expect(await peer.respond(octets('n,,n=tim,r=a'))).toMatchObject({ reason: 'a response to no challenge' })
  })

  it('a name is prepared as a query, and looked up so', async () => {
    const uses: unknown[] = []
    const prepare = (_text: string, use: unknown) => {
      uses.push(use)
      return 'tim'
    }
    await scramServer({ prepare }).start(octets('n,,n=tim,r=a'))
    await serverPlain({ ...no, prepare }).start(octets('\0tim\0pencil'))
    expect(uses).toEqual(['query', 'query', 'query'])
  })

  it('SCRAM is not made with -PLUS and nothing to bind to', async () => {
    expect(await thrown(() => scramServer({ plus: true }))).toMatchObject({
      code: 'EPOLICY',
      fault: 'local',
      message: 'a -PLUS mechanism needs a channel binding',
    })
  })

  it('OAuth servers tell a client without a token what to ask for, and no more than they know', async () => {
    const ask = async (missingToken?: object) => {
      const step = await serverOAuthBearer({ ...noToken, ...(missingToken && { missingToken }) }).start(
        octets('n,,\x01auth=\x01\x01'),
      )
      return step.kind === 'challenge' ? Buffer.from(step.challenge).toString() : step
    }
    expect(await ask()).toBe('{"status":"invalid_token"}')
    expect(await ask({ scope: 'mail', status: undefined })).toBe('{"scope":"mail"}')
  })

  it('OAuth servers hand on what there is of host and port', async () => {
    const attempts: object[] = []
    const verify = (attempt: object) => {
      attempts.push(attempt)
      return { identity: 'tim' }
    }
    await serverOAuthBearer({ verify }).start(octets('n,,\x01auth=bearer  x\x01\x01'))
    await serverOAuthBearer({ verify }).start(octets('n,,\x01host=a\x01port=1\x01auth=Bearer x\x01\x01'))
    await serverXoauth2({ verify }).start(octets('user=tim\x01auth=Bearer x\x01\x01'))
    expect(attempts.map(attempt => Object.keys(attempt))).toEqual([
      ['mechanism', 'username', 'token'],
      ['mechanism', 'username', 'token', 'host', 'port'],
      ['mechanism', 'username', 'token'],
    ])
    expect(attempts).toMatchObject([{ mechanism: 'OAUTHBEARER' }, { host: 'a', port: '1' }, { mechanism: 'XOAUTH2' }])
  })
})

describe('the choice', () => {
  it.each([
    ['allow', { allow: ['PLAN'] }],
    ['deny', { deny: ['PLAN'] }],
    ['minimum', { minimum: 'PLAN' }],
  ])('names the option with the misspelt name: %s', async (option, policy) => {
    const choose = () => chooseMechanism(['PLAIN'], user, { secure: true, ...(policy as object) })
    expect(await thrown(choose)).toMatchObject({
      code: 'EPOLICY',
      fault: 'local',
      message: `${option}: PLAN is not a mechanism known here`,
    })
  })

  it('says of each name that was offered why it was not used', async () => {
    const offered = ['ANONYMOUS', 'OAUTHBEARER', 'XOAUTH2', 'EXTERNAL', 'PLAIN']
    const nobody = { token: undefined, password: undefined, anonymous: false } as unknown as typeof user
    const error = await thrown(() => chooseMechanism(offered, nobody, { secure: true }))
    expect(error.message).toBe(
      'No authentication mechanism can be used. The server offers EXTERNAL (not asked for), OAUTHBEARER (needs a token), ' +
        'XOAUTH2 (needs a token), PLAIN (needs a password), ANONYMOUS (not asked for)',
    )
    const bare = await thrown(() => chooseMechanism(offered, {} as typeof user, { secure: true }))
    expect(bare.message).toBe(error.message)
  })

  it('lets through what is no error of a mechanism', () => {
    const prepare = () => {
      throw new TypeError('a bug of the caller')
    }
    expect(() => chooseMechanism(['SCRAM-SHA-1'], user, { secure: true, scram: { prepare } })).toThrow(TypeError)
  })

  it('takes a name with -PLUS that is not of SCRAM for no offer of binding', async () => {
    const channelBinding = { type: 'tls-unique', data: octets('x') }
    const mechanism = chooseMechanism(['GS2-KRB5-PLUS', 'SCRAM-SHA-1'], user, { secure: true, channelBinding })
    expect(Buffer.from((await mechanism.start()) ?? []).toString()).toMatch(/^y,,/)
  })
})
