/**
 * What a person reads of a message: decoded header values, text and HTML (RFC 2045 to 2047).
 *
 * In: a received message. Out: strings with LF as line end. What is written plainly is read here; what is encoded, or has parts,
 * is `postal-mime`'s, an optional peer that is loaded when it is needed. Without it, that is an error that says so: a
 * test must never compare an encoded text with a plain one and call it unequal.
 */
import type { ReceivedMessage } from './mailbox.js'

/** A file in a message. */
export interface MailAttachment {
  readonly filename: string | undefined
  /** As in `application/pdf`. */
  readonly type: string
  readonly octets: Uint8Array
}

/** What a message says. */
export interface MailContent {
  /** The plain text; undefined where there is none. */
  readonly text: string | undefined
  /** The HTML; undefined where there is none. */
  readonly html: string | undefined
  readonly attachments: readonly MailAttachment[]
}

/** There is something to decode, and it cannot be: mostly because there is nothing to decode it with. */
export class UndecodableError extends Error {
  override name = 'UndecodableError'
}

/** @throws UndecodableError when the value is encoded and `postal-mime` is not installed */
export async function decodeHeader(value: string): Promise<string> {
  if (!ENCODED_WORD.test(value)) return value
  const { decodeWords } = await postalMime('a header is encoded')
  return decodeWords(value)
}

/** @throws UndecodableError when the content is encoded, or has parts, and `postal-mime` is not installed */
export async function decodeContent(message: ReceivedMessage): Promise<MailContent> {
  const plain = plainType(message)
  if (plain !== undefined) {
    const content = new TextDecoder().decode(message.body).replaceAll('\r\n', '\n')
    return { text: undefined, html: undefined, [plain]: content, attachments: [] }
  }
  const { default: PostalMime } = await postalMime('the content is encoded, or has parts')
  const { text, html, attachments } = await PostalMime.parse(message.octets).catch(cause => {
    throw new UndecodableError('the content cannot be decoded', { cause })
  })
  return {
    text,
    html,
    attachments: attachments.map(({ filename, mimeType, content }) => ({
      filename: filename ?? undefined,
      type: mimeType,
      octets: typeof content === 'string' ? new TextEncoder().encode(content) : new Uint8Array(content),
    })),
  }
}

/** RFC 2047 2 */
const ENCODED_WORD = /=\?[^?\s]+\?[bq]\?[^?\s]*\?=/i

/** What the content is when it can be read as it stands; undefined when it cannot, or when that is not plain to see. */
function plainType(message: ReceivedMessage): 'text' | 'html' | undefined {
  const encoding = message.header('Content-Transfer-Encoding') ?? '7bit'
  const type = message.header('Content-Type') ?? 'text/plain'
  const match = /^text\/(plain|html)(?:\s*;\s*charset="?(?:us-ascii|utf-8)"?)?$/i.exec(type)
  if (match === null || !/^(?:7bit|8bit|binary)$/i.test(encoding)) return undefined
  if (message.header('Content-Disposition') !== undefined) return undefined
  return match[1]?.toLowerCase() === 'html' ? 'html' : 'text'
}

async function postalMime(why: string): Promise<typeof import('postal-mime')> {
  try {
    return await import('postal-mime')
  } catch (cause) {
    throw new UndecodableError(`${why}: it takes the package postal-mime to read it (npm i -D postal-mime)`, { cause })
  }
}
