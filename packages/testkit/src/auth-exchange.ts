/**
 * AUTH, from the command to its outcome (RFC 4954 4): challenge and response until the mechanism says success or failure.
 *
 * In: the AUTH command, then the client's responses, decoded. Out: 334, 235 or a refusal. One per connection and TLS layer; it
 * remembers who has proved himself. What the client sends is handed to the mechanism and to nobody else.
 */
import type { ServerMechanism, ServerStep } from '@postrider/auth-sasl'
import { encodeBase64 } from '@postrider/codec'
import { Answer } from './answer.js'
import type { Speaker } from './host.js'
import {
  ALREADY_AUTHENTICATED,
  AUTHENTICATED,
  CANCELLED,
  ENCRYPTION_FIRST,
  NOT_OFFERED,
  STORE_FAILED,
  UNKNOWN_MECHANISM,
} from './phrase.js'
import type { Occasion } from './rule.js'

export class AuthExchange {
  readonly #speaker: Speaker
  #mechanism: ServerMechanism | undefined
  #proved: { readonly user: string; readonly mechanism: string } | undefined

  constructor(speaker: Speaker) {
    this.#speaker = speaker
  }

  /** Who the client is; undefined while it has not proved it. */
  get proved(): { readonly user: string; readonly mechanism: string } | undefined {
    return this.#proved
  }

  /** Whether the client's next line is a response, not a command. */
  get open(): boolean {
    return this.#mechanism !== undefined
  }

  /** The AUTH command, in order. A promise while the mechanism thinks. */
  start(name: string, initial: Uint8Array | undefined, line: string): Promise<void> | undefined {
    const { settings } = this.#speaker.host
    const offer = settings.mechanisms.get(name.toUpperCase())
    const refusal = this.#refusal(offer !== undefined)
    if (refusal !== undefined || offer === undefined) {
      this.#speaker.refuse(refusal ?? UNKNOWN_MECHANISM)
      return undefined
    }
    const { tlsSocket } = this.#speaker.line
    this.#mechanism = offer.create({ hostname: settings.hostname, secure: tlsSocket !== undefined, tlsSocket })
    const mechanism = this.#mechanism
    return this.#follow({ phase: 'auth', line }, () => mechanism.start(initial))
  }

  /** A response; undefined for `*`, by which the client cancels. */
  respond(response: Uint8Array | undefined): Promise<void> | undefined {
    const mechanism = this.#mechanism
    if (mechanism === undefined) return undefined
    if (response !== undefined) return this.#follow({ phase: 'response' }, () => mechanism.respond(response))
    this.cancel(CANCELLED)
    return undefined
  }

  /** Ends the exchange with a refusal. */
  cancel(answer: Answer): void {
    this.#mechanism = undefined
    this.#speaker.say({ phase: 'response' }, answer)
  }

  #refusal(known: boolean): Answer | undefined {
    const { settings } = this.#speaker.host
    if (settings.offeredAuth === '') return NOT_OFFERED
    if (this.#proved !== undefined) return ALREADY_AUTHENTICATED
    if (this.#speaker.line.tlsSocket === undefined && !settings.insecureAuth) return ENCRYPTION_FIRST
    return known ? undefined : UNKNOWN_MECHANISM
  }

  #follow(occasion: Occasion, step: () => ServerStep | Promise<ServerStep>): Promise<void> | undefined {
    const next = step()
    if (!(next instanceof Promise)) {
      this.#advance(occasion, next)
      return undefined
    }
    return next.then(
      result => this.#advance(occasion, result),
      () => {
        // "A promise is rejected only when the server's own store failed", says the mechanism's contract.
        this.#mechanism = undefined
        this.#speaker.say(occasion, STORE_FAILED)
      },
    )
  }

  #advance(occasion: Occasion, step: ServerStep): void {
    const name = this.#mechanism?.name ?? ''
    const user = step.kind === 'success' ? (step.authorization ?? step.identity) : undefined
    const answer = this.#speaker.say({ ...occasion, user }, due(step))
    if (answer?.code === 334) {
      this.#speaker.line.read('auth')
      return
    }
    this.#mechanism = undefined
    if (answer?.code !== 235 || user === undefined) return
    this.#proved = { user, mechanism: name }
    this.#speaker.line.record({ kind: 'authenticated', ...this.#proved })
  }
}

function due(step: ServerStep): Answer {
  switch (step.kind) {
    case 'challenge':
      return new Answer(334, undefined, encodeBase64(step.challenge))
    case 'success':
      return AUTHENTICATED
    case 'failure':
      return new Answer(step.reply.code, step.reply.enhanced, step.reply.text)
  }
}
