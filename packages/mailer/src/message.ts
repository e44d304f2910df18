/**
 * A message whose envelope is in its header: what `send_message` needs before it can send.
 *
 * In: RFC 5322 octets from anywhere. Out: who sends to whom (RFC 5322 3.6.2, 3.6.3, 3.6.6), and the same octets without the lines of Bcc and Resent-Bcc. Only the
 * header block is read here, up to a limit; the rest is handed on as it comes. Not one other octet changes.
 *
 * It refuses, before anything is opened: a header that cannot be read, more than one block of Resent- fields, two From or Sender fields, two senders,
 * no sender, no recipient. What smtplib does is told by the P-numbers.
 *
 * A message that can write itself in two forms is asked for the one with UTF-8, which has all its addresses, and sent in the one of 7 bits unless
 * one of them needs SMTPUTF8 (P61).
 */
import { type AddressOptions, type Mailbox, parseAddresses } from './address.js'
import { SMTPEnvelopeError, SMTPMessageError } from './error.js'
import { characterSet, type Field, HeaderEnd, readFields, readName, readValue, withoutFields } from './header.js'
import { type KnownHeader, type Letter, type Recipients, writeLetter } from './letter.js'
import type { Patience } from './patience.js'
import type { SendMessageOptions } from './send-option.js'
import { type Content, envelopeOf, isSerializable, iterate, type Message, readContent } from './source.js'

/** A message whose header has been read. */
export interface OpenedMessage extends EnvelopeAddresses {
  /** The message without what nobody may see. */
  readonly content: Content
  readonly header: KnownHeader
  /** Tells the source that nobody wants the rest, unless somebody has begun to take it. */
  release(): void
}

/** A letter made of a message, and a way to say that it will not be sent after all. */
export interface ReadMessage {
  readonly letter: Letter
  /** Tells the source that nobody wants the rest, unless somebody has begun to take it. */
  release(): void
}

/**
 * @throws {@link SMTPMessageError}, {@link SMTPEnvelopeError}, TypeError and what the source throws
 */
export async function readMessage(
  message: Message,
  options: SendMessageOptions,
  patience?: Patience,
): Promise<ReadMessage> {
  const { from, to, content, header, release } = await openMessage(message, options, patience)
  try {
    return { letter: writeLetter(from, to, content, options, header), release }
  } catch (error) {
    release()
    throw error
  }
}

/**
 * @throws {@link SMTPMessageError}, {@link SMTPEnvelopeError}, TypeError and what the source throws
 */
export async function openMessage(
  message: Message,
  options: SendMessageOptions,
  patience?: Patience,
): Promise<OpenedMessage> {
  const whole = readContent(isSerializable(message) ? message.serialize('utf8') : message)
  const opened = await readHeader(whole, options.headerLimit ?? defaultHeaderLimit, patience)
  try {
    const { block } = opened
    const fields = readFields(block)
    const hidden = fields.filter(({ name }) => name === 'bcc' || name === 'resent-bcc')
    const set = characterSet(withoutFields(block, hidden))
    if (set === 'invalid') throw new SMTPMessageError('the header holds octets above 127 that are not UTF-8')
    const { from, to } = chooseEnvelope(message, options, block, fields)
    const messageId = fields.find(({ name }) => name === 'message-id')
    const header: KnownHeader = {
      utf8: set === 'utf8',
      messageId: messageId === undefined ? undefined : readValue(block, messageId),
    }
    const content = opened.without(hidden)
    const release = () => opened.release()
    if (!isSerializable(message)) return { from, to, content, header, release }
    const letter = writeLetter(from, to, content, options, header)
    if (letter.utf8Address) return { from: letter.from, to: letter.to, content, header, release }
    release()
    return await openMessage(message.serialize('7bit'), { ...options, from: letter.from, to: letter.to }, patience)
  } catch (error) {
    opened.release()
    throw error
  }
}

/** Far more than any message needs: RFC 5322 has no limit. */
const defaultHeaderLimit = 1_048_576

/** A message whose header block has come. */
interface Opened {
  /** The header block, its empty line included. */
  readonly block: Uint8Array
  /** The whole message without these fields. */
  without(fields: readonly Field[]): Content
  release(): void
}

async function readHeader(content: Content, limit: number, patience: Patience | undefined): Promise<Opened> {
  const end = new HeaderEnd()
  if (content.kind === 'memory') {
    const { octets } = content
    const length = end.find(octets)
    const block = length < 0 ? octets : octets.subarray(0, length)
    checkLimit(block.length, limit)
    return { block, without: fields => ({ ...content, octets: withoutFields(octets, fields) }), release: () => {} }
  }
  const rest = new Rest(iterate(content.body))
  try {
    const read: Uint8Array[] = []
    let octets = 0
    for (;;) {
      const chunk = await (patience === undefined ? rest.next() : patience.while(rest.next()))
      const length = chunk === undefined ? 0 : end.find(chunk)
      if (chunk !== undefined) read.push(chunk)
      if (length >= 0) {
        const head = join(read)
        const block = chunk === undefined ? head : head.subarray(0, octets + length)
        checkLimit(block.length, limit)
        return {
          block,
          without: fields => {
            const first = withoutFields(head, fields)
            const size = content.size === undefined ? undefined : content.size - (head.length - first.length)
            return { kind: 'stream', body: rest.behind(first), size }
          },
          release: () => rest.release(),
        }
      }
      octets += chunk?.length ?? 0
      checkLimit(octets, limit)
    }
  } catch (error) {
    rest.release()
    throw error
  }
}

function checkLimit(octets: number, limit: number): void {
  if (octets > limit) throw new SMTPMessageError(`the header of the message has more than ${limit} octets`)
}

/** A source that has been read up to the end of the header. */
class Rest {
  readonly #source: AsyncIterator<Uint8Array> | Iterator<Uint8Array>
  #ended = false
  #taken = false

  constructor(source: AsyncIterator<Uint8Array> | Iterator<Uint8Array>) {
    this.#source = source
  }

  /** The next chunk; `undefined` at the end. */
  async next(): Promise<Uint8Array | undefined> {
    const { done, value } = await this.#source.next()
    if (done === true) {
      this.#ended = true
      return undefined
    }
    if (value instanceof Uint8Array) return value
    throw new TypeError(`the message source gave ${typeof value} where octets (Uint8Array) are needed`)
  }

  /** Everything that has not been given yet, behind `first`. */
  behind(first: Uint8Array): AsyncIterable<Uint8Array> {
    const begin = () => {
      this.#taken = true
    }
    const source = this.#source
    const isEnded = () => this.#ended
    return {
      async *[Symbol.asyncIterator]() {
        begin()
        try {
          yield first
          while (!isEnded()) {
            const { done, value } = await source.next()
            if (done === true) return
            yield value
          }
        } finally {
          await source.return?.()
        }
      },
    }
  }

  release(): void {
    if (this.#taken || this.#ended) return
    this.#taken = true
    // A source that fails while it is being closed has nothing more to say to us.
    void Promise.resolve(this.#source.return?.()).catch(() => {})
  }
}

function join(chunks: readonly Uint8Array[]): Uint8Array {
  const [only] = chunks
  return only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks)
}

interface EnvelopeAddresses {
  readonly from: string
  readonly to: Recipients
}

/** The caller's word first, then the message's own envelope, then the header. */
function chooseEnvelope(
  message: Message,
  options: SendMessageOptions,
  block: Uint8Array,
  fields: readonly Field[],
): EnvelopeAddresses {
  const own = envelopeOf(message)
  const from = options.from ?? (own === undefined ? undefined : own.from || '')
  const to = options.to ?? own?.to
  if (from !== undefined && to !== undefined) return { from, to }
  const header = new AddressHeader(block, fields, options)
  return { from: from ?? header.sender(), to: to ?? header.recipients() }
}

/** The fields that say who sends to whom. */
class AddressHeader {
  readonly #block: Uint8Array
  readonly #fields: readonly Field[]
  readonly #options: AddressOptions
  readonly #prefix: '' | 'resent-'

  constructor(block: Uint8Array, fields: readonly Field[], options: AddressOptions) {
    this.#block = block
    this.#fields = fields
    this.#options = options
    this.#prefix = this.#resentPrefix()
  }

  /** P58: Sender where there is one, else the first address of From. RFC 5322 3.6.2: `sender = "Sender:" mailbox`, one. */
  sender(): string {
    const sender = this.#only('sender')
    const field = sender ?? this.#only('from')
    if (field === undefined)
      throw new SMTPMessageError(
        `the message has no ${this.#prefix === '' ? 'From' : 'Resent-From'}, and no sender was given`,
      )
    const [first, second] = this.#read(field)
    if (first === undefined) throw this.#refusal(field, 'no address')
    if (field === sender && second !== undefined) throw this.#refusal(field, 'more than one address')
    return first.address
  }

  /** P59: To, Bcc, Cc, in this order, groups expanded; all fields of a name (RFC 5322 4.5.3), and each address once. */
  recipients(): string[] {
    const found = new Map<string, string>()
    for (const name of ['to', 'bcc', 'cc'])
      for (const field of this.#named(name))
        for (const { address } of this.#read(field)) {
          const key = foldDomain(address)
          if (!found.has(key)) found.set(key, address)
        }
    if (found.size === 0)
      throw new SMTPEnvelopeError('the header of the message names no recipient, and none was given')
    return [...found.values()]
  }

  /**
   * P57: one block of Resent- fields is who sends now (RFC 5322 3.6.6); of two, nobody can tell which. A block that lacks its
   * Resent-Date is one all the same: to overlook it would send the message to its first recipients again.
   */
  #resentPrefix(): '' | 'resent-' {
    const resent = this.#fields.filter(({ name }) => name.startsWith('resent-'))
    const names = new Set<string>()
    for (const field of resent) {
      if (names.has(field.name)) throw this.#refusal(field, "message has more than one 'Resent-' header block")
      names.add(field.name)
    }
    return resent.length === 0 ? '' : 'resent-'
  }

  #named(name: string): Field[] {
    return this.#fields.filter(field => field.name === `${this.#prefix}${name}`)
  }

  #only(name: string): Field | undefined {
    const [first, second] = this.#named(name)
    if (second !== undefined) throw this.#refusal(second, 'is there twice')
    return first
  }

  #read(field: Field): Mailbox[] {
    return parseAddresses(readValue(this.#block, field), readName(this.#block, field), this.#options)
  }

  #refusal(field: Field, why: string): SMTPMessageError {
    const header = readName(this.#block, field)
    return new SMTPMessageError(`${header}: ${why}`, { header })
  }
}

/** RFC 5321 2.4: the local part is case-sensitive, the domain is not. */
function foldDomain(address: string): string {
  const at = address.lastIndexOf('@')
  if (at < 0) return address
  return address.slice(0, at) + address.slice(at).toLowerCase()
}
