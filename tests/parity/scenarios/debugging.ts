/** What set_debuglevel prints: P74. */
import type { Scenario } from '../scenario.js'

const letter = "Subject: it's\n\nhi\n.\n"

export const debugging: readonly Scenario[] = [
  {
    name: 'debug lines of a message (P74)',
    debug: true,
    steps: [['sendmail', 'a@x.example', ['b@y.example', 'c@y.example'], letter], ['quit']],
  },
  {
    name: 'debug lines of a login (P74)',
    debug: true,
    server: { ehlo: '250-mail.example\n250 AUTH LOGIN', auth: '334 UGFzc3dvcmQ6', response: '235 welcome' },
    steps: [['login', 'tim', 'secret'], ['quit']],
  },
  {
    name: 'debug lines of commands (P74)',
    debug: true,
    server: { help: '214-a "b"\n214 it\u00e9' },
    steps: [['helo'], ['help'], ['vrfy', 'a@x.example'], ['docmd', 'NOOP', 'x'], ['__exit__', null, null, null]],
  },
  {
    name: 'debug lines of mail, rcpt, data (P74)',
    debug: true,
    steps: [['ehlo'], ['mail', 'a@x.example'], ['rcpt', 'b@y.example'], ['data', { bytes: 'hi\r\n' }], ['quit']],
  },
  {
    name: 'debug lines of SMTP_SSL (P74)',
    debug: true,
    kind: 'SMTP_SSL',
    tls: 'implicit',
    trust: true,
    host: 'localhost',
    connected: 'constructor',
    steps: [['noop'], ['quit']],
  },
]
