// CRAM-MD5, RFC 2195: the password keys a digest of the server's challenge. Client and server.
//
// The password does not travel, but whoever has seen one exchange can try passwords against it at home, and nothing
// proves the server. So it counts as unfit for an unprotected line here (T-21). The server must keep the password, or
// something as good, in the clear.
import { hmac } from '@noble/hashes/hmac.js'
import { md5 } from '@noble/hashes/legacy.js'
import { fieldOctets, fieldText, type PasswordCredentials } from './credential.js'
import { equalOctets } from './equal.js'
import { askedAgain, challengeError, credentialsError } from './error.js'
import type { ClientMechanism, ServerMechanism, ServerStep } from './mechanism.js'
import { platformRandom, type Random, randomOctets } from './random.js'
import { Secret } from './secret.js'
import { challenge, malformed, refuse } from './server-step.js'
import { concat, encodeWellFormed } from './utf8.js'

const NAME = 'CRAM-MD5'
const SPACE = 0x20
const DIGEST_LENGTH = 32

/**
 * The client's half of CRAM-MD5 (RFC 2195). The server speaks first; the answer is `username SP digest`. User name and
 * password count as UTF-8.
 *
 * @throws AuthenticationError `ECREDENTIALS` when a field is empty or holds a NUL or half of a surrogate pair, or when
 * another identity is to be acted for: CRAM-MD5 has no place for it.
 */
export function cramMd5(credentials: PasswordCredentials): ClientMechanism {
  const username = fieldOctets(NAME, 'user name', credentials.username)
  const password = fieldOctets(NAME, 'password', credentials.password)
  if (credentials.authorization) throw credentialsError(NAME, 'it cannot carry an authorization identity')
  let answered = false
  return {
    name: NAME,
    plaintext: false,
    start: () => {
      answered = false
      return undefined
    },
    respond: octets => {
      if (answered) throw askedAgain(NAME, true)
      // A digest of nothing would be the same for every exchange: good for a table of passwords, and for replay.
      if (octets.length === 0) throw challengeError(NAME, 'the challenge is empty', false)
      answered = true
      return concat(username, Uint8Array.of(SPACE), digest(password, octets))
    },
  }
}

/** How a server takes CRAM-MD5. */
export interface ServerCramMd5Options {
  /** The user's password; undefined when there is no such user. */
  readonly lookup: (username: string) => string | Secret | undefined | Promise<string | Secret | undefined>
  /** The server's name, for the challenge `<random@host>`. */
  readonly host: string
  /** Where the challenge gets its randomness; default `crypto.getRandomValues`. */
  readonly random?: Random
  /** Octets in the user name; more is refused. Default 255, as in PLAIN. */
  readonly limit?: number
}

/** The server's half of CRAM-MD5 (RFC 2195). An unknown user costs the same work as a wrong password. */
export function serverCramMd5(options: ServerCramMd5Options): ServerMechanism {
  const limit = options.limit ?? 255
  let asked: Uint8Array | undefined

  async function check(sent: Uint8Array, response: Uint8Array): Promise<ServerStep> {
    // "a string consisting of the user name, a space, and a 'digest'" (section 2); the name may hold spaces itself.
    const space = response.length - DIGEST_LENGTH - 1
    const username = response[space] === SPACE ? fieldText(response.subarray(0, space), limit) : undefined
    if (username === undefined) return malformed('the response is not a user name, a space and a digest')
    const password = await options.lookup(username)
    const expected = digest(Secret.from(password ?? 'no such user').revealOctets(), sent)
    const equal = equalOctets(expected, response.subarray(space + 1))
    return equal && password !== undefined
      ? { kind: 'success', identity: username }
      : refuse('the digest does not match')
  }

  return {
    name: NAME,
    start: initial => {
      // RFC 4954 section 4: an initial response "with a SASL mechanism in which the client does not begin the
      // authentication exchange" must be rejected.
      if (initial !== undefined) return malformed('an initial response, but the server speaks first')
      asked = freshChallenge(options.host, options.random ?? platformRandom)
      return challenge(asked)
    },
    respond: response => {
      const sent = asked
      asked = undefined
      return sent === undefined ? malformed('a response to no challenge') : check(sent, response)
    },
  }
}

/** "sent in hexadecimal format, using lower-case ASCII characters" (section 2). */
function digest(password: Uint8Array, text: Uint8Array): Uint8Array {
  const octets = hmac(md5, password, text)
  return encodeWellFormed(Array.from(octets, octet => octet.toString(16).padStart(2, '0')).join(''))
}

/**
 * "The syntax of the unencoded form must correspond to that of an RFC 822 'msg-id'" (section 2). 128 random bits stand
 * for the RFC's random digits and timestamp together: this package has no clock, and they never repeat.
 */
function freshChallenge(host: string, random: Random): Uint8Array {
  const digits = Array.from(randomOctets(random, 16), octet => String(octet).padStart(3, '0')).join('')
  return encodeWellFormed(`<${digits}@${host}>`)
}
