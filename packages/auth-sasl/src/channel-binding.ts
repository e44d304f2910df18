// Channel binding: octets that both ends of one TLS connection know and nobody between two connections can have, tied
// into the authentication. RFC 5056, RFC 5802 section 6. What goes in: a type's name and its octets, taken from the TLS
// stack by whoever owns the socket; this package only carries them.
import { AuthenticationError } from './error.js'

/**
 * What identifies the TLS connection:
 * - `tls-exporter` (RFC 9266): 32 octets exported with the label `EXPORTER-Channel-Binding` and an empty context; the
 *   one for TLS 1.3
 * - `tls-server-end-point` (RFC 5929 section 4): the hash of the server's certificate
 * - `tls-unique` (RFC 5929 section 3): the first Finished message; on TLS 1.2 only with the extended master secret
 *   (RFC 7677 section 4)
 */
export interface ChannelBinding {
  readonly type: 'tls-exporter' | 'tls-server-end-point' | 'tls-unique' | (string & {})
  readonly data: Uint8Array
}

/**
 * Refuses a binding that cannot be written or binds nothing.
 * @throws AuthenticationError `EPOLICY`
 */
export function assertBinding(binding: ChannelBinding): void {
  // cb-name = 1*(ALPHA / DIGIT / "." / "-"); cbind-data = 1*OCTET (section 7)
  const why = /^[A-Za-z0-9.-]+$/.test(binding.type)
    ? binding.data.length === 0 && 'the channel binding data is empty'
    : 'the type of the channel binding is not letters, digits, dots and hyphens'
  if (why) throw new AuthenticationError(why, { code: 'EPOLICY', fault: 'local' })
}
