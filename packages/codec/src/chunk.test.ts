import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ChunkReader, CommandReader, DataEncoder, writeChunk } from './index.js'

const octets = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'))
const text = (pieces: readonly Uint8Array[]) => Buffer.concat(pieces).toString('latin1')

describe('BDAT (RFC 3030 2)', () => {
  it('is a line and the octets as they are', () => {
    const body = octets('.\r\nQUIT\r\n\0\xff')
    const pieces = writeChunk(body, false)
    expect(text(pieces)).toBe('BDAT 11\r\n.\r\nQUIT\r\n\0\xff')
    expect(pieces[1]).toBe(body)
    expect(text(writeChunk(octets(''), true))).toBe('BDAT 0 LAST\r\n')
  })

  it('gives back every message cut into any chunks, read in any pieces (T-33)', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 30 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 20 }),
        (chunks, step) => {
          const wire = Buffer.concat(chunks.flatMap((chunk, i) => writeChunk(chunk, i === chunks.length - 1)))
          const reader = new CommandReader()
          const message: Uint8Array[] = []
          const said: string[] = []
          const hear = (events: ReturnType<CommandReader['push']>) => {
            for (const event of events) {
              if (event.kind === 'chunk') message.push(event.octets)
              else said.push(event.kind === 'endOfChunk' ? `end ${event.last}` : event.kind)
              if (event.kind === 'command') hear(reader.resume('chunk'))
            }
          }
          for (let i = 0; i < wire.length; i += step) hear(reader.push(Uint8Array.from(wire.subarray(i, i + step))))
          expect(Buffer.concat(message)).toEqual(Buffer.concat(chunks))
          expect(said).toEqual(chunks.flatMap((_, i) => ['command', `end ${i === chunks.length - 1}`]))
          expect(reader.buffered).toBe(0)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('of a message with line ends made CRLF and no dots added comes from DataEncoder without dotStuffing', () => {
    const encoder = new DataEncoder({ dotStuffing: false })
    expect(text([...encoder.push(octets('.\n..\r.')), ...encoder.end()])).toBe('.\r\n..\r\n.\r\n')
    expect(encoder.octets).toBe(10)
  })
})

describe('ChunkReader', () => {
  it('takes what belongs to the chunk and leaves the rest', () => {
    const reader = new ChunkReader(5)
    expect(text([reader.push(octets('abc'))])).toBe('abc')
    expect([reader.remaining, reader.done, reader.trailing.length]).toEqual([2, false, 0])
    expect(text([reader.push(octets('deQUIT'))])).toBe('de')
    expect([reader.remaining, reader.done, text([reader.trailing])]).toEqual([0, true, 'QUIT'])
    expect(new ChunkReader(0).done).toBe(true)
  })
})

describe('chunks, one by one', () => {
  const octets = Uint8Array.of(1, 2, 3)

  it('are written uncopied behind their line, and an empty one as its line alone (RFC 3030 2)', () => {
    expect(writeChunk(octets, false)[1]).toBe(octets)
    expect(writeChunk(new Uint8Array(0), true)).toHaveLength(1)
  })

  it('are read uncopied', () => {
    const reader = new ChunkReader(4)
    expect(reader.push(octets)).toBe(octets)
    expect(reader.push(octets)).toEqual(Uint8Array.of(1))
    expect([reader.done, reader.remaining, reader.trailing]).toEqual([true, 0, Uint8Array.of(2, 3)])
  })
})
