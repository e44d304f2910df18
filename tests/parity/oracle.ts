/**
 * Python's smtplib as the judge: one process for all scenarios.
 *
 * In: a scenario and the address of its server. Out: what smtplib did.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createCertificate } from '@postrider/testkit'
import type { Python } from './python.js'
import type { Outcome, Scenario } from './scenario.js'

const script = fileURLToPath(new URL('oracle.py', import.meta.url))

export class Oracle {
  readonly #process: ChildProcessWithoutNullStreams
  readonly #answers: AsyncIterator<string>
  #complaint = ''

  constructor({ command }: Python) {
    this.#process = spawn(command, ['-u', script])
    this.#process.stderr.on('data', (octets: Buffer) => {
      this.#complaint += octets.toString()
    })
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]()
  }

  async ask(scenario: Scenario, host: string, port: number): Promise<Omit<Outcome, 'wire'>> {
    const { kind = 'SMTP', connected = true, timeout = null, trust = false, debug = false, steps } = scenario
    const { portApart: port_apart = true } = scenario
    const certificate = createCertificate().cert
    const order = { kind, host, port, connected, timeout, trust, debug, steps, certificate, port_apart }
    this.#process.stdin.write(`${JSON.stringify(order)}\n`)
    const answer = await this.#answers.next()
    if (answer.done === true) throw new Error(`Python has gone: ${this.#complaint}`)
    return JSON.parse(answer.value)
  }

  close(): void {
    this.#process.stdin.end()
  }
}
