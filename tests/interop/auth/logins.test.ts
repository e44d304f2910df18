// Logging in to real servers through the whole stack: connect, hello, startTls, hello, authenticate. Server by mechanism, with
// an initial response and without, with the right secret and a wrong one. What each server is expected to say is in servers.ts.
import { AuthenticationError, chooseMechanism, external, plain } from '@postrider/auth-sasl'
import { DisconnectedError } from '@postrider/session'
import { createCertificate } from '@postrider/testkit'
import { describe, expect, it } from 'vitest'
import { makeMessage } from '../message.js'
import { account } from './account.js'
import { byName, successes } from './mechanisms.js'
import { choose, credentials, describeServer, expectHidden, refusal, setBench, wrongCredentials } from './scene.js'
import { type Running, type ServerCase, servers } from './servers.js'
import { Visit } from './visit.js'

const bench = await setBench()
const stranger = createCertificate({ names: [account.username] })

for (const server of servers) {
  describeServer(server, bench, running => {
    testLogins(server, running)
    if (server.external) testExternal(server, running)
    if (server.name === 'Dovecot submission') testSubmission(running)
  })
}

function testLogins(server: ServerCase, running: () => Running): void {
  const right = () => credentials(running(), bench)
  const wrong = () => wrongCredentials(running(), bench)

  it('offers what it was set up with', async () => {
    await using visit = await Visit.to(running())
    expect([...visit.offered].sort()).toEqual([...server.offers].sort())
  })

  for (const name of server.offers.filter(name => name !== 'EXTERNAL')) {
    const binding = (visit: Visit) => (name.endsWith('-PLUS') ? visit.binding('tls-unique') : undefined)

    describe(name, () => {
      it('logs in with the initial response in the command, made by name', async () => {
        await using visit = await Visit.to(running())
        await visit.session.authenticate(byName(name, right(), binding(visit)))
        expect(visit.codes).toEqual(successes[name]?.initial)
        expect(visit.session.authenticated).toBe(true)
        expect((await visit.session.noop()).code).toBe(250)
        expectHidden(visit, undefined, right().password, bench.tokens.opaque)
      })

      it('logs in without an initial response, chosen from what is offered', async () => {
        await using visit = await Visit.to(running())
        await visit.session.authenticate(choose(visit, name, right()), { initialResponse: false })
        expect(visit.codes).toEqual(successes[name]?.bare)
        expect(visit.session.authenticated).toBe(true)
        expect((await visit.session.noop()).code).toBe(250)
      })

      for (const initialResponse of [true, false]) {
        const how = initialResponse ? 'with' : 'without'
        it(`is refused with ${server.wrong.code} for a wrong secret ${how} initial response, and the next try succeeds`, async () => {
          await using visit = await Visit.to(running())
          const mechanism = byName(name, wrong(), binding(visit))
          const error = await refusal(visit.session.authenticate(mechanism, { initialResponse }))
          expect(error).toMatchObject({ mechanism: name, credentialsSent: true, usable: true, fault: 'remote' })
          expect(error.reply?.code).toBe(server.wrong.code)
          expect(error.reply?.enhanced?.toString()).toBe(server.wrong.enhanced)
          expect(visit.session.authenticated).toBe(false)
          await visit.session.authenticate(byName(name, right(), binding(visit)))
          expect(visit.session.authenticated).toBe(true)
          expectHidden(visit, error, right().password, bench.tokens.opaque, wrong().token)
        })
      }
    })
  }

  it(`is logged in to by ${server.strongest} for a password when nothing else is said (T-22)`, async () => {
    await using visit = await Visit.to(running())
    const channelBinding = visit.binding('tls-unique')
    const mechanism = chooseMechanism(visit.offered, running().account, { secure: true, channelBinding })
    expect(mechanism.name).toBe(server.strongest)
    await visit.session.authenticate(mechanism)
    expect(visit.session.authenticated).toBe(true)
  })

  it(`is logged in to in clear text by ${server.strongestInClear ?? 'nothing'} (T-21)`, async () => {
    await using visit = await Visit.to(running(), { line: 'clear' })
    const take = () => chooseMechanism(visit.offered, running().account, { secure: false })
    if (server.strongestInClear === undefined) return expect(take).toThrow(AuthenticationError)
    const mechanism = take()
    expect(mechanism.name).toBe(server.strongestInClear)
    await visit.session.authenticate(mechanism)
    expect(visit.session.authenticated).toBe(true)
  })

  if (server.tlsPort) {
    it('logs in over TLS from the first octet', async () => {
      await using visit = await Visit.to(running(), { line: 'tls' })
      await visit.session.authenticate(choose(visit, server.strongest, right()))
      expect(visit.session.authenticated).toBe(true)
    })
  }

  it(`answers ${server.cancelled} to an exchange that is cancelled with *, and the next one succeeds (T-27)`, async () => {
    await using visit = await Visit.to(running())
    const regret = new Error('the client has changed its mind')
    const mechanism = { name: 'PLAIN', start: () => undefined, respond: () => Promise.reject(regret) }
    const error = await refusal(visit.session.authenticate(mechanism))
    expect(error).toMatchObject({ usable: true, credentialsSent: false, fault: 'local', cause: regret })
    expect(visit.transcript).toContain('\nC: *\n')
    expect(visit.codes).toEqual([334, server.cancelled])
    await visit.session.authenticate(plain(running().account))
    expect(visit.session.authenticated).toBe(true)
  })

  it(`answers ${server.unknown} to a mechanism it does not know`, async () => {
    await using visit = await Visit.to(running())
    const mechanism = { name: 'X-NOBODY', start: () => undefined, respond: () => new Uint8Array(0) }
    const error = await refusal(visit.session.authenticate(mechanism))
    expect(error).toMatchObject({ usable: true, credentialsSent: false })
    expect(error.reply?.code).toBe(server.unknown)
  })

  const { code, next } = server.tooLong
  it(`answers ${code} to a password of 8000 octets, which goes in a response; then: ${next}`, async () => {
    await using visit = await Visit.to(running())
    const long = plain({ ...running().account, password: 'long '.repeat(1600) })
    const error = await refusal(visit.session.authenticate(long))
    expect(error).toMatchObject({ usable: true, credentialsSent: true })
    expect(visit.codes).toEqual([334, code])
    const again = visit.session.authenticate(plain(running().account))
    if (next === 'disconnected') {
      await expect(again).rejects.toBeInstanceOf(DisconnectedError)
      return
    }
    await again
    expect(visit.session.authenticated).toBe(true)
  })
}

function testExternal(server: ServerCase, running: () => Running): void {
  describe('EXTERNAL', () => {
    for (const initialResponse of [true, false]) {
      for (const authorization of [undefined, account.username]) {
        const who = authorization === undefined ? 'nobody by name' : 'itself by name'
        const how = initialResponse ? 'with' : 'without'
        it(`lets in who shows a certificate and asks for ${who}, ${how} initial response`, async () => {
          await using visit = await Visit.to(running(), { client: bench.clientCertificate })
          const mechanism = chooseMechanism(visit.offered, { external: true, authorization }, { secure: true })
          await visit.session.authenticate(mechanism, { initialResponse })
          expect(visit.codes).toEqual(initialResponse ? successes.EXTERNAL?.initial : successes.EXTERNAL?.bare)
          expect(visit.session.authenticated).toBe(true)
        })
      }
    }

    it(`turns away who shows a certificate that is not trusted: ${server.stranger}`, async () => {
      const login = async (): Promise<void> => {
        await using visit = await Visit.to(running(), { client: stranger })
        await visit.session.authenticate(external())
      }
      // In TLS 1.3 a client is done before the server has looked at its certificate: the alert comes behind the handshake.
      if (server.stranger === 'disconnected') return expect(login()).rejects.toBeInstanceOf(DisconnectedError)
      expect((await refusal(login())).reply?.code).toBe(server.stranger)
    })
  })
}

function testSubmission(running: () => Running): void {
  const right = () => credentials(running(), bench)

  it('says in its own log who came by which mechanism', async () => {
    for (const name of ['SCRAM-SHA-256', 'OAUTHBEARER'] as const) {
      await using visit = await Visit.to(running())
      await visit.session.authenticate(byName(name, right()))
      expect(running().log()).toMatch(new RegExp(`Login: user=<${account.username}>, method=${name},.* TLS`))
    }
  })

  it('tells of more extensions behind the login, and hands a message on octet for octet', async () => {
    await using visit = await Visit.to(running())
    expect(visit.session.server?.extensions.dsn).toBe(false)
    await visit.session.authenticate(choose(visit, 'SCRAM-SHA-256', right()))
    await visit.session.hello()
    expect(visit.session.server?.extensions.dsn).toBe(true)
    const { arrives } = makeMessage()
    const envelope = { from: 'alice@example.test', to: ['bob@example.test'] }
    const result = await visit.session.transact(envelope, Buffer.from(arrives))
    expect(result.outcome).toBe('accepted')
    const [message] = await bench.relay.mailbox.waitFor(1)
    // In front it adds its own trace.
    expect(message?.text.endsWith(arrives)).toBe(true)
    expect(message?.envelope).toMatchObject(envelope)
  })
}
