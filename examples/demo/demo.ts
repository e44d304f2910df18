/**
 * `npm run demo`: one message, three recipients, a server that refuses one of them; what was said, and what became of it.
 *
 * Without arguments everything happens in this process: a server is started on the loopback interface, with a certificate made on the spot, and
 * what it received is compared with what was sent. With `--to` the message goes to a real server instead. The exit code is 0 only when
 * everything that is claimed at the end is so.
 *
 *     npm run demo
 *     npm run demo -- --to you@example.org --host mail.example.org --user you --password-env MAIL_PASSWORD
 */
import { createHash, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type SendReport, SMTPConfigurationError, SMTPException, send_message } from '@postrider/mailer'
import { createCertificate, createServer } from '@postrider/testkit'
import { readArguments, type Target, UsageError } from './arguments.js'
import { readdress, withoutBcc } from './letter.js'
import { Screen } from './screen.js'
import { Watch } from './watch.js'

const screen = new Screen(process.stdout)
const message: Uint8Array = readFileSync(new URL('message.eml', import.meta.url))

try {
  const target = readArguments(process.argv.slice(2))
  await (target === undefined ? sendHere() : sendThere(target))
  if (screen.failures > 0) process.exitCode = 1
} catch (error) {
  // Both are about what was typed; anything else is a defect and may look like one.
  if (!(error instanceof UsageError || error instanceof SMTPConfigurationError)) throw error
  console.error(`npm run demo: ${error.message}`)
  process.exitCode = 2
}

/** To a server in this process, whose mailbox can be looked into. */
async function sendHere(): Promise<void> {
  const password = randomUUID()
  const certificate = createCertificate()
  const server = await createServer({
    tls: 'starttls',
    certificate,
    requireTls: true,
    requireAuth: true,
    auth: { users: { ann: password }, mechanisms: ['PLAIN'] },
  })
  server.refuse({ recipient: 'nobody@example.org', reply: '550 5.1.1 No such user here' })

  screen.title('One message, three recipients, a server that refuses one of them')
  screen.line(
    `message  examples/demo/message.eml: ${message.length} octets, with an attachment, a lone dot on a line, and a Bcc`,
  )
  screen.line(`server   ${server.url}, in this process; STARTTLS with a certificate made just now; ann must log in`)

  const watch = new Watch()
  const { host, port } = server
  let report: SendReport
  try {
    report = await send_message(
      {
        host,
        port,
        tls: 'starttls',
        tlsOptions: { ca: certificate.cert },
        auth: { user: 'ann', pass: password },
        onEvent: watch.note,
      },
      message,
    )
    await watch.closed
  } finally {
    await server.close()
  }

  show(watch, report)

  const received = server.mailbox.at(0)
  const expected = withoutBcc(message)
  const octets = received?.octets ?? new Uint8Array(0)
  screen.title('Where it landed')
  screen.line(`in the server's mailbox: ${count(server.mailbox.length, 'message')}, from ${received?.envelope.from}`)
  screen.line(
    `to ${received?.envelope.to.join(' and ')}, by ${received?.session.user} under ${received?.session.tlsVersion}`,
  )
  screen.line(
    `sent      ${message.length} octets, less the ${message.length - expected.length} of the Bcc field, which nobody may see:`,
  )
  screen.line(`          ${expected.length} octets, SHA-256 ${digest(expected)}`)
  screen.line(`received  ${octets.length} octets, SHA-256 ${digest(octets)}`)

  const [truth] = server.transactions
  const outcomes = new Map(
    report.recipients.map(({ address, outcome, reply }) => [address, `${outcome} ${reply?.code}`]),
  )
  screen.title('Checked')
  screen.claim('one message arrived', server.mailbox.length === 1)
  screen.claim('octet for octet the one that was sent, without its Bcc', Buffer.from(octets).equals(expected))
  screen.claim(
    'bob@example.org and carol@example.org (Bcc) were accepted, nobody@example.org was refused with 550',
    outcomes.get('bob@example.org') === 'accepted 250' &&
      outcomes.get('carol@example.org') === 'accepted 250' &&
      outcomes.get('nobody@example.org') === 'rejected 550' &&
      outcomes.size === 3,
  )
  screen.claim(
    'the server says the same of each of them',
    report.recipients.every(({ address, outcome }) => truth?.saidAccepted(address) === (outcome === 'accepted')),
  )
  screen.claim(
    'TLS was on and the certificate verified before the password went out, and the message went the same way',
    report.tls?.authorized === true &&
      received?.session.secure === true &&
      received.session.user === 'ann' &&
      watch.isSecureLogin,
  )
  screen.claim('from MAIL to the last verdict it took two round trips', watch.turns.transaction === 2)
  screen.claim(
    'the password is nowhere on this screen',
    !screen.shows(password) && !screen.shows(plainText('ann', password)),
  )
}

/** To a real server. */
async function sendThere({ server, from, to }: Target): Promise<void> {
  const letter = readdress(message, from, to)
  screen.title(`One message to ${to.join(', ')}`)
  screen.line(`message  examples/demo/message.eml with your addresses: ${letter.length} octets`)
  screen.line(`server   ${server.host}${server.port === undefined ? '' : `:${server.port}`}`)
  const watch = new Watch()
  let report: SendReport
  let error: SMTPException | undefined
  try {
    report = await send_message({ ...server, onEvent: watch.note }, letter)
  } catch (thrown) {
    if (!(thrown instanceof SMTPException) || thrown.report === undefined) throw thrown
    error = thrown
    report = thrown.report
  }
  await watch.closed
  show(watch, report)
  if (error !== undefined) screen.line(screen.paint('red', error.message))
  screen.title('Checked')
  screen.claim(
    'everybody was accepted',
    report.recipients.every(({ outcome }) => outcome === 'accepted'),
  )
  screen.claim('all octets of the message were sent', report.bytes === letter.length)
  if (report.mayHaveBeenDelivered && error !== undefined)
    screen.line('It may have been delivered all the same: the server did not answer.')
}

function show(watch: Watch, report: SendReport): void {
  screen.title('What was said')
  for (const line of watch.lines) screen.transcript(line)

  screen.title('Which states the session went through')
  screen.paragraph(watch.states.join(' → '))

  screen.title('What it took')
  const { hello, login, transaction, goodbye } = watch.turns
  screen.line(
    `${count(hello + login + transaction + goodbye, 'round trip')}: ${hello} to say hello and start TLS, ${login} to log in, ${transaction} for the message, ${goodbye} to say goodbye`,
  )
  const { tls } = report
  const trust = tls?.authorized === true ? 'certificate verified' : 'certificate not verified'
  screen.line(tls === undefined ? 'no TLS' : `${tls.version}, ${tls.cipher}, ${trust}`)

  screen.title('What became of it')
  const width = Math.max(...report.recipients.map(({ address }) => address.length))
  for (const { address, outcome, reply } of report.recipients) {
    const colour = outcome === 'accepted' ? 'green' : 'red'
    screen.line(`${address.padEnd(width)}  ${screen.paint(colour, outcome.padEnd(8))}  ${reply ?? ''}`.trimEnd())
  }
}

/** What AUTH PLAIN would show to somebody who looked. */
function plainText(user: string, password: string): string {
  return Buffer.from(`\0${user}\0${password}`).toString('base64')
}

function digest(octets: Uint8Array): string {
  return createHash('sha256').update(octets).digest('hex').slice(0, 16)
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
