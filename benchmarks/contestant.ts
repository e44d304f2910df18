// One client under measurement, in a process of its own, so that compiled code, garbage and CPU time of different clients
// never mix. The process lives through all rounds: it is warmed up once and keeps its connections.
//
// Protocol: its settings are JSON in the last argument; each line on its standard input is a count of pieces of work; for
// each it prints one line of JSON (`Measurement`); it ends when its input ends. `worker.ts` and clients/python_smtplib.py speak the other side.
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'

export interface Measurement {
  /** Pieces of work that were done and confirmed. */
  readonly done: number
  /** Octets they were, from contestants that count them. */
  readonly octets?: number
  /** Lines, replies or commands in them, from contestants that count those. */
  readonly items?: number
  readonly seconds: number
  /** CPU time of the whole process, user and system, in microseconds. */
  readonly cpu: number
}

export class Contestant {
  readonly name: string
  #process: ChildProcessByStdio<Writable, Readable, null>
  #lines: AsyncIterator<string>

  /** Starts a program of this folder: a TypeScript file under Node, on built packages as users get them, or a Python file. */
  constructor(name: string, file: string, settings: object) {
    this.name = name
    const path = new URL(file, import.meta.url).pathname
    const program = file.endsWith('.py') ? ['python3', path] : [process.execPath, '--import', 'tsx', path]
    const [command = '', ...words] = [...program, JSON.stringify(settings)]
    this.#process = spawn(command, words, {
      stdio: ['pipe', 'pipe', 'inherit'],
      // Packages choose their fast build by this; NODE_OPTIONS could select conditions meant for development.
      env: { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '' },
    })
    this.#lines = lines(this.#process.stdout)
  }

  /** Lets it do that many pieces of work. Throws when it did fewer: a client that fails must not look fast. */
  async measure(count: number): Promise<Measurement> {
    this.#process.stdin.write(`${count}\n`)
    const line = await this.#lines.next()
    if (line.done === true) throw new Error(`${this.name} ended in mid-measurement`)
    const measurement: Measurement = JSON.parse(line.value)
    if (measurement.done !== count) throw new Error(`${this.name} did ${measurement.done} of ${count}`)
    return measurement
  }

  async close(): Promise<void> {
    const gone = new Promise<void>(resolve => this.#process.once('close', () => resolve()))
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    this.#process.stdin.end()
    const impatience = setTimeout(() => this.#process.kill('SIGKILL'), 5000)
    await gone
    clearTimeout(impatience)
  }
}

async function* lines(stream: Readable): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of stream.setEncoding('utf8')) {
    const pieces = (rest + chunk).split('\n')
    rest = pieces.pop() ?? ''
    yield* pieces
  }
}

/**
 * Measures all in interleaved rounds (A B C, A B C, …), so that whatever drifts on the machine hits all alike.
 *
 * @returns for each of them its measurements, in the order of the rounds.
 */
export async function interleave<Turn>(
  turns: readonly Turn[],
  rounds: number,
  measure: (turn: Turn) => Promise<Measurement>,
): Promise<Measurement[][]> {
  const all: Measurement[][] = turns.map(() => [])
  for (let round = 0; round < rounds; round++) {
    for (const [index, turn] of turns.entries()) all[index]?.push(await measure(turn))
  }
  return all
}
