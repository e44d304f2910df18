/**
 * One login, as a row of attempts: which mechanism next, and what a refusal changes.
 *
 * In: what the server offers, the login with its memory, the policy. Out: a mechanism for the next attempt, or the error that ends the login. A refused password is
 * not shown again in a weaker form (threat T-22), and one that was to be tied to the connection not without that (T-26). Tried again are: another
 * mechanism after 504, which says that the server does not know this one and has judged nothing; another binding of the same connection, where
 * the refusal may be about that; a new token, once. smtplib tries every mechanism (P66).
 */
import {
  AuthenticationError,
  type ChannelBinding,
  type ChooseOptions,
  type ClientMechanism,
  type Credentials,
  chooseMechanism,
  equalSecrets,
  type MechanismName,
  type Secret,
} from '@postrider/auth-sasl'
import { AuthenticationRefusedError } from '@postrider/session'
import { SMTPNotSupportedError } from './error.js'
import type { LoginMemory } from './login-memory.js'

/** The attempt under way. */
interface Attempt {
  readonly mechanism: ClientMechanism
  readonly binding: ChannelBinding | undefined
  /** The mechanism was asked for more than its initial response: in SCRAM, for the proof. */
  isProved: boolean
  token: Promise<Secret> | undefined
}

export class LoginTrial {
  readonly #offered: readonly string[]
  readonly #credentials: Credentials
  readonly #memory: LoginMemory
  readonly #denied: MechanismName[] = []
  #policy: ChooseOptions
  /** Not refused yet. */
  #bindings: readonly ChannelBinding[]
  readonly #refusedBindings: string[] = []
  #attempt: Attempt | undefined
  #refusal: AuthenticationRefusedError | undefined
  #isTokenNew = false

  /** @param bindings what identifies the connection, the best first */
  constructor(
    offered: readonly string[],
    credentials: Credentials,
    memory: LoginMemory,
    policy: ChooseOptions,
    bindings: readonly ChannelBinding[],
  ) {
    this.#offered = offered
    this.#credentials = credentials
    this.#memory = memory
    this.#policy = { ...policy, scram: memory.scram }
    const isKnown = ({ type }: ChannelBinding): boolean => type === memory.binding
    this.#bindings = [...bindings.filter(isKnown), ...bindings.filter(binding => !isKnown(binding))]
  }

  /** What to try next. @throws the last refusal where nothing is left, which says more than that */
  next(): ClientMechanism {
    const { tokens } = this.#memory
    const takeToken = () => {
      const token = tokens?.get()
      if (this.#attempt !== undefined) this.#attempt.token = token
      return token ?? ''
    }
    const credentials = tokens === undefined ? this.#credentials : { ...this.#credentials, token: takeToken }
    const mechanism = this.#choose(credentials as Credentials)
    const binding = mechanism.name.endsWith('-PLUS') ? this.#bindings[0] : undefined
    const attempt: Attempt = { mechanism, binding, isProved: false, token: undefined }
    this.#attempt = attempt
    return {
      name: mechanism.name,
      plaintext: mechanism.plaintext,
      start: () => mechanism.start(),
      respond: challenge => {
        attempt.isProved = true
        return mechanism.respond(challenge)
      },
      finish: () => mechanism.finish?.(),
      failure: () => mechanism.failure?.(),
    }
  }

  /** The attempt was a success. */
  succeed(): void {
    if (this.#attempt?.binding !== undefined) this.#memory.binding = this.#attempt.binding.type
  }

  /** Takes a refusal in. @returns whether another attempt makes sense */
  async learn(error: AuthenticationRefusedError): Promise<boolean> {
    const attempt = this.#attempt
    if (attempt === undefined) return false
    this.#refusal = error
    if (attempt.binding !== undefined && this.#rebind(attempt.binding, attempt, error)) return true
    if (attempt.token !== undefined && (await this.#renew(await attempt.token, error))) return true
    if (error.reply?.code !== 504 && this.#policy.compat !== 'smtplib') return false
    if (attempt.binding !== undefined) this.#policy = { ...this.#policy, require: 'channel-binding' }
    this.#denied.push(attempt.mechanism.name as MechanismName)
    return true
  }

  /** The refusal, with a word on what to do about it where the server may have meant the binding. */
  explain(error: AuthenticationRefusedError): AuthenticationRefusedError {
    const { binding, isProved } = this.#attempt ?? {}
    if (binding === undefined || !concernsBinding(error, isProved === true)) return error
    const tried = [...new Set([...this.#refusedBindings, binding.type])].join(' and ')
    const { message, mechanism, credentialsSent, phase = 'auth', usable, fault, reply, cause } = error
    return new AuthenticationRefusedError(
      `${message} (if the credentials are right, the server does not take the connection as identified by ${tried}: name another type in ` +
        'channelBindings, or the mechanisms with -PLUS in deny, to log in without)',
      { mechanism, credentialsSent, phase, usable, fault, reply, cause },
    )
  }

  #choose(credentials: Credentials): ClientMechanism {
    const { deny = [] } = this.#policy
    const policy = { ...this.#policy, channelBinding: this.#bindings[0], deny: [...deny, ...this.#denied] }
    try {
      return chooseMechanism(this.#offered, credentials, policy)
    } catch (error) {
      if (!(error instanceof AuthenticationError)) throw error
      if (this.#refusal !== undefined) throw this.#refusal
      if (error.code !== 'EMECHANISM') throw error
      // smtplib's words (P66).
      throw new SMTPNotSupportedError(`No suitable authentication method found. ${error.message}`, {
        code: 'EAUTH',
        credentialsSent: error.credentialsSent,
        cause: error,
      })
    }
  }

  /**
   * Another binding of the same connection is as good as the first and shows nothing more. But a server that says 501 to the proof may just as well
   * mean the password, and counts how often it is wrong: then one guess is enough, and none where this very type was good before.
   */
  #rebind(binding: ChannelBinding, { isProved }: Attempt, error: AuthenticationRefusedError): boolean {
    const wasGood = this.#memory.binding === binding.type
    if (wasGood) this.#memory.binding = undefined
    const concerns = concernsBinding(error, isProved)
    if (!concerns || (concerns === 'perhaps' && (wasGood || this.#refusedBindings.length > 0))) return false
    this.#refusedBindings.push(binding.type)
    if (this.#bindings.length < 2) return false
    this.#bindings = this.#bindings.slice(1)
    return true
  }

  /** A refused token is asked for anew once, and sent only if another one comes. */
  async #renew(used: Secret, error: AuthenticationRefusedError): Promise<boolean> {
    const { tokens } = this.#memory
    const { reply, cause } = error
    const isRefused = reply?.code === 535 || (cause instanceof AuthenticationError && cause.oauth !== undefined)
    if (tokens === undefined || !isRefused) return false
    tokens.refuse(used)
    if (this.#isTokenNew) return false
    this.#isTokenNew = true
    return !equalSecrets(await tokens.get(), used)
  }
}

/** Words of RFC 5802 section 7 that mean the binding and nothing else. */
const bindingWords: ReadonlySet<string | undefined> = new Set([
  'channel-bindings-dont-match',
  'channel-binding-not-supported',
  'unsupported-channel-binding-type',
])

/**
 * Whether a refusal is about the channel binding. Before the proof nothing else has been judged, at most the user's name. To the proof 501 is no word for a
 * wrong password, but Cyrus uses it for both.
 */
function concernsBinding({ reply, cause }: AuthenticationRefusedError, isProved: boolean): 'yes' | 'perhaps' | false {
  if (cause instanceof AuthenticationError && cause.scram !== undefined) return bindingWords.has(cause.scram) && 'yes'
  if (reply === undefined || reply.code < 500 || reply.code === 504) return false
  if (!isProved) return 'yes'
  return reply.code === 501 && 'perhaps'
}
