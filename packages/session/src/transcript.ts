/**
 * What a session tells, as the lines that RFC 5321 appendix D writes: `S:` for the server, `C:` for the client.
 *
 * In: one event of an observer. Out: the lines to show for it, none for a change of state. They are safe for a log: secrets were masked and control
 * characters escaped before there was an event. Message octets appear as their number, TLS and the end as `--` remarks.
 */
import type { SessionEvent } from './event.js'

/**
 * The lines to show for an event.
 *
 * @example
 * ```ts
 * await connect({ host, port, observe: event => transcribe(event).forEach(line => console.error(line)) })
 * // S: 220 mail.example.org ESMTP
 * // C: EHLO [127.0.0.1]
 * ```
 */
export function transcribe(event: SessionEvent): readonly string[] {
  switch (event.type) {
    case 'command':
      return [`C: ${event.line}`]
    case 'reply': {
      const lines = event.reply.text.split('\n')
      return lines.map((line, index) => `S: ${event.reply.code}${separator(index, lines.length, line)}${line}`)
    }
    case 'body':
      return [`C: (${event.octets} octets of message)`]
    case 'tls': {
      const { version, cipher, authorized } = event.facts
      return [`-- ${version} ${cipher}, certificate ${authorized ? 'verified' : 'not verified'}`]
    }
    case 'closed':
      return [event.error === undefined ? '-- closed' : `-- closed: ${event.error.message}`]
    case 'state':
      return []
  }
}

/** RFC 5321 4.2.1: a hyphen behind the code says that more lines follow. */
function separator(index: number, count: number, line: string): string {
  if (index < count - 1) return '-'
  return line === '' ? '' : ' '
}
