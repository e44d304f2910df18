import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import * as codec from './index.js'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const snippets = [...readme.matchAll(/^## (.+)\n\n```js\n([\s\S]*?)```/gm)].map(([, heading, code]) => ({
  heading,
  code,
}))

/** What it prints is what the comments below each `console.log` say. */
describe('the README', () => {
  it('has two snippets', () => {
    expect(snippets.map(({ heading }) => heading)).toEqual(['A client', 'A server'])
  })

  it.each(snippets)('$heading: runs as it stands', ({ code = '' }) => {
    const printed: string[] = []
    const log = (...values: unknown[]) =>
      printed.push(values.map(v => (typeof v === 'string' ? v : inspect(v))).join(' '))
    const body = code.replace(/^import (\{.*\}) from '@postrider\/codec'$/m, 'const $1 = codec')
    expect(body).not.toContain('import')
    new Function('codec', 'console', body)(codec, { log })
    const comments = [...code.matchAll(/^ *\/\/ (.*)$/gm)].map(([, comment = '']) => comment)
    const promised = comments.filter(comment => !/^(Write|Read|The message): /.test(comment))
    expect(printed.flatMap(text => text.trimEnd().split('\r\n'))).toEqual(promised)
  })

  it('names every quirk with its default', () => {
    for (const quirks of [codec.REPLY_QUIRKS, codec.EXTENSION_QUIRKS, codec.COMMAND_QUIRKS]) {
      for (const [name, isOn] of Object.entries(quirks))
        expect(readme).toContain(`| \`${name}\` | ${isOn ? 'on' : 'off'} |`)
    }
  })
})
