/**
 * `@postrider/testkit/mail`: a received message as a person reads it: subject, text, HTML, attachments.
 *
 * Messages that are plain text, and not encoded, need nothing else; for all others install `postal-mime`.
 */
import { decodeContent, decodeHeader, type MailAttachment, type MailContent } from './decode.js'
import type { ReceivedMessage } from './mailbox.js'

export type { MailAttachment, MailContent }

/** A message, decoded. Lines of `text` and `html` end in LF. */
export interface Mail extends MailContent {
  /** The decoded Subject; undefined where there is none. */
  readonly subject: string | undefined
  /** The decoded value of the first field of that name, in any case; undefined where there is none. */
  header(name: string): string | undefined
}

/**
 * Decodes a received message.
 *
 * @throws Error when something in it is encoded, or has parts, and the package `postal-mime` is not installed
 * @example
 * const [message] = await server.mailbox.waitFor(1)
 * if (message) console.log((await readMail(message)).subject)
 */
export async function readMail(message: ReceivedMessage): Promise<Mail> {
  const content = await decodeContent(message)
  const headers = new Map<string, string>()
  for (const { name, value } of message.headers) {
    const key = name.toLowerCase()
    if (!headers.has(key)) headers.set(key, await decodeHeader(value))
  }
  const header = (name: string): string | undefined => headers.get(name.toLowerCase())
  return { ...content, subject: header('Subject'), header }
}
