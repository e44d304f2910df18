/**
 * The envelope of a message: checked against the grammar and against what the server offers, and turned into command lines, before
 * anything is written. RFC 5321 3.3, 4.1.1.2, 4.1.1.3; RFC 6531 3.4.
 *
 * It refuses: an address or parameter that is outside the grammar (`EncodeError` of the codec), a parameter whose extension is not
 * offered (`NotOfferedError`): "a client MUST NOT transmit … parameters … unless the server offered".
 */
import { type Extensions, type MailParametersInput, type RcptParametersInput, writeCommand } from '@postrider/codec'
import { NotOfferedError } from './error.js'

/** One recipient with parameters of its own. */
export interface Recipient {
  /** An addr-spec, such as `ann@example.org`; never a header value with a name in it. */
  readonly address: string
  /** RCPT parameters, such as `{ notify: ['NEVER'] }`. */
  readonly parameters?: RcptParametersInput
}

/** Who sends to whom. */
export interface Envelope {
  /** The reverse path as an addr-spec; the empty string is the null path `<>`. */
  readonly from: string
  /** At least one recipient. */
  readonly to: readonly (string | Recipient)[]
  /** MAIL parameters, such as `{ size: 1024, body: '8BITMIME' }`. */
  readonly parameters?: MailParametersInput
}

/** MAIL parameters and the keyword under which EHLO offers them. */
const offeredBy: Readonly<Record<string, string>> = {
  size: 'SIZE',
  smtputf8: 'SMTPUTF8',
  ret: 'DSN',
  envid: 'DSN',
  notify: 'DSN',
  orcpt: 'DSN',
  auth: 'AUTH',
  by: 'DELIVERBY',
  holdfor: 'FUTURERELEASE',
  holduntil: 'FUTURERELEASE',
  mtpriority: 'MT-PRIORITY',
  requiretls: 'REQUIRETLS',
  solicit: 'NO-SOLICITING',
  rrvs: 'RRVS',
}

/** The MAIL line. With a non-ASCII address SMTPUTF8 is required of the server and added to the parameters (RFC 6531 3.4). */
export function writeMail(
  from: string,
  parameters: MailParametersInput,
  extensions: Extensions | undefined,
  utf8: boolean,
  phase: string,
  bareLocalPart = false,
): Uint8Array {
  if (utf8 && extensions?.smtputf8 !== true) throw new NotOfferedError('SMTPUTF8', 'an address is not ASCII', phase)
  const needed: MailParametersInput =
    utf8 && parameters.smtputf8 !== true ? { ...parameters, smtputf8: true } : parameters
  requireOffered('MAIL', needed, extensions, phase)
  return writeCommand({ verb: 'MAIL', path: from, parameters: needed }, { utf8, bareLocalPart })
}

/** One RCPT line. `utf8`: the transaction was opened with SMTPUTF8. */
export function writeRcpt(
  recipient: string | Recipient,
  extensions: Extensions | undefined,
  utf8: boolean,
  phase: string,
  bareLocalPart = false,
): Uint8Array {
  if (typeof recipient === 'string') return writeCommand({ verb: 'RCPT', path: recipient }, { utf8, bareLocalPart })
  const { address, parameters = {} } = recipient
  requireOffered('RCPT', parameters, extensions, phase)
  return writeCommand({ verb: 'RCPT', path: address, parameters }, { utf8, bareLocalPart })
}

/** True when an address of the envelope needs SMTPUTF8. */
export function international(envelope: Envelope): boolean {
  return !isAscii(envelope.from) || envelope.to.some(recipient => !isAscii(addressOf(recipient)))
}

export function addressOf(recipient: string | Recipient): string {
  return typeof recipient === 'string' ? recipient : recipient.address
}

export function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) return false
  return true
}

function requireOffered(verb: string, parameters: object, extensions: Extensions | undefined, phase: string): void {
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined || value === false) continue
    const keyword = name === 'body' ? bodyKeyword(value) : offeredBy[name]
    if (keyword !== undefined && extensions?.has(keyword) !== true)
      throw new NotOfferedError(keyword, `${verb} is to carry the parameter ${name}`, phase)
  }
}

/** RFC 6152 and RFC 3030: `BODY=7BIT` and `8BITMIME` come with 8BITMIME, `BINARYMIME` with BINARYMIME. */
function bodyKeyword(value: unknown): string {
  return value === 'BINARYMIME' ? 'BINARYMIME' : '8BITMIME'
}
