// SCRAM, RFC 5802 and 7677: both sides prove that they know the password, and neither says it. Client.
//
//   client-first   n,,n=user,r=<our nonce>
//   server-first   r=<our nonce and theirs>,s=<salt>,i=<iterations>
//   client-final   c=<GS2 header and channel binding>,r=<both nonces>,p=<our proof>
//   server-final   v=<their signature>
//
// The server gets nothing before its messages were found sound: its nonce must continue ours, its iteration count must
// lie within bounds (T-25: tested before the work begins, which could not be stopped), and success without the right
// signature is no success (T-24).
import { encodeBase64 } from './base64.js'
import { assertBinding, type ChannelBinding } from './channel-binding.js'
import { checkedField, type PasswordCredentials } from './credential.js'
import { equalOctets } from './equal.js'
import { AuthenticationError, askedAgain, challengeError, unproved } from './error.js'
import type { ClientMechanism } from './mechanism.js'
import { newNonce } from './nonce.js'
import type { Prepare } from './prepare.js'
import { printable } from './printable.js'
import { escapeName } from './saslname.js'
import {
  derivationName,
  deriveKeys,
  digest,
  mac,
  type Pbkdf2,
  preparedField,
  purePbkdf2,
  type ScramHash,
  type ScramKeyCache,
  xor,
} from './scram-key.js'
import { parseServerFinal, parseServerFirst } from './scram-message.js'
import { concat, decodeText, encodeWellFormed } from './utf8.js'

/** How SCRAM is spoken. */
export interface ScramOptions {
  /**
   * The octets that identify the TLS connection: the mechanism is then the one with `-PLUS`. `unoffered`: we could have
   * bound, but the server offers no `-PLUS`; saying so lets it notice that somebody removed the offer (section 6).
   * Left out: we cannot bind.
   */
  readonly channelBinding?: ChannelBinding | 'unoffered' | undefined
  /**
   * The iteration counts that are accepted from a server. Default 4096 (RFC 5802 section 5.1) to 1,000,000, a few
   * seconds of work: less gives the password away to a false server, more is a server that wants to keep us busy.
   */
  readonly iterations?: { readonly minimum?: number; readonly maximum?: number } | undefined
  /** Default: PBKDF2 in pure JavaScript. */
  readonly pbkdf2?: Pbkdf2 | undefined
  /** Keys of former logins. Default: derived every time. */
  readonly keys?: ScramKeyCache | undefined
  /** Default `saslprep`, as RFC 5802 wants it. */
  readonly prepare?: Prepare | undefined
  /** A new nonce for every exchange, printable ASCII without comma. Default: 144 bits of `crypto.getRandomValues`. */
  readonly nonce?: (() => string) | undefined
}

/**
 * The client's half of SCRAM with one of three hash functions, with or without channel binding.
 *
 * @throws AuthenticationError `ECREDENTIALS` when the user name or password is empty or forbidden by SASLprep; `EPOLICY`
 * when the channel binding cannot be written.
 */
export function scram(hash: ScramHash, credentials: PasswordCredentials, options: ScramOptions = {}): ClientMechanism {
  const { channelBinding } = options
  const binding = typeof channelBinding === 'object' ? channelBinding : undefined
  if (binding !== undefined) assertBinding(binding)
  const name = `SCRAM-${hash}${binding === undefined ? '' : '-PLUS'}`
  // The name is "a query string", the password a "stored string" (sections 2.2 and 5.1).
  const username = preparedField(name, 'user name', credentials.username, 'query', options.prepare)
  const password = encodeWellFormed(preparedField(name, 'password', credentials.password, 'stored', options.prepare))
  const flag = binding === undefined ? (channelBinding === 'unoffered' ? 'y' : 'n') : `p=${binding.type}`
  const authorization = credentials.authorization
    ? `a=${escapeName(checkedField(name, 'authorization identity', credentials.authorization))}`
    : ''
  const header = `${flag},${authorization},`

  /** One run through the four messages. `start()` makes a new one, so that a forgotten run cannot disturb it. */
  interface Exchange {
    readonly nonce: string
    readonly firstBare: string
    awaited: 'server-first' | 'nothing' | 'server-final' | 'end'
    signature: Uint8Array
    sent: boolean
  }
  let current: Exchange | undefined

  async function answerFirst(exchange: Exchange, message: string): Promise<Uint8Array> {
    const first = parseServerFirst(message)
    if ('refusal' in first) throw challengeError(name, first.refusal, false)
    if ('error' in first) throw refusedByServer(name, first.error, false)
    // "The client MUST verify that the initial part of the nonce used in subsequent messages is the same as the nonce it
    // initially specified" (section 5.1). A server that adds nothing lets an old conversation be played again.
    if (!first.nonce.startsWith(exchange.nonce)) throw challengeError(name, 'the nonce does not begin with ours', false)
    if (first.nonce.length === exchange.nonce.length)
      throw challengeError(name, 'the server added nothing to the nonce', false)
    const iterations = permittedIterations(name, first.iterations, options.iterations)
    const request = { hash, password, salt: first.salt, iterations }
    const derive = () => deriveKeys(options.pbkdf2 ?? purePbkdf2, request)
    const { clientKey, serverKey } = await (options.keys?.get(derivationName(request), derive) ?? derive())
    const bindingData = concat(encodeWellFormed(header), binding?.data ?? new Uint8Array(0))
    const withoutProof = `c=${encodeBase64(bindingData)},r=${first.nonce}`
    const signed = encodeWellFormed(`${exchange.firstBare},${message},${withoutProof}`)
    const proof = xor(clientKey, mac(hash, digest(hash, clientKey), signed))
    exchange.signature = mac(hash, serverKey, signed)
    exchange.awaited = 'server-final'
    exchange.sent = true
    return encodeWellFormed(`${withoutProof},p=${encodeBase64(proof)}`)
  }

  function answerFinal(exchange: Exchange, message: string): Uint8Array {
    const final = parseServerFinal(message)
    if ('refusal' in final) throw challengeError(name, final.refusal, true)
    if ('error' in final) throw refusedByServer(name, final.error, true)
    if (!equalOctets(final.verifier, exchange.signature))
      throw unproved(name, 'the signature of the server is wrong', true)
    exchange.awaited = 'end'
    return new Uint8Array(0)
  }

  return {
    name,
    plaintext: false,
    start: () => {
      const nonce = newNonce(options.nonce)
      const firstBare = `n=${escapeName(username)},r=${nonce}`
      current = { nonce, firstBare, awaited: 'server-first', signature: new Uint8Array(0), sent: false }
      return encodeWellFormed(header + firstBare)
    },
    respond: octets => {
      const exchange = current
      const awaited = exchange?.awaited
      const message = decodeText(octets)
      if (exchange === undefined || awaited === 'nothing' || awaited === 'end')
        throw askedAgain(name, exchange?.sent ?? false)
      exchange.awaited = 'nothing'
      if (message === undefined) throw challengeError(name, 'the message is not UTF-8', exchange.sent)
      return awaited === 'server-first' ? answerFirst(exchange, message) : answerFinal(exchange, message)
    },
    finish: () => {
      // "the client MUST consider the authentication exchange to be unsuccessful" (section 5)
      if (current?.awaited !== 'end')
        throw unproved(name, 'the server reports success without its signature', current?.sent ?? false)
    },
  }
}

function permittedIterations(mechanism: string, digits: string, bounds: ScramOptions['iterations'] = {}): number {
  const { minimum = 4096, maximum = 1_000_000 } = bounds
  const iterations = Number(digits)
  if (iterations >= minimum && iterations <= maximum) return iterations
  const asked = printable(digits, 20)
  const why =
    iterations < minimum
      ? `the server asks for ${asked} iterations, less than the ${minimum} that make a password hard to guess`
      : `the server asks for ${asked} iterations, more than the ${maximum} permitted`
  throw challengeError(mechanism, why, false)
}

/** The reasons of section 7 that a server may give; "Unrecognized errors should be treated as 'other-error'". */
const SERVER_ERRORS: readonly string[] = [
  'invalid-encoding',
  'extensions-not-supported',
  'invalid-proof',
  'channel-bindings-dont-match',
  'server-does-support-channel-binding',
  'channel-binding-not-supported',
  'unsupported-channel-binding-type',
  'unknown-user',
  'invalid-username-encoding',
  'no-resources',
]

function refusedByServer(mechanism: string, error: string, credentialsSent: boolean): AuthenticationError {
  const reason = SERVER_ERRORS.includes(error) ? error : 'other-error'
  return new AuthenticationError(`${mechanism}: the server refuses: ${reason}`, {
    code: 'EREFUSED',
    fault: 'remote',
    mechanism,
    credentialsSent,
    retry: 'caller',
    scram: reason,
  })
}
