/**
 * The values of the parameters of MAIL and RCPT, one by one: their grammars, and where the form on the wire differs from
 * the typed one, a function for each direction. A fault is a `SyntaxFault`; whose fault it is, the caller knows.
 */
import {
  ATEXT,
  DEL,
  decimal,
  HYPHEN,
  isAnyControl,
  isControl,
  isIn,
  LET_DIG,
  loneSurrogate,
  upper,
  VALUE,
  XCHAR,
} from './ascii.js'
import type { DeliverBy, Notify, OriginalRecipient, ValidSince } from './parameter.js'
import { scanMailbox } from './path.js'
import { SyntaxFault } from './syntax.js'
import { fromUnitext, fromXtext, toUnitext, toXtext } from './xtext.js'

const UNDERSCORE = 0x5f

export const BODIES: readonly string[] = ['7BIT', '8BITMIME', 'BINARYMIME']
export const RETURNS: readonly string[] = ['FULL', 'HDRS']
const NOTIFICATIONS: readonly string[] = ['NEVER', 'SUCCESS', 'FAILURE', 'DELAY']
const DATE_TIME = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/

/** `esmtp-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")` (RFC 5321 4.1.2). */
export function checkKeyword(keyword: string, at = 0): void {
  if (!isIn(keyword.charCodeAt(0), LET_DIG)) throw new SyntaxFault('not a parameter keyword', at)
  for (let i = 1; i < keyword.length; i++) {
    const unit = keyword.charCodeAt(i)
    if (!isIn(unit, LET_DIG) && unit !== HYPHEN) throw new SyntaxFault('not a parameter keyword', at + i)
  }
}

/** `esmtp-value = 1*(%d33-60 / %d62-126)`, and with SMTPUTF8 characters outside ASCII (RFC 6531 3.3). */
export function checkValue(keyword: string, value: string, utf8: boolean): void {
  if (value === '') throw new SyntaxFault(`${keyword} has an empty value`)
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i)
    if (isIn(unit, VALUE)) continue
    if (unit <= DEL || isAnyControl(unit)) throw new SyntaxFault(`character not allowed in ${keyword}`, i)
    if (!utf8) throw new SyntaxFault(`${keyword} is not ASCII`, i, 'utf8')
  }
  if (utf8 && loneSurrogate(value) >= 0) throw new SyntaxFault(`half of a surrogate pair in ${keyword}`)
}

export function needed(keyword: string, value: string | undefined): string {
  if (value === undefined) throw new SyntaxFault(`${keyword} needs a value`)
  return value
}

export function flag(keyword: string, value: string | undefined): true {
  if (value !== undefined) throw new SyntaxFault(`${keyword} takes no value`)
  return true
}

export function oneOf(keyword: string, value: string, allowed: readonly string[]): string {
  if (!allowed.includes(value)) throw new SyntaxFault(`${keyword} is none of ${allowed.join(', ')}`)
  return value
}

export function integer(keyword: string, value: number, low: number, high: number): number {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new SyntaxFault(`${keyword} is not an integer from ${low} to ${high}`)
  }
  return value
}

export function readInteger(keyword: string, value: string, low: number, high: number): number {
  const isNegative = value.startsWith('-')
  const digits = isNegative ? value.slice(1) : value
  const isCanonical = digits === '0' ? !isNegative : !digits.startsWith('0')
  const magnitude = isCanonical ? decimal(digits) : -1
  return integer(keyword, magnitude < 0 ? Number.NaN : isNegative ? -magnitude : magnitude, low, high)
}

/** RFC 1870 4: "size-value ::= 1*20DIGIT". */
export function readSize(value: string): number {
  const size = value.length <= 20 ? decimal(value) : -1
  if (size < 0) throw new SyntaxFault('SIZE is not a number of up to 20 digits')
  return size
}

export function dateTime(keyword: string, value: string): string {
  if (!DATE_TIME.test(value)) throw new SyntaxFault(`${keyword} is not an RFC 3339 date-time`)
  return value
}

export function writeEnvid(envid: string): string {
  for (let i = 0; i < envid.length; i++) {
    const unit = envid.charCodeAt(i)
    if (isControl(unit) || unit > DEL) throw new SyntaxFault('ENVID is not printable ASCII', i)
  }
  return bounded('ENVID', toXtext(envid), 100)
}

export function readEnvid(value: string): string {
  const envid = fromXtext(bounded('ENVID', value, 100))
  writeEnvid(envid)
  return envid
}

/** RFC 4954 5: "an xtext encoded <mailbox> or the two characters <>". */
export function writeAuth(address: string, utf8: boolean): string {
  if (address === '') return '<>'
  checkMailbox('AUTH', address, utf8)
  return bounded('AUTH', toXtext(address), 500)
}

export function readAuth(value: string): string {
  const address = fromXtext(bounded('AUTH', value, 500))
  if (address === '<>') return ''
  checkMailbox('AUTH', address, true)
  return address
}

export function writeBy(by: DeliverBy): string {
  const seconds = integer('BY', by.seconds, -999_999_999, 999_999_999)
  const mode = oneOf('BY', by.mode, ['N', 'R'])
  if (mode === 'R' && by.seconds <= 0) throw new SyntaxFault('BY with mode R needs a time above zero')
  return `${seconds};${mode}${by.trace ? 'T' : ''}`
}

export function readBy(value: string): DeliverBy {
  const match = /^([-+]?\d{1,9});([NR])(T?)$/.exec(value)
  if (match === null) throw new SyntaxFault('BY is not time;mode')
  const by: DeliverBy = {
    seconds: Number(match[1]) + 0,
    mode: match[2] === 'R' ? 'R' : 'N',
    ...(match[3] ? { trace: true } : {}),
  }
  writeBy(by)
  return by
}

/** RFC 3461 4.1: "the NEVER keyword MUST appear by itself". */
export function notification(list: string): Notify {
  const conditions = list.split(',')
  for (const condition of conditions) oneOf('NOTIFY', condition, NOTIFICATIONS)
  if (new Set(conditions).size !== conditions.length) throw new SyntaxFault('NOTIFY has a condition twice')
  if (conditions.includes('NEVER') && conditions.length > 1) throw new SyntaxFault('NOTIFY has NEVER and others')
  return conditions as unknown as Notify
}

/** RFC 3461 4.2 and, for type `utf-8`, RFC 6533 3. */
export function writeOrcpt(orcpt: OriginalRecipient, utf8: boolean): string {
  checkType(orcpt.type)
  if (orcpt.address === '') throw new SyntaxFault('ORCPT without an address')
  const isUtf8 = orcpt.type.toLowerCase() === 'utf-8'
  return bounded('ORCPT', `${orcpt.type};${isUtf8 ? toUnitext(orcpt.address, utf8) : toXtext(orcpt.address)}`, 500)
}

export function readOrcpt(value: string): OriginalRecipient {
  const semicolon = bounded('ORCPT', value, 500).indexOf(';')
  const type = value.slice(0, Math.max(semicolon, 0))
  checkType(type)
  const encoded = value.slice(semicolon + 1)
  if (encoded === '') throw new SyntaxFault('ORCPT without an address')
  return { type, address: type.toLowerCase() === 'utf-8' ? fromUnitext(encoded) : fromXtext(encoded) }
}

/** RFC 3461 4.2: `addr-type = atom`. */
function checkType(type: string): void {
  for (let i = 0; i < type.length; i++) {
    const unit = type.charCodeAt(i)
    if (!isIn(unit, ATEXT) || !isIn(unit, XCHAR)) throw new SyntaxFault('ORCPT has a type that is not an atom', i)
  }
  if (type === '') throw new SyntaxFault('ORCPT has no type')
}

export function writeRrvs(rrvs: ValidSince): string {
  const since = withoutFraction(rrvs.since)
  return rrvs.action === undefined ? since : `${since};${oneOf('RRVS', rrvs.action, ['C', 'R'])}`
}

export function readRrvs(value: string): ValidSince {
  const [since = '', ...actions] = value.split(';')
  withoutFraction(since)
  if (actions.length === 0) return { since }
  return { since, action: oneOf('RRVS', upper(actions.join(';')), ['C', 'R']) as 'C' | 'R' }
}

/** RFC 7293 3.1: `a "time-secfrac" MUST NOT be used`. */
function withoutFraction(value: string): string {
  if (dateTime('RRVS', value).includes('.')) throw new SyntaxFault('RRVS has a fraction of a second')
  return value
}

/** RFC 3865 2.2: `word = ALPHA 0*(wordchar)`, together no more than 1000 characters. */
export function solicitation(list: string): string {
  if (!/^[A-Za-z][-._:A-Za-z0-9]*(,[A-Za-z][-._:A-Za-z0-9]*)*$/.test(bounded('SOLICIT', list, 1000))) {
    throw new SyntaxFault('SOLICIT is not a list of keywords')
  }
  return list
}

function bounded(keyword: string, value: string, limit: number): string {
  if (value.length > limit) throw new SyntaxFault(`${keyword} is longer than ${limit} characters`, undefined, 'length')
  return value
}

function checkMailbox(keyword: string, address: string, utf8: boolean): void {
  if (scanMailbox(address, 0, { utf8 }).end !== address.length) throw new SyntaxFault(`${keyword} is not an address`)
}

/** The entries of a map, or of the plain object somebody gave instead: its own keys only. */
export function entriesOf<Value>(
  given: ReadonlyMap<string, Value> | Readonly<Record<string, Value>>,
): Iterable<readonly [string, Value]> {
  return isIterable(given) ? given : Object.entries(given)
}

/** Not `instanceof Map`: a map of another realm would look like an empty object, and its entries would be lost. */
function isIterable<Value>(given: object): given is Iterable<readonly [string, Value]> {
  return Symbol.iterator in given
}

/** A name of an XCLIENT or XFORWARD attribute, in upper case. */
export function checkAttributeName(name: string): string {
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i)
    if (!isIn(unit, LET_DIG) && unit !== HYPHEN && unit !== UNDERSCORE)
      throw new SyntaxFault('not a name of an attribute')
  }
  if (name === '') throw new SyntaxFault('not a name of an attribute')
  return upper(name)
}
