/**
 * The errors of the codec. Each says whose fault it is, what it was about, why it was refused and, where that can be
 * told, at which octet. Values from outside are shown with their control characters escaped and cut short; secrets
 * (anything said in an AUTH exchange) are never shown.
 *
 * `instanceof` works across two copies of this package: every class recognises its own brand, a registered symbol.
 */
import { printable } from './ascii.js'
import type { Reply } from './reply.js'

/** Whose fault an error is: `local`, what we were asked to write; `remote`, what the peer sent. */
export type Fault = 'local' | 'remote'

/** A reply a server can give to the fault, ready for `writeReply`. */
export interface SuggestedReply {
  readonly code: number
  readonly enhanced: string
  readonly text: string
}

const codecBrand = /* @__PURE__ */ Symbol.for('@postrider/codec/CodecError')
const encodeBrand = /* @__PURE__ */ Symbol.for('@postrider/codec/EncodeError')
const decodeBrand = /* @__PURE__ */ Symbol.for('@postrider/codec/DecodeError')

/** A class derived elsewhere has no brand of its own and is told by its prototype, as usual. */
function isInstance(asked: unknown, branded: unknown, brand: symbol, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (asked === branded) return brand in value
  return Object.prototype.isPrototypeOf.call((asked as { prototype: object }).prototype, value)
}

function mark(error: object, brand: symbol): void {
  Object.defineProperty(error, brand, { value: true })
}

/** The common base of all errors of this package. */
export class CodecError extends Error {
  /** A short constant for programs, such as `EADDRESS`; the message is for people. */
  readonly code: string
  readonly fault: Fault

  constructor(code: string, fault: Fault, message: string) {
    super(message)
    this.name = 'CodecError'
    this.code = code
    this.fault = fault
    mark(this, codecBrand)
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: a derived class inherits this method and asks as itself
    return isInstance(this, CodecError, codecBrand, value)
  }
}

/** What an {@link EncodeError} is about. */
export type EncodeSubject =
  | 'address'
  | 'domain'
  | 'parameter'
  | 'command'
  | 'reply'
  | 'extension'
  | 'data'
  | 'chunk'
  | 'base64'
  | 'xtext'

/** The code of an {@link EncodeError}: its subject in capitals, or one of the two faults that have their own remedy. */
export type EncodeCode = `E${Uppercase<EncodeSubject>}` | 'EUTF8' | 'ELENGTH'

/**
 * We were asked to write something that must not go on the wire. Not one octet of it was produced, so the connection is
 * as good as before.
 *
 * `code` is `EUTF8` when the same text is legal under SMTPUTF8 and `ELENGTH` when it is only too long.
 */
export class EncodeError extends CodecError {
  declare readonly code: EncodeCode
  readonly what: EncodeSubject
  readonly why: string
  /** Where in the value (UTF-16 unit of a string, octet of octets) the trouble starts. */
  readonly at: number | undefined

  constructor(what: EncodeSubject, why: string, details: { value?: string; at?: number; code?: EncodeCode } = {}) {
    const shown = details.value === undefined ? '' : ` "${printable(details.value, 120)}"`
    const where = details.at === undefined ? '' : ` (at ${details.at})`
    super(details.code ?? (`E${what.toUpperCase()}` as EncodeCode), 'local', `${what}${shown}: ${why}${where}`)
    this.name = 'EncodeError'
    this.what = what
    this.why = why
    this.at = details.at
    mark(this, encodeBrand)
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: a derived class inherits this method and asks as itself
    return isInstance(this, EncodeError, encodeBrand, value)
  }
}

/** What a {@link DecodeError} is about. */
export type DecodeSubject =
  | 'reply'
  | 'command'
  | 'address'
  | 'domain'
  | 'parameter'
  | 'data'
  | 'chunk'
  | 'base64'
  | 'xtext'

/** The facts about a {@link DecodeError} that not every one has. */
export interface DecodeDetails {
  readonly at?: number | undefined
  readonly limit?: number | undefined
  readonly reply?: SuggestedReply | undefined
  readonly fatal?: boolean | undefined
  readonly replies?: readonly Reply[] | undefined
}

/**
 * The peer sent something outside the grammar (`code` is `EPROTOCOL`) or over a limit (`ELIMIT`). What was sent is not
 * in the message, only what was wrong with it and where.
 */
export class DecodeError extends CodecError {
  declare readonly code: 'EPROTOCOL' | 'ELIMIT'
  readonly what: DecodeSubject
  readonly why: string
  /** Where the trouble starts, counted from the start of the reply, the line, the data, or the text that was decoded. */
  readonly at: number | undefined
  /** The limit that was passed, in the unit the option has. */
  readonly limit: number | undefined
  /** What a server should answer. Set for everything a server reads. */
  readonly reply: SuggestedReply | undefined
  /** Nothing that follows on this connection can be read; close it. */
  readonly fatal: boolean
  /** From `ReplyReader.push`: the replies that were complete before the fault. They are answers like any other. */
  readonly replies: readonly Reply[]

  constructor(what: DecodeSubject, why: string, details: DecodeDetails = {}) {
    const where = details.at === undefined ? '' : ` (at ${details.at})`
    const limit = details.limit === undefined ? '' : `, limit ${details.limit}`
    super(details.limit === undefined ? 'EPROTOCOL' : 'ELIMIT', 'remote', `${what}: ${why}${limit}${where}`)
    this.name = 'DecodeError'
    this.what = what
    this.why = why
    this.at = details.at
    this.limit = details.limit
    this.reply = details.reply
    this.fatal = details.fatal ?? false
    this.replies = details.replies ?? []
    mark(this, decodeBrand)
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: a derived class inherits this method and asks as itself
    return isInstance(this, DecodeError, decodeBrand, value)
  }
}
