import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NewlineScanner } from './newline.js'

/** Every CR and LF, and whether an octet above 127 was passed before each and in all. */
function scan(octets: Uint8Array): [number, boolean][] {
  const scanner = new NewlineScanner(octets)
  const found: [number, boolean][] = []
  for (let i = scanner.next(0); ; i = scanner.next(i + 1)) {
    found.push([i, scanner.eightBit])
    if (i >= octets.length) return found
  }
}

function reference(octets: Uint8Array): [number, boolean][] {
  const found: [number, boolean][] = []
  let eightBit = false
  octets.forEach((octet, i) => {
    if (octet > 127) eightBit = true
    if (octet === 10 || octet === 13) found.push([i, eightBit])
  })
  return [...found, [octets.length, eightBit]]
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
    const memory = new Uint8Array(200).fill(10)
    for (const behind of [0, 1, 2, 3]) {
      const view = memory.subarray(4 + before, 196 - behind).fill(0x61)
      expect(scan(view)).toEqual([[view.length, false]])
      memory.fill(10)
    }
  })

  it('finds each octet value alone', () => {
    for (let value = 0; value < 256; value++) {
      const octets = new Uint8Array(100).fill(0x61)
      octets[50] = value
      expect(scan(octets)).toEqual(reference(octets))
    }
  })
})
