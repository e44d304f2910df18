/**
 * The limits a server announces in its reply to EHLO (RFC 9422): the parameters of LIMITS in, numbers out, and back.
 */
import { DIGIT, decimal, HYPHEN, isIn, LET_DIG, upper } from './ascii.js'
import { SyntaxFault } from './syntax.js'

const UNDERSCORE = 0x5f

/** RFC 9422 4: counts from 1 to 999999, `undefined` when not announced. */
export interface AnnouncedLimits {
  /** Transactions in a session. */
  readonly mailMax: number | undefined
  /** Recipients in a transaction. */
  readonly rcptMax: number | undefined
  /** Different recipient domains in a transaction. */
  readonly rcptDomainMax: number | undefined
  /** All of them as they came, unknown ones too: names in upper case, `''` for one without a value. */
  readonly all: ReadonlyMap<string, string>
}

/** Limits to be announced. */
export interface AnnouncedLimitsInput {
  readonly mailMax?: number | undefined
  readonly rcptMax?: number | undefined
  readonly rcptDomainMax?: number | undefined
}

/**
 * RFC 9422 3: `limit-name-value = limit-name ["=" limit-value]`, separated by spaces. A line with bad syntax is ignored as
 * a whole (`undefined`), a limit with a bad value alone.
 */
export function readLimits(parameter: string): AnnouncedLimits | undefined {
  const all = new Map<string, string>()
  for (const limit of parameter.split(' ').filter(word => word !== '')) {
    const equals = limit.indexOf('=')
    const name = upper(equals < 0 ? limit : limit.slice(0, equals))
    const value = equals < 0 ? '' : limit.slice(equals + 1)
    if (!isName(name) || (equals >= 0 && value === '') || value.includes(';')) return undefined
    if (!all.has(name)) all.set(name, value)
  }
  return {
    mailMax: readCount(all.get('MAILMAX')),
    rcptMax: readCount(all.get('RCPTMAX')),
    rcptDomainMax: readCount(all.get('RCPTDOMAINMAX')),
    all,
  }
}

/** The parameters of LIMITS. */
export function writeLimits(limits: AnnouncedLimitsInput): string {
  const words: string[] = []
  const add = (name: string, count: number | undefined) => {
    if (count === undefined) return
    if (!Number.isInteger(count) || count < 1 || count > 999_999) throw new SyntaxFault(`${name} is not 1 to 999999`)
    words.push(`${name}=${count}`)
  }
  add('MAILMAX', limits.mailMax)
  add('RCPTMAX', limits.rcptMax)
  add('RCPTDOMAINMAX', limits.rcptDomainMax)
  if (words.length === 0) throw new SyntaxFault('LIMITS without a limit')
  return words.join(' ')
}

/** `limit-name = 1*(ALPHA / DIGIT / "-" / "_")`. */
function isName(name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i)
    if (!isIn(unit, LET_DIG) && unit !== HYPHEN && unit !== UNDERSCORE) return false
  }
  return name !== ''
}

/** One to six digits, not starting with 0. */
function readCount(value: string | undefined): number | undefined {
  if (value === undefined || value.length > 6 || !isIn(value.charCodeAt(0), DIGIT) || value.startsWith('0'))
    return undefined
  const count = decimal(value)
  return count < 0 ? undefined : count
}
