// What identifies a TLS connection, seen from both its ends by two implementations that share no code: OpenSSL in Node here, GnuTLS there.
// What they agree on is what the RFCs mean (5929, 9266), and not what one library happens to compute.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { connect, createServer, type TLSSocket } from 'node:tls'
import type { NodeChannel } from '@postrider/session/node'
import { createCertificate } from '@postrider/testkit'
import { afterAll, describe, expect, it } from 'vitest'
import { channelBindings } from '../../../packages/mailer/src/binding.js'
import { obtain } from '../debian.js'
import { answers, freePorts } from '../port.js'
import { absent } from './absence.js'

const packages = obtain('gnutls', ['gnutls-bin'])
if ('missing' in packages) absent(`No second TLS stack, its tests are skipped: ${packages.missing}`)

const certificate = createCertificate({ names: ['localhost'] })
const folder = mkdtempSync(join(tmpdir(), 'postrider-gnutls-'))
const file = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text, { mode: 0o600 })
  return path
}
const key = file('key.pem', certificate.key)
const cert = file('certificate.pem', certificate.cert)
afterAll(() => rmSync(folder, { recursive: true }))

describe.skipIf('missing' in packages).each(['TLSv1.2', 'TLSv1.3'] as const)('a connection of %s', version => {
  it('is identified by our client as by a GnuTLS server', async () => {
    const [port = 0] = await freePorts(1)
    const words = ['--echo', '--disable-client-cert', `--port=${port}`]
    const server = start('gnutls-serv', [...words, `--x509certfile=${cert}`, `--x509keyfile=${key}`])
    let ours: ReadonlyMap<string, string>
    try {
      await until(() => answers(port))
      const socket = connect({ port, host: 'localhost', ca: certificate.cert, maxVersion: version })
      await once(socket, 'secureConnect')
      ours = ofClient(socket)
      socket.write('done\n')
      await once(socket, 'data')
      socket.destroy()
    } finally {
      // It holds back what it prints until it ends.
      await server.stop()
    }
    const theirs = server.said()
    expect(ours.get('tls-server-end-point')).toBe(printed(theirs, 'tls-server-end-point'))
    if (version === 'TLSv1.3') {
      expect([...ours.keys()]).toEqual(['tls-exporter', 'tls-unique', 'tls-server-end-point'])
      expect(ours.get('tls-exporter')).toBe(printed(theirs, 'tls-exporter'))
      // What OpenSSL has by this name in TLS 1.3 is its own idea, and that of the servers that use it.
      expect(theirs).toContain("'tls-unique': not available")
    } else {
      expect([...ours.keys()]).toEqual(['tls-unique', 'tls-server-end-point'])
      expect(ours.get('tls-unique')).toBe(printed(theirs, 'tls-unique'))
    }
  })

  it('is identified by a server of ours as by a GnuTLS client', async () => {
    let ours: ReadonlyMap<string, string> = new Map()
    const server = createServer({ ...certificate, maxVersion: version }, socket => {
      ours = ofServer(socket)
      socket.on('error', () => {})
      socket.end('done\r\n')
    }).listen(0, 'localhost')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const client = start('gnutls-cli', ['--verbose', `--x509cafile=${cert}`, `--port=${port}`, 'localhost'])
    await client.ended
    server.close()
    expect(client.said()).toContain('Status: The certificate is trusted')
    expect(ours.get('tls-exporter')).toBe(printed(client.said(), 'tls-exporter'))
    if (version === 'TLSv1.2') expect(ours.get('tls-unique')).toBe(printed(client.said(), 'tls-unique'))
  })
})

/** As the mailer takes them. */
function ofClient(socket: TLSSocket): ReadonlyMap<string, string> {
  const channel = { socket, tls: { version: socket.getProtocol() } } as unknown as NodeChannel
  return new Map(channelBindings(channel).map(({ type, data }) => [type, Buffer.from(data).toString('hex')]))
}

function ofServer(socket: TLSSocket): ReadonlyMap<string, string> {
  const exported = socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0))
  const first = socket.getPeerFinished()
  return new Map([
    ['tls-exporter', exported.toString('hex')],
    ['tls-unique', first?.toString('hex') ?? ''],
  ])
}

/** Of lines such as ` - 'tls-unique': e1c26b3eec5347622a9afbc3` the number. */
function printed(output: string, type: string): string | undefined {
  return new RegExp(`'${type}': ([0-9a-f]+)\\s`).exec(output)?.[1]
}

interface Program {
  readonly ended: Promise<unknown>
  said(): string
  stop(): Promise<unknown>
}

function start(name: string, words: readonly string[]): Program {
  const root = 'folder' in packages ? packages.folder : ''
  const libraries = readdirSync(join(root, 'usr/lib')).filter(entry => entry.endsWith('-linux-gnu'))
  const child: ChildProcess = spawn(join(root, 'usr/bin', name), words, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, LD_LIBRARY_PATH: libraries.map(entry => join(root, 'usr/lib', entry)).join(':') },
    timeout: 30_000,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', text => (output += text))
  const ended = once(child, 'close')
  return {
    ended,
    said: () => output,
    stop: () => {
      child.kill()
      return ended
    },
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (await holds()) return
    await delay(20)
  }
  throw new Error('it did not come')
}
