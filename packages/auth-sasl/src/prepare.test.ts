import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AuthenticationError, type PrepareUse, saslprep } from './index.js'
import { checkTrace } from './prepare.js'

function prepared(text: string, use: PrepareUse): string | undefined {
  try {
    return saslprep(text, use)
  } catch (error) {
    if (error instanceof AuthenticationError) return undefined
    throw error
  }
}

describe('SASLprep (RFC 4013)', () => {
  it.each([
    ['I\u00adX', 'IX', 'SOFT HYPHEN mapped to nothing'],
    ['user', 'user', 'no transformation'],
    ['USER', 'USER', 'case preserved, will not match #2'],
    ['\u00aa', 'a', 'output is NFKC, input in ISO 8859-1'],
    ['\u2168', 'IX', 'output is NFKC, will match #1'],
    ['\u0007', undefined, 'Error - prohibited character'],
    ['\u0627\u0031', undefined, 'Error - bidirectional check'],
  ])('section 3, example %#: %j gives %j (%2$s)', (input, output, _comment) => {
    expect(prepared(input, 'stored')).toBe(output)
    expect(prepared(input, 'query')).toBe(output)
  })

  it('says of every code point of two planes what Python says (test/saslprep-digest.py)', () => {
    const digest = createHash('sha256')
    for (let code = 0; code < 0x20000; code++) {
      if (code >= 0xd800 && code < 0xe000) continue
      const text = String.fromCodePoint(code)
      digest.update(`${prepared(text, 'stored') ?? '!'}\t${prepared(text, 'query') ?? '!'}\n`)
    }
    expect(digest.digest('hex')).toBe('2b1654c3c427bc4c9cc463715f69839a9bf846aa8e4a7caf8ff920e5853ede9e')
  })

  it('maps what is mapped to nothing to the empty string, and does not trip over it', () => {
    expect(saslprep('\u00ad', 'stored')).toBe('')
  })

  it('maps non-ASCII spaces to SPACE (2.1), U+200B among them', () => {
    expect(saslprep('a\u00a0b\u3000c\u200bd', 'stored')).toBe('a b c d')
  })

  it('refuses code points Unicode 3.2 does not know in stored strings and leaves them alone in queries (2.5)', () => {
    expect(() => saslprep('pass\u{1f511}', 'stored')).toThrow('unassigned code point, character 5')
    expect(saslprep('pass\u{1f511}', 'query')).toBe('pass\u{1f511}')
    // MODIFIER LETTER CAPITAL A came with Unicode 4.0, where it decomposes to "A".
    expect(saslprep('\u1d2c\u2168', 'query')).toBe('\u1d2cIX')
  })

  it.each([
    ['\ud800', 'half of a surrogate pair, character 1'],
    ['ab\ue000', 'a private use character, character 3'],
    ['\u{1f511}\ufffe', 'a non-character code point, character 2'],
    ['\ufffd', 'a character inappropriate for plain text, character 1'],
    ['\u2ff0', 'a character inappropriate for canonical representation, character 1'],
    ['\u200e', 'a character that changes display properties, character 1'],
    ['\u{e0041}', 'a tagging character, character 1'],
    ['\u0627a\u0628', 'right-to-left text mixed with other text'],
    ['1\u0627', 'right-to-left text mixed with other text'],
  ])('refuses %j by kind and place (2.3, 2.4)', (text, why) => {
    expect(() => saslprep(text, 'query')).toThrow(why)
  })

  it('lets right-to-left text pass that begins and ends so', () => {
    expect(saslprep('\u0627\u0031\u0628', 'stored')).toBe('\u0627\u0031\u0628')
  })

  it('does nothing the second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom<PrepareUse>('stored', 'query'), (text, use) => {
        const once = prepared(text, use)
        if (once !== undefined) expect(prepared(once, use)).toBe(once)
      }),
      { numRuns: 500 },
    )
  })
})

describe('the trace profile (RFC 4505 section 3)', () => {
  it('maps nothing, and permits what only SASLprep forbids', () => {
    for (const text of ['', 'sirhc', 'a\u00a0b', '\u2ff0', '\u{1f511}', '\u0627'])
      expect(() => checkTrace(text)).not.toThrow()
  })

  it.each(['\u0007', '\u0085', '\ue000', '\ufffe', '\udc00', '\ufffd', '\u202e', '\u{e0001}', '\u0627a'])(
    'refuses %j',
    text => {
      expect(() => checkTrace(text)).toThrow(AuthenticationError)
    },
  )
})
