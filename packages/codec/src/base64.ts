/**
 * Base64 as SASL exchanges use it (RFC 4648 4, RFC 4954 4): octets in, text out, and strictly back. Refuses, as RFC 4954
 * demands, "any character not explicitly allowed by the BASE64 alphabet" and padding anywhere but at the end, also
 * missing padding and unused bits that are not zero, so that one value has one form. Nothing is ever wrapped.
 *
 * Values here are secrets as a rule: no error shows any part of them.
 */
import { DecodeError } from './error.js'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const PAD = 0x3d
const NONE = 64

const values: Uint8Array = /* @__PURE__ */ valueTable()

function valueTable(): Uint8Array {
  const table = new Uint8Array(128).fill(NONE)
  for (let i = 0; i < ALPHABET.length; i++) table[ALPHABET.charCodeAt(i)] = i
  return table
}

/** The base64 text of octets, with padding, on one line. */
export function encodeBase64(octets: Uint8Array): string {
  let text = ''
  for (let i = 0; i < octets.length; i += 3) {
    const left = octets.length - i
    const group = ((octets[i] ?? 0) << 16) | ((octets[i + 1] ?? 0) << 8) | (octets[i + 2] ?? 0)
    text += ALPHABET.charAt(group >> 18) + ALPHABET.charAt((group >> 12) & 63)
    text += left > 1 ? ALPHABET.charAt((group >> 6) & 63) : '='
    text += left > 2 ? ALPHABET.charAt(group & 63) : '='
  }
  return text
}

/**
 * The octets a base64 text stands for.
 *
 * @throws {@link DecodeError} `what: 'base64'`, with the reply RFC 4954 4 prescribes (501 5.5.2)
 */
export function decodeBase64(text: string | Uint8Array): Uint8Array {
  const length = text.length
  if (length % 4 !== 0) refuse('length is not a multiple of four', length)
  const padding = unitAt(text, length - 1) === PAD ? (unitAt(text, length - 2) === PAD ? 2 : 1) : 0
  const octets = new Uint8Array((length / 4) * 3 - padding)
  let filled = 0
  for (let i = 0; i < length; i += 4) {
    const digits = i + 4 === length ? 4 - padding : 4
    let group = 0
    for (let j = 0; j < 4; j++) {
      const value = j < digits ? (values[unitAt(text, i + j)] ?? NONE) : 0
      if (value === NONE) refuse('character outside the alphabet', i + j)
      group = (group << 6) | value
    }
    const last = (digits * 6) >> 3
    if ((group & (0xffffff >> (last * 8))) !== 0) refuse('unused bits are not zero', i + digits - 1)
    for (let j = 0; j < last; j++) octets[filled++] = (group >> (16 - j * 8)) & 0xff
  }
  return octets
}

function unitAt(text: string | Uint8Array, i: number): number {
  return typeof text === 'string' ? text.charCodeAt(i) : (text[i] ?? 0)
}

function refuse(why: string, at: number): never {
  const reply = { code: 501, enhanced: '5.5.2', text: 'Cannot decode base64' }
  throw new DecodeError('base64', why, { at, reply })
}
