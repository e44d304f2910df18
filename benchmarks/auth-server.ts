// A test server with every mechanism and one user, in a process of its own: tells its port. See auth.ts.
import { createServer } from '@postrider/testkit'
import { everyMechanism } from '../tests/interop/auth/offers.js'
import { benchmarkUser } from './auth-user.js'

const server = await createServer({
  keep: false,
  auth: { users: {}, insecure: true, mechanisms: await everyMechanism(benchmarkUser) },
})
process.on('disconnect', () => server.close())
process.send?.(server.port)
