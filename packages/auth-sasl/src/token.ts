// An OAuth access token for many connections: fetched once however many ask at the same time, kept until it expires or
// a server has refused it, and then fetched anew, again once. Knows no clock of its own: who wants expiry looked at
// brings one.
import { Secret } from './secret.js'

/** An access token that says until when it is good. */
export interface AccessToken {
  readonly token: string | Secret
  /** Milliseconds since 1970, as `Date.now()` counts them, or a date. Left out: not known. */
  readonly expires?: number | Date | undefined
}

/** Gets a token. */
export type FetchToken = () => string | Secret | AccessToken | Promise<string | Secret | AccessToken>

/** How tokens are kept. */
export interface TokenCacheOptions {
  /** Milliseconds since 1970: `Date.now`. Left out, tokens are kept until they are refused. */
  readonly now?: (() => number) | undefined
  /** How long before its end a token is no longer used, in milliseconds. Default 30,000. */
  readonly margin?: number | undefined
}

/** The token itself, in whatever form it came. */
export function bareToken(given: string | Secret | AccessToken): Secret {
  return Secret.from(described(given).token)
}

function described(given: string | Secret | AccessToken): AccessToken {
  return typeof given === 'object' && 'token' in given ? given : { token: given }
}

/**
 * One token for all connections.
 *
 * @example
 * ```ts
 * const cache = new TokenCache(fetchToken, { now: Date.now })
 * const mechanism = oauthBearer({ username, token: () => cache.get() })
 * // When a server has refused it with 535:
 * cache.refuse(token)
 * ```
 */
export class TokenCache {
  readonly #fetch: FetchToken
  readonly #now: (() => number) | undefined
  readonly #margin: number
  #flight: Promise<Secret> | undefined
  /** What the flight has brought. */
  #token: Secret | undefined
  #expires: number = Number.POSITIVE_INFINITY

  constructor(fetch: FetchToken, { now, margin = 30_000 }: TokenCacheOptions = {}) {
    this.#fetch = fetch
    this.#now = now
    this.#margin = margin
  }

  /** The token that is there, or the one that is being fetched, or a new one. What fails is not kept. */
  get(): Promise<Secret> {
    if (this.#now !== undefined && this.#now() >= this.#expires - this.#margin) this.clear()
    this.#flight ??= this.#begin()
    return this.#flight
  }

  /** A server has refused this token: the next who asks gets another. Has no effect on one that came since. */
  refuse(token: Secret): void {
    if (token === this.#token) this.clear()
  }

  /** Forgets it. */
  clear(): void {
    this.#flight = undefined
    this.#token = undefined
    this.#expires = Number.POSITIVE_INFINITY
  }

  #begin(): Promise<Secret> {
    const flight: Promise<Secret> = (async () => this.#fetch())().then(
      given => {
        const { token, expires = Number.POSITIVE_INFINITY } = described(given)
        const secret = Secret.from(token)
        if (this.#flight === flight) {
          this.#token = secret
          this.#expires = Number(expires)
        }
        return secret
      },
      error => {
        if (this.#flight === flight) this.clear()
        throw error
      },
    )
    return flight
  }
}
