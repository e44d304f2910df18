// What a server mechanism answers: a challenge, or one of two refusals, with the reply codes of RFC 4954 sections 4 and 6.
import type { ServerChallenge, ServerFailure, ServerMechanism, ServerStep } from './mechanism.js'

export function challenge(octets: Uint8Array): ServerChallenge {
  return { kind: 'challenge', challenge: octets }
}

/** The credentials are wrong, or the user is unknown: one answer for both. */
export function refuse(reason: string): ServerFailure {
  return {
    kind: 'failure',
    reason,
    reply: { code: 535, enhanced: '5.7.8', text: 'Authentication credentials invalid' },
  }
}

/** The client broke the rules of the mechanism. */
export function malformed(reason: string): ServerFailure {
  return {
    kind: 'failure',
    reason,
    reply: { code: 501, enhanced: '5.5.2', text: 'Malformed authentication exchange' },
  }
}

/** A server mechanism whose client says everything in one message, with the AUTH command or when asked. */
export function singleMessageServer(
  name: string,
  check: (message: Uint8Array) => ServerStep | Promise<ServerStep>,
): ServerMechanism {
  let asked = false
  return {
    name,
    start: initial => {
      asked = initial === undefined
      return initial === undefined ? challenge(new Uint8Array(0)) : check(initial)
    },
    respond: response => {
      if (!asked) return malformed('a response to no challenge')
      asked = false
      return check(response)
    },
  }
}
