/**
 * Python's smtplib as the judge: one process for all scenarios.
 *
 * In: a scenario and the address of its server. Out: what smtplib did. `findOracle` says in words why there is none.
 */
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Outcome, Scenario } from './scenario.js'

const script = fileURLToPath(new URL('oracle.py', import.meta.url))

/** Python's version where it has smtplib, else why not. */
export function findPython(): { readonly version: string } | { readonly missing: string } {
  try {
    const code = 'import smtplib, sys; print("%d.%d" % sys.version_info[:2])'
    return { version: execFileSync('python3', ['-c', code], { encoding: 'utf8', stdio: 'pipe' }).trim() }
  } catch {
    return { missing: 'no python3 with smtplib on this machine' }
  }
}

export class Oracle {
  readonly #process: ChildProcessWithoutNullStreams
  readonly #answers: AsyncIterator<string>
  #complaint = ''

  constructor() {
    this.#process = spawn('python3', ['-u', script])
    this.#process.stderr.on('data', (octets: Buffer) => {
      this.#complaint += octets.toString()
    })
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]()
  }

  async ask(scenario: Scenario, host: string, port: number): Promise<Omit<Outcome, 'wire'>> {
    const { kind = 'SMTP', connected = true, timeout = null, steps } = scenario
    this.#process.stdin.write(`${JSON.stringify({ kind, host, port, connected, timeout, steps })}\n`)
    const answer = await this.#answers.next()
    if (answer.done === true) throw new Error(`Python has gone: ${this.#complaint}`)
    return JSON.parse(answer.value)
  }

  close(): void {
    this.#process.stdin.end()
  }
}
