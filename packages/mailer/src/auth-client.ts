/**
 * smtplib's AUTH: `login`, `auth` with an object of the program's own, and the three mechanisms that smtplib has as methods.
 *
 * In: user name and password, or a mechanism and what answers its challenges. Out: the pair of the last reply. Refused before anything secret is sent: a line
 * that is not safe, a server without AUTH. A server that never stops asking is left (`_MAXCHALLENGE`).
 */
import { type ClientMechanism, cramMd5, plain, Secret } from '@postrider/auth-sasl'
import type { Reply } from '@postrider/codec'
import { CommandClient } from './command-client.js'
import type { Line } from './connected-client.js'
import { quoteOctets } from './debug.js'
import { SMTPAuthenticationError, SMTPEnvelopeError, SMTPException, SMTPServerDisconnected } from './error.js'
import { logIn } from './login.js'
import { type ReplyPair, replyPair, replyText } from './reply-pair.js'

/** smtplib's constant: more answers to challenges than this, and the server is one that never stops asking. */
export const _MAXCHALLENGE = 5

/** What answers a challenge, and makes the initial response when there is none; `undefined` is no initial response. */
export type AuthObject<Client = AuthClient> = (
  this: Client,
  challenge?: Uint8Array,
) => string | Uint8Array | undefined | Promise<string | Uint8Array | undefined>

/** How a login is done. */
export interface LoginOptions {
  /** Send the initial response with the command. Default true. */
  readonly initialResponseOk?: boolean
}

export class AuthClient extends CommandClient {
  /** Who has logged in. */
  user: string | undefined
  #password: Secret | undefined
  /** Challenges answered in the exchange under way. */
  #challenges = 0

  /** What `login` was given. Shown to whoever asks for it by name, and to no inspector. */
  get password(): string | undefined {
    return this.#password?.reveal()
  }

  set password(password: string | undefined) {
    this.#password = password === undefined ? undefined : new Secret(password)
  }

  /**
   * Logs in with the strongest mechanism that both sides have.
   *
   * @throws {@link SMTPNotSupportedError} when AUTH is not offered, or nothing of it can be used on this connection; {@link SMTPAuthenticationError} when the
   * server says no; {@link SMTPHeloError}; {@link SMTPServerDisconnected}
   */
  async login(
    user: string,
    password: string | Secret,
    { initialResponseOk = true }: LoginOptions = {},
  ): Promise<ReplyPair> {
    await this.ehloOrHeloIfNeeded()
    const secret = Secret.from(password)
    this.user = user
    this.#password = secret
    const { compat, allowInsecureAuth = false } = this.options
    return replyPair(
      await this.#authenticating(({ session, channel, settings, connect }) =>
        logIn(
          session,
          channel,
          { credentials: { username: user, password: secret }, choose: { compat } },
          {
            local: settings.local,
            unverified: connect.tls?.rejectUnauthorized === false,
            allowInsecureAuth,
            initialResponse: initialResponseOk,
          },
        ),
      ),
    )
  }

  /**
   * One AUTH exchange, answered by `authobject`. EHLO is said first where it has not been.
   *
   * @throws {@link SMTPAuthenticationError} when the server says no; {@link SMTPException} when it never stops asking; what `authobject` throws, and the exchange
   * is then cancelled; {@link SMTPHeloError}; {@link SMTPServerDisconnected}
   */
  async auth(
    mechanism: string,
    authobject: AuthObject<this>,
    { initialResponseOk = true }: LoginOptions = {},
  ): Promise<ReplyPair> {
    await this.ehloOrHeloIfNeeded()
    const ask = async (challenge?: Uint8Array) => {
      try {
        if (challenge !== undefined && ++this.#challenges > _MAXCHALLENGE + 1) throw endlessChallenges(this.lastReply)
        const response = challenge === undefined ? await authobject.call(this) : await authobject.call(this, challenge)
        return response === undefined ? undefined : octetsOf(response)
      } catch (error) {
        failure = { error }
        throw error
      }
    }
    let failure: { readonly error: unknown } | undefined
    const exchange: Omit<ClientMechanism, 'plaintext'> = {
      name: mechanism.toUpperCase(),
      start: async () => {
        this.#challenges = 0
        const initial = initialResponseOk ? await ask() : undefined
        if (initial !== undefined) this.#challenges = 1
        return initial
      },
      respond: async challenge => (await ask(challenge)) ?? new Uint8Array(0),
    }
    try {
      return replyPair(await this.#authenticating(({ session }) => session.authenticate(exchange)))
    } catch (error) {
      if (failure !== undefined) throw failure.error
      const isAlready = error instanceof SMTPAuthenticationError && error.smtp_code === 503
      if (isAlready && this.isCompatible) return [error.smtp_code, error.smtp_error]
      throw error
    }
  }

  /**
   * For `auth`: CRAM-MD5 of `user` and `password`.
   *
   * @throws {@link SMTPEnvelopeError} (`EAUTH`) when those are not set
   */
  async authCramMd5(challenge?: Uint8Array): Promise<Uint8Array | undefined> {
    if (challenge === undefined) return undefined
    const mechanism = cramMd5(this.#credentials())
    await mechanism.start()
    return mechanism.respond(challenge)
  }

  /**
   * For `auth`: PLAIN of `user` and `password`.
   *
   * @throws {@link SMTPEnvelopeError} (`EAUTH`) when those are not set
   */
  async authPlain(_challenge?: Uint8Array): Promise<Uint8Array | undefined> {
    return plain(this.#credentials()).start()
  }

  /**
   * For `auth`: the user name first, then the password, whatever the server asks.
   *
   * @throws {@link SMTPEnvelopeError} (`EAUTH`) when those are not set
   */
  authLogin(challenge?: Uint8Array): string {
    const { username, password } = this.#credentials()
    return challenge === undefined || this.#challenges < 2 ? username : password.reveal()
  }

  /** 421 in answer to AUTH is a refusal of the login, too (P66). */
  async #authenticating(verb: (line: Line) => Promise<Reply>): Promise<Reply> {
    try {
      return await this.run(verb)
    } catch (error) {
      const reply = error instanceof SMTPServerDisconnected ? error.reply : undefined
      if (reply?.code !== 421) throw error
      throw new SMTPAuthenticationError(`AUTH was refused: ${reply}`, {
        reply,
        phase: 'auth',
        retry: 'later',
        cause: error,
      })
    }
  }

  #credentials(): { readonly username: string; readonly password: Secret } {
    if (this.user === undefined || this.#password === undefined)
      throw new SMTPEnvelopeError('user and password are not set', { code: 'EAUTH' })
    return { username: this.user, password: this.#password }
  }
}

function octetsOf(response: string | Uint8Array): Uint8Array {
  return typeof response === 'string' ? new TextEncoder().encode(response) : response
}

function endlessChallenges(reply: Reply | undefined): SMTPException {
  const last = reply === undefined ? '' : ` Last response: (${reply.code}, ${quoteOctets(replyText(reply))})`
  return new SMTPException(`Server AUTH mechanism infinite loop.${last}`, { code: 'EAUTH', reply, phase: 'auth' })
}
