/**
 * The extensions that a server offers, each with its value as the codec types it and what it is for.
 *
 * In: `Extensions`. Out: one row per keyword, in the server's order; parameters that the codec does not know come as they are.
 */
import type { Extensions } from '@postrider/codec'

/** `true` where a keyword has no parameter. */
type ExtensionValue = true | string | number | readonly string[] | Readonly<Record<string, string | number | undefined>>

export interface ExtensionRow {
  readonly keyword: string
  readonly value: ExtensionValue
  /** What it is for; `''` for what is not known here. */
  readonly meaning: string
}

/** Registered keywords (RFC 5321 and the registry it names), and what people meet besides. */
const meanings: ReadonlyMap<string, string> = new Map([
  ['8BITMIME', 'octets above 127 in a message, RFC 6152'],
  ['AUTH', 'who are you, RFC 4954'],
  ['BINARYMIME', 'messages without lines, RFC 3030'],
  ['BURL', 'a message from a URL, RFC 4468'],
  ['CHUNKING', 'BDAT, RFC 3030'],
  ['DELIVERBY', 'deliver in time, RFC 2852'],
  ['DSN', 'reports of delivery, RFC 3461'],
  ['ENHANCEDSTATUSCODES', 'replies like 5.1.1, RFC 2034'],
  ['ETRN', 'send me what waits, RFC 1985'],
  ['EXPN', 'who is on a list, RFC 5321'],
  ['FUTURERELEASE', 'hold it until then, RFC 4865'],
  ['HELP', 'RFC 5321'],
  ['LIMITS', 'how much of everything, RFC 9422'],
  ['MT-PRIORITY', 'what goes first, RFC 6710'],
  ['NO-SOLICITING', 'no advertising, RFC 3865'],
  ['PIPELINING', 'commands in one go, RFC 2920'],
  ['REQUIRETLS', 'TLS all the way, RFC 8689'],
  ['RRVS', 'only if the owner has not changed, RFC 7293'],
  ['SIZE', 'how large a message may be, RFC 1870'],
  ['SMTPUTF8', 'addresses in any script, RFC 6531'],
  ['STARTTLS', 'encryption, RFC 3207'],
  ['VRFY', 'is this address right, RFC 5321'],
  ['XCLIENT', 'Postfix: on behalf of another client'],
  ['XFORWARD', 'Postfix: where it came from'],
])

export function extensionRows(extensions: Extensions): readonly ExtensionRow[] {
  return [...extensions.entries()].map(([keyword, parameter]) => ({
    keyword,
    value: typedValue(extensions, keyword) ?? (parameter === '' ? true : parameter),
    meaning: meanings.get(keyword) ?? '',
  }))
}

/** The value for a person; `''` where there is none. */
export function valueText({ keyword, value }: ExtensionRow): string {
  if (value === true) return ''
  if (typeof value === 'string') return value
  if (typeof value === 'number') return keyword === 'SIZE' ? octets(value) : String(value)
  if (Array.isArray(value)) return value.join(' ')
  const known = Object.entries(value).filter(([, part]) => part !== undefined)
  return known.map(([name, part]) => `${name} ${part}`).join(', ')
}

/** `undefined` where the codec has no type for it, or the server gave nothing of that type. */
function typedValue(extensions: Extensions, keyword: string): ExtensionValue | undefined {
  switch (keyword) {
    case 'SIZE':
      return extensions.size
    case 'AUTH':
      return extensions.auth
    case 'LIMITS':
      return extensions.limits === undefined ? undefined : Object.fromEntries(extensions.limits.all)
    case 'DELIVERBY':
      return extensions.deliverBy
    case 'FUTURERELEASE':
      return extensions.futureRelease
    case 'MT-PRIORITY':
      return extensions.mtPriority
    case 'NO-SOLICITING':
      return extensions.noSoliciting
    case 'BURL':
      return extensions.burl
    case 'XCLIENT':
      return extensions.xclient
    case 'XFORWARD':
      return extensions.xforward
    default:
      return undefined
  }
}

function octets(size: number): string {
  if (size === 0) return 'no fixed limit'
  return size < 1_048_576 ? `${size} octets` : `${size} octets (${(size / 1_048_576).toFixed(1)} MiB)`
}
