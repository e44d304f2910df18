// LMTP against Postfix's smtp-sink -L, which gives one reply for each recipient after the dot (RFC 2033 section 4.2).
import { createMailer } from '@postrider/mailer'
import { describe, expect, it } from 'vitest'
import { makeMessage } from './message.js'
import { obtainPostfix } from './postfix.js'
import { startSink } from './sink.js'

const packages = obtainPostfix()
if ('missing' in packages) console.warn(`No LMTP tests with smtp-sink, they are skipped: ${packages.missing}`)

describe.skipIf('missing' in packages)('LMTP to smtp-sink', () => {
  it('takes a verdict for each recipient, and is in step for the next message', async () => {
    if ('missing' in packages) return
    const sink = await startSink(packages.folder, { lmtp: true })
    const mailer = createMailer({ host: '127.0.0.1', port: sink.port, protocol: 'lmtp', maxConnections: 1 })
    try {
      for (let count = 1; count <= 3; count++) {
        const to = ['bob@example.test', 'carol@example.test', 'dave@example.test'].slice(0, count)
        const report = await mailer.sendmail('alice@example.test', to, makeMessage().sent)
        expect(report.accepted).toEqual(to)
        expect(await sink.taken()).toBe(count)
      }
    } finally {
      await mailer.close()
      await sink.stop()
    }
  })
})
