/** Messages as a mailbox holds them, without a server. */
import { Mailbox, ReceivedMessage } from '../src/mailbox.js'

export interface Letter {
  readonly from?: string
  readonly to?: readonly string[]
  readonly user?: string
  readonly text: string
}

export function letter({ from = 'me@example.org', to = ['you@example.org'], user, text }: Letter): ReceivedMessage {
  const envelope = { from, parameters: {}, to, recipients: to.map(address => ({ address, parameters: {} })) }
  const session = { connection: 1, hello: 'client.example', greeting: 'EHLO', secure: user !== undefined } as const
  const octets = new TextEncoder().encode(text.replaceAll('\n', '\r\n'))
  return new ReceivedMessage(envelope, { ...session, ...(user !== undefined && { user }) }, 'DATA', octets)
}

export function mailboxOf(...letters: readonly Letter[]): Mailbox {
  const mailbox = new Mailbox()
  for (const each of letters) mailbox.add(letter(each))
  return mailbox
}
