// The server's half of every mechanism, for the test server: what `@postrider/testkit` does not bring along itself.
//
// In: one user with password, token and, if wanted, a certificate. Out: offers in the order of strength, for `auth.mechanisms` of
// `createServer`. The `-PLUS` forms know `tls-exporter` and `tls-unique`.
import { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import {
  type ChannelBinding,
  equalSecrets,
  type PasswordAttempt,
  type ScramHash,
  type ScramRecord,
  Secret,
  scramRecord,
  serverCramMd5,
  serverExternal,
  serverLogin,
  serverOAuthBearer,
  serverPlain,
  serverScram,
  serverXoauth2,
  type TokenAttempt,
  type TokenVerdict,
} from '@postrider/auth-sasl'
import type { MechanismOffer } from '@postrider/testkit'

export interface OfferedUser {
  readonly username: string
  readonly password: string
  readonly token: string
  /** PEM; who shows it is the user, for EXTERNAL. The server must ask for one: `tlsOptions.requestCert`. */
  readonly certificate?: string
}

const hashes: readonly ScramHash[] = ['SHA-512', 'SHA-256', 'SHA-1']

export async function everyMechanism(user: OfferedUser): Promise<MechanismOffer[]> {
  const records = new Map<ScramHash, ScramRecord>()
  for (const hash of hashes) records.set(hash, await scramRecord(hash, user.password))
  const lookup = (hash: ScramHash) => (name: string) => (name === user.username ? records.get(hash) : undefined)

  const verify = ({ username, password }: PasswordAttempt): boolean =>
    username === user.username && equalSecrets(password, new Secret(user.password))
  const verifyToken = ({ username, token }: TokenAttempt): TokenVerdict =>
    username === user.username && equalSecrets(token, new Secret(user.token))
      ? { identity: username }
      : { failure: { status: 'invalid_token', scope: 'mail' } }

  return [
    {
      name: 'EXTERNAL',
      create: ({ tlsSocket }) =>
        serverExternal({ identity: shows(tlsSocket, user.certificate) ? user.username : undefined }),
    },
    ...hashes.map(hash => ({
      name: `SCRAM-${hash}-PLUS`,
      create: ({ tlsSocket }: { readonly tlsSocket: unknown }) =>
        serverScram(hash, { lookup: lookup(hash), plus: true, channelBindings: bindings(tlsSocket) }),
    })),
    ...hashes.map(hash => ({
      name: `SCRAM-${hash}`,
      create: ({ tlsSocket }: { readonly tlsSocket: unknown }) =>
        serverScram(hash, { lookup: lookup(hash), channelBindings: bindings(tlsSocket) }),
    })),
    { name: 'OAUTHBEARER', create: () => serverOAuthBearer({ verify: verifyToken }) },
    { name: 'XOAUTH2', create: () => serverXoauth2({ verify: verifyToken }) },
    {
      name: 'CRAM-MD5',
      create: ({ hostname }) =>
        serverCramMd5({ host: hostname, lookup: name => (name === user.username ? user.password : undefined) }),
    },
    { name: 'PLAIN', create: () => serverPlain({ verify }) },
    { name: 'LOGIN', create: () => serverLogin({ verify }) },
  ]
}

/** The same octets that the client takes, seen from the other side: its Finished message is what our peer sent. */
function bindings(socket: unknown): ChannelBinding[] {
  if (!isTls(socket)) return []
  const found: ChannelBinding[] = [
    { type: 'tls-exporter', data: socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0)) },
  ]
  const finished = socket.isSessionReused() ? socket.getFinished() : socket.getPeerFinished()
  if (finished !== undefined) found.push({ type: 'tls-unique', data: finished })
  return found
}

/** The handshake has proved that the client has the key of the certificate; here it is compared, not verified. */
function shows(socket: unknown, certificate: string | undefined): boolean {
  if (certificate === undefined || !isTls(socket)) return false
  return socket.getPeerX509Certificate()?.raw.equals(new X509Certificate(certificate).raw) ?? false
}

function isTls(socket: unknown): socket is TLSSocket {
  return typeof socket === 'object' && socket !== null && 'exportKeyingMaterial' in socket
}
