// LOGIN: user name and password as two readable answers to two prompts. Client and server. No RFC defines it; what is
// kept to here is what the servers in use do (draft-murchison-sasl-login): the first answer is the user name, the
// second the password, whatever the prompts say. Only for servers that offer nothing better.
import { fieldOctets, fieldText, type PasswordCredentials } from './credential.js'
import { askedAgain, credentialsError } from './error.js'
import type { ClientMechanism, ServerMechanism, ServerStep } from './mechanism.js'
import type { Prepare } from './prepare.js'
import { challenge, malformed, refuse } from './server-step.js'
import { encodeWellFormed } from './utf8.js'
import { type VerifyPassword, verified } from './verify.js'

const NAME = 'LOGIN'

/** How LOGIN is spoken. */
export interface LoginOptions {
  /**
   * Whether the user name goes out with the AUTH command itself, as smtplib does (P67). It saves a round trip; the
   * draft knows no initial response. Default false.
   */
  readonly initialResponse?: boolean
}

/**
 * The client's half of LOGIN.
 *
 * @throws AuthenticationError `ECREDENTIALS` when a field is empty or holds a NUL or half of a surrogate pair, or when
 * another identity is to be acted for: LOGIN has no place for it.
 */
export function login(credentials: PasswordCredentials, options: LoginOptions = {}): ClientMechanism {
  const username = fieldOctets(NAME, 'user name', credentials.username)
  const password = fieldOctets(NAME, 'password', credentials.password)
  if (credentials.authorization) throw credentialsError(NAME, 'it cannot carry an authorization identity')
  let answers: Uint8Array[] = []
  return {
    name: NAME,
    plaintext: true,
    start: () => {
      answers = [username, password]
      return options.initialResponse ? answers.shift() : undefined
    },
    respond: () => {
      const answer = answers.shift()
      if (answer === undefined) throw askedAgain(NAME, true)
      return answer
    },
  }
}

/** How a server takes LOGIN. */
export interface ServerLoginOptions {
  readonly verify: VerifyPassword
  /** The form in which `verify` gets user name and password, such as `saslprep`. Default: as they were sent. */
  readonly prepare?: Prepare
  /** Octets in the user name and in the password; more is refused. Default 255, as in PLAIN. */
  readonly limit?: number
}

/** The server's half of LOGIN. Takes the user name with the AUTH command too, for the clients that send it there. */
export function serverLogin(options: ServerLoginOptions): ServerMechanism {
  const limit = options.limit ?? 255
  let awaited: 'nothing' | 'username' | 'password' = 'nothing'
  let username = ''

  function takeUsername(octets: Uint8Array): ServerStep {
    const text = fieldText(octets, limit)
    if (text === undefined) return malformed('the user name is empty, too long, not UTF-8 or holds a NUL')
    username = text
    awaited = 'password'
    return challenge(encodeWellFormed('Password:'))
  }

  async function takePassword(octets: Uint8Array): Promise<ServerStep> {
    const password = fieldText(octets, limit)
    if (password === undefined) return malformed('the password is empty, too long, not UTF-8 or holds a NUL')
    const identity = await verified(NAME, username, password, options)
    return identity === undefined ? refuse('the password does not match') : { kind: 'success', identity }
  }

  return {
    name: NAME,
    start: initial => {
      if (initial !== undefined) return takeUsername(initial)
      awaited = 'username'
      return challenge(encodeWellFormed('Username:'))
    },
    respond: response => {
      const now = awaited
      awaited = 'nothing'
      if (now === 'username') return takeUsername(response)
      return now === 'password' ? takePassword(response) : malformed('a response to no challenge')
    },
  }
}
