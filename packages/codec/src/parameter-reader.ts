/**
 * The parameters of MAIL and RCPT on their way in: the text behind the path in, typed values out. Refuses a known parameter
 * with a value outside its grammar, a parameter twice (RFC 3461 4.5, RFC 1870 6), and what RFC 5321 4.1.2 does not allow
 * as a parameter at all. What is not known is kept: only the server knows what it offers.
 */
import { SP, upper } from './ascii.js'
import type { Body, ExtraParameters, MailParameters, RcptParameters, Writable } from './parameter.js'
import {
  BODIES,
  checkKeyword,
  checkValue,
  dateTime,
  flag,
  needed,
  notification,
  oneOf,
  RETURNS,
  readAuth,
  readBy,
  readEnvid,
  readInteger,
  readOrcpt,
  readRrvs,
  readSize,
  solicitation,
} from './parameter-value.js'
import { SyntaxFault, within } from './syntax.js'

/** Reads `SP parameter SP parameter`, from `start` to the end of the text. */
export function readMailParameters(text: string, start: number, utf8: boolean): MailParameters {
  const parameters = readParameters(text, start, utf8, readMailParameter)
  refuseBothHolds(parameters)
  return parameters
}

export function readRcptParameters(text: string, start: number, utf8: boolean): RcptParameters {
  return readParameters(text, start, utf8, readRcptParameter)
}

/** RFC 4865 4.1: one of them at most. */
export function refuseBothHolds(given: { readonly holdfor?: unknown; readonly holduntil?: unknown }): void {
  if (given.holdfor === undefined || given.holduntil === undefined) return
  throw new SyntaxFault('HOLDFOR and HOLDUNTIL exclude each other')
}

type Reader<Parameters> = (target: Writable<Parameters>, keyword: string, value: string | undefined) => boolean

function readParameters<P extends { extra?: ExtraParameters }>(
  text: string,
  start: number,
  utf8: boolean,
  read: Reader<P>,
): Writable<P> {
  const target = {} as Writable<P>
  const seen = new Set<string>()
  const extra = new Map<string, string | true>()
  let i = start
  while (i < text.length) {
    if (text.charCodeAt(i) !== SP) throw new SyntaxFault('no space before a parameter', i)
    const [parameter = ''] = text.slice(i + 1).split(' ', 1)
    const equals = parameter.indexOf('=')
    const keyword = equals < 0 ? parameter : parameter.slice(0, equals)
    const value = equals < 0 ? undefined : parameter.slice(equals + 1)
    checkKeyword(keyword, i + 1)
    const name = upper(keyword)
    within(i + 1, () => {
      if (value !== undefined) checkValue(keyword, value, utf8)
      if (seen.has(name)) throw new SyntaxFault(`${name} is there twice`)
      seen.add(name)
      if (!read(target, name, value)) extra.set(keyword, value ?? true)
    })
    i += 1 + parameter.length
  }
  if (extra.size > 0) target.extra = extra
  return target
}

/** Reads one parameter of MAIL into `target`; false when it is not known. */
export function readMailParameter(
  target: Writable<MailParameters>,
  keyword: string,
  value: string | undefined,
): boolean {
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
      target.ret = oneOf(keyword, upper(needed(keyword, value)), RETURNS) as 'FULL' | 'HDRS'
      return true
    case 'ENVID':
      target.envid = readEnvid(needed(keyword, value))
      return true
    case 'AUTH':
      target.auth = readAuth(needed(keyword, value))
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
export function readRcptParameter(
  target: Writable<RcptParameters>,
  keyword: string,
  value: string | undefined,
): boolean {
  switch (keyword) {
    case 'NOTIFY':
      target.notify = notification(upper(needed(keyword, value)))
      return true
    case 'ORCPT':
      target.orcpt = readOrcpt(needed(keyword, value))
      return true
    case 'RRVS':
      target.rrvs = readRrvs(needed(keyword, value))
      return true
    default:
      return false
  }
}
