/**
 * A session from the side of whoever drives it, and what can be seen of it from outside.
 *
 * The driver moves octets and brings time: it calls `connected` once, gives what arrives to `receive`, does what `poll` asks until it asks for no more,
 * and calls `timeout` at `deadline()`. Nothing here refuses anything: what a driver brings is news, not a request.
 */
import type { Reply } from '@postrider/codec'
import type { TlsFacts } from './channel.js'
import { Dialogue, type DialogueOptions } from './dialogue.js'
import type { SessionError } from './error.js'
import type { Output } from './output.js'
import { codes, type Expectation } from './pipeline.js'

export class Driven {
  readonly #dialogue: Dialogue
  readonly #opened: Promise<Reply>
  #greeting: Reply | undefined
  #tls: TlsFacts | undefined
  /** Told when the TLS that STARTTLS asked for has come up. */
  protected upgraded: (tls: TlsFacts) => void = () => {}

  constructor(options: DialogueOptions) {
    let opened: (reply: Reply) => void = () => {}
    let failed: (error: SessionError) => void = () => {}
    this.#opened = new Promise((resolve, reject) => {
      opened = resolve
      failed = reject
    })
    // A session that nobody asked for its greeting must not bring the process down.
    this.#opened.catch(() => {})
    const greeting: Expectation = {
      command: 'the connection',
      ...codes.greeting,
      settle: (reply, outcome) => {
        this.#greeting = reply
        this.#dialogue.end()
        this.#dialogue.apply(outcome)
        opened(reply)
      },
    }
    this.#dialogue = new Dialogue(options, greeting, { fail: failed })
  }

  /** A method, because whoever prints a session is shown its properties, and must not be shown a whole conversation (T-28). */
  protected dialogue(): Dialogue {
    return this.#dialogue
  }

  // ---- facts

  /** The greeting. Resolves for a refusal (554) too: the session is then `declined`, and every verb but `quit` says so. */
  opened(): Promise<Reply> {
    return this.#opened
  }

  /** The greeting, once it has come. */
  get greeting(): Reply | undefined {
    return this.#greeting
  }

  /** The state of the chart, such as `ready.idle`. */
  get state(): string {
    return this.#dialogue.state.name
  }

  /** Nothing is under way and the connection is in step: a verb may be called. */
  get usable(): boolean {
    return this.#dialogue.fault === undefined && (this.#dialogue.state.idle || this.#dialogue.settled !== undefined)
  }

  /** What ended the session, once it has ended. */
  get closedBy(): SessionError | undefined {
    return this.#dialogue.fault
  }

  /** TLS protects the connection. */
  get secure(): boolean {
    return this.#dialogue.state.context.secure
  }

  /** What the TLS on the connection is, where there is any. */
  get tls(): TlsFacts | undefined {
    return this.#tls
  }

  /** An AUTH exchange has succeeded. */
  get authenticated(): boolean {
    return this.#dialogue.state.context.authenticated
  }

  /** How often we wrote and then waited for the server. */
  get roundTrips(): number {
    return this.#dialogue.flights
  }

  // ---- news; what each means is said in `Dialogue`

  /** The transport is open; `tls` when it spoke TLS from the first octet. */
  connected(tls?: TlsFacts): void {
    this.#tls = tls
    this.#dialogue.connected(tls)
  }

  /** TLS has come up after STARTTLS. */
  secured(tls: TlsFacts): void {
    if (this.#dialogue.state.closed) return
    this.#tls = tls
    this.#dialogue.end()
    this.#dialogue.secured(tls)
    this.upgraded(tls)
  }

  /** Octets from the peer. */
  receive(octets: Uint8Array): void {
    this.#dialogue.receive(octets)
  }

  /** What to do next; `undefined`: nothing until something is received or `onWake` is called. */
  poll(): Output | undefined {
    return this.#dialogue.poll()
  }

  /** True while a read should be outstanding: never between the reply to STARTTLS and the handshake. */
  get listening(): boolean {
    return this.#dialogue.listening
  }

  /** The instant at which `timeout` must be called, in milliseconds on the scale of `now`; `undefined` while nothing is waited for. */
  deadline(now: number): number | undefined {
    return this.#dialogue.deadline(now)
  }

  /** The deadline has come. */
  timeout(now: number): void {
    this.#dialogue.timeout(now)
  }

  /** So many octets have left: they keep the minimum rate of a message. */
  written(octets: number): void {
    this.#dialogue.written(octets)
  }

  /** The answer to the output `flush`: all has left, and what had arrived by then was received. */
  flushed(): void {
    this.#dialogue.flushed()
  }

  /** The answer to the output `commit`: what to write now. Calling it is the point of no return. `undefined` when the session has ended meanwhile. */
  commit(): Uint8Array | undefined {
    return this.#dialogue.commit()
  }

  /** The peer closed the connection, or the transport failed. */
  closed(error?: unknown): void {
    this.#dialogue.closed(error)
  }

  /** Writing has failed while reading may still work. */
  broken(error: unknown): void {
    this.#dialogue.broken(error)
  }

  /** Set by the driver: called when there is something to `poll` that no driver call led to. */
  set onWake(wake: () => void) {
    this.#dialogue.wake = wake
  }
}
