/** A server that takes every message and keeps none of it, not even for a moment: a large one costs it no memory. */
import { createServer, type Socket } from 'node:net'

export interface Drain {
  readonly port: number
  /** Octets that came, commands included. */
  readonly octets: number
  [Symbol.asyncDispose](): Promise<void>
}

export async function drain(): Promise<Drain> {
  let octets = 0
  const server = createServer(socket => {
    let isMessage = false
    let rest = ''
    socket.on('error', () => {})
    socket.write('220 drain\r\n')
    socket.on('data', chunk => {
      octets += chunk.length
      const text = rest + chunk.toString('latin1')
      if (isMessage && !text.endsWith('\r\n.\r\n')) {
        rest = text.slice(-4)
        return
      }
      if (isMessage) {
        isMessage = false
        rest = ''
        socket.write('250 gone\r\n')
        return
      }
      const lines = text.split('\r\n')
      rest = lines.pop() ?? ''
      for (const line of lines) isMessage = answer(socket, line)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: address !== null && typeof address === 'object' ? address.port : 0,
    get octets() {
      return octets
    },
    [Symbol.asyncDispose]: () => new Promise(resolve => server.close(() => resolve())),
  }
}

/** Whether the message comes next. */
function answer(socket: Socket, line: string): boolean {
  if (line === 'QUIT') socket.end('221 bye\r\n')
  else socket.write(line === 'DATA' ? '354 go on\r\n' : '250 drain\r\n')
  return line === 'DATA'
}
