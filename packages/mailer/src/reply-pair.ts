/**
 * Replies as smtplib hands them out: a code and the text as octets.
 *
 * In: a reply of the codec. Out: the text of its lines, without their codes, trimmed, joined by LF; enhanced codes stay in it.
 */
import type { Reply } from '@postrider/codec'

/** The code of a reply and its text. */
export type ReplyPair = [code: number, text: Uint8Array]

/** smtplib's dictionary of refused recipients: the address as it was given, and the reply it was refused with. */
export type Refused = Map<string, ReplyPair>

const lineFeed = 0x0a
const space = 0x20
const tab = 0x09

export function replyPair(reply: Reply): ReplyPair {
  return [reply.code, replyText(reply)]
}

export function replyText(reply: Reply): Uint8Array {
  const lines = reply.lines.map(trim)
  const [only] = lines
  // A view would keep the whole chunk alive in which the reply came.
  if (only !== undefined && lines.length === 1) return only.slice()
  const text = new Uint8Array(lines.reduce((length, line) => length + line.length + 1, 0))
  let end = 0
  for (const line of lines) {
    text.set(line, end)
    end += line.length
    text[end++] = lineFeed
  }
  return text.subarray(0, Math.max(end - 1, 0))
}

function trim(line: Uint8Array): Uint8Array {
  let start = 0
  let end = line.length
  while (start < end && isSpace(line[start])) start++
  while (end > start && isSpace(line[end - 1])) end--
  return line.subarray(start, end)
}

function isSpace(octet: number | undefined): boolean {
  return octet === space || octet === tab
}
