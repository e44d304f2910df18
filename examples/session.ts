/**
 * Someone who writes a client, a tester or a relay: one session, verb by verb. The session says what is legal and what became of
 * each recipient; what to do next is yours.
 *
 *     LOGIN=ann:secret npx postrider sink 2525 --tls starttls --save-certificate ca.pem --auth-env LOGIN
 *     PASSWORD=secret node --import tsx examples/session.ts 127.0.0.1 2525 ca.pem ann
 */
import { readFileSync } from 'node:fs'
import { chooseMechanism, Secret } from '@postrider/auth-sasl'
import { RefusedError, SequenceError, transcribe } from '@postrider/session'
import { connect } from '@postrider/session/node'

const [host = '127.0.0.1', port = '2525', certificate = 'ca.pem', username = 'ann'] = process.argv.slice(2)
const { PASSWORD = '' } = process.env

const session = await connect({
  host,
  port: Number(port),
  name: 'client.example.org',
  tls: { ca: readFileSync(certificate, 'utf8') },
  observe: event => {
    for (const line of transcribe(event)) console.log(line)
  },
})

try {
  await session.hello()
  await session.startTls()
  const { extensions } = await session.hello() // what was offered in clear text is forgotten

  const credentials = { username, password: new Secret(PASSWORD) }
  await session.authenticate(chooseMechanism(extensions.auth, credentials, { secure: session.secure }))

  const envelope = { from: 'ann@example.org', to: ['bob@example.org', 'nobody@example.org'] }
  const body = new TextEncoder().encode('Subject: by verbs\r\n\r\nHello.\r\n')
  const result = await session.transact(envelope, body)
  for (const { address, outcome, phase } of result.recipients) console.log(`${address}: ${outcome} in ${phase}`)

  // What is not legal is not written: the chart decides (RFC 4954 4: one AUTH is enough).
  await session.authenticate(chooseMechanism(extensions.auth, credentials, { secure: session.secure }))
} catch (error) {
  if (error instanceof SequenceError) console.log('not legal here:', error.message)
  else if (error instanceof RefusedError) console.log('refused:', error.message)
  else throw error
} finally {
  await session.quit()
}
console.log('round trips:', session.roundTrips)
