import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CR_AT, Extract, LF_AT } from './extract.js'

const octets = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'))
const joined = (pieces: readonly Uint8Array[]) => Buffer.concat(pieces).toString('latin1')

/** Every other range of a length, out of a chunk. */
function ranges(extract: Extract, chunk: Uint8Array, length: number, count: number): Uint8Array[] {
  for (let k = 0; k < count; k++) extract.take(2 * k * length, 2 * k * length + length)
  return extract.from(chunk)
}

describe('Extract', () => {
  it('gives the chunk itself where all of it is taken, and nothing where nothing is', () => {
    const chunk = octets('hello')
    const extract = new Extract()
    extract.take(0, 5)
    const [piece, ...more] = extract.from(chunk)
    expect(piece).toBe(chunk)
    expect(more).toEqual([])
    expect(extract.from(chunk)).toEqual([])
    extract.take(3, 3)
    extract.take(3, 2)
    expect(extract.from(chunk)).toEqual([])
  })

  it('has line ends that are not in the chunk: both octets, or one of them', () => {
    const extract = new Extract()
    extract.take(0, 1)
    extract.take(CR_AT, 0)
    extract.take(1, 2)
    extract.take(CR_AT, CR_AT + 1)
    extract.take(LF_AT, LF_AT + 1)
    expect(joined(extract.from(octets('ab')))).toBe('a\r\nb\r\n')
  })

  it('is what was taken, in its order, few or many ranges, small or large', () => {
    const range = fc.oneof(
      { weight: 8, arbitrary: fc.record({ skip: fc.nat(3), length: fc.nat(40) }) },
      { weight: 1, arbitrary: fc.constantFrom('\r\n', '\r', '\n') },
    )
    fc.assert(
      fc.property(fc.array(range, { maxLength: 60, size: 'max' }), parts => {
        const text = parts
          .map(part => (typeof part === 'string' ? '' : 'abcdefghijk'.repeat(4).slice(0, part.skip + part.length)))
          .join('')
        const extract = new Extract()
        let at = 0
        let expected = ''
        for (const part of parts) {
          if (typeof part === 'string') {
            extract.take(part === '\n' ? LF_AT : CR_AT, part === '\r' ? CR_AT + 1 : 0)
            expected += part
            continue
          }
          extract.take(at + part.skip, at + part.skip + part.length)
          expected += text.slice(at + part.skip, at + part.skip + part.length)
          at += part.skip + part.length
        }
        expect(joined(extract.from(octets(text)))).toBe(expected)
      }),
      { numRuns: 500 },
    )
  })

  it.each([1, 11, 12, 13, 40])('moves %d octets at a time into one copy, line ends between them', length => {
    const text = 'abcdefghijklmnopqrstuvwxyz'.repeat(40)
    const extract = new Extract()
    let expected = ''
    for (let k = 0; k < 20; k++) {
      const start = k * (length + 1)
      extract.take(start, start + length)
      expected += text.slice(start, start + length)
      const [from, to, put] = (
        [
          [CR_AT, 0, '\r\n'],
          [CR_AT, CR_AT + 1, '\r'],
          [LF_AT, 0, '\n'],
          [3, 3, ''],
        ] as const
      )[k % 4] ?? [0, 0, '']
      extract.take(from, to)
      expected += put
    }
    const pieces = extract.from(octets(text))
    expect(pieces).toHaveLength(1)
    expect(joined(pieces)).toBe(expected)
    // The memory of the copy is what it holds and what was left out, and no more.
    expect(pieces[0]?.buffer.byteLength).toBe(text.length + 20)
  })

  it('gives views of up to 16 ranges, or where they are large; else one copy', () => {
    const chunk = new Uint8Array(40_000)
    const extract = new Extract()
    expect(ranges(extract, chunk, 1, 16)).toHaveLength(16)
    expect(ranges(extract, chunk, 1, 17)).toHaveLength(1)
    expect(ranges(extract, chunk, 1024, 17)).toHaveLength(1)
    expect(ranges(extract, chunk, 1025, 17)).toHaveLength(17)
  })
})
