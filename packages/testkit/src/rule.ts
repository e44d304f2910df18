/**
 * What a test wants the server to say otherwise, as data: when (phase and criteria), how often, and what instead.
 *
 * The server asks {@link Rules.find} once for every reply it is about to give; there is no other way in. The newest rule
 * that matches wins, so that a test can override what its set-up said.
 */
import { type Answer, parseAnswer } from './answer.js'
import type { ReceivedMessage } from './mailbox.js'
import { type Match, matches, matchesAddress } from './match.js'
import { checkSteps, type Step } from './script.js'

/**
 * The moment a reply is due: a verb in lower case, or one of the moments that are no verb of their own:
 *
 * - `connect`: the greeting
 * - `handshake`: TLS is about to begin; nothing is due, what is said here is said in clear text
 * - `response`: the answer to a client's line within AUTH
 * - `data`: the 354, and `body`: while content arrives, before the terminator; nothing is due here, so only what a rule says is said
 * - `bdat`: a chunk that is not the last
 * - `endOfData`: the final reply to DATA or BDAT LAST; in LMTP one per accepted recipient
 * - `unknown`: a verb the server does not know
 */
export type Phase =
  | 'connect'
  | 'handshake'
  | 'ehlo'
  | 'helo'
  | 'lhlo'
  | 'starttls'
  | 'auth'
  | 'response'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'body'
  | 'bdat'
  | 'endOfData'
  | 'rset'
  | 'noop'
  | 'vrfy'
  | 'expn'
  | 'help'
  | 'quit'
  | 'unknown'

/** When a rule applies: all criteria given must hold. */
export interface Criteria {
  /** Default: the phase the criteria speak of (`recipient` rcpt, `sender` mail, `message` endOfData, `user` auth and response), else any. */
  readonly phase?: Phase | readonly Phase[]
  /** The reverse path of MAIL. */
  readonly sender?: Match
  /** The forward path of RCPT; at endOfData in SMTP any accepted recipient. */
  readonly recipient?: Match
  /** The whole command line (AUTH secrets masked), or as a string without a space the verb alone, in any case. */
  readonly command?: Match
  /** The message received: contained text, a pattern over its text, or any question. */
  readonly message?: string | RegExp | ((message: ReceivedMessage) => boolean)
  /** The name proved by AUTH. */
  readonly user?: Match
  /** Under TLS, or in clear text. */
  readonly secure?: boolean
  /** How many occasions to let pass first. Default 0. */
  readonly skip?: number
  /** For how many occasions it holds. Default: for all. */
  readonly times?: number
}

/** How a connection ends: `close` orderly (FIN, with close_notify under TLS), `reset` by RST. */
export type HangUp = 'close' | 'reset'

/** What the server says, or does, instead of what it would have. */
export interface Instead {
  /** The reply: `'550 5.1.1 no such user'`; more lines after `\n` or as an array. 421 also closes (RFC 5321 3.8). */
  readonly reply?: string | readonly string[]
  /** End the connection: after the reply, or without any when there is none. */
  readonly hangUp?: HangUp
}

/** A refusal: 4yz or 5yz, or a connection ended without a word. */
export type Refusal = Criteria & Instead

/** A script in the place of a reply. */
export interface Misbehaviour extends Criteria {
  /** The reply the server takes as due, and goes on from, instead of its own: any code. */
  readonly reply?: string | readonly string[]
  /** What happens on the wire in its place. */
  readonly steps: readonly Step[]
}

/** A rule in force, as `server.refuse` and `server.answer` return it. */
export interface RuleHandle {
  /** How often the rule has been applied. */
  readonly applied: number
  /** Takes the rule out of force. */
  remove(): void
}

/** What is known at the moment a reply is due; the criteria are held against it. */
export interface Occasion {
  readonly phase: Phase
  readonly line?: string | undefined
  readonly sender?: string | undefined
  readonly recipients?: readonly string[] | undefined
  readonly user?: string | undefined
  readonly message?: ReceivedMessage | undefined
  readonly secure?: boolean
}

/** What a matching rule decides. */
export interface Verdict {
  readonly answer?: Answer
  readonly hangUp?: HangUp
  readonly steps?: readonly Step[]
}

class Rule implements RuleHandle {
  readonly #criteria: Criteria
  readonly #phases: ReadonlySet<Phase> | undefined
  readonly #owner: Rules
  readonly verdict: Verdict
  #seen = 0
  applied = 0

  constructor(owner: Rules, criteria: Criteria, verdict: Verdict) {
    this.#owner = owner
    this.#criteria = criteria
    this.#phases = phasesOf(criteria)
    this.verdict = verdict
  }

  get wantsMessage(): boolean {
    return this.#criteria.message !== undefined
  }

  /** Whether the rule holds now; counts the occasion when all criteria do. */
  applies(occasion: Occasion): boolean {
    const { sender, recipient, command, message, user, secure } = this.#criteria
    const { skip = 0, times = Number.POSITIVE_INFINITY } = this.#criteria
    if (this.#phases !== undefined && !this.#phases.has(occasion.phase)) return false
    if (sender !== undefined && !matchesAddress(sender, occasion.sender)) return false
    if (recipient !== undefined && !(occasion.recipients ?? []).some(one => matchesAddress(recipient, one)))
      return false
    if (command !== undefined && !matchesCommand(command, occasion.line)) return false
    if (user !== undefined && !matches(user, occasion.user)) return false
    if (secure !== undefined && secure !== occasion.secure) return false
    if (message !== undefined && !matchesMessage(message, occasion.message)) return false
    this.#seen += 1
    if (this.#seen <= skip || this.applied >= times) return false
    this.applied += 1
    return true
  }

  remove(): void {
    this.#owner.remove(this)
  }
}

/** The rules of one server, newest first. */
export class Rules {
  #rules: Rule[] = []

  /** False while there is nothing to ask, the usual case of a benchmark. */
  get any(): boolean {
    return this.#rules.length > 0
  }

  /** Whether some rule looks into messages, so that they have to be kept until it has. */
  get wantMessage(): boolean {
    return this.#rules.some(rule => rule.wantsMessage)
  }

  /** @throws RangeError for a positive reply, or neither reply nor hangUp. */
  refuse(refusal: Refusal): RuleHandle {
    const verdict = verdictOf(refusal)
    if (verdict.answer?.positive) throw new RangeError(`${verdict.answer.code} refuses nothing: 4yz or 5yz does`)
    if (verdict.answer === undefined && verdict.hangUp === undefined) {
      throw new RangeError('a refusal needs a reply, or hangUp to end the connection without one')
    }
    return this.#add(refusal, verdict)
  }

  /** @throws RangeError for a reply that is not positive, or none. */
  answer(rule: Criteria & { readonly reply: string | readonly string[] }): RuleHandle {
    const verdict = verdictOf(rule)
    if (verdict.answer?.positive !== true)
      throw new RangeError('answer() is for positive replies: refuse() takes 4yz and 5yz')
    return this.#add(rule, verdict)
  }

  /** @throws RangeError, EncodeError for a reply or a step that cannot be. */
  misbehave({ reply, steps, ...criteria }: Misbehaviour): RuleHandle {
    checkSteps(steps)
    return this.#add(criteria, { steps, ...(reply !== undefined && { answer: parseAnswer(reply) }) })
  }

  find(occasion: Occasion): Verdict | undefined {
    return this.#rules.find(rule => rule.applies(occasion))?.verdict
  }

  remove(rule: Rule): void {
    this.#rules = this.#rules.filter(other => other !== rule)
  }

  clear(): void {
    this.#rules = []
  }

  #add(criteria: Criteria, verdict: Verdict): RuleHandle {
    const rule = new Rule(this, criteria, verdict)
    this.#rules.unshift(rule)
    return rule
  }
}

function verdictOf({ reply, hangUp }: Instead): Verdict {
  const answer = reply === undefined ? undefined : parseAnswer(reply)
  const ending = hangUp ?? (answer?.code === 421 ? 'close' : undefined)
  return { ...(answer && { answer }), ...(ending && { hangUp: ending }) }
}

function phasesOf({ phase, sender, recipient, message, user }: Criteria): ReadonlySet<Phase> | undefined {
  if (phase !== undefined) return new Set(typeof phase === 'string' ? [phase] : phase)
  if (message !== undefined) return new Set<Phase>(['endOfData'])
  if (recipient !== undefined) return new Set<Phase>(['rcpt'])
  if (sender !== undefined) return new Set<Phase>(['mail'])
  if (user !== undefined) return new Set<Phase>(['auth', 'response'])
  return undefined
}

function matchesCommand(match: Match, line: string | undefined): boolean {
  if (typeof match !== 'string' || line === undefined) return matches(match, line)
  const said = match.includes(' ') ? line : (line.split(' ', 1)[0] ?? '')
  return said.toUpperCase() === match.toUpperCase()
}

function matchesMessage(match: NonNullable<Criteria['message']>, message: ReceivedMessage | undefined): boolean {
  if (message === undefined) return false
  if (typeof match === 'string') return message.text.includes(match)
  return typeof match === 'function' ? match(message) : message.text.search(match) >= 0
}
