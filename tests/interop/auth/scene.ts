// Around the tests of logins: a server that runs while its tests do, or the words why it does not; the credentials; and what
// every refusal has to look like.
import {
  type ChooseOptions,
  type ClientMechanism,
  chooseMechanism,
  type MechanismName,
  type PasswordCredentials,
  type TokenCredentials,
} from '@postrider/auth-sasl'
import { AuthenticationRefusedError } from '@postrider/session'
import { createCertificate, createServer } from '@postrider/testkit'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { leaks } from '../../secrets/trace.js'
import { missingForJail } from '../jail.js'
import { absent } from './absence.js'
import { account, wrongPassword } from './account.js'
import type { Bench, Running, ServerCase } from './servers.js'
import { startTokenServer } from './token-server.js'
import type { Visit } from './visit.js'

/** What the servers of one file of tests are connected to. */
export async function setBench(): Promise<Bench> {
  const bench: Bench = {
    certificate: createCertificate({ names: ['localhost', '127.0.0.1'] }),
    clientCertificate: createCertificate({ names: [account.username] }),
    tokens: await startTokenServer(account.username),
    relay: await createServer(),
  }
  afterAll(() => Promise.all([bench.tokens.stop(), bench.relay.close()]))
  return bench
}

/** Tests of one server, which runs meanwhile; shown as skipped where it cannot run on this machine. */
export function describeServer(server: ServerCase, bench: Bench, tests: (running: () => Running) => void): void {
  const lacking = missingForJail()
  const packages = lacking === undefined ? server.obtain() : { missing: lacking }
  if ('missing' in packages) absent(`No logins to ${server.name}, their tests are skipped: ${packages.missing}`)
  describe.skipIf('missing' in packages)(server.name, () => {
    let running: Running | undefined
    beforeAll(async () => {
      if ('folder' in packages) running = await server.start(packages.folder, bench)
    })
    afterAll(() => running?.stop())
    tests(() => {
      if (running === undefined) throw new Error(`${server.name} does not run`)
      return running
    })
  })
}

/** What every mechanism needs, at once. */
export type AllCredentials = PasswordCredentials &
  TokenCredentials & { readonly password: string; readonly token: string }

export function credentials(running: Running, bench: Bench): AllCredentials {
  const host = { host: 'localhost', port: running.ports.starttls }
  return { ...running.account, token: bench.tokens.opaque, ...host }
}

/** A password and a token nobody has. */
export function wrongCredentials(running: Running, bench: Bench): AllCredentials {
  return { ...credentials(running, bench), password: wrongPassword, token: `${bench.tokens.opaque}x` }
}

/** That one mechanism, chosen from what the server offers. */
export function choose(
  visit: Visit,
  name: MechanismName,
  credentials: AllCredentials,
  options: Partial<ChooseOptions> = {},
): ClientMechanism {
  const channelBinding = name.endsWith('-PLUS') ? visit.binding('tls-unique') : undefined
  return chooseMechanism(visit.offered, credentials, { secure: true, allow: [name], channelBinding, ...options })
}

/** The error that ends a login; a login that succeeds fails the test. */
export async function refusal(login: Promise<unknown>): Promise<AuthenticationRefusedError> {
  const error = await login.then(
    () => expect.fail('the login succeeded'),
    (error: unknown) => error,
  )
  if (error instanceof AuthenticationRefusedError) return error
  throw error
}

/** Neither the error nor an event of the visit shows one of the secrets, in any form (T-28). */
export function expectHidden(visit: Visit, error: unknown, ...secrets: readonly string[]): void {
  for (const secret of [...secrets, wrongPassword]) {
    expect(leaks(error, secret)).toEqual([])
    expect(leaks(visit.events, secret)).toEqual([])
  }
}
