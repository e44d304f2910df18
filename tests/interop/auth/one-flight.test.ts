// A whole transaction in one write (RFC 2920, RFC 3030) to servers that offer CHUNKING: each message is answered, nothing is lost, and the connection
// stays in step for the next one. What Dovecot takes it gives to our own relay, which is asked what came.
import { createMailer, type SendReport, SMTPException } from '@postrider/mailer'
import { expect, it } from 'vitest'
import { describeServer, setBench } from './scene.js'
import { servers } from './servers.js'

const bench = await setBench()
bench.relay.refuse({ recipient: 'nobody@example.test', reply: '550 5.1.1 no such user' })
const message = (subject: string) => `Subject: ${subject}\r\n\r\n.a dot\r\n..\r\nand a line feed\nalone\r\n`

async function report(sending: Promise<SendReport>): Promise<SendReport> {
  try {
    return await sending
  } catch (error) {
    if (error instanceof SMTPException && error.report !== undefined) return error.report
    throw error
  }
}

for (const server of servers.filter(({ name }) => name === 'Exim' || name === 'Dovecot submission')) {
  describeServer(server, bench, running => {
    it('takes message after message in one flight each, and refuses one without losing step', async () => {
      const { ports, account, ca } = running()
      const said: string[] = []
      const mailer = createMailer({
        host: 'localhost',
        port: ports.starttls,
        tls: 'starttls',
        tlsOptions: { ca },
        auth: account,
        maxConnections: 1,
        onEvent: event => event.type === 'command' && said.push(event.line),
      })
      const send = (to: string | readonly string[], subject: string) =>
        report(mailer.sendmail('alice@example.test', to, message(subject), { pace: 'oneFlight' }))
      try {
        for (const to of [['bob@example.test'], ['bob@example.test', 'carol@example.test']])
          expect(await send(to, `to ${to.length}`)).toMatchObject({
            outcome: 'accepted',
            recipients: to.map(() => ({})),
          })
        // What follows a refusal in the flight is swallowed and answered.
        expect((await send(['nobody@example.test', 'bob@example.test'], 'to one of two')).outcome).toBe('partial')
        const refused = await send('nobody@example.test', 'to nobody')
        expect(refused).toMatchObject({ outcome: 'rejected', mayHaveBeenDelivered: false, retry: 'never' })
        expect((await send('bob@example.test', 'the last')).outcome).toBe('accepted')
        expect(said.filter(line => line.startsWith('BDAT')).length).toBe(5)
        expect(said.filter(line => line.startsWith('DATA') || line.startsWith('EHLO')).length).toBeLessThanOrEqual(3)
        expect(mailer.stats()).toMatchObject({ opened: 1, repeated: 0 })
      } finally {
        await mailer.close()
      }
      if (server.name !== 'Dovecot submission') return
      const texts = (await bench.relay.mailbox.waitFor(4)).map(({ text }) => text.slice(text.indexOf('Subject: ')))
      const arrives = (subject: string) => message(subject).replaceAll(/\r?\n/g, '\r\n')
      expect(texts).toEqual(['to 1', 'to 2', 'to one of two', 'the last'].map(arrives))
    })
  })
}
