/** What a look at a server brought, and how it is shown. Text from the server is made harmless for a terminal. */
import type { CertificateFacts } from './certificate.js'
import { type ExtensionRow, valueText } from './extension-text.js'
import type { Ink } from './ink.js'
import { visible } from './visible.js'

/** What was found out. */
export interface Findings {
  readonly host: string
  readonly port: number
  /** The IP address that was reached. */
  address?: string
  greeting?: string
  /** Offered before TLS. */
  clear?: Offer
  /** Offered under TLS. */
  secured?: Offer
  tls?: { readonly version: string; readonly cipher: string; readonly certificate: CertificateFacts | undefined }
  /** What went wrong, in words. */
  readonly problems: string[]
}

export interface Offer {
  /** What it answered to. */
  readonly verb: 'EHLO' | 'HELO' | 'LHLO'
  /** The server's own name. */
  readonly name: string
  readonly extensions: readonly ExtensionRow[]
}

export function renderFindings(findings: Findings, ink: Ink): string {
  const { host, port, address, greeting = '', clear, secured, tls, problems } = findings
  const lines = [ink('bold', `${host}:${port}`) + (address === undefined || address === host ? '' : ` is ${address}`)]
  lines.push(`  greeting  ${greeting.split('\n').map(visible).join('\n            ')}`)
  if (clear !== undefined) lines.push('', ...renderOffer(clear, 'in clear text', ink))
  if (tls !== undefined)
    lines.push('', ink('bold', 'TLS'), `  ${tls.version}, ${tls.cipher}`, ...renderCertificate(tls.certificate, ink))
  else lines.push('', ink('dim', 'no TLS'))
  if (secured !== undefined) lines.push('', ...renderOffer(secured, 'under TLS', ink))
  if (problems.length > 0) lines.push('', ...problems.map(problem => ink('red', `! ${problem}`)))
  return `${lines.join('\n')}\n`
}

function renderOffer({ name, verb, extensions }: Offer, where: string, ink: Ink): string[] {
  const title = `${ink('bold', `offered ${where}`)} by ${visible(name)} to ${verb}`
  if (extensions.length === 0) return [title, '  nothing']
  const width = Math.max(...extensions.map(({ keyword }) => keyword.length))
  return [
    title,
    ...extensions.map(row => {
      const text = [visible(valueText(row)), ink('dim', row.meaning)].filter(part => part !== '').join('  ')
      return `  ${row.keyword.padEnd(width)}  ${text}`.trimEnd()
    }),
  ]
}

function renderCertificate(certificate: CertificateFacts | undefined, ink: Ink): string[] {
  if (certificate === undefined) return ['  no certificate']
  const { subject, issuer, names, validFrom, validTo, problem } = certificate
  return [
    `  certificate of ${visible(subject)}, signed by ${visible(issuer)}`,
    `  for ${visible(names.join(', '))}`,
    `  valid from ${validFrom} to ${validTo}`,
    problem === undefined ? ink('green', '  to be trusted') : ink('red', `  not to be trusted: ${visible(problem)}`),
  ]
}
