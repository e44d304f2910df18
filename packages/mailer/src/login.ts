/**
 * Logging in: which mechanism, and what happens when it is refused.
 *
 * In: a session that has been greeted, credentials or a mechanism, and the policy. Out: the server's word of success. Refused before anything
 * secret is sent: a line that is not safe (threat T-21), a server without AUTH, a mechanism it does not offer.
 */

import type { Credentials, MechanismName } from '@postrider/auth-sasl'
import { AuthenticationError, type ChooseOptions, type ClientMechanism, chooseMechanism } from '@postrider/auth-sasl'
import type { Reply } from '@postrider/codec'
import { AuthenticationRefusedError, type Session } from '@postrider/session'
import type { NodeChannel } from '@postrider/session/node'
import { channelBinding } from './binding.js'
import { SMTPException, SMTPNotSupportedError } from './error.js'

/** Who logs in: credentials and the policy for choosing, or a maker of mechanisms. */
export type Login =
  | { readonly make: () => ClientMechanism | Promise<ClientMechanism> }
  | { readonly credentials: Credentials; readonly choose: Partial<ChooseOptions> }

export interface LoginTerms {
  /** The line cannot be listened to even without TLS: a Unix socket. */
  readonly local: boolean
  /** The user has said that no certificate need be verified. */
  readonly unverified: boolean
  readonly allowInsecureAuth: boolean
  /** Send the initial response with the command; default true. */
  readonly initialResponse?: boolean
}

/** Runs AUTH. Resolves with the 235. */
export async function logIn(session: Session, channel: NodeChannel, login: Login, terms: LoginTerms): Promise<Reply> {
  const { extensions } = session.server ?? {}
  // smtplib's words (P66).
  if (extensions?.has('AUTH') !== true)
    throw new SMTPNotSupportedError('SMTP AUTH extension not supported by server.', {
      code: 'EAUTH',
      phase: session.state,
    })
  const offered = extensions.auth
  const isSafe = terms.local || (session.secure && (session.tls?.authorized === true || terms.unverified))
  const options = terms.initialResponse === undefined ? {} : { initialResponse: terms.initialResponse }
  if ('make' in login) {
    const mechanism = await login.make()
    permit(mechanism, offered, isSafe || terms.allowInsecureAuth)
    return session.authenticate(mechanism, options)
  }
  const { credentials, choose } = login
  const policy: ChooseOptions = {
    ...choose,
    secure: isSafe,
    allowInsecureAuth: terms.allowInsecureAuth,
    channelBinding: session.secure ? channelBinding(channel) : undefined,
  }
  const refused: MechanismName[] = []
  let refusal: AuthenticationRefusedError | undefined
  for (;;) {
    const mechanism = chooseNext(
      offered,
      credentials,
      { ...policy, deny: [...(policy.deny ?? []), ...refused] },
      refusal,
    )
    try {
      return await session.authenticate(mechanism, options)
    } catch (error) {
      if (!(error instanceof AuthenticationRefusedError) || !error.usable) throw error
      // smtplib takes "already authenticated" for success (P65).
      if (error.reply?.code === 503 && policy.compat === 'smtplib') return error.reply
      if (!mayGoOn(error, policy)) throw error
      refusal = error
      refused.push(mechanism.name as MechanismName)
    }
  }
}

/**
 * One mechanism is tried, the strongest; another one only after 504, which says that the server does not know it after all and has judged nothing: a refused
 * password is not shown again in a weaker form (threat T-22). smtplib tries them all (P66).
 */
function mayGoOn({ reply }: AuthenticationRefusedError, { compat }: ChooseOptions): boolean {
  return reply?.code === 504 || compat === 'smtplib'
}

/** Where nothing is left to try, the last refusal says more than that. */
function chooseNext(
  offered: readonly string[],
  credentials: Credentials,
  policy: ChooseOptions,
  refusal: AuthenticationRefusedError | undefined,
): ClientMechanism {
  try {
    return chooseMechanism(offered, credentials, policy)
  } catch (error) {
    if (!(error instanceof AuthenticationError)) throw error
    if (refusal !== undefined) throw refusal
    if (error.code !== 'EMECHANISM') throw error
    // smtplib's words (P66).
    throw new SMTPNotSupportedError(`No suitable authentication method found. ${error.message}`, {
      code: 'EAUTH',
      credentialsSent: error.credentialsSent,
      cause: error,
    })
  }
}

function permit({ name, plaintext }: ClientMechanism, offered: readonly string[], isSafe: boolean): void {
  const details = { code: 'EAUTH', command: `AUTH ${name}` }
  if (!offered.includes(name.toUpperCase()))
    throw new SMTPNotSupportedError(`the server does not offer AUTH ${name}`, details)
  if (plaintext && !isSafe)
    throw new SMTPException(`${name} shows the secret, and the connection is not encrypted`, details)
}
