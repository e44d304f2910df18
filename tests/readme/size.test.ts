/** The sizes in the README are those of today: each package with all it depends on, as a bundler makes it for use, minified and gzipped. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'

/** The part of esbuild that is used here. */
interface Bundler {
  buildSync(options: Readonly<Record<string, unknown>>): {
    readonly outputFiles: readonly { readonly contents: Uint8Array }[]
  }
}

const root = fileURLToPath(new URL('../..', import.meta.url))
// The bundler that builds the packages: tsup brings it along.
const { buildSync } = createRequire(createRequire(import.meta.url).resolve('tsup'))('esbuild') as Bundler

const claims = [
  ...readFileSync(`${root}README.md`, 'utf8').matchAll(/^\| \[@postrider\/([\w-]+)\].* \| (\d+) kB \|$/gm),
]

describe('the sizes in the README', () => {
  it('are there for every package', () => {
    expect(claims.map(([, name]) => name)).toEqual(['mailer', 'session', 'codec', 'auth-sasl', 'testkit'])
  })

  it.each(claims.map(([, name = '', size]) => ({ name, size: Number(size) })))(
    '$name has $size kB',
    ({ name, size }) => {
      const { outputFiles } = buildSync({
        entryPoints: [`${root}packages/${name}/src/index.ts`],
        conditions: ['@postrider/source'],
        bundle: true,
        minify: true,
        platform: 'node',
        format: 'esm',
        write: false,
      })
      const measured = gzipSync(outputFiles[0]?.contents ?? new Uint8Array(0), { level: 9 }).length / 1000
      expect(measured).toBeGreaterThan(size * 0.8)
      expect(measured).toBeLessThan(size * 1.2)
    },
  )
})
