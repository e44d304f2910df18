// Clients by other people, each as one command line that logs in to a server by a given mechanism: Python's smtplib, curl,
// swaks, GNU SASL's gsasl and Cyrus' smtptest. The last three run from their Debian packages, unpacked and not installed.
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { MechanismName } from '@postrider/auth-sasl'
import { hasProgram, type Obtained, obtain } from '../debian.js'
import { obtainSwaks, swaks } from '../swaks.js'
import { obtainCyrus } from './cyrus.js'

/** What a program is told. */
export interface LoginOrder {
  readonly port: number
  readonly line: 'starttls' | 'tls'
  readonly mechanism: MechanismName
  readonly username: string
  /** Password or token. */
  readonly secret: string
  /** Files: whom to trust, and a certificate with its key to show. */
  readonly ca: string
  readonly certificate: string | undefined
  /** A file with a message, for those that want one. */
  readonly message: string
  /** Whether to send an initial response, where the program leaves that to its user. */
  readonly initial: boolean
}

export interface Program {
  readonly name: string
  /** The folder of its packages ('' where it is on this machine), or in words what is missing. */
  obtain(): Obtained
  readonly lines: readonly LoginOrder['line'][]
  readonly mechanisms: readonly MechanismName[]
  /** Whether its user decides about the initial response. */
  readonly choosesInitialResponse: boolean
  /** Whether it hands over a message once it is logged in. */
  readonly sends: boolean
  /** Runs it to its end; what it printed. */
  run(packages: string, order: LoginOrder): Promise<string>
}

const both = ['starttls', 'tls'] as const
const classic = ['PLAIN', 'LOGIN', 'CRAM-MD5'] as const
const envelope = ['--from', 'alice@example.test', '--to', 'bob@example.test']

export const programs: readonly Program[] = [
  {
    name: "Python's smtplib",
    obtain: () => onThisMachine('python3'),
    lines: both,
    mechanisms: [...classic, 'XOAUTH2', 'EXTERNAL'],
    choosesInitialResponse: true,
    sends: true,
    run: (_packages, order) =>
      run('python3', [
        new URL('smtplib_login.py', import.meta.url).pathname,
        JSON.stringify({ ...order, certificate: order.certificate ?? null }),
      ]),
  },
  {
    name: 'curl',
    obtain: () => (hasProgram('curl') ? { folder: '' } : obtain('curl', ['curl'])),
    lines: both,
    mechanisms: [...classic, 'XOAUTH2', 'OAUTHBEARER', 'EXTERNAL'],
    choosesInitialResponse: true,
    sends: true,
    run: (packages, order) => {
      const scheme = order.line === 'tls' ? 'smtps' : 'smtp'
      const words = ['-sS', '--ssl-reqd', '--cacert', order.ca, '-T', order.message]
      words.push('--mail-from', 'alice@example.test', '--mail-rcpt', 'bob@example.test')
      words.push('--login-options', `AUTH=${order.mechanism}`, ...(order.initial ? ['--sasl-ir'] : []))
      if (order.certificate !== undefined) words.push('--cert', order.certificate, '--user', `${order.username}:`)
      else if (isToken(order.mechanism)) words.push('--user', order.username, '--oauth2-bearer', order.secret)
      else words.push('--user', `${order.username}:${order.secret}`)
      const program = packages === '' ? 'curl' : join(packages, 'usr/bin/curl')
      return run(program, [...words, `${scheme}://localhost:${order.port}/client.example.test`], libraries(packages))
    },
  },
  {
    name: 'swaks',
    obtain: obtainSwaks,
    lines: both,
    mechanisms: classic,
    choosesInitialResponse: false,
    sends: true,
    run: async (packages, { line, port, ca, mechanism, username, secret }) => {
      const words = ['--server', 'localhost', '--port', String(port), '--ehlo', 'client.example.test', ...envelope]
      words.push(line === 'tls' ? '--tls-on-connect' : '--tls', '--tls-verify', '--tls-ca-path', ca)
      words.push('--auth', mechanism, '--auth-user', username, '--auth-password', secret)
      return (await swaks(packages, words)).output
    },
  },
  {
    name: 'gsasl',
    obtain: () => obtain('gsasl', ['gsasl']),
    lines: ['starttls'],
    mechanisms: [
      ...classic,
      ...(['EXTERNAL', 'SCRAM-SHA-1', 'SCRAM-SHA-256', 'SCRAM-SHA-1-PLUS', 'SCRAM-SHA-256-PLUS'] as const),
    ],
    choosesInitialResponse: false,
    sends: false,
    run: (packages, { port, ca, certificate, mechanism, username, secret }) => {
      const words = ['--smtp', '--starttls', '--connect', `localhost:${port}`, '--x509-ca-file', ca]
      words.push('--mechanism', mechanism, '--authentication-id', username, '--password', secret)
      // It binds whenever it can, and then runs no mechanism without binding.
      if (!mechanism.endsWith('-PLUS')) words.push('--no-cb')
      if (certificate !== undefined) words.push('--x509-cert-file', certificate, '--x509-key-file', certificate)
      return run(join(packages, 'usr/bin/gsasl'), words, libraries(packages))
    },
  },
  {
    name: 'smtptest',
    obtain: obtainCyrus,
    lines: both,
    mechanisms: [...classic, 'SCRAM-SHA-1', 'SCRAM-SHA-256', 'SCRAM-SHA-512'],
    choosesInitialResponse: false,
    sends: false,
    run: (packages, { line, port, mechanism, username, secret }) => {
      const words = ['-m', mechanism, '-a', username, '-w', secret, '-p', String(port)]
      words.push(...(line === 'tls' ? ['-s'] : ['-t', '']), 'localhost')
      return run(join(packages, 'usr/lib/cyrus/bin/smtptest'), words, libraries(packages))
    },
  },
]

export function isToken(mechanism: MechanismName): boolean {
  return mechanism === 'XOAUTH2' || mechanism === 'OAUTHBEARER'
}

function onThisMachine(program: string): Obtained {
  return hasProgram(program) ? { folder: '' } : { missing: `no ${program} on this machine` }
}

/** Where programs that are not installed find their libraries and SASL plug-ins. */
function libraries(packages: string): NodeJS.ProcessEnv {
  if (packages === '') return {}
  const root = join(packages, 'usr/lib')
  const folders = readdirSync(root).filter(name => name.endsWith('-linux-gnu'))
  const paths = [...folders, 'cyrus'].map(name => join(root, name))
  return { LD_LIBRARY_PATH: paths.join(':'), SASL_PATH: paths.map(path => join(path, 'sasl2')).join(':') }
}

async function run(program: string, words: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<string> {
  const child = spawn(program, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
    timeout: 30_000,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => (output += text))
  await new Promise<void>((resolve, reject) => child.once('error', reject).once('close', () => resolve()))
  return output
}
