// Loopback ports of servers that other programs run: finding free ones, waiting for a greeting, seeing that one is closed.
import { connect, createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** Ports nothing listens on. They are found by listening on all of them at once, so they differ from one another. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  const ports: number[] = []
  for (const server of servers) {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
    const address = server.address()
    if (address !== null && typeof address === 'object') ports.push(address.port)
  }
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))))
  return ports
}

/** Waits until a mail server greets on the port; gives up when the server is said to have ended, or after 30 seconds. */
export async function greeted(port: number, running: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000
  while (Date.now() < deadline) {
    const greeting = await firstOctets(port)
    if (greeting?.startsWith('220')) return
    if (greeting !== undefined) throw new Error(`the greeting on port ${port} is ${JSON.stringify(greeting)}`)
    if (!running()) throw new Error('it ended by itself')
    await delay(20)
  }
  throw new Error(`nothing greets on port ${port}`)
}

/** Whether something takes connections on the port. */
export async function answers(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(socket.destroy() && true)).once('error', () => resolve(false))
  })
}

/** The first octets the server on the port sends; `undefined` when it does not take the connection or sends none. */
function firstOctets(port: number): Promise<string | undefined> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    const done = (octets?: Buffer): void => {
      socket.destroy()
      resolve(octets?.toString('latin1'))
    }
    socket.setTimeout(5000, () => done())
    socket
      .once('data', done)
      .once('error', () => done())
      .once('end', () => done())
  })
}
