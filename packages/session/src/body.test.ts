import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Body, type BodyForm, type BodyOptions, BodyWriter, join } from './body.js'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** All that a writer gives, waiting where its source does. */
async function all(body: Body, options: BodyOptions = {}, form: Partial<BodyForm> = {}): Promise<Uint8Array> {
  let wake = () => {}
  const writer = new BodyWriter(body, options, { by: 'data', eightBit: false, ...form }, () => wake())
  const pieces: Uint8Array[] = []
  for (;;) {
    const woken = new Promise<void>(resolve => {
      wake = resolve
    })
    const piece = writer.next()
    if (piece === 'end') return join(pieces)
    if (piece === 'wait') await woken
    else pieces.push(piece)
  }
}

async function* slowly(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    await null
    yield piece
  }
}

describe('BodyWriter', () => {
  it('ends the message with CRLF and doubles dots (RFC 5321 4.5.2)', async () => {
    expect(decoder.decode(await all(encoder.encode('.a\r\n..b')))).toBe('..a\r\n...b\r\n')
  })

  it('gives the same octets for the same message, however its source cuts it', async () => {
    const line = fc.constantFrom('.', '..', 'a', '\r', '\n', '\r\n', '.\r\n', 'text')
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 20 }),
        fc.array(fc.nat(30), { maxLength: 4 }),
        async (parts, cuts) => {
          const octets = encoder.encode(parts.join(''))
          const places = [0, ...cuts.map(cut => Math.min(cut, octets.length)), octets.length].sort((a, b) => a - b)
          const pieces = places.slice(1).map((end, index) => octets.slice(places[index], end))
          const whole = decoder.decode(await all(octets))
          expect(decoder.decode(await all(pieces))).toBe(whole)
          expect(decoder.decode(await all(slowly(pieces)))).toBe(whole)
        },
      ),
    )
  })

  it('takes a large message in memory in slices', async () => {
    const large = encoder.encode(`${'x'.repeat(76)}\r\n`.repeat(5000))
    const writer = new BodyWriter(large, {}, { by: 'data', eightBit: false }, () => {})
    const first = writer.next()
    expect(first).toBeInstanceOf(Uint8Array)
    expect((first as Uint8Array).length).toBeLessThanOrEqual(65_536)
    expect(join([await all(large)])).toEqual(large)
  })

  it('does not ask the source for more while it waits', () => {
    let asked = 0
    const never = {
      [Symbol.asyncIterator]: () => ({
        next: () => {
          asked++
          return new Promise<IteratorResult<Uint8Array>>(() => {})
        },
      }),
    }
    const writer = new BodyWriter(never, {}, { by: 'data', eightBit: false }, () => {})
    expect([writer.next(), writer.next(), writer.next()]).toEqual(['wait', 'wait', 'wait'])
    expect(asked).toBe(1)
  })

  it('counts octets as RFC 1870 does: CRLF line ends, no doubled dots', async () => {
    const writer = new BodyWriter(encoder.encode('.a\nb\n'), {}, { by: 'data', eightBit: false }, () => {})
    while (writer.next() !== 'end');
    expect(writer.octets).toBe('.a\r\nb\r\n'.length)
  })

  const refused: [what: string, body: Body, options: BodyOptions, why: RegExp][] = [
    ['a source that ends early', [encoder.encode('ab')], { length: 3 }, /promised 3 octets and ended after 2/],
    ['a source that goes on', [encoder.encode('abcd')], { length: 3 }, /promised 3 octets and gave more/],
    ['octets above 127 that were not negotiated', encoder.encode('é'), {}, /8BITMIME/],
    ['long lines where they are not wanted', encoder.encode('x'.repeat(999)), { longLines: 'reject' }, /more than 998/],
    ['bare line ends where they are not wanted', encoder.encode('a\nb'), { newlines: 'reject' }, /data/],
    ['anything that is not octets', ['a' as unknown as Uint8Array], {}, /gave string/],
  ]
  for (const [what, body, options, why] of refused) {
    it(`refuses ${what}`, async () => {
      await expect(all(body, options)).rejects.toThrow(why)
      if (!(body instanceof Uint8Array)) await expect(all(slowly(body as Uint8Array[]), options)).rejects.toThrow(why)
    })
  }

  it('sends octets above 127 where they were negotiated, and lines of 998', async () => {
    expect(decoder.decode(await all(encoder.encode('é'), {}, { eightBit: true }))).toBe('é\r\n')
    expect((await all(encoder.encode('x'.repeat(998)), { longLines: 'reject' })).length).toBe(1000)
  })

  it('tells the source when nobody wants the rest', async () => {
    let told = false
    const source = (function* () {
      try {
        for (;;) yield encoder.encode('x')
      } finally {
        told = true
      }
    })()
    const writer = new BodyWriter(source, {}, { by: 'data', eightBit: false }, () => {})
    writer.next()
    writer.cancel()
    expect(told).toBe(true)
    expect(writer.next()).toBe('end')
  })
})
