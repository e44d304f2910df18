import { ReplyReader } from '@postrider/codec'
import { describe, expect, it } from 'vitest'
import { DisconnectedError } from './error.js'
import { Transaction } from './transaction.js'

function reply(line: string) {
  const [only] = new ReplyReader().push(new TextEncoder().encode(`${line}\r\n`))
  if (only === undefined) throw new Error(`not a reply: ${line}`)
  return only
}

function ledger(...addresses: string[]): Transaction {
  const transaction = new Transaction()
  for (const address of addresses) transaction.add(address)
  return transaction
}

const lost = new DisconnectedError('lost', 'endOfData')
const outcomes = (transaction: Transaction) => transaction.result(0).recipients.map(({ outcome }) => outcome)

describe('the recipient ledger', () => {
  it('says unsent of everybody before the terminator, accepted RCPT or not (rule R1)', () => {
    const transaction = ledger('a', 'b', 'c')
    transaction.rcpt(0, reply('250 ok'), 'completed')
    transaction.rcpt(1, reply('550 no'), 'refused')
    expect(outcomes(transaction)).toEqual(['unsent', 'rejected', 'unsent'])
    expect(transaction.result(0, lost)).toMatchObject({
      outcome: 'partial',
      retry: 'now',
      mayHaveBeenDelivered: false,
      error: lost,
    })
  })

  it('says unknown of everybody still open after it', () => {
    const transaction = ledger('a', 'b')
    transaction.rcpt(0, reply('250 ok'), 'completed')
    transaction.rcpt(1, reply('450 later'), 'refused')
    transaction.commit()
    expect(outcomes(transaction)).toEqual(['unknown', 'deferred'])
    expect(transaction.result(0, lost)).toMatchObject({ retry: 'caller', mayHaveBeenDelivered: true })
  })

  it('gives the one reply of SMTP to all accepted recipients', () => {
    const transaction = ledger('a', 'b', 'c')
    transaction.rcpt(0, reply('250 ok'), 'completed')
    transaction.rcpt(1, reply('550 no'), 'refused')
    transaction.rcpt(2, reply('251 will forward'), 'completed')
    transaction.commit()
    transaction.verdict(reply('250 queued'), 'completed', false)
    expect(outcomes(transaction)).toEqual(['accepted', 'rejected', 'accepted'])
    expect(transaction.result(7)).toMatchObject({
      outcome: 'partial',
      retry: 'never',
      mayHaveBeenDelivered: true,
      octets: 7,
    })
  })

  it('gives each reply of LMTP to one accepted recipient, in order (RFC 2033 4.2)', () => {
    const transaction = ledger('a', 'b', 'c')
    transaction.rcpt(0, reply('250 ok'), 'completed')
    transaction.rcpt(1, reply('550 no'), 'refused')
    transaction.rcpt(2, reply('250 ok'), 'completed')
    transaction.commit()
    transaction.verdict(reply('250 a'), 'completed', true)
    expect(outcomes(transaction)).toEqual(['accepted', 'rejected', 'unknown'])
    transaction.verdict(reply('452 full'), 'refused', true)
    expect(outcomes(transaction)).toEqual(['accepted', 'rejected', 'deferred'])
    expect(transaction.result(0).retry).toBe('later')
  })

  it('defers the recipient whose RCPT was answered 421, and sent nothing to the others (rule R10)', () => {
    const transaction = ledger('a', 'b', 'c')
    transaction.enter('rcpt')
    transaction.rcpt(0, reply('550 no'), 'refused')
    transaction.shutdown(reply('421 bye'), 1)
    expect(outcomes(transaction)).toEqual(['rejected', 'deferred', 'unsent'])
  })

  it('defers everybody still open when 421 follows the terminator (rule R10)', () => {
    const transaction = ledger('a', 'b')
    for (const place of [0, 1]) transaction.rcpt(place, reply('250 ok'), 'completed')
    transaction.commit()
    transaction.verdict(reply('250 a'), 'completed', true)
    transaction.shutdown(reply('421 bye'), undefined)
    expect(outcomes(transaction)).toEqual(['accepted', 'deferred'])
  })

  it('refuses everybody with the reply to MAIL or DATA, and keeps what RCPT had decided', () => {
    const transaction = ledger('a', 'b')
    transaction.rcpt(0, reply('450 later'), 'refused')
    transaction.rcpt(1, reply('250 ok'), 'completed')
    transaction.refuse('data', reply('554 no'))
    expect(transaction.result(0).recipients).toMatchObject([
      { outcome: 'deferred', phase: 'rcpt', reply: { code: 450 } },
      { outcome: 'rejected', phase: 'data', reply: { code: 554 } },
    ])
  })

  it('takes 552 to RCPT for "too many recipients" where it can be that (RFC 5321 4.5.3.1.10)', () => {
    const first = ledger('a')
    first.rcpt(0, reply('552 mailbox full'), 'refused')
    expect(outcomes(first)).toEqual(['rejected'])
    const later = ledger('a', 'b', 'c', 'd')
    later.rcpt(0, reply('250 ok'), 'completed')
    later.rcpt(1, reply('552 too many'), 'refused')
    later.rcpt(2, reply('552 5.2.2 mailbox full'), 'refused')
    later.rcpt(3, reply('552 5.5.3 too many'), 'refused')
    expect(outcomes(later)).toEqual(['unsent', 'deferred', 'rejected', 'deferred'])
  })
})
