// The questions a server mechanism asks of its owner: is this the password, and may this user act as that one. Only `true`
// is a yes. What the owner throws passes through; only what the client sent is refused here.
import { AuthenticationError } from './error.js'
import type { ServerFailure, ServerSuccess } from './mechanism.js'
import type { Prepare } from './prepare.js'
import { Secret } from './secret.js'
import { refuse } from './server-step.js'

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

/**
 * What a client sent, in the form in which it is looked up or compared; undefined when it cannot be brought into that
 * form, or nothing is left of it: "verification SHALL fail" then (RFC 4616 section 2).
 */
export function queried(text: string, prepare: Prepare | undefined): string | undefined {
  if (prepare === undefined) return text
  try {
    return prepare(text, 'query') || undefined
  } catch (error) {
    if (error instanceof AuthenticationError) return undefined
    throw error
  }
}

/** Whose password it is, if it is: the prepared user name. */
export async function verified(
  mechanism: string,
  username: string,
  password: string,
  options: { readonly verify: VerifyPassword; readonly prepare?: Prepare },
): Promise<string | undefined> {
  const identity = queried(username, options.prepare)
  const secret = queried(password, options.prepare)
  if (identity === undefined || secret === undefined) return undefined
  const yes = await options.verify({ mechanism, username: identity, password: new Secret(secret) })
  return yes === true ? identity : undefined
}

/**
 * The end of an exchange whose credentials were good. Without `authorize` nobody may act as another: forgetting
 * the callback must not open every mailbox.
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
