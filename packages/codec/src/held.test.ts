import { describe, expect, it } from 'vitest'
import { HeldOctets } from './held.js'

const text = (octets: Uint8Array) => Buffer.from(octets).toString('latin1')
const octets = (given: string) => Uint8Array.from(Buffer.from(given, 'latin1'))

describe('HeldOctets', () => {
  it('hold what was appended, and let it go as memory of its own', () => {
    const held = new HeldOctets()
    held.append(octets('xabcx'), 1, 4)
    held.append(octets('de'), 0, 2)
    expect([held.length, text(held.octets.subarray(0, held.length))]).toEqual([5, 'abcde'])
    const taken = held.take(3)
    expect([text(taken), held.length]).toEqual(['abc', 0])
    held.append(octets('zzz'), 0, 3)
    expect([text(taken), text(held.take())]).toEqual(['abc', 'zzz'])
  })

  it('grow by doubling, so that octet by octet is linear', () => {
    const held = new HeldOctets()
    const sizes = new Set<number>()
    for (let i = 0; i < 1000; i++) {
      held.append(octets('a'), 0, 1)
      sizes.add(held.octets.length)
    }
    expect([...sizes]).toEqual([128, 256, 512, 1024])
    held.append(new Uint8Array(10_000), 0, 10_000)
    expect(held.octets.length).toBe(11_000)
  })

  it.each([
    [1024, 1024],
    [1025, 0],
  ])('of %d octets of memory keep %d for the next line (T-50)', (length, kept) => {
    const held = new HeldOctets()
    held.append(new Uint8Array(length), 0, length)
    expect(held.octets.length).toBe(length)
    held.clear()
    expect([held.length, held.octets.length]).toEqual([0, kept])
  })
})
