/**
 * The session statechart driven by hand: an ordinary XState actor decides what is legal, a socket and the codec do the rest.
 *
 * In: host and port of an SMTP server. Out: one message delivered, and the states it went through. It shows the seam and nothing else: no
 * TLS, no AUTH, no deadlines, no pipelining; `Session` of @postrider/session has all of that.
 *
 *     npx tsx examples/session-by-hand.ts 127.0.0.1 2525
 */
import { once } from 'node:events'
import { connect } from 'node:net'
import { pathToFileURL } from 'node:url'
import { DataEncoder, END_OF_DATA, ReplyReader, writeCommand } from '@postrider/codec'
import { type SessionMachineEvent, sessionMachine } from '@postrider/session'
import { createActor } from 'xstate'

export async function deliver(host: string, port: number, message: string): Promise<string[]> {
  const socket = connect({ host, port, noDelay: true })
  await once(socket, 'connect')

  // The chart says what must be done; here is how we do it.
  const machine = sessionMachine.provide({
    actions: {
      stream: () => {
        const encoder = new DataEncoder()
        for (const piece of [...encoder.push(new TextEncoder().encode(message)), ...encoder.end()]) socket.write(piece)
      },
      close: () => socket.destroy(),
      leave: () => socket.end(),
    },
  })
  const actor = createActor(machine)
  const states: string[] = []
  actor.subscribe(snapshot => states.push(JSON.stringify(snapshot.value)))
  actor.start()

  /** Tell the chart what we want, and say it to the server only if the chart allows it. */
  const say = (type: SessionMachineEvent['type'], octets: Uint8Array) => {
    if (!actor.getSnapshot().can({ type }))
      throw new Error(`${type} is not legal in ${JSON.stringify(actor.getSnapshot().value)}`)
    actor.send({ type })
    socket.write(octets)
  }

  // What we want, one verb for each time the chart comes to rest; after a refusal only to leave.
  const leave = () => say('quit', writeCommand({ verb: 'QUIT' }))
  const script = [
    () => say('ehlo', writeCommand({ verb: 'EHLO', name: '[127.0.0.1]' })),
    () => say('mail', writeCommand({ verb: 'MAIL', path: 'ann@example.org' })),
    () => say('rcpt', writeCommand({ verb: 'RCPT', path: 'bob@example.org' })),
    () => say('data', writeCommand({ verb: 'DATA' })),
    leave,
  ]

  const reader = new ReplyReader()
  actor.send({ type: 'connected' })
  for await (const octets of socket) {
    for (const reply of reader.push(octets)) {
      if (reply.code >= 400) script.splice(0, script.length, leave)
      actor.send({ type: reply.code >= 400 ? 'refused' : reply.code >= 300 ? 'intermediate' : 'completed' })
      const state = actor.getSnapshot()
      if (state.matches('body')) say('endOfData', END_OF_DATA)
      else if (state.hasTag('idle')) script.shift()?.()
    }
  }
  if (actor.getSnapshot().status === 'active') actor.send({ type: 'lost' })
  return states
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [host = '127.0.0.1', port = '2525'] = process.argv.slice(2)
  console.log((await deliver(host, Number(port), 'Subject: by hand\r\n\r\nhello\r\n')).join('\n'))
}
