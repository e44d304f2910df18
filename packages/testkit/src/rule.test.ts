import { EncodeError } from '@postrider/codec'
import { describe, expect, it } from 'vitest'
import { type Occasion, Rules } from './rule.js'

const rcpt = (recipient: string, sender = 'me@example.org'): Occasion => ({
  phase: 'rcpt',
  line: `RCPT TO:<${recipient}>`,
  sender,
  recipients: [recipient],
})

describe('a rule', () => {
  it('matches a recipient as text, the domain in any case and the local part in its own (RFC 5321 2.4)', () => {
    const rules = new Rules()
    rules.refuse({ recipient: 'Nobody@Example.org', reply: '550 5.1.1 no such user' })
    expect(rules.find(rcpt('Nobody@eXample.ORG'))?.answer?.code).toBe(550)
    expect(rules.find(rcpt('nobody@example.org'))).toBeUndefined()
    expect(rules.find(rcpt('xNobody@example.org'))).toBeUndefined()
  })

  it('matches by pattern, also one that remembers where it stopped, and by question', () => {
    const rules = new Rules()
    rules.refuse({ recipient: /@bad\.example$/g, reply: '550 no' })
    rules.refuse({ recipient: address => address.startsWith('x'), reply: '551 no' })
    expect(rules.find(rcpt('a@bad.example'))?.answer?.code).toBe(550)
    expect(rules.find(rcpt('a@bad.example'))?.answer?.code).toBe(550)
    expect(rules.find(rcpt('x@good.example'))?.answer?.code).toBe(551)
    expect(rules.find(rcpt('a@good.example'))).toBeUndefined()
  })

  it('holds only when all its criteria do', () => {
    const rules = new Rules()
    rules.refuse({ recipient: 'a@b.example', sender: 's@b.example', reply: '550 no' })
    expect(rules.find(rcpt('a@b.example', 's@b.example'))).toBeDefined()
    expect(rules.find(rcpt('a@b.example', 't@b.example'))).toBeUndefined()
    expect(rules.find({ phase: 'mail', sender: 's@b.example' })).toBeUndefined()
  })

  it('belongs to the phase its criteria speak of', () => {
    const at = (criteria: Parameters<Rules['refuse']>[0], occasion: Occasion): boolean => {
      const rules = new Rules()
      rules.refuse(criteria)
      return rules.find(occasion) !== undefined
    }
    expect(at({ sender: 's@x.example', reply: '550 no' }, { phase: 'mail', sender: 's@x.example' })).toBe(true)
    expect(at({ sender: 's@x.example', reply: '550 no' }, { phase: 'data', sender: 's@x.example' })).toBe(false)
    expect(
      at({ phase: 'data', sender: 's@x.example', reply: '550 no' }, { phase: 'data', sender: 's@x.example' }),
    ).toBe(true)
    expect(at({ user: 'bob', reply: '535 no' }, { phase: 'response', user: 'bob' })).toBe(true)
    expect(at({ user: 'bob', reply: '535 no' }, { phase: 'auth' })).toBe(false)
    expect(at({ phase: ['rset', 'noop'], reply: '421 bye' }, { phase: 'noop', line: 'NOOP' })).toBe(true)
    expect(at({ reply: '421 bye' }, { phase: 'connect' })).toBe(true)
  })

  it('holds under TLS, in clear text, or in both', () => {
    const rules = new Rules()
    rules.refuse({ phase: 'ehlo', secure: true, reply: '550 no' })
    expect(rules.find({ phase: 'ehlo', secure: true })).toBeDefined()
    expect(rules.find({ phase: 'ehlo', secure: false })).toBeUndefined()
    rules.refuse({ phase: 'ehlo', secure: false, reply: '551 no' })
    expect(rules.find({ phase: 'ehlo', secure: false })?.answer?.code).toBe(551)
  })

  it('matches a command by its verb in any case, by its whole line, or by pattern', () => {
    const rules = new Rules()
    const vrfy: Occasion = { phase: 'vrfy', line: 'vrfy postmaster' }
    rules.refuse({ command: 'VRFY', reply: '550 no' })
    expect(rules.find(vrfy)?.answer?.code).toBe(550)
    rules.refuse({ command: 'VRFY postmaster', reply: '551 no' })
    expect(rules.find(vrfy)?.answer?.code).toBe(551)
    rules.refuse({ command: /^vrfy p/, reply: '553 no' })
    expect(rules.find(vrfy)?.answer?.code).toBe(553)
    expect(rules.find({ phase: 'expn', line: 'EXPN staff' })).toBeUndefined()
    expect(rules.find({ phase: 'endOfData' })).toBeUndefined()
  })

  it('gives way to a newer one', () => {
    const rules = new Rules()
    rules.refuse({ phase: 'mail', reply: '451 older' })
    const newer = rules.refuse({ phase: 'mail', reply: '550 newer' })
    expect(rules.find({ phase: 'mail' })?.answer?.code).toBe(550)
    newer.remove()
    expect(rules.find({ phase: 'mail' })?.answer?.code).toBe(451)
    rules.clear()
    expect(rules.any).toBe(false)
  })

  it('lets the first occasions pass, and is spent after its times', () => {
    const rules = new Rules()
    const handle = rules.refuse({ phase: 'mail', skip: 1, times: 2, reply: '451 later' })
    const found = [1, 2, 3, 4].map(() => rules.find({ phase: 'mail' }) !== undefined)
    expect(found).toEqual([false, true, true, false])
    expect(handle.applied).toBe(2)
  })

  it('may end the connection, with or without a word; 421 always does (RFC 5321 3.8)', () => {
    const rules = new Rules()
    rules.refuse({ phase: 'mail', hangUp: 'reset' })
    expect(rules.find({ phase: 'mail' })).toEqual({ hangUp: 'reset' })
    rules.refuse({ phase: 'mail', reply: '421 4.3.2 bye' })
    expect(rules.find({ phase: 'mail' })?.hangUp).toBe('close')
  })

  it('is refused before it is in force when it can never be right', () => {
    const rules = new Rules()
    expect(() => rules.refuse({ reply: '250 fine' })).toThrow(RangeError)
    expect(() => rules.refuse({})).toThrow(RangeError)
    expect(() => rules.refuse({ reply: 'no' })).toThrow(RangeError)
    expect(() => rules.refuse({ reply: '666 no' })).toThrow(RangeError)
    expect(() => rules.refuse({ reply: '550 no\r\n250 yes' })).toThrow(EncodeError)
    expect(() => rules.answer({ reply: '550 no' })).toThrow(RangeError)
    expect(rules.any).toBe(false)
  })

  it('writes several lines as one reply', () => {
    const rules = new Rules()
    rules.answer({ phase: 'expn', reply: ['250 a@example.org', 'b@example.org'] })
    const octets = rules.find({ phase: 'expn' })?.answer?.octets(true)
    expect(new TextDecoder().decode(octets)).toBe('250-a@example.org\r\n250 b@example.org\r\n')
  })
})
