// A message with everything that gets lost between careless programs: a lone dot, dots at line starts, lines of exactly 998
// octets, encoded and folded headers, blanks at line ends, every octet value in an attachment, and a Bcc nobody may see.
import { randomBytes } from 'node:crypto'

/** Lines of the header that must not arrive. */
const bcc = 'Bcc: Secret <secret@example.test>,\r\n\tanother@example.test\r\n'

/** The message as an application writes it, CRLF line ends, and the same without its Bcc: what must arrive. */
export function makeMessage(to = 'Bob <bob@example.test>'): { sent: string; arrives: string } {
  const id = randomBytes(8).toString('hex')
  const before = lines('From: =?utf-8?q?J=C3=BCrgen?= <alice@example.test>', `To: ${to},`, ' carol@example.test')
  const after = lines(
    'Subject: =?UTF-8?B?R3LDvMOfZSBhdXMgS8O2bG4=?= and a subject',
    ' that is folded',
    `Message-ID: <${id}@example.test>`,
    'Date: Sun, 22 Nov 2026 09:00:00 +0000',
    'MIME-Version: 1.0',
    `Content-Type: multipart/mixed; boundary="${id}"`,
    '',
    'A preamble, which is shown by nobody.',
    `--${id}`,
    'Content-Type: text/plain; charset=us-ascii',
    '',
    '.',
    '..',
    '.a line that begins with a dot',
    'trailing blanks  \t ',
    '',
    'x'.repeat(998),
    `.${'y'.repeat(997)}`,
    'From here on a mailbox file would quote.',
    `--${id}`,
    'Content-Type: application/octet-stream; name="octets.bin"',
    'Content-Disposition: attachment; filename="octets.bin"',
    'Content-Transfer-Encoding: base64',
    '',
    ...base64Lines(Buffer.from(Array.from({ length: 1024 }, (_, octet) => octet % 256))),
    `--${id}--`,
    '.',
  )
  return { sent: before + bcc + after, arrives: before + after }
}

/** Who gets it by its header. */
export const recipients = ['another@example.test', 'bob@example.test', 'carol@example.test', 'secret@example.test']

function lines(...texts: string[]): string {
  return texts.map(text => `${text}\r\n`).join('')
}

function base64Lines(octets: Buffer): string[] {
  return octets.toString('base64').match(/.{1,76}/g) ?? []
}
