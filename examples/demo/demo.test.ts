import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createServer } from '@postrider/testkit'
import { describe, expect, it } from 'vitest'
import { readArguments, UsageError } from './arguments.js'

interface Run {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** The demo as `npm run demo` runs it, without a terminal. */
function demo(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Run> {
  const script = fileURLToPath(new URL('demo.ts', import.meta.url))
  const command = ['--conditions=@postrider/source', '--import', 'tsx', script, ...args]
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, command, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let out = ''
    let err = ''
    child.stdout.setEncoding('utf8').on('data', text => {
      out += text
    })
    child.stderr.setEncoding('utf8').on('data', text => {
      err += text
    })
    child.on('error', reject).on('close', code => resolve({ code, out, err }))
  })
}

describe('npm run demo', { timeout: 60_000 }, () => {
  it('sends its message, shows what happened, and everything it claims is so', async () => {
    const { code, out, err } = await demo()
    expect(err).toBe('')
    expect(code).toBe(0)
    for (const line of [
      '  C: AUTH PLAIN ***',
      '  C: DATA',
      '  S: 550 5.1.1 No such user here',
      '  C: (985 octets of message)',
      '  bob@example.org     accepted  250 2.0.0 Message accepted',
      '  nobody@example.org  rejected  550 5.1.1 No such user here',
      '  carol@example.org   accepted  250 2.0.0 Message accepted',
      '  yes  octet for octet the one that was sent, without its Bcc',
      '  yes  the password is nowhere on this screen',
    ])
      expect(out.split('\n')).toContain(line)
    expect(out).toMatch(/connecting → greeting → .*→ handshake →.* endOfData → ready\.idle → quit → closed/s)
    expect(out).toMatch(/TLSv1\.[23], \w+, certificate verified/)
    expect(out).toContain(
      '7 round trips: 3 to say hello and start TLS, 1 to log in, 2 for the message, 1 to say goodbye',
    )
    expect(out).not.toMatch(/NO {2}/)
    expect(out).not.toMatch(/\u001b/)
  })

  it('sends to a server that is named, with the addresses that are given and no Bcc', async () => {
    await using server = await createServer({ auth: { users: { you: 's3cret' } } })
    const place = ['--host', '127.0.0.1', '--port', String(server.port)]
    const { code, out, err } = await demo([
      ...place,
      '--to',
      'you@example.net',
      '--to',
      'me@example.net',
      '--from',
      'you@example.net',
    ])
    expect(err).toBe('')
    expect(code).toBe(0)
    const message = server.mailbox.at(0)
    expect(message?.envelope.from).toBe('you@example.net')
    expect(message?.envelope.to).toEqual(['you@example.net', 'me@example.net'])
    expect(message?.text).toContain('To: you@example.net,\r\n me@example.net\r\n')
    expect(message?.text).not.toMatch(/example\.org|^Bcc:/m)
    expect(out).toContain('yes  everybody was accepted')
  })

  it('ends with 1 when somebody was refused, and with 1 when the password may not go out in clear text', async () => {
    await using server = await createServer({ auth: { users: { you: 's3cret' } } })
    server.refuse({ recipient: 'me@example.net', reply: '550 5.1.1 unknown' })
    const place = ['--host', '127.0.0.1', '--port', String(server.port), '--to', 'me@example.net', '--tls', 'none']
    const refused = await demo(place)
    expect(refused.out).toContain('NO   everybody was accepted')
    expect(refused.code).toBe(1)
    const insecure = await demo([...place, '--user', 'you', '--password-env', 'MAIL_PASSWORD'], {
      MAIL_PASSWORD: 's3cret',
    })
    expect(insecure.out).toMatch(/encrypted/)
    expect(insecure.out + insecure.err).not.toContain('s3cret')
    expect(insecure.code).toBe(1)
  })

  it('says in words what makes no sense, sends nothing and ends with 2', async () => {
    const { code, out, err } = await demo(['--to', 'you@example.org'])
    expect(err).toMatch(/^npm run demo: which server\? --host is missing/)
    expect(err).not.toContain('    at ')
    expect(out).toBe('')
    expect(code).toBe(2)
  })
})

describe('the arguments of the demo', () => {
  it('are none, or a server and recipients; the sender is the user, or the first recipient', () => {
    expect(readArguments([])).toBeUndefined()
    const target = readArguments(['--to', 'you@example.org', '--host', 'localhost', '--port', '65535', '--tls', 'none'])
    expect(target).toEqual({
      from: 'you@example.org',
      to: ['you@example.org'],
      server: { host: 'localhost', port: 65_535, tls: 'none' },
    })
  })

  it.each([
    [['--host', 'localhost'], '--to is missing'],
    [['--to', 'you', '--host', 'localhost'], 'address "you"'],
    [['--to', 'you@example.org', '--host', 'localhost', '--port', '65536'], '--port is "65536"'],
    [['--to', 'you@example.org', '--host', 'localhost', '--tls', 'yes'], '--tls is "yes"'],
    [['--to', 'you@example.org', '--host', 'localhost', '--user', 'you'], '--user and --password-env belong together'],
    [['--to', 'you@example.org', '--host', 'localhost', '--user', 'you', '--password-env', 'NO_SUCH'], 'NO_SUCH'],
    [['--colour'], "Unknown option '--colour'"],
    [['you@example.org'], 'Unexpected argument'],
  ])('are refused when they are %j', (typed, words) => {
    expect(() => readArguments(typed)).toThrow(UsageError)
    expect(() => readArguments(typed)).toThrow(words)
  })
})
