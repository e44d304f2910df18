/**
 * smtplib's two functions of the module: an address in angle brackets, and a message with its dots doubled. For programs that go step by step with
 * `docmd` and `send`; nothing else here needs them.
 */
import { type AddressOptions, parseAddresses } from './address.js'
import { SMTPEnvelopeError } from './error.js'

/** The line end of the wire. */
export const CRLF = '\r\n'

/** The line end of the wire, in octets. */
export const bCRLF: Uint8Array = Uint8Array.of(0x0d, 0x0a)

/**
 * `<addr-spec>` of an address with or without a display name; `<>` of the empty text. Refused, other than in smtplib (P5, P6): what is not exactly
 * one address.
 *
 * @param options - `bareLocalPart: true` takes `root`, too, as smtplib does
 * @throws {@link SMTPMessageError}, {@link SMTPEnvelopeError}
 */
export function quoteaddr(address: string, options: AddressOptions = {}): string {
  return `<${bareAddress(address, options)}>`
}

/** The addr-spec of an address with or without a display name; the empty text of the null path. */
export function bareAddress(address: string, options: AddressOptions = {}): string {
  if (address.trim() === '' || address.trim() === '<>') return ''
  const found = parseAddresses(address, 'address', options)
  const [only] = found
  if (only === undefined || found.length > 1)
    throw new SMTPEnvelopeError(`one address is wanted, and there are ${found.length}`)
  return only.address
}

/** The message with CRLF line ends and every leading dot doubled (RFC 5321 4.5.2), without the terminator (P8). */
export function quotedata(message: string): string {
  return message.replace(/\r\n|\n|\r/g, '\r\n').replace(/(^|\r\n)\./g, '$1..')
}
