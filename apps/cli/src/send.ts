/**
 * `postrider send`: one message to one server, and what became of it, recipient by recipient.
 *
 * In: a server, a message from a file, from standard input or of a subject and a text, and an envelope where the header's own is not meant. Out:
 * one line a recipient on standard output (or the report as JSON), and an exit code that a script can go by. A password never comes from an
 * argument: everybody on the machine can read those.
 */
import {
  type SendReport,
  type ServerOptions,
  SMTPConfigurationError,
  SMTPDataError,
  SMTPException,
  SMTPRecipientsRefused,
  SMTPSenderRefused,
  sendMessage,
  sendmail,
} from '@postrider/mailer'
import { type SessionEvent, transcribe } from '@postrider/session'
import { adviceFor } from './advice.js'
import { type OptionTable, readArguments, UsageError, type Values } from './argument.js'
import type { Command } from './command.js'
import { compose } from './compose.js'
import { EXIT } from './exit.js'
import { Farewell } from './farewell.js'
import { inkFor, inkLine } from './ink.js'
import { readOctets } from './octets.js'
import { readPassword } from './password.js'
import { renderReport } from './report-text.js'
import { serverOf } from './server-option.js'
import { visible } from './visible.js'

const options = {
  server: { value: 'URL', text: 'smtp://HOST:PORT, smtps://, lmtp://, lmtp+unix:///PATH; a user may stand in it' },
  host: { value: 'HOST', text: 'instead of --server' },
  port: { value: 'PORT', text: 'default 465 with --tls implicit, 587 with --user, else 25' },
  tls: { value: 'HOW', text: 'implicit, starttls, opportunistic, none; default by port and --user' },
  ca: { value: 'FILE', text: 'trust this certificate (PEM), too' },
  from: { value: 'ADDRESS', text: "the sender; default: the header's" },
  to: { value: 'ADDRESS', multiple: true, text: "a recipient; default: the header's" },
  user: { value: 'NAME', text: 'log in; the password is asked for, unless:' },
  'password-env': { value: 'NAME', text: 'it is in this environment variable' },
  'password-file': { value: 'FILE', text: 'it is the first line of this file' },
  'allow-insecure-auth': { text: 'log in without TLS, too: whoever listens gets the password' },
  subject: { value: 'TEXT', text: 'make a message with this subject' },
  text: { value: 'TEXT', text: 'and this text' },
  raw: { text: 'send the octets as they stand, Bcc and all; needs --from and --to' },
  name: { value: 'NAME', text: 'our name in EHLO' },
  timeout: { value: 'SECONDS', text: 'how long to wait for each answer; default: as RFC 5321 says' },
  transcript: { text: 'show the dialogue, on standard error; secrets are masked' },
  json: { text: 'the report as JSON' },
} as const satisfies OptionTable

export const send: Command = {
  name: 'send',
  summary: 'sends one message',
  usage: [
    'postrider send --server smtp://localhost:2525 message.eml',
    'postrider send --host mail.example.org --user ann --from ann@example.org --to bob@example.org < message.eml',
    'postrider send --server smtp://localhost:2525 --from a@example.org --to b@example.org --subject hi --text hello',
  ],
  options,
  notes: [
    'Exit code: 0 everybody accepted, 1 some or all refused, 2 usage, 3 nothing was sent (no connection, no TLS,',
    'no login), 4 it is not known whether it was delivered. After 4, to try again may deliver it twice.',
  ],
  run,
}

type SendValues = Values<typeof options>

async function run(typed: readonly string[]): Promise<number> {
  if (typed.some(word => word === '--password' || word.startsWith('--password=')))
    throw new UsageError(
      'a password among the arguments can be read by everybody on this machine; use --password-env, --password-file, or wait to be asked',
    )
  const { values, words } = readArguments(options, typed)
  const [file, ...more] = words
  if (more.length > 0) throw new UsageError(`send takes one file, and ${JSON.stringify(more[0])} is one word too many`)
  const { server, user } = serverOf(values)
  // Everything that can be wrong with the arguments is found before anybody is asked for a password.
  const message = await readMessage(values, file)
  const auth = await readLogin(values, user, file)

  const stop = new AbortController()
  const interrupt = (): void => stop.abort(new Error('interrupted'))
  process.once('SIGINT', interrupt)
  const farewell = new Farewell()
  const settings: ServerOptions = {
    ...server,
    ...(auth === undefined ? {} : { auth }),
    onEvent: event => {
      farewell.note(event)
      if (values.transcript) showEvent(event)
    },
  }
  const envelope = {
    ...(values.from === undefined ? {} : { from: values.from }),
    ...(values.to.length === 0 ? {} : { to: values.to }),
  }
  const { signal } = stop
  try {
    return conclude(
      values,
      values.raw
        ? await sendmail(settings, values.from ?? '', values.to, message, { signal })
        : await sendMessage(settings, message, { ...envelope, signal }),
    )
  } catch (error) {
    if (error instanceof SMTPConfigurationError) throw new UsageError(error.message)
    if (!(error instanceof SMTPException)) throw error
    return conclude(values, error.report, error)
  } finally {
    process.off('SIGINT', interrupt)
    await farewell.over()
  }
}

/** Tells what became of it and answers the exit code. */
function conclude(values: SendValues, report: SendReport | undefined, error?: SMTPException): number {
  if (values.json) {
    const { name, code, message } = error ?? {}
    process.stdout.write(
      `${JSON.stringify(report ?? { outcome: 'unsent', error: { name, code, message } }, undefined, 2)}\n`,
    )
  } else if (report !== undefined) process.stdout.write(renderReport(report, inkFor(process.stdout)))
  if (error !== undefined)
    process.stderr.write(`${inkFor(process.stderr)('red', 'postrider')} send: ${adviceFor(error)}\n`)
  return report === undefined ? EXIT.nothing : exitCode(report)
}

function exitCode({ recipients, error }: SendReport): number {
  const has = (wanted: string): boolean => recipients.some(({ outcome }) => outcome === wanted)
  if (has('unknown')) return EXIT.unknown
  if (recipients.every(({ outcome }) => outcome === 'accepted')) return EXIT.done
  // A greeting, TLS or a login that failed is no answer to the message: the server was never asked about it.
  const wasAsked =
    error === undefined ||
    error instanceof SMTPSenderRefused ||
    error instanceof SMTPRecipientsRefused ||
    error instanceof SMTPDataError
  return has('accepted') || (wasAsked && !has('unsent')) ? EXIT.refused : EXIT.nothing
}

async function readLogin(
  values: SendValues,
  username: string | undefined,
  file: string | undefined,
): Promise<ServerOptions['auth'] | undefined> {
  const { 'password-env': variable, 'password-file': path } = values
  if (username === undefined) {
    if (variable !== undefined || path !== undefined) throw new UsageError('whose password is it? give --user, too')
    return undefined
  }
  if (variable !== undefined && path !== undefined)
    throw new UsageError('--password-env and --password-file exclude each other')
  const isTaken = values.subject === undefined && values.text === undefined && (file === undefined || file === '-')
  return { username, password: await readPassword({ username, variable, path, isTaken }) }
}

async function readMessage(values: SendValues, file: string | undefined): Promise<Uint8Array> {
  const { subject, text, from, to, raw } = values
  if (raw && (from === undefined || to.length === 0))
    throw new UsageError('--raw looks into nothing; give --from and --to')
  if (subject === undefined && text === undefined) return readOctets(file)
  if (file !== undefined) throw new UsageError('--subject and --text make a message, and a file is one already')
  if (from === undefined || to.length === 0) throw new UsageError('to make a message, --from and --to are needed')
  return compose({ from, to, subject: subject ?? '', text: text ?? '' })
}

function showEvent(event: SessionEvent): void {
  const ink = inkFor(process.stderr)
  for (const line of transcribe(event)) process.stderr.write(`${inkLine(ink, visible(line))}\n`)
}
