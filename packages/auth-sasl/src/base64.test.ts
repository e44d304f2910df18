import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { octets } from '../test/exchange.js'
import { decodeBase64, encodeBase64 } from './base64.js'

describe('base64 (RFC 4648)', () => {
  it.each([
    ['', ''],
    ['f', 'Zg=='],
    ['fo', 'Zm8='],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg=='],
    ['fooba', 'Zm9vYmE='],
    ['foobar', 'Zm9vYmFy'],
  ])('section 10: %j is %j', (text, encoded) => {
    expect(encodeBase64(octets(text))).toBe(encoded)
    expect(decodeBase64(encoded)).toEqual(octets(text))
  })

  it('comes back as it went, and is what Node writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), data => {
        expect(encodeBase64(data)).toBe(Buffer.from(data).toString('base64'))
        expect(decodeBase64(encodeBase64(data))).toEqual(data)
      }),
    )
  })

  it.each(['Zg', 'Zg=', 'Zg===', 'Z', '=', '====', 'Zm9v\n', ' Zm9v', 'Zm9_', 'Zm9-', 'Zg==Zg==', 'Zh==', 'Zm9='])(
    'refuses %j: one value has one spelling',
    text => {
      expect(decodeBase64(text)).toBeUndefined()
    },
  )
})
