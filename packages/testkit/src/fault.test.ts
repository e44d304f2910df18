/**
 * That the table is whole, and that every cell really happens on the wire, at its phase and before or after the terminator
 * as it says. What a client makes of it is the client's test.
 */
import { describe, expect, it, vi } from 'vitest'
import { RawClient } from '../test/raw-client.js'
import { createServer, expectedOutcomes, FAULT_USER, FAULTS, type Fault, provoke, type TestServer } from './index.js'

/** Says one line after the other, each behind the reply to the last, until the fault has happened. */
async function converse(
  client: RawClient,
  server: TestServer,
  fault: Fault,
  recipients: 1 | 3,
  over: () => boolean,
): Promise<void> {
  const lines: [say: string, expect: string][] = [['', '220']]
  const lmtp = fault.server.protocol === 'lmtp'
  const hello = lmtp ? 'LHLO c.example' : 'EHLO c.example'
  lines.push([hello, '250'])
  if (fault.server.tls === 'starttls') lines.push(['STARTTLS', '220'], ['(handshake)', ''], [hello, '250'])
  const { username, password } = FAULT_USER
  if (fault.phase === 'P6')
    lines.push([`AUTH PLAIN ${Buffer.from(`\0${username}\0${password}`).toString('base64')}`, '235'])
  if (fault.phase === 'P7') lines.push(['AUTH CRAM-MD5', '334'], ['*', '501'])
  lines.push(['MAIL FROM:<me@x.example>', '250'])
  for (let n = 1; n <= recipients; n++) lines.push([`RCPT TO:<r${n}@x.example>`, '250'])
  const finals: [string, string][] = Array.from({ length: lmtp ? recipients - 1 : 0 }, () => ['', '250'])
  if (fault.message === 'chunks') lines.push(['BDAT 4\r\nhi', '250'], ['BDAT 4 LAST\r\nhi', '250'])
  else if (fault.message === 'chunk') lines.push(['BDAT 4 LAST\r\nhi', '250'])
  else if (fault.message === 'large') lines.push(['DATA', '354'], ['octets without end', ''])
  else lines.push(['DATA', '354'], ['hi\r\n.', '250'], ...finals)
  lines.push(['RSET', '250'], ['QUIT', '221'])
  for (const [say, expected] of lines) {
    if (say === '(handshake)') await client.secure(server.certificate?.cert ?? '')
    else if (say !== '') client.write(`${say}\r\n`)
    if (expected === '') continue
    const reply = await client.reply()
    if (over()) return
    if (reply.startsWith('450')) client.write('RSET\r\n') // P13: the refusal that calls for RSET
  }
}

describe('the table of faults', () => {
  it('has every phase and kind that can be, each once', () => {
    expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length)
    expect(FAULTS.length).toBe(18 * 13 - 8 - 1 - 1)
  })

  it('calls unknown only what happens behind the terminator, and unsent only what happens before (R1)', () => {
    for (const { phase, outcomes, name } of FAULTS) {
      const behind = ['P12', 'P12L', 'P14', 'P15', 'P17'].includes(phase)
      expect([name, outcomes.includes('unknown') && !behind]).toEqual([name, false])
      expect([name, outcomes.includes('unsent') && behind]).toEqual([name, false])
    }
  })

  it('says in words when and what happens, the same wherever it is the same', () => {
    expect(new Set(FAULTS.map(({ phase, moment }) => `${phase} ${moment}`)).size).toBe(18)
    expect(new Set(FAULTS.map(({ kind, mishap }) => `${kind} ${mishap}`)).size).toBe(13)
  })

  it('gives the only recipient what the second of three gets', () => {
    const fault = FAULTS.find(({ name }) => name === 'P9 421')
    expect(fault && expectedOutcomes(fault, 3)).toEqual(['unsent', 'deferred', 'unsent'])
    expect(fault && expectedOutcomes(fault, 1)).toEqual(['deferred'])
  })
})

describe('a fault that is provoked', () => {
  it('happens as often as it is told to, and P5 only under TLS', async () => {
    const fault = FAULTS.find(({ name }) => name === 'P5 4yz')
    await using server = await createServer(fault?.server)
    const handle = fault && provoke(server, fault, 1, { times: 2 })
    const said: string[] = []
    for (let round = 0; round < 3; round++) {
      const client = await RawClient.connect(server)
      said.push((await client.hello()).slice(0, 3))
      await client.say('STARTTLS')
      await client.secure(server.certificate?.cert ?? '')
      said.push((await client.say('EHLO client.example')).slice(0, 3))
      client.close()
    }
    expect(said).toEqual(['250', '451', '250', '451', '250', '250'])
    expect(handle?.applied).toBe(2)
  })

  for (const phase of new Set(FAULTS.map(fault => fault.phase))) {
    for (const recipients of [1, 3] as const) {
      it(`happens at ${phase}, with ${recipients} recipients`, async () => {
        const faults = FAULTS.filter(fault => fault.phase === phase)
        await Promise.all(faults.map(fault => happens(fault, recipients)))
      })
    }
  }

  async function happens(fault: Fault, recipients: 1 | 3): Promise<void> {
    await using server = await createServer(fault.server)
    const handle = provoke(server, fault, recipients)
    // P1: a reset may come so early that there never is a connection.
    const client = await RawClient.connect(server, { tls: fault.server.tls === 'implicit' }).catch(() => undefined)
    const conversation = client && converse(client, server, fault, recipients, () => handle.applied > 0).catch(() => {})
    try {
      await vi.waitFor(() => check(server, fault, recipients, handle.applied), { timeout: 4000 })
    } finally {
      client?.close()
    }
    await conversation
  }

  function check(server: TestServer, fault: Fault, recipients: 1 | 3, applied: number): void {
    expect([fault.name, applied]).toEqual([fault.name, 1])
    const [record] = server.transactions
    const behind = ['P12', 'P12L', 'P14', 'P15', 'P17'].includes(fault.phase)
    expect([fault.name, record?.sawTerminator ?? false]).toEqual([fault.name, behind])
    for (const [index, outcome] of expectedOutcomes(fault, recipients).entries()) {
      if (outcome === 'unknown') continue // whatever was said, the client could not know
      const said = record?.saidAccepted(`r${index + 1}@x.example`) ?? false
      expect([fault.name, index, outcome, said]).toEqual([fault.name, index, outcome, outcome === 'accepted' && behind])
    }
  }
})
