import { describe, expect, it } from 'vitest'
import { type OptionTable, readArguments, readChoice, readNumber, UsageError } from './argument.js'

const table = {
  from: { value: 'ADDRESS', text: '' },
  to: { value: 'ADDRESS', multiple: true, text: '' },
  json: { text: '' },
} as const satisfies OptionTable

describe('arguments', () => {
  it('are values by option, and words', () => {
    const typed = ['--to', 'a', 'file', '--json', '--to=b', '--from=--odd', '--', '--word']
    expect(readArguments(table, typed)).toEqual({
      values: { from: '--odd', to: ['a', 'b'], json: true },
      words: ['file', '--word'],
    })
    expect(readArguments(table, [])).toEqual({ values: { from: undefined, to: [], json: false }, words: [] })
  })

  it.each([
    [['--form', 'x'], 'there is no option --form'],
    [['--fr', 'x'], 'there is no option --fr; did you mean --from?'],
    [['-x'], 'there is no option -x'],
    [['--__proto__'], 'there is no option --__proto__'],
    [['--from'], '--from needs a value: --from ADDRESS'],
    [['--from', '--to', 'x'], '--from needs a value'],
    [['--json=yes'], '--json takes no value'],
    [['--from', 'a', '--from', 'b'], '--from is given twice'],
  ])('are refused when they are %j', (typed, words) => {
    expect(() => readArguments(table, typed)).toThrow(UsageError)
    expect(() => readArguments(table, typed)).toThrow(words)
  })

  it('hold numbers within bounds', () => {
    expect(readNumber('1', 'it', 1, 65_535)).toBe(1)
    expect(readNumber('65535', 'it', 1, 65_535)).toBe(65_535)
    for (const wrong of ['0', '65536', '-1', '1e3', '0x10', ' 1', '', '99999999999'])
      expect(() => readNumber(wrong, 'it', 1, 65_535)).toThrow(UsageError)
  })

  it('hold one of a few words', () => {
    expect(readChoice('a', '--it', ['a', 'b'])).toBe('a')
    expect(readChoice(undefined, '--it', ['a', 'b'])).toBeUndefined()
    expect(() => readChoice('c', '--it', ['a', 'b'])).toThrow('--it is "c", and must be one of a, b')
  })
})
