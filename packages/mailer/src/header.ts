/**
 * The header block of a message, as octets: where it ends, which fields it has, what stands in them. RFC 5322 2.1, 2.2; RFC 6532 3.
 *
 * In: octets. Out: fields as ranges of octets, so that a field can be cut out and not one other octet changes. Lines are taken
 * as they will go on the wire: CRLF, bare LF and bare CR all end one, because the body writer makes a CRLF of each. It refuses what
 * is no header: a line that is neither a field nor a continuation, and octets that are not UTF-8 in a field that is read.
 */
import { SMTPMessageError } from './error.js'

/** One field: octets from `start` up to, not including, `end`; `end` is behind the line end of its last line. */
export interface Field {
  /** In lower case. */
  readonly name: string
  readonly start: number
  /** Where the colon stands. */
  readonly colon: number
  readonly end: number
}

const CR = 0x0d
const LF = 0x0a
const TAB = 0x09
const SPACE = 0x20
const COLON = 0x3a

/** Finds the end of a header block in octets that come in chunks. */
export class HeaderEnd {
  /** Nothing stands on the current line yet. */
  #empty = true
  #afterCr = false

  /** The octets of `chunk` that still belong to the header block, its empty line included; -1 while the end has not come. */
  find(chunk: Uint8Array): number {
    for (let index = 0; index < chunk.length; index++) {
      const octet = chunk[index]
      const isSecondOfPair = octet === LF && this.#afterCr
      this.#afterCr = octet === CR
      if (isSecondOfPair) continue
      if (octet !== CR && octet !== LF) this.#empty = false
      else if (this.#empty) return index + 1
      else this.#empty = true
    }
    return -1
  }
}

/**
 * The fields of a header block, in order.
 *
 * @throws {@link SMTPMessageError} naming the line that is no field
 */
export function readFields(block: Uint8Array): Field[] {
  const fields: Field[] = []
  let at = 0
  while (at < block.length && !isLineEnd(block[at])) {
    const start = at
    while (isNameOctet(block[at])) at++
    const nameEnd = at
    // RFC 5322 4.5: white space before the colon is obsolete, and must not hide a field from us.
    while (isSpace(block[at])) at++
    if (nameEnd === start || block[at] !== COLON)
      throw new SMTPMessageError(`line ${lineNumber(block, start)} of the header is no header field`)
    const colon = at
    do at = nextLine(block, at)
    while (isSpace(block[at]))
    fields.push({ name: lowerName(block, start, nameEnd), start, colon, end: at })
  }
  return fields
}

/**
 * The value of a field, unfolded (RFC 5322 2.2.3: "simply removing any CRLF that is immediately followed by WSP") and trimmed.
 *
 * @throws {@link SMTPMessageError} when it is not UTF-8 (RFC 6532 3.2)
 */
export function readValue(block: Uint8Array, field: Field): string {
  try {
    return trimSpace(utf8.decode(block.subarray(field.colon + 1, field.end)).replace(/[\r\n]+/g, ''))
  } catch (cause) {
    const header = readName(block, field)
    throw new SMTPMessageError(`${header}: not UTF-8`, { header, cause })
  }
}

/** The name of a field as the message spells it. */
export function readName(block: Uint8Array, field: Field): string {
  return utf8.decode(block.subarray(field.start, field.colon)).trimEnd()
}

/**
 * The block without these fields; the same octets when there are none. Where a bare CR in front of a field and a bare LF behind it would become
 * one line end, and the header go on into the body, the CR becomes an LF: so it is still a line end of its own.
 */
export function withoutFields(block: Uint8Array, fields: readonly Field[]): Uint8Array {
  if (fields.length === 0) return block
  const rest = new Uint8Array(block.length - fields.reduce((octets, { start, end }) => octets + end - start, 0))
  let from = 0
  let to = 0
  for (const { start, end } of [...fields, { start: block.length, end: block.length }]) {
    if (from < start && block[from] === LF && rest[to - 1] === CR) rest[to - 1] = LF
    rest.set(block.subarray(from, start), to)
    to += start - from
    from = end
  }
  return rest
}

/** How a header stands to ASCII: `utf8` needs SMTPUTF8 (RFC 6532), `invalid` cannot be sent at all. */
export function characterSet(block: Uint8Array): 'ascii' | 'utf8' | 'invalid' {
  if (block.every(octet => octet < 0x80)) return 'ascii'
  try {
    utf8.decode(block)
    return 'utf8'
  } catch {
    return 'invalid'
  }
}

const utf8 = /* @__PURE__ */ new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The start of the line after the one that `at` is on. */
function nextLine(block: Uint8Array, at: number): number {
  let index = at
  while (index < block.length && !isLineEnd(block[index])) index++
  return index + (block[index] === CR && block[index + 1] === LF ? 2 : index < block.length ? 1 : 0)
}

function lowerName(block: Uint8Array, start: number, end: number): string {
  let name = ''
  for (const octet of block.subarray(start, end)) name += String.fromCharCode(octet)
  return name.toLowerCase()
}

function lineNumber(block: Uint8Array, at: number): number {
  let lines = 1
  for (let index = 0; index < at; index = nextLine(block, index)) lines++
  return lines
}

/** Without the spaces and tabs at both ends. Not `trim()`: other white space is part of an atom (RFC 6532 3.2). */
function trimSpace(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isSpace(text.charCodeAt(start))) start++
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

/** `ftext`: printable ASCII without the colon (RFC 5322 2.2). */
function isNameOctet(octet: number | undefined): boolean {
  return octet !== undefined && octet > SPACE && octet < 0x7f && octet !== COLON
}

function isSpace(octet: number | undefined): boolean {
  return octet === SPACE || octet === TAB
}

function isLineEnd(octet: number | undefined): boolean {
  return octet === CR || octet === LF
}
