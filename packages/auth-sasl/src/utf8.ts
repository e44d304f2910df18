// Text to UTF-8 and back, without repair: what TextEncoder and TextDecoder would replace by U+FFFD is refused here,
// because a password with a replaced character is another password. RFC 3629 sections 3 and 4.

const encoder = /* @__PURE__ */ new TextEncoder()
const decoder = /* @__PURE__ */ new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** UTF-8, or undefined when the text holds half of a surrogate pair. */
export function encodeText(text: string): Uint8Array | undefined {
  return /\p{Surrogate}/u.test(text) ? undefined : encoder.encode(text)
}

/** Text, or undefined when the octets are not UTF-8. */
export function decodeText(octets: Uint8Array): string | undefined {
  try {
    return decoder.decode(octets)
  } catch {
    return undefined
  }
}

/** UTF-8 of text known to be ASCII or well formed: protocol words, digits, what {@link decodeText} returned. */
export function encodeWellFormed(text: string): Uint8Array {
  return encoder.encode(text)
}

/** One array of all the parts, in their order. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
