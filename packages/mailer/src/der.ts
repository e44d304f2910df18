/**
 * DER (X.690), as far as it takes to find a value in a certificate or a TLS session.
 *
 * In: octets. Out: the elements that stand in them one after the other. Refused: what does not end where it says, tags of several octets, and lengths
 * that no such object has.
 */

export interface DerElement {
  /** Class, form and number in one octet: `0x30` is SEQUENCE, `0xa3` is [3]. */
  readonly tag: number
  readonly content: Uint8Array
}

/** @throws RangeError */
export function readDer(octets: Uint8Array): DerElement[] {
  const elements: DerElement[] = []
  let at = 0
  while (at < octets.length) {
    const tag = octets[at++] ?? 0
    if ((tag & 0x1f) === 0x1f) throw new RangeError('a tag of several octets')
    let length = octets[at++] ?? 0
    if (length >= 0x80) {
      const digits = length - 0x80
      if (digits === 0 || digits > 4) throw new RangeError('a length that is not written in one to four octets')
      length = 0
      for (let digit = 0; digit < digits; digit++) length = length * 256 + (octets[at++] ?? 0)
    }
    if (length > octets.length - at) throw new RangeError('an element that does not end')
    elements.push({ tag, content: octets.subarray(at, at + length) })
    at += length
  }
  return elements
}
