// A server that cannot tell at the moment who somebody is: Dovecot whose authorization server does not answer. It says 454, and the error that
// comes of it says that the same login may succeed later, which after 535 it would not.
import { createMailer, SMTPAuthenticationError } from '@postrider/mailer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { missingForJail } from '../jail.js'
import { freePorts } from '../port.js'
import { absent } from './absence.js'
import { account } from './account.js'
import { obtainDovecot, startDovecot } from './dovecot.js'
import { byName } from './mechanisms.js'
import { refusal, setBench } from './scene.js'
import { Visit } from './visit.js'

const bench = await setBench()
const lacking = missingForJail()
const packages = lacking === undefined ? obtainDovecot() : { missing: lacking }
if ('missing' in packages) absent(`No login that fails for the time being: ${packages.missing}`)

describe.skipIf('missing' in packages)('Dovecot without its authorization server', () => {
  let running: Awaited<ReturnType<typeof startDovecot>> | undefined
  beforeAll(async () => {
    if (!('folder' in packages)) return
    const [nobody = 0] = await freePorts(1)
    const tokens = { url: `http://127.0.0.1:${nobody}`, key: bench.tokens.key }
    running = await startDovecot({ ...bench, packages: packages.folder, relayPort: bench.relay.port, tokens })
  })
  afterAll(() => running?.stop())
  const server = () => {
    if (running === undefined) throw new Error('Dovecot does not run')
    return running
  }

  it.each(['XOAUTH2', 'OAUTHBEARER'] as const)('answers 454 4.7.0 to %s, and stays', async name => {
    await using visit = await Visit.to(server())
    const mechanism = byName(name, { ...account, token: bench.tokens.opaque })
    const error = await refusal(visit.session.authenticate(mechanism))
    expect(`${error.reply?.code} ${error.reply?.enhanced}`).toBe('454 4.7.0')
    expect(error).toMatchObject({ usable: true, fault: 'remote', remedy: 'time', credentialsSent: true })
    expect((await visit.session.noop()).code).toBe(250)
  })

  it('keeps the mailer out until later, with one attempt, one token and nothing weaker behind it (T-22)', async () => {
    const { protocol, ports, ca } = server()
    const lines: string[] = []
    let calls = 0
    const mailer = createMailer({
      protocol,
      host: 'localhost',
      port: ports.starttls,
      tls: 'starttls',
      tlsOptions: { ca },
      auth: {
        username: account.username,
        token: () => {
          calls++
          return bench.tokens.opaque
        },
      },
      onEvent: event => event.type === 'command' && lines.push(event.line),
    })
    const error = await mailer.verify().catch((error: unknown) => error)
    await mailer.close()
    expect(error).toBeInstanceOf(SMTPAuthenticationError)
    expect(error).toMatchObject({ responseCode: 454, enhancedCode: '4.7.0', retry: 'later', remedy: 'time' })
    expect(lines.filter(line => line.startsWith('AUTH'))).toHaveLength(1)
    expect(calls).toBe(1)
  })
})
