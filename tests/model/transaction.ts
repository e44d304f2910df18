/**
 * One transaction of a session with a server that does anything at all, and whether what the session claims is what the server saw:
 * nothing may be called accepted that was not, nothing unsent that may have been delivered, nothing certain that is not (oracles O1 to O6 of the
 * fault model).
 *
 * In: what the server does, command by command, and how its octets are cut. Out: the result, or an error that names the claim that is not so.
 */
import assert from 'node:assert/strict'
import { type RecipientResult, Session, type TransactionResult } from '@postrider/session'
import fc from 'fast-check'
import { AnyServer, type Reaction } from './server.js'

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const message = 'Subject: tea\r\n\r\n.at five\r\n'

const reply = fc.constantFrom(
  ...[
    '250 ok',
    '250-one\r\n250 two',
    '354 go ahead',
    '250',
    '252 maybe',
    '451 4.3.0 later',
    '550 5.1.1 no',
    '552 too many',
    '421 bye',
    '503 order',
    '220 hm',
    '334 ',
  ].map(text => `${text}\r\n`),
)
const garbage = fc.constantFrom(
  '250-one\r\n550 two\r\n',
  'what?\r\n',
  '999 x\r\n',
  '2',
  '250 half',
  '\r\n',
  '250 ok\r\n250 surplus\r\n',
  '\x16\x03\x01',
  `250-${'x'.repeat(9000)}\r\n`,
)
const reaction = fc.record<Reaction>({
  says: fc.oneof(
    { weight: 12, arbitrary: reply },
    { weight: 1, arbitrary: garbage },
    { weight: 1, arbitrary: fc.constant('') },
  ),
  next: fc.oneof(
    { weight: 20, arbitrary: fc.constant('goes on' as const) },
    { weight: 1, arbitrary: fc.constantFrom('closes' as const, 'resets' as const) },
  ),
})
/** A server that behaves up to some point, and does anything from there on. */
export const behaviour = (way: Conditions['way']): fc.Arbitrary<Reaction[]> =>
  fc
    .tuple(fc.nat(8), fc.array(reaction, { minLength: 1, maxLength: 12 }))
    .map(([good, rest]) => [
      ...['250 ok', '250 ok', '250 ok', way === 'data' ? '354 go ahead' : '250 ok', '250 queued', '250 ok', '221 bye']
        .slice(0, good)
        .map((says): Reaction => ({ says: `${says}\r\n`, next: 'goes on' })),
      ...rest,
    ])

/** What the server offers, and so how the message goes: by DATA, in one write with its envelope, or in chunks behind it. */
export interface Conditions {
  readonly lmtp: boolean
  readonly pipelining: boolean
  readonly way: 'data' | 'flight' | 'chunks'
}

export interface Run {
  readonly result: TransactionResult
  readonly server: AnyServer
  readonly writtenAfterEnd: boolean
}

export async function run(reactions: readonly Reaction[], cuts: readonly number[], options: Conditions): Promise<Run> {
  const offered = [...(options.pipelining ? ['PIPELINING'] : []), ...(options.way === 'data' ? [] : ['CHUNKING'])]
  const hello = ['any.example.org', ...offered, '8BITMIME']
    .map((line, index, { length }) => `250${index === length - 1 ? ' ' : '-'}${line}\r\n`)
    .join('')
  const server = new AnyServer([
    { says: '220 any\r\n', next: 'goes on' },
    { says: hello, next: 'goes on' },
    ...reactions,
  ])
  const session = new Session({
    name: 'client.example.org',
    protocol: options.lmtp ? 'lmtp' : 'smtp',
    chunkSize: options.way === 'chunks' ? 10 : 65_536,
  })
  let now = 0
  let cut = 0
  let closed = false
  let writtenAfterEnd = false

  const settle = async (): Promise<string> => {
    let written = ''
    for (let idle = 0; idle < 6; ) {
      const output = session.poll()
      if (output === undefined) {
        idle++
        await null
        continue
      }
      idle = 0
      if (closed) writtenAfterEnd = true
      if (output.kind === 'write') written += decoder.decode(output.octets)
      else if (output.kind === 'flush') session.flushed()
      else if (output.kind === 'commit') written += decoder.decode(session.commit())
      else if (output.kind === 'close') closed = true
    }
    return written
  }

  /** Lets client and server talk until neither has anything to say. */
  const converse = async () => {
    let answer = { octets: '', end: undefined as 'closes' | 'resets' | undefined }
    for (;;) {
      const written = await settle()
      if (written === '' && answer.octets === '' && answer.end === undefined) return
      const heard = server.hear(written)
      answer = { octets: answer.octets + heard.octets, end: answer.end ?? heard.end }
      const size = Math.max(1, cuts[cut++ % cuts.length] ?? 1)
      const part = answer.octets.slice(0, size)
      if (part !== '') {
        session.receive(encoder.encode(part))
        answer = { octets: answer.octets.slice(size), end: answer.end }
      } else if (answer.end !== undefined) {
        if (answer.end === 'closes') session.closed()
        else session.broken(new Error('ECONNRESET'))
        answer = { octets: '', end: undefined }
      }
    }
  }

  session.connected()
  const greeting = server.greet()
  session.receive(encoder.encode(greeting.octets))
  await session.opened()
  const greeted = session.hello()
  await converse()
  await greeted
  const recipients = ['a@example.org', 'b@example.org']
  let result: TransactionResult | undefined
  void session
    .transact({ from: 'me@example.org', to: recipients }, encoder.encode(message), { pace: 'oneFlight' })
    .then(settled => {
      result = settled
    })
  // O5: whatever the server does or leaves undone, deadlines end it.
  for (let rounds = 0; result === undefined && rounds < 20; rounds++) {
    await converse()
    const deadline = session.deadline(now)
    if (result !== undefined || deadline === undefined) continue
    now = deadline
    session.timeout(now)
  }
  await converse()
  if (result === undefined) throw new Error(`the transaction never settled: ${session.state}`)
  return { result, server, writtenAfterEnd }
}

/** Throws when a claim is not so. */
export function judge({ result, server, writtenAfterEnd }: Run, { lmtp }: { readonly lmtp: boolean }): void {
  const { recipients } = result
  assert.equal(recipients.length, 2)
  // A recipient is unknown only behind the terminator, and then nobody is told that repeating is safe.
  if (decided(recipients, 'unknown').length > 0) {
    assert.ok(result.mayHaveBeenDelivered)
    assert.equal(result.retry, 'caller')
  }
  // O6: nothing is written once the session has ended.
  assert.ok(!writtenAfterEnd)
  // A surplus reply that comes late enough is taken for the answer to the next command, and so on to the last: to the client, that server
  // is one that says yes. What it says at once is noticed (rule R4), but not by every way to cut it.
  if (server.saidTooMuch) return
  // O1: accepted only where the server saw the end of the message and said so.
  if (decided(recipients, 'accepted').length > 0) {
    assert.ok(server.sawTerminator)
    assert.match(server.saidAfterTerminator, lmtp ? /^2\d\d[ -]|^2\d\d\r/m : /^2\d\d/)
    // O4: and the message is the message.
    assert.equal(server.received, message)
  }
  // O2: unsent only where the server cannot have delivered anything.
  if (decided(recipients, 'unsent').length > 0) assert.ok(!server.sawTerminator)
  // O3: no answer, no certainty.
  if (server.sawTerminator && server.saidAfterTerminator === '') {
    assert.deepEqual(decided(recipients, 'accepted'), [])
    assert.deepEqual(decided(recipients, 'unsent'), [])
  }
}

const decided = (recipients: readonly RecipientResult[], outcome: string) =>
  recipients.filter(recipient => recipient.outcome === outcome)
