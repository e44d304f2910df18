/**
 * What `setDebuglevel` prints: the dialogue, line by line, to standard error. Secrets are masked by the session before they get here (threat T-28);
 * smtplib prints them (P74).
 */
import type { SessionEvent } from '@postrider/session'

/** @param level - 1: lines; 2 and above: with the time of day */
export function printEvent(level: number, event: SessionEvent): void {
  const text = describe(event)
  if (text === undefined) return
  const time = level > 1 ? `${new Date().toISOString().slice(11, 23)} ` : ''
  process.stderr.write(`${time}${text}\n`)
}

function describe(event: SessionEvent): string | undefined {
  switch (event.type) {
    case 'command':
      return `send: ${event.line}`
    case 'reply':
      return `reply: ${event.reply.toString().replaceAll('\n', '\nreply: ')}`
    case 'body':
      return `data: ${event.octets} octets`
    case 'tls':
      return `tls: ${event.facts.version} ${event.facts.cipher}`
    case 'closed':
      return `closed${event.error === undefined ? '' : `: ${event.error.message}`}`
    default:
      return undefined
  }
}
