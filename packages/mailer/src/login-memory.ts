/**
 * What one mailer, or one client object, remembers from login to login; with it goes every secret in here.
 *
 * In: how SCRAM is to run and where tokens come from, as the user has said. Out: SCRAM with Node's PBKDF2 and the keys of former logins, one token for all
 * connections, and the channel binding that the server is known to take. Two mailers share nothing (threat T-18).
 */
import { pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'
import {
  type ChooseOptions,
  type Credentials,
  limitPbkdf2,
  type Pbkdf2,
  ScramKeyCache,
  TokenCache,
} from '@postrider/auth-sasl'

/**
 * Derivations at a time (threat T-25). They run on Node's pool of threads, which has four unless told otherwise and does file access and name
 * resolution too: a server that asks for a million iterations must not hold them all.
 */
const derivations = 2

export class LoginMemory {
  /** SCRAM as the user wants it, with what is here for what he has left open. */
  readonly scram: NonNullable<ChooseOptions['scram']>
  /** Where the token comes from a function. */
  readonly tokens: TokenCache | undefined
  /** The type of channel binding that the server took last. */
  binding: string | undefined
  readonly #keys = new ScramKeyCache()

  /** @param own PBKDF2 where the user has none */
  constructor(credentials: Credentials, scram: ChooseOptions['scram'], own: Pbkdf2 = nodePbkdf2) {
    this.scram = {
      ...scram,
      pbkdf2: scram?.pbkdf2 ?? limitPbkdf2(derivations, own),
      keys: scram?.keys ?? this.#keys,
    }
    const { token } = credentials as { readonly token?: unknown }
    this.tokens = isFetch(token) ? new TokenCache(token, { now: Date.now }) : undefined
  }

  /** Forgets the keys and the token. */
  clear(): void {
    this.#keys.clear()
    this.tokens?.clear()
    this.binding = undefined
  }
}

const derive = promisify(pbkdf2)

const nodePbkdf2: Pbkdf2 = ({ password, salt, iterations, length, hash }) =>
  derive(password, salt, iterations, length, hash.replace('-', ''))

function isFetch(token: unknown): token is ConstructorParameters<typeof TokenCache>[0] {
  return typeof token === 'function'
}
