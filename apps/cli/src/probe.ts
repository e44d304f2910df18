/**
 * `postrider probe`: connects to a server, looks at what it says and offers, and leaves. It sends no mail and no password.
 *
 * In: a host and how to reach it. Out: greeting, extensions before and under TLS, TLS version, certificate and whether it is one to trust. A
 * certificate that is not is shown like any other, and said to be none to trust: looking must be possible.
 */
import { isIP } from 'node:net'
import { type ServerFacts, type Session, SessionError } from '@postrider/session'
import { type Connection, type ConnectOptions, open } from '@postrider/session/node'
import { adviceFor } from './advice.js'
import { type OptionTable, readArguments, readChoice, readNumber, UsageError } from './argument.js'
import { certificateOf } from './certificate.js'
import type { Command } from './command.js'
import { EXIT } from './exit.js'
import { extensionRows } from './extension-text.js'
import { type Findings, type Offer, renderFindings } from './finding.js'
import { inkFor } from './ink.js'
import type { Io } from './io.js'
import { transcriptTo } from './transcript.js'
import { readTrust } from './trust.js'

const options = {
  tls: { value: 'HOW', text: 'implicit: from the first byte; starttls; none. Default: by port, and what is offered' },
  ca: { value: 'FILE', text: 'trust this certificate (PEM), too' },
  'server-name': { value: 'NAME', text: 'the name the certificate must carry, where it is not HOST' },
  name: { value: 'NAME', text: 'our name in EHLO; default [127.0.0.1]' },
  lmtp: { text: 'speak LMTP' },
  timeout: { value: 'SECONDS', text: 'how long to wait for each answer; default 30' },
  transcript: { text: 'show the dialogue, on standard error' },
  json: { text: 'one JSON object instead of text' },
} as const satisfies OptionTable

export const probe: Command = {
  name: 'probe',
  summary: 'looks at a server: greeting, extensions, TLS, AUTH; sends no mail',
  usage: [
    'postrider probe mail.example.org',
    'postrider probe mail.example.org:465',
    'postrider probe [2001:db8::25]:587',
  ],
  options,
  notes: [
    'The port is 25 unless one is given. 465 is spoken to with TLS from the first byte.',
    'Exit code: 0 all well, 1 something is wrong (no certificate to trust, a refusal), 64 usage, 68 no such host, 75 not reached.',
  ],
  run,
}

type Tls = 'implicit' | 'starttls' | 'none'

async function run(typed: readonly string[], io: Io): Promise<number> {
  const { values, words } = readArguments(options, typed)
  const [place, ...more] = words
  if (place === undefined) throw new UsageError('which server? postrider probe HOST[:PORT]')
  if (more.length > 0)
    throw new UsageError(`probe looks at one server, and ${JSON.stringify(more[0])} is one word too many`)
  const { host, port } = readPlace(place)
  const tls = readChoice(values.tls, '--tls', ['implicit', 'starttls', 'none'])
  const seconds = values.timeout === undefined ? 30 : readNumber(values.timeout, '--timeout', 1, 3600)
  const limit = seconds * 1000
  const findings: Findings = { host, port, problems: [] }
  const connection = open({
    host,
    port,
    protocol: values.lmtp ? 'lmtp' : 'smtp',
    implicitTls: tls === undefined ? port === 465 : tls === 'implicit',
    // Looking is allowed; trusting is another matter, and is told.
    tls: { ...readTrust(values.ca), rejectUnauthorized: false },
    timeouts: { connect: limit, greeting: limit, handshake: limit, command: limit, quit: 5000 },
    ...(values['server-name'] === undefined ? {} : { serverName: values['server-name'] }),
    ...(values.name === undefined ? {} : { name: values.name }),
    ...(values.transcript ? { observe: transcriptTo(io) } : {}),
  } satisfies ConnectOptions)
  await look(connection, findings, tls)
  io.stdout.write(
    values.json ? `${JSON.stringify(findings, undefined, 2)}\n` : renderFindings(findings, inkFor(io.stdout, io.env)),
  )
  return findings.problems.length === 0 ? EXIT.done : EXIT.mixed
}

/** The conversation. What goes wrong after the greeting is a finding, too. */
async function look({ session, channel }: Connection, findings: Findings, tls: Tls | undefined): Promise<void> {
  const greeting = await session.opened()
  findings.greeting = greeting.toString()
  const { remoteAddress } = channel.socket ?? {}
  if (remoteAddress !== undefined) findings.address = remoteAddress
  const note = (): void => {
    const facts = session.tls
    if (facts === undefined) return
    const certificate = certificateOf(channel.socket)
    findings.tls = { version: facts.version, cipher: facts.cipher, certificate }
    if (certificate?.problem !== undefined)
      findings.problems.push(`the certificate is not to be trusted: ${certificate.problem}`)
  }
  try {
    if (greeting.severity !== 2) {
      findings.problems.push(`the server declines: ${greeting}`)
      return
    }
    note()
    const first = offerOf(session, await session.hello())
    if (session.secure) {
      findings.secured = first
      return
    }
    findings.clear = first
    const isOffered = session.server?.extensions.starttls === true
    if (tls === 'none' || (tls === undefined && !isOffered)) return
    await session.startTls()
    note()
    findings.secured = offerOf(session, await session.hello())
  } catch (error) {
    if (!(error instanceof SessionError)) throw error
    findings.problems.push(adviceFor(error))
  } finally {
    await session.quit().catch(() => undefined)
  }
}

function offerOf({ protocol }: Session, { extensions, esmtp }: ServerFacts): Offer {
  const verb = protocol === 'lmtp' ? 'LHLO' : esmtp ? 'EHLO' : 'HELO'
  return { verb, name: extensions.domain, extensions: extensionRows(extensions) }
}

/** `host`, `host:port`, `[2001:db8::1]:port`; an IPv6 address without brackets has no port behind it. */
function readPlace(place: string): { host: string; port: number } {
  if (/^[a-z+]+:\/\//i.test(place))
    throw new UsageError(`${place} is a URL; probe takes HOST[:PORT], as in mail.example.org:587`)
  const match = isIP(place) === 6 ? [place, place] : /^(\[[^\]]+\]|[^:]+)(?::(.*))?$/.exec(place)
  const [, host, port] = match ?? []
  if (host === undefined || /[\s@/]/.test(host))
    throw new UsageError(
      `${JSON.stringify(place)} is no HOST[:PORT]; an IPv6 address stands in brackets: [2001:db8::25]:587`,
    )
  return { host, port: port === undefined ? 25 : readNumber(port, 'the port', 1, 65_535) }
}
