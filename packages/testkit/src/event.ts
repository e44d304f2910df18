/**
 * What a test server tells while it works: one flat union, one value per thing that happened, in the order it happened.
 *
 * Nothing secret is in it: whatever a client sends inside AUTH is masked before an event is made. A listener runs
 * synchronously inside the server; what it throws is the test's own error and is not caught here.
 */
import type { ReceivedMessage } from './mailbox.js'

/** Something that happened on connection number `connection` (counted from 1 per server). */
export type ServerEvent = { readonly connection: number } & (
  | { readonly kind: 'connected' }
  /** A line of the dialogue, without its line end, controls escaped, AUTH secrets masked. */
  | { readonly kind: 'line'; readonly from: 'client' | 'server'; readonly text: string }
  /** The TLS handshake is done; `version` as node:tls names it, `TLSv1.3`. */
  | { readonly kind: 'secured'; readonly version: string }
  /** The TLS handshake failed, as in: the client does not trust the certificate. */
  | { readonly kind: 'handshakeFailed'; readonly reason: string }
  | { readonly kind: 'authenticated'; readonly user: string; readonly mechanism: string }
  | { readonly kind: 'message'; readonly message: ReceivedMessage }
  /** The client did something a server must not go on after (commands smuggled behind STARTTLS, RFC 3207 4.2). */
  | { readonly kind: 'attack'; readonly what: 'starttls-injection'; readonly octets: number }
  /** The connection is over. `by` is who ended it first; `error` is what the socket said, such as ECONNRESET. */
  | { readonly kind: 'closed'; readonly by: 'client' | 'server'; readonly error?: string }
)
