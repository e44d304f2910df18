/**
 * `postrider sink`: a server to try things on. It listens on the loopback interface only, takes every message, delivers none, and shows what came.
 *
 * In: a port and what to refuse. Out, until it is stopped: the envelope, who was refused, and the message, as text that cannot move the
 * cursor of a terminal. Messages are forgotten once shown, unless a folder is named to keep them in, octets as received.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, provoke } from '@postrider/testkit'
import { type OptionTable, readArguments, readChoice, readNumber, UsageError } from './argument.js'
import { Arrivals } from './arrival.js'
import type { Command } from './command.js'
import { EXIT } from './exit.js'
import { describeFault, faultList, readFault, serverFor } from './fault.js'
import { inkFor } from './ink.js'
import { type Io, uponStop } from './io.js'

const options = {
  refuse: { value: 'ADDRESS', multiple: true, text: 'refuse this recipient; default nobody@ at any domain' },
  'accept-all': { text: 'refuse nobody, not even nobody@' },
  tls: { value: 'HOW', text: 'starttls, or implicit: from the first byte; default none' },
  'save-certificate': { value: 'FILE', text: 'write the certificate, for the client to trust (--ca FILE)' },
  'auth-env': { value: 'NAME', text: 'environment variable that holds USER:PASSWORD, needed from then on' },
  lmtp: { text: 'speak LMTP: LHLO, and a verdict for each recipient' },
  mailbox: { value: 'FOLDER', text: 'keep every message there, as 0001.eml, 0002.eml, …' },
  lines: { value: 'COUNT', text: 'lines of a message to show; default 20' },
  transcript: { text: 'show the dialogue, too' },
  fault: { value: 'NAME', text: 'go wrong once, such as "P12 rst"; list: show what there is' },
  'fault-always': { text: 'go wrong every time' },
} as const satisfies OptionTable

const defaultPort = 2525

export const sink: Command = {
  name: 'sink',
  summary: 'a server that takes mail, shows it and delivers nothing',
  usage: [
    'postrider sink 2525',
    'postrider sink 2525 --refuse eve@example.org --mailbox /tmp/mail',
    'postrider sink 2525 --fault "P12 rst"',
  ],
  options,
  notes: [
    'The port is 2525 unless one is given; 0 takes a free one. It listens on 127.0.0.1 and nowhere else. Ctrl-C ends it.',
  ],
  run,
}

async function run(typed: readonly string[], io: Io): Promise<number> {
  const { values, words } = readArguments(options, typed)
  if (values.fault?.toLowerCase() === 'list') {
    io.stdout.write(faultList())
    return EXIT.done
  }
  const [port, ...more] = words
  if (more.length > 0) throw new UsageError(`sink takes one port, and ${JSON.stringify(more[0])} is one word too many`)
  const refused = values.refuse.length > 0 ? values.refuse : values['accept-all'] ? [] : [/^nobody@/i]
  if (values['accept-all'] && values.refuse.length > 0)
    throw new UsageError('--accept-all and --refuse exclude each other')
  const fault = values.fault === undefined ? undefined : readFault(values.fault)
  if (values['fault-always'] && fault === undefined) throw new UsageError('--fault-always needs --fault NAME')
  const auth = values['auth-env'] === undefined ? undefined : readLogin(values['auth-env'], io)
  const asked = { tls: readChoice(values.tls, '--tls', ['starttls', 'implicit', 'none']), auth, lmtp: values.lmtp }
  const settings = serverFor(fault, asked)
  if (settings.tls === 'none' && values['save-certificate'] !== undefined)
    throw new UsageError('--save-certificate needs --tls: without TLS there is no certificate')
  if (values.mailbox !== undefined) mkdirSync(values.mailbox, { recursive: true })
  const arrivals = new Arrivals({
    output: io.stdout,
    ink: inkFor(io.stdout, io.env),
    lines: values.lines === undefined ? 20 : readNumber(values.lines, '--lines', 0, 1_000_000),
    mailbox: values.mailbox,
    transcript: values.transcript,
  })

  const server = await createServer({
    port: port === undefined ? defaultPort : readNumber(port, 'the port', 0, 65_535),
    ...settings,
    requireAuth: auth !== undefined,
    // What has been shown is not needed again, and a sink may run for days.
    limits: { transcript: 0, transactions: 100 },
    onEvent: event => arrivals.show(event, server),
  })
  try {
    for (const recipient of refused) server.refuse({ recipient, reply: '550 5.1.1 No such user here' })
    if (fault !== undefined) provoke(server, fault, 1, { times: values['fault-always'] ? Number.POSITIVE_INFINITY : 1 })
    if (values['save-certificate'] !== undefined)
      writeFileSync(values['save-certificate'], server.certificate?.cert ?? '')
    const names = refused.map(each => (typeof each === 'string' ? each : 'nobody@ at any domain'))
    const lines = [
      `listening on ${server.url}${settings.tls === 'starttls' ? ', with STARTTLS' : ''}; Ctrl-C ends it`,
      names.length === 0 ? 'refuses nobody' : `refuses ${names.join(', ')}`,
    ]
    if (fault !== undefined)
      lines.push(describeFault(fault, { always: values['fault-always'], login: auth !== undefined }))
    // Who reads this may want the end at once.
    const end = stopped(io)
    io.stdout.write(`${lines.join('\n')}\n`)
    await end
  } finally {
    await server.close()
  }
  io.stdout.write(`${arrivals.messages} message${arrivals.messages === 1 ? '' : 's'} came\n`)
  return arrivals.lost ? EXIT.cannotCreate : EXIT.done
}

/** Ends with Ctrl-C, when whoever started us wants us gone, or when nobody reads what is shown. */
function stopped(io: Io): Promise<void> {
  return new Promise(resolve => {
    const stop = (): void => {
      letGo()
      io.stdout.off('error', stop)
      resolve()
    }
    const letGo = uponStop(io, stop)
    io.stdout.once('error', stop)
  })
}

function readLogin(variable: string, { env }: Io): { users: ReadonlyMap<string, string> } {
  const login = env[variable]
  if (login === undefined) throw new UsageError(`--auth-env: there is no environment variable ${variable}`)
  const colon = login.indexOf(':')
  if (colon < 1 || colon === login.length - 1)
    throw new UsageError(`--auth-env: ${variable} does not hold USER:PASSWORD`)
  return { users: new Map([[login.slice(0, colon), login.slice(colon + 1)]]) }
}
