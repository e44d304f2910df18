/**
 * Moves octets between a session and a channel until the session is over.
 *
 * In: a session nobody drives yet, a channel that is not open yet, and a clock. It reads whenever the session listens (and never while TLS is
 * coming up), writes what the session asks for, waits where the channel asks to, and rings the session at its deadline.
 */
import type { Channel, Clock } from './channel.js'
import type { Session } from './session.js'

/** Starts driving. What happens from here on is told through the session's verbs. */
export function drive(session: Session, channel: Channel, clock: Clock): void {
  let pumping = false
  /** The channel is at work: nothing is polled until it is done. */
  let waiting = false
  let reading = false
  let closed = false

  const pump = (): void => {
    if (pumping) return
    pumping = true
    // A session that is over is closed even while the channel is at work: that is how a deadline ends a hanging connect or handshake.
    while (!closed && (!waiting || session.state === 'closed')) {
      const output = session.poll()
      if (output === undefined) break
      switch (output.kind) {
        case 'write':
          write(output.octets)
          break
        case 'flush':
          wait(channel.flush(), flushed)
          break
        case 'commit': {
          // Rule R2: what has arrived is looked at before the terminator may go.
          if (channel.readable) {
            wait(nextTurn(), () => commit())
            break
          }
          commit()
          break
        }
        case 'upgrade':
          // Octets that are here already came in clear text (T-11): the session is shown them and ends.
          if (channel.readable) read()
          else wait(channel.startTls(), tls => session.secured(tls))
          break
        case 'close':
          closed = true
          clock.alarm(undefined)
          channel.close(output.polite)
          break
      }
    }
    pumping = false
    if (closed) return
    clock.alarm(session.deadline(clock.now()))
    if (session.listening) read()
  }

  const flushed = (): void => session.flushed()

  const write = (octets: Uint8Array): void => {
    const pending = channel.write(octets)
    if (pending === undefined) session.written(octets.length)
    else wait(pending, () => session.written(octets.length))
  }

  const commit = (): void => {
    const terminator = session.commit()
    const pending = terminator === undefined ? undefined : channel.write(terminator)
    if (pending !== undefined) wait(pending, () => {})
  }

  const wait = <Result>(work: Promise<Result>, done: (result: Result) => void): void => {
    waiting = true
    work.then(result => {
      waiting = false
      if (!closed) done(result)
      pump()
    }, failed)
  }

  const failed = (error: unknown): void => {
    waiting = false
    if (!closed) session.broken(error)
    pump()
  }

  const read = (): void => {
    if (reading) return
    reading = true
    channel.read().then(received, unreadable)
  }

  const received = (octets: Uint8Array | undefined): void => {
    reading = false
    if (!closed) {
      if (octets === undefined) session.closed()
      else session.receive(octets)
    }
    pump()
  }

  const unreadable = (error: unknown): void => {
    reading = false
    if (!closed) session.broken(error)
    pump()
  }

  session.onWake = pump
  clock.ring = () => {
    session.timeout(clock.now())
    pump()
  }
  wait(channel.open(), tls => session.connected(tls))
  pump()
}

/** Lets a read that is about to settle settle first. */
async function nextTurn(): Promise<void> {}
