/**
 * What a test may ask of a server, and what it gets where it asks nothing.
 *
 * In: `ServerOptions`. Out: `Settings`, every default filled in, contradictions refused before anything listens.
 */
import { validateDomain } from '@postrider/codec'
import { type AuthOptions, type MechanismOffer, mechanismOffers } from './auth.js'
import { type Certificate, createCertificate } from './certificate.js'
import type { ServerEvent } from './event.js'
import { type ExtensionSwitches, type Offered, offeredExtensions, readSwitches } from './extension.js'

/** How much of everything the server takes. Nothing a client does can make it hold more (T-50). */
export interface ServerLimits {
  /** Octets of a message; SIZE offers it. Default 10 MiB. Beyond it: 552 5.3.4. */
  readonly message?: number
  /** Accepted recipients of a message. Default 1000, RFC 5321 4.5.3.1.8 wants at least 100. Beyond it: 452 4.5.3. */
  readonly recipients?: number
  /** Connections open at a time. Default 1000. Beyond it: 421 4.3.2. */
  readonly connections?: number
  /** Commands refused with 5yz on one connection. Default 100. Beyond it: 421 4.7.0. */
  readonly errors?: number
  /** Octets the mailbox holds. Default 256 MiB. When full, MAIL is answered 452 4.3.1 until `mailbox.clear()`. */
  readonly mailbox?: number
  /** Lines the transcript keeps; older ones are dropped. Default 10 000. */
  readonly transcript?: number
  /** Transactions the ground truth keeps; older ones are dropped. Default 10 000. */
  readonly transactions?: number
  /** Milliseconds without a byte before 421 4.4.2. Default 300 000 (RFC 5321 4.5.3.2.7). */
  readonly idle?: number
}

/** The part of node:tls TlsOptions that makes sense for a test; handed on as it is. */
export interface TlsSettings {
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3'
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3'
  readonly ciphers?: string
  /** Ask for a client certificate; never required, so that the test sees what happens without. */
  readonly requestCert?: boolean
  /** Who may have signed it. */
  readonly ca?: string | readonly string[]
}

/** Options of `createServer`; every one has a default. */
export interface ServerOptions {
  /** `lmtp`: LHLO instead of EHLO, and a final reply per recipient (RFC 2033). Default `smtp`. */
  readonly protocol?: 'smtp' | 'lmtp'
  /** Address to listen on. Default `127.0.0.1`. */
  readonly host?: string
  /** Port to listen on. Default 0: a free one; see `server.port`. */
  readonly port?: number
  /** Path of a unix socket to listen on instead of host and port. */
  readonly path?: string
  /** The server's name in its greeting. Default `localhost`. */
  readonly hostname?: string
  /** `starttls`: offered in EHLO; `implicit`: TLS from the first byte; `none`: not at all. Default `none`. */
  readonly tls?: 'starttls' | 'implicit' | 'none'
  /** Default: the self-signed one this process shares, {@link createCertificate}. */
  readonly certificate?: Certificate
  readonly tlsOptions?: TlsSettings
  /** Users and mechanisms. Default: no AUTH. */
  readonly auth?: AuthOptions
  /** MAIL only after STARTTLS: 530 5.7.0 before (RFC 3207 4). Default false. */
  readonly requireTls?: boolean
  /** MAIL only after AUTH: 530 5.7.0 before (RFC 4954 6). Default false. */
  readonly requireAuth?: boolean
  /** What EHLO offers; see {@link ExtensionSwitches}. */
  readonly extensions?: ExtensionSwitches
  /**
   * What happens to a message with a bare CR or LF in it (RFC 5321 2.3.8). `reject`: 554; `keep`: stored as it came;
   * `normalise`: stored with CRLF. Never does it end the message. Default `reject`.
   */
  readonly bareNewlines?: 'reject' | 'keep' | 'normalise'
  /**
   * Punish clients that do not wait for a reply when they must (RFC 2920 3.1, RFC 5321 4.3.1): anything said before the greeting,
   * behind a command that has to be the last of its group, behind DATA before 354, or behind any command when PIPELINING is not
   * offered, costs them the connection: 554 5.5.1. Such replies, and the greeting, are held back for a turn of the event loop, or for
   * so many milliseconds as this number says, so that what comes a little later is still seen to come too early. Default false.
   */
  readonly strictPipelining?: boolean | number
  readonly limits?: ServerLimits
  /**
   * Whether messages, transcript and ground truth are kept. `false` makes a sink that can run for ever: what comes is counted,
   * told to `onEvent`, and forgotten. Default true.
   */
  readonly keep?: boolean
  /** Told everything that happens, as it happens. */
  readonly onEvent?: (event: ServerEvent) => void
}

/** Options with every default filled in. */
export interface Settings {
  readonly lmtp: boolean
  readonly hostname: string
  readonly tls: 'starttls' | 'implicit' | 'none'
  readonly certificate: Certificate | undefined
  readonly tlsOptions: TlsSettings
  readonly offered: Offered
  readonly startTls: boolean
  readonly mechanisms: ReadonlyMap<string, MechanismOffer>
  /** Parameter text of AUTH in EHLO; '' when AUTH is not offered. */
  readonly offeredAuth: string
  readonly insecureAuth: boolean
  readonly requireTls: boolean
  readonly requireAuth: boolean
  readonly enhancedCodes: boolean
  readonly bareNewlines: 'reject' | 'keep' | 'normalise'
  /** For how many milliseconds a reply is held back that a client must wait for; undefined where early talk is borne. */
  readonly strictPipelining: number | undefined
  readonly limits: Required<ServerLimits>
  readonly keep: boolean
}

const MEBIBYTE = 1_048_576

const LIMITS: Required<ServerLimits> = {
  message: 10 * MEBIBYTE,
  recipients: 1000,
  connections: 1000,
  errors: 100,
  mailbox: 256 * MEBIBYTE,
  transcript: 10_000,
  transactions: 10_000,
  idle: 300_000,
}

/** @throws RangeError naming the option that cannot be; EncodeError for a hostname that is none. */
export function settle(options: ServerOptions): Settings {
  const { tls = 'none', auth, requireTls = false, requireAuth = false } = options
  if (requireTls && tls === 'none') throw new RangeError("requireTls needs tls: 'starttls' or 'implicit'")
  if (requireAuth && auth === undefined) throw new RangeError('requireAuth needs auth: { users }')
  if (options.path !== undefined && options.port !== undefined) throw new RangeError('path and port exclude each other')
  const hostname = options.hostname ?? 'localhost'
  validateDomain(hostname)
  const switches = readSwitches(options.extensions ?? {})
  const size = switches.get('SIZE')
  const limits = { ...LIMITS, ...options.limits, ...(typeof size === 'string' && { message: Number(size) }) }
  for (const [name, limit] of Object.entries(limits)) {
    if (!Number.isSafeInteger(limit) || limit < 0) throw new RangeError(`limits.${name} is ${limit}`)
  }
  const strictPipelining = patience(options.strictPipelining ?? false)
  const offered = offeredExtensions(switches, limits.message)
  const mechanisms = auth === undefined || switches.get('AUTH') === false ? new Map() : mechanismOffers(auth)
  const authText = switches.get('AUTH')
  return {
    lmtp: options.protocol === 'lmtp',
    hostname,
    tls,
    certificate: tls === 'none' ? undefined : (options.certificate ?? createCertificate()),
    tlsOptions: options.tlsOptions ?? {},
    offered,
    startTls: tls === 'starttls' && switches.get('STARTTLS') !== false,
    mechanisms,
    offeredAuth: typeof authText === 'string' ? authText : [...mechanisms.keys()].join(' '),
    insecureAuth: auth?.insecure ?? tls === 'none',
    requireTls,
    requireAuth,
    enhancedCodes: offered.has('ENHANCEDSTATUSCODES'),
    bareNewlines: options.bareNewlines ?? 'reject',
    strictPipelining,
    limits,
    keep: options.keep ?? true,
  }
}

function patience(strictPipelining: boolean | number): number | undefined {
  if (typeof strictPipelining === 'boolean') return strictPipelining ? 0 : undefined
  if (Number.isSafeInteger(strictPipelining) && strictPipelining >= 0) return strictPipelining
  throw new RangeError(`strictPipelining is ${strictPipelining}: true, false or milliseconds`)
}
