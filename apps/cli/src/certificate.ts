/**
 * A server's certificate as facts for a person: whose it is, who signed it, for which names, until when, and what speaks against it.
 */
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'

export interface CertificateFacts {
  readonly subject: string
  readonly issuer: string
  /** DNS names and IP addresses it is for. */
  readonly names: readonly string[]
  readonly validFrom: string
  readonly validTo: string
  /** Why it is not to be trusted; absent when it is. */
  readonly problem?: string
}

/** `undefined` where there is no TLS, or no certificate. */
export function certificateOf(socket: Socket | undefined): CertificateFacts | undefined {
  if (!(socket instanceof TLSSocket)) return undefined
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return undefined
  const problem = socket.authorized ? undefined : describe(socket.authorizationError)
  return {
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    names: (certificate.subjectAltName ?? '').split(', ').map(name => name.replace(/^(DNS|IP Address):/, '')),
    validFrom: certificate.validFrom,
    validTo: certificate.validTo,
    ...(problem === undefined ? {} : { problem }),
  }
}

/** Node gives an error, or the name of OpenSSL's verdict. */
function describe(reason: unknown): string {
  if (reason instanceof Error) return reason.message
  const name = String(reason)
  return verdicts.get(name) ?? name
}

const verdicts: ReadonlyMap<string, string> = new Map([
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'it is signed by itself'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'its root is not one we know'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'who signed it is not sent along and not known'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'who signed it is not known'],
  ['CERT_HAS_EXPIRED', 'it has expired'],
  ['CERT_NOT_YET_VALID', 'it is not valid yet'],
])

/** A distinguished name comes as one attribute a line. */
function oneLine(name: string | undefined): string {
  return (name ?? '').split('\n').join(', ')
}
