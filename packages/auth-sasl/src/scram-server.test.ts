import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { exchange, latin1, octets, toBase64 } from '../test/exchange.js'
import { type ScramRecord, type ServerScramOptions, scram, scramRecord, serverScram } from './index.js'

const user = { username: 'user', password: 'pencil' }
const exporter = { type: 'tls-exporter', data: octets('exported') }
const unique = { type: 'tls-unique', data: octets('finished') }
const record: ScramRecord = await scramRecord('SHA-256', user.password)

function server(options: Partial<ServerScramOptions> = {}) {
  return serverScram('SHA-256', { lookup: name => (name === 'user' ? record : undefined), ...options })
}

describe('SCRAM server (RFC 5802)', () => {
  it('admits the user, after the client took note of the signature', async () => {
    const { step, messages } = await exchange(scram('SHA-256', user), server())
    expect(step).toEqual({ kind: 'success', identity: 'user' })
    expect(messages).toHaveLength(5)
    expect(messages[3]).toMatch(/^S: v=/)
    expect(messages[4]).toBe('C: ')
  })

  it('asks with an empty challenge when there was no initial response', async () => {
    const { step, messages } = await exchange(scram('SHA-256', user), server(), { withoutInitialResponse: true })
    expect(step.kind).toBe('success')
    expect(messages[0]).toBe('S: ')
  })

  it('answers a wrong password with 535 and shows no signature', async () => {
    const { step, messages } = await exchange(scram('SHA-256', { ...user, password: 'pen' }), server())
    expect(step).toMatchObject({ kind: 'failure', reply: { code: 535, enhanced: '5.7.8' } })
    expect(messages.join()).not.toContain('v=')
  })

  it('looks the prepared name up', async () => {
    const lookup = vi.fn(() => record)
    const { step } = await exchange(scram('SHA-256', { ...user, username: '\u2168' }), server({ lookup }))
    expect(lookup).toHaveBeenCalledWith('IX')
    expect(step).toEqual({ kind: 'success', identity: 'IX' })
    // "Whether or not the server prepares the username [...] it MUST use it as received in hash calculations"
    const raw = scram('SHA-256', { ...user, username: '\u2168' }, { prepare: text => text })
    expect((await exchange(raw, server({ lookup }))).step).toEqual({ kind: 'success', identity: 'IX' })
  })

  it('lets nobody act as another unless the owner says so', async () => {
    const asAdmin = { ...user, authorization: 'admin,=' }
    expect((await exchange(scram('SHA-256', asAdmin), server())).step.kind).toBe('failure')
    const authorize = vi.fn(() => true)
    const { step } = await exchange(scram('SHA-256', asAdmin), server({ authorize }))
    expect(step).toEqual({ kind: 'success', identity: 'user', authorization: 'admin,=' })
    expect(authorize).toHaveBeenCalledWith('user', 'admin,=')
  })

  it('does not ask about the authorization before the proof', async () => {
    const authorize = vi.fn(() => true)
    const wrong = scram('SHA-256', { username: 'user', password: 'no', authorization: 'x' })
    await exchange(wrong, server({ authorize }))
    expect(authorize).not.toHaveBeenCalled()
  })

  it.each([
    ['no GS2 header', 'n=user,r=abc'],
    ['an unknown flag', 'x,,n=user,r=abc'],
    ['a binding without a type', 'p=,,n=user,r=abc'],
    ['an empty authorization', 'n,a=,n=user,r=abc'],
    ['no nonce', 'n,,n=user'],
    ['an empty nonce', 'n,,n=user,r='],
    ['a nonce with a space', 'n,,n=user,r=a b'],
    ['an empty name', 'n,,n=,r=abc'],
    ['another order', 'n,,r=abc,n=user'],
    ['a stray "=" in the name', 'n,,n=us=er,r=abc'],
    ['a lower-case escape in the name', 'n,,n=us=2cer,r=abc'],
    ['a stray "=" in the authorization', 'n,a==,n=user,r=abc'],
    ['a NUL', 'n,,n=us\0er,r=abc'],
    ['nothing', ''],
  ])('answers 501 to a first message with %s', async (_, message) => {
    expect(await server().start(octets(message))).toMatchObject({ kind: 'failure', reply: { code: 501 } })
  })

  it('answers 501 to a first message that is not UTF-8', async () => {
    const message = Buffer.from('n,,n=\xff,r=abc', 'latin1')
    expect(await server().start(message)).toMatchObject({ kind: 'failure', reply: { code: 501 } })
  })

  it('refuses a name that SASLprep forbids', async () => {
    expect(await server({ lookup: () => record }).start(octets('n,,n=\u2ff0,r=abc'))).toMatchObject({ kind: 'failure' })
  })

  it('tells a client with a mandatory extension so, and ends (5.1)', async () => {
    const peer = server()
    const step = await peer.start(octets('n,,m=x,n=user,r=abc'))
    expect(step).toEqual({ kind: 'challenge', challenge: octets('e=extensions-not-supported') })
    expect(await peer.respond(octets(''))).toMatchObject({ kind: 'failure', reply: { code: 501 } })
  })

  it.each([
    ['another nonce', (message: string) => message.replace('r=', 'r=x'), 535],
    ['another header', (message: string) => message.replace('c=biws', `c=${toBase64(octets('y,,'))}`), 535],
    ['binding data', (message: string) => message.replace('c=biws', `c=${toBase64(octets('n,,x'))}`), 535],
    ['a proof cut short', (message: string) => message.replace(/p=.*/, 'p=AAAA'), 535],
    ['no proof', (message: string) => message.replace(/,p=.*/, ''), 501],
    ['something behind the proof', (message: string) => `${message},x=y`, 501],
    ['a mandatory extension', (message: string) => message.replace(',p=', ',m=x,p='), 501],
    ['a channel binding that is not base64', (message: string) => message.replace('c=biws', 'c=!'), 501],
  ])('refuses a final message with %s', async (_, change, code) => {
    const client = scram('SHA-256', user)
    const peer = server()
    const first = await peer.start((await client.start()) ?? octets(''))
    if (first.kind !== 'challenge') throw new Error('no challenge')
    const final = latin1(await client.respond(first.challenge))
    expect(await peer.respond(octets(change(final)))).toMatchObject({ kind: 'failure', reply: { code } })
  })

  it.each([
    ['takes', (message: string) => message, 'challenge'],
    ['takes an optional extension in', (message: string) => `${message},x=y`, 'challenge'],
    ['refuses another nonce in', (message: string) => `${message}x`, 'failure'],
    ['refuses another channel binding in', (message: string) => message.replace('biws', 'eSws'), 'failure'],
  ])('%s a final message that is proved to be from the user', async (_, change, kind) => {
    const peer = server()
    const first = await peer.start(octets('n,,n=user,r=abc'))
    if (first.kind !== 'challenge') throw new Error('no challenge')
    const serverFirst = latin1(first.challenge)
    const withoutProof = change(`c=biws,${/^r=[^,]+/.exec(serverFirst)?.[0]}`)
    const mac = (key: Uint8Array, text: string) => createHmac('sha256', key).update(text).digest()
    const key = mac(pbkdf2Sync('pencil', record.salt, record.iterations, 32, 'sha256'), 'Client Key')
    const storedKey = createHash('sha256').update(key).digest()
    const signature = mac(storedKey, `n=user,r=abc,${serverFirst},${withoutProof}`)
    const proof = key.map((octet, at) => octet ^ (signature[at] ?? 0))
    expect((await peer.respond(octets(`${withoutProof},p=${toBase64(proof)}`))).kind).toBe(kind)
  })

  it('sees an optional extension that was added on the way', async () => {
    const client = scram('SHA-256', user)
    const peer = server()
    const first = await peer.start((await client.start()) ?? octets(''))
    if (first.kind !== 'challenge') throw new Error('no challenge')
    const final = latin1(await client.respond(first.challenge)).replace(',p=', ',x=y,p=')
    expect(await peer.respond(octets(final))).toMatchObject({ kind: 'failure', reason: 'the proof does not match' })
  })

  it('ends an exchange whose signature is answered with something, and answers nothing twice', async () => {
    const client = scram('SHA-256', user)
    const peer = server()
    const first = await peer.start((await client.start()) ?? octets(''))
    if (first.kind !== 'challenge') throw new Error('no challenge')
    const final = await client.respond(first.challenge)
    expect((await peer.respond(final)).kind).toBe('challenge')
    expect((await peer.respond(octets('x'))).kind).toBe('failure')
    expect((await peer.respond(octets(''))).kind).toBe('failure')
  })

  it('passes on what the store throws', async () => {
    const lookup = () => Promise.reject(new Error('the database is down'))
    await expect(server({ lookup }).start(octets('n,,n=user,r=abc'))).rejects.toThrow('the database is down')
  })
})

describe('SCRAM server: unknown users', () => {
  const nobody = scram('SHA-256', { username: 'nobody', password: 'x' })

  it('refuses them at once without a decoy', async () => {
    const { step, messages } = await exchange(nobody, server())
    expect(step).toMatchObject({ kind: 'failure', reply: { code: 535 } })
    expect(messages).toHaveLength(1)
  })

  it('with a decoy, fails where a wrong password fails, and always with the same salt', async () => {
    const decoy = { key: octets('a secret of this server'), iterations: 5000 }
    const salts = new Set<string>()
    for (let time = 0; time < 2; time++) {
      const { step, messages } = await exchange(nobody, server({ decoy }))
      const wrong = await exchange(scram('SHA-256', { ...user, password: 'no' }), server({ decoy }))
      expect(step).toEqual(wrong.step)
      expect(messages).toHaveLength(wrong.messages.length)
      const [, salt = '', count] = /,s=([^,]+),i=(\d+)$/.exec(messages[1] ?? '') ?? []
      expect(Buffer.from(salt, 'base64')).toHaveLength(16)
      expect(count).toBe('5000')
      salts.add(salt)
    }
    expect(salts.size).toBe(1)
  })
})

describe('SCRAM server: channel binding (section 6, T-26)', () => {
  const channelBindings = [exporter, unique]

  it.each([exporter, unique])('admits a client bound by $type', async channelBinding => {
    const peer = server({ plus: true, channelBindings })
    expect(peer.name).toBe('SCRAM-SHA-256-PLUS')
    const { step } = await exchange(scram('SHA-256', user, { channelBinding }), peer)
    expect(step.kind).toBe('success')
  })

  it('refuses a client bound to another connection', async () => {
    const client = scram('SHA-256', user, { channelBinding: { ...exporter, data: octets('someone else') } })
    const { step } = await exchange(client, server({ plus: true, channelBindings }))
    expect(step).toMatchObject({ kind: 'failure', reason: 'the channel binding does not match' })
  })

  it('refuses a type it does not support', async () => {
    const client = scram('SHA-256', user, { channelBinding: { type: 'tls-server-end-point', data: octets('x') } })
    expect((await exchange(client, server({ plus: true, channelBindings }))).step.kind).toBe('failure')
    expect((await exchange(client, server())).step.kind).toBe('failure')
  })

  it('refuses a client that was made to believe that there is no binding', async () => {
    const misled = () => scram('SHA-256', user, { channelBinding: 'unoffered' })
    expect((await exchange(misled(), server({ channelBindings }))).step).toMatchObject({
      kind: 'failure',
      reason: expect.stringContaining('the offer was removed'),
    })
    expect((await exchange(misled(), server())).step.kind).toBe('success')
  })

  it('admits a client that cannot bind, but not under the -PLUS name', async () => {
    expect((await exchange(scram('SHA-256', user), server({ channelBindings }))).step.kind).toBe('success')
    expect((await exchange(scram('SHA-256', user), server({ plus: true, channelBindings }))).step.kind).toBe('failure')
  })

  it('does not offer -PLUS without anything to bind to', () => {
    expect(() => server({ plus: true })).toThrow('needs a channel binding')
  })
})
