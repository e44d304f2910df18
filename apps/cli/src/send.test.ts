import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from '@postrider/testkit'
import { describe, expect, it } from 'vitest'
import { postrider, Running } from '../test/postrider.js'
import { UsageError } from './argument.js'
import { send } from './send.js'

const message = 'From: ann@example.org\r\nTo: bob@example.org\r\nBcc: carol@example.org\r\nSubject: hi\r\n\r\nhello\r\n'
const folder = mkdtempSync(join(tmpdir(), 'postrider-send-'))
const file = join(folder, 'message.eml')
writeFileSync(file, message)

describe('postrider send', { timeout: 60_000 }, () => {
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

  it('ends with 3 when nothing was sent: a wrong password, a certificate of a stranger, nobody there', async () => {
    await using server = await createServer({ tls: 'starttls', auth: { users: { ann: 's3cret' } } })
    const ca = join(folder, 'ca3.pem')
    writeFileSync(ca, server.certificate?.cert ?? '')
    const login = ['send', '--server', `smtp://ann@127.0.0.1:${server.port}`, '--password-env', 'PW', file]
    const wrong = await postrider([...login, '--ca', ca], { env: { PW: 'guess' } })
    expect(wrong.err).toMatch(/was refused: 535 .* Is the password right/)
    expect(wrong.err).not.toContain('guess')
    expect(wrong.code).toBe(3)
    const stranger = await postrider(login, { env: { PW: 's3cret' } })
    expect(stranger.err).toMatch(/TLS failed: .* --ca FILE/)
    expect(stranger.code).toBe(3)
    const { url } = server
    await server.close()
    const nobody = await postrider(['send', '--server', url, file])
    expect(nobody.out).toContain('nothing was sent')
    expect(nobody.err).toContain('Nothing listens on that port')
    expect(nobody.code).toBe(3)
    expect(server.mailbox.length).toBe(0)
  })

  it('ends with 4 when the server took the message and said nothing', async () => {
    await using server = await createServer()
    server.refuse({ phase: 'endOfData', hangUp: 'close' })
    const { code, out } = await postrider(['send', '--server', server.url, file])
    expect(out).toMatch(/^unknown {3}bob@example\.org\n/)
    expect(out).toContain('To send it again may deliver it twice.')
    expect(code).toBe(4)
  })

  it('gives up at Ctrl-C and says what that means for the message', async () => {
    await using server = await createServer()
    server.misbehave({ phase: 'endOfData', steps: [{ stall: true }] })
    await using running = new Running(['send', '--server', server.url, '--transcript', file])
    for (const tick of Array(600).keys()) {
      if (running.err.includes('C: .\n')) break
      if (tick === 599) throw new Error(`no end of data: ${running.err}`)
      await new Promise(resolve => setTimeout(resolve, 50))
    }
    running.signal('SIGINT')
    const { code, err } = await running.ended
    expect(err).toContain('gave up')
    expect(code).toBe(4)
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

  it('says what makes no sense, without a secret, and ends with 2', async () => {
    const { code, out, err } = await postrider(['send', '--host', 'localhost', '--password', 's3cret', file])
    expect(err).toMatch(
      /^postrider send: a password among the arguments can be read by everybody.*\npostrider send --help .*\n$/,
    )
    expect(out).toBe('')
    expect(code).toBe(2)
    const unasked = await postrider(['send', '--host', 'localhost', '--user', 'ann'], { input: message })
    expect(unasked.err).toContain('no terminal to ask for the password on')
    expect(unasked.code).toBe(2)
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
    [['--host', 'localhost', join(folder, 'missing.eml')], 'ENOENT'],
    [['--host', 'localhost', '--raw', file], 'give --from and --to'],
    [['--host', 'localhost', '--subject', 'x'], '--from and --to are needed'],
    [['--host', 'localhost', '--subject', 'x', file], 'a file is one already'],
    [['--host', 'localhost', '--password-env', 'PW', file], 'give --user, too'],
    [['--host', 'localhost', '--user', 'ann', '--password-env', 'NO_SUCH', file], 'no environment variable NO_SUCH'],
    [['--host', 'localhost', '--ca', file, file], 'no certificate in PEM'],
  ])('refuses %j before anything is opened', async (typed, words) => {
    const failure = send.run(typed)
    await expect(failure).rejects.toThrow(UsageError)
    await expect(failure).rejects.toThrow(words)
    await expect(failure).rejects.not.toThrow('s3cret')
  })
})
