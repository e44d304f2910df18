// PLAIN, RFC 4616: user name and password in one readable message. Client and server.
//
//   message = [authzid] UTF8NUL authcid UTF8NUL passwd        (section 2)
//
// "The PLAIN mechanism should not be used without adequate data security protection" (section 1): whoever drives the
// mechanism must see to TLS; chooseMechanism() does.
import { fieldOctets, fieldText, type PasswordCredentials } from './credential.js'
import { askedAgain } from './error.js'
import type { ClientMechanism, ServerMechanism, ServerStep } from './mechanism.js'
import type { Prepare } from './prepare.js'
import { malformed, refuse, singleMessageServer } from './server-step.js'
import { concat } from './utf8.js'
import { type Authorize, admit, type VerifyPassword, verified } from './verify.js'

const NAME = 'PLAIN'
const NUL = /* @__PURE__ */ new Uint8Array(1)
const NOTHING = /* @__PURE__ */ new Uint8Array(0)

/**
 * The client's half of PLAIN (RFC 4616). Sends `[authorization] NUL username NUL password` as UTF-8, exactly as given:
 * preparing the strings is the server's part (section 2).
 *
 * @throws AuthenticationError `ECREDENTIALS` when a field is empty or holds a NUL or half of a surrogate pair.
 */
export function plain(credentials: PasswordCredentials): ClientMechanism {
  const username = fieldOctets(NAME, 'user name', credentials.username)
  const password = fieldOctets(NAME, 'password', credentials.password)
  const authorization = credentials.authorization
    ? fieldOctets(NAME, 'authorization identity', credentials.authorization)
    : NOTHING
  return {
    name: NAME,
    plaintext: true,
    start: () => concat(authorization, NUL, username, NUL, password),
    respond: () => {
      throw askedAgain(NAME, true)
    },
  }
}

/** How a server takes PLAIN. */
export interface ServerPlainOptions {
  readonly verify: VerifyPassword
  /**
   * The form in which `verify` gets user name and password; `saslprep` is what RFC 4616 section 2 recommends. What cannot
   * be prepared is refused. Default: as they were sent.
   */
  readonly prepare?: Prepare
  /** Whether a user may act as another; default: no. */
  readonly authorize?: Authorize
  /**
   * Octets in each of the three fields; more is refused. Default 255, the least RFC 4616 section 2 permits.
   */
  readonly limit?: number
}

/** The server's half of PLAIN (RFC 4616). */
export function serverPlain(options: ServerPlainOptions): ServerMechanism {
  const limit = options.limit ?? 255

  async function check(message: Uint8Array): Promise<ServerStep> {
    const first = message.indexOf(0)
    const second = message.indexOf(0, first + 1)
    if (second === -1) return malformed('the message has fewer than three fields')
    const authorization = first === 0 ? '' : fieldText(message.subarray(0, first), limit)
    const username = fieldText(message.subarray(first + 1, second), limit)
    const password = fieldText(message.subarray(second + 1), limit)
    if (authorization === undefined || username === undefined || password === undefined)
      return malformed('a field is empty, too long, not UTF-8 or holds a NUL')
    const identity = await verified(NAME, username, password, options)
    return identity === undefined
      ? refuse('the password does not match')
      : admit(identity, authorization, options.authorize)
  }

  return singleMessageServer(NAME, check)
}
