import { describe, expect, it } from 'vitest'
import { Insertions } from './insertion.js'

const octets = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'))
const joined = (pieces: readonly Uint8Array[]) => Buffer.concat(pieces).toString('latin1')
const DOT = 0x2e
const CR = 0x0d
const LF = 0x0a

/** A chunk with a dot before each of the given places. */
function dotted(chunk: Uint8Array, places: readonly number[], end: number = chunk.length): Uint8Array[] {
  const insertions = new Insertions()
  for (const place of places) insertions.add(place, DOT)
  return insertions.into(chunk, end)
}

const every = (distance: number, count: number) => Array.from({ length: count }, (_, k) => k * distance)

describe('Insertions', () => {
  it('give the chunk itself where nothing is put in', () => {
    const chunk = octets('hello')
    const [piece, ...more] = new Insertions().into(chunk, 5)
    expect(piece).toBe(chunk)
    expect(more).toEqual([])
    expect(joined(new Insertions().into(chunk, 4))).toBe('hell')
    expect(new Insertions().into(chunk, 0)).toEqual([])
  })

  it('stand in the order they were added, before the octet at their place', () => {
    const insertions = new Insertions()
    insertions.add(0, CR)
    insertions.add(0, LF)
    insertions.add(2, DOT)
    expect(insertions.count).toBe(3)
    expect(joined(insertions.into(octets('abcd'), 4))).toBe('\r\nab.cd')
    expect(insertions.count).toBe(0)
    expect(joined(insertions.into(octets('abcd'), 4))).toBe('abcd')
  })

  it.each([1, 2, 11, 12, 13, 20, 100])('are at the right places %d octets apart, few or many', distance => {
    for (const count of [1, 7, 8, 9, 20]) {
      const text = 'abcdefghijklmnopqrstuvwxyz'.repeat(100).slice(0, distance * count + 3)
      const places = every(distance, count)
      const expected = places.reduceRight((made, place) => `${made.slice(0, place)}.${made.slice(place)}`, text)
      expect(joined(dotted(octets(text), places))).toBe(expected)
      expect(joined(dotted(octets(text), places, text.length - 2))).toBe(expected.slice(0, -2))
    }
  })

  it('leave no empty piece behind', () => {
    const chunk = octets('abc')
    for (const places of [[0], [3], [1, 1], [0, 3]]) {
      expect(dotted(chunk, places).every(({ length }) => length > 0)).toBe(true)
    }
  })

  it('are put between views up to eight, or where views are large; else there is one copy', () => {
    const chunk = new Uint8Array(20_000)
    const isCopy = (places: readonly number[], end: number) => dotted(chunk, places, end).length === 1
    expect(isCopy(every(1, 8), 100)).toBe(false)
    expect(isCopy(every(1, 9), 100)).toBe(true)
    expect(isCopy(every(1, 9), 9 * 1024)).toBe(true)
    expect(isCopy(every(1, 9), 9 * 1024 + 1)).toBe(false)
  })
})
