/**
 * An app that sends mail: one message, and what became of it for each recipient. Then many, over a pool.
 *
 *     npx postrider sink 2525                                        # a server, in another terminal
 *     node --import tsx examples/send.ts smtp://localhost:2525
 */
import { createMailer, SMTPException, sendmail } from '@postrider/mailer'

const [server = 'smtp://localhost:2525'] = process.argv.slice(2)
const message = 'From: me@example.org\r\nTo: you@example.org\r\nSubject: hi\r\n\r\nHello.\r\n'

// A report: somebody was accepted. An error: nobody was, or nobody can tell; it has a report, too.
try {
  const report = await sendmail(server, 'me@example.org', ['you@example.org', 'nobody@example.org'], message)
  for (const { address, outcome, reply } of report.recipients) console.log(address, outcome, reply?.text)
} catch (error) {
  if (!(error instanceof SMTPException)) throw error
  console.log(error.message)
  // Only where this is false is it safe to send the message again.
  console.log('may have been delivered:', error.mayHaveBeenDelivered, '- try again:', error.retry)
}

// A pool keeps connections open between messages; `sendMany` answers with a report for each, in the order they finish.
const mailer = createMailer({ url: server, maxConnections: 2 })
try {
  const letters = ['ann', 'bob', 'carol'].map(name => ({
    from: 'me@example.org',
    to: [`${name}@example.org`],
    message: `From: me@example.org\r\nTo: ${name}@example.org\r\nSubject: hi ${name}\r\n\r\nHello.\r\n`,
  }))
  for await (const { accepted, outcome } of mailer.sendMany(letters)) console.log(accepted.join(), outcome)
  console.log('connections:', mailer.stats().opened)
} finally {
  await mailer.close()
}
