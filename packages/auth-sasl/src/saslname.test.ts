import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escapeName, unescapeName } from './saslname.js'

describe('saslname (RFC 5802 section 5.1)', () => {
  it.each([
    ['user', 'user'],
    ['a,b', 'a=2Cb'],
    ['a=b', 'a=3Db'],
    ['=2C', '=3D2C'],
    ['=3D', '=3D3D'],
  ])('writes %j as %j', (name, escaped) => {
    expect(escapeName(name)).toBe(escaped)
    expect(unescapeName(escaped)).toBe(name)
  })

  it.each(['=', 'a=', '=2c', '=3d', '=2', '=41', '==2C'])('refuses %j', escaped => {
    expect(unescapeName(escaped)).toBeUndefined()
  })

  it('gives every name back, and never writes a comma', () => {
    const names = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('=', ',', '2', '3', 'C', 'D') }),
    )
    fc.assert(
      fc.property(names, name => {
        expect(escapeName(name)).not.toContain(',')
        expect(unescapeName(escapeName(name))).toBe(name)
      }),
    )
  })
})
