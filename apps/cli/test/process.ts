/**
 * The command as a process of its own, built and started as npm's link to it is: how shells, scripts and service managers see it. Slower than
 * `postrider.ts` beside this file, and only for what depends on a process being one.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Ended } from './postrider.js'

/** The part of esbuild that is used here: it is what builds the package, and tsup brings it along. */
interface Bundler {
  buildSync(options: Readonly<Record<string, unknown>>): unknown
}

const here = fileURLToPath(new URL('..', import.meta.url))

/** Builds the command into a folder, all in one file, and answers the path of a link to it: what `node_modules/.bin` has. */
export function buildCommand(): string {
  const folder = mkdtempSync(join(tmpdir(), 'postrider-built-'))
  const tsup = createRequire(new URL('../../../package.json', import.meta.url)).resolve('tsup')
  const { buildSync } = createRequire(tsup)('esbuild') as Bundler
  const outfile = join(folder, 'package/dist/postrider.js')
  buildSync({
    entryPoints: [join(here, 'src/postrider.ts')],
    conditions: ['@postrider/source'],
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    outfile,
    // What is CommonJS inside asks for Node's modules at run time.
    banner: { js: "import { createRequire } from 'node:module';const require = createRequire(import.meta.url);" },
    logLevel: 'error',
  })
  cpSync(join(here, 'package.json'), join(folder, 'package/package.json'))
  mkdirSync(join(folder, '.bin'))
  const link = join(folder, '.bin/postrider')
  symlinkSync('../package/dist/postrider.js', link)
  return link
}

/** A running process. */
export class Spawned {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly ended: Promise<Ended & { readonly signal: NodeJS.Signals | null }>
  #out = ''
  #err = ''
  #ended = false
  #news: () => void = () => {}

  constructor(command: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const [program = '', ...args] = command
    this.child = spawn(program, args, { env: { PATH: process.env['PATH'], ...env }, stdio: ['pipe', 'pipe', 'pipe'] })
    this.child.stdin.on('error', () => {}) // a command that wants no input closes it
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#out += text
      this.#news()
    })
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#err += text
      this.#news()
    })
    this.ended = new Promise((resolve, reject) => {
      this.child.on('error', reject)
      this.child.on('close', (code, signal) => {
        this.#ended = true
        resolve({ code, signal, out: this.#out, err: this.#err })
        this.#news()
      })
    })
  }

  /** Waits until either output has it. */
  async shows(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.#out) ?? pattern.exec(this.#err)
      if (found !== null) return found
      if (this.#ended) throw new Error(`ended without ${pattern}:\n${this.#out}\n${this.#err}`)
      await new Promise<void>(resolve => {
        this.#news = resolve
      })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL')
    await this.ended
  }
}
