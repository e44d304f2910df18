/**
 * The session on a real connection: `node:net`, `node:tls` and one timer. This is the only door of the package that leads to a socket.
 */

import { drive } from './drive.js'
import { type ChannelOptions, NodeChannel } from './node/channel.js'
import { NodeClock } from './node/clock.js'
import { Session, type SessionOptions } from './session.js'

export { type ChannelOptions, NodeChannel } from './node/channel.js'
export { NodeClock } from './node/clock.js'
export { identityOptions, referenceIdentity } from './node/identity.js'

/** Where to connect and how to talk. */
export interface ConnectOptions extends ChannelOptions, SessionOptions {
  /** Gives up, at whatever point: the session ends with an `AbortedError`. */
  readonly signal?: AbortSignal
}

/** A session and the channel it runs on. */
export interface Connection {
  readonly session: Session
  readonly channel: NodeChannel
}

/**
 * Opens a connection and starts a session on it. Returns at once; `session.opened()` settles with the greeting.
 *
 * @example
 * ```ts
 * const { session } = open({ host: 'mail.example.org', port: 587, name: 'client.example.org' })
 * await session.opened()
 * await session.hello()
 * ```
 */
export function open(options: ConnectOptions): Connection {
  const session = new Session(options)
  const clock = new NodeClock()
  const { signal } = options
  const abort = () => session.abort(signal?.reason)
  const channel = new NodeChannel(options, () => {
    clock.stop()
    signal?.removeEventListener('abort', abort)
  })
  signal?.addEventListener('abort', abort, { once: true })
  drive(session, channel, clock)
  if (signal?.aborted === true) abort()
  return { session, channel }
}

/**
 * Opens a connection and waits for the greeting. A server that refuses in its greeting leaves a session in the state `declined`, whose only legal verb
 * is `quit`; `session.greeting` has its words.
 *
 * @throws DisconnectedError, TlsError, TlsModeError, TimeoutError, ProtocolError, ShutdownError, AbortedError
 */
export async function connect(options: ConnectOptions): Promise<Session> {
  const { session } = open(options)
  await session.opened()
  return session
}
