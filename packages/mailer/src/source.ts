/**
 * Where the octets of a message come from, made one: a body for the session, and what can be known of it beforehand.
 *
 * In: text, octets, a stream of octets, an object that can give such a stream or write itself, or header fields and a body. Out: octets in memory, or
 * something that is opened only when its first octet is wanted; so a message that is never sent is never read. Text becomes UTF-8. Refused: text with
 * half of a surrogate pair, fields that are none, and what is nothing of these. A stream that gives too little, too much or something else is found
 * out by the session while it is sent, before the terminator.
 */
import type { Body } from '@postrider/session'
import { SMTPMessageError } from './error.js'
import { type HeaderField, writeHeader } from './header-list.js'

/** Octets that come in pieces. A Node `Readable` is an `AsyncIterable`. */
export type Octets = Uint8Array | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** A message that can be asked for its octets, as composers make them. */
export interface MessageSource {
  /** Who sends to whom, where the message knows better than its header. `from: false` or `''` is the null sender. */
  readonly envelope?: { readonly from: string | false; readonly to: string | readonly string[] }
  /** RFC 5322 octets. Called once for each attempt to send. */
  stream(): Octets
  /** Octets that the stream will give, exactly: more or fewer are an error, and nothing is sent. */
  readonly size?: number
}

/**
 * A message in parts, as a program has it that needs no composer.
 *
 * @example
 * ```ts
 * await sendMessage(server, { headers: [['From', 'me@example.org'], ['To', 'you@example.org'], ['Subject', 'hi']], body: 'hello' })
 * ```
 */
export interface MessageParts {
  /**
   * Header fields in order, repeated names included. A value may be folded (CRLF and white space); it is neither folded nor encoded here, so one
   * outside ASCII needs a server with SMTPUTF8. A field that would become two, or none, is an {@link SMTPMessageError}.
   */
  readonly headers: readonly HeaderField[]
  /** What follows the empty line; text becomes UTF-8. Default: nothing. */
  readonly body?: string | Octets
}

/** A message that can write itself in two forms, for servers with SMTPUTF8 and for all others. */
export interface SerializableMessage {
  /**
   * RFC 5322 text or octets, the header with its Bcc fields. `send_message` asks for `utf8` to find the envelope, and for `7bit` when no
   * local part in that is outside ASCII. `sendmail` asks for `7bit`, and for `utf8` when an address is.
   *
   * @param form - `utf8`: as RFC 6532 has it, UTF-8 in the header and eight bits in the body. `7bit`: ASCII throughout, display names and
   * subject in encoded-words (RFC 2047), the body in a transfer encoding (RFC 2045 6)
   */
  serialize(form: MessageForm): string | Octets
}

/** The two forms in which a message can write itself: see {@link SerializableMessage}. */
export type MessageForm = '7bit' | 'utf8'

/** RFC 5322 text or octets, or what can be made into them. */
export type Message = string | Octets | MessageSource | SerializableMessage | MessageParts

/** A message that is ready to be read. */
export type Content = (
  | { readonly kind: 'memory'; readonly octets: Uint8Array; readonly text: boolean }
  | { readonly kind: 'stream'; readonly body: Body; readonly size: number | undefined }
) & {
  /** The same message for an address that needs SMTPUTF8, where it has such a form. */
  readonly utf8?: () => Content
}

/**
 * @throws TypeError for what is no message
 * @throws {@link SMTPMessageError} for text that has no UTF-8, and header fields that are none
 */
export function readContent(message: Message): Content {
  if (typeof message === 'string') return { kind: 'memory', octets: encode(message), text: true }
  const memory = asOctets(message)
  if (memory !== undefined) return { kind: 'memory', octets: memory, text: false }
  if (typeof message === 'object' && message !== null) {
    if (isSource(message)) {
      const { size } = message
      if (size !== undefined && !(Number.isSafeInteger(size) && size >= 0))
        throw new TypeError(`the message's size is ${size}, and must be a number of octets`)
      return { kind: 'stream', body: lazily(() => message.stream()), size }
    }
    if (isSerializable(message))
      return { ...readContent(message.serialize('7bit')), utf8: () => readContent(message.serialize('utf8')) }
    if (isParts(message)) return join(writeHeader(message.headers), readContent(message.body ?? ''))
    if (isStream(message)) return { kind: 'stream', body: lazily(() => message), size: undefined }
  }
  throw new TypeError(
    'a message is text, a Uint8Array, a stream of Uint8Arrays, or an object with stream(), serialize() or headers',
  )
}

/** The envelope that a message brings along. */
export function envelopeOf(message: Message): MessageSource['envelope'] {
  return typeof message === 'object' && message !== null && isSource(message) ? message.envelope : undefined
}

/** Whether the message can write itself with and without UTF-8. */
export function isSerializable(message: Message): message is SerializableMessage {
  return (
    typeof message === 'object' &&
    message !== null &&
    !isSource(message) &&
    'serialize' in message &&
    typeof message.serialize === 'function'
  )
}

/** The iterator of a body, whatever kind it is. */
export function iterate(body: Body): AsyncIterator<Uint8Array> | Iterator<Uint8Array> {
  if (body instanceof Uint8Array) return [body][Symbol.iterator]()
  return Symbol.asyncIterator in body ? body[Symbol.asyncIterator]() : body[Symbol.iterator]()
}

function encode(text: string): Uint8Array {
  // Twice as fast as a TextEncoder for a short message.
  const octets = Buffer.from(text, 'utf8')
  // Only what is not ASCII can hold half of a pair, and only that is worth the search.
  const at = octets.length === text.length ? -1 : text.search(/\p{Surrogate}/u)
  if (at >= 0) throw new SMTPMessageError(`the message holds half of a surrogate pair (at ${at})`, { at })
  return octets
}

/** Octets of another realm (a test runner's sandbox, a worker) are octets too. */
function asOctets(message: unknown): Uint8Array | undefined {
  if (message instanceof Uint8Array) return message
  if (!ArrayBuffer.isView(message)) return undefined
  return new Uint8Array(message.buffer, message.byteOffset, message.byteLength)
}

function isSource(message: object): message is MessageSource {
  return 'stream' in message && typeof message.stream === 'function'
}

function isParts(message: object): message is MessageParts {
  return 'headers' in message && Array.isArray(message.headers)
}

function join(header: Uint8Array, body: Content): Content {
  if (body.kind === 'memory') return { ...body, octets: Buffer.concat([header, body.octets]) }
  return {
    kind: 'stream',
    body: {
      async *[Symbol.asyncIterator]() {
        yield header
        // Only octets in memory are not iterable by pieces, and those are not here.
        yield* body.body as AsyncIterable<Uint8Array>
      },
    },
    size: body.size === undefined ? undefined : header.length + body.size,
  }
}

function isStream(
  value: object,
): value is ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  return Symbol.asyncIterator in value || Symbol.iterator in value || 'getReader' in value
}

/** Opens the stream when its first octets are wanted. */
function lazily(open: () => Octets): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => asyncIterator(open()) }
}

function asyncIterator(octets: Octets): AsyncIterator<Uint8Array> {
  if (octets instanceof Uint8Array) return fromSync([octets][Symbol.iterator]())
  if (Symbol.asyncIterator in octets) return octets[Symbol.asyncIterator]()
  if (Symbol.iterator in octets) return fromSync(octets[Symbol.iterator]())
  if (!('getReader' in octets)) throw new TypeError("the message's stream() gives no stream")
  return fromReader((octets as ReadableStream<Uint8Array>).getReader())
}

function fromSync(iterator: Iterator<Uint8Array>): AsyncIterator<Uint8Array> {
  return {
    next: async () => iterator.next(),
    return: async () => iterator.return?.() ?? { done: true, value: undefined },
  }
}

/** Not every runtime's ReadableStream can be iterated over. */
function fromReader(reader: ReadableStreamDefaultReader<Uint8Array>): AsyncIterator<Uint8Array> {
  return {
    async next() {
      const { done, value } = await reader.read()
      return done ? { done: true, value: undefined } : { done: false, value }
    },
    async return() {
      await reader.cancel()
      return { done: true, value: undefined }
    },
  }
}
