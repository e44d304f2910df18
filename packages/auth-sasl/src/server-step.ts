// The answers of a server mechanism, and the two questions every server asks of its owner: is this the password, and
// may this user act as that one. Reply codes: RFC 4954 sections 4 and 6.

import type { ServerChallenge, ServerFailure, ServerSuccess } from './mechanism.js'
import type { Secret } from './secret.js'

/** One attempt to log in with a password. */
export interface PasswordAttempt {
  readonly mechanism: string
  readonly username: string
  readonly password: Secret
}

/** Whether the password is this user's. Compare with `equalSecrets`, or better: with a slow hash of the stored one. */
export type VerifyPassword = (attempt: PasswordAttempt) => boolean | Promise<boolean>

/** Whether `identity`, whose credentials were good, may act as `authorization`. */
export type Authorize = (identity: string, authorization: string) => boolean | Promise<boolean>

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

/**
 * The end of an exchange whose credentials were good. Without `authorize` a user may act as himself and as nobody
 * else: forgetting the callback must not open every mailbox.
 */
export async function admit(
  identity: string,
  authorization: string | undefined,
  authorize: Authorize | undefined,
): Promise<ServerSuccess | ServerFailure> {
  if (authorization === undefined || authorization === '') return { kind: 'success', identity }
  const allowed = authorize === undefined ? authorization === identity : await authorize(identity, authorization)
  return allowed === true
    ? { kind: 'success', identity, authorization }
    : refuse('the user may not act as the requested identity')
}
