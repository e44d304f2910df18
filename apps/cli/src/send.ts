/**
 * `postrider send`: one message to one server, and what became of it, recipient by recipient.
 *
 * In: a server, a message from a file, from standard input or of a subject and a text, and an envelope where the header's own is not meant. Out:
 * one line a recipient on standard output (or the report as JSON), and an exit code that a script can go by. A password never comes from an
 * argument: everybody on the machine can read those.
 */
import {
  type Message,
  type SendReport,
  type ServerOptions,
  SMTPConfigurationError,
  SMTPEnvelopeError,
  SMTPException,
  SMTPMessageError,
  sendMessage,
  sendmail,
} from '@postrider/mailer'
import { adviceFor } from './advice.js'
import { type OptionTable, readArguments, UsageError, type Values } from './argument.js'
import type { Command } from './command.js'
import { compose } from './compose.js'
import { EXIT, exitFor } from './exit.js'
import { Farewell } from './farewell.js'
import { inkFor } from './ink.js'
import { type Io, uponStop } from './io.js'
import { type OpenedMessage, openOctets } from './octets.js'
import { readPassword } from './password.js'
import { renderReport } from './report-text.js'
import { serverOf } from './server-option.js'
import { transcriptTo } from './transcript.js'

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
    'Exit code: 0 everybody was accepted, 1 some were and some not; nobody was accepted: 75 try again later, 69 it makes no sense to, 77 the login was refused, 68 there is no such host, 65 or 66 it is for the message; 64 usage.',
    '76: the server did not answer the end of the message. To try again may deliver it twice.',
  ],
  run,
}

type SendValues = Values<typeof options>

async function run(typed: readonly string[], io: Io): Promise<number> {
  if (typed.some(word => word === '--password' || word.startsWith('--password=')))
    throw new UsageError(
      'a password among the arguments can be read by everybody on this machine; use --password-env, --password-file, or wait to be asked',
    )
  const { values, words } = readArguments(options, typed)
  const [file, ...more] = words
  if (more.length > 0) throw new UsageError(`send takes one file, and ${JSON.stringify(more[0])} is one word too many`)
  const { server, user } = serverOf(values)
  // Everything that can be wrong with the arguments is found before anybody is asked for a password.
  const { message, release } = await readMessage(values, file, io)
  try {
    const auth = await readLogin(values, user, file, io)
    return await deliver(values, message, auth === undefined ? server : { ...server, auth }, io)
  } finally {
    release()
  }
}

async function deliver(values: SendValues, message: Message, server: ServerOptions, io: Io): Promise<number> {
  const stop = new AbortController()
  const { signal } = stop
  const letGo = uponStop(io, () => stop.abort(new Error('interrupted')))
  const farewell = new Farewell()
  const show = values.transcript ? transcriptTo(io) : undefined
  const settings: ServerOptions = {
    ...server,
    onEvent: event => {
      farewell.note(event)
      show?.(event)
    },
  }
  const envelope = {
    ...(values.from === undefined ? {} : { from: values.from }),
    ...(values.to.length === 0 ? {} : { to: values.to }),
  }
  try {
    return conclude(
      values,
      io,
      values.raw
        ? await sendmail(settings, values.from ?? '', values.to, message, { signal })
        : await sendMessage(settings, message, { ...envelope, signal }),
    )
  } catch (error) {
    if (error instanceof SMTPConfigurationError) throw new UsageError(error.message)
    if (!(error instanceof SMTPException)) throw error
    return conclude(values, io, error.report, error)
  } finally {
    letGo()
    await farewell.over()
  }
}

/** Tells what became of it and answers the exit code. */
function conclude(
  { json }: SendValues,
  { stdout, stderr, env }: Io,
  report: SendReport | undefined,
  error?: SMTPException,
): number {
  if (json) {
    const { name, code, message } = error ?? {}
    stdout.write(`${JSON.stringify(report ?? { outcome: 'unsent', error: { name, code, message } }, undefined, 2)}\n`)
  } else if (report !== undefined) stdout.write(renderReport(report, inkFor(stdout, env)))
  if (error !== undefined) stderr.write(`${inkFor(stderr, env)('red', 'postrider')} send: ${adviceFor(error)}\n`)
  return exitCode(report, error)
}

function exitCode(report: SendReport | undefined, error: SMTPException | undefined): number {
  const has = (wanted: string): boolean => report?.recipients.some(({ outcome }) => outcome === wanted) === true
  if (has('unknown')) return EXIT.unknown
  if (report?.outcome === 'accepted') return EXIT.done
  if (has('accepted') || error === undefined) return EXIT.mixed
  // Nobody was accepted, and nobody can have got it.
  if (error instanceof SMTPMessageError) return error.code === 'ESTREAM' ? EXIT.noInput : EXIT.data
  if (error instanceof SMTPEnvelopeError) return EXIT.data
  if (error.retry !== 'never') return exitFor(error) === EXIT.noHost ? EXIT.noHost : EXIT.later
  return error.code === 'EAUTH' ? EXIT.denied : EXIT.unavailable
}

async function readLogin(
  values: SendValues,
  username: string | undefined,
  file: string | undefined,
  io: Io,
): Promise<ServerOptions['auth'] | undefined> {
  const { 'password-env': variable, 'password-file': path } = values
  if (username === undefined) {
    if (variable !== undefined || path !== undefined) throw new UsageError('whose password is it? give --user, too')
    return undefined
  }
  if (variable !== undefined && path !== undefined)
    throw new UsageError('--password-env and --password-file exclude each other')
  const isTaken = values.subject === undefined && values.text === undefined && (file === undefined || file === '-')
  return { username, password: await readPassword({ username, variable, path, isTaken }, io) }
}

async function readMessage(values: SendValues, file: string | undefined, io: Io): Promise<OpenedMessage> {
  const { subject, text, from, to, raw } = values
  if (raw && (from === undefined || to.length === 0))
    throw new UsageError('--raw looks into nothing; give --from and --to')
  if (subject === undefined && text === undefined) return openOctets(file, io)
  if (file !== undefined) throw new UsageError('--subject and --text make a message, and a file is one already')
  if (from === undefined || to.length === 0) throw new UsageError('to make a message, --from and --to are needed')
  return { message: compose({ from, to, subject: subject ?? '', text: text ?? '' }), release: () => {} }
}
