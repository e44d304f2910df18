// The reverse: clients that others wrote log in to the server halves of our mechanisms, in @postrider/testkit, by each mechanism
// they know, over STARTTLS and over TLS from the first octet. Each is skipped, in words, where it cannot be had.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MechanismName } from '@postrider/auth-sasl'
import {
  type Certificate,
  createCertificate,
  createServer,
  type ServerEvent,
  type TestServer,
} from '@postrider/testkit'
import { afterAll, describe, expect, it } from 'vitest'
import { leaks } from '../../secrets/trace.js'
import { absent } from './absence.js'
import { everyMechanism } from './offers.js'
import { isToken, type LoginOrder, type Program, programs } from './programs.js'

const shown = createCertificate({ names: ['alice'] })
const user = {
  username: 'alice',
  password: 's3cret horse, battery=',
  token: 'ya29.alice-s_token~',
  certificate: shown.cert,
}
const wrongSecret = 'no-horse-no-battery'
const certificate = createCertificate({ names: ['localhost', '127.0.0.1'] })
const folder = mkdtempSync(join(tmpdir(), 'foreign-logins-'))
afterAll(() => rmSync(folder, { recursive: true }))
const write = (name: string, text: string): string => {
  const file = join(folder, name)
  writeFileSync(file, text, { mode: 0o600 })
  return file
}
/** A certificate and its key in one file, which all of them take. */
const writePair = (name: string, { cert, key }: Certificate): string => write(name, cert + key)
const files = {
  ca: write('server.pem', certificate.cert),
  right: writePair('alice.pem', shown),
  wrong: writePair('stranger.pem', createCertificate({ names: ['alice'] })),
  message: write('message.eml', 'Subject: hi\r\n\r\nhello\r\n'),
}

const offers = await everyMechanism(user)

for (const program of programs) {
  const packages = program.obtain()
  if ('missing' in packages) absent(`No logins by ${program.name}, their tests are skipped: ${packages.missing}`)
  describe.skipIf('missing' in packages)(program.name, () => {
    const path = 'folder' in packages ? packages.folder : ''
    for (const line of program.lines) {
      for (const mechanism of program.mechanisms)
        describe(`${mechanism} over ${line}`, () => test(program, path, line, mechanism))
    }
  })
}

function test(program: Program, packages: string, line: LoginOrder['line'], mechanism: MechanismName): void {
  for (const initial of program.choosesInitialResponse ? [true, false] : [true]) {
    const how = program.choosesInitialResponse ? `, ${initial ? 'with' : 'without'} initial response` : ''
    it(`logs in${how}`, async () => {
      await using visited = await Visited.open(line, mechanism)
      const output = await program.run(packages, order(visited.server, { line, mechanism, initial, secret: 'right' }))
      const logins = visited.events.filter(event => event.kind === 'authenticated')
      expect(logins, output).toEqual([{ kind: 'authenticated', connection: 1, user: user.username, mechanism }])
      expect(visited.events.some(event => event.kind === 'secured')).toBe(true)
      visited.expectHidden(user.password, user.token)
      if (program.sends) expect(visited.server.mailbox.at(0)?.session).toMatchObject({ user: 'alice', mechanism })
    })
  }

  it('is refused for a wrong secret', async () => {
    await using visited = await Visited.open(line, mechanism)
    await program.run(packages, order(visited.server, { line, mechanism, initial: true, secret: 'wrong' }))
    expect(visited.events.filter(event => event.kind === 'authenticated')).toEqual([])
    // curl leaves when it has heard in a challenge what is wrong with a token; the others stay for the refusal.
    expect(String(visited.server.transcript)).toMatch(/^S: (?:535 5\.7\.8 |334 eyJ.*\n-- closed by client$)/m)
    expect(visited.server.mailbox.length).toBe(0)
    visited.expectHidden(wrongSecret)
  })
}

/** A server that offers one mechanism and takes mail from who has logged in. */
class Visited {
  readonly server: TestServer
  readonly events: readonly ServerEvent[]

  private constructor(server: TestServer, events: readonly ServerEvent[]) {
    this.server = server
    this.events = events
  }

  static async open(line: LoginOrder['line'], mechanism: MechanismName): Promise<Visited> {
    const events: ServerEvent[] = []
    const server = await createServer({
      tls: line === 'tls' ? 'implicit' : 'starttls',
      certificate,
      requireTls: true,
      requireAuth: true,
      tlsOptions: { requestCert: true },
      auth: { users: {}, mechanisms: offers.filter(({ name }) => name === mechanism) },
      onEvent: event => events.push(event),
    })
    return new Visited(server, events)
  }

  /** Nothing the server tells shows a secret (T-28). */
  expectHidden(...secrets: readonly string[]): void {
    for (const secret of secrets)
      expect(leaks([this.events, this.server, this.server.transcript.lines()], secret)).toEqual([])
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.server.close()
  }
}

function order(
  server: TestServer,
  how: Pick<LoginOrder, 'line' | 'mechanism' | 'initial'> & { readonly secret: 'right' | 'wrong' },
): LoginOrder {
  const right = isToken(how.mechanism) ? user.token : user.password
  return {
    ...how,
    port: server.port,
    username: user.username,
    secret: how.secret === 'right' ? right : wrongSecret,
    ca: files.ca,
    message: files.message,
    certificate: how.mechanism === 'EXTERNAL' ? files[how.secret] : undefined,
  }
}
