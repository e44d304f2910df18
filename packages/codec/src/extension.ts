/**
 * What a server offers: the reply to EHLO or LHLO in, its keywords with their parameters out, every registered one as a
 * typed value (RFC 5321 4.1.1.1). The first line is the server's name and greeting and never an extension (T-15);
 * keywords are compared as whole words in any case; what is not known is kept as it came.
 *
 * A parameter outside the grammar of its extension counts as nothing known: the extension is there, its value is not.
 */
import { decimal, toText, upper } from './ascii.js'
import { KeywordReader } from './keyword.js'
import { type AnnouncedLimits, readLimits } from './limits.js'
import { EXTENSION_QUIRKS, type ExtensionQuirk, type ExtensionQuirks } from './quirk.js'
import type { Reply } from './reply.js'

/** How a reply to EHLO is read. */
export interface ParseExtensionsOptions {
  readonly quirks?: ExtensionQuirks
}

/**
 * The extensions in the reply to EHLO or LHLO.
 *
 * @throws {@link DecodeError} only with a quirk switched off: by default no odd line costs more than itself
 * @example
 * const extensions = parseExtensions(reply)
 * if (extensions.pipelining && extensions.size !== undefined) …
 */
export function parseExtensions(reply: Reply, options: ParseExtensionsOptions = {}): Extensions {
  return new Extensions(reply, options)
}

/** What a server offers. Immutable; good until the next EHLO, STARTTLS or security layer (RFC 3207 4.2). */
export class Extensions {
  /** The first word of the first line: the server's own name. */
  readonly domain: string
  /** The rest of the first line. */
  readonly greeting: string
  /** What had to be tolerated. */
  readonly quirks: readonly ExtensionQuirk[]
  /** Lines that are no `ehlo-line`, without their code. */
  readonly ignored: readonly string[]
  readonly #keywords: ReadonlyMap<string, string>

  constructor(reply: Reply, options: ParseExtensionsOptions = {}) {
    const quirks = { ...EXTENSION_QUIRKS, ...options.quirks }
    const [first = '', ...rest] = reply.lines.map(line => toText(line))
    const space = first.indexOf(' ')
    this.domain = space < 0 ? first : first.slice(0, space)
    this.greeting = space < 0 ? '' : first.slice(space + 1)
    const reader = new KeywordReader(quirks)
    for (const line of rest) reader.read(line)
    this.quirks = [...reader.met]
    this.ignored = reader.ignored
    this.#keywords = reader.keywords
  }

  /** Whether a keyword is offered, in any case. */
  has(keyword: string): boolean {
    return this.#keywords.has(upper(keyword))
  }

  /** The parameters of a keyword as they came, `''` when it has none, `undefined` when it is not offered. */
  get(keyword: string): string | undefined {
    return this.#keywords.get(upper(keyword))
  }

  /** All keywords in upper case, in the order they came. */
  keywords(): IterableIterator<string> {
    return this.#keywords.keys()
  }

  /** Keywords and their parameters. */
  entries(): IterableIterator<[string, string]> {
    return this.#keywords.entries()
  }

  /**
   * RFC 1870: octets of a message at most. 0: no fixed maximum. `Infinity`: more than a number holds. `undefined`: SIZE
   * is not offered, or says nothing.
   */
  get size(): number | undefined {
    const size = decimal(this.get('SIZE') ?? '')
    return size < 0 ? undefined : size
  }

  /** RFC 4954: names of mechanisms in upper case; both `AUTH` and `AUTH=` lines, each name once. */
  get auth(): readonly string[] {
    return [...new Set(this.#words('AUTH').map(upper))]
  }

  /** RFC 2920. */
  get pipelining(): boolean {
    return this.has('PIPELINING')
  }

  /** RFC 3207. */
  get starttls(): boolean {
    return this.has('STARTTLS')
  }

  /** RFC 3030: BDAT. */
  get chunking(): boolean {
    return this.has('CHUNKING')
  }

  /** RFC 3030 3: BODY=BINARYMIME, which needs BDAT; so only where CHUNKING is offered, too. */
  get binaryMime(): boolean {
    return this.has('BINARYMIME') && this.has('CHUNKING')
  }

  /** RFC 6152. */
  get eightBitMime(): boolean {
    return this.has('8BITMIME')
  }

  /** RFC 6531. */
  get smtputf8(): boolean {
    return this.has('SMTPUTF8')
  }

  /** RFC 3461. */
  get dsn(): boolean {
    return this.has('DSN')
  }

  /** RFC 2034. */
  get enhancedStatusCodes(): boolean {
    return this.has('ENHANCEDSTATUSCODES')
  }

  /** RFC 5321 4.1.1.6. */
  get vrfy(): boolean {
    return this.has('VRFY')
  }

  /** RFC 5321 4.1.1.7. */
  get expn(): boolean {
    return this.has('EXPN')
  }

  /** RFC 5321 4.1.1.8. */
  get help(): boolean {
    return this.has('HELP')
  }

  /** RFC 1985. */
  get etrn(): boolean {
    return this.has('ETRN')
  }

  /** RFC 8689: only what the EHLO inside TLS says counts. */
  get requireTls(): boolean {
    return this.has('REQUIRETLS')
  }

  /** RFC 7293. */
  get rrvs(): boolean {
    return this.has('RRVS')
  }

  /** RFC 2852 3: the least time for mode R in seconds, when the server says one. `undefined`: not offered. */
  get deliverBy(): { readonly minimum: number | undefined } | undefined {
    const parameter = this.get('DELIVERBY')
    if (parameter === undefined) return undefined
    const first = parameter.split(/[ ,]/, 1)[0] ?? ''
    const minimum = first.length <= 9 ? decimal(first) : -1
    return { minimum: minimum < 0 ? undefined : minimum }
  }

  /** RFC 4865 3: how long, in seconds, and until when a message may be held. `undefined`: not offered. */
  get futureRelease():
    | { readonly maxInterval: number | undefined; readonly maxDateTime: string | undefined }
    | undefined {
    if (!this.has('FUTURERELEASE')) return undefined
    const [interval = '', dateTime] = this.#words('FUTURERELEASE')
    const seconds = interval.length <= 9 ? decimal(interval) : -1
    return { maxInterval: seconds > 0 ? seconds : undefined, maxDateTime: dateTime }
  }

  /** RFC 6710 3: the name of the priority profile, when the server says one. `undefined`: not offered. */
  get mtPriority(): { readonly profile: string | undefined } | undefined {
    return this.has('MT-PRIORITY') ? { profile: this.#words('MT-PRIORITY')[0] } : undefined
  }

  /** RFC 9422: re-read it after every EHLO. `undefined`: not offered, or a line with bad syntax, which counts as none. */
  get limits(): AnnouncedLimits | undefined {
    const parameter = this.get('LIMITS')
    return parameter === undefined ? undefined : readLimits(parameter)
  }

  /** RFC 3865 2.2: keywords of classes that are not wanted. `undefined`: not offered. */
  get noSoliciting(): readonly string[] | undefined {
    if (!this.has('NO-SOLICITING')) return undefined
    return this.#words('NO-SOLICITING').flatMap(list => list.split(',').filter(word => word !== ''))
  }

  /** RFC 4468 3: `imap` or `imap://authority`. `undefined`: not offered. */
  get burl(): readonly string[] | undefined {
    return this.has('BURL') ? this.#words('BURL') : undefined
  }

  /** Postfix XCLIENT: names of attributes in upper case. `undefined`: not offered. */
  get xclient(): readonly string[] | undefined {
    return this.has('XCLIENT') ? this.#words('XCLIENT').map(upper) : undefined
  }

  /** Postfix XFORWARD: names of attributes in upper case. `undefined`: not offered. */
  get xforward(): readonly string[] | undefined {
    return this.has('XFORWARD') ? this.#words('XFORWARD').map(upper) : undefined
  }

  #words(keyword: string): string[] {
    return (this.get(keyword) ?? '').split(' ').filter(word => word !== '')
  }
}
