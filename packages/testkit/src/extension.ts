/**
 * What the server offers in its reply to EHLO, keyword by keyword, and which parameters of MAIL and RCPT follow from it.
 *
 * In: the test's switches. Out: the EHLO lines, and the answer to "do we know this parameter?" (RFC 5321 4.1.1.11: else 555).
 * An extension that is not offered is not there: its command is answered 502, its parameter 555.
 */
import type { MailParameters, RcptParameters } from '@postrider/codec'

/**
 * Switches by EHLO keyword: `false` takes one away, `true` offers it bare, a number or text is its parameter. Keywords unknown
 * here are offered as they stand and taken as parameters of MAIL and RCPT.
 *
 * On by default: PIPELINING, SIZE, 8BITMIME, SMTPUTF8, ENHANCEDSTATUSCODES, DSN, CHUNKING; STARTTLS and AUTH as far as `tls` and
 * `auth` provide them. `SIZE: 5000` also is the limit that is enforced.
 */
export type ExtensionSwitches = Readonly<Record<string, boolean | number | string>>

/** Parameter text by upper-case keyword; '' for none. */
export type Offered = ReadonlyMap<string, string>

/** The switches by upper-case keyword. @throws RangeError for what is no keyword (RFC 5321 4.1.1.1) or no parameter text. */
export function readSwitches(switches: ExtensionSwitches): ReadonlyMap<string, boolean | string> {
  return new Map(
    Object.entries(switches).map(([name, value]) => {
      if (!/^[A-Za-z0-9][A-Za-z0-9-]*$/.test(name)) throw new RangeError(`${JSON.stringify(name)} is no EHLO keyword`)
      const text = typeof value === 'boolean' ? value : String(value)
      if (typeof text === 'string' && !/^[\x20-\x7e]*$/.test(text))
        throw new RangeError(`${name} has no such parameter`)
      return [name.toUpperCase(), text]
    }),
  )
}

/** The extensions that do not come and go with the state of a connection, in the order of the EHLO reply. */
export function offeredExtensions(switches: ReadonlyMap<string, boolean | string>, size: number): Offered {
  const offered = new Map<string, string>([
    ['PIPELINING', ''],
    ['SIZE', String(size)],
    ['8BITMIME', ''],
    ['SMTPUTF8', ''],
    ['ENHANCEDSTATUSCODES', ''],
    ['DSN', ''],
    ['CHUNKING', ''],
  ])
  for (const [keyword, value] of switches) {
    if (keyword === 'STARTTLS' || keyword === 'AUTH') continue
    if (value === false) offered.delete(keyword)
    else if (value !== true) offered.set(keyword, value)
    else if (!offered.has(keyword)) offered.set(keyword, '')
  }
  return offered
}

/** The parameters of MAIL or RCPT by their keywords on the wire, as far as no extension on offer defines them. */
export function unknownParameters(
  verb: 'MAIL' | 'RCPT',
  { extra, ...known }: MailParameters | RcptParameters,
  offered: Offered,
): string[] {
  const names = Object.keys(known).map(name => (name === 'mtpriority' ? 'MT-PRIORITY' : name))
  return [...names, ...(extra?.keys() ?? [])]
    .map(name => name.toUpperCase())
    .filter(keyword => !isParameterKnown(verb, keyword, offered))
}

const OF_MAIL: ReadonlyMap<string, readonly string[]> = new Map([
  ['BODY', ['8BITMIME', 'BINARYMIME']], // RFC 6152 2, RFC 3030 3
  ['RET', ['DSN']], // RFC 3461 4
  ['ENVID', ['DSN']],
  ['BY', ['DELIVERBY']], // RFC 2852 4
  ['HOLDFOR', ['FUTURERELEASE']], // RFC 4865 4
  ['HOLDUNTIL', ['FUTURERELEASE']],
  ['SOLICIT', ['NO-SOLICITING']], // RFC 3865 2
])

const OF_RCPT: ReadonlyMap<string, readonly string[]> = new Map([
  ['NOTIFY', ['DSN']], // RFC 3461 4
  ['ORCPT', ['DSN']],
])

/** Whether some extension on offer defines `parameter` (upper case) for the verb. */
function isParameterKnown(verb: 'MAIL' | 'RCPT', parameter: string, offered: Offered): boolean {
  const definedBy = (verb === 'MAIL' ? OF_MAIL : OF_RCPT).get(parameter)
  return (definedBy ?? [parameter]).some(keyword => offered.has(keyword))
}
