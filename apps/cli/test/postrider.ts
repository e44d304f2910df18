// The command as a child process, from source, without a terminal: how scripts see it.
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface RunOptions {
  /** What stands on its standard input; nothing by default. */
  readonly input?: string | Uint8Array
  readonly env?: NodeJS.ProcessEnv
}

/** A command that is running. */
export class Running {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly ended: Promise<Ended>
  out = ''
  err = ''
  #news: () => void = () => {}

  constructor(args: readonly string[], { input, env }: RunOptions = {}) {
    const script = fileURLToPath(new URL('../src/postrider.ts', import.meta.url))
    const command = ['--conditions=@postrider/source', '--import', 'tsx', script, ...args]
    const child = spawn(process.execPath, command, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child = child
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.out += text
      this.#news()
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.err += text
      this.#news()
    })
    this.ended = new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', code => {
        resolve({ code, out: this.out, err: this.err })
        this.#news()
      })
    })
    child.stdin.on('error', () => {}) // a command that wants no input closes it
    child.stdin.end(input)
  }

  /** Waits until standard output has it. */
  async shows(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.out)
      if (found !== null) return found
      if (this.#child.exitCode !== null) throw new Error(`ended without ${pattern}:\n${this.out}\n${this.err}`)
      await new Promise<void>(resolve => {
        this.#news = resolve
      })
    }
  }

  signal(name: 'SIGINT' | 'SIGTERM'): void {
    this.#child.kill(name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.ended
  }
}

/** Runs the command to its end. */
export function postrider(args: readonly string[], options?: RunOptions): Promise<Ended> {
  return new Running(args, options).ended
}
