// The four messages of SCRAM, read and written: RFC 5802 section 7. What goes in: the text of one message. What comes
// out: its attributes in the one order the grammar permits, or the reason why it is no such message. Unknown optional
// extensions are passed over; the reserved `m` (a mandatory extension, of which none exists) is refused wherever it
// stands, and so is an attribute the RFC defines in a place where it does not belong.
import { decodeBase64 } from './base64.js'
import { isNonce } from './nonce.js'
import { unescapeName } from './saslname.js'

/** Why a message was refused. */
export interface Refusal {
  readonly refusal: string
  /** It demands an extension, which a server answers in words of SCRAM. */
  readonly isExtension: boolean
}

export interface ClientFirst {
  /** `n`, `y`, or the type behind `p=`. */
  readonly flag: 'n' | 'y' | { readonly type: string }
  /** The GS2 header as it came, both commas included. */
  readonly header: string
  /** Everything behind the header, as it came: it goes into the signatures. */
  readonly bare: string
  readonly authorization: string | undefined
  readonly username: string
  readonly nonce: string
}

export interface ServerFirst {
  readonly nonce: string
  readonly salt: Uint8Array
  /** Decimal digits without a leading zero; not yet a number, for it may be any size. */
  readonly iterations: string
}

export interface ClientFinal {
  /** Everything before `,p=`, as it came. */
  readonly withoutProof: string
  /** The decoded `c`: GS2 header and channel binding data. */
  readonly binding: Uint8Array
  readonly nonce: string
  readonly proof: Uint8Array
}

/** The server-error-value behind `e=`. */
export interface ServerError {
  readonly error: string
}

export type ServerFinal = { readonly verifier: Uint8Array } | ServerError

/** client-first-message = gs2-header client-first-message-bare */
export function parseClientFirst(text: string): ClientFirst | Refusal {
  const match = /^(n|y|p=([A-Za-z0-9.-]+)),(?:a=([^,]+))?,(.*)$/s.exec(text)
  if (match === null) return refusal('the message does not begin with a GS2 header')
  const [, flag = '', type, escaped, bare = ''] = match
  const attributes = parseAttributes(bare, 'nr')
  if ('refusal' in attributes) return attributes
  const [name = '', nonce = ''] = attributes.values
  const username = unescapeName(name)
  const authorization = escaped === undefined ? undefined : unescapeName(escaped)
  if (username === undefined || (escaped !== undefined && authorization === undefined))
    return refusal('a name holds a "=" that is neither "=2C" nor "=3D"')
  if (!isNonce(nonce)) return refusal('the nonce is not printable ASCII')
  return {
    flag: type === undefined ? (flag as 'n' | 'y') : { type },
    header: text.slice(0, text.length - bare.length),
    bare,
    authorization,
    username,
    nonce,
  }
}

/**
 * server-first-message = [reserved-mext ","] nonce "," salt "," iteration-count ["," extensions]
 *
 * The grammar has errors in the last message only, but a server may know already here that it cannot go on.
 */
export function parseServerFirst(text: string): ServerFirst | ServerError | Refusal {
  if (text.startsWith('e=')) return parseServerError(text)
  const attributes = parseAttributes(text, 'rsi')
  if ('refusal' in attributes) return attributes
  const [nonce = '', encodedSalt = '', iterations = ''] = attributes.values
  const salt = decodeBase64(encodedSalt)
  if (!isNonce(nonce)) return refusal('the nonce is not printable ASCII')
  if (salt === undefined) return refusal('the salt is not base64')
  if (!/^[1-9][0-9]*$/.test(iterations)) return refusal('the iteration count is not a positive number')
  return { nonce, salt, iterations }
}

/** client-final-message = channel-binding "," nonce ["," extensions] "," proof */
export function parseClientFinal(text: string): ClientFinal | Refusal {
  const last = text.lastIndexOf(',')
  const withoutProof = text.slice(0, Math.max(last, 0))
  const attributes = parseAttributes(withoutProof, 'cr')
  if ('refusal' in attributes) return attributes
  const end = parseAttributes(text.slice(last + 1), 'p')
  if ('refusal' in end) return end
  const [encodedBinding = '', nonce = ''] = attributes.values
  const binding = decodeBase64(encodedBinding)
  const proof = decodeBase64(end.values[0] ?? '')
  return binding === undefined || proof === undefined
    ? refusal('the channel binding or the proof is not base64')
    : { withoutProof, binding, nonce, proof }
}

/** server-final-message = (server-error / verifier) ["," extensions] */
export function parseServerFinal(text: string): ServerFinal | Refusal {
  if (text.startsWith('e=')) return parseServerError(text)
  const attributes = parseAttributes(text, 'v')
  if ('refusal' in attributes) return attributes
  const [value = ''] = attributes.values
  const verifier = decodeBase64(value)
  return verifier === undefined ? refusal('the signature is not base64') : { verifier }
}

function parseServerError(text: string): ServerError | Refusal {
  const attributes = parseAttributes(text, 'e')
  if ('refusal' in attributes) return attributes
  const [error = ''] = attributes.values
  return { error }
}

/** The attributes section 5.1 defines. Anything else is an optional extension. */
const DEFINED = 'anmrcsipve'

/** The values of the attributes named by the letters of `order`, which must come first and in this order. */
function parseAttributes(text: string, order: string): { readonly values: readonly string[] } | Refusal {
  if (text.includes('\0')) return refusal('the message holds a NUL')
  const values: string[] = []
  for (const [index, attribute] of text.split(',').entries()) {
    // attr-val = ALPHA "=" value; value = 1*value-char
    if (!/^[A-Za-z]=./s.test(attribute)) return refusal('the message is not a list of attributes')
    const name = attribute.charAt(0)
    if (name === 'm') return refusal('it demands an extension that does not exist', true)
    if (index < order.length) {
      if (name !== order.charAt(index)) return refusal('the attributes are not in their order')
      values.push(attribute.slice(2))
    } else if (DEFINED.includes(name)) return refusal('an attribute stands where it does not belong')
  }
  return values.length === order.length ? { values } : refusal('an attribute is missing')
}

function refusal(why: string, isExtension = false): Refusal {
  return { refusal: why, isExtension }
}
