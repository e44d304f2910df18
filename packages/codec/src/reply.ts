/**
 * One reply of a server: its octets in, code, lines, text and enhanced code out (RFC 5321 4.2, RFC 2034 4).
 *
 * A `Reply` is made by `ReplyReader` (or `parseReply`), which has checked the octets; everything but the code is worked
 * out when it is first asked for. `raw` is a view into the chunk the reply came in whenever it came in one chunk:
 * whoever reuses read buffers must push copies. A kept reply keeps that chunk alive; `raw.slice()` does not.
 */
import { CR, LF, printable, toText } from './ascii.js'
import { type EnhancedCode, enhancedAt } from './enhanced.js'
import type { ReplyQuirk } from './quirk.js'

const NO_QUIRKS: readonly ReplyQuirk[] = /* @__PURE__ */ Object.freeze([])

/**
 * A complete reply.
 *
 * @example
 * const [reply] = new ReplyReader().push(octets)   // 550-5.1.1 No such user CRLF 550 5.1.1 here CRLF
 * reply.code                                       // 550
 * reply.enhanced?.toString()                       // '5.1.1'
 * reply.message                                    // 'No such user\nhere'
 */
export class Reply {
  /** Three digits, 200 to 599; the same on every line. */
  readonly code: number
  /** The exact octets with their line ends. When `truncated`, those that were kept. */
  readonly raw: Uint8Array
  /** Text was dropped because the reply was over a limit; the code is the one of its last line. */
  readonly truncated: boolean
  /** What had to be tolerated to read it. */
  readonly quirks: readonly ReplyQuirk[]
  #lines: readonly Uint8Array[] | undefined

  constructor(code: number, raw: Uint8Array, truncated = false, quirks: readonly ReplyQuirk[] = NO_QUIRKS) {
    this.code = code
    this.raw = raw
    this.truncated = truncated
    this.quirks = quirks
  }

  /** The first digit (RFC 5321 4.2.1): 2 done, 3 go on, 4 not now, 5 no. */
  get severity(): 2 | 3 | 4 | 5 {
    return Math.floor(this.code / 100) as 2 | 3 | 4 | 5
  }

  /** The text of each line, without code, separator and line end. */
  get lines(): readonly Uint8Array[] {
    this.#lines ??= textOfLines(this.raw)
    return this.#lines
  }

  /**
   * The lines joined with `\n`, read as UTF-8, with control characters shown as escapes: safe for a log, not exact. The
   * exact octets are in `lines`.
   */
  get text(): string {
    return this.lines.map(line => printable(toText(line))).join('\n')
  }

  /**
   * The enhanced code, from the first line that has one. RFC 2034 4: it must agree with the reply, so one whose class is
   * not the first digit of `code` is only text.
   */
  get enhanced(): EnhancedCode | undefined {
    for (const line of this.lines) {
      const enhanced = enhancedAt(line)?.code
      if (enhanced?.class === this.severity) return enhanced
    }
    return undefined
  }

  /** `text` without the enhanced code at the start of each line. */
  get message(): string {
    return this.lines
      .map(line => {
        const enhanced = enhancedAt(line)
        return printable(toText(line, enhanced?.code.class === this.severity ? enhanced.length + 1 : 0))
      })
      .join('\n')
  }

  /** `code` and `text`: for logs and error messages. */
  toString(): string {
    const text = this.text
    return text === '' ? String(this.code) : `${this.code} ${text}`
  }

  /** The useful parts as plain data. */
  toJSON(): { code: number; enhanced: string | undefined; text: string } {
    return { code: this.code, enhanced: this.enhanced?.toString(), text: this.text }
  }
}

/** The octets are known to be lines that start with a code, or blank ones; only their borders have to be found. */
function textOfLines(raw: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = []
  let start = 0
  while (start < raw.length) {
    const lf = raw.indexOf(LF, start)
    const stop = lf < 0 ? raw.length : lf
    const end = raw[stop - 1] === CR ? stop - 1 : stop
    if (end > start) lines.push(raw.subarray(Math.min(start + 4, end), end))
    start = stop + 1
  }
  return lines
}
