/**
 * The dialogue as the RFCs write it: `C:` for the client, `S:` for the server, one line each, ready for a failure message.
 *
 * In: server events. Out: text. Message content appears as its size, TLS and endings as `--` remarks, AUTH secrets not at all.
 * It holds the newest lines up to a limit and says how many it has dropped.
 */
import type { ServerEvent } from './event.js'

/** One line of a {@link Transcript}. */
export interface TranscriptLine {
  /** Connection number, counted from 1 per server. */
  readonly connection: number
  /** `C: …`, `S: …`, or `-- …` for what is not dialogue. */
  readonly text: string
}

/** The lines said on a server's connections, in order. */
export class Transcript {
  readonly #limit: number
  #lines: TranscriptLine[] = []
  #dropped = 0

  /** @param limit how many lines to hold; beyond it the oldest go first. */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** How many old lines were dropped because of the limit. */
  get dropped(): number {
    return this.#dropped + Math.max(0, this.#lines.length - this.#limit)
  }

  /** Every line held, of one connection or of all. */
  lines(connection?: number): readonly TranscriptLine[] {
    const held = this.#lines.slice(Math.max(0, this.#lines.length - this.#limit))
    return connection === undefined ? held : held.filter(line => line.connection === connection)
  }

  /** Forgets everything said so far. */
  clear(): void {
    this.#lines = []
    this.#dropped = 0
  }

  /** Takes note of an event. */
  record(event: ServerEvent): void {
    const text = describe(event)
    if (text === undefined) return
    this.#lines.push({ connection: event.connection, text })
    // In large steps, because dropping from the front of an array costs its whole length.
    if (this.#lines.length <= this.#limit * 2) return
    this.#dropped = this.dropped
    this.#lines = this.#lines.slice(this.#lines.length - this.#limit)
  }

  [Symbol.iterator](): Iterator<TranscriptLine> {
    return this.lines()[Symbol.iterator]()
  }

  /** The whole dialogue; a remark tells where another connection begins to speak. */
  toString(): string {
    const { dropped } = this
    const text: string[] = dropped === 0 ? [] : [`-- ${dropped} older lines dropped`]
    let speaking = 1
    for (const line of this.lines()) {
      if (line.connection !== speaking) text.push(`-- connection ${line.connection}`)
      speaking = line.connection
      text.push(line.text)
    }
    return text.join('\n')
  }
}

function describe(event: ServerEvent): string | undefined {
  switch (event.kind) {
    case 'line':
      return `${event.from === 'client' ? 'C' : 'S'}: ${event.text}`
    case 'secured':
      return `-- ${event.version}`
    case 'handshakeFailed':
      return `-- TLS handshake failed: ${event.reason}`
    case 'attack':
      return `-- ${event.octets} octets in clear text behind STARTTLS`
    case 'closed':
      return `-- closed by ${event.by}${event.error === undefined ? '' : ` (${event.error})`}`
    default:
      return undefined
  }
}

/** What stands in a transcript for a line that may hold a secret. */
export const SECRET = '[secret]'

/** A command line as it may be shown: AUTH keeps its mechanism and loses whatever else is in it. */
export function maskAuth(line: string): string {
  const auth = /^AUTH(?: +([A-Za-z0-9_-]{1,20}))?(?= |$)/i.exec(line)
  if (auth === null) return /^AUTH/i.test(line) ? SECRET : line
  const rest = line.slice(auth[0].length).trim()
  return rest === '' || rest === '=' ? line : `${auth[0]} ${SECRET}`
}

/** Octets for people: UTF-8 without the line end, and every control character made visible as `\\x1b`. */
export function printable(octets: Uint8Array): string {
  return escaped(UTF8.decode(octets).replace(/\r?\n$/, ''))
}

/** The same line by line. */
export function printableLines(octets: Uint8Array): string[] {
  const lines = UTF8.decode(octets).split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines.map(line => escaped(line.replace(/\r$/, '')))
}

function escaped(text: string): string {
  return text.replace(CONTROL, control => `\\x${(control.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`)
}

const UTF8 = new TextDecoder()
/** C0, DEL, C1, line separators and what turns the direction of text around (T-29: one event is one line). */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g
