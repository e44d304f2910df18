/**
 * The demo's arguments: none for the server in this process, `--to` and what belongs to it for a real one.
 *
 * It refuses what makes no sense, in words: `UsageError`. A password comes from the environment, never from an argument.
 */
import { parseArgs } from 'node:util'
import { parseMailbox } from '@postrider/codec'
import type { ServerOptions, TlsMode } from '@postrider/mailer'

export class UsageError extends Error {}

/** A real server, and whom to write to. */
export interface Target {
  readonly server: ServerOptions
  readonly from: string
  readonly to: readonly string[]
}

const options = {
  to: { type: 'string', multiple: true },
  from: { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string' },
  user: { type: 'string' },
  'password-env': { type: 'string' },
  tls: { type: 'string' },
} as const

const usage =
  'without arguments, or --to ADDRESS --host HOST [--port PORT] [--from ADDRESS] [--user NAME --password-env NAME] [--tls implicit|starttls|opportunistic|none]'

/** @throws UsageError */
export function readArguments(typed: string[]): Target | undefined {
  if (typed.length === 0) return undefined
  const { values } = parse(typed)
  const { to, host, port, user, tls, 'password-env': variable } = values
  const [first] = to ?? []
  if (to === undefined || first === undefined) throw new UsageError(`whom to? --to is missing. ${usage}`)
  if (host === undefined) throw new UsageError(`which server? --host is missing. ${usage}`)
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) > 0 && Number(port) < 65_536))
    throw new UsageError(`--port is ${JSON.stringify(port)}, and must be a number from 1 to 65535`)
  const from = values.from ?? (user?.includes('@') ? user : first)
  for (const address of [from, ...to]) checkAddress(address)
  return {
    from,
    to,
    server: {
      host,
      ...(port === undefined ? {} : { port: Number(port) }),
      ...(tls === undefined ? {} : { tls: readMode(tls) }),
      ...(user === undefined && variable === undefined ? {} : { auth: readLogin(user, variable) }),
    },
  }
}

function parse(typed: string[]): ReturnType<typeof parseArgs<{ args: string[]; options: typeof options }>> {
  try {
    return parseArgs({ args: typed, options })
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}. ${usage}`)
  }
}

function checkAddress(address: string): void {
  try {
    parseMailbox(address)
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

const modes: readonly TlsMode[] = ['implicit', 'starttls', 'opportunistic', 'none']

function readMode(text: string): TlsMode {
  const mode = modes.find(each => each === text)
  if (mode === undefined)
    throw new UsageError(`--tls is ${JSON.stringify(text)}, and must be one of ${modes.join(', ')}`)
  return mode
}

function readLogin(username: string | undefined, variable: string | undefined): { username: string; password: string } {
  if (username === undefined || variable === undefined)
    throw new UsageError(
      '--user and --password-env belong together: a name, and the environment variable that holds the password',
    )
  const password = process.env[variable]
  if (password === undefined || password === '')
    throw new UsageError(`the environment variable ${variable} is empty or not there`)
  return { username, password }
}
