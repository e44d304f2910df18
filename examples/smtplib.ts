/**
 * Someone who comes from Python: smtplib's classes, methods and exceptions by name. What returned a value there returns a promise here, and
 * `sendmail` answers with a report, whose `refused` is smtplib's dictionary.
 *
 *     node --import tsx examples/smtplib.ts 127.0.0.1 2525
 */
import { SMTP, SMTPRecipientsRefused } from '@postrider/mailer'

const [host = '127.0.0.1', port = '2525'] = process.argv.slice(2)
const text = 'From: me@example.org\r\nTo: you@example.org\r\nSubject: hi\r\n\r\nHello.\r\n'

const smtp = new SMTP()
smtp.set_debuglevel(1) // the dialogue, on standard error
const [code] = await smtp.connect(host, Number(port))
console.log('connected:', code)
try {
  await smtp.ehlo()
  console.log('has pipelining:', smtp.has_extn('pipelining'), '- takes octets:', smtp.esmtp_features.get('size'))
  if (smtp.has_extn('starttls')) {
    await smtp.starttls()
    await smtp.ehlo()
  }

  const { refused } = await smtp.sendmail('me@example.org', ['you@example.org', 'nobody@example.org'], text)
  for (const [address, [code, words]] of refused)
    console.log('refused:', address, code, new TextDecoder().decode(words))

  // The envelope from the header, as `send_message` does in Python.
  await smtp.send_message(text)

  // A command at a time.
  console.log('mail:', (await smtp.mail('me@example.org'))[0])
  console.log('rcpt:', (await smtp.rcpt('nobody@example.org'))[0])
  await smtp.rset()

  await smtp.sendmail('me@example.org', 'nobody@example.org', text)
} catch (error) {
  if (!(error instanceof SMTPRecipientsRefused)) throw error
  console.log('nobody was accepted:', [...error.recipients.keys()].join())
} finally {
  await smtp.quit()
}
