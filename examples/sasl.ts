/**
 * Someone who writes a server: both halves of a login, without a network. Each is a step function; what carries the octets is yours.
 *
 *     node --import tsx examples/sasl.ts
 */
import { type ClientMechanism, type ServerMechanism, scram, scramRecord, serverScram } from '@postrider/auth-sasl'

// What the server keeps of a password cannot be turned back into it.
const record = await scramRecord('SHA-256', 'correct horse')
const server = serverScram('SHA-256', { lookup: username => (username === 'ann' ? record : undefined) })
const client = scram('SHA-256', { username: 'ann', password: 'correct horse' })

console.log(await logIn(client, server))

async function logIn(client: ClientMechanism, server: ServerMechanism): Promise<string> {
  let step = await server.start(await client.start())
  while (step.kind === 'challenge') {
    console.log(`challenge of ${step.challenge.length} octets`)
    step = await server.respond(await client.respond(step.challenge))
  }
  if (step.kind === 'failure') return `refused: ${step.reason}`
  // The server has proved itself to the client as well, or this throws.
  client.finish?.()
  return `${step.identity} by ${server.name}`
}
