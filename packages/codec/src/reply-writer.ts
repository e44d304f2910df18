/**
 * Replies as a server writes them (RFC 5321 4.2, RFC 2034 4): code, enhanced code and lines of text in, octets out.
 * Refuses codes outside the grammar, an enhanced code that contradicts the code, control characters and lines that are
 * too long. A text is split into lines by the caller, never here: a CR or LF in it is an error, not a line end.
 */
import { DEL, HT, isControl, loneSurrogate, toOctets } from './ascii.js'
import { EnhancedCode, parseEnhancedCode } from './enhanced.js'
import { EncodeError } from './error.js'

/** A reply to be written. */
export interface ReplyParts {
  /** 200 to 599, second digit 0 to 5. */
  readonly code: number
  /** Written on every line. Its class must be the first digit of the code; not with 3yz. */
  readonly enhanced?: string | EnhancedCode | undefined
  /** One line, or several. */
  readonly text?: string | readonly string[] | undefined
}

/** How a reply is written. */
export interface WriteReplyOptions {
  /**
   * Octets of one line with CRLF. Default 512 (RFC 5321 4.5.3.1.5), and 12288 for 334, whose text is a challenge
   * (RFC 4954 4).
   */
  readonly line?: number
  /** Allow text outside ASCII: only where RFC 6531 3.7.4 allows it. Default false. */
  readonly utf8?: boolean
}

/**
 * The octets of a reply.
 *
 * @throws {@link EncodeError} `EREPLY`, `ELENGTH`, `EUTF8`
 * @example
 * socket.write(writeReply({ code: 250, enhanced: '2.1.5', text: 'Recipient ok' }))
 * socket.write(writeReply({ code: 250, text: ['mx.example.org', 'PIPELINING', '8BITMIME'] }))
 */
export function writeReply(reply: ReplyParts, options: WriteReplyOptions = {}): Uint8Array {
  const { code } = reply
  const digits = String(code)
  if (!isReplyCode(code)) throw new EncodeError('reply', 'not a reply code of RFC 5321 4.2', { value: digits })
  const enhanced = reply.enhanced === undefined ? '' : `${enhancedText(reply.enhanced, code)} `
  const lines = reply.text === undefined ? [''] : typeof reply.text === 'string' ? [reply.text] : reply.text
  if (lines.length === 0) throw new EncodeError('reply', 'no lines')
  const limit = options.line ?? (code === 334 ? 12_288 : 512)
  let octets = ''
  for (let i = 0; i < lines.length; i++) {
    const text = lines[i] ?? ''
    checkText(text, options.utf8 ?? false)
    const line = `${digits}${i < lines.length - 1 ? '-' : ' '}${enhanced}${text}\r\n`
    checkLength(line, limit)
    octets += line
  }
  return toOctets(octets)
}

function isReplyCode(code: number): boolean {
  return Number.isInteger(code) && code >= 200 && code <= 599 && Math.floor(code / 10) % 10 <= 5
}

function enhancedText(given: string | EnhancedCode, code: number): string {
  const enhanced = given instanceof EnhancedCode ? given : parseEnhancedCode(String(given))
  if (enhanced === undefined) throw new EncodeError('reply', 'not an enhanced code', { value: String(given) })
  if (enhanced.class !== Math.floor(code / 100)) {
    throw new EncodeError('reply', `enhanced code of another class than ${code}`, { value: enhanced.toString() })
  }
  return enhanced.toString()
}

function checkText(text: string, utf8: boolean): void {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (isControl(unit) && unit !== HT) throw new EncodeError('reply', 'control character', { value: text, at: i })
    if (unit > DEL && !utf8) throw new EncodeError('reply', 'not ASCII', { value: text, at: i, code: 'EUTF8' })
  }
  const lone = utf8 ? loneSurrogate(text) : -1
  if (lone >= 0) throw new EncodeError('reply', 'half of a surrogate pair', { value: text, at: lone })
}

function checkLength(line: string, limit: number): void {
  if (line.length * 3 <= limit) return
  if (toOctets(line).length > limit) {
    throw new EncodeError('reply', `line longer than ${limit} octets`, { value: line, code: 'ELENGTH' })
  }
}
