import { describe, expect, it } from 'vitest'
import { printable } from './printable.js'

describe('printable (T-29)', () => {
  it.each([
    ['plain text ~', 'plain text ~'],
    ['a\r\nb', 'a\\u{d}\\u{a}b'],
    ['\x1b[2J\0\x7f', '\\u{1b}[2J\\u{0}\\u{7f}'],
    ['\u00e4\u{1f511}', '\\u{e4}\\u{1f511}'],
  ])('writes %j as %j', (text, shown) => {
    expect(printable(text)).toBe(shown)
  })

  it('cuts behind 60 characters, or as many as it is told', () => {
    expect(printable('x'.repeat(59))).toBe('x'.repeat(59))
    expect(printable('x'.repeat(60))).toBe('x'.repeat(60))
    expect(printable('x'.repeat(61))).toBe(`${'x'.repeat(60)}...`)
    expect(printable('abcd', 3)).toBe('abc...')
  })
})
