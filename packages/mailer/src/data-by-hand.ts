/**
 * The message of a transaction that the session knows nothing of, because it was opened by hand: `compat: 'smtplib'` leaves the order of the commands to the
 * program and the server.
 *
 * In: a connection on which DATA was answered with 354, and the message. Out: one verdict for each recipient of LMTP, one for SMTP. A source that fails, or
 * holds what was not negotiated, ends the connection: the server waits inside the message, and nothing else could be said.
 */
import { DataEncoder, END_OF_DATA, type Reply } from '@postrider/codec'
import type { Session } from '@postrider/session'
import type { NodeChannel } from '@postrider/session/node'
import { SMTPMessageError, SMTPNotSupportedError } from './error.js'
import { type Content, iterate } from './source.js'

export async function sendByHand(
  session: Session,
  channel: NodeChannel,
  content: Content,
  eightBit: boolean,
  verdicts: number,
): Promise<Reply[]> {
  try {
    await write(session, channel, content, eightBit)
  } catch (error) {
    session.abort(error)
    throw error
  }
  session.send(END_OF_DATA)
  const replies: Reply[] = []
  while (replies.length < verdicts) replies.push(await session.reply())
  return replies
}

async function write(session: Session, channel: NodeChannel, content: Content, eightBit: boolean): Promise<void> {
  const encoder = new DataEncoder({ newlines: 'normalise' })
  const send = (pieces: readonly Uint8Array[]) => {
    if (encoder.eightBit && !eightBit)
      throw new SMTPNotSupportedError('the message holds octets above 127, and the server does not offer 8BITMIME')
    for (const piece of pieces) session.send(piece)
  }
  if (content.kind === 'memory') send(encoder.push(content.octets))
  else {
    const source = iterate(content.body)
    for (let given = 0; ; ) {
      const { done, value } = await source.next()
      if (done === true) {
        if (content.size !== undefined && given !== content.size)
          throw new SMTPMessageError(`the message source promised ${content.size} octets and gave ${given}`)
        break
      }
      given += value.length
      send(encoder.push(value))
      await channel.flush()
    }
  }
  send(encoder.end())
}
