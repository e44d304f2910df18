import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NewlineScanner } from './newline.js'

/** Every CR and LF, the end, and whether there is an octet above 127. */
function scan(octets: Uint8Array): { found: number[]; eightBit: boolean } {
  const scanner = new NewlineScanner(octets)
  const found: number[] = []
  for (let i = scanner.next(0); ; i = scanner.next(i + 1)) {
    found.push(i)
    if (i >= octets.length) return { found, eightBit: scanner.eightBit }
  }
}

function reference(octets: Uint8Array): { found: number[]; eightBit: boolean } {
  const newlines = [...octets.keys()].filter(i => octets[i] === 10 || octets[i] === 13)
  return { found: [...newlines, octets.length], eightBit: octets.some(octet => octet > 127) }
}

describe('NewlineScanner', () => {
  it('finds every CR and LF, wherever in memory the octets start and end', () => {
    const octet = fc.oneof(
      { weight: 20, arbitrary: fc.integer({ min: 0, max: 127 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }) },
      { weight: 2, arbitrary: fc.constantFrom(9, 10, 11, 12, 13, 14, 0x8a, 0x8d, 0x8e) },
    )
    const memory = fc.array(octet, { minLength: 64, maxLength: 300 }).map(octets => Uint8Array.from(octets))
    fc.assert(
      fc.property(memory, fc.nat(9), fc.nat(9), (octets, before, behind) => {
        const view = octets.subarray(before, octets.length - behind)
        expect(scan(view)).toEqual(reference(view))
      }),
      { numRuns: 2000 },
    )
  })

  it.each([0, 1, 2, 3])('looks at nothing outside a view that starts %d octets behind a border of four', before => {
    const memory = new Uint8Array(200)
    for (const behind of [0, 1, 2, 3]) {
      for (const outside of [10, 0xff]) {
        memory.fill(outside)
        const view = memory.subarray(4 + before, 196 - behind).fill(0x61)
        expect(scan(view)).toEqual({ found: [view.length], eightBit: false })
      }
    }
  })

  it('finds each octet value alone', () => {
    for (let value = 0; value < 256; value++) {
      const octets = new Uint8Array(100).fill(0x61)
      octets[50] = value
      expect(scan(octets)).toEqual(reference(octets))
    }
  })
  it('sees an octet above 127 wherever it stands, and whatever stands before it', () => {
    for (let i = 0; i < 100; i++) {
      for (const before of [0x61, 10]) {
        const octets = new Uint8Array(101).fill(before, 0, i).fill(0x61, i)
        octets[i] = 0x80
        expect(scan(octets.subarray(1))).toEqual(reference(octets.subarray(1)))
        expect(scan(octets)).toEqual(reference(octets))
      }
    }
  })
})
