import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Body, type BodyForm, BodyWriter, join } from './body.js'
import { Chunks } from './chunk.js'

const cutUp = (body: Body, size: number, by: BodyForm['by'] = 'binary') =>
  new Chunks(new BodyWriter(body, {}, { by, eightBit: true }, () => {}), size)

/** All chunks but the last, and the last. */
function read(chunks: Chunks): { readonly full: Uint8Array[]; readonly last: Uint8Array } {
  const full: Uint8Array[] = []
  for (;;) {
    const chunk = chunks.next()
    if (chunk === 'wait') throw new Error('nothing here keeps anybody waiting')
    if (chunk === 'end') return { full, last: chunks.rest }
    full.push(chunk)
  }
}

describe('Chunks (RFC 3030 2)', () => {
  it('are full but for the last, and together the message, however the source cuts it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }),
        fc.integer({ min: 1, max: 30 }),
        (pieces, size) => {
          const message = join(pieces)
          const { full, last } = read(cutUp(pieces, size))
          expect(join([...full, last])).toEqual(message)
          for (const chunk of full) expect(chunk.length).toBe(size)
          expect(last.length).toBeLessThanOrEqual(size)
          // The end of the message is never a chunk of its own that says nothing, unless the message does.
          if (message.length > 0) expect(last.length).toBeGreaterThan(0)
        },
      ),
    )
  })

  it.each([15, 16, 17])('fit one of 16 octets or not: %i', length => {
    const message = new Uint8Array(length).fill(0x61)
    const chunks = cutUp(message, 16)
    expect(chunks.fits()).toBe(length <= 16)
    const { full, last } = read(chunks)
    expect(full.length).toBe(length <= 16 ? 0 : 1)
    expect(join([...full, last])).toEqual(message)
    expect(chunks.octets).toBe(length)
  })

  it('of text have CRLF line ends and no dots added; of BINARYMIME nothing changes (RFC 3030 3)', () => {
    const message = Uint8Array.from([0x2e, 0x0a, 0x0d, 0x00, 0xff])
    const text = read(cutUp(message, 100, 'bdat')).last
    expect(text).toEqual(Uint8Array.from([0x2e, 0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0xff, 0x0d, 0x0a]))
    expect(read(cutUp(message, 100, 'binary')).last).toEqual(message)
  })

  it('wait with their source, and stop it when nobody wants the rest', async () => {
    let stopped = false
    async function* slow() {
      try {
        yield new Uint8Array(3)
        await new Promise(() => {})
      } finally {
        stopped = true
      }
    }
    const chunks = cutUp(slow(), 2)
    expect(chunks.next()).toBe('wait')
    await new Promise(setImmediate)
    expect(chunks.next()).toEqual(new Uint8Array(2))
    expect(chunks.next()).toBe('wait')
    expect(stopped).toBe(false)
    chunks.cancel()
  })
})
