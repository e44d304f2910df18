/**
 * Which server is meant: `--server URL`, or `--host` with what belongs to it.
 *
 * In: the options as typed. Out: the mailer's options, and the user where one is named. It refuses what is said twice or not at all, and a URL with a
 * password in it, which is not repeated.
 */
import type { ServerOptions } from '@postrider/mailer'
import { readChoice, readNumber, UsageError } from './argument.js'
import { readTrust } from './trust.js'

export interface TypedServer {
  readonly server: string | undefined
  readonly host: string | undefined
  readonly port: string | undefined
  readonly tls: string | undefined
  readonly ca: string | undefined
  readonly user: string | undefined
  readonly name: string | undefined
  readonly timeout: string | undefined
  readonly 'allow-insecure-auth': boolean
}

/** @throws UsageError */
export function serverOf(values: TypedServer): { readonly server: ServerOptions; readonly user: string | undefined } {
  const { server: url, host, port, tls, ca, name, timeout } = values
  if (url === undefined && host === undefined)
    throw new UsageError('which server? --server smtp://HOST:PORT, or --host HOST')
  if (url !== undefined && (host !== undefined || port !== undefined))
    throw new UsageError('--server says host and port already; leave out --host and --port')
  const { place, user } = url === undefined ? { place: {}, user: undefined } : readUrl(url)
  if (user !== undefined && values.user !== undefined) throw new UsageError('--server names a user, and so does --user')
  const mode = readChoice(tls, '--tls', ['implicit', 'starttls', 'opportunistic', 'none'])
  return {
    user: values.user ?? user,
    server: {
      ...place,
      ...(host === undefined ? {} : { host }),
      ...(port === undefined ? {} : { port: readNumber(port, '--port', 1, 65_535) }),
      ...(mode === undefined ? {} : { tls: mode }),
      ...(name === undefined ? {} : { name }),
      ...(timeout === undefined ? {} : { timeout: readNumber(timeout, '--timeout', 1, 86_400) * 1000 }),
      tlsOptions: readTrust(ca),
      allowInsecureAuth: values['allow-insecure-auth'],
    },
  }
}

/** The URL without its user, whose password comes from elsewhere. The URL is not repeated in an error: it may hold a password. */
function readUrl(text: string): { readonly place: ServerOptions; readonly user: string | undefined } {
  if (!URL.canParse(text)) throw new UsageError('--server is no URL; one looks like smtp://mail.example.org:587')
  const url = new URL(text)
  if (url.password !== '')
    throw new UsageError(
      '--server holds a password, which everybody on this machine can read; leave it out and use --password-env',
    )
  const user = url.username === '' ? undefined : decodeURIComponent(url.username)
  url.username = ''
  return { place: { url }, user }
}
