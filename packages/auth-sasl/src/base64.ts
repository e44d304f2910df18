// Base64 inside SCRAM messages, RFC 4648 section 4, "restricted to the canonical form with no whitespace" (RFC 5802
// section 2.1): padded, and with the unused bits zero, so that every value has one spelling only.

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

export function encodeBase64(octets: Uint8Array): string {
  let text = ''
  for (let at = 0; at < octets.length; at += 3) {
    const [a = 0, b = 0, c = 0] = octets.subarray(at, at + 3)
    const bits = (a << 16) | (b << 8) | c
    for (const shift of [18, 12, 6, 0]) text += ALPHABET.charAt((bits >> shift) & 63)
  }
  const missing = (3 - (octets.length % 3)) % 3
  return text.slice(0, text.length - missing) + '='.repeat(missing)
}

/** The octets, or undefined when the text is not canonical base64. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return undefined
  const digits = text.replace(/=+$/, '')
  const octets = new Uint8Array(Math.floor((digits.length * 3) / 4))
  let bits = 0
  let count = 0
  let at = 0
  for (const digit of digits) {
    bits = ((bits << 6) | ALPHABET.indexOf(digit)) & 0xffff
    count += 6
    if (count >= 8) {
      count -= 8
      octets[at++] = bits >> count
    }
  }
  return (bits & ((1 << count) - 1)) === 0 ? octets : undefined
}
