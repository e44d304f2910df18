import { describe, expect, it } from 'vitest'
import { concat, decodeText, encodeText } from './utf8.js'

describe('UTF-8 (RFC 3629)', () => {
  it('is read without repair: a mark at the front stays, and what is none is nothing', () => {
    expect(decodeText(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa')
    for (const octets of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xc3]])
      expect(decodeText(Uint8Array.from(octets))).toBeUndefined()
  })

  it('is written of whole characters alone', () => {
    expect(encodeText('\u{1f511}')).toEqual(Uint8Array.of(0xf0, 0x9f, 0x94, 0x91))
    expect(encodeText('a\ud83d')).toBeUndefined()
  })

  it('is put together in order', () => {
    expect(concat(Uint8Array.of(1, 2), new Uint8Array(0), Uint8Array.of(3))).toEqual(Uint8Array.of(1, 2, 3))
  })
})
