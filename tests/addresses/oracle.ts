/**
 * Two readers of address lists that share nothing with ours: Python's email package, and postal-mime. Fields in; for each the addresses
 * found out, as `local part without quotes @ domain`; `undefined` where the reader finds no list of addresses, `crash` where it falls over.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { addressParser } from 'postal-mime'

export type Addresses = readonly string[]

export type Answer = Addresses | 'crash' | undefined

/** Python 3, started once and asked in batches. */
export class PythonReader {
  readonly #process: ChildProcess
  readonly #lines: AsyncIterator<string>

  /** Whether there is a Python that can be asked. */
  static isThere(): boolean {
    return spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 10))']).status === 0
  }

  constructor() {
    const script = fileURLToPath(new URL('python_addresses.py', import.meta.url))
    const child = spawn('python3', [script], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#process = child
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  }

  async read(texts: readonly string[]): Promise<Answer[]> {
    this.#process.stdin?.write(`${JSON.stringify(texts.map(text => `To: ${text}\r\n\r\n`))}\n`)
    const { done, value } = await this.#lines.next()
    if (done === true) throw new Error('python3 has ended')
    const answers = JSON.parse(value) as ([string, string][] | null | false)[]
    return answers.map(answer =>
      answer === false ? 'crash' : answer?.map(([localPart, domain]) => `${localPart}@${domain}`),
    )
  }

  [Symbol.dispose](): void {
    this.#process.stdin?.end()
  }
}

/**
 * postal-mime takes an unfolded value and shows addresses as they are written: line ends are taken out here, whatever follows the field is
 * cut off, and so are quotes and white space around "@".
 */
export function readWithPostalMime(text: string): Answer {
  const [value = ''] = text.split(/(?:\r\n|\r(?!\n)|\n)(?![ \t])/)
  const found: string[] = []
  for (const entry of addressParser(value.replace(/[\r\n]/g, '')))
    for (const { address } of entry.group ?? [entry]) {
      const [, localPart, domain] = /^(.*?)[ \t]*@[ \t]*([^@]*)$/s.exec(address ?? '') ?? []
      if (localPart === undefined || domain === undefined) return undefined
      found.push(`${unquoted(localPart)}@${domain}`)
    }
  return found
}

function unquoted(localPart: string): string {
  return /^"(?:[^"\\]|\\.)*"$/s.test(localPart) ? localPart.slice(1, -1).replace(/\\(.)/gs, '$1') : localPart
}
