/**
 * What `setDebuglevel` prints: the dialogue on standard error, in the lines of smtplib (P74), so that who knows those can read it.
 *
 * In: the events of a session. Out: lines such as `send: 'ehlo me\\r\\n'` and `reply: retcode (250); Msg: b'ok'`. Two things differ: secrets are masked by the
 * session before they get here (threat T-28), smtplib prints them; and of a message its size is told, not its octets. Who asks for what smtplib prints
 * (`debugSecrets`) gets that: then what was sent is told by what goes into the channel.
 */
import { END_OF_DATA } from '@postrider/codec'
import type { SessionEvent } from '@postrider/session'
import type { NodeChannel } from '@postrider/session/node'
import { type ReplyPair, replyPair } from './reply-pair.js'

/** Prints one client's dialogue. */
export class DebugPrinter {
  /** The reply to the last line written is told once more, as `data:`. */
  #isData = false
  /** Lines written since the last reply that are not answered yet. */
  #unanswered = 0
  #hasReply = false
  readonly #secrets: boolean
  /** What is sent behind 354, up to its terminator; smtplib prints it as one. */
  #message: Uint8Array[] | undefined

  /** @param secrets - print everything that is sent, as it is sent */
  constructor(secrets: boolean) {
    this.#secrets = secrets
  }

  /** From here on what is written to the channel is printed, where that was asked for. */
  watch(channel: NodeChannel, level: () => number): void {
    if (!this.#secrets) return
    const write = channel.write.bind(channel)
    channel.write = octets => {
      this.#sent(level(), octets)
      return write(octets)
    }
  }

  /** @param level - 1: lines; 2 and above: with the time of day */
  print(level: number, event: SessionEvent): void {
    switch (event.type) {
      case 'command':
        this.#unanswered = this.#hasReply ? 1 : this.#unanswered + 1
        this.#hasReply = false
        this.#isData = event.line === '.' || event.line.toLowerCase() === 'data'
        if (!this.#secrets) write(level, `send: ${quoteText(`${event.line}\r\n`)}`)
        break
      case 'body':
        if (!this.#secrets) write(level, `send: ${event.octets} octets of the message`)
        break
      case 'reply': {
        for (const line of linesOf(event.reply.raw)) write(level, `reply: ${quoteOctets(line)}`)
        const [code, text] = replyPair(event.reply)
        write(level, `reply: retcode (${code}); Msg: ${quoteOctets(text)}`)
        this.#hasReply = true
        this.#unanswered--
        if (this.#isData && this.#unanswered <= 0) write(level, `data: (${code}, ${quoteOctets(text)})`)
        if (this.#isData && code === 354) this.#message = []
        break
      }
      case 'tls':
        if (!this.#secrets) write(level, `tls: ${event.facts.version} ${event.facts.cipher}`)
        break
      default:
        break
    }
  }

  /** Where a connection is made to, and from. Of a Unix socket smtplib tells only when there is none. */
  connecting(
    level: number,
    {
      host = '',
      port,
      implicitTls,
    }: { readonly host?: string; readonly port?: number; readonly implicitTls?: boolean },
    source: readonly [string, number] | undefined,
  ): void {
    if (port === undefined) return
    const from = source === undefined ? 'None' : `(${quoteText(source[0])}, ${source[1]})`
    const to = `(${quoteText(host)}, ${port})`
    if (implicitTls === true) write(level, `connect: ${to}`)
    write(level, `connect: to ${to} ${from}`)
  }

  /** There is no Unix socket to connect to. */
  failed(level: number, path: string): void {
    write(level, `connect fail: ${path}`)
  }

  connected(level: number, [, text]: ReplyPair): void {
    write(level, `connect: ${quoteOctets(text)}`)
  }

  #sent(level: number, octets: Uint8Array): void {
    if (this.#message === undefined) return write(level, `send: ${quoteText(Buffer.from(octets).toString())}`)
    if (level > 0) this.#message.push(octets)
    // The terminator was announced as a command, and is written by itself.
    if (octets !== END_OF_DATA) return
    write(level, `send: ${quoteOctets(Buffer.concat(this.#message))}`)
    this.#message = undefined
  }
}

function write(level: number, line: string): void {
  if (level > 0) process.stderr.write(`${level > 1 ? `${timeOfDay()} ` : ''}${line}\n`)
}

/** `HH:MM:SS.ffffff`, local time. */
function timeOfDay(): string {
  const now = performance.timeOrigin + performance.now()
  const micros = String(Math.floor((now * 1000) % 1_000_000)).padStart(6, '0')
  return `${new Date(now).toTimeString().slice(0, 8)}.${micros}`
}

function linesOf(raw: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = []
  let start = 0
  while (start < raw.length) {
    const end = raw.indexOf(0x0a, start)
    const next = end < 0 ? raw.length : end + 1
    lines.push(raw.subarray(start, next))
    start = next
  }
  return lines
}

const named: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ['\r', '\\r'],
  ['\n', '\\n'],
  ['\t', '\\t'],
])

/** Text as Python shows it. Controls never reach a terminal as they are (threat T-29). */
function quoteText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const shown = text.replace(/[\\\p{C}]/gu, unit => named.get(unit) ?? escaped(unit.codePointAt(0) ?? 0))
  return `${quote}${quote === "'" ? shown.replaceAll("'", "\\'") : shown}${quote}`
}

function escaped(code: number): string {
  return code > 0xff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\x${code.toString(16).padStart(2, '0')}`
}

/** Octets as Python shows them. */
export function quoteOctets(octets: Uint8Array): string {
  const text = Buffer.from(octets).toString('latin1')
  return `b${quoteText(text).replace(/[\u0080-\u00ff]/g, unit => escaped(unit.charCodeAt(0)))}`
}
