/**
 * Whom the server knows, and by which SASL mechanisms they may prove it (RFC 4954, RFC 4422).
 *
 * In: users with their passwords, mechanism names or makers of mechanisms. Out: what EHLO offers, and one fresh
 * ServerMechanism per exchange. Passwords are a test's own; they appear in no transcript and no event.
 */
import {
  equalSecrets,
  type PasswordAttempt,
  Secret,
  type ServerMechanism,
  serverCramMd5,
  serverLogin,
  serverPlain,
} from '@postrider/auth-sasl'

/** What a mechanism may need to know of the connection it runs on. */
export interface AuthFacts {
  /** The server's host name. */
  readonly hostname: string
  /** Whether TLS is up. */
  readonly secure: boolean
  /**
   * The TLS socket (node:tls TLSSocket), for channel binding or a client certificate; undefined in clear text. With `tlsOptions: { requestCert: true, ca }`
   * its `authorized` says whether the client has shown a certificate that `ca` stands for.
   */
  readonly tlsSocket: unknown
}

/** A mechanism the server does not bring along: its name for EHLO, and how to make one for an exchange. */
export interface MechanismOffer {
  readonly name: string
  create(facts: AuthFacts): ServerMechanism
}

/** The mechanisms the server brings along. */
export type MechanismName = 'PLAIN' | 'LOGIN' | 'CRAM-MD5'

/** Who may log in, and how. */
export interface AuthOptions {
  /** Password by user name. */
  readonly users: Readonly<Record<string, string>> | ReadonlyMap<string, string>
  /** What EHLO offers, in this order. Default `['PLAIN', 'LOGIN', 'CRAM-MD5']`. */
  readonly mechanisms?: readonly (MechanismName | MechanismOffer)[]
  /**
   * Offer AUTH in clear text too. Default: only where there is no TLS to wait for (`tls: 'none'`). RFC 4954 4 wants a
   * server that permits no plaintext password "unless either the STARTTLS command has been negotiated or …".
   */
  readonly insecure?: boolean
}

/** The mechanisms by upper-case name, in the order of the offer. */
export function mechanismOffers(auth: AuthOptions): ReadonlyMap<string, MechanismOffer> {
  const users = new Map(auth.users instanceof Map ? auth.users : Object.entries(auth.users))
  const offers = (auth.mechanisms ?? BUILT_IN).map(one => (typeof one === 'string' ? builtIn(one, users) : one))
  return new Map(offers.map(offer => [offer.name.toUpperCase(), offer]))
}

const BUILT_IN: readonly MechanismName[] = ['PLAIN', 'LOGIN', 'CRAM-MD5']

function builtIn(name: MechanismName, users: ReadonlyMap<string, string>): MechanismOffer {
  const verify = ({ username, password }: PasswordAttempt): boolean => {
    const known = users.get(username)
    return known !== undefined && equalSecrets(new Secret(known), password)
  }
  switch (name) {
    case 'PLAIN':
      return { name, create: () => serverPlain({ verify }) }
    case 'LOGIN':
      return { name, create: () => serverLogin({ verify }) }
    case 'CRAM-MD5':
      return { name, create: ({ hostname }) => serverCramMd5({ lookup: user => users.get(user), host: hostname }) }
    default:
      throw new RangeError(`no mechanism ${JSON.stringify(name)} here: give { name, create } for others`)
  }
}
