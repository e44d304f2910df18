import { once } from 'node:events'
import { connect as connectNet } from 'node:net'
import { createInterface } from 'node:readline'
import { connect, type TLSSocket } from 'node:tls'
import { serverExternal } from '@postrider/auth-sasl'
import { afterEach, describe, expect, it } from 'vitest'
import { type AuthFacts, type Certificate, createCertificate, createServer, type TestServer } from './index.js'

const alice = createCertificate({ names: ['alice'] })
const stranger = createCertificate({ names: ['alice'] })
const open = new Set<{ close(): Promise<void> }>()

afterEach(async () => {
  for (const server of open) await server.close()
  open.clear()
})

/** EXTERNAL for whoever shows a certificate that Node has verified. */
function external({ tlsSocket }: AuthFacts) {
  const socket = tlsSocket as TLSSocket
  const { CN } = socket.authorized ? socket.getPeerCertificate().subject : {}
  return serverExternal({ identity: typeof CN === 'string' ? CN : undefined })
}

async function start(tls: 'implicit' | 'starttls', maxVersion: 'TLSv1.2' | 'TLSv1.3'): Promise<TestServer> {
  const server = await createServer({
    tls,
    tlsOptions: { requestCert: true, ca: alice.cert, maxVersion },
    auth: { users: {}, mechanisms: [{ name: 'EXTERNAL', create: external }] },
  })
  open.add(server)
  return server
}

/** Speaks until TLS is up, and then says AUTH EXTERNAL; the reply. */
async function logIn(server: TestServer, tls: 'implicit' | 'starttls', certificate?: Certificate): Promise<string> {
  const { port, host } = server
  const raw = connectNet({ port, host })
  if (tls === 'starttls') {
    await once(raw, 'data')
    raw.write('STARTTLS\r\n')
    await once(raw, 'data')
  }
  const socket = connect({ socket: raw, ca: server.certificate?.cert, servername: 'localhost', ...certificate })
  try {
    const lines = createInterface(socket)[Symbol.asyncIterator]()
    if (tls === 'implicit') await lines.next()
    else await once(socket, 'secureConnect')
    socket.write('EHLO client.example\r\n')
    for (let line = (await lines.next()).value; !line?.startsWith('250 '); line = (await lines.next()).value);
    socket.write('AUTH EXTERNAL =\r\n')
    return (await lines.next()).value ?? ''
  } finally {
    socket.destroy()
  }
}

describe('a client certificate', () => {
  for (const tls of ['implicit', 'starttls'] as const) {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      it(`that the server trusts is authorized, and good for EXTERNAL: ${tls}, ${version} (RFC 4422 A)`, async () => {
        const server = await start(tls, version)
        expect(await logIn(server, tls, alice)).toMatch(/^235 /)
        expect(String(server.transcript)).toContain(`-- ${version}`)
      })

      it(`that it does not know, or none, is not, and the handshake goes through: ${tls}, ${version}`, async () => {
        const server = await start(tls, version)
        expect(await logIn(server, tls, stranger)).toMatch(/^535 /)
        expect(await logIn(server, tls)).toMatch(/^535 /)
        expect(await logIn(server, tls, alice)).toMatch(/^235 /)
      })
    }
  }

  it('is asked for in a handshake that may fail, and the server goes on', async () => {
    const server = await start('implicit', 'TLSv1.3')
    const raw = connectNet({ port: server.port, host: server.host })
    raw.on('error', () => {})
    raw.write('EHLO in clear text\r\n')
    await once(raw, 'close')
    expect(String(server.transcript)).toMatch(/handshake/i)
    expect(await logIn(server, 'implicit', alice)).toMatch(/^235 /)
  })
})
