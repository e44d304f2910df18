/**
 * The example of smtplib's documentation: asks for sender, recipients and message, says how long the message is, sends it at debug level 1, and quits.
 *
 *     node --import tsx examples/smtplib-prompt.ts [host [port]]
 */
import { createInterface } from 'node:readline'
import { SMTP } from '@postrider/mailer'

const [host = 'localhost', port = '25'] = process.argv.slice(2)
const input = createInterface({ input: process.stdin })
const lines = input[Symbol.asyncIterator]()

async function prompt(question: string): Promise<string> {
  process.stdout.write(question)
  const { done, value } = await lines.next()
  return done === true ? '' : value.trim()
}

const from = await prompt('From: ')
const to = (await prompt('To: ')).split(/[\s,]+/)
console.log('Enter message, end with ^D (Unix) or ^Z (Windows):')

// The header of the message, and the empty line behind it.
let message = `From: ${from}\r\nTo: ${to.join(', ')}\r\n\r\n`
for (let next = await lines.next(); next.done !== true; next = await lines.next()) message += `${next.value}\n`
console.log('Message length is', message.length)

const server = await SMTP.open({ host, port: Number(port) })
server.set_debuglevel(1)
await server.sendmail(from, to, message)
await server.quit()
input.close()
