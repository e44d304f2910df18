// A client that does nothing but log in, in a process of its own: see auth.ts. Each time a new connection, because a server takes
// one login on each (RFC 4954 section 4: "After a successful AUTH command completes, a server MUST reject any further AUTH
// commands with a 503 reply").
import { pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'
import { chooseMechanism, type MechanismName, type Pbkdf2, ScramKeyCache } from '@postrider/auth-sasl'
import { connect } from '@postrider/session/node'
import { benchmarkUser } from './auth-user.js'
import { serve, settings } from './worker.js'

export interface AuthTask {
  /** None: hello and goodbye. */
  readonly mechanism?: MechanismName
  /** SCRAM with Node's PBKDF2 instead of the one in JavaScript. */
  readonly pbkdf2?: 'node'
  /** SCRAM that remembers what it has derived. */
  readonly keys?: boolean
}

const { port, mechanism, ...options } = settings<AuthTask & { readonly port: number }>()

const derive = promisify(pbkdf2)
const nodePbkdf2: Pbkdf2 = ({ password, salt, iterations, length, hash }) =>
  derive(password, salt, iterations, length, hash.replace('-', ''))
const scram = {
  ...(options.pbkdf2 && { pbkdf2: nodePbkdf2 }),
  ...(options.keys && { keys: new ScramKeyCache() }),
}

await serve(async count => {
  let done = 0
  for (let logins = 0; logins < count; logins++) if (await visit()) done++
  return { done }
})

async function visit(): Promise<boolean> {
  const session = await connect({ host: '127.0.0.1', port })
  const { extensions } = await session.hello()
  if (mechanism !== undefined) {
    const policy = { secure: false, allowInsecureAuth: true, allow: [mechanism], scram }
    await session.authenticate(chooseMechanism(extensions.auth, benchmarkUser, policy))
  }
  const isDone = session.authenticated === (mechanism !== undefined)
  await session.quit()
  return isDone
}
