/**
 * Which of the things a client says it must leave alone until they are answered (RFC 2920 3.1, RFC 3030 4.2).
 *
 * In: an event of the codec, and whether this client may pipeline. Out: whether anything said behind it, before the reply, is
 * out of turn. What a server does about that is no business of this file; most do nothing.
 */
import type { Command, CommandEvent } from '@postrider/codec'

/** @param pipelining whether PIPELINING was offered in the reply to this client's EHLO or LHLO. */
export function mustWait(event: CommandEvent, pipelining: boolean): boolean {
  switch (event.kind) {
    case 'command':
      // Its octets follow it. STARTTLS has a rule of its own, which holds for everybody (RFC 3207 4.2).
      if (event.command.verb === 'BDAT' || event.command.verb === 'STARTTLS') return false
      return !pipelining || !ANYWHERE.has(event.command.verb)
    case 'response':
      return true
    // "The actual transfer of message content is explicitly allowed to be the first 'command' in a group." What could not be read
    // may have been a RCPT.
    case 'endOfData':
    case 'endOfChunk':
    case 'error':
      return !pipelining
    case 'data':
    case 'chunk':
      return false
  }
}

/**
 * "the commands RSET, MAIL FROM, SEND FROM, SOML FROM, SAML FROM, and RCPT TO can all appear anywhere in a pipelined command
 * group"; "Additional commands added by other SMTP extensions may only appear as the last command in a group unless otherwise
 * specified".
 */
const ANYWHERE: ReadonlySet<Command['verb']> = new Set(['RSET', 'MAIL', 'RCPT'] as const)
