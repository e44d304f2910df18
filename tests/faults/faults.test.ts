/**
 * Every fault of the table, on the wire: a mailer sends a message to a server that fails as the cell says, and what the mailer reports is held against
 * the cell and against what the server really saw. Afterwards the same mailer sends another message, which must arrive.
 */
import { createMailer, type MailerOptions, type SendOptions, type SendReport, SMTPException } from '@postrider/mailer'
import {
  createServer,
  expectedOutcomes,
  FAULT_USER,
  FAULTS,
  type Fault,
  type Outcome,
  provoke,
  type TestServer,
} from '@postrider/testkit'
import { describe, expect, it, vi } from 'vitest'
import { OPEN } from './open.js'

const recipients = ['ann@example.org', 'bob@example.org', 'cyd@example.org'] as const
const small = 'Subject: tea\r\n\r\nAt five.\r\n'
/** How long a server may be silent in a cell that is about silence; in all others nothing depends on the clock. */
const patience = 1000
// Most of the time goes into waiting for servers that say nothing.
vi.setConfig({ maxConcurrency: 20 })

function* large(): Generator<Uint8Array> {
  const block = new TextEncoder().encode(`${'x'.repeat(998)}\r\n`.repeat(64))
  for (let count = 0; count < 256; count++) yield block
}

interface Variant {
  readonly count: 1 | 3
  readonly pipelining: boolean
  /** The message goes in one write with its envelope, whatever the cell is about. */
  readonly flight?: true
}

/** Which way the message goes that shows the fault. */
function sending({ message }: Fault, { flight }: Variant): SendOptions {
  if (message === 'chunks') return { parameters: { body: 'BINARYMIME' } }
  return { pace: message === 'chunk' || flight ? 'oneFlight' : 'certain' }
}

/** What the cell comes to when the message has left with its envelope: its end left with its beginning, so nothing is unsent. */
function inFlight(cell: Fault): Fault {
  // 421 behind a complete message: what the server has not answered it has not done (rule R10).
  if (cell.kind === '421') return { ...cell, outcomes: ['deferred', 'deferred', 'deferred'] }
  // Behind the end of a message a long reply is cut, not refused (rule R7).
  if (cell.kind === 'oversize') return { ...cell, outcomes: ['accepted', 'accepted', 'accepted'], afterwards: 'keep' }
  const [first, second, third] = cell.outcomes.map(outcome => (outcome === 'unsent' ? 'unknown' : outcome))
  if (first === undefined || second === undefined || third === undefined) throw new Error('a cell has three outcomes')
  return { ...cell, outcomes: [first, second, third] }
}

/** A reply too many to the end of a flight: nobody can say which of them was the verdict. */
function owed(fault: Fault, { count, pipelining }: Variant): readonly Outcome[] {
  const outcomes = expectedOutcomes(fault, count)
  return fault.name === 'P17 extra' && pipelining ? outcomes.map(() => 'unknown') : outcomes
}

async function serve(fault: Fault, { pipelining, flight }: Variant): Promise<TestServer> {
  const chunking = flight === undefined ? {} : { CHUNKING: true }
  return createServer({
    ...fault.server,
    extensions: { ...fault.server.extensions, ...chunking, PIPELINING: pipelining, SIZE: false },
    limits: { message: 64 * 1024 * 1024 },
    // Who answers twice has itself to thank for what then comes too early.
    strictPipelining: fault.kind !== 'extra',
  })
}

function options(fault: Fault, server: TestServer): MailerOptions {
  const { tls = 'none', auth, protocol = 'smtp' } = fault.server
  const isSilent = fault.kind === 'stall' || fault.kind === 'drip' || fault.phase === 'P4'
  return {
    host: 'localhost',
    port: server.port,
    protocol,
    tls,
    name: 'client.example.org',
    maxConnections: 1,
    ...(isSilent
      ? { timeout: patience, timeouts: { connect: 10 * patience, endOfData: patience, rset: patience, quit: patience } }
      : {}),
    ...(server.certificate === undefined ? {} : { tlsOptions: { ca: server.certificate.cert } }),
    ...(auth === undefined ? {} : { auth: FAULT_USER }),
  }
}

async function report(send: Promise<SendReport>): Promise<SendReport> {
  try {
    return await send
  } catch (error) {
    if (error instanceof SMTPException && error.report !== undefined) return error.report
    throw error
  }
}

async function suffer(fault: Fault, variant: Variant): Promise<void> {
  await using server = await serve(fault, variant)
  const handle = provoke(server, fault, variant.count)
  const mailer = createMailer(options(fault, server))
  try {
    const to = recipients.slice(0, variant.count)
    const isLarge = fault.message === 'large' || fault.message === 'chunks'
    const message = isLarge ? large() : small
    const first = await report(mailer.sendmail('me@example.org', to, message, sending(fault, variant)))
    const outcomes = first.recipients.map(({ outcome }) => outcome)
    expect(outcomes).toEqual(owed(fault, variant))

    // What is claimed is what the server saw.
    const seen = server.transactions[0]
    for (const { address, outcome } of first.recipients) {
      if (outcome === 'accepted') expect(seen?.saidAccepted(address), `${address} accepted`).toBe(true)
      if (outcome === 'unsent') expect(seen?.sawTerminator ?? false, `${address} unsent`).toBe(false)
      if (outcome === 'unknown') expect(first).toMatchObject({ mayHaveBeenDelivered: true, retry: 'caller' })
    }

    if (fault.phase === 'P14') await mailer.close()
    else {
      // What comes while nothing is under way is seen in time; what comes together with the next command cannot be told from its answer.
      if (fault.phase === 'P15')
        await vi.waitFor(
          () => expect(server.transcript.lines(1).some(({ text }) => text.startsWith('-- closed'))).toBe(true),
          2000,
        )
      // Whatever was done to the first, the next message finds its way.
      const second = await report(mailer.sendmail('me@example.org', to, small))
      expect(second.outcome, second.explain()).toBe('accepted')
      const reused = server.transactions.at(-1)?.connection === 1
      expect(reused, 'the connection is used again').toBe(fault.afterwards === 'keep')
    }
    expect(handle.applied, 'times the fault was met').toBe(1)
    const said = server.transcript.lines(1).map(({ text }) => text)
    if (fault.afterwards === 'destroy' && fault.phase !== 'P14') expect(said).not.toContain('C: QUIT')
    if (fault.afterwards === 'quit') expect(said).toContain('C: QUIT')
  } finally {
    await mailer.close()
  }
}

describe('faults', () => {
  it('are all played but those that are known to be open', () => {
    expect([...OPEN].filter(name => !FAULTS.some(cell => cell.name === name))).toEqual([])
  })

  for (const fault of FAULTS.filter(({ name }) => !OPEN.has(name))) {
    for (const count of [1, 3] as const) {
      for (const pipelining of [true, false]) {
        it.concurrent(`${fault.name}, ${count === 1 ? 'one recipient' : 'three recipients'}, ${pipelining ? 'pipelined' : 'step by step'}`, () =>
          suffer(fault, { count, pipelining }))
      }
    }
  }

  // What happens upon MAIL or RCPT when the message has left with them. A reply too many can be told from the next one only when both come at once,
  // which is nothing a test can arrange: that is the price of the pace, and named there.
  const upon = FAULTS.filter(({ phase, kind }) => (phase === 'P8' || phase === 'P9') && kind !== 'extra')
  for (const fault of upon.map(inFlight)) {
    for (const count of [1, 3] as const) {
      it.concurrent(`${fault.name}, ${count === 1 ? 'one recipient' : 'three recipients'}, in one flight`, () =>
        suffer(fault, { count, pipelining: true, flight: true }))
    }
  }
})
