/**
 * The parameters of MAIL and RCPT on their way out: typed values in, the text behind the path out. Refuses a value outside
 * its grammar, a parameter twice (RFC 3461 4.5, RFC 1870 6), and a keyword or value outside RFC 5321 4.1.2, so that no
 * value can become a second parameter.
 */
import { upper } from './ascii.js'
import type { ExtraParametersInput, MailParametersInput, RcptParametersInput } from './parameter.js'
import { readMailParameter, readRcptParameter, refuseBothHolds } from './parameter-reader.js'
import {
  BODIES,
  checkKeyword,
  checkValue,
  dateTime,
  entriesOf,
  integer,
  notification,
  oneOf,
  RETURNS,
  solicitation,
  writeAuth,
  writeBy,
  writeEnvid,
  writeOrcpt,
  writeRrvs,
} from './parameter-value.js'
import { SyntaxFault } from './syntax.js'

/** The parameters of MAIL, each with a space before it. */
export function writeMailParameters(given: MailParametersInput, utf8: boolean): string {
  let text = ''
  if (given.size !== undefined) text += ` SIZE=${integer('SIZE', given.size, 0, Number.MAX_SAFE_INTEGER)}`
  if (given.body !== undefined) text += ` BODY=${oneOf('BODY', given.body, BODIES)}`
  if (given.smtputf8) text += ' SMTPUTF8'
  if (given.ret !== undefined) text += ` RET=${oneOf('RET', given.ret, RETURNS)}`
  if (given.envid !== undefined) text += ` ENVID=${writeEnvid(given.envid)}`
  if (given.auth !== undefined) text += ` AUTH=${writeAuth(given.auth, utf8)}`
  if (given.by !== undefined) text += ` BY=${writeBy(given.by)}`
  if (given.holdfor !== undefined) text += ` HOLDFOR=${integer('HOLDFOR', given.holdfor, 1, 999_999_999)}`
  if (given.holduntil !== undefined) text += ` HOLDUNTIL=${dateTime('HOLDUNTIL', given.holduntil)}`
  if (given.mtpriority !== undefined) text += ` MT-PRIORITY=${integer('MT-PRIORITY', given.mtpriority, -9, 9)}`
  if (given.requiretls) text += ' REQUIRETLS'
  if (given.solicit !== undefined) text += ` SOLICIT=${solicitation(given.solicit.join(','))}`
  refuseBothHolds(given)
  return given.extra === undefined ? text : writeExtra(given.extra, text, utf8, readMailParameter)
}

/** The parameters of RCPT, each with a space before it. */
export function writeRcptParameters(given: RcptParametersInput, utf8: boolean): string {
  let text = ''
  if (given.notify !== undefined) text += ` NOTIFY=${notification(given.notify.join(',')).join(',')}`
  if (given.orcpt !== undefined) text += ` ORCPT=${writeOrcpt(given.orcpt, utf8)}`
  if (given.rrvs !== undefined) text += ` RRVS=${writeRrvs(given.rrvs)}`
  return given.extra === undefined ? text : writeExtra(given.extra, text, utf8, readRcptParameter)
}

type Known = (target: object, keyword: string, value: string | undefined) => boolean

/**
 * Parameters this package does not know, and known ones given in wire form: those are checked like any other, and none
 * may come twice.
 */
function writeExtra(extra: ExtraParametersInput, before: string, utf8: boolean, check: Known): string {
  const seen = new Set(before.split(' ').map(parameter => parameter.split('=', 1)[0]))
  let text = before
  for (const [keyword, given] of entriesOf(extra)) {
    checkKeyword(keyword)
    const value = given === true ? undefined : String(given)
    if (value !== undefined) checkValue(keyword, value, utf8)
    const name = upper(keyword)
    if (seen.has(name)) throw new SyntaxFault(`${name} is there twice`)
    seen.add(name)
    check({}, name, value)
    text += value === undefined ? ` ${keyword}` : ` ${keyword}=${value}`
  }
  return text
}
