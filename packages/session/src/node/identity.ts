/**
 * Whom we talk to over TLS: the name that is sent (SNI) and the name that the certificate must carry.
 *
 * In: the host as the user typed it. Out: options for `tls.connect`. It refuses certificates that name the host only in their common name
 * (RFC 9525 2: "the Common Name … MUST NOT be used"). Node has traps here (threat T-17): without a host it checks against "localhost", it sends a
 * trailing dot and IP addresses as SNI, and it accepts a bare common name.
 */
import { isIP } from 'node:net'
import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import { domainToASCII } from 'node:url'

/** The reference identity: what the user typed, in ASCII, without a trailing dot. IP addresses lose their brackets. */
export function referenceIdentity(host: string): string {
  const bare = host.replace(/^\[(?:IPv6:)?(.*)\]$/i, '$1').replace(/\.$/, '')
  return isIP(bare) ? bare : domainToASCII(bare) || bare
}

/** What `tls.connect` must be given. RFC 6066 3: "Literal IPv4 and IPv6 addresses are not permitted" as SNI. */
export function identityOptions(host: string): {
  readonly host: string
  readonly servername?: string
  readonly checkServerIdentity: (hostname: string, certificate: PeerCertificate) => Error | undefined
} {
  const identity = referenceIdentity(host)
  return {
    host: identity,
    ...(isIP(identity) ? {} : { servername: identity }),
    // The name Node offers is ignored: only what the user typed counts.
    checkServerIdentity: (_hostname, certificate) => {
      if (certificate.subjectaltname === undefined || certificate.subjectaltname === '')
        return new Error('the certificate has no subject alternative name; a common name does not identify a server')
      return checkServerIdentity(identity, certificate)
    },
  }
}
