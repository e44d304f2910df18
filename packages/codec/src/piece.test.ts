import { describe, expect, it } from 'vitest'
import { joinSmall } from './piece.js'

describe('joinSmall', () => {
  const pieces = (count: number, length: number) =>
    Array.from({ length: count }, (_, i) => new Uint8Array(length).fill(i))

  it('leaves up to 16 pieces as they are, and more of them where they are large', () => {
    const few = pieces(16, 1)
    expect(joinSmall(few, 16)).toBe(few)
    const large = [...pieces(16, 1024), new Uint8Array(1025)]
    expect(joinSmall(large, 17 * 1024 + 1)).toBe(large)
  })

  it('joins more than 16 pieces of no more than 1024 octets on average', () => {
    const [joined, ...none] = joinSmall(pieces(17, 2), 34)
    expect(none).toEqual([])
    expect(joined).toEqual(Uint8Array.from({ length: 34 }, (_, i) => i >> 1))
    expect(joinSmall(pieces(17, 1024), 17 * 1024)).toHaveLength(1)
  })
})
