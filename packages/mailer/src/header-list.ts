/**
 * A header block from a list of fields: RFC 5322 2.2, RFC 6532 3.2. The other direction of `header.ts`.
 *
 * In: names and values, in order. Out: octets, the empty line at their end included; reading them gives the same fields, as many as there were.
 * Nothing is folded, encoded or repaired. It refuses, naming the field and the place, a name that is not `ftext`, and a value with a
 * control character, half of a surrogate pair, or a line end that is no fold (threat T-04).
 */
import { SMTPMessageError } from './error.js'

/** A field of a header. */
export type HeaderField = readonly [name: string, value: string]

/**
 * @throws {@link SMTPMessageError}
 * @throws TypeError for what is no pair of strings
 */
export function writeHeader(fields: readonly HeaderField[]): Uint8Array {
  let block = ''
  for (const [place, [name, value]] of fields.entries()) {
    if (typeof name !== 'string' || typeof value !== 'string')
      throw new TypeError(`header field ${place} is not a name and a value, both text`)
    if (!FIELD_NAME.test(name)) throw new SMTPMessageError(`header field ${place} has a name that is none`)
    checkValue(name, value)
    block += `${name}: ${value}\r\n`
  }
  return new TextEncoder().encode(`${block}\r\n`)
}

/** `field-name = 1*ftext`: printable ASCII without the colon (RFC 5322 3.6.8). */
const FIELD_NAME = /^[!-9;-~]+$/

/** All that cannot be in a value, folds aside: C0 without the tab, DEL, C1, halves of surrogate pairs. */
const FORBIDDEN = /[\0-\x08\n-\x1f\x7f-\x9f]|\p{Surrogate}/u

/** RFC 5322 2.2.3: a fold is a CRLF in front of white space; 3.2.2: a line of white space alone is none. */
const FOLD = /\r\n(?=[ \t]+[^ \t\r\n])/g

function checkValue(header: string, value: string): void {
  const at = value.replace(FOLD, '  ').search(FORBIDDEN)
  if (at >= 0)
    throw new SMTPMessageError(`${header}: a character that cannot be in a header field (at ${at})`, { header, at })
}
