// The nonces of SCRAM, RFC 5802 section 5.1: "a sequence of random printable ASCII characters excluding ','", different
// for each authentication.
import { encodeBase64 } from './base64.js'
import { platformRandom, randomOctets } from './random.js'

/**
 * A new nonce: from `make`, or 144 bits of `crypto.getRandomValues` in 24 characters.
 * @throws RangeError when `make` gives something that is no nonce.
 */
export function newNonce(make: (() => string) | undefined): string {
  const nonce = make === undefined ? encodeBase64(randomOctets(platformRandom, 18)) : make()
  if (!isNonce(nonce)) throw new RangeError('the nonce is empty or not printable ASCII without comma')
  return nonce
}

/** printable = %x21-2B / %x2D-7E (section 7), at least one. */
export function isNonce(nonce: string): boolean {
  return /^[\x21-\x2b\x2d-\x7e]+$/.test(nonce)
}
