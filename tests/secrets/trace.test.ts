import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { leaks } from './trace.js'

const secret = 'canary-5Zq!wörks'
const octets = new Uint8Array(Buffer.from(secret))

describe('a leak is seen (T-28)', () => {
  it.each([
    ['in a text', `the password is ${secret}.`],
    ['in an error', new Error(secret)],
    ['in what caused what caused an error', new Error('x', { cause: new Error('y', { cause: new Error(secret) }) })],
    ['in a property that is not enumerable', Object.defineProperty({}, 'hidden', { value: secret })],
    ['behind a symbol', { [Symbol('s')]: { deep: [secret] } }],
    ['in a Map, a Set and a Headers-like list', new Map([['auth', new Set([[secret]])]])],
    ['in octets', inspect({ octets: Uint8Array.of(0, ...octets, 7) })],
    ['in a Buffer', inspect({ octets: Buffer.from(octets) })],
    ['in octets written as JSON', JSON.stringify(octets)],
    ['in a Buffer written as JSON', JSON.stringify(Buffer.from(octets))],
    ['in hexadecimal', Buffer.from(octets).toString('hex').toUpperCase()],
    ['in an address', encodeURIComponent(secret)],
    ['in a string within JSON', JSON.stringify({ secret: `${secret}"\n` })],
    ['where only toJSON tells', { toJSON: (): string => secret, [inspect.custom]: (): string => '' }],
    ['where only toString tells', { toString: (): string => secret, [inspect.custom]: (): string => '' }],
  ])('%s', (_where, value) => {
    expect(leaks(value, secret)).not.toEqual([])
  })

  it('in base64 at each of its three phases, whatever stands before and behind it', () => {
    const around = fc.uint8Array({ maxLength: 9 })
    fc.assert(
      fc.property(around, around, fc.constantFrom('base64', 'base64url'), (before, after, encoding) => {
        const text = Buffer.concat([before, octets, after]).toString(encoding)
        expect(leaks(`AUTH PLAIN ${text}`, secret)).toContain(`base64, phase ${before.length % 3}`)
      }),
    )
  })

  it('where the text was cut off', () => {
    const long = 'a very long secret, of which a program shows the beginning; '.repeat(3)
    expect(leaks(`${long.slice(0, 60)}…`, long)).not.toEqual([])
  })
})

describe('what is no leak is not taken for one', () => {
  it.each([
    ['other text', 'the password is [secret]'],
    ['a mask', { line: 'AUTH PLAIN ***' }],
    ['octets that differ by one', octets.map((octet, at) => (at === 7 ? octet ^ 1 : octet))],
    ['nothing', undefined],
  ])('%s', (_what, value) => {
    expect(leaks(value, secret)).toEqual([])
  })
})
