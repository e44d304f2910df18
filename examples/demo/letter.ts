/** The demo's letter, field by field: octets in, octets out, nothing touched but the fields that are named. */

/** The letter as its recipients may see it: without the Bcc field. */
export function withoutBcc(letter: Uint8Array): Buffer {
  return replaceField(letter, 'Bcc', '')
}

/** The letter with other addresses, sent now. */
export function readdress(letter: Uint8Array, from: string, to: readonly string[]): Buffer {
  const fields = {
    Date: `Date: ${new Date().toUTCString().replace('GMT', '+0000')}\r\n`,
    From: `From: ${from}\r\n`,
    To: `To: ${to.join(',\r\n ')}\r\n`,
    Bcc: '',
    'Message-ID': `Message-ID: <${crypto.randomUUID()}@${from.slice(from.lastIndexOf('@') + 1)}>\r\n`,
  }
  return Object.entries(fields).reduce<Buffer>(
    (octets, [name, field]) => replaceField(octets, name, field),
    Buffer.from(letter),
  )
}

/** latin1 is one character for each octet, there and back. */
function replaceField(letter: Uint8Array, name: string, field: string): Buffer {
  return Buffer.from(
    Buffer.from(letter)
      .toString('latin1')
      .replace(new RegExp(`^${name}:.*\r\n`, 'm'), field),
    'latin1',
  )
}
