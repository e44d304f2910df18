/** What became of a message, as lines for a person: one for each recipient, and one for all of it. */
import type { SendReport } from '@postrider/mailer'
import type { Outcome } from '@postrider/session'
import type { Format, Ink } from './ink.js'
import { visible } from './visible.js'

const formats: Readonly<Record<Outcome, Format>> = {
  accepted: 'green',
  rejected: 'red',
  deferred: 'yellow',
  unsent: 'yellow',
  unknown: ['bold', 'red'],
}

export function renderReport(report: SendReport, ink: Ink): string {
  const { recipients, bytes, tls, timings } = report
  const widest = Math.max(...recipients.map(({ address }) => address.length))
  const lines = recipients.map(({ address, outcome, reply }) => {
    const words = reply === undefined ? '' : visible(reply.toString().replaceAll('\n', ' / '))
    return `${ink(formats[outcome], outcome.padEnd(8))}  ${visible(address).padEnd(widest)}  ${words}`.trimEnd()
  })
  const accepted = recipients.filter(({ outcome }) => outcome === 'accepted').length
  const took = `${Math.round(timings.total)} ms`
  const isUnsent = recipients.every(({ outcome, reply }) => reply === undefined && outcome !== 'unknown')
  const facts = isUnsent
    ? ['nothing was sent', took]
    : [`${accepted} of ${recipients.length} accepted`, `${bytes} octets`, tls?.version ?? 'in clear text', took]
  lines.push(ink('dim', facts.join(', ')))
  if (recipients.some(({ outcome }) => outcome === 'unknown'))
    lines.push('The server did not answer the end of the message. To send it again may deliver it twice.')
  return `${lines.join('\n')}\n`
}
