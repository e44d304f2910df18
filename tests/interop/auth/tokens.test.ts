// Logging in with OAuth tokens to real servers. Dovecot checks them for itself or asks an authorization server, and says in JSON
// what is wrong with one; Exim compares them with a regular expression.
import { AuthenticationError, type ClientMechanism, type MechanismName } from '@postrider/auth-sasl'
import type { AuthenticationRefusedError } from '@postrider/session'
import { describe, expect, it } from 'vitest'
import { byName } from './mechanisms.js'
import { credentials, describeServer, expectHidden, refusal, setBench } from './scene.js'
import { type Running, servers } from './servers.js'
import { Visit } from './visit.js'

const bench = await setBench()
const { tokens } = bench
const configuration = `${tokens.url}/.well-known/openid-configuration`

/** The reason that comes in a 334 in front of the refusal. */
const reasons = new Map<string, Partial<Record<MechanismName, object>>>([
  [
    'Dovecot submission',
    {
      XOAUTH2: { status: '401', schemes: 'bearer', scope: 'mail', openidConfiguration: configuration },
      OAUTHBEARER: { status: 'invalid_token', openidConfiguration: configuration },
    },
  ],
])

const badTokens = [
  ['a token that nobody knows', () => 'nobody-knows-this-token'],
  ['a token that has expired', () => tokens.sign({ expires: -60 })],
  ['a token signed by somebody else', () => tokens.sign({ key: 'k'.repeat(32) })],
] as const

for (const server of servers.filter(({ offers }) => offers.includes('XOAUTH2'))) {
  describeServer(server, bench, running => {
    for (const name of ['XOAUTH2', 'OAUTHBEARER'] as const) {
      if (!server.offers.includes(name)) continue
      const reason = reasons.get(server.name)?.[name]
      const mechanism = (token: string) => byName(name, { ...credentials(running(), bench), token })

      describe(name, () => {
        if (reason !== undefined) testValidation(running, mechanism)

        for (const [what, make] of badTokens) {
          it(`is refused for ${what} and tells what the server said about it, and the next try succeeds`, async () => {
            await using visit = await Visit.to(running())
            const token = make()
            const error = await refusal(visit.session.authenticate(mechanism(token)))
            expect(error).toMatchObject({ usable: true, credentialsSent: true })
            expect(error.reply?.code).toBe(server.wrong.code)
            expect(visit.codes).toEqual(reason === undefined ? [535] : [334, 535])
            expect(told(error)).toEqual(reason)
            await visit.session.authenticate(mechanism(tokens.opaque))
            expect(visit.session.authenticated).toBe(true)
            expectHidden(visit, error, token, tokens.opaque)
          })
        }
      })
    }
  })
}

/** For a server that looks into tokens. */
function testValidation(running: () => Running, mechanism: (token: string) => ClientMechanism): void {
  it('lets in who has a token that the authorization server vouches for', async () => {
    await using visit = await Visit.to(running())
    const before = tokens.asked.length
    await visit.session.authenticate(mechanism(tokens.opaque))
    expect(tokens.asked.slice(before)).toEqual([tokens.opaque])
  })

  it('lets in who has a signed token, without asking anybody', async () => {
    await using visit = await Visit.to(running())
    const before = tokens.asked.length
    await visit.session.authenticate(mechanism(tokens.sign()))
    expect(visit.codes).toEqual([235])
    expect(tokens.asked.slice(before)).toEqual([])
  })

  it('sends a token of 2000 octets in a response, because the command would be too long (RFC 4954 4)', async () => {
    await using visit = await Visit.to(running())
    await visit.session.authenticate(mechanism(tokens.sign({ padding: 1400 })))
    expect(visit.codes).toEqual([334, 235])
  })
}

/** What the mechanism has kept of the server's words. */
function told({ cause }: AuthenticationRefusedError): object | undefined {
  if (cause === undefined) return undefined
  expect(cause).toBeInstanceOf(AuthenticationError)
  expect(cause).toMatchObject({ code: 'EREFUSED', fault: 'remote', retry: 'caller' })
  return cause instanceof AuthenticationError ? cause.oauth : undefined
}
