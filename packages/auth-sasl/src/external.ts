// EXTERNAL, RFC 4422 appendix A: the client was identified by other means, such as its TLS certificate, and asks the
// server to take that. Client and server.
//
// "The EXTERNAL mechanism provides no security protection [...] It should only be used when adequate security services
// have been established" (A.3).
import { fieldOctets, fieldText } from './credential.js'
import { askedAgain } from './error.js'
import type { ClientMechanism, ServerMechanism, ServerStep } from './mechanism.js'
import { malformed, refuse, singleMessageServer } from './server-step.js'
import { type Authorize, admit } from './verify.js'

const NAME = 'EXTERNAL'
const NOTHING = /* @__PURE__ */ new Uint8Array(0)

/** Asks to be taken for who the TLS certificate, or the like, says. */
export interface ExternalCredentials {
  readonly external: true
  /** Who to act as. Left out or empty: "the identity the server has associated with the client's credentials". */
  readonly authorization?: string | undefined
}

/**
 * The client's half of EXTERNAL. Sends the authorization identity, or nothing (in SMTP: `AUTH EXTERNAL =`).
 *
 * @throws AuthenticationError `ECREDENTIALS` when it holds a NUL or half of a surrogate pair.
 */
export function external(credentials: Omit<ExternalCredentials, 'external'> = {}): ClientMechanism {
  const message = credentials.authorization
    ? fieldOctets(NAME, 'authorization identity', credentials.authorization)
    : NOTHING
  return {
    name: NAME,
    plaintext: false,
    start: () => message,
    respond: () => {
      throw askedAgain(NAME, false)
    },
  }
}

/** How a server takes EXTERNAL. */
export interface ServerExternalOptions {
  /** Who the client is by the external means; undefined when it showed nothing. */
  readonly identity: string | undefined
  /** Whether a user may act as another; default: no. */
  readonly authorize?: Authorize
  /** Octets in the authorization identity; more is refused. Default 255, as in PLAIN. */
  readonly limit?: number
}

/** The server's half of EXTERNAL. */
export function serverExternal(options: ServerExternalOptions): ServerMechanism {
  const limit = options.limit ?? 255
  function check(message: Uint8Array): ServerStep | Promise<ServerStep> {
    const authorization = message.length === 0 ? '' : fieldText(message, limit)
    if (authorization === undefined) return malformed('the identity is too long, not UTF-8 or holds a NUL')
    if (options.identity === undefined) return refuse('the client has not established its credentials')
    return admit(options.identity, authorization, options.authorize)
  }

  return singleMessageServer(NAME, check)
}
