/**
 * The parameters of MAIL and RCPT: text in, typed values out, and back. One place for every registered parameter:
 *
 * MAIL: SIZE (RFC 1870), BODY (6152, 3030), SMTPUTF8 (6531), RET and ENVID (3461), AUTH (4954), BY (2852), HOLDFOR and
 * HOLDUNTIL (4865), MT-PRIORITY (6710), REQUIRETLS (8689), SOLICIT (3865).
 * RCPT: NOTIFY and ORCPT (3461, 6533), RRVS (7293).
 *
 * Others are kept as they came, in `extra`. Refused: a known parameter with a value outside its grammar, a parameter
 * twice (RFC 3461 4.5, 1870 6), a keyword or value outside RFC 5321 4.1.2, so that no value can become a second parameter.
 */
import { DEL, decimal, HYPHEN, isControl, isIn, LET_DIG, loneSurrogate, SP, upper, VALUE } from './ascii.js'
import { type PathOptions, scanMailbox } from './path.js'
import { SyntaxFault } from './syntax.js'
import { fromUnitext, fromXtext, toUnitext, toXtext } from './xtext.js'

/** Parameters this package does not know, keyword and value as on the wire; `true` for one without a value. */
export type ExtraParameters = ReadonlyMap<string, string | true>

/** The same for writing; a plain object will do. */
export type ExtraParametersInput = ExtraParameters | Readonly<Record<string, string | true>>

/** BODY of MAIL (RFC 6152 3, RFC 3030 3). */
export type Body = '7BIT' | '8BITMIME' | 'BINARYMIME'

/** BY of MAIL (RFC 2852 4). */
export interface DeliverBy {
  /** Seconds, up to nine digits; not negative or zero with mode R. */
  readonly seconds: number
  /** N: notify when late. R: return when late. */
  readonly mode: 'N' | 'R'
  readonly trace?: boolean
}

/** NOTIFY of RCPT (RFC 3461 4.1): NEVER stands alone. */
export type Notify = readonly ['NEVER'] | readonly ('SUCCESS' | 'FAILURE' | 'DELAY')[]

/** ORCPT of RCPT (RFC 3461 4.2): decoded. */
export interface OriginalRecipient {
  /** `rfc822`, `utf-8` or another registered type. */
  readonly type: string
  readonly address: string
}

/** RRVS of RCPT (RFC 7293 3.1). */
export interface ValidSince {
  /** RFC 3339 date-time without fraction. */
  readonly since: string
  /** What to do where RRVS is not supported: C continue, R reject. */
  readonly action?: 'C' | 'R'
}

/** The parameters of MAIL. */
export interface MailParameters {
  /** Octets. When reading, `Infinity` for what a number cannot hold exactly. */
  readonly size?: number
  readonly body?: Body
  readonly smtputf8?: true
  readonly ret?: 'FULL' | 'HDRS'
  /** Printable ASCII; no more than 100 characters on the wire. */
  readonly envid?: string
  /** The address of the submitter; `''` for `<>`, not known. */
  readonly auth?: string
  readonly by?: DeliverBy
  /** Seconds, 1 to 999999999. */
  readonly holdfor?: number
  /** RFC 3339 date-time in UTC. */
  readonly holduntil?: string
  /** -9 to 9. */
  readonly mtpriority?: number
  readonly requiretls?: true
  /** The keywords of the Solicitation header. */
  readonly solicit?: readonly string[]
  readonly extra?: ExtraParameters
}

/** The parameters of RCPT. */
export interface RcptParameters {
  readonly notify?: Notify
  readonly orcpt?: OriginalRecipient
  readonly rrvs?: ValidSince
  readonly extra?: ExtraParameters
}

type Writable<Parameters> = { -readonly [Key in keyof Parameters]: Parameters[Key] }

/** MAIL parameters to be written; `undefined` is as good as absent. */
export type MailParametersInput = {
  readonly [Key in Exclude<keyof MailParameters, 'extra'>]?: MailParameters[Key] | undefined
} & { readonly extra?: ExtraParametersInput | undefined }

/** RCPT parameters to be written; `undefined` is as good as absent. */
export type RcptParametersInput = {
  readonly [Key in Exclude<keyof RcptParameters, 'extra'>]?: RcptParameters[Key] | undefined
} & { readonly extra?: ExtraParametersInput | undefined }

const BODIES: readonly string[] = ['7BIT', '8BITMIME', 'BINARYMIME']
const NOTIFICATIONS: readonly string[] = ['NEVER', 'SUCCESS', 'FAILURE', 'DELAY']
const DATE_TIME = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/

// Writing

/** The parameters of MAIL, each with a space before it. */
export function writeMailParameters(given: MailParametersInput, utf8: boolean): string {
  let text = ''
  if (given.size !== undefined) text += ` SIZE=${integer('SIZE', given.size, 0, Number.MAX_SAFE_INTEGER)}`
  if (given.body !== undefined) text += ` BODY=${oneOf('BODY', given.body, BODIES)}`
  if (given.smtputf8) text += ' SMTPUTF8'
  if (given.ret !== undefined) text += ` RET=${oneOf('RET', given.ret, ['FULL', 'HDRS'])}`
  if (given.envid !== undefined) text += ` ENVID=${writeEnvid(given.envid)}`
  if (given.auth !== undefined) text += ` AUTH=${writeAuth(given.auth, utf8)}`
  if (given.by !== undefined) text += ` BY=${writeBy(given.by)}`
  if (given.holdfor !== undefined) text += ` HOLDFOR=${integer('HOLDFOR', given.holdfor, 1, 999_999_999)}`
  if (given.holduntil !== undefined) text += ` HOLDUNTIL=${dateTime('HOLDUNTIL', given.holduntil)}`
  if (given.mtpriority !== undefined) text += ` MT-PRIORITY=${integer('MT-PRIORITY', given.mtpriority, -9, 9)}`
  if (given.requiretls) text += ' REQUIRETLS'
  if (given.solicit !== undefined) text += ` SOLICIT=${solicitation(given.solicit.join(','))}`
  if (given.holdfor !== undefined && given.holduntil !== undefined) throw bothHolds()
  return given.extra === undefined ? text : text + writeExtra(given.extra, text, utf8, readMailParameter)
}

/** The parameters of RCPT, each with a space before it. */
export function writeRcptParameters(given: RcptParametersInput, utf8: boolean): string {
  let text = ''
  if (given.notify !== undefined) text += ` NOTIFY=${notification(given.notify.join(',')).join(',')}`
  if (given.orcpt !== undefined) text += ` ORCPT=${writeOrcpt(given.orcpt, utf8)}`
  if (given.rrvs !== undefined) text += ` RRVS=${writeRrvs(given.rrvs)}`
  return given.extra === undefined ? text : text + writeExtra(given.extra, text, utf8, readRcptParameter)
}

type Reader<Parameters> = (target: Writable<Parameters>, keyword: string, value: string | undefined) => boolean

/**
 * Parameters this package does not know, and known ones given in wire form: those are checked like any other, and none
 * may come twice.
 */
function writeExtra<P>(extra: ExtraParametersInput, before: string, utf8: boolean, read: Reader<P>): string {
  let text = before
  for (const [keyword, given] of isMap(extra) ? extra : Object.entries(extra)) {
    checkKeyword(keyword)
    const value = given === true ? undefined : String(given)
    if (value !== undefined) checkValue(keyword, value, utf8)
    const isTwice =
      `${text} `.toUpperCase().includes(` ${upper(keyword)} `) || text.toUpperCase().includes(` ${upper(keyword)}=`)
    if (isTwice) throw new SyntaxFault(`${keyword} is there twice`)
    read({} as Writable<P>, upper(keyword), value)
    text += value === undefined ? ` ${keyword}` : ` ${keyword}=${value}`
  }
  return text.slice(before.length)
}

function isMap(extra: ExtraParametersInput): extra is ExtraParameters {
  return typeof (extra as { entries?: unknown }).entries === 'function' && extra instanceof Map
}

function writeEnvid(envid: string): string {
  for (let i = 0; i < envid.length; i++) {
    const unit = envid.charCodeAt(i)
    if (isControl(unit) || unit > DEL) throw new SyntaxFault('ENVID is not printable ASCII', i)
  }
  return bounded('ENVID', toXtext(envid), 100)
}

/** RFC 4954 5: "an xtext encoded <mailbox> or the two characters <>". */
function writeAuth(address: string, utf8: boolean): string {
  if (address === '') return '<>'
  checkMailbox('AUTH', address, utf8)
  return bounded('AUTH', toXtext(address), 500)
}

function writeBy(by: DeliverBy): string {
  const seconds = integer('BY', by.seconds, -999_999_999, 999_999_999)
  const mode = oneOf('BY', by.mode, ['N', 'R'])
  if (mode === 'R' && by.seconds <= 0) throw new SyntaxFault('BY with mode R needs a time above zero')
  return `${seconds};${mode}${by.trace ? 'T' : ''}`
}

/** RFC 3461 4.2 and, for type `utf-8`, RFC 6533 3. */
function writeOrcpt(orcpt: OriginalRecipient, utf8: boolean): string {
  checkType(orcpt.type)
  if (orcpt.address === '') throw new SyntaxFault('ORCPT without an address')
  const isUtf8 = orcpt.type.toLowerCase() === 'utf-8'
  return bounded('ORCPT', `${orcpt.type};${isUtf8 ? toUnitext(orcpt.address, utf8) : toXtext(orcpt.address)}`, 500)
}

function writeRrvs(rrvs: ValidSince): string {
  const since = withoutFraction(rrvs.since)
  return rrvs.action === undefined ? since : `${since};${oneOf('RRVS', rrvs.action, ['C', 'R'])}`
}

// Reading

/** Reads `SP parameter SP parameter`, from `start` to the end of the text. */
export function readMailParameters(text: string, start: number, utf8: boolean): MailParameters {
  const parameters = readParameters(text, start, utf8, readMailParameter)
  if (parameters.holdfor !== undefined && parameters.holduntil !== undefined) throw bothHolds()
  return parameters
}

export function readRcptParameters(text: string, start: number, utf8: boolean): RcptParameters {
  return readParameters(text, start, utf8, readRcptParameter)
}

function readParameters<P extends { extra?: ExtraParameters }>(
  text: string,
  start: number,
  utf8: boolean,
  read: Reader<P>,
): Writable<P> {
  const target = {} as Writable<P>
  if (start === text.length) return target
  const seen = new Set<string>()
  const extra = new Map<string, string | true>()
  let i = start
  while (i < text.length) {
    if (text.charCodeAt(i) !== SP) throw new SyntaxFault('no space before a parameter', i)
    const space = text.indexOf(' ', i + 1)
    const end = space < 0 ? text.length : space
    const equals = text.indexOf('=', i + 1)
    const keywordEnd = equals < 0 || equals > end ? end : equals
    const keyword = text.slice(i + 1, keywordEnd)
    const value = keywordEnd === end ? undefined : text.slice(keywordEnd + 1, end)
    checkKeyword(keyword, i + 1)
    if (value !== undefined) checkValue(keyword, value, utf8)
    const name = upper(keyword)
    if (seen.has(name)) throw new SyntaxFault(`${name} is there twice`, i + 1)
    seen.add(name)
    if (!read(target, name, value)) extra.set(keyword, value ?? true)
    i = end
  }
  if (extra.size > 0) target.extra = extra
  return target
}

/** Reads one parameter of MAIL into `target`; false when it is not known. */
function readMailParameter(target: Writable<MailParameters>, keyword: string, value: string | undefined): boolean {
  switch (keyword) {
    case 'SIZE':
      target.size = readSize(needed(keyword, value))
      return true
    case 'BODY':
      target.body = oneOf(keyword, upper(needed(keyword, value)), BODIES) as Body
      return true
    case 'SMTPUTF8':
      target.smtputf8 = flag(keyword, value)
      return true
    case 'RET':
      target.ret = oneOf(keyword, upper(needed(keyword, value)), ['FULL', 'HDRS']) as 'FULL' | 'HDRS'
      return true
    case 'ENVID': {
      const envid = fromXtext(bounded(keyword, needed(keyword, value), 100))
      writeEnvid(envid)
      target.envid = envid
      return true
    }
    case 'AUTH':
      target.auth = readAuth(bounded(keyword, needed(keyword, value), 500))
      return true
    case 'BY':
      target.by = readBy(upper(needed(keyword, value)))
      return true
    case 'HOLDFOR':
      target.holdfor = readInteger(keyword, needed(keyword, value), 1, 999_999_999)
      return true
    case 'HOLDUNTIL':
      target.holduntil = dateTime(keyword, needed(keyword, value))
      return true
    case 'MT-PRIORITY':
      target.mtpriority = readInteger(keyword, needed(keyword, value), -9, 9)
      return true
    case 'REQUIRETLS':
      target.requiretls = flag(keyword, value)
      return true
    case 'SOLICIT':
      target.solicit = solicitation(needed(keyword, value)).split(',')
      return true
    default:
      return false
  }
}

/** Reads one parameter of RCPT into `target`; false when it is not known. */
function readRcptParameter(target: Writable<RcptParameters>, keyword: string, value: string | undefined): boolean {
  switch (keyword) {
    case 'NOTIFY':
      target.notify = notification(upper(needed(keyword, value)))
      return true
    case 'ORCPT':
      target.orcpt = readOrcpt(bounded(keyword, needed(keyword, value), 500))
      return true
    case 'RRVS':
      target.rrvs = readRrvs(needed(keyword, value))
      return true
    default:
      return false
  }
}

/** RFC 1870 4: "size-value ::= 1*20DIGIT". */
function readSize(value: string): number {
  const size = value.length <= 20 ? decimal(value) : -1
  if (size < 0) throw new SyntaxFault('SIZE is not a number of up to 20 digits')
  return size
}

function readAuth(value: string): string {
  if (value === '<>') return ''
  const address = fromXtext(value)
  if (address === '<>') return ''
  checkMailbox('AUTH', address, true)
  return address
}

function readBy(value: string): DeliverBy {
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

function readOrcpt(value: string): OriginalRecipient {
  const semicolon = value.indexOf(';')
  if (semicolon < 0) throw new SyntaxFault('ORCPT has no type')
  const type = value.slice(0, semicolon)
  checkType(type)
  const encoded = value.slice(semicolon + 1)
  if (encoded === '') throw new SyntaxFault('ORCPT without an address')
  return { type, address: type.toLowerCase() === 'utf-8' ? fromUnitext(encoded) : fromXtext(encoded) }
}

function readRrvs(value: string): ValidSince {
  const semicolon = value.indexOf(';')
  if (semicolon < 0) return { since: withoutFraction(value) }
  const action = oneOf('RRVS', upper(value.slice(semicolon + 1)), ['C', 'R']) as 'C' | 'R'
  return { since: withoutFraction(value.slice(0, semicolon)), action }
}

// Both

/** `esmtp-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")` (RFC 5321 4.1.2). */
function checkKeyword(keyword: string, at = 0): void {
  if (!isIn(keyword.charCodeAt(0), LET_DIG)) throw new SyntaxFault('not a parameter keyword', at)
  for (let i = 1; i < keyword.length; i++) {
    const unit = keyword.charCodeAt(i)
    if (!isIn(unit, LET_DIG) && unit !== HYPHEN) throw new SyntaxFault('not a parameter keyword', at + i)
  }
}

/** `esmtp-value = 1*(%d33-60 / %d62-126)`, and with SMTPUTF8 characters outside ASCII (RFC 6531 3.3). */
function checkValue(keyword: string, value: string, utf8: boolean): void {
  if (value === '') throw new SyntaxFault(`${keyword} has an empty value`)
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i)
    if (isIn(unit, VALUE)) continue
    if (unit <= 0xa0 || unit === 0x2028 || unit === 0x2029)
      throw new SyntaxFault(`character not allowed in ${keyword}`, i)
    if (!utf8) throw new SyntaxFault(`${keyword} is not ASCII`, i, 'utf8')
  }
  if (utf8 && loneSurrogate(value) >= 0) throw new SyntaxFault(`half of a surrogate pair in ${keyword}`)
}

function needed(keyword: string, value: string | undefined): string {
  if (value === undefined) throw new SyntaxFault(`${keyword} needs a value`)
  return value
}

function flag(keyword: string, value: string | undefined): true {
  if (value !== undefined) throw new SyntaxFault(`${keyword} takes no value`)
  return true
}

function integer(keyword: string, value: number, low: number, high: number): number {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new SyntaxFault(`${keyword} is not an integer from ${low} to ${high}`)
  }
  return value
}

function readInteger(keyword: string, value: string, low: number, high: number): number {
  const isNegative = value.startsWith('-')
  const digits = isNegative ? value.slice(1) : value
  const isCanonical = digits === '0' ? !isNegative : !digits.startsWith('0')
  const magnitude = isCanonical ? decimal(digits) : -1
  return integer(keyword, magnitude < 0 ? Number.NaN : isNegative ? -magnitude : magnitude, low, high)
}

function oneOf(keyword: string, value: string, allowed: readonly string[]): string {
  if (!allowed.includes(value)) throw new SyntaxFault(`${keyword} is none of ${allowed.join(', ')}`)
  return value
}

function bounded(keyword: string, value: string, limit: number): string {
  if (value.length > limit) throw new SyntaxFault(`${keyword} is longer than ${limit} characters`, undefined, 'length')
  return value
}

function dateTime(keyword: string, value: string): string {
  if (!DATE_TIME.test(value)) throw new SyntaxFault(`${keyword} is not an RFC 3339 date-time`)
  return value
}

/** RFC 7293 3.1: `a "time-secfrac" MUST NOT be used`. */
function withoutFraction(value: string): string {
  if (dateTime('RRVS', value).includes('.')) throw new SyntaxFault('RRVS has a fraction of a second')
  return value
}

/** RFC 3461 4.1: "the NEVER keyword MUST appear by itself". */
function notification(list: string): Notify {
  const conditions = list.split(',')
  for (const condition of conditions) oneOf('NOTIFY', condition, NOTIFICATIONS)
  if (new Set(conditions).size !== conditions.length) throw new SyntaxFault('NOTIFY has a condition twice')
  if (conditions.includes('NEVER') && conditions.length > 1) throw new SyntaxFault('NOTIFY has NEVER and others')
  return conditions as unknown as Notify
}

/** RFC 3865 2.2: `word = ALPHA 0*(wordchar)`, together no more than 1000 characters. */
function solicitation(list: string): string {
  if (!/^[A-Za-z][-._:A-Za-z0-9]*(,[A-Za-z][-._:A-Za-z0-9]*)*$/.test(bounded('SOLICIT', list, 1000))) {
    throw new SyntaxFault('SOLICIT is not a list of keywords')
  }
  return list
}

/** RFC 3461 4.2: `addr-type = atom`. */
function checkType(type: string): void {
  checkKeyword(type)
}

function checkMailbox(keyword: string, address: string, utf8: boolean): void {
  const options: PathOptions = { utf8: true }
  if (scanMailbox(address, 0, options).end !== address.length) throw new SyntaxFault(`${keyword} is not an address`)
  if (utf8) return
  for (let i = 0; i < address.length; i++) {
    if (address.charCodeAt(i) > DEL) throw new SyntaxFault(`${keyword} is not ASCII`, i, 'utf8')
  }
}

function bothHolds(): SyntaxFault {
  return new SyntaxFault('HOLDFOR and HOLDUNTIL exclude each other')
}
