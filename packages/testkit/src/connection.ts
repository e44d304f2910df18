/**
 * One client: its socket, with or without TLS, and the order of things on it. Octets go in to the codec, events from there to
 * the dialogue, replies back.
 *
 * Replies to one chunk are collected and written in one piece (RFC 2920 3.2: "so they can sent as a unit"). While a script
 * plays, the dialogue waits for something, or the client does not read its replies, nothing is read: memory does not grow.
 */
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { type CommandEvent, CommandReader } from '@postrider/codec'
import { Dialogue } from './dialogue.js'
import type { Handshake } from './handshake.js'
import type { EventBody, Host, Line } from './host.js'
import type { HangUp } from './rule.js'
import { type Ending, play, type Stage, type Step } from './script.js'
import { printableLines } from './transcript.js'

export class Connection implements Line, Stage {
  readonly id: number
  readonly gone: Promise<void>
  isGone = false
  readonly #host: Host
  readonly #raw: Socket
  readonly #shake: Handshake | undefined
  readonly #dialogue: Dialogue
  #socket: Socket
  #reader: CommandReader
  #events: CommandEvent[] = []
  /** How many of them have been dealt with. */
  #done = 0
  /** The event whose reply is held back, to see whether the client waits for it. */
  #held: CommandEvent | undefined
  #out: Uint8Array[] = []
  /** How many things have to happen before reading goes on. */
  #waits = 0
  /** What a script has to be over for. */
  #later: (() => void)[] | undefined
  #ending: Ending | undefined
  #tap: ((octets: Uint8Array) => boolean) | undefined
  #arrived: (() => void) | undefined
  #closed: { by: 'client' | 'server'; error?: string } = { by: 'client' }

  constructor(id: number, socket: Socket, host: Host, shake: Handshake | undefined) {
    this.id = id
    this.#host = host
    this.#raw = socket
    this.#socket = socket
    this.#shake = shake
    this.#reader = this.#newReader()
    this.#dialogue = new Dialogue(host, this)
    this.gone = new Promise(resolve => socket.once('close', () => this.#over(resolve)))
    socket.setNoDelay(true)
    socket.on('error', error => this.#failed(error))
    this.record({ kind: 'connected' })
    if (host.settings.tls === 'implicit') this.#upgrade(() => this.#greet())
    else {
      this.#listen(socket)
      this.#greet()
      this.#work()
    }
  }

  // What the dialogue asks for: it waits its turn behind a script that plays.

  get tlsSocket(): TLSSocket | undefined {
    return this.#socket instanceof TLSSocket ? this.#socket : undefined
  }

  get early(): number {
    return this.#reader.buffered + this.#raw.readableLength
  }

  record(event: EventBody): void {
    this.#host.record?.({ ...event, connection: this.id })
  }

  send(octets: Uint8Array): void {
    if (this.#later !== undefined) this.#later.push(() => this.send(octets))
    else if (this.#ending === undefined) {
      this.#note(octets)
      this.#out.push(octets)
    }
  }

  perform(steps: readonly Step[], due: Uint8Array): void {
    this.#inTurn(() => {
      this.#flush()
      this.#later = []
      this.#waitFor(play(steps, due, this).then(() => this.#scriptOver()))
    })
  }

  watch(tap: (octets: Uint8Array) => boolean): void {
    this.#inTurn(() => {
      this.#tap = tap
    })
  }

  read(next: 'command' | 'data' | 'chunk' | 'auth'): void {
    this.#queue(this.#reader.resume(next))
  }

  startTls(): void {
    this.#inTurn(() => {
      this.#flush()
      this.#raw.removeAllListeners('data')
      this.#raw.pause() // Deno: a read that is under way would swallow the first octets of the handshake
      this.#raw.setTimeout(0)
      this.#reader = this.#newReader()
      this.#upgrade(() => this.#dialogue.secured())
    })
  }

  hangUp(how: HangUp): void {
    // Closing at once would answer what the client has still sent by RST, and that can cost it our last reply.
    this.#inTurn(() => this.end(how === 'close' ? 'halfClose' : how))
  }

  // What a script asks for: it happens at once.

  write(octets: Uint8Array): void {
    if (this.#ending !== undefined) return
    this.#note(octets)
    this.#socket.write(octets)
  }

  writeBeneathTls(octets: Uint8Array): void {
    if (this.#ending === undefined) this.#raw.write(octets)
  }

  pause(milliseconds: number): Promise<void> {
    return new Promise(resolve => {
      if (milliseconds === 0) {
        // Twice, so that a poll lies between in any case: a client in this process then reads what was written before.
        setImmediate(() => setImmediate(resolve))
        return
      }
      const timer = setTimeout(resolve, milliseconds)
      void this.gone.then(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  end(ending: Ending): void {
    if (this.#ending !== undefined) return
    const rest = this.#takeOutput()
    this.#ending = ending
    this.#closed = { by: 'server' }
    if (ending === 'reset' || ending === 'cut') {
      const last = ending === 'reset' ? () => this.#reset() : () => this.#raw.end()
      if (rest === undefined) last()
      else this.#socket.write(rest, last)
      return
    }
    this.#socket.end(rest ?? NOTHING)
    if (ending === 'close') this.#socket.destroySoon()
    else this.#socket.resume()
  }

  async line(): Promise<string | undefined> {
    const event = await this.#nextEvent()
    if (event === undefined || !('line' in event)) return undefined
    const text = new TextDecoder().decode(event.line).replace(/\r?\n$/, '')
    this.#dialogue.overheard(event)
    return text
  }

  async content(): Promise<void> {
    if (!this.#reader.paused) return
    this.read('data')
    for (;;) {
      const event = await this.#nextEvent()
      if (event === undefined || event.kind === 'endOfData' || event.kind === 'error') return
    }
  }

  /** Ends the connection at once, without a word. */
  destroy(): void {
    this.#ending ??= 'cut'
    this.#closed = { by: 'server' }
    this.#socket.destroy()
    this.#raw.destroy()
  }

  #inTurn(action: () => void): void {
    if (this.#later === undefined) action()
    else this.#later.push(action)
  }

  #scriptOver(): void {
    const waiting = this.#later ?? []
    this.#later = undefined
    for (const action of waiting) this.#inTurn(action)
  }

  #reset(): void {
    if (this.#raw.remoteAddress === undefined)
      this.#raw.destroy() // a unix socket knows no RST
    else this.#raw.resetAndDestroy()
  }

  #newReader(): CommandReader {
    const { lmtp, bareNewlines, offered, limits } = this.#host.settings
    const size = limits.message === 0 ? Number.POSITIVE_INFINITY : limits.message
    return new CommandReader({
      lmtp,
      smtputf8: offered.has('SMTPUTF8'),
      data: { newlines: bareNewlines, limits: { size } },
    })
  }

  #listen(socket: Socket): void {
    socket.on('data', chunk => this.#receive(chunk))
    socket.setTimeout(this.#host.settings.limits.idle, () => {
      if (this.#ending !== undefined) this.destroy()
      else this.#dialogue.timedOut()
    })
  }

  #upgrade(then: () => void): void {
    this.#dialogue.beforeHandshake()
    this.#flush()
    this.#inTurn(() => {
      if (this.#ending === undefined) this.#handshake(then)
    })
  }

  #handshake(then: () => void): void {
    const refused = (error: Error): void => {
      this.record({ kind: 'handshakeFailed', reason: nameOf(error) })
      this.destroy()
    }
    const done = (socket: TLSSocket): void => {
      socket.on('error', error => this.#failed(error))
      this.#socket = socket
      this.#listen(socket)
      this.record({ kind: 'secured', version: socket.getProtocol() ?? 'unknown' })
      then()
      this.#work()
    }
    this.#shake?.(this.#raw, done, refused)
  }

  #failed(error: Error): void {
    if (this.#ending === undefined) this.#closed = { by: 'client', error: nameOf(error) }
  }

  #over(resolve: () => void): void {
    this.isGone = true
    this.#arrived?.()
    this.record({ kind: 'closed', ...this.#closed })
    resolve()
  }

  #receive(chunk: Uint8Array): void {
    if (this.#ending !== undefined) return
    this.#queue(this.#reader.push(chunk))
    this.#arrived?.()
    this.#work()
  }

  #queue(events: readonly CommandEvent[]): void {
    this.#events = this.#events.slice(this.#done).concat(events)
    this.#done = 0
  }

  /** The next event that has arrived and is not dealt with. */
  get #next(): CommandEvent | undefined {
    return this.#events[this.#done]
  }

  #work(): void {
    while (this.#waits === 0 && this.#ending === undefined) {
      const event = this.#next
      if (event === undefined) {
        if (!this.#readOn()) break
        continue
      }
      if (this.#holdsBack(event)) return // what has been said before goes out together with it
      this.#done += 1
      if (this.#held === event && this.#hasMore) {
        this.#dialogue.outOfTurn(event)
        break
      }
      const wait = this.#dialogue.handle(event)
      if (wait !== undefined) this.#waitFor(wait)
    }
    this.#queue([]) // lets go of what is dealt with
    this.#flush()
  }

  /**
   * RFC 5321 4.3.1: "The sender SHOULD wait for this greeting message before sending any commands."
   */
  #greet(): void {
    const { strictPipelining } = this.#host.settings
    if (strictPipelining === undefined) return this.#dialogue.greet()
    const listened = this.pause(strictPipelining)
    const greeted = listened.then(() => (this.#hasMore ? this.#dialogue.outOfTurn() : this.#dialogue.greet()))
    this.#waitFor(greeted, 'reading')
  }

  /** Whether this event has to wait until early talk behind it could have arrived. It does once, and only where strictness wants it. */
  #holdsBack(event: CommandEvent): boolean {
    const { strictPipelining } = this.#host.settings
    if (strictPipelining === undefined || this.#held === event || !this.#dialogue.mustWait(event)) return false
    this.#held = event
    this.#waitFor(this.pause(strictPipelining), 'reading')
    return true
  }

  /** Whether anything has come in behind what has been dealt with. */
  get #hasMore(): boolean {
    return this.#next !== undefined || this.#reader.buffered > 0 || this.#socket.readableLength > 0
  }

  /** Where the codec waits to be told what follows, and the dialogue has not said, commands do. True if it did wait. */
  #readOn(): boolean {
    if (!this.#reader.paused) return false
    this.read('command')
    return true
  }

  #waitFor(wait: Promise<void>, meanwhile: 'paused' | 'reading' = 'paused'): void {
    this.#waits += 1
    if (meanwhile === 'paused') this.#socket.pause()
    void wait.then(() => {
      this.#waits -= 1
      if (this.isGone || this.#waits > 0) return
      this.#socket.resume()
      this.#work()
    })
  }

  async #nextEvent(): Promise<CommandEvent | undefined> {
    while (this.#next === undefined && !this.isGone && this.#ending === undefined) {
      if (this.#readOn()) continue
      const arrived = new Promise<void>(resolve => {
        this.#arrived = resolve
      })
      this.#socket.resume()
      await arrived
      this.#arrived = undefined
      this.#socket.pause()
    }
    const event = this.#next
    if (event !== undefined) this.#done += 1
    return event
  }

  #flush(): void {
    const octets = this.#takeOutput()
    if (octets === undefined || this.#socket.write(octets)) return
    this.#waitFor(new Promise(resolve => this.#socket.once('drain', resolve)))
  }

  #takeOutput(): Uint8Array | undefined {
    const [first, ...more] = this.#out
    this.#out = []
    return first === undefined || more.length === 0 ? first : Buffer.concat([first, ...more])
  }

  #note(octets: Uint8Array): void {
    if (this.#tap?.(octets) === false) this.#tap = undefined
    if (this.#host.record === undefined) return
    for (const text of printableLines(octets)) this.record({ kind: 'line', from: 'server', text })
  }
}

const NOTHING = new Uint8Array(0)

function nameOf(error: Error): string {
  return 'code' in error ? String(error.code) : error.message
}
