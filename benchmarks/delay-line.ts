// A line with a distance: listens, connects to the port in its first argument, and passes on what comes, each way after the milliseconds in its second. Tells its own port.
import { connect, createServer, type Socket } from 'node:net'

const [port = 0, milliseconds = 0] = process.argv.slice(2).map(Number)

function carry(from: Socket, to: Socket): void {
  // Timers of one length fire in the order in which they were set, so nothing overtakes.
  from.on('data', octets => setTimeout(() => to.write(octets), milliseconds))
  from.on('end', () => setTimeout(() => to.end(), milliseconds))
  from.on('error', () => to.destroy())
}

const line = createServer({ allowHalfOpen: true, noDelay: true }, near => {
  const far = connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true })
  carry(near, far)
  carry(far, near)
})
line.listen(0, '127.0.0.1', () => {
  const address = line.address()
  if (typeof address === 'object') process.send?.(address?.port)
})
process.on('disconnect', () => process.exit())
