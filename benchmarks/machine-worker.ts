// One way to run the statechart, in a process of its own: see machine.ts.
import { type Channel, type Clock, drive, Session, type SessionMachineEvent, sessionMachine } from '@postrider/session'
import { createActor, initialTransition, transition } from 'xstate'
import { serve, settings } from './worker.js'

export interface MachineTask {
  readonly way: 'session' | 'actor' | 'transition'
}

const { way } = settings<MachineTask>()

/** What the chart is told in one mail that is accepted, whatever the number of recipients. */
const mail: readonly SessionMachineEvent['type'][] = [
  'mail',
  'completed',
  'rcpt',
  'completed',
  'data',
  'intermediate',
  'endOfData',
  'completed',
]
const greeting: readonly SessionMachineEvent['type'][] = ['connected', 'completed', 'ehlo', 'completed']

async function prepare(): Promise<(count: number) => Promise<{ done: number }>> {
  if (way === 'session') {
    const session = new Session()
    drive(session, new Answering(), clock)
    await session.opened()
    await session.hello()
    const envelope = { from: 'alice@example.test', to: ['bob@example.test'] }
    const body = Buffer.from(`Subject: benchmark\r\n\r\n${`${'x'.repeat(76)}\r\n`.repeat(13)}`)
    return async count => {
      let done = 0
      for (let mails = 0; mails < count; mails++) {
        if ((await session.transact(envelope, body)).outcome === 'accepted') done++
      }
      return { done }
    }
  }
  if (way === 'actor') {
    const actor = createActor(sessionMachine).start()
    for (const type of greeting) actor.send({ type })
    return async count => {
      let done = 0
      for (let mails = 0; mails < count; mails++) {
        for (const type of mail) actor.send({ type })
        if (actor.getSnapshot().matches({ ready: 'idle' })) done++
      }
      return { done }
    }
  }
  let [snapshot] = initialTransition(sessionMachine)
  for (const type of greeting) [snapshot] = transition(sessionMachine, snapshot, { type })
  return async count => {
    let done = 0
    for (let mails = 0; mails < count; mails++) {
      for (const type of mail) [snapshot] = transition(sessionMachine, snapshot, { type })
      if (snapshot.matches({ ready: 'idle' })) done++
    }
    return { done }
  }
}

/** A server in memory that says yes to everything: the reply to each write is there when it returns. */
class Answering implements Channel {
  readonly tls = undefined
  #reply: Uint8Array | undefined = Buffer.from('220 memory.example.test ESMTP\r\n')
  #reader: ((octets: Uint8Array) => void) | undefined
  readonly #replies: ReadonlyMap<string, Uint8Array> = new Map([
    ['EH', Buffer.from('250-memory.example.test\r\n250-PIPELINING\r\n250 8BITMIME\r\n')],
    ['MA', Buffer.from('250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n354 End data with <CR><LF>.<CR><LF>\r\n')],
    ['.\r', Buffer.from('250 2.0.0 Ok: queued\r\n')],
  ])

  async open(): Promise<undefined> {}

  get readable(): boolean {
    return this.#reply !== undefined
  }

  read(): Promise<Uint8Array> {
    const reply = this.#reply
    this.#reply = undefined
    return reply === undefined ? new Promise(resolve => (this.#reader = resolve)) : Promise.resolve(reply)
  }

  write(octets: Uint8Array): undefined {
    const reply = this.#replies.get(String.fromCharCode(octets[0] ?? 0, octets[1] ?? 0))
    if (reply === undefined) return
    const reader = this.#reader
    this.#reader = undefined
    if (reader === undefined) this.#reply = reply
    else reader(reply)
  }

  async flush(): Promise<void> {}

  startTls(): Promise<never> {
    return Promise.reject(new Error('no TLS here'))
  }

  close(): void {}
}

const clock: Clock = {
  now: () => performance.now(),
  alarm: () => {},
  ring: () => {},
}

await serve(await prepare())
