/**
 * An address on its way into the envelope: its domain becomes what is looked up and what a server without SMTPUTF8 can take.
 *
 * In: an addr-spec, never a header value. Out: the same addr-spec with a domain outside ASCII as A-labels (RFC 5890 2.3.2.1); the local part is
 * left alone (RFC 5321 2.3.11: it "MUST be interpreted and assigned semantics only by the host specified in the domain part"). Refused, before anything is
 * opened: what the codec refuses, and a domain that has no A-label form.
 */
import { domainToASCII } from 'node:url'
import { EncodeError, parseMailbox, writePath } from '@postrider/codec'

/**
 * @param direction - `reverse` is a sender, who may be `''`; `forward` a recipient, who may be `Postmaster`
 * @param bareLocalPart - take a local part alone, such as `root`, too
 * @throws {@link EncodeError}
 */
export function wireAddress(address: string, direction: 'reverse' | 'forward', bareLocalPart = false): string {
  writePath(address, { utf8: true, direction, bareLocalPart })
  if (isAscii(address) || (bareLocalPart && !address.includes('@'))) return address
  const { domain } = parseMailbox(address, { utf8: true })
  if (isAscii(domain)) return address
  const ascii = domainToASCII(domain)
  // Mapping (UTS #46) makes an IP address of digits from elsewhere: not the name that was shown.
  if (ascii === '' || /^[\d.]+$/.test(ascii))
    throw new EncodeError('address', 'the domain cannot be written in ASCII', { value: address })
  return address.slice(0, address.length - domain.length) + ascii
}

export function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) return false
  return true
}
