/**
 * A message of a subject and a text: the least that RFC 5322 3.6 asks for, and what MIME needs to know for text outside ASCII.
 *
 * In: addresses, a subject, a text, `\n` between its lines. Out: octets. It refuses controls in the subject and addresses that no header
 * can hold. HTML and attachments are made elsewhere.
 */
import { randomUUID } from 'node:crypto'
import { parseMailbox } from '@postrider/codec'
import { UsageError } from './argument.js'

export interface Composition {
  readonly from: string
  readonly to: readonly string[]
  readonly subject: string
  readonly text: string
}

/** @throws UsageError, EncodeError for what is no address */
export function compose({ from, to, subject, text }: Composition): Uint8Array {
  for (const address of [from, ...to]) parseMailbox(address, { utf8: true })
  if (/\p{Cc}/u.test(subject)) throw new UsageError('--subject is one line, and holds a control character')
  const header = [
    `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
    `From: ${from}`,
    // One address a line: RFC 5322 2.1.1 wants lines of at most 78 characters.
    `To: ${to.join(',\r\n ')}`,
    `Subject: ${unstructured(subject)}`,
    `Message-ID: <${randomUUID()}@${from.slice(from.lastIndexOf('@') + 1)}>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Transfer-Encoding: ${isAscii(text) ? '7bit' : '8bit'}`,
  ]
  return new TextEncoder().encode(`${header.join('\r\n')}\r\n\r\n${text.replace(/\r?\n/g, '\r\n')}\r\n`)
}

/** Text of a header field: as it is where it is ASCII and short, else encoded-words (RFC 2047 2), of at most 75 characters each. */
function unstructured(text: string): string {
  if (isAscii(text) && text.length <= 60 && !text.includes('=?')) return text
  const words: string[] = []
  let piece = ''
  for (const character of text) {
    // 45 octets are 60 characters of base64, and an encoded-word ends on the border of a character.
    if (Buffer.byteLength(piece + character) > 45) {
      words.push(piece)
      piece = ''
    }
    piece += character
  }
  words.push(piece)
  return words.map(word => `=?utf-8?B?${Buffer.from(word).toString('base64')}?=`).join('\r\n ')
}

function isAscii(text: string): boolean {
  return /^[\x00-\x7f]*$/.test(text)
}
