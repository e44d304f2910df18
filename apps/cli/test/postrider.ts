/**
 * The command in this process, with streams, an environment and signals of its own: `run` as the process would call it. What it prints is watched
 * for credentials like all that tests print.
 */
import { channel } from 'node:diagnostics_channel'
import { EventEmitter } from 'node:events'
import { PassThrough, Writable } from 'node:stream'
import type { Io, Signal } from '../src/io.js'
import { run } from '../src/run.js'

/** tests/secrets/watch.ts listens here for what does not go through the streams of the process. */
const printed = channel('postrider:printed')

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface RunOptions {
  /** What stands on its standard input; nothing by default. */
  readonly input?: string | Uint8Array
  readonly env?: Io['env']
  /** All three streams are a terminal, where somebody types the input. */
  readonly terminal?: boolean
  /** It prints a password, and is to: the one of the table of faults. */
  readonly tellsPassword?: boolean
}

/** A command that is running. */
export class Running {
  readonly ended: Promise<Ended>
  /** What the terminal was told: true to hand on what is typed and not to show it. */
  readonly rawModes: boolean[] = []
  readonly #signals = new EventEmitter()
  #ended = false
  #out = ''
  #err = ''
  #news: () => void = () => {}
  readonly #stdout: Writable

  constructor(args: readonly string[], { input, env = {}, terminal = false, tellsPassword }: RunOptions = {}) {
    const stream = (take: (text: string) => void): Writable & { isTTY: boolean } => {
      const output = new Writable({
        decodeStrings: false,
        write: (text: string, _encoding, done) => {
          take(text)
          if (tellsPassword !== true) printed.publish(text)
          done()
          this.#news()
        },
      })
      return Object.assign(output, { isTTY: terminal })
    }
    const stdin = Object.assign(new PassThrough(), {
      isTTY: terminal,
      setRawMode: (on: boolean) => this.rawModes.push(on),
    })
    stdin.end(input)
    const stdout = stream(text => {
      this.#out += text
    })
    const stderr = stream(text => {
      this.#err += text
    })
    this.#stdout = stdout
    const signals = this.#signals
    this.ended = run(args, {
      stdin,
      stdout,
      stderr,
      env,
      once: (signal, listener) => signals.once(signal, listener),
      off: (signal, listener) => signals.off(signal, listener),
    }).then(code => {
      this.#ended = true
      this.#news()
      return { code, out: this.#out, err: this.#err }
    })
  }

  get out(): string {
    return this.#out
  }

  get err(): string {
    return this.#err
  }

  /** Waits until standard output, or what `where` says, has it. */
  async shows(pattern: RegExp, where: 'out' | 'err' = 'out'): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this[where])
      if (found !== null) return found
      if (this.#ended) throw new Error(`ended without ${pattern}:\n${this.#out}\n${this.#err}`)
      await new Promise<void>(resolve => {
        this.#news = resolve
      })
    }
  }

  /** Whether anybody listened: if not, a process would be gone. */
  signal(name: Signal): boolean {
    return this.#signals.emit(name)
  }

  /** Whoever read the output is gone, or the disk is full. */
  fail(code: string): void {
    this.#stdout.destroy(Object.assign(new Error(`write ${code}`), { code }))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal('SIGTERM')
    await this.ended
  }
}

/** Runs the command to its end. */
export function postrider(args: readonly string[], options?: RunOptions): Promise<Ended> {
  return new Running(args, options).ended
}
