/**
 * What a client says, as a server reads it: chunks of any size in, events out: commands, the lines of an AUTH exchange,
 * the octets of DATA and of BDAT chunks (RFC 5321 4.1.1, 4954 4, 3030 2). How the octets are cut into chunks never changes
 * the events, except where one piece of data ends and the next begins.
 *
 * Only the server knows what follows a DATA, a BDAT, an AUTH or a STARTTLS, so behind each of them the reader pauses, holds
 * what came after, and goes on with `resume`. A bad line is an event with the reply to give, not an exception: one bad
 * command must not cost the connection. Where nothing after it can be read the event is `fatal`.
 *
 * Lines and data are views into the chunk that was pushed wherever possible: do not overwrite it.
 */
import { CR } from './ascii.js'
import { decodeBase64 } from './base64.js'
import { ChunkReader } from './chunk.js'
import type { Command } from './command.js'
import { type ParseCommandOptions, parseCommand } from './command-parser.js'
import { DataDecoder, type DataDecoderOptions } from './data-decoder.js'
import { CodecError, DecodeError, type SuggestedReply } from './error.js'
import { HeldOctets } from './held.js'
import { LineReader } from './line.js'

/** What a client said. */
export type CommandEvent =
  /** `line` is the exact octets with their line end. */
  | { readonly kind: 'command'; readonly command: Command; readonly line: Uint8Array }
  /**
   * Something that must not be obeyed; answer `error.reply`. In the data behind DATA it stands in the place of the end:
   * the message must be thrown away. When `error.fatal`, close the connection after the reply.
   */
  | { readonly kind: 'error'; readonly error: DecodeError; readonly line: Uint8Array }
  /** A line of an AUTH exchange, decoded; `undefined` for `*`, which cancels. */
  | { readonly kind: 'response'; readonly response: Uint8Array | undefined }
  /** Octets of the message behind DATA, dots unstuffed. */
  | { readonly kind: 'data'; readonly octets: Uint8Array }
  | { readonly kind: 'endOfData' }
  /** Octets of a BDAT chunk. */
  | { readonly kind: 'chunk'; readonly octets: Uint8Array }
  | { readonly kind: 'endOfChunk'; readonly last: boolean }

/** Limits of what a client sends, in octets with line end unless said otherwise. */
export interface CommandLimits {
  /** A command line. Default 512 (RFC 5321 4.5.3.1.4). */
  readonly line?: number
  /** A MAIL line. Default 2272: 512 and what the parameters of `MailParameters` add, by their RFCs. */
  readonly mailLine?: number
  /** A RCPT line. Default 1088: 512 and what the parameters of `RcptParameters` add. */
  readonly rcptLine?: number
  /** AUTH, the lines of its exchange, BURL, XCLIENT and XFORWARD. Default 12288 (RFC 4954 4). */
  readonly authLine?: number
  /** What is skipped behind a refused line in search of its CRLF. Default 1048576; then the next event is fatal. */
  readonly discard?: number
  /** What is held while the reader pauses. Default 1048576; stop reading from the socket while `paused` is true. */
  readonly held?: number
  /** BDAT commands in one message. Default 65536. */
  readonly chunks?: number
}

/** How commands are read from a stream. */
export interface CommandReaderOptions extends ParseCommandOptions {
  readonly limits?: CommandLimits
  /** How DATA is read. */
  readonly data?: DataDecoderOptions
}

/** What follows a pause. */
export type Continuation = 'command' | 'data' | 'chunk' | 'auth'

/** "*" cancels an AUTH exchange. */
const STAR = 0x2a

const NO_OCTETS: Uint8Array = /* @__PURE__ */ new Uint8Array(0)

const LINE = 512
/** SIZE 26, BODY 17, SMTPUTF8 10, AUTH 500, RET 9, ENVID 107, BY 17, HOLD 34, MT-PRIORITY 15, REQUIRETLS 11, SOLICIT 1009. */
const MAIL_LINE: number = LINE + 1760
/** NOTIFY 28, ORCPT 507, RRVS 33. */
const RCPT_LINE: number = LINE + 576
const AUTH_LINE = 12_288

/**
 * Reads one client.
 *
 * The command that makes the reader pause is the last event of its batch, so that a loop will do:
 *
 * @example
 * for (let events = reader.push(octets); ; events = reader.resume(next)) {
 *   for (const event of events) next = handle(event)   // writes the replies, says what follows
 *   if (!reader.paused) break
 * }
 */
export class CommandReader {
  readonly #options: CommandReaderOptions
  readonly #limits: Required<CommandLimits>
  readonly #lines: LineReader
  #mode: Continuation = 'command'
  /** What `resume` may be told; none while not paused. */
  #allowed: readonly Continuation[] = []
  /** What came behind a pause: a view as long as that is enough. */
  #ahead: Uint8Array = NO_OCTETS
  readonly #held: HeldOctets = new HeldOctets()
  #data: DataDecoder | undefined
  #chunk: ChunkReader = new ChunkReader(0)
  #chunkSize = 0
  #isLastChunk = false
  #chunks = 0
  #fault: DecodeError | undefined

  constructor(options: CommandReaderOptions = {}) {
    this.#options = options
    const { line = LINE, mailLine = MAIL_LINE, rcptLine = RCPT_LINE, authLine = AUTH_LINE } = options.limits ?? {}
    const { discard = 1_048_576, held = 1_048_576, chunks = 65_536 } = options.limits ?? {}
    this.#limits = { line, mailLine, rcptLine, authLine, discard, held, chunks }
    this.#lines = new LineReader({
      toleratesLineFeed: options.quirks?.bareLineFeed ?? false,
      longest: Math.max(line, mailLine, rcptLine, authLine),
      discard,
    })
  }

  /** Whether the reader waits for `resume`. */
  get paused(): boolean {
    return this.#allowed.length > 0
  }

  /**
   * Octets held back: what came behind a pause, and an unfinished line. After STARTTLS it must be 0, or somebody has put
   * commands of his own before the handshake: close the connection (RFC 3207 4.2).
   */
  get buffered(): number {
    return this.#ahead.length + this.#held.length + this.#lines.buffered
  }

  /**
   * The next octets from the client.
   *
   * @throws {@link DecodeError} only after an event with `error.fatal`: that error again
   */
  push(chunk: Uint8Array): CommandEvent[] {
    if (this.#fault !== undefined) throw this.#fault
    const events: CommandEvent[] = []
    this.#run(chunk, events)
    return events
  }

  /**
   * Says what follows the command that made the reader pause, and returns what is already there of it.
   *
   * After DATA: `data`, or `command` when it was refused. After BDAT: `chunk`, also when it was refused, because the
   * octets come anyway. After AUTH and after each response: `auth` for another response, or `command`. After STARTTLS:
   * `command` when it was refused; when TLS starts, leave this reader and its octets and make a new one (RFC 3207 4.2: "the
   * server MUST discard any knowledge obtained from the client").
   *
   * @throws {@link CodecError} `ESEQUENCE` when nothing paused the reader, or that cannot follow
   */
  resume(next: Continuation): CommandEvent[] {
    if (this.#fault !== undefined) throw this.#fault
    if (!this.#allowed.includes(next)) {
      const why = this.paused ? `only ${this.#allowed.join(' or ')} can follow` : 'the reader is not paused'
      throw new CodecError('ESEQUENCE', 'local', `resume('${next}'): ${why}`)
    }
    const events: CommandEvent[] = []
    const ahead = this.#held.length > 0 ? this.#held.take() : this.#ahead
    this.#ahead = NO_OCTETS
    this.#allowed = []
    this.#mode = next
    if (next === 'chunk') {
      this.#chunk = new ChunkReader(this.#chunkSize)
      if (this.#chunk.done) this.#endChunk(events)
    }
    this.#run(ahead, events)
    return events
  }

  #run(chunk: Uint8Array, events: CommandEvent[]): void {
    let start = 0
    while (start < chunk.length && !this.paused && this.#fault === undefined) {
      if (this.#mode === 'data') start = this.#readData(chunk, start, events)
      else if (this.#mode === 'chunk') start = this.#readChunk(chunk, start, events)
      else start = this.#readLine(chunk, start, events)
    }
    if (start < chunk.length && this.paused) this.#hold(chunk.subarray(start), events)
  }

  #hold(octets: Uint8Array, events: CommandEvent[]): void {
    if (this.#ahead.length + this.#held.length + octets.length > this.#limits.held) {
      const reply = { code: 421, enhanced: '4.7.0', text: 'Too much sent without waiting for a reply' }
      this.#fail(
        events,
        new DecodeError('command', 'too much sent ahead', { limit: this.#limits.held, reply, fatal: true }),
      )
    } else if (this.#ahead.length === 0 && this.#held.length === 0) {
      this.#ahead = octets
    } else {
      this.#held.append(this.#ahead, 0, this.#ahead.length)
      this.#held.append(octets, 0, octets.length)
      this.#ahead = NO_OCTETS
    }
  }

  #fail(events: CommandEvent[], error: DecodeError, line: Uint8Array = NO_OCTETS): void {
    events.push({ kind: 'error', error, line })
    if (!error.fatal) return
    this.#fault = error
    this.#ahead = NO_OCTETS
    this.#held.clear()
  }

  // Lines

  #readLine(chunk: Uint8Array, start: number, events: CommandEvent[]): number {
    const isAuth = this.#mode === 'auth'
    const result = this.#lines.read(chunk, start, isAuth ? this.#authLimit : this.#commandLimit)
    const { line, next } = this.#lines
    if (result === 'line') {
      if (isAuth) this.#response(line, events)
      else this.#command(line, events)
    } else if (result !== 'more') {
      this.#mode = 'command'
      this.#fail(events, this.#refusal(result, isAuth), line)
    }
    return next
  }

  #refusal(result: 'tooLong' | 'bareLineFeed' | 'endless', isAuth: boolean): DecodeError {
    const reply = (enhanced: string, text: string): SuggestedReply => ({ code: 500, enhanced, text })
    if (result === 'bareLineFeed') {
      return new DecodeError('command', 'line ends in LF without CR', {
        reply: reply('5.5.2', 'Lines must end in CRLF'),
      })
    }
    const limit = result === 'endless' ? this.#limits.discard : this.#lines.limit
    return new DecodeError('command', result === 'endless' ? 'line without end' : 'line too long', {
      limit,
      fatal: result === 'endless',
      reply: reply(isAuth ? '5.5.6' : '5.5.2', 'Line too long'),
    })
  }

  readonly #authLimit = (): number => this.#limits.authLine

  /** The limit depends on the verb, and what is too short to have one is under every limit. */
  readonly #commandLimit = (source: Uint8Array, start: number): number => {
    const lower = (i: number) => (source[start + i] ?? 0) | 0x20
    const verb = String.fromCharCode(lower(0), lower(1), lower(2), lower(3))
    if (verb === 'mail') return this.#limits.mailLine
    if (verb === 'rcpt') return this.#limits.rcptLine
    return verb === 'auth' || verb === 'burl' || verb === 'xcli' || verb === 'xfor'
      ? this.#limits.authLine
      : this.#limits.line
  }

  #command(line: Uint8Array, events: CommandEvent[]): void {
    let command: Command
    try {
      command = parseCommand(line.subarray(0, textEnd(line)), this.#options)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      this.#fail(events, error, line)
      return
    }
    events.push({ kind: 'command', command, line })
    switch (command.verb) {
      case 'DATA':
        this.#allowed = ['data', 'command']
        break
      case 'BDAT':
        this.#startChunk(command.size, command.last, events)
        break
      case 'AUTH':
        this.#allowed = ['auth', 'command']
        break
      case 'STARTTLS':
        this.#allowed = ['command']
        break
      case 'EHLO':
      case 'HELO':
      case 'LHLO':
      case 'MAIL':
      case 'RSET':
        this.#chunks = 0
        break
      default:
    }
  }

  #response(line: Uint8Array, events: CommandEvent[]): void {
    const text = line.subarray(0, textEnd(line))
    try {
      const isCancel = text.length === 1 && text[0] === STAR
      events.push({ kind: 'response', response: isCancel ? undefined : decodeBase64(text) })
      this.#allowed = ['auth', 'command']
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      this.#mode = 'command'
      this.#fail(events, error)
    }
  }

  // Data and chunks

  #readData(chunk: Uint8Array, start: number, events: CommandEvent[]): number {
    this.#data ??= new DataDecoder(this.#options.data)
    const decoder = this.#data
    try {
      for (const octets of decoder.push(chunk.subarray(start))) events.push({ kind: 'data', octets })
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      this.#fail(events, error)
      return chunk.length
    }
    if (!decoder.done) return chunk.length
    this.#mode = 'command'
    this.#data = undefined
    if (decoder.fault === undefined) events.push({ kind: 'endOfData' })
    else this.#fail(events, decoder.fault)
    return chunk.length - decoder.trailing.length
  }

  /** T-33: a message in very many very small chunks costs more than it is worth. */
  #startChunk(size: number, last: boolean, events: CommandEvent[]): void {
    this.#chunks++
    if (this.#chunks > this.#limits.chunks) {
      events.pop()
      const reply = { code: 421, enhanced: '4.7.0', text: 'Too many chunks' }
      this.#fail(
        events,
        new DecodeError('chunk', 'too many chunks', { limit: this.#limits.chunks, reply, fatal: true }),
      )
      return
    }
    this.#chunkSize = size
    this.#isLastChunk = last
    this.#allowed = ['chunk']
  }

  #readChunk(chunk: Uint8Array, start: number, events: CommandEvent[]): number {
    const octets = this.#chunk.push(chunk.subarray(start))
    events.push({ kind: 'chunk', octets })
    if (this.#chunk.done) this.#endChunk(events)
    return start + octets.length
  }

  #endChunk(events: CommandEvent[]): void {
    this.#mode = 'command'
    if (this.#isLastChunk) this.#chunks = 0
    events.push({ kind: 'endOfChunk', last: this.#isLastChunk })
  }
}

/** Where the text of a line ends: before its CRLF, or before a tolerated LF. */
function textEnd(line: Uint8Array): number {
  return line.length - (line[line.length - 2] === CR ? 2 : 1)
}
