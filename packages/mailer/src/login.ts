/**
 * Logging in: which mechanism, and what happens when it is refused.
 *
 * In: a session that has been greeted, credentials or a mechanism, and the policy. Out: the server's word of success. Refused before anything
 * secret is sent: a line that is not safe (threat T-21), a server without AUTH, a mechanism it does not offer.
 */

import type { ChannelBinding, ChooseOptions, ClientMechanism, Credentials } from '@postrider/auth-sasl'
import type { Reply } from '@postrider/codec'
import { AuthenticationRefusedError, type Session } from '@postrider/session'
import type { NodeChannel } from '@postrider/session/node'
import { channelBindings } from './binding.js'
import { SMTPException, SMTPNotSupportedError } from './error.js'
import { LoginMemory } from './login-memory.js'
import { LoginTrial } from './login-trial.js'

/** Who logs in: credentials and the policy for choosing, or a maker of mechanisms. */
export type Login = { readonly make: () => ClientMechanism | Promise<ClientMechanism> } | CredentialsLogin

export interface CredentialsLogin {
  readonly credentials: Credentials
  readonly choose: Partial<ChooseOptions>
  /** Types of channel binding in the order in which to try them, where the user has named some. */
  readonly bindings?: readonly string[] | undefined
  /** Of former logins. Default: nothing. */
  readonly memory?: LoginMemory
}

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
  const { credentials, choose, memory = new LoginMemory(credentials, choose.scram) } = login
  const policy = { ...choose, secure: isSafe, allowInsecureAuth: terms.allowInsecureAuth }
  const trial = new LoginTrial(offered, credentials, memory, policy, bindingsFor(login, session, channel))
  for (;;) {
    const mechanism = trial.next()
    try {
      const reply = await session.authenticate(mechanism, options)
      trial.succeed()
      return reply
    } catch (error) {
      if (!(error instanceof AuthenticationRefusedError) || !error.usable) throw error
      // smtplib takes "already authenticated" for success (P65).
      if (error.reply?.code === 503 && choose.compat === 'smtplib') return error.reply
      if (!(await trial.learn(error))) throw trial.explain(error)
    }
  }
}

/**
 * The bindings that may be used: those the user has named, in his order, else the best there is and what is no worse. The server's certificate, which
 * does not tell a connection from another to somebody with the same key, is that only where it is all there is.
 */
function bindingsFor({ bindings }: CredentialsLogin, session: Session, channel: NodeChannel): ChannelBinding[] {
  const found = session.secure ? channelBindings(channel) : []
  if (bindings !== undefined) return bindings.flatMap(type => found.filter(binding => binding.type === type))
  const ofConnection = found.filter(({ type }) => type !== 'tls-server-end-point')
  return ofConnection.length > 0 ? ofConnection : [...found]
}

function permit({ name, plaintext }: ClientMechanism, offered: readonly string[], isSafe: boolean): void {
  const details = { code: 'EAUTH', command: `AUTH ${name}` }
  if (!offered.includes(name.toUpperCase()))
    throw new SMTPNotSupportedError(`the server does not offer AUTH ${name}`, details)
  if (plaintext && !isSafe)
    throw new SMTPException(`${name} shows the secret, and the connection is not encrypted`, details)
}
