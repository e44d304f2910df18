// The keys of SCRAM: from a password, a salt and an iteration count to what proves each side, and what a server stores
// instead of the password. RFC 5802 sections 2.2 and 3, RFC 7677 section 3.
//
//   SaltedPassword := Hi(Normalize(password), salt, i)
//   ClientKey      := HMAC(SaltedPassword, "Client Key")      StoredKey := H(ClientKey)
//   ServerKey      := HMAC(SaltedPassword, "Server Key")
import { hmac } from '@noble/hashes/hmac.js'
import { sha1 } from '@noble/hashes/legacy.js'
import { pbkdf2Async } from '@noble/hashes/pbkdf2.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { encodeBase64 } from './base64.js'
import { checkedField } from './credential.js'
import { AuthenticationError, credentialsError } from './error.js'
import { type Prepare, type PrepareUse, saslprep } from './prepare.js'
import { platformRandom, type Random, randomOctets } from './random.js'
import { Secret } from './secret.js'
import { concat, encodeWellFormed } from './utf8.js'

/** The hash functions SCRAM is used with in mail. */
export type ScramHash = 'SHA-1' | 'SHA-256' | 'SHA-512'

const HASHES = { 'SHA-1': sha1, 'SHA-256': sha256, 'SHA-512': sha512 } as const

/** What has to be computed: PBKDF2 with HMAC (RFC 8018). */
export interface Pbkdf2Request {
  readonly hash: ScramHash
  readonly password: Uint8Array
  readonly salt: Uint8Array
  readonly iterations: number
  /** Octets wanted: the length of the hash. */
  readonly length: number
}

/**
 * A PBKDF2 of your own: the platform's runs off the main thread and several times as fast as the one in here.
 *
 * @example
 * ```ts
 * import { pbkdf2 } from 'node:crypto'
 * import { promisify } from 'node:util'
 * const derive = promisify(pbkdf2)
 * const nodePbkdf2: Pbkdf2 = ({ password, salt, iterations, length, hash }) =>
 *   derive(password, salt, iterations, length, hash.replace('-', ''))
 * ```
 */
export type Pbkdf2 = (request: Pbkdf2Request) => Uint8Array | Promise<Uint8Array>

/** In pure JavaScript; gives the event loop a turn every ten milliseconds. */
export const purePbkdf2: Pbkdf2 = ({ hash, password, salt, iterations, length }) =>
  pbkdf2Async(HASHES[hash], password, salt, { c: iterations, dkLen: length })

export interface ScramKeys {
  readonly clientKey: Uint8Array
  readonly serverKey: Uint8Array
}

/**
 * Remembers derived keys, so that a second login with the same password, salt and iteration count costs nothing: "a
 * client implementation MAY cache ClientKey&ServerKey (or just SaltedPassword) for later reauthentication" (RFC 5802
 * section 5.1). Several logins at the same time share one derivation. Give one to all connections of a pool.
 *
 * The keys are worth as much as the password on every server that uses the same salt; they stay in memory until they
 * are pushed out or `clear()` is called.
 */
export class ScramKeyCache {
  readonly #limit: number
  readonly #entries: Map<string, Promise<ScramKeys>> = new Map()

  /** @param limit How many keys are kept, the oldest being forgotten first. Default 16. */
  constructor(limit = 16) {
    this.#limit = limit
  }

  /** Keys kept or being derived. */
  get size(): number {
    return this.#entries.size
  }

  /** Forgets all keys. */
  clear(): void {
    this.#entries.clear()
  }

  /** The keys under this name, or those that `derive` makes now. A derivation that fails is not kept. */
  async get(name: string, derive: () => Promise<ScramKeys>): Promise<ScramKeys> {
    const kept = this.#entries.get(name) ?? derive()
    // Behind all others: the order of a Map is the order of insertion.
    this.#entries.delete(name)
    this.#entries.set(name, kept)
    const [oldest] = this.#entries.keys()
    if (this.#entries.size > this.#limit && oldest !== undefined) this.#entries.delete(oldest)
    try {
      return await kept
    } catch (error) {
      if (this.#entries.get(name) === kept) this.#entries.delete(name)
      throw error
    }
  }
}

/** What identifies a derivation; a digest, so that the cache holds no password. */
export function derivationName(request: Omit<Pbkdf2Request, 'length'>): string {
  const { hash, password, salt, iterations } = request
  const head = encodeWellFormed(`${hash},${iterations},${salt.length},`)
  return encodeBase64(digest(hash, concat(head, salt, password)))
}

export async function deriveKeys(pbkdf2: Pbkdf2, request: Omit<Pbkdf2Request, 'length'>): Promise<ScramKeys> {
  const length = HASHES[request.hash].outputLen
  const salted = await pbkdf2({ ...request, length })
  if (salted.length !== length) throw new RangeError(`pbkdf2 gave ${salted.length} octets instead of ${length}`)
  return {
    clientKey: mac(request.hash, salted, encodeWellFormed('Client Key')),
    serverKey: mac(request.hash, salted, encodeWellFormed('Server Key')),
  }
}

/** HMAC(key, text) */
export function mac(hash: ScramHash, key: Uint8Array, text: Uint8Array): Uint8Array {
  return hmac(HASHES[hash], key, text)
}

/** H(octets) */
export function digest(hash: ScramHash, octets: Uint8Array): Uint8Array {
  return HASHES[hash](octets)
}

/** The octet-wise exclusive-or of two values of one length. */
export function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((octet, at) => octet ^ (b[at] ?? 0))
}

/**
 * A name or password, prepared.
 * @throws AuthenticationError `ECREDENTIALS` when nothing is left of it, or what is left cannot be sent.
 */
export function preparedField(
  mechanism: string,
  field: string,
  value: string | Secret,
  use: PrepareUse,
  prepare: Prepare = saslprep,
): string {
  const text = Secret.from(value).reveal()
  let prepared: string
  try {
    prepared = prepare(text, use)
  } catch (error) {
    throw error instanceof AuthenticationError ? credentialsError(mechanism, `the ${field}: ${error.message}`) : error
  }
  return checkedField(mechanism, field, prepared)
}

/** What a server keeps for a user and a hash: "salt, iteration count, StoredKey and ServerKey" (section 2.1). */
export interface ScramRecord {
  readonly salt: Uint8Array
  readonly iterations: number
  readonly storedKey: Uint8Array
  readonly serverKey: Uint8Array
}

/** How what a server keeps of a password is made. */
export interface ScramRecordOptions {
  /** Default 16 random octets. */
  readonly salt?: Uint8Array
  /** Default 4096, the least RFC 5802 section 5.1 and RFC 7677 section 4 recommend; more is better. */
  readonly iterations?: number
  readonly pbkdf2?: Pbkdf2
  readonly prepare?: Prepare
  readonly random?: Random
}

/**
 * Makes what a server stores for a user instead of the password.
 *
 * @throws AuthenticationError `ECREDENTIALS` when the password is empty or SASLprep forbids it.
 */
export async function scramRecord(
  hash: ScramHash,
  password: string | Secret,
  options: ScramRecordOptions = {},
): Promise<ScramRecord> {
  const salt = options.salt ?? randomOctets(options.random ?? platformRandom, 16)
  const iterations = options.iterations ?? 4096
  const octets = encodeWellFormed(preparedField(`SCRAM-${hash}`, 'password', password, 'stored', options.prepare))
  const keys = await deriveKeys(options.pbkdf2 ?? purePbkdf2, { hash, password: octets, salt, iterations })
  return { salt, iterations, storedKey: digest(hash, keys.clientKey), serverKey: keys.serverKey }
}
