/**
 * A message with its envelope, checked and measured once, before any connection is asked for.
 *
 * In: addresses, a message, options. Out: a `Letter`, from which every attempt to send it takes envelope, parameters and body. What a particular
 * server must offer for it is looked up when there is a server: `addressTo`.
 *
 * It refuses: an envelope without recipients, header characters that are not UTF-8; and, when the server is known, octets above 127
 * without 8BITMIME, characters outside ASCII in addresses or header without SMTPUTF8, a message larger than the server's limit
 * (RFC 1870 6.1, RFC 6152 2, RFC 6531 3.4). All before the first octet.
 */
import { type Extensions, type MailParametersInput, measureData } from '@postrider/codec'
import type { Body, BodyOptions, Envelope, Recipient } from '@postrider/session'
import { SMTPEnvelopeError, SMTPMessageError, SMTPNotSupportedError } from './error.js'
import { characterSet, HeaderEnd } from './header.js'
import type { SendOptions } from './send-option.js'
import type { Content } from './source.js'
import { isAscii, wireAddress } from './wire-address.js'

/** Who receives: addresses, with RCPT parameters of their own where they have any. */
export type Recipients = string | Recipient | Iterable<string | Recipient>

export interface Letter {
  readonly from: string
  readonly to: readonly (string | Recipient)[]
  readonly body: Body
  readonly bodyOptions: BodyOptions
  readonly parameters: MailParametersInput
  readonly messageId: string | undefined
  /** For SIZE: octets as they will be sent; `undefined` while nobody has counted them. */
  readonly octets: number | undefined
  /** Octets above 127 are in it; `undefined`: nobody knows yet. */
  readonly eightBit: boolean | undefined
  /** The header holds UTF-8. */
  readonly utf8Header: boolean
  /** An address holds characters outside ASCII. */
  readonly utf8Address: boolean
}

/** What is known of a header block that has been read. */
export interface KnownHeader {
  readonly utf8: boolean
  readonly messageId: string | undefined
}

/**
 * @throws {@link SMTPEnvelopeError}, {@link SMTPMessageError}, TypeError, {@link EncodeError}
 */
export function writeLetter(
  from: string,
  to: Recipients,
  content: Content,
  options: SendOptions,
  header?: KnownHeader,
): Letter {
  const recipients = readRecipients(to, options)
  if (recipients.length === 0) throw new SMTPEnvelopeError('the envelope has no recipient')
  const sender = wireAddress(checkAddress(from, 'sender'), 'reverse', options.bareLocalPart)
  const utf8Address = !isAscii(sender) || recipients.some(recipient => !isAscii(addressOf(recipient)))
  const chosen = (utf8Address ? content.utf8?.() : undefined) ?? content
  const known = chosen.kind === 'memory' ? measure(chosen, options, header) : foresee(chosen, options, header)
  // Written out field by field: spreading objects here would cost more than all the rest of it.
  return {
    from: sender,
    to: recipients,
    body: known.body,
    bodyOptions: known.bodyOptions,
    parameters: options.parameters ?? noParameters,
    messageId: header?.messageId,
    octets: known.octets,
    eightBit: known.eightBit,
    utf8Header: known.utf8Header,
    utf8Address,
  }
}

/**
 * The envelope for a server that offers these extensions.
 *
 * @throws {@link SMTPNotSupportedError}, {@link SMTPMessageError}
 */
export function addressTo(extensions: Extensions | undefined, letter: Letter): Envelope {
  const { octets, eightBit, parameters } = letter
  const limit = extensions?.size
  // RFC 1870 4: a limit of 0 is no limit.
  if (octets !== undefined && limit !== undefined && limit > 0 && octets > limit)
    throw new SMTPMessageError(`the message has ${octets} octets, and the server takes ${limit}`)
  const size = parameters.size ?? (extensions?.has('SIZE') ? octets : undefined)
  const utf8 = letter.utf8Address || letter.utf8Header || parameters.smtputf8 === true
  if (utf8 && extensions?.smtputf8 !== true) throw new SMTPNotSupportedError(whyUtf8(letter), { retry: 'never' })
  const offers8Bit = extensions?.eightBitMime === true
  if (eightBit === true && !offers8Bit && !isBinary(parameters)) throw eightBitRefused()
  // Of a stream nobody knows whether it is 7-bit, so it is announced as what it may be.
  const body = parameters.body ?? (eightBit !== false && offers8Bit ? '8BITMIME' : undefined)
  return {
    from: letter.from,
    to: letter.to,
    parameters: {
      ...parameters,
      ...(size === undefined ? {} : { size }),
      ...(body === undefined ? {} : { body }),
      ...(utf8 ? { smtputf8: true } : {}),
    },
  }
}

/** RFC 6152: a server that does not offer 8BITMIME takes no such octets. */
export function eightBitRefused(): SMTPNotSupportedError {
  return new SMTPNotSupportedError('the message holds octets above 127, and the server does not offer 8BITMIME')
}

/** RFC 3030 3: nothing of the message may change, and it goes by BDAT. */
function isBinary(parameters: MailParametersInput | undefined): boolean {
  return parameters?.body === 'BINARYMIME'
}

export function addressOf(recipient: string | Recipient): string {
  return typeof recipient === 'string' ? recipient : recipient.address
}

const noParameters: MailParametersInput = Object.freeze({})

/** RFC 5321 4.5.3.1.6, without the CRLF. */
const longestTextLine = 998

/** What the content alone decides. */
type Known = Pick<Letter, 'body' | 'bodyOptions' | 'octets' | 'eightBit' | 'utf8Header'>

/** A message in memory: everything is known before it is sent. */
function measure(
  { octets, text }: Extract<Content, { kind: 'memory' }>,
  { newlines = 'normalise', longLines = 'send', parameters }: SendOptions,
  header: KnownHeader | undefined,
): Known {
  if (isBinary(parameters)) {
    // A text has no octets of its own: its line ends are whatever they will be.
    if (text) throw new SMTPMessageError('the message is text, and BINARYMIME carries octets as they are')
    return {
      body: octets,
      bodyOptions: {},
      octets: octets.length,
      eightBit: true,
      utf8Header: header?.utf8 ?? hasUtf8Header(octets),
    }
  }
  const measured = measureData(octets)
  if (longLines === 'reject' && measured.longestLine > longestTextLine)
    throw new SMTPMessageError(`the message holds a line of ${measured.longestLine} octets, and 998 are allowed`)
  // The line ends of text are nobody's decision; those of octets may be.
  if (newlines === 'reject' && !text && measured.bareNewlines > 0)
    throw new SMTPMessageError(`the message holds ${measured.bareNewlines} line ends that are a bare CR or LF`)
  return {
    body: octets,
    bodyOptions: { newlines: text ? 'normalise' : newlines, longLines },
    octets: measured.octets,
    eightBit: measured.eightBit,
    utf8Header: header?.utf8 ?? (measured.eightBit && hasUtf8Header(octets)),
  }
}

/** A message that is still to come: what it will turn out to be is for the session to watch. */
function foresee(
  { body, size }: Extract<Content, { kind: 'stream' }>,
  { newlines = 'normalise', longLines = 'send' }: SendOptions,
  header: KnownHeader | undefined,
): Known {
  return {
    body,
    bodyOptions: size === undefined ? { newlines, longLines } : { newlines, longLines, length: size },
    octets: size,
    eightBit: undefined,
    utf8Header: header?.utf8 ?? false,
  }
}

function readRecipients(
  to: Recipients,
  { recipientParameters, bareLocalPart }: Pick<SendOptions, 'recipientParameters' | 'bareLocalPart'>,
): (string | Recipient)[] {
  return listOf(to).map(recipient => {
    const name = checkAddress(isRecipient(recipient) ? recipient.address : recipient, 'recipient')
    const address = wireAddress(name, 'forward', bareLocalPart)
    const own = isRecipient(recipient) ? recipient.parameters : undefined
    const all = own === undefined ? recipientParameters : { ...recipientParameters, ...own }
    return all === undefined ? address : { address, parameters: all }
  })
}

/** One or several, as a list. */
export function listOf(to: Recipients): (string | Recipient)[] {
  return typeof to === 'string' || isRecipient(to) ? [to] : Array.from(to)
}

function isRecipient(to: unknown): to is Recipient {
  return typeof to === 'object' && to !== null && 'address' in to
}

function checkAddress(address: unknown, role: string): string {
  if (typeof address === 'string') return address
  throw new TypeError(`the address of the ${role} is ${address === null ? 'null' : typeof address}, and must be text`)
}

function hasUtf8Header(message: Uint8Array): boolean {
  const end = new HeaderEnd().find(message)
  const set = characterSet(end < 0 ? message : message.subarray(0, end))
  if (set === 'invalid')
    throw new SMTPMessageError('the header of the message holds octets above 127 that are not UTF-8')
  return set === 'utf8'
}

/** Why a message needs SMTPUTF8 that a server does not offer, in smtplib's words (P61) where it is for an address. */
export function whyUtf8({ from, to }: Pick<Letter, 'from' | 'to'>): string {
  const addresses = [from, ...to.map(addressOf)].filter(address => !isAscii(address))
  if (addresses.length === 0) return 'The header of the message holds UTF-8, but the server does not advertise SMTPUTF8'
  return `One or more source or delivery addresses require internationalized email support, but the server does not advertise the required SMTPUTF8 capability: ${addresses.join(', ')}`
}
