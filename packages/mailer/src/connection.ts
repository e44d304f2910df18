/**
 * A connection that is ready for messages: greeted, under TLS where the policy wants it, logged in.
 *
 * In: `Settings`. Out: a `Connection`, or the error that says which step failed. Credentials go out only where they are safe (or where the user has
 * said that they need not be); where TLS or AUTH is wanted there is no fall-back to HELO, and what was learnt before TLS is
 * forgotten (threats T-13, T-14, T-16, T-21). A connection that failed on the way is closed, politely where that is possible.
 */
import { RefusedError, type Session, TlsError, type TlsFacts } from '@postrider/session'
import { type NodeChannel, open } from '@postrider/session/node'
import { SMTPConnectError } from './error.js'
import { helloName } from './hello-name.js'
import { logIn } from './login.js'
import type { Settings, TlsMode } from './option.js'
import type { Remote } from './report.js'

export class Connection {
  readonly session: Session
  readonly remote: Remote
  /** Milliseconds it took to make. */
  readonly setUp: number
  readonly #channel: NodeChannel
  /** Messages it has been used for. */
  messages = 0
  /** Since when nobody uses it, on `performance.now()`'s scale. */
  idleSince = 0

  constructor(session: Session, channel: NodeChannel, remote: Remote, setUp: number) {
    this.session = session
    this.#channel = channel
    this.remote = remote
    this.setUp = setUp
  }

  get tls(): TlsFacts | undefined {
    return this.session.tls
  }

  /** It was made just now, and nothing has been sent over it. */
  get isFresh(): boolean {
    return this.messages === 0 && this.idleSince === 0
  }

  /**
   * It has been idle so long that the server may have ended it: under a message in one flight that would leave the outcome unknown, where any other
   * pace could tell that nothing was sent.
   */
  get mayBeStale(): boolean {
    return !this.isFresh && performance.now() - this.idleSince > restless
  }

  /** It may be used for a message. */
  get usable(): boolean {
    return this.session.usable
  }

  /** From here on it does not keep the process alive. */
  rest(): void {
    this.#channel.socket?.unref()
  }

  /** It is used again. */
  wake(): void {
    this.#channel.socket?.ref()
  }

  /**
   * Ends it: with QUIT where one may be sent. The promise settles with the answer to it, and nobody has to wait for that (threat T-45);
   * with `hold` the process is kept alive until then.
   */
  leave({ hold = false }: { readonly hold?: boolean } = {}): Promise<void> {
    if (hold) this.wake()
    return leave(this.session, this.#channel, hold)
  }
}

/** Milliseconds after which a connection is taken for one that may be stale: no server is known to hang up sooner. */
const restless = 1000

/**
 * Makes a connection.
 *
 * @param begun - called with the session as soon as there is one, so that it can be aborted
 */
export async function establish(settings: Settings, begun: (session: Session) => void = () => {}): Promise<Connection> {
  try {
    return await attempt(settings, settings.tls, begun)
  } catch (error) {
    const mayGoOn = settings.tls === 'opportunistic' && settings.auth === undefined
    if (!mayGoOn || !(error instanceof TlsError) || error.phase !== 'handshake') throw error
    return attempt(settings, 'none', begun)
  }
}

async function attempt(settings: Settings, tls: TlsMode, begun: (session: Session) => void): Promise<Connection> {
  const started = performance.now()
  const { session, channel } = open(settings.connect)
  begun(session)
  try {
    await session.opened().then(refuseDeclined(session))
    const name = settings.name ?? helloName(channel.socket?.localAddress)
    // Where TLS or AUTH is wanted, HELO cannot offer them.
    const fallback = tls !== 'starttls' && settings.auth === undefined
    await session.hello({ name, fallback })
    if (await secure(session, tls)) await session.hello({ name, fallback })
    if (settings.auth !== undefined) {
      await logIn(session, channel, settings.auth, settings)
      if (settings.helloAfterAuth) await session.hello({ name, fallback: false })
    }
    return new Connection(session, channel, remoteOf(settings, channel), performance.now() - started)
  } catch (error) {
    void leave(session, channel, false)
    throw error
  }
}

function refuseDeclined(session: Session): (greeting: { readonly code: number }) => void {
  return () => {
    const { greeting } = session
    if (session.state !== 'declined' || greeting === undefined) return
    const retry = greeting.code >= 500 ? 'never' : 'later'
    throw new SMTPConnectError(`the server refused the connection: ${greeting}`, {
      reply: greeting,
      phase: 'greeting',
      retry,
    })
  }
}

/** STARTTLS where it is due; true when TLS has come up and all must be asked again. */
async function secure(session: Session, tls: TlsMode): Promise<boolean> {
  if (tls === 'opportunistic' && session.server?.extensions.starttls !== true) return false
  if (tls !== 'starttls' && tls !== 'opportunistic') return false
  try {
    await session.startTls()
    return true
  } catch (error) {
    if (tls === 'opportunistic' && error instanceof RefusedError && error.usable) return false
    throw error
  }
}

async function leave(session: Session, channel: NodeChannel, hold: boolean): Promise<void> {
  if (!session.usable) {
    session.abort()
    return
  }
  const gone = session.quit()
  if (!hold) channel.socket?.unref()
  // Nobody's message hangs on it any more.
  await gone.catch(() => session.abort())
}

function remoteOf({ remote, local }: Settings, channel: NodeChannel): Remote {
  const address = local ? undefined : channel.socket?.remoteAddress
  return address === undefined ? remote : { ...remote, address }
}
