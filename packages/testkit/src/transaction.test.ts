import { describe, expect, it } from 'vitest'
import { Transaction } from './transaction.js'

const octets = (text: string): Uint8Array => new TextEncoder().encode(text)

function transaction(perRecipient: boolean, ...recipients: [address: string, accepted: boolean][]): Transaction {
  const record = new Transaction(1, 'me@example.org', {}, perRecipient)
  for (const [address, accepted] of recipients) {
    record.add({ address, accepted, parameters: {}, reply: accepted ? '250 ok' : '550 no' })
  }
  return record
}

describe('the ground truth of a transaction', () => {
  it('says accepted of a recipient only when a whole positive reply was written after the terminator', () => {
    const record = transaction(false, ['a@x.example', true], ['b@x.example', false])
    record.wrote(octets('250 for something else\r\n'))
    expect(record.saidAccepted('a@x.example')).toBe(false)
    record.terminate()
    for (const piece of ['2', '50 mine', '\r']) expect(record.wrote(octets(piece))).toBe(true)
    expect(record.saidAccepted('a@x.example')).toBe(false)
    expect(record.wrote(octets('\n'))).toBe(false)
    expect(record.saidAccepted('a@x.example')).toBe(true)
    expect(record.finalReply('a@x.example')).toBe('250 mine')
    expect(record.saidAccepted('b@x.example')).toBe(false)
    expect(record.saidAccepted('c@x.example')).toBe(false)
  })

  it('takes the first complete reply and no later one', () => {
    const record = transaction(false, ['a@x.example', true])
    record.terminate()
    record.wrote(octets('452 full\r\n250 ok\r\n'))
    expect(record.replies).toEqual(['452 full'])
    expect(record.saidAccepted('a@x.example')).toBe(false)
  })

  it('gives each accepted recipient its own reply in LMTP (RFC 2033 4.2)', () => {
    const record = transaction(true, ['a@x.example', true], ['b@x.example', false], ['c@x.example', true])
    record.terminate()
    record.wrote(octets('250 a\r\n55'))
    expect(record.finalReply('a@x.example')).toBe('250 a')
    expect(record.finalReply('c@x.example')).toBeUndefined()
    record.wrote(octets('2 c\r\n'))
    expect(record.finalReply('c@x.example')).toBe('552 c')
    expect(record.finalReply('b@x.example')).toBeUndefined()
    expect(record.saidAccepted('c@x.example')).toBe(false)
  })

  it('takes what is no reply for nothing said', () => {
    const record = transaction(true, ['a@x.example', true], ['b@x.example', true])
    record.terminate()
    expect(record.wrote(octets('250 a\r\nhello\r\n250 b\r\n'))).toBe(false)
    expect(record.replies).toEqual(['250 a'])
    expect(record.finalReply('b@x.example')).toBeUndefined()
  })
})
