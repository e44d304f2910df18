// Words from the wire on their way into a message for people: escaped and cut, so that a server cannot write control
// characters, line breaks or pages of text into a log (T-29).

/** The text with everything outside printable ASCII escaped, at most `limit` characters of it. */
export function printable(text: string, limit = 60): string {
  const escaped = text.replace(/[^\x20-\x7e]/gu, character => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
  return escaped.length > limit ? `${escaped.slice(0, limit)}...` : escaped
}
