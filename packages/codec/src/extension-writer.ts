/**
 * The reply to EHLO or LHLO as a server writes it (RFC 5321 4.1.1.1): typed extensions in, the octets of a 250 reply out.
 * What `writeExtensions` is given, `parseExtensions` reads back.
 */
import { GRAPHIC, skip, upper } from './ascii.js'
import { isMechanism } from './command.js'
import { validateDomain } from './domain.js'
import { keywordEnd } from './keyword.js'
import { type AnnouncedLimitsInput, writeLimits } from './limits.js'
import { checkAttributeName, dateTime, entriesOf, integer, solicitation } from './parameter-value.js'
import { writeReply } from './reply-writer.js'
import { local, SyntaxFault } from './syntax.js'

/** The extensions a server offers; absent, `undefined` and `false` are not offered. */
export interface ExtensionsInput {
  /** The server's own name: a domain or an address literal. */
  readonly domain: string
  /** The rest of the first line. */
  readonly greeting?: string | undefined
  readonly pipelining?: boolean | undefined
  readonly eightBitMime?: boolean | undefined
  /** Octets; 0 for no fixed maximum, `true` to say nothing. */
  readonly size?: number | true | undefined
  readonly starttls?: boolean | undefined
  /** Names of mechanisms; an empty list is not offered. */
  readonly auth?: readonly string[] | undefined
  readonly chunking?: boolean | undefined
  /** Only with `chunking` (RFC 3030 3). */
  readonly binaryMime?: boolean | undefined
  readonly smtputf8?: boolean | undefined
  readonly dsn?: boolean | undefined
  readonly enhancedStatusCodes?: boolean | undefined
  readonly vrfy?: boolean | undefined
  readonly expn?: boolean | undefined
  readonly help?: boolean | undefined
  readonly etrn?: boolean | undefined
  readonly requireTls?: boolean | undefined
  readonly rrvs?: boolean | undefined
  readonly deliverBy?: { readonly minimum?: number | undefined } | undefined
  readonly futureRelease?: { readonly maxInterval: number; readonly maxDateTime: string } | undefined
  readonly mtPriority?: { readonly profile?: string | undefined } | undefined
  readonly limits?: AnnouncedLimitsInput | undefined
  readonly noSoliciting?: readonly string[] | undefined
  readonly burl?: readonly string[] | undefined
  readonly xclient?: readonly string[] | undefined
  readonly xforward?: readonly string[] | undefined
  /** Others: keyword and parameters, `''` for none. */
  readonly extra?: ReadonlyMap<string, string> | Readonly<Record<string, string>> | undefined
}

/**
 * The octets of the reply.
 *
 * @throws {@link EncodeError} `EDOMAIN`, `EEXTENSION`, `EREPLY`
 * @example
 * socket.write(writeExtensions({ domain: 'mx.example.org', pipelining: true, eightBitMime: true, size: 10_000_000 }))
 */
export function writeExtensions(extensions: ExtensionsInput): Uint8Array {
  const domain = validateDomain(extensions.domain)
  const first = extensions.greeting === undefined ? domain : `${domain} ${extensions.greeting}`
  return writeReply({ code: 250, text: [first, ...local('extension', undefined, () => linesOf(extensions))] })
}

function linesOf(given: ExtensionsInput): string[] {
  const lines: string[] = []
  const flag = (keyword: string, isOffered: boolean | undefined) => {
    if (isOffered) lines.push(keyword)
  }
  const list = (keyword: string, words: readonly string[] | undefined, separator = ' ') => {
    if (words !== undefined)
      lines.push(words.length === 0 ? keyword : `${keyword} ${words.map(checkWord).join(separator)}`)
  }
  flag('PIPELINING', given.pipelining)
  flag('8BITMIME', given.eightBitMime)
  if (given.size !== undefined) lines.push(sizeLine(given.size))
  flag('STARTTLS', given.starttls)
  if (given.auth !== undefined && given.auth.length > 0) list('AUTH', given.auth.map(checkMechanism))
  flag('CHUNKING', given.chunking)
  if (given.binaryMime && !given.chunking) throw new SyntaxFault('BINARYMIME without CHUNKING')
  flag('BINARYMIME', given.binaryMime)
  flag('SMTPUTF8', given.smtputf8)
  flag('DSN', given.dsn)
  flag('ENHANCEDSTATUSCODES', given.enhancedStatusCodes)
  flag('VRFY', given.vrfy)
  flag('EXPN', given.expn)
  flag('HELP', given.help)
  flag('ETRN', given.etrn)
  flag('REQUIRETLS', given.requireTls)
  flag('RRVS', given.rrvs)
  if (given.deliverBy) {
    const { minimum } = given.deliverBy
    list('DELIVERBY', minimum === undefined ? [] : [String(integer('DELIVERBY', minimum, 0, 999_999_999))])
  }
  if (given.futureRelease) {
    const { maxInterval, maxDateTime } = given.futureRelease
    const interval = String(integer('FUTURERELEASE', maxInterval, 1, 999_999_999))
    list('FUTURERELEASE', [interval, dateTime('FUTURERELEASE', maxDateTime)])
  }
  if (given.mtPriority) list('MT-PRIORITY', given.mtPriority.profile === undefined ? [] : [given.mtPriority.profile])
  if (given.limits) lines.push(`LIMITS ${writeLimits(given.limits)}`)
  if (given.noSoliciting) {
    const words = given.noSoliciting
    list('NO-SOLICITING', words.length === 0 ? [] : solicitation(words.join(',')).split(','), ',')
  }
  list('BURL', given.burl)
  list('XCLIENT', given.xclient?.map(checkAttributeName))
  list('XFORWARD', given.xforward?.map(checkAttributeName))
  if (given.extra) addExtra(lines, given.extra)
  return lines
}

/** RFC 1870 4: "size-param ::= [1*DIGIT]". */
function sizeLine(size: number | true): string {
  return size === true ? 'SIZE' : `SIZE ${integer('SIZE', size, 0, Number.MAX_SAFE_INTEGER)}`
}

function addExtra(lines: string[], extra: ReadonlyMap<string, string> | Readonly<Record<string, string>>): void {
  const seen = new Set(lines.map(line => line.split(' ', 1)[0]))
  for (const [keyword, parameters] of entriesOf(extra)) {
    if (keyword === '' || keywordEnd(keyword) !== keyword.length) throw new SyntaxFault(`not a keyword: ${keyword}`)
    if (seen.has(upper(keyword))) throw new SyntaxFault(`${keyword} is there twice`)
    seen.add(upper(keyword))
    lines.push(parameters === '' ? keyword : `${keyword} ${parameters.split(' ').map(checkWord).join(' ')}`)
  }
}

function checkMechanism(name: string): string {
  if (!isMechanism(name)) throw new SyntaxFault(`not a name of a SASL mechanism: ${name}`)
  return upper(name)
}

/** `ehlo-param = 1*(%d33-126)`. */
function checkWord(word: string): string {
  if (word === '' || skip(word, 0, word.length, GRAPHIC) !== word.length)
    throw new SyntaxFault('not a parameter of a keyword')
  return word
}
