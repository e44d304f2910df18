// The servers that are logged in to, and what each of them is expected to do: facts of other people's software, kept as data,
// so that a server that changes shows up as one changed line.
import { readFileSync } from 'node:fs'
import type { MechanismName } from '@postrider/auth-sasl'
import type { Certificate, TestServer } from '@postrider/testkit'
import { inject } from 'vitest'
import type { Daemon } from '../daemon.js'
import type { Obtained } from '../debian.js'
import { account } from './account.js'
import { obtainCyrus, startCyrus } from './cyrus.js'
import { obtainDovecot, startDovecot } from './dovecot.js'
import { obtainExim, startExim } from './exim.js'
import { obtainSendmail, startSendmail } from './sendmail.js'
import type { TokenServer } from './token-server.js'
import type { AuthServer } from './visit.js'

/** What the servers are made of and connected to; made by the tests that start them. */
export interface Bench {
  readonly certificate: Certificate
  /** Who shows it is `alice`. */
  readonly clientCertificate: Certificate
  readonly tokens: TokenServer
  /** Takes the mail that was submitted. */
  readonly relay: TestServer
}

export interface Running extends AuthServer {
  readonly account: { readonly username: string; readonly password: string }
  /** What the server wrote into its log. */
  log(): string
  stop(): Promise<void>
}

export interface ServerCase {
  readonly name: string
  /** The packages, or in words why it cannot run here. */
  obtain(): Obtained
  start(packages: string, bench: Bench): Promise<Running>
  /** Whether it has a port with TLS from the first octet. */
  readonly tlsPort: boolean
  /** What is offered behind TLS, without a client certificate. */
  readonly offers: readonly MechanismName[]
  /** What is taken of it for a password when nothing else is said. */
  readonly strongest: MechanismName
  /** What is taken in clear text for a password, where that may be; undefined where nothing may. */
  readonly strongestInClear: MechanismName | undefined
  /** Whether EXTERNAL is offered to who has shown a certificate that the server trusts; where not it is not tried. */
  readonly external: boolean
  /** What EXTERNAL gets with a certificate the server does not trust. */
  readonly stranger?: number | 'disconnected'
  /** Reply to a wrong password or token. */
  readonly wrong: { readonly code: number; readonly enhanced?: string }
  /** Reply to `*`. */
  readonly cancelled: number
  /** Reply to a mechanism nobody knows. */
  readonly unknown: number
  /** Reply to a password of 8000 octets, and what becomes of the next AUTH. */
  readonly tooLong: { readonly code: number; readonly next: 'success' | 'disconnected' }
}

export const servers: readonly ServerCase[] = [
  {
    name: 'Dovecot submission',
    obtain: obtainDovecot,
    start: async (packages, bench) => ours(await startDovecot({ packages, relayPort: bench.relay.port, ...bench })),
    tlsPort: true,
    offers: [
      ...(['PLAIN', 'LOGIN', 'CRAM-MD5', 'SCRAM-SHA-1', 'SCRAM-SHA-256'] as const),
      ...(['XOAUTH2', 'OAUTHBEARER', 'EXTERNAL'] as const),
    ],
    strongest: 'SCRAM-SHA-256',
    strongestInClear: 'SCRAM-SHA-256',
    external: true,
    stranger: 535,
    wrong: { code: 535, enhanced: '5.7.8' },
    cancelled: 501,
    unknown: 504,
    // Behind a line that is too long Dovecot 2.3 believes the exchange to be open, and the next AUTH ends its login process.
    tooLong: { code: 500, next: 'disconnected' },
  },
  {
    name: 'Cyrus lmtpd',
    obtain: obtainCyrus,
    start: async (packages, bench) => ours(await startCyrus({ packages, ...bench })),
    tlsPort: false,
    offers: [
      ...(['PLAIN', 'LOGIN', 'CRAM-MD5', 'SCRAM-SHA-1', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const),
      ...(['SCRAM-SHA-1-PLUS', 'SCRAM-SHA-256-PLUS', 'SCRAM-SHA-512-PLUS'] as const),
    ],
    strongest: 'SCRAM-SHA-512-PLUS',
    strongestInClear: 'SCRAM-SHA-512',
    external: true,
    stranger: 'disconnected',
    wrong: { code: 501, enhanced: '5.5.4' },
    cancelled: 501,
    unknown: 504,
    tooLong: { code: 501, next: 'success' },
  },
  {
    name: 'sendmail',
    obtain: obtainSendmail,
    start: async (packages, bench) => ours(await startSendmail({ packages, ...bench })),
    tlsPort: true,
    offers: ['PLAIN', 'LOGIN', 'CRAM-MD5', 'SCRAM-SHA-1', 'SCRAM-SHA-256', 'SCRAM-SHA-512'],
    strongest: 'SCRAM-SHA-512',
    strongestInClear: 'SCRAM-SHA-512',
    external: true,
    stranger: 504,
    wrong: { code: 535, enhanced: '5.7.0' },
    cancelled: 501,
    unknown: 504,
    tooLong: { code: 535, next: 'success' },
  },
  {
    name: 'Exim',
    obtain: obtainExim,
    start: async (packages, bench) => ours(await startExim({ packages, token: bench.tokens.opaque, ...bench })),
    tlsPort: true,
    offers: ['PLAIN', 'LOGIN', 'CRAM-MD5', 'XOAUTH2'],
    strongest: 'CRAM-MD5',
    strongestInClear: undefined,
    external: true,
    stranger: 504,
    wrong: { code: 535 },
    cancelled: 501,
    unknown: 504,
    tooLong: { code: 535, next: 'success' },
  },
  {
    name: 'Postfix submission',
    obtain: () => (inject('postfix') === undefined ? { missing: 'it was not started' } : { folder: '' }),
    start: async () => {
      const postfix = inject('postfix')
      if (postfix === undefined) throw new Error('Postfix was not started')
      return {
        protocol: 'smtp',
        ports: { starttls: postfix.ports.submission },
        account: { username: postfix.username, password: postfix.password },
        ca: postfix.certificate,
        log: () => readFileSync(postfix.logFile, 'utf8'),
        // It runs for all files of tests.
        stop: async () => {},
      }
    },
    tlsPort: false,
    offers: ['PLAIN', 'LOGIN', 'CRAM-MD5'],
    strongest: 'CRAM-MD5',
    strongestInClear: undefined,
    external: false,
    wrong: { code: 535, enhanced: '5.7.8' },
    cancelled: 501,
    // Its SASL library finds no mechanism for the user, and it says no more than that.
    unknown: 535,
    tooLong: { code: 535, next: 'success' },
  },
]

function ours(daemon: Daemon & AuthServer): Running {
  return { ...daemon, account }
}
