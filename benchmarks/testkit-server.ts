// A test server that keeps nothing but a count: tells its port, then how many messages it took whenever it is asked.
import { createServer } from '@postrider/testkit'

let taken = 0
const server = await createServer({
  keep: false,
  onEvent: ({ kind }) => {
    if (kind === 'message') taken++
  },
})
process.on('message', () => process.send?.(taken))
process.on('disconnect', () => server.close())
process.send?.(server.port)
