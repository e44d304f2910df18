/**
 * What a session tells whoever watches it: commands, replies, states, message octets, TLS, the end. Nothing in here is secret:
 * lines of an AUTH exchange are masked before they become events (T-28), and texts from the peer have their controls escaped (T-29).
 */
import type { Reply } from '@postrider/codec'
import type { TlsFacts } from './channel.js'
import type { SessionError } from './error.js'

/** Something that happened, in order. */
export type SessionEvent =
  /** A line we wrote, without its CRLF; secrets are shown as `***`. */
  | { readonly type: 'command'; readonly line: string }
  | { readonly type: 'reply'; readonly reply: Reply }
  | { readonly type: 'state'; readonly from: string; readonly event: string; readonly to: string }
  /** The message is complete but for its terminator. */
  | { readonly type: 'body'; readonly octets: number }
  | { readonly type: 'tls'; readonly facts: TlsFacts }
  | { readonly type: 'closed'; readonly error?: SessionError }

/** Takes events as they happen. It must not throw; what it throws is its own problem and reaches the caller of the verb. */
export type Observer = (event: SessionEvent) => void
