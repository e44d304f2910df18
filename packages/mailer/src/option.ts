/**
 * Which server, and on what terms: checked and settled once, then used for every connection.
 *
 * In: a URL (`smtp://user:password@host:port`, `smtps://`, `lmtp://`, `lmtp+unix:///path`, `smtp+unix:///path`) or an options object. Out: `Settings`, every default
 * filled in. It refuses, before anything is opened, what contradicts itself or cannot be: `SMTPConfigurationError`. Passwords become
 * `Secret`s here and appear in no error; neither does a URL.
 */
import { type ChooseOptions, type ClientMechanism, type Credentials, Secret } from '@postrider/auth-sasl'
import { EncodeError, validateDomain } from '@postrider/codec'
import type { Observer, Timeouts } from '@postrider/session'
import type { ChannelOptions, ConnectOptions } from '@postrider/session/node'
import { SMTPConfigurationError } from './error.js'
import type { Login } from './login.js'
import { LoginMemory } from './login-memory.js'
import { LMTP_PORT, SMTP_PORT, SMTP_SSL_PORT, SUBMISSION_PORT } from './port.js'
import type { Remote } from './report.js'

/**
 * When TLS starts: `implicit`, from the first octet (RFC 8314); `starttls`, before anything else is said, or nothing is; `opportunistic`, where the
 * server offers it; `none`.
 */
export type TlsMode = 'implicit' | 'starttls' | 'opportunistic' | 'none'

/** A user name and a password, in nodemailer's spelling. */
export interface UserAndPass {
  readonly user: string
  readonly pass: string | Secret
}

/** Who logs in, and which mechanisms may be used for it. */
export type AuthOptions = (Credentials | UserAndPass) &
  Pick<ChooseOptions, 'allow' | 'deny' | 'minimum' | 'require' | 'scram'> & {
    /**
     * Types of channel binding in the order in which to try them: `tls-exporter`, `tls-unique`, `tls-server-end-point`. Default: what tells this connection
     * from every other, `tls-exporter` and then `tls-unique` in TLS 1.3, `tls-unique` in TLS 1.2; `tls-server-end-point`, which
     * names the server's certificate alone, where there is nothing else.
     */
    readonly channelBindings?: readonly ('tls-exporter' | 'tls-unique' | 'tls-server-end-point')[]
  }

/** Which server, and on what terms. */
export interface ServerOptions {
  /** `smtp://user:password@host:port`, `smtps://`, `lmtp://`, `lmtp+unix:///path`; the options beside it count before what it says. */
  readonly url?: string | URL
  /** A name or an IP address; also the identity a certificate must carry. Default `localhost`. */
  readonly host?: string
  /** Default 465 with `tls: 'implicit'`, 587 with credentials or `tls: 'starttls'`, 2003 for LMTP, else 25. */
  readonly port?: number
  /** A Unix socket, absolute path, instead of host and port. */
  readonly path?: string
  /** `lmtp` greets with LHLO and takes a verdict for each recipient (RFC 2033). Default `smtp`. */
  readonly protocol?: 'smtp' | 'lmtp'
  /** Default by port: 465 `implicit`, 587 `starttls`; elsewhere `starttls` with credentials and `opportunistic` without; `none` for LMTP and Unix sockets. */
  readonly tls?: TlsMode
  /** nodemailer's word: true is `tls: 'implicit'`, false leaves the choice as it is. */
  readonly secure?: boolean
  /** For `tls.connect`: `ca`, `cert`, `key`, `minVersion`, … Names and sockets are set by us. */
  readonly tlsOptions?: NonNullable<ChannelOptions['tls']>
  /** The identity that the certificate must carry, where it is not `host`. */
  readonly serverName?: string
  /** Credentials, or a maker of mechanisms, called for each connection. Default: no AUTH. */
  readonly auth?: AuthOptions | (() => ClientMechanism | Promise<ClientMechanism>)
  /** Allow credentials on a connection without verified TLS. Default false. */
  readonly allowInsecureAuth?: boolean
  /** Say EHLO again after AUTH, because some servers then offer more. Default false. */
  readonly helloAfterAuth?: boolean
  /** Our name in EHLO: a domain or an address literal. Default: this host's name where it is one of DNS, else the connection's own IP address. */
  readonly name?: string
  readonly localAddress?: string
  readonly localPort?: number
  /** Replaces the system's resolver. */
  readonly lookup?: NonNullable<ChannelOptions['lookup']>
  /** Milliseconds for every phase but the answer to the message itself, which RFC 5321 gives 10 minutes. Default: RFC 5321 4.5.3.2. */
  readonly timeout?: number
  /** Milliseconds phase by phase; on top of `timeout`. */
  readonly timeouts?: Partial<Timeouts>
  /** Most commands in one write under PIPELINING; default 100. */
  readonly window?: number
  /** Told everything that happens on a connection. Nothing secret is in it. */
  readonly onEvent?: Observer
}

/** Options with every default filled in. */
export interface Settings {
  /** Ready for `open` of the session. */
  readonly connect: ConnectOptions
  /** The server, for reports. */
  readonly remote: Remote
  readonly tls: TlsMode
  readonly lmtp: boolean
  /** The line cannot be listened to even without TLS. */
  readonly local: boolean
  readonly auth: Login | undefined
  readonly allowInsecureAuth: boolean
  /** The user has said that no certificate need be verified. */
  readonly unverified: boolean
  readonly helloAfterAuth: boolean
  readonly name: string | undefined
}

/** @throws {@link SMTPConfigurationError} */
export function settle(server: string | URL | ServerOptions): Settings {
  const options = readServer(server)
  const {
    path,
    host = 'localhost',
    protocol = 'smtp',
    localAddress,
    localPort,
    lookup,
    serverName,
    window,
    onEvent,
  } = options
  const lmtp = protocol === 'lmtp'
  check(protocol === 'smtp' || lmtp, `protocol is ${String(protocol)}, and must be smtp or lmtp`)
  if (path === undefined) checkHost(host)
  else checkPath(path, options)
  if (options.name !== undefined) checkName(options.name)
  const tls = tlsMode(options, lmtp)
  const port = path === undefined ? (options.port ?? defaultPort(tls, lmtp, options.auth !== undefined)) : undefined
  check(port === undefined || (Number.isInteger(port) && port > 0 && port < 65_536), `port is ${port}`)
  const tlsOptions = tlsOptionsOf(options, tls)
  return {
    connect: {
      protocol,
      implicitTls: tls === 'implicit',
      timeouts: timeoutsOf(options),
      ...(path === undefined ? { host } : { path }),
      ...(port === undefined ? {} : { port }),
      ...(tlsOptions === undefined ? {} : { tls: tlsOptions }),
      ...(serverName === undefined ? {} : { serverName }),
      ...(localAddress === undefined ? {} : { localAddress }),
      ...(localPort === undefined ? {} : { localPort }),
      ...(lookup === undefined ? {} : { lookup }),
      ...(window === undefined ? {} : { window }),
      ...(onEvent === undefined ? {} : { observe: onEvent }),
    },
    remote: path === undefined ? { host, ...(port === undefined ? {} : { port }) } : { path },
    tls,
    lmtp,
    local: path !== undefined,
    auth: authOf(options.auth),
    allowInsecureAuth: options.allowInsecureAuth ?? false,
    unverified: options.tlsOptions?.rejectUnauthorized === false,
    helloAfterAuth: options.helloAfterAuth ?? false,
    name: options.name,
  }
}

function readServer(server: string | URL | ServerOptions): ServerOptions {
  if (typeof server === 'string' || server instanceof URL) return readUrl(server)
  return server.url === undefined ? server : { ...readUrl(server.url), ...server }
}

function check(holds: boolean, message: string): asserts holds {
  if (!holds) throw new SMTPConfigurationError(message)
}

const tlsModes: readonly unknown[] = ['implicit', 'starttls', 'opportunistic', 'none']

function tlsMode(options: ServerOptions, lmtp: boolean): TlsMode {
  const { tls, secure, path, port, auth } = options
  if (tls !== undefined) {
    check(tlsModes.includes(tls), `tls is ${String(tls)}, and must be one of ${tlsModes.join(', ')}`)
    check(secure !== true || tls === 'implicit', `secure: true is tls: 'implicit', and tls is '${tls}'`)
    check(path === undefined || tls !== 'implicit', 'tls is implicit, and a Unix socket speaks no TLS')
    // Both sides would wait for the other to begin, until the greeting is overdue (RFC 8314 3.3).
    const waits = port === SMTP_SSL_PORT && (tls === 'starttls' || tls === 'opportunistic')
    check(!waits, `port ${SMTP_SSL_PORT} speaks TLS from the first byte: use tls: 'implicit', not '${tls}'`)
    return tls
  }
  if (path !== undefined) return 'none'
  if (secure === true || port === SMTP_SSL_PORT) return 'implicit'
  if (port === SUBMISSION_PORT) return 'starttls'
  if (lmtp) return 'none'
  return auth === undefined ? 'opportunistic' : 'starttls'
}

function defaultPort(tls: TlsMode, lmtp: boolean, auth: boolean): number {
  if (lmtp) return LMTP_PORT
  if (tls === 'implicit') return SMTP_SSL_PORT
  return auth || tls === 'starttls' ? SUBMISSION_PORT : SMTP_PORT
}

/**
 * Encryption that anybody may leave out needs no proof of identity (RFC 7435 3), and refusing it would leave plain text; but a password is shown to nobody
 * who has not proved who he is.
 */
function tlsOptionsOf({ tlsOptions, auth }: ServerOptions, tls: TlsMode): ChannelOptions['tls'] {
  if (tls !== 'opportunistic' || auth !== undefined) return tlsOptions
  return { rejectUnauthorized: false, ...tlsOptions }
}

const bindingTypes: readonly unknown[] = ['tls-exporter', 'tls-unique', 'tls-server-end-point']

function authOf(auth: ServerOptions['auth']): Settings['auth'] {
  if (auth === undefined) return undefined
  if (typeof auth === 'function') return { make: auth }
  const { allow, deny, minimum, require, scram, channelBindings, ...given } = auth
  for (const type of channelBindings ?? [])
    check(
      bindingTypes.includes(type),
      `auth.channelBindings names ${String(type)}, and knows ${bindingTypes.join(', ')}`,
    )
  const credentials = hidden('user' in given ? { username: given.user, password: given.pass } : given)
  return {
    credentials,
    choose: { allow, deny, minimum, require, scram },
    bindings: channelBindings,
    memory: new LoginMemory(credentials, scram),
  }
}

/** With the password as a Secret. */
function hidden(credentials: Credentials): Credentials {
  if (!('password' in credentials) || credentials.password === undefined) return credentials
  const { password } = credentials
  check(
    typeof password === 'string' || password instanceof Secret,
    'auth has a password that is neither text nor a Secret',
  )
  return { ...credentials, password: Secret.from(password) }
}

function timeoutsOf({ timeout, timeouts }: ServerOptions): Partial<Timeouts> {
  for (const [name, limit] of Object.entries({ timeout, ...timeouts }))
    check(
      limit === undefined || (typeof limit === 'number' && limit > 0),
      `the time limit ${name} is ${limit} milliseconds`,
    )
  if (timeout === undefined) return timeouts ?? {}
  const every = {
    connect: timeout,
    greeting: timeout,
    handshake: timeout,
    command: timeout,
    mail: timeout,
    rcpt: timeout,
  }
  return { ...every, data: timeout, dataBlock: timeout, ...timeouts }
}

/** RFC 3986's delimiters, controls and spaces are in no host; a name that holds one was put together wrongly. */
function checkHost(host: unknown): void {
  check(typeof host === 'string' && host !== '' && !/[\s\p{Cc}/?#@\\]/u.test(host), 'host is no name and no address')
}

/** What a socket address holds (`sun_path` of Linux is 108 octets with its NUL); more would be cut off silently. */
const longestPath = 107

function checkPath(path: string, { host, port }: ServerOptions): void {
  check(host === undefined && port === undefined, 'path excludes host and port')
  check(path.startsWith('/'), 'the path of a Unix socket must be absolute')
  check(!path.includes('\0'), 'the path of a Unix socket holds a NUL')
  check(Buffer.byteLength(path) <= longestPath, `the path of a Unix socket may have ${longestPath} octets`)
}

function checkName(name: string): void {
  try {
    validateDomain(name)
  } catch (cause) {
    if (!(cause instanceof EncodeError)) throw cause
    throw new SMTPConfigurationError(`name: ${cause.message}`, { cause })
  }
}

const schemes: ReadonlyMap<string, ServerOptions> = new Map<string, ServerOptions>([
  ['smtp:', {}],
  ['smtps:', { tls: 'implicit' }],
  ['lmtp:', { protocol: 'lmtp' }],
  ['smtp+unix:', {}],
  ['lmtp+unix:', { protocol: 'lmtp' }],
])

function readUrl(given: string | URL): ServerOptions {
  const url = parseUrl(given)
  const scheme = schemes.get(url.protocol)
  if (scheme === undefined)
    throw new SMTPConfigurationError(
      `the URL begins with ${url.protocol}, and must begin with one of ${[...schemes.keys()].join(' ')}`,
    )
  const options: { -readonly [Name in keyof ServerOptions]: ServerOptions[Name] } = { ...scheme }
  if (url.protocol.endsWith('+unix:')) {
    check(url.host === '', 'the URL of a Unix socket has three slashes: lmtp+unix:///run/lmtp.sock')
    options.path = decode(url.pathname, 'path')
  } else {
    check(url.hostname !== '', 'the URL names no host')
    check(url.pathname === '' || url.pathname === '/', 'the URL has a path, and a server has none')
    options.host = decode(url.hostname.replace(/^\[(.*)\]$/, '$1'), 'host')
    if (url.port !== '') options.port = Number(url.port)
  }
  check(url.hash === '', 'the URL has a fragment')
  if (url.username !== '' || url.password !== '')
    options.auth = { username: decode(url.username, 'user name'), password: decode(url.password, 'password') }
  for (const [key, value] of url.searchParams) {
    if (key === 'tls') options.tls = value as TlsMode
    else if (key === 'name') options.name = value
    else throw new SMTPConfigurationError('the URL has a parameter that is neither tls nor name')
  }
  return options
}

/** The platform's own error repeats the whole URL, with the password in it. */
function parseUrl(given: string | URL): URL {
  try {
    return new URL(given)
  } catch {
    throw new SMTPConfigurationError('the server is no URL; one looks like smtp://user:password@mail.example.org:587')
  }
}

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new SMTPConfigurationError(`the ${what} in the URL holds a "%" that is no escape`)
  }
}
