// The reverse direction: clients that others wrote against our server halves, so that codec, mechanisms and testkit are not
// only right towards each other. Python's smtplib, and swaks from its Debian package; each is skipped where it is missing.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createServer, type ServerOptions, type TestServer } from '@postrider/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { serve as serveExample } from '../../examples/server-with-codec.js'
import { hasProgram } from './debian.js'
import { makeMessage } from './message.js'
import { obtainSwaks, swaks } from './swaks.js'

const run = promisify(execFile)
const account = { username: 'alice', password: 's3cret horse' }
const mechanisms = ['PLAIN', 'LOGIN', 'CRAM-MD5'] as const
const openServers: TestServer[] = []
let folder = ''
let ca = ''

async function serve(options: ServerOptions): Promise<TestServer> {
  const server = await createServer({ auth: { users: { [account.username]: account.password } }, ...options })
  openServers.push(server)
  ca = join(folder, `${server.port}.pem`)
  if (server.certificate !== undefined) writeFileSync(ca, server.certificate.cert)
  return server
}

async function python(order: object): Promise<unknown> {
  const script = new URL('python_client.py', import.meta.url).pathname
  const { stdout } = await run('python3', [script, JSON.stringify(order)])
  return JSON.parse(stdout)
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'foreign-clients-'))
})
afterEach(async () => {
  for (const server of openServers.splice(0)) await server.close()
})
afterAll(() => rmSync(folder, { recursive: true }))

describe.skipIf(!hasProgram('python3'))("Python's smtplib to @postrider/testkit", () => {
  const to = ['bob@example.test', 'reject@example.test']

  for (const mechanism of mechanisms) {
    it(`logs in by ${mechanism} after STARTTLS and hands over a message octet for octet`, async () => {
      const server = await serve({ tls: 'starttls', requireTls: true, requireAuth: true })
      server.refuse({ recipient: 'reject@example.test', reply: '550 5.1.1 no such user' })
      const { sent } = makeMessage()
      const order = { host: 'localhost', port: server.port, ca, ...account, mechanism, from: 'alice@example.test', to }
      expect(await python({ ...order, message: sent })).toEqual({
        refused: { 'reject@example.test': [550, '5.1.1 no such user'] },
      })
      const [message] = server.mailbox
      expect(message?.text).toBe(sent)
      expect(message?.envelope).toMatchObject({ from: 'alice@example.test', to: ['bob@example.test'] })
      expect(message?.session).toMatchObject({ secure: true, user: account.username, mechanism })
    })

    it(`is told 535 for a wrong password by ${mechanism}`, async () => {
      const server = await serve({ tls: 'starttls' })
      const order = { host: 'localhost', port: server.port, ca, ...account, mechanism, from: 'alice@example.test', to }
      expect(await python({ ...order, password: 'wrong', message: '' })).toEqual({
        error: 'SMTPAuthenticationError',
        code: 535,
      })
      expect(server.mailbox.length).toBe(0)
    })
  }

  it('speaks LMTP', async () => {
    const server = await serve({ protocol: 'lmtp' })
    const { sent } = makeMessage()
    const order = { host: '127.0.0.1', port: server.port, lmtp: true, from: '', to: ['bob@example.test'] }
    expect(await python({ ...order, message: sent })).toEqual({ refused: {} })
    expect(server.mailbox.at(0)?.text).toBe(sent)
    expect(server.mailbox.at(0)?.envelope.from).toBe('')
  })

  it('is told when all recipients are refused', async () => {
    const server = await serve({})
    server.refuse({ phase: 'rcpt', reply: '450 4.2.1 later' })
    const order = { host: '127.0.0.1', port: server.port, from: 'alice@example.test', to, message: '' }
    expect(await python(order)).toEqual({ error: 'SMTPRecipientsRefused', code: null })
  })
})

const packages = obtainSwaks()
const program = 'folder' in packages ? packages.folder : ''
const envelope = ['--ehlo', 'client.example.test', '--from', 'alice@example.test', '--to', 'bob@example.test']
if ('missing' in packages) console.warn(`No tests with swaks, they are skipped: ${packages.missing}`)

describe.skipIf('missing' in packages)('swaks to @postrider/testkit', () => {
  const words = (server: TestServer): string[] => ['--server', '127.0.0.1', '--port', String(server.port)]
  for (const mechanism of mechanisms) {
    it(`logs in by ${mechanism} after STARTTLS and hands over a message octet for octet`, async () => {
      const server = await serve({ tls: 'starttls', requireTls: true, requireAuth: true })
      const { sent } = makeMessage()
      const file = join(folder, 'message.eml')
      writeFileSync(file, sent)
      const login = ['--tls', '--auth', mechanism, '--auth-user', account.username, '--auth-password', account.password]
      const { status, output } = await swaks(program, [...words(server), ...envelope, ...login, '--data', `@${file}`])
      expect(status, output).toBe(0)
      // swaks takes a lone dot at the end of its file for a terminator that is there already.
      expect(server.mailbox.at(0)?.text).toBe(sent.replace(/\.\r\n$/, ''))
      expect(server.mailbox.at(0)?.session).toMatchObject({ secure: true, user: account.username, mechanism })
    })
  }

  it('pipelines MAIL, RCPT and DATA', async () => {
    const server = await serve({})
    const { status, output } = await swaks(program, [...words(server), ...envelope, '--pipeline'])
    expect(status, output).toBe(0)
    expect(server.mailbox.length).toBe(1)
  })

  it('speaks LMTP, with a reply for each recipient', async () => {
    const server = await serve({ protocol: 'lmtp' })
    server.refuse({ phase: 'endOfData', recipient: 'carol@example.test', reply: '552 5.2.2 mailbox full' })
    const two = [...envelope.slice(0, -1), 'bob@example.test,carol@example.test']
    const { output } = await swaks(program, [...words(server), ...two, '--protocol', 'LMTP'])
    expect(output).toMatch(/<- {2}250 /)
    expect(output).toMatch(/552 5\.2\.2 mailbox full/)
  })
})

describe('others to examples/server-with-codec.ts', () => {
  const example = async (talk: (port: number) => Promise<void>): Promise<string[]> => {
    const messages: string[] = []
    const server = serveExample(({ octets }) => messages.push(Buffer.from(octets).toString('latin1')))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const address = server.address()
    try {
      await talk(address !== null && typeof address === 'object' ? address.port : 0)
    } finally {
      server.close()
    }
    return messages
  }

  it.skipIf(!hasProgram('python3'))("takes a message from Python's smtplib octet for octet", async () => {
    const { sent } = makeMessage()
    const messages = await example(async port => {
      const order = { host: '127.0.0.1', port, from: 'alice@example.test', to: ['bob@example.test'], message: sent }
      expect(await python(order)).toEqual({ refused: {} })
    })
    expect(messages).toEqual([sent])
  })

  it.skipIf('missing' in packages)('takes a pipelined message from swaks', async () => {
    const messages = await example(async port => {
      const words = ['--server', '127.0.0.1', '--port', String(port), ...envelope, '--pipeline', '--body', '.one']
      const { status, output } = await swaks(program, words)
      expect(status, output).toBe(0)
    })
    expect(messages).toHaveLength(1)
    expect(messages[0]).toMatch(/\r\n\r\n\.one\r\n/)
  })
})
