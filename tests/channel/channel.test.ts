import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AbortedError,
  DisconnectedError,
  ProtocolError,
  Session,
  TimeoutError,
  TlsError,
  TlsModeError,
  type TransactionResult,
} from '@postrider/session'
import { type ConnectOptions, connect, open } from '@postrider/session/node'
import { createCertificate } from '@postrider/testkit'
import { describe, expect, it } from 'vitest'
import { host, type Peer } from './peer.js'

const ca = createCertificate().cert
const envelope = { from: 'ann@example.org', to: ['bob@example.org'] }
const message = new TextEncoder().encode('Subject: tea\r\n\r\nAt five.\r\n')

/** Every name is this machine. */
const loopback: ConnectOptions['lookup'] = (_name, options, tell) =>
  options.all === true ? tell(null, [{ address: '127.0.0.1', family: 4 }]) : tell(null, '127.0.0.1', 4)

async function ready(options: ConnectOptions): Promise<Session> {
  const session = await connect({ host: '127.0.0.1', ...options })
  await session.hello()
  return session
}

/** The peer's part up to the message. */
async function envelopeOf(peer: Peer): Promise<void> {
  await peer.greet('PIPELINING')
  await peer.hear('DATA\r\n')
  peer.say('250 ok', '250 ok', '354 go ahead')
}

describe('a session on a real socket', () => {
  it('delivers, and closes politely', async () => {
    let received = ''
    await using server = await host(async peer => {
      await envelopeOf(peer)
      received = await peer.hear('\r\n.\r\n')
      peer.say('250 queued')
      await peer.hear('QUIT\r\n')
      peer.say('221 bye')
    })
    const session = await ready({ port: server.port })
    const result = await session.transact(envelope, message)
    expect(result).toMatchObject({ outcome: 'accepted', octets: message.length })
    expect(received).toBe('Subject: tea\r\n\r\nAt five.\r\n.\r\n')
    expect((await session.quit())?.code).toBe(221)
    expect(session.state).toBe('closed')
  })

  it('works over a Unix socket', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'postrider-'))
    try {
      await using _server = await host(peer => peer.greet(), join(folder, 'lmtp'))
      const session = await connect({ path: join(folder, 'lmtp'), protocol: 'lmtp' })
      expect((await session.hello()).extensions.domain).toBe('peer.example.org')
      session.abort()
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('connects from the local address it is given', async () => {
    let from: string | undefined
    await using server = await host(peer => {
      from = peer.socket.remoteAddress
      return peer.greet()
    })
    const session = await ready({ port: server.port, localAddress: '127.0.0.5' })
    expect(from).toBe('127.0.0.5')
    session.abort()
  })

  it('says where it could not connect', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    await new Promise(resolve => server.close(resolve))
    await expect(connect({ host: '127.0.0.1', port })).rejects.toSatisfy(
      error =>
        error instanceof DisconnectedError &&
        error.phase === 'connecting' &&
        error.message.includes(`127.0.0.1:${port}`),
    )
  })

  it('ends a connection that waits for a greeting at its deadline, and says what may be the matter', async () => {
    await using server = await host(() => {})
    const attempt = connect({ host: '127.0.0.1', port: server.port, timeouts: { greeting: 30 } })
    await expect(attempt).rejects.toSatisfy(
      error => error instanceof TimeoutError && /tls: 'implicit'/.test(error.message),
    )
  })

  it('is not held up by a server that drips (rule R5)', async () => {
    await using server = await host(async peer => {
      for (const octet of '220-'.padEnd(400, 'x')) {
        if (peer.socket.destroyed) return
        peer.socket.write(octet)
        await new Promise(resolve => setTimeout(resolve, 5))
      }
    })
    await expect(connect({ host: '127.0.0.1', port: server.port, timeouts: { greeting: 60 } })).rejects.toBeInstanceOf(
      TimeoutError,
    )
  })

  it('believes a reply that a reset follows (rule R11)', async () => {
    await using server = await host(async peer => {
      await envelopeOf(peer)
      await peer.hear('\r\n.\r\n')
      peer.socket.write('250 queued\r\n', () => peer.reset())
    })
    const session = await ready({ port: server.port })
    expect((await session.transact(envelope, message)).outcome).toBe('accepted')
  })

  it('says unknown when the connection breaks behind the terminator (rule R1)', async () => {
    await using server = await host(async peer => {
      await envelopeOf(peer)
      await peer.hear('\r\n.\r\n')
      peer.reset()
    })
    const session = await ready({ port: server.port })
    const result = await session.transact(envelope, message)
    expect(result).toMatchObject({ outcome: 'unknown', mayHaveBeenDelivered: true, retry: 'caller' })
    expect(result.error).toBeInstanceOf(DisconnectedError)
    expect(session.usable).toBe(false)
  })

  it('says unsent when the connection breaks under the message, and never writes the terminator', async () => {
    let received = ''
    await using server = await host(async peer => {
      await envelopeOf(peer)
      received = await peer.hear('first\r\n')
      peer.socket.end()
    })
    const session = await ready({ port: server.port })
    async function* slow() {
      yield new TextEncoder().encode('first\r\n')
      await new Promise(() => {})
    }
    const result = await session.transact(envelope, slow())
    expect(result).toMatchObject({ outcome: 'unsent', mayHaveBeenDelivered: false, retry: 'now' })
    expect(received).not.toContain('\r\n.\r\n')
  })

  it("reports the server's reason when it stops reading a message that is too big (rule R12)", async () => {
    await using server = await host(async peer => {
      await envelopeOf(peer)
      peer.socket.pause()
      peer.socket.write('552 5.3.4 too big\r\n', () => setTimeout(() => peer.reset(), 20))
    })
    const session = await ready({ port: server.port })
    const block = new Uint8Array(65_536).fill(0x61)
    block.set([13, 10], 65_534)
    const result = await session.transact(
      envelope,
      Array.from({ length: 500 }, () => block),
    )
    expect(result.recipients[0]).toMatchObject({ outcome: 'rejected', phase: 'body', reply: { code: 552 } })
  })

  it('does not pull a message faster than the server takes it', async () => {
    let pulled = 0
    await using server = await host(async peer => {
      await envelopeOf(peer)
      peer.socket.pause()
    })
    const session = await ready({ port: server.port, timeouts: { dataBlock: 300 } })
    const line = new TextEncoder().encode(`${'x'.repeat(998)}\r\n`)
    function* endless() {
      for (;;) {
        pulled += line.length
        yield line
      }
    }
    const result = await session.transact(envelope, endless())
    // The socket buffers of loopback take some MB; what counts is that an end was found at all.
    expect(result.error).toBeInstanceOf(TimeoutError)
    expect(result.outcome).toBe('unsent')
    expect(pulled).toBeLessThan(64 * 1024 * 1024)
  })

  it('notices, while nothing is under way, that the server has gone', async () => {
    await using server = await host(async peer => {
      await peer.greet()
      peer.say('421 4.4.2 idle too long')
      peer.socket.end()
    })
    const session = await ready({ port: server.port })
    while (session.usable) await new Promise(resolve => setTimeout(resolve, 1))
    await expect(session.noop()).rejects.toMatchObject({ code: 'ESHUTDOWN', reply: { code: 421 } })
  })

  it('does not take a surplus reply for the answer to the next command (rule R4)', async () => {
    await using server = await host(async peer => {
      await envelopeOf(peer)
      await peer.hear('\r\n.\r\n')
      peer.say('250 queued', '250 queued')
    })
    const session = await ready({ port: server.port })
    expect((await session.transact(envelope, message)).outcome).toBe('accepted')
    await expect(session.noop()).rejects.toBeInstanceOf(ProtocolError)
  })

  it('can be given up at any time by a signal (rule R15)', async () => {
    const early = new AbortController()
    early.abort(new Error('changed my mind'))
    await using server = await host(() => {})
    await expect(connect({ host: '127.0.0.1', port: server.port, signal: early.signal })).rejects.toBeInstanceOf(
      AbortedError,
    )

    const late = new AbortController()
    await using other = await host(async peer => {
      await envelopeOf(peer)
      await peer.hear('\r\n.\r\n')
      late.abort()
    })
    const session = await ready({ port: other.port, signal: late.signal })
    const result = await session.transact(envelope, message)
    expect(result).toMatchObject({ outcome: 'unknown', retry: 'caller', error: { code: 'EABORT' } })
  })

  it('runs beforeCommit when all but the terminator has left, and sends nothing when it refuses', async () => {
    const heard: string[] = []
    await using server = await host(async peer => {
      await envelopeOf(peer)
      await peer.hear('At five.\r\n')
      heard.push('message')
    })
    const session = await ready({ port: server.port })
    const result = await session.transact(envelope, message, {
      beforeCommit: async () => {
        while (heard.length === 0) await new Promise(resolve => setTimeout(resolve, 1))
        heard.push('hook')
        throw new Error('the queue is full')
      },
    })
    expect(heard).toEqual(['message', 'hook'])
    expect(result).toMatchObject({ outcome: 'unsent', retry: 'now', error: { code: 'EBODY' } })
  })
})

describe('a message source that lets us down (T-46)', () => {
  const sources: Record<
    string,
    [source: () => Iterable<Uint8Array> | AsyncIterable<Uint8Array>, options?: { length?: number }]
  > = {
    fails: [
      async function* () {
        yield message
        throw new Error('disk on fire')
      },
    ],
    'is shorter than it promised': [() => [message], { length: message.length + 1 }],
    'is longer than it promised': [() => [message], { length: message.length - 1 }],
    'gives text where octets are needed': [() => ['text' as unknown as Uint8Array]],
    'holds octets above 127 that were not negotiated': [() => [Uint8Array.of(0xc3, 0xa9)]],
  }
  for (const [name, [source, options]] of Object.entries(sources)) {
    it(`${name}: no terminator is written`, async () => {
      let received = ''
      await using server = await host(async peer => {
        await envelopeOf(peer)
        await once(peer.socket, 'close')
        received = peer.received
      })
      const session = await ready({ port: server.port })
      const result = await session.transact(envelope, source(), options)
      expect(result).toMatchObject({ outcome: 'unsent', mayHaveBeenDelivered: false, error: { code: 'EBODY' } })
      await server.played()
      expect(received).not.toMatch(/^\.\r\n/m)
      expect(session.usable).toBe(false)
    })
  }
})

describe('TLS', () => {
  it('comes first where it is asked for, and protects the greeting', async () => {
    let name: string | false | undefined
    await using server = await host(async peer => {
      name = await peer.secure()
      await peer.greet()
    })
    const session = await connect({ host: 'localhost', port: server.port, implicitTls: true, tls: { ca } })
    expect(session.secure).toBe(true)
    expect(session.tls).toMatchObject({ version: 'TLSv1.3', authorized: true })
    expect(name).toBe('localhost')
    session.abort()
  })

  it('comes up by STARTTLS', async () => {
    await using server = await host(async peer => {
      await peer.greet('STARTTLS')
      await peer.hear('STARTTLS\r\n')
      peer.say('220 go ahead')
      await peer.secure()
      await peer.hear('\r\n')
      peer.say('250-peer.example.org', '250 AUTH PLAIN')
    })
    const session = await ready({ port: server.port, tls: { ca } })
    expect(session.server?.extensions.starttls).toBe(true)
    const facts = await session.startTls()
    expect(facts.authorized).toBe(true)
    expect(session.server).toBeUndefined()
    expect((await session.hello()).extensions.auth).toEqual(['PLAIN'])
    session.abort()
  })

  it('does not begin when clear text follows the 220, in the same segment or in the next (T-11)', async () => {
    for (const gap of [undefined, 0, 1]) {
      await using server = await host(async peer => {
        await peer.greet('STARTTLS')
        await peer.hear('STARTTLS\r\n')
        if (gap === undefined) peer.say('220 go ahead', '250 AUTH PLAIN')
        else {
          peer.say('220 go ahead')
          await new Promise(resolve => setTimeout(resolve, gap))
          peer.say('250 AUTH PLAIN')
        }
      })
      const session = await ready({ port: server.port, tls: { ca } })
      // In the same segment it is an injection by name; later, it lands in the handshake and breaks it.
      await expect(session.startTls()).rejects.toMatchObject({
        usable: false,
        code: gap === undefined ? 'EINJECTION' : /^(EINJECTION|ETLS)$/,
      })
      expect(session.server?.extensions.auth ?? []).toEqual([])
    }
  })

  it('names the right mode when the port speaks the other one', async () => {
    await using plain = await host(peer => peer.greet())
    await expect(connect({ host: 'localhost', port: plain.port, implicitTls: true, tls: { ca } })).rejects.toSatisfy(
      error => error instanceof TlsModeError && error.expected === 'starttls',
    )
    await using secure = await host(peer => {
      // A TLS alert: what some servers answer to silence.
      peer.socket.write(Uint8Array.of(0x15, 0x03, 0x03, 0, 2, 2, 40))
    })
    await expect(connect({ host: 'localhost', port: secure.port })).rejects.toSatisfy(
      error => error instanceof TlsModeError && error.expected === 'implicit',
    )
  })

  const identities: [what: string, host: string, names: readonly string[], accepted: boolean, sni: string | false][] = [
    ['an IP address in the certificate, and sends no SNI for it', '127.0.0.1', ['127.0.0.1'], true, false],
    ['a name without its trailing dot', 'localhost.', ['localhost'], true, 'localhost'],
    ['no other name', 'localhost', ['other.example.org'], false, 'localhost'],
    ['no DNS name for an IP address', '127.0.0.1', ['localhost'], false, false],
    ['no common name alone (RFC 9525)', 'localhost', [], false, 'localhost'],
  ]
  for (const [what, name, names, accepted, sni] of identities) {
    it(`accepts ${what} (T-17)`, async () => {
      let seen: string | false | undefined
      const certificate = createCertificate({ names })
      await using server = await host(async peer => {
        seen = await peer.secure(certificate)
        peer.say('220 peer.example.org ESMTP')
      })
      const attempt = connect({
        host: name,
        port: server.port,
        implicitTls: true,
        tls: { ca: certificate.cert },
        lookup: loopback,
      })
      if (accepted) (await attempt).abort()
      else await expect(attempt).rejects.toBeInstanceOf(TlsError)
      await server.played()
      expect(seen).toBe(sni)
    })
  }

  it('refuses a certificate that nobody trusts', async () => {
    await using server = await host(async peer => {
      await peer.secure()
    })
    const attempt = connect({ host: 'localhost', port: server.port, implicitTls: true })
    await expect(attempt).rejects.toSatisfy(error => error instanceof TlsError && error.phase === 'connecting')
  })
})

describe('failed connections (T-48)', () => {
  it('leave no handle behind and crash nothing', async () => {
    await using silent = await host(() => {})
    await using closing = await host(peer => {
      peer.socket.destroy()
    })
    await using plain = await host(peer => peer.greet())
    await using resetting = await host(peer => peer.reset())
    const kinds: ConnectOptions[] = [
      { port: silent.port, timeouts: { greeting: 5 } },
      { port: silent.port, implicitTls: true, timeouts: { connect: 5 } },
      { port: closing.port },
      { port: closing.port, implicitTls: true },
      { port: plain.port, implicitTls: true },
      { port: resetting.port },
    ]
    const sockets = () =>
      process.getActiveResourcesInfo().filter(name => /TCPSocketWrap|TLSWrap|Timeout/.test(name)).length
    const before = sockets()
    for (let round = 0; round < 20; round++) {
      for (const kind of kinds) await expect(connect({ host: '127.0.0.1', ...kind })).rejects.toThrow()
    }
    await new Promise(resolve => setTimeout(resolve, 50))
    // The servers' own ends of the silent ones stay until the servers are closed.
    expect(sockets() - before).toBeLessThanOrEqual(2 * 20 + 2)
  })
})

it('the session can be opened without waiting for the greeting', async () => {
  await using server = await host(peer => peer.greet())
  const { session, channel } = open({ host: '127.0.0.1', port: server.port })
  expect(session).toBeInstanceOf(Session)
  const result: TransactionResult | Error = await session.transact(envelope, message).catch((error: Error) => error)
  expect(result).toMatchObject({ code: 'ESEQUENCE' })
  expect((await session.opened()).code).toBe(220)
  expect(channel.socket?.remoteAddress).toBe('127.0.0.1')
  session.abort()
})
