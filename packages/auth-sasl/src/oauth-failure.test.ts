import { describe, expect, it } from 'vitest'
import { octets } from '../test/exchange.js'
import { readOAuthFailure, writeOAuthFailure } from './oauth-failure.js'

describe("an OAuth server's reason (RFC 7628 section 3.2.2)", () => {
  it('is written with the names of the RFC, without what is not known', () => {
    const all = { status: 'a', scope: 'b', schemes: 'c', openidConfiguration: 'd' }
    const text = '{"status":"a","scope":"b","schemes":"c","openid-configuration":"d"}'
    expect(Buffer.from(writeOAuthFailure(all)).toString()).toBe(text)
    expect(readOAuthFailure(octets(text))).toEqual(all)
    expect(Buffer.from(writeOAuthFailure({ scope: 'b' })).toString()).toBe('{"scope":"b"}')
  })

  it.each([
    ['{"status":401,"more":"x"}', { status: '401' }],
    ['{"status":null,"scope":["a"]}', {}],
    ['null', {}],
    ['1', {}],
    ['"status"', {}],
    ['[["status","x"]]', {}],
    ['', {}],
    ['{', {}],
    ['{"__proto__":{"status":"x"}}', {}],
  ])('is read of %s as %j', (text, read) => {
    const failure = readOAuthFailure(octets(text))
    expect(failure).toEqual(read)
    expect(Object.keys(failure)).toEqual(Object.keys(read))
  })

  it('is not there in octets that are no UTF-8', () => {
    expect(readOAuthFailure(Uint8Array.of(0x7b, 0xff, 0x7d))).toEqual({})
  })
})
