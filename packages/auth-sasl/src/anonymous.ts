// ANONYMOUS, RFC 4505: no credentials, and at most a word about who it is, which proves nothing. Client and server.
//
//   message = [ email / token ];  token = 1*255TCHAR, without "@"        (section 2)
import { AuthenticationError, askedAgain, credentialsError } from './error.js'
import type { ClientMechanism, ServerMechanism, ServerStep } from './mechanism.js'
import { checkTrace } from './prepare.js'
import { malformed, refuse, singleMessageServer } from './server-step.js'
import { decodeText, encodeText } from './utf8.js'

const NAME = 'ANONYMOUS'

/** Asks to be let in as nobody. */
export interface AnonymousCredentials {
  readonly anonymous: true
  /** An address or a word for the server's log; "only with permission from the user" (section 2). */
  readonly trace?: string | undefined
}

/**
 * The client's half of ANONYMOUS.
 *
 * @throws AuthenticationError `ECREDENTIALS` when the trace is longer than 255 characters or holds one that the "trace"
 * profile (section 3) forbids.
 */
export function anonymous(credentials: Omit<AnonymousCredentials, 'anonymous'> = {}): ClientMechanism {
  const { trace = '' } = credentials
  const objection = traceObjection(trace)
  const message = encodeText(trace)
  if (objection !== undefined || message === undefined)
    throw credentialsError(NAME, `the trace: ${objection ?? 'half of a surrogate pair'}`)
  return {
    name: NAME,
    plaintext: false,
    start: () => message,
    respond: () => {
      throw askedAgain(NAME, false)
    },
  }
}

/** How a server takes ANONYMOUS. */
export interface ServerAnonymousOptions {
  /** Gets the trace (empty: none), which anybody can forge, for the log; false turns the client away. */
  readonly admit?: (trace: string) => boolean | Promise<boolean>
}

/** The server's half of ANONYMOUS. Whoever offers it lets everybody in: identity `anonymous`. */
export function serverAnonymous(options: ServerAnonymousOptions = {}): ServerMechanism {
  async function check(message: Uint8Array): Promise<ServerStep> {
    const trace = decodeText(message)
    if (trace === undefined || traceObjection(trace) !== undefined) return malformed('the trace is not in the grammar')
    const admitted = options.admit === undefined || (await options.admit(trace)) === true
    return admitted ? { kind: 'success', identity: 'anonymous' } : refuse('turned away')
  }

  return singleMessageServer(NAME, check)
}

/** Why a trace cannot be sent. The grammar of addresses is not checked: an address is whatever holds an "@". */
function traceObjection(trace: string): string | undefined {
  if (Array.from(trace).length > 255) return 'longer than 255 characters'
  try {
    checkTrace(trace)
    return undefined
  } catch (error) {
    if (error instanceof AuthenticationError) return error.message
    throw error
  }
}
