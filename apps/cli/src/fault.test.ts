import { FAULTS, type Fault } from '@postrider/testkit'
import { describe, expect, it } from 'vitest'
import { UsageError } from './argument.js'
import { describeFault, faultList, readFault, serverFor } from './fault.js'

const nothing = { tls: undefined, auth: undefined, lmtp: false }
const users = new Map([['ann', 's3:cret']])

describe('a fault by name', () => {
  it('is found for every name of the table, in any case', () => {
    for (const fault of FAULTS) {
      expect(readFault(fault.name)).toBe(fault)
      expect(readFault(` ${fault.name.toUpperCase().replace(' ', '-')} `)).toBe(fault)
    }
  })

  it.each([
    ['P4 421', 'at P4 there are rst, fin, stall, drip, tls;'],
    ['p9', 'at P9 there are rst, fin,'],
    ['rst', 'a name is a moment and a mishap, such as "P12 rst";'],
    ['', 'a name is a moment and a mishap'],
  ])('is refused as %j, with what is near', (typed, words) => {
    expect(() => readFault(typed)).toThrow(UsageError)
    expect(() => readFault(typed)).toThrow(words)
    expect(() => readFault(typed)).toThrow('--fault list shows all')
  })
})

describe('the list of faults', () => {
  it('has a line for each, and fits a screen', () => {
    const lines = faultList().split('\n')
    for (const { name } of FAULTS) expect(lines.filter(line => line.startsWith(`  ${name} `)).length).toBe(1)
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(130)
    expect(lines).toContain('P9, upon RCPT:')
    expect(lines.find(line => line.includes('P12L 421'))).toMatch(/ deferred, those before accepted +destroy /)
  })
})

describe('the server for a fault', () => {
  const server = (name: string, asked = {}): ReturnType<typeof serverFor> =>
    serverFor(readFault(name), { ...nothing, ...asked })

  it('is what was asked for when there is no fault', () => {
    expect(serverFor(undefined, nothing)).toEqual({ protocol: 'smtp', tls: 'none' })
    expect(serverFor(undefined, { tls: 'starttls', auth: { users }, lmtp: true })).toEqual({
      protocol: 'lmtp',
      tls: 'starttls',
      auth: { users },
    })
  })

  it('is what the fault needs, and what was asked for where it leaves a choice', () => {
    expect(server('P12L rst')).toMatchObject({ protocol: 'lmtp', tls: 'none' })
    expect(server('P12 rst', { lmtp: true, tls: 'starttls' })).toMatchObject({ protocol: 'lmtp', tls: 'starttls' })
    expect(server('P3 rst')).toMatchObject({ tls: 'starttls' })
    expect(server('P7 rst', { auth: { users } })).toMatchObject({ auth: { users, mechanisms: ['CRAM-MD5'] } })
  })

  it('is refused when the one excludes the other', () => {
    expect(() => server('P3 rst', { tls: 'implicit' })).toThrow(UsageError)
    expect(() => server('P3 rst', { tls: 'none' })).toThrow('the fault P3 rst needs --tls starttls, and --tls is none')
  })
})

describe('a fault in words', () => {
  const words = (name: string, login = true): string => describeFault(readFault(name), { always: false, login })

  it('says when, what, and what a client owes', () => {
    expect(words('P9 4yz')).toBe(
      'once, upon RCPT: the server refuses for now\na client owes: deferred, the others accepted; and uses the connection again',
    )
  })

  it('says who must log in for it to happen, unless the user has said it', () => {
    expect(words('P6 rst', false)).toMatch(/\nit takes a login to happen: alice, password s3cret$/)
    expect(words('P6 rst')).not.toContain('s3cret')
  })

  it('has other words for the recipients before and behind', () => {
    const fault: Fault = { ...readFault('P12L rst'), outcomes: ['accepted', 'unknown', 'deferred'] }
    expect(describeFault(fault, { always: true, login: true })).toMatch(
      /^always,.*\na client owes: unknown, those before accepted, those behind deferred; and drops/,
    )
  })
})
