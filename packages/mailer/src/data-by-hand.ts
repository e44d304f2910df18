/**
 * The message of a transaction that the session knows nothing of, because it was opened by hand: `compat: 'smtplib'` leaves the order of the commands to the
 * program and the server.
 *
 * In: a connection on which DATA was answered with 354, and the message. Out: one verdict for each recipient of LMTP, one for SMTP. The terminator is written
 * when the message has left and nothing was said to it (rules R1 to R3): a reply that comes before is none to this message and ends the connection, and an error
 * that comes behind says that it may have been delivered. A source that fails, or holds what was not negotiated, ends the connection: the server waits
 * inside the message, and nothing else could be said.
 */
import { DataEncoder, END_OF_DATA, type Reply } from '@postrider/codec'
import { defaultTimeouts, SessionError, ShutdownError } from '@postrider/session'
import type { Line } from './connected-client.js'
import { SMTPMessageError } from './error.js'
import { DeadlineReached } from './failure.js'
import { eightBitRefused } from './letter.js'
import { type Content, iterate } from './source.js'

export interface ByHandTerms {
  /** The server takes octets above 127. */
  readonly eightBit: boolean
  /** How many replies come behind the message. */
  readonly verdicts: number
  /** Told how many octets the message had, when all but the terminator has left. */
  readonly left: (octets: number) => void
}

export async function sendByHand(line: Line, content: Content, terms: ByHandTerms): Promise<Reply[]> {
  const { session } = line
  try {
    terms.left(await write(line, content, terms.eightBit))
  } catch (error) {
    session.abort(error)
    throw error
  }
  session.send(END_OF_DATA, terms.verdicts)
  const replies: Reply[] = []
  try {
    while (replies.length < terms.verdicts) replies.push(await session.reply())
  } catch (error) {
    // 421 is a verdict like others: whoever says it has not taken the message.
    if (error instanceof ShutdownError && error.reply !== undefined) return [...replies, error.reply]
    if (error instanceof SessionError) error.mayHaveBeenDelivered = true
    throw error
  }
  return replies
}

async function write({ session, channel, settings }: Line, content: Content, eightBit: boolean): Promise<number> {
  const encoder = new DataEncoder({ newlines: 'normalise' })
  let octets = 0
  const send = async (pieces: readonly Uint8Array[]) => {
    if (encoder.eightBit && !eightBit) throw eightBitRefused()
    const [only] = pieces
    const piece = only !== undefined && pieces.length === 1 ? only : Buffer.concat(pieces)
    octets += piece.length
    void channel.write(piece)
    await within(
      settings.connect.timeouts?.dataBlock ?? defaultTimeouts.dataBlock,
      reason => session.abort(reason),
      () => channel.flush(),
    )
    if (session.closedBy !== undefined) throw session.closedBy
  }
  if (content.kind === 'memory') await send([...encoder.push(content.octets), ...encoder.end()])
  else {
    const source = iterate(content.body)
    let given = 0
    for (;;) {
      const { done, value } = await source.next()
      if (done === true) break
      given += value.length
      await send(encoder.push(value))
    }
    if (content.size !== undefined && given !== content.size)
      throw new SMTPMessageError(`the message source promised ${content.size} octets and gave ${given}`)
    await send(encoder.end())
  }
  return octets
}

/** A server that takes nothing more holds nobody up. */
async function within(limit: number, abort: (reason: unknown) => void, work: () => Promise<void>): Promise<void> {
  const timer = Number.isFinite(limit) ? setTimeout(() => abort(new DeadlineReached(limit)), limit) : undefined
  try {
    await work()
  } finally {
    clearTimeout(timer)
  }
}
