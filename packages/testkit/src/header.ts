/**
 * The header of a message as it stands on the wire (RFC 5322 2.2): fields by name, unfolded, and where the body begins.
 *
 * In: octets of any message. Out: what can be read of it. It decodes nothing (RFC 2047 is the MIME library's), judges nothing and
 * refuses nothing: a line that is no field is left out, and a message without an empty line is all header.
 */

/** One header field. */
export interface HeaderField {
  /** As the client wrote it. */
  readonly name: string
  /** Unfolded, without the white space around it; its octets read as UTF-8. */
  readonly value: string
}

export interface Header {
  readonly fields: readonly HeaderField[]
  /** Where the body begins, in octets. */
  readonly end: number
}

/** Reads the header of a message. Lines end in CRLF, or in LF where the server was told to keep those. */
export function readHeader(octets: Uint8Array): Header {
  const lines: string[] = []
  let at = 0
  while (at < octets.length) {
    const feed = octets.indexOf(LF, at)
    const next = feed < 0 ? octets.length : feed + 1
    const line = UTF8.decode(octets.subarray(at, next)).replace(/\r?\n$/, '')
    at = next
    if (line === '') break
    // RFC 5322 2.2.3: "Unfolding is accomplished by simply removing any CRLF that is immediately followed by WSP."
    if (/^[ \t]/.test(line) && lines.length > 0) lines.push(`${lines.pop()}${line}`)
    else lines.push(line)
  }
  return { fields: lines.flatMap(field), end: at }
}

const LF = 0x0a
const UTF8 = new TextDecoder()

function field(line: string): HeaderField[] {
  const match = /^([!-9;-~]+)[ \t]*:(.*)$/s.exec(line)
  return match?.[1] === undefined ? [] : [{ name: match[1], value: (match[2] ?? '').replace(/^[ \t]+|[ \t]+$/g, '') }]
}
