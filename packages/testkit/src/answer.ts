/**
 * A reply the server means to give: code, enhanced code, text, and its octets made once and kept.
 *
 * In: what the server says by itself (`new Answer(250, '2.1.0', 'Sender ok')`) or what a test wrote (`parseAnswer('550 5.1.1 no
 * such user')`). Out: octets with CRLF. Refuses, before a test runs, what no reply may be (RFC 5321 4.2): a bad code, a
 * control character.
 */
import { writeReply } from '@postrider/codec'

/** A test may say more than 512 octets in a line, and in any language: what clients make of that is worth testing. */
const WIDE = { utf8: true, line: 65_536 }

/** One reply, immutable; `octets` are encoded on first use and shared. */
export class Answer {
  readonly code: number
  readonly enhanced: string | undefined
  readonly text: readonly string[]
  #plain: Uint8Array | undefined
  #withEnhanced: Uint8Array | undefined

  /** @param text one line, or several for a multi-line reply. */
  constructor(code: number, enhanced: string | undefined, ...text: readonly string[]) {
    this.code = code
    this.enhanced = enhanced
    this.text = text
  }

  /** First digit: 2 done, 3 go on, 4 later, 5 never (RFC 5321 4.2.1). */
  get severity(): number {
    return Math.floor(this.code / 100)
  }

  get positive(): boolean {
    return this.code < 400
  }

  /** Code and text, for records. */
  toString(): string {
    return [this.code, this.enhanced, this.text.join('\n')].filter(part => part !== undefined && part !== '').join(' ')
  }

  /** @param enhanced whether the server offers ENHANCEDSTATUSCODES (RFC 2034 3). */
  octets(enhanced: boolean): Uint8Array {
    if (enhanced && this.enhanced !== undefined) {
      this.#withEnhanced ??= writeReply({ code: this.code, enhanced: this.enhanced, text: this.text }, WIDE)
      return this.#withEnhanced
    }
    this.#plain ??= writeReply({ code: this.code, text: this.text }, WIDE)
    return this.#plain
  }
}

/**
 * Reads a reply as a test writes it: `'550 5.1.1 no such user'`, or a code alone. More lines (an array, or `\n` in the text)
 * are text of a multi-line reply; they need no code. What looks like an enhanced code is text like all the rest: it is
 * sent as written, whether or not the server offers ENHANCEDSTATUSCODES.
 *
 * @throws RangeError when it does not begin with a code; EncodeError when it cannot be sent.
 */
export function parseAnswer(reply: string | readonly string[]): Answer {
  const [first = '', ...more] = typeof reply === 'string' ? reply.split('\n') : reply
  const match = /^([2-5][0-5][0-9])(?: (.*))?$/s.exec(first)
  if (match === null)
    throw new RangeError(`reply ${JSON.stringify(first)} does not begin with a reply code and a space`)
  const answer = new Answer(Number(match[1]), undefined, match[2] ?? '', ...more)
  answer.octets(false)
  return answer
}
