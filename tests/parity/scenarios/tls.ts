/** TLS: P15, P25, P69, P70. The server has the testkit's certificate, which is for localhost. */
import type { Scenario, Script } from '../scenario.js'

const trust = { kw: { context: { trust: true } } } as const
/** Offers STARTTLS until TLS is there. */
const server: Script = {
  ehlo: ['250-mail.example\n250-SIZE 5000\n250 STARTTLS', '250-mail.example\n250-SIZE 9000\n250 AUTH PLAIN'],
  starttls: '220 go ahead',
}
const started = { tls: 'starttls', host: 'localhost', connected: 'constructor', server } as const
const implicit = { kind: 'SMTP_SSL', tls: 'implicit', host: 'localhost', connected: 'constructor' } as const
const letter = 'Subject: x\r\n\r\nhi\r\n'

export const tls: readonly Scenario[] = [
  {
    ...started,
    name: 'starttls says EHLO where it has not been said, and forgets it (P69)',
    steps: [['starttls', trust]],
  },
  {
    ...started,
    name: 'sendmail behind starttls says EHLO again (P69)',
    steps: [['ehlo'], ['starttls', trust], ['sendmail', 'a@x.example', 'b@y.example', letter], ['quit']],
  },
  {
    ...started,
    name: 'login behind starttls (P69, P70)',
    server: { ...server, auth: '235 welcome' },
    steps: [['starttls', trust], ['login', 'tim', 'secret'], ['has_extn', 'starttls'], ['quit']],
  },
  {
    ...started,
    name: 'starttls twice, when it is not offered any more (P70)',
    steps: [
      ['starttls', trust],
      ['starttls', trust],
    ],
  },
  {
    ...started,
    name: 'with over starttls says QUIT (P21, P69)',
    steps: [['__enter__'], ['starttls', trust], ['__exit__', null, null, null]],
  },
  { ...started, name: 'starttls without a context (P15, L15)', steps: [['starttls']] },
  {
    ...started,
    name: 'starttls refused (P69)',
    server: { ...server, starttls: '454 not now' },
    steps: [['starttls', trust], ['noop']],
  },
  { ...started, name: 'starttls that is not offered (P69)', server: {}, steps: [['starttls', trust], ['noop']] },
  { ...started, name: 'starttls behind connect (P25, L8)', connected: true, steps: [['starttls', trust], ['noop']] },
  {
    ...started,
    name: 'octets in clear text behind 220 to STARTTLS (P69)',
    server: { ...server, starttls: '220 go ahead\n250 injected' },
    steps: [['starttls', trust], ['noop']],
  },
  {
    ...implicit,
    name: 'SMTP_SSL sends a message (P15)',
    trust: true,
    steps: [['sendmail', 'a@x.example', 'b@y.example', letter], ['quit']],
  },
  { ...implicit, name: 'SMTP_SSL without a context (P15, L15)', steps: [['noop']] },
  { ...implicit, name: 'SMTP_SSL with host:port in one (P15)', trust: true, portApart: false, steps: [['noop']] },
  {
    ...implicit,
    name: 'SMTP_SSL refused in the greeting (P11)',
    trust: true,
    server: { greeting: '554 no' },
    steps: [['noop']],
  },
  {
    ...implicit,
    name: 'default_port of SMTP_SSL (P10)',
    connected: false,
    trust: true,
    steps: [['get', 'default_port'], ['noop']],
  },
]
