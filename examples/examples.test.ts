// Runs each example as its first lines say, as a child process, against a server of this process.
import { execFile } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createServer, type ServerOptions, type TestServer } from '@postrider/testkit'
import { describe, expect, it } from 'vitest'

interface Output {
  readonly code: number | null
  readonly out: readonly string[]
  readonly err: string
}

function run(example: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Output> {
  const script = fileURLToPath(new URL(example, import.meta.url))
  return new Promise(resolve => {
    const command = ['--conditions=@postrider/source', '--import', 'tsx', script, ...args]
    const child = execFile(process.execPath, command, { env: { ...process.env, ...env } }, (_error, out, err) =>
      resolve({ code: child.exitCode, out: out.trimEnd().split('\n'), err }),
    )
  })
}

/** A server that knows no nobody@, as `postrider sink` does. */
async function sink(options: ServerOptions = {}): Promise<TestServer> {
  const server = await createServer(options)
  server.refuse({ recipient: /^nobody@/, reply: '550 5.1.1 No such user here' })
  return server
}

describe('the examples', { timeout: 60_000 }, () => {
  it('send.ts sends one message and tells the outcome of each recipient, then many over two connections', async () => {
    await using server = await sink()
    const { code, out, err } = await run('send.ts', [server.url])
    expect(err).toBe('')
    expect(out.slice(0, 2)).toEqual([
      'you@example.org accepted 2.0.0 Message accepted',
      'nobody@example.org rejected 5.1.1 No such user here',
    ])
    expect(out.slice(2, 5).sort()).toEqual([
      'ann@example.org accepted',
      'bob@example.org accepted',
      'carol@example.org accepted',
    ])
    expect(out.at(5)).toMatch(/^connections: [12]$/)
    expect(code).toBe(0)
    expect(server.mailbox.length).toBe(4)
  })

  it('send.ts says what an error means for the message', async () => {
    await using server = await sink()
    server.refuse({ phase: 'endOfData', times: 1, hangUp: 'close' })
    const { out } = await run('send.ts', [server.url])
    expect(out).toContain('may have been delivered: true - try again: caller')
  })

  it("smtplib.ts uses smtplib's names", async () => {
    await using server = await sink()
    const { code, out, err } = await run('smtplib.ts', [server.host, String(server.port)])
    expect(out).toEqual([
      'connected: 220',
      'has pipelining: true - takes octets: 10485760',
      'refused: nobody@example.org 550 5.1.1 No such user here',
      'mail: 250',
      'rcpt: 550',
      'nobody was accepted: nobody@example.org',
    ])
    expect(err).toMatch(/EHLO .*QUIT/is)
    expect(code).toBe(0)
    expect(server.mailbox.length).toBe(2)
  })

  it('session.ts goes verb by verb, under TLS and logged in', async () => {
    await using server = await sink({ tls: 'starttls', auth: { users: { ann: 's3cret' } }, requireAuth: true })
    const certificate = join(mkdtempSync(join(tmpdir(), 'postrider-session-')), 'ca.pem')
    writeFileSync(certificate, server.certificate?.cert ?? '')
    const args = [server.host, String(server.port), certificate, 'ann']
    const { code, out, err } = await run('session.ts', args, { PASSWORD: 's3cret' })
    expect(err).toBe('')
    expect(out).toContain('bob@example.org: accepted in endOfData')
    expect(out).toContain('nobody@example.org: rejected in rcpt')
    expect(out).toContain('not legal here: AUTH CRAM-MD5 is not legal in state ready.idle')
    expect(out.join('\n')).not.toContain('s3cret')
    expect(code).toBe(0)
    expect(server.mailbox.at(0)?.session).toMatchObject({ secure: true, user: 'ann', hello: 'client.example.org' })
  })

  it('sasl.ts logs in without a network, and both sides have proved themselves', async () => {
    const { code, out, err } = await run('sasl.ts')
    expect(err).toBe('')
    expect(out.at(-1)).toBe('ann by SCRAM-SHA-256')
    expect(code).toBe(0)
  })
})
