import * as crypto from 'node:crypto'
import { readFileSync } from 'node:fs'
import * as util from 'node:util'
import { describe, expect, it } from 'vitest'
import * as sasl from './index.js'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const snippets = Array.from(readme.matchAll(/```js\n(.*?)```/gs), ([, code = '']) => code)
const modules = new Map<string, object>([
  ['@postrider/auth-sasl', sasl],
  ['node:crypto', crypto],
  ['node:util', util],
])

describe('README', () => {
  it.each(snippets)('snippet %# prints what it says', async code => {
    const body = code.replace(/^import (\{.*\}) from '(.*)'$/gm, "const $1 = modules.get('$2')")
    const promised = Array.from(code.matchAll(/console\.log\(.*\) \/\/ (.*)$/gm), ([, text]) => text)
    const printed: string[] = []
    const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor
    await AsyncFunction(
      'modules',
      'console',
      body,
    )(modules, {
      log: (...words: unknown[]) => printed.push(words.join(' ')),
    })
    expect(promised.length).toBeGreaterThan(0)
    expect(printed).toEqual(promised)
  })

  it('lists the mechanisms in the order of preference', () => {
    const rows = Array.from(readme.matchAll(/^\| ([A-Z].*?) \|/gm), ([, cell = '']) => cell)
    const names = rows.flatMap(row => {
      const [first = '', ...more] = row.split(', ')
      return [first, ...more.map(suffix => `SCRAM-SHA${suffix}`)]
    })
    expect(names).toEqual(sasl.MECHANISMS)
  })
})
