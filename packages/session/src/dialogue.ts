/**
 * One conversation on one connection, without the connection: octets in, octets out, time in, a deadline out.
 *
 * In, from the driver: `connected`, `receive`, `secured`, `written`, `flushed`, `commit`, `closed`, `broken`, `timeout`. Out, to the driver: `poll` (what to do next), `listening`, `deadline`. In, from the verbs (`session.ts`, `transact.ts`,
 * `authenticate.ts`): `begin`, `write`, `expect`, `decide`, `end`.
 *
 * What it guarantees: replies pair with commands strictly in order (rule R4); the chart decides what is legal; at each point where both sides
 * must agree that nothing is under way, the receive buffer is empty or the session ends (rule R2); any doubt closes the
 * connection for good (rule R6).
 */
import type { Reply, ReplyReaderOptions } from '@postrider/codec'
import type { TlsFacts } from './channel.js'
import { AbortedError, BodyError, DisconnectedError, SequenceError, SessionError, TimeoutError } from './error.js'
import type { Observer } from './event.js'
import { Hearing } from './hearing.js'
import { type Message, Outbox, type Output } from './output.js'
import type { Expectation, ReplyClass } from './pipeline.js'
import { Reset } from './reset.js'
import { lowerVerb, type Verbs } from './spelling.js'
import { begin, type Effect, type EventName, type State, step } from './step.js'
import { Deadline, defaultTimeouts, minimumRate, type TimeoutName, type Timeouts } from './timeout.js'
import { Watch } from './watch.js'

/** The verb that is under way. */
export interface Operation {
  /** The session ended before the verb did. */
  fail(error: SessionError): void
  /** The server answered 421, to `expectation` or to nothing in particular. Called before `fail`. */
  shutdown?(reply: Reply, expectation: Expectation | undefined): void
  /** A refusal came while the message was being written; the session ends. Called before `fail`. */
  refusedEarly?(reply: Reply): void
}

/** How a conversation is held. */
export interface DialogueOptions {
  readonly timeouts?: Partial<Timeouts>
  /** Fewest octets of a message that must leave in one `dataBlock` window; default 1024. */
  readonly minimumRate?: number
  readonly reader?: ReplyReaderOptions
  /** The case in which verbs are written; default `upper`. */
  readonly verbs?: Verbs
  readonly observe?: Observer
}

/** Where a message is being written, and so where the server's word on it may still come when writing fails. */
const lastWordIn: ReadonlySet<string> = new Set(['body', 'chunks', 'flight.mail', 'flight.rcpt', 'flight.drain'])

export class Dialogue {
  #state: State = begin()
  readonly #hearing: Hearing
  readonly #greeting: Expectation
  readonly #deadline: Deadline
  readonly #minimumRate: number
  readonly #verbs: Verbs
  readonly #outbox = new Outbox(
    () => this.wake(),
    ({ why, cause }) => this.poison(new BodyError(`${why}: ${text(cause)}`, 'body', cause), 'abort'),
  )
  readonly #watch: Watch
  #operation: Operation | undefined
  #effects: Partial<Record<Effect, () => void>> = {}
  #progress = 0
  #fault: SessionError | undefined
  readonly #reset = new Reset(this)
  #flights = 0
  /** The transport failed under the message; the peer's last word may still be readable (rule R12). */
  #broken: { readonly cause: unknown } | undefined
  /** Called when there is something new to `poll` that no driver call led to. */
  wake: () => void = () => {}

  /** `greeting` is told of the first reply, which no command of ours asks for; `opening` when none comes. */
  constructor(options: DialogueOptions, greeting: Expectation, opening: Operation) {
    this.#greeting = greeting
    this.#operation = opening
    this.#deadline = new Deadline({ ...defaultTimeouts, ...options.timeouts })
    this.#deadline.arm('connect')
    this.#minimumRate = options.minimumRate ?? minimumRate
    this.#verbs = options.verbs ?? 'upper'
    const watch = new Watch(options.observe)
    this.#watch = watch
    this.#hearing = new Hearing(this, options.reader, reply => watch.reply(reply))
  }

  get state(): State {
    return this.#state
  }

  /** What ended the session, if something went wrong. */
  get fault(): SessionError | undefined {
    return this.#fault
  }

  /** More replies are here than are asked for. */
  get surplus(): boolean {
    return this.#hearing.surplus
  }

  /** The verb that is under way. */
  get operation(): Operation | undefined {
    return this.#operation
  }

  /** How many commands are unanswered. */
  get outstanding(): number {
    return this.#hearing.outstanding
  }

  /** How often we wrote and then had to wait for an answer. */
  get flights(): number {
    return this.#flights
  }

  // ---- the verbs' side

  /** Start a verb. Throws the session's fault when it is over, or `SequenceError` where the chart does not allow the event. */
  begin(event: EventName, verb: string, operation: Operation): void {
    if (this.#fault !== undefined) throw this.#fault
    const taken = this.#operation === undefined ? step(this.#state, event) : undefined
    if (taken === undefined) {
      const hint = this.#operation === undefined ? undefined : 'another verb is under way'
      throw new SequenceError(verb, this.#state.name, hint)
    }
    this.#operation = operation
    this.#hearing.disallow()
    this.apply(event)
  }

  /** The verb is done. */
  end(): void {
    this.#operation = undefined
  }

  /** Feed the chart. Effects are performed; the state's own limit starts to run. Returns false where the event is not legal. */
  apply(event: EventName): boolean {
    const from = this.#state
    const taken = step(from, event)
    if (taken === undefined) return false
    this.#state = taken.state
    this.#watch.state(from.name, event, taken.state.name)
    this.#deadline.arm(taken.state.limit)
    for (const effect of taken.effects) this.#perform(effect)
    return true
  }

  /** What the verbs do when the chart asks for it: `learn`, `forget`, `challenge`, `stream`. */
  on(effect: Effect, perform: () => void): void {
    this.#effects[effect] = perform
  }

  /** Clear a refused transaction: see `Reset`. */
  reset(): void {
    if (this.#broken !== undefined) return this.#giveUpListening()
    if (this.apply('rset')) this.#reset.start()
  }

  /** While a transaction is being cleared: settles when that is over. */
  get settled(): Promise<void> | undefined {
    return this.#reset.settled
  }

  /** Octets to be written. `shown` is what watchers see in their place. */
  write(octets: Uint8Array, shown?: string): void {
    this.#watch.write(octets, shown)
    this.#outbox.push({ kind: 'write', octets })
  }

  /** A command in the case that was asked for. */
  spell(command: Uint8Array): Uint8Array {
    return this.#verbs === 'lower' ? lowerVerb(command) : command
  }

  /** Up to `count` more replies are welcome until the next verb begins: what is said by hand may be several commands. */
  allow(count: number, take: (reply: Reply) => void): void {
    this.#hearing.allow(count, take)
  }

  /** Tell watchers of a line that goes out by another way than `write`. */
  show(line: string): void {
    this.#watch.tell({ type: 'command', line })
  }

  /** Tell watchers of octets of a message, which are shown as their number. */
  showBody(octets: number): void {
    this.#watch.tell({ type: 'body', octets })
  }

  /** Tell watchers of a chunk that goes out with its command. */
  showChunk(octets: number, last: boolean): void {
    this.show(`BDAT ${octets}${last ? ' LAST' : ''}`)
    this.showBody(octets)
  }

  /** A reply is to come for what was just written. */
  expect(expectation: Expectation): void {
    if (this.outstanding === 0) this.#flights++
    this.#hearing.expect(expectation)
  }

  /** Start the wait anew: each further reply of a group has its own time (RFC 5321 4.5.3.2), and some waits have a limit of their own. */
  rearm(limit: TimeoutName | undefined = this.#state.limit): void {
    this.#deadline.arm(limit)
  }

  /** A long reply to the end of data is cut, not refused, so that its verdict is not lost (rule R7). */
  tolerateLongReplies(yes: boolean): void {
    this.#hearing.tolerateLongReplies(yes)
  }

  /** The message goes out from here, piece by piece as the driver polls. */
  startMessage(message: Message): void {
    this.#outbox.start(message)
    this.#progress = 0
  }

  /** A chunk of the message was refused: nothing more of it goes out. */
  stopMessage(): void {
    this.#outbox.stop()
  }

  /** End the session: nothing more is written, the verb under way fails with `error`, so does every later one. */
  poison(error: SessionError, event: EventName): void {
    if (this.#state.closed) return
    // First, so that nothing the chart's effects or watchers do can find a session that looks alive.
    this.#fault = error
    this.#hearing.clear()
    this.#outbox.clear()
    this.apply(event)
    const operation = this.#operation
    this.#operation = undefined
    this.#watch.tell({ type: 'closed', error })
    operation?.fail(error)
    this.#reset.over()
    this.wake()
  }

  /** A polite end: QUIT was answered. */
  finish(outcome: ReplyClass): void {
    this.#fault = new DisconnectedError('the session was ended by QUIT', 'quit')
    this.apply(outcome)
    this.#watch.tell({ type: 'closed' })
  }

  // ---- the driver's side

  /** The transport is open; `tls` when it spoke TLS from the first octet. */
  connected(tls?: TlsFacts): void {
    if (this.#state.closed) return
    if (tls !== undefined) this.#watch.tell({ type: 'tls', facts: tls })
    this.apply(tls === undefined ? 'connected' : 'secured')
    this.#hearing.expect(this.#greeting)
  }

  /** TLS has come up after STARTTLS. */
  secured(tls: TlsFacts): void {
    if (this.#state.closed) return
    this.#watch.tell({ type: 'tls', facts: tls })
    this.apply('secured')
  }

  /**
   * True while the driver should have a read outstanding: always between the opening and the end, so that a 421 or a close is noticed while nothing
   * is under way, but never between the reply to STARTTLS and the handshake.
   */
  get listening(): boolean {
    const { closed, name } = this.#state
    return !closed && name !== 'connecting' && name !== 'handshake'
  }

  /** What to do next; `undefined`: nothing until something is received or `wake` is called. */
  poll(): Output | undefined {
    return this.#outbox.next()
  }

  /** The instant at which `timeout` must be called, on the scale of `now`: a wait that has begun since the last call begins now. */
  deadline(now: number): number | undefined {
    this.#deadline.settle(now)
    return this.#state.closed ? undefined : this.#deadline.at
  }

  /** Time has passed. */
  timeout(now: number): void {
    const { at, limit } = this.#deadline
    if (at === undefined || now < at || this.#state.closed) return
    if (this.#broken !== undefined) return this.#giveUpListening()
    const phase = this.#state.name
    const hint =
      phase === 'greeting' ? "a server that says nothing may be waiting for TLS: try tls: 'implicit'" : undefined
    this.poison(new TimeoutError(phase, limit ?? 0, hint), 'timeout')
  }

  /** The peer closed the connection, or the transport failed. */
  closed(error?: unknown): void {
    if (this.#state.closed) return
    if (this.#broken !== undefined) return this.#giveUpListening()
    const phase = this.#state.name
    if (error instanceof SessionError) return this.poison(error, 'lost')
    const message = error === undefined ? 'the server closed the connection' : `the connection failed: ${text(error)}`
    this.poison(new DisconnectedError(message, phase, error), 'lost')
  }

  /**
   * Writing has failed while reading may still work. Under a message the server's reason may be on its way ("552 too big", then RST):
   * a second is given to it (`lastWord`), and nothing more is written (rule R12).
   */
  broken(cause: unknown): void {
    if (!lastWordIn.has(this.#state.name) || this.#broken !== undefined) return this.closed(cause)
    this.#broken = { cause }
    this.#outbox.clear()
    this.#deadline.arm('lastWord')
  }

  /** The caller gives up. Before the point of no return nothing was sent; after it the outcome is unknown (rule R15). */
  abort(reason?: unknown): void {
    this.poison(new AbortedError(this.#state.name, reason), 'abort')
  }

  /** A piece of the message has left. */
  written(octets: number): void {
    if (!this.#outbox.sending) return
    this.#progress += octets
    if (this.#progress < this.#minimumRate) return
    this.#progress = 0
    this.#deadline.arm('dataBlock')
  }

  /** All but the terminator has left, and what had arrived by then was received. */
  flushed(): void {
    this.#outbox.flushed()
  }

  /** The terminator. Calling this is the point of no return. `undefined` when the session has ended meanwhile. */
  commit(): Uint8Array | undefined {
    if (this.#outbox.sending) this.#hearing.insistOnSilence()
    return this.#outbox.commit()
  }

  /** Octets from the peer. */
  receive(octets: Uint8Array): void {
    if (!this.#state.closed) this.#hearing.receive(octets)
  }

  #giveUpListening(): void {
    const cause = this.#broken?.cause
    this.#broken = undefined
    this.closed(cause ?? new Error('the connection broke'))
  }

  #perform(effect: Effect): void {
    if (effect === 'close') this.#outbox.push({ kind: 'close', polite: false })
    else if (effect === 'leave') this.#outbox.push({ kind: 'close', polite: true })
    else if (effect === 'upgrade') this.#outbox.push({ kind: 'upgrade' })
    else this.#effects[effect]?.()
  }
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
