import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from '@postrider/testkit'
import { describe, expect, it } from 'vitest'
import { postrider, Running } from '../test/postrider.js'

const message = 'From: ann@example.org\r\nTo: bob@example.org\r\nBcc: carol@example.org\r\nSubject: hi\r\n\r\nhello\r\n'
const folder = mkdtempSync(join(tmpdir(), 'postrider-send-'))
const file = join(folder, 'message.eml')
writeFileSync(file, message)

describe('postrider send', () => {
  it('sends a file to those its header names, hides Bcc, and ends with 0 when everybody was accepted', async () => {
    await using server = await createServer()
    const { code, out, err } = await postrider(['send', '--server', server.url, file])
    expect(err).toBe('')
    expect(out).toMatch(
      /^accepted {2}bob@example\.org {4}250 2\.0\.0 Message accepted\naccepted {2}carol@example\.org {2}250 .*\n2 of 2 accepted, \d+ octets, in clear text, \d+ ms\n$/,
    )
    expect(code).toBe(0)
    expect(server.mailbox.at(0)?.text).toBe(message.replace('Bcc: carol@example.org\r\n', ''))
  })

  it('sends standard input to those that are named, octets as they stand with --raw', async () => {
    await using server = await createServer()
    const envelope = ['--from', 'a@example.org', '--to', 'b@example.org', '--to', 'c@example.org']
    const { code } = await postrider(['send', '--server', server.url, '--raw', ...envelope], { input: message })
    expect(code).toBe(0)
    expect(server.mailbox.at(0)?.text).toBe(message)
    expect(server.mailbox.at(0)?.envelope).toMatchObject({
      from: 'a@example.org',
      to: ['b@example.org', 'c@example.org'],
    })
  })

  it('ends with 1 when somebody was refused, and its JSON says who and why', async () => {
    await using server = await createServer()
    server.refuse({ recipient: 'carol@example.org', reply: '452 4.2.2 mailbox full' })
    const { code, out } = await postrider(['send', '--server', server.url, '--json', file])
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({
      outcome: 'partial',
      accepted: ['bob@example.org'],
      recipients: [
        { address: 'bob@example.org', outcome: 'accepted' },
        { address: 'carol@example.org', outcome: 'deferred', reply: { code: 452, enhanced: '4.2.2' } },
      ],
    })
  })

  it('logs in under TLS with a password from the environment or a file, which it shows nowhere', async () => {
    await using server = await createServer({ tls: 'starttls', auth: { users: { ann: 's3cret' } }, requireAuth: true })
    const ca = join(folder, 'ca.pem')
    const passwordFile = join(folder, 'password')
    writeFileSync(ca, server.certificate?.cert ?? '')
    writeFileSync(passwordFile, 's3cret\n')
    const login = ['--host', '127.0.0.1', '--port', String(server.port), '--user', 'ann', '--ca', ca, '--transcript']
    const byEnv = await postrider(['send', ...login, '--password-env', 'PW', file], { env: { PW: 's3cret' } })
    expect(byEnv.err).toMatch(
      /^S: 220 .*-- TLSv1\.3 \w+, certificate verified\n.*C: AUTH .*C: QUIT\nS: 221 .*-- closed\n$/s,
    )
    expect(byEnv.out + byEnv.err).not.toMatch(/s3cret/)
    expect(byEnv.code).toBe(0)
    const byFile = await postrider(['send', ...login, '--password-file', passwordFile, file])
    expect(byFile.code).toBe(0)
    expect(server.mailbox.length).toBe(2)
    expect(server.mailbox.at(1)?.session.user).toBe('ann')
  })

  it('ends with 77 at a wrong password, and with 75 when nothing was sent: a certificate of a stranger, nobody there', async () => {
    await using server = await createServer({ tls: 'starttls', auth: { users: { ann: 's3cret' } } })
    const ca = join(folder, 'ca3.pem')
    writeFileSync(ca, server.certificate?.cert ?? '')
    const login = ['send', '--server', `smtp://ann@127.0.0.1:${server.port}`, '--password-env', 'PW', file]
    const wrong = await postrider([...login, '--ca', ca], { env: { PW: 'guess' } })
    expect(wrong.err).toMatch(/was refused: 535 .* Is the password right/)
    expect(wrong.err).not.toContain('guess')
    expect(wrong.code).toBe(77)
    const stranger = await postrider(login, { env: { PW: 's3cret' } })
    expect(stranger.err).toMatch(/TLS failed: .* --ca FILE/)
    expect(stranger.code).toBe(75)
    const { url } = server
    await server.close()
    const nobody = await postrider(['send', '--server', url, file])
    expect(nobody.out).toContain('nothing was sent')
    expect(nobody.err).toContain('Nothing listens on that port')
    expect(nobody.code).toBe(75)
    expect(server.mailbox.length).toBe(0)
  })

  it('ends with 76 when the server took the message and said nothing', async () => {
    await using server = await createServer()
    server.refuse({ phase: 'endOfData', hangUp: 'close' })
    const { code, out } = await postrider(['send', '--server', server.url, file])
    expect(out).toMatch(/^unknown {3}bob@example\.org\n/)
    expect(out).toContain('To send it again may deliver it twice.')
    expect(code).toBe(76)
  })

  it('gives up at Ctrl-C and says what that means for the message', async () => {
    await using server = await createServer()
    server.misbehave({ phase: 'endOfData', steps: [{ stall: true }] })
    await using running = new Running(['send', '--server', server.url, '--transcript', file])
    await running.shows(/C: \.\n/, 'err')
    running.signal('SIGINT')
    const { code, err } = await running.ended
    expect(err).toContain('gave up')
    expect(code).toBe(76)
  })

  it.each([
    ['recipient', '550 5.1.1 nobody here', 69],
    ['recipient', '450 4.2.1 not now', 75],
    ['mail', '553 5.1.8 not from you', 69],
    ['endOfData', '554 5.7.1 no', 69],
    ['connect', '421 4.3.2 later', 75],
  ] as const)(
    'ends, when a refusal of %s with %j leaves nobody, with %i: only after 75 is it right to try again',
    async (phase, reply, exit) => {
      await using server = await createServer()
      server.refuse(phase === 'recipient' ? { recipient: /@/, reply } : { phase, reply })
      const { code, out, err } = await postrider(['send', '--server', server.url, file])
      expect(out).not.toContain('accepted  ')
      expect(err).toContain(reply)
      expect(code).toBe(exit)
    },
  )

  it('ends with 65 for a message or an address that cannot be sent as it stands', async () => {
    await using server = await createServer({ extensions: { SIZE: '1000' } })
    const send = ['send', '--server', server.url]
    const headless = await postrider(send, { input: 'no header' })
    expect(headless.code).toBe(65)
    const address = await postrider([...send, '--from', 'a b', '--to', 'b@example.org', '--text', 'hi'])
    expect(address.err).toContain('address "a b"')
    expect(address.code).toBe(65)
    const large = await postrider(send, { input: `${message}${'x'.repeat(1000)}` })
    expect(large.err).toMatch(/has \d+ octets, and the server takes 1000/)
    expect(large.code).toBe(65)
    expect(server.transactions).toEqual([])
  })

  it('ends with 66 for a file that cannot be read, and nothing at all', async () => {
    const send = ['send', '--server', 'smtp://localhost:1']
    for (const [name, words] of [
      [join(folder, 'no-such'), 'ENOENT'],
      [folder, 'EISDIR'],
      ['-', 'is empty'],
    ] as const) {
      const { code, err } = await postrider([...send, name])
      expect(err).toContain(words)
      expect(code).toBe(66)
    }
  })

  it('has JSON with the same names every time', async () => {
    await using server = await createServer()
    server.refuse({ recipient: 'carol@example.org', reply: '550 5.1.1 no' })
    const names =
      'envelope outcome recipients accepted rejected response mayHaveBeenDelivered retry bytes timings remote'
    const sent = JSON.parse((await postrider(['send', '--server', server.url, '--json', file])).out)
    expect(Object.keys(sent)).toEqual(names.split(' '))
    expect(Object.keys(sent.envelope)).toEqual(['from', 'to'])
    expect(Object.keys(sent.timings)).toEqual(['queue', 'connect', 'transaction', 'total'])
    expect(sent.remote).toEqual({ host: '127.0.0.1', port: server.port, address: '127.0.0.1' })
    expect(sent.recipients.map((each: object) => Object.keys(each))).toEqual([
      ['address', 'outcome', 'phase', 'reply'],
      ['address', 'outcome', 'phase', 'reply'],
    ])
    const { url } = server
    await server.close()
    const failed = JSON.parse((await postrider(['send', '--server', url, '--json', file])).out)
    expect(Object.keys(failed)).toEqual([...names.split(' '), 'error'])
    expect(failed.error).toEqual({ name: 'SMTPConnectError', code: 'ECONNECTION', message: expect.any(String) })
    const unread = await postrider(['send', '--server', 'smtp://localhost:1', '--json'], { input: 'no header' })
    expect(JSON.parse(unread.out)).toEqual({
      outcome: 'unsent',
      error: { name: expect.any(String), code: expect.any(String), message: expect.any(String) },
    })
  })

  it('sends a message that is longer than what it reads beforehand, octet for octet, from a file and from a pipe', async () => {
    await using server = await createServer()
    const body = `${'0123456789'.repeat(7)}\r\n.\r\n`.repeat(40_000)
    const path = join(folder, 'long.eml')
    writeFileSync(path, message + body)
    const fromFile = await postrider(['send', '--server', server.url, '--transcript', path])
    expect(fromFile.err).toMatch(/MAIL FROM:<ann@example\.org> .*SIZE=\d{7}/)
    expect(fromFile.code).toBe(0)
    const fromPipe = await postrider(['send', '--server', server.url, '-'], { input: message + body })
    expect(fromPipe.code).toBe(0)
    const expected = (message + body).replace('Bcc: carol@example.org\r\n', '')
    expect(server.mailbox.length).toBe(2)
    for (const { text } of server.mailbox) expect(text === expected).toBe(true)
  })

  it('asks for the password on a terminal, which does not show it', async () => {
    await using server = await createServer({ auth: { users: { ann: 's3cret' } }, requireAuth: true })
    const typed = 's3crex\u007ft\r'
    const args = [
      'send',
      '--server',
      `smtp://ann@127.0.0.1:${server.port}`,
      '--tls',
      'none',
      '--allow-insecure-auth',
      file,
    ]
    await using asked = new Running(args, { terminal: true, input: typed })
    const { code, out, err } = await asked.ended
    expect(asked.rawModes).toEqual([true, false])
    expect(err).toBe('Password of ann: \n')
    expect(out).toContain('\u001b[32maccepted')
    expect(code).toBe(0)
    const gaveUp = await postrider(args, { terminal: true, input: 's3c\u0003', env: { NO_COLOR: '1' } })
    expect(gaveUp.err).toBe(
      'Password of ann: \npostrider send: no password was given\npostrider send --help shows what there is.\n',
    )
    expect(gaveUp.code).toBe(64)
  })

  it('makes a message of a subject and a text, in any script', async () => {
    await using server = await createServer()
    const words = ['--subject', 'Grüße', '--text', 'schöne\n.\nGrüße']
    const { code } = await postrider([
      'send',
      '--server',
      server.url,
      '--from',
      'a@example.org',
      '--to',
      'b@example.org',
      ...words,
    ])
    expect(code).toBe(0)
    const text = server.mailbox.at(0)?.text ?? ''
    expect(text).toMatch(/^Subject: =\?utf-8\?B\?R3LDvMOfZQ==\?=\r$/m)
    expect(text).toMatch(/\r\n\r\nschöne\r\n\.\r\nGrüße\r\n$/)
  })

  it('says what makes no sense, without a secret, and ends with 64', async () => {
    const { code, out, err } = await postrider(['send', '--host', 'localhost', '--password', 's3cret', file])
    expect(err).toMatch(
      /^postrider send: a password among the arguments can be read by everybody.*\npostrider send --help .*\n$/,
    )
    expect(out).toBe('')
    expect(code).toBe(64)
    const unasked = await postrider(['send', '--host', 'localhost', '--user', 'ann'], { input: message })
    expect(unasked.err).toContain('no terminal to ask for the password on')
    expect(unasked.code).toBe(64)
  })

  it.each([
    [['--password=s3cret', file], 'among the arguments'],
    [['--server', 'smtp://ann:s3cret@localhost', file], '--server holds a password'],
    [['--server', 'ann:s3cret', file], /--server holds a password|begins with/],
    [['--server', 's3cret', file], '--server is no URL'],
    [['--server', 'http://localhost', file], 'begins with http:'],
    [[file], 'which server?'],
    [['--server', 'smtp://localhost', '--port', '25', file], 'leave out --host and --port'],
    [['--server', 'smtp://ann@localhost', '--user', 'ann', file], '--server names a user, and so does --user'],
    [['--host', 'localhost', '--tls', 'yes', file], '--tls is "yes"'],
    [['--host', 'localhost', file, 'other.eml'], 'one word too many'],
    [['--host', 'localhost', join(folder, 'missing.eml')], 'ENOENT', 66],
    [['--host', 'localhost', '--raw', file], 'give --from and --to'],
    [['--host', 'localhost', '--subject', 'x'], '--from and --to are needed'],
    [['--host', 'localhost', '--subject', 'x', file], 'a file is one already'],
    [['--host', 'localhost', '--password-env', 'PW', file], 'give --user, too'],
    [['--host', 'localhost', '--user', 'ann', '--password-env', 'NO_SUCH', file], 'no environment variable NO_SUCH'],
    [['--host', 'localhost', '--ca', file, file], 'no certificate in PEM', 66],
  ])('refuses %j before anything is opened', async (typed, words, exit = 64) => {
    const { code, out, err } = await postrider(['send', ...typed])
    expect(err).toMatch(words)
    expect(err).not.toContain('s3cret')
    expect(out).toBe('')
    expect(code).toBe(exit)
  })
})
