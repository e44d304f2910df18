/**
 * What ties an authentication to the very TLS connection it runs on (RFC 5056), where the runtime tells it.
 *
 * In: the socket of a connection. Out: the bindings that are sound on it, the best first; none where there is no TLS.
 *
 * - `tls-exporter` (RFC 9266 2), TLS 1.3: 32 octets of keying material, label `EXPORTER-Channel-Binding`, empty context.
 * - `tls-unique` (RFC 5929 3), TLS 1.2 with the extended master secret of RFC 7627 alone: without it two connections can be made to have the same
 *   (the "triple handshake", RFC 9266 1). For TLS 1.3 no RFC defines it; servers on OpenSSL that know nothing else take the same message from
 *   there, the first Finished that the client sent (in a resumed session: the server's), and there it depends on the whole handshake by construction.
 * - `tls-server-end-point` (RFC 5929 4): the hash of the server's certificate. It names the server, not the connection, so it comes last.
 */
import { createHash, type X509Certificate } from 'node:crypto'
import type { ChannelBinding } from '@postrider/auth-sasl'
import type { NodeChannel } from '@postrider/session/node'
import { type DerElement, readDer } from './der.js'

export function channelBindings({ socket, tls }: NodeChannel): readonly ChannelBinding[] {
  if (socket === undefined || tls === undefined || !('exportKeyingMaterial' in socket)) return []
  const isNew = tls.version === 'TLSv1.3'
  const hasUnique = isNew || (tls.version === 'TLSv1.2' && hasExtendedMasterSecret(socket))
  const found = [
    isNew && bindingOf('tls-exporter', () => socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', nothing)),
    hasUnique && bindingOf('tls-unique', () => firstFinished(socket)),
    bindingOf('tls-server-end-point', () => hashOf(socket.getPeerX509Certificate())),
  ]
  return found.filter(binding => typeof binding === 'object')
}

/** The socket of a channel under TLS. */
type TlsSocket = Extract<NodeChannel['socket'], { exportKeyingMaterial: unknown }>

const nothing = Buffer.alloc(0)

/** Node tells all of it; a runtime that lacks something throws or gives nothing, and then the binding is not at hand. */
function bindingOf(type: ChannelBinding['type'], read: () => Uint8Array | undefined): ChannelBinding | undefined {
  try {
    const data = read()
    return data === undefined || data.length === 0 ? undefined : { type, data }
  } catch {
    return undefined
  }
}

/** RFC 5929 3.1: "The first TLS Finished message sent": by the client in a full handshake, by the server when a session is resumed. */
function firstFinished(socket: TlsSocket): Uint8Array | undefined {
  return socket.isSessionReused() ? socket.getPeerFinished() : socket.getFinished()
}

/**
 * Node has no question for it, but OpenSSL writes it into the session, as bit 0 of the flags under tag [13]. What does not look like that counts as no.
 */
function hasExtendedMasterSecret(socket: TlsSocket): boolean {
  let session: Buffer | undefined
  try {
    session = socket.getSession()
    const fields = inner(session === undefined ? undefined : readDer(session)[0])
    const [flags] = inner(fields.find(({ tag }) => tag === 0xad))
    return ((flags?.content.at(-1) ?? 0) & 1) === 1
  } catch {
    return false
  } finally {
    // The master secret is in it, too.
    session?.fill(0)
  }
}

/**
 * RFC 5929 4.1: the hash function of the certificate's signature, SHA-256 in place of MD5 and SHA-1; where the signature has none of its own or
 * several (EdDSA, RSASSA-PSS), "then this channel binding type's channel bindings are undefined at this time".
 */
function hashOf(certificate: X509Certificate | undefined): Uint8Array | undefined {
  if (certificate === undefined) return undefined
  const [, algorithm] = inner(readDer(certificate.raw)[0])
  const [identifier] = inner(algorithm)
  const hash = signatureHashes.get(Buffer.from(identifier?.content ?? nothing).toString('hex'))
  return hash === undefined ? undefined : createHash(hash).update(certificate.raw).digest()
}

function inner(element: DerElement | undefined): DerElement[] {
  return element === undefined ? [] : readDer(element.content)
}

/** By the object identifier of the signature, in hexadecimal. */
const signatureHashes: ReadonlyMap<string, string> = new Map([
  // 1.2.840.113549.1.1: RSA with MD5, SHA-1, SHA-224, SHA-256, SHA-384, SHA-512
  ['2a864886f70d010104', 'sha256'],
  ['2a864886f70d010105', 'sha256'],
  ['2a864886f70d01010e', 'sha224'],
  ['2a864886f70d01010b', 'sha256'],
  ['2a864886f70d01010c', 'sha384'],
  ['2a864886f70d01010d', 'sha512'],
  // 1.2.840.10045.4: ECDSA with SHA-1, SHA-224, SHA-256, SHA-384, SHA-512
  ['2a8648ce3d0401', 'sha256'],
  ['2a8648ce3d040301', 'sha224'],
  ['2a8648ce3d040302', 'sha256'],
  ['2a8648ce3d040303', 'sha384'],
  ['2a8648ce3d040304', 'sha512'],
])
