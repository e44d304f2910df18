import { mkdtemp, rm } from 'node:fs/promises'
import { createServer as createTcpServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { plain } from '@postrider/auth-sasl'
import { createServer, type ServerOptions as TestOptions, type TestServer } from '@postrider/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import {
  SMTPAuthenticationError,
  SMTPConnectError,
  SMTPDataError,
  SMTPEnvelopeError,
  SMTPException,
  SMTPHeloError,
  SMTPMessageError,
  SMTPNotSupportedError,
  SMTPRecipientsRefused,
  SMTPSenderRefused,
  SMTPServerDisconnected,
  SMTPTlsError,
} from './error.js'
import type { ServerOptions } from './option.js'
import type { SendReport } from './report.js'
import { sendMessage, sendmail } from './sendmail.js'

const users = { tim: 'correct horse' }
const auth = { username: 'tim', password: 'correct horse' }
const message = 'Subject: tea\r\n\r\nAt five.\r\n'

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

async function serve(options: TestOptions = {}): Promise<TestServer> {
  const server = await createServer(options)
  open.push(server)
  return server
}

/** The test server as options, its certificate trusted. */
function at(server: TestServer, options: ServerOptions = {}): ServerOptions {
  const ca = server.certificate?.cert
  return { host: server.host, port: server.port, ...(ca === undefined ? {} : { tlsOptions: { ca } }), ...options }
}

async function failure<Kind extends SMTPException>(
  sending: Promise<SendReport>,
  kind: abstract new (...args: never) => Kind,
): Promise<Kind> {
  const error = await sending.then(
    report => new Error(`nothing was thrown: ${report.explain()}`),
    reason => reason,
  )
  expect(error).toBeInstanceOf(kind)
  return error as Kind
}

describe('sendmail', () => {
  it('sends one message over one connection and says QUIT behind it', async () => {
    const server = await serve()
    const report = await sendmail(server.url, 'me@x.example', ['a@y.example', 'b@y.example'], message)
    expect(report).toMatchObject({
      outcome: 'accepted',
      envelope: { from: 'me@x.example', to: ['a@y.example', 'b@y.example'] },
      accepted: ['a@y.example', 'b@y.example'],
      rejected: [],
      mayHaveBeenDelivered: true,
      retry: 'never',
      bytes: message.length,
      remote: { host: '127.0.0.1', port: server.port, address: '127.0.0.1' },
      tls: undefined,
      error: undefined,
    })
    expect(report.refused.size).toBe(0)
    expect(report.response).toMatch(/^250 /)
    expect(report.recipients.map(({ outcome, phase }) => [outcome, phase])).toEqual([
      ['accepted', 'endOfData'],
      ['accepted', 'endOfData'],
    ])
    expect(report.explain()).toContain('a@y.example: accepted')
    const received = server.mailbox.at(0)
    expect(received?.text).toBe(message)
    expect(received?.envelope).toMatchObject({ from: 'me@x.example', parameters: { size: message.length } })
    await expect.poll(() => server.connections).toEqual({ open: 0, total: 1 })
    expect(String(server.transcript)).toContain('C: QUIT')
  })

  it('does not wait for the answer to QUIT (T-45)', async () => {
    const server = await serve()
    server.misbehave({ phase: 'quit', steps: [{ stall: true }] })
    expect((await sendmail(server.url, '', 'a@y.example', message)).outcome).toBe('accepted')
  })

  it.each([
    ['text', 'a\nb\r.c\r\n..d', 'a\r\nb\r\n.c\r\n..d\r\n'],
    ['octets', Buffer.from('a\n.b'), 'a\r\n.b\r\n'],
    ['pieces', [Buffer.from('a\r'), Buffer.from('\n.b\r\n')], 'a\r\n.b\r\n'],
    ['a stream', Readable.from([Buffer.from('a\r\n')]), 'a\r\n'],
    ['a web stream', new Blob(['a\r\n']).stream(), 'a\r\n'],
    ['a source', { stream: () => [Buffer.from('a\r\n')], size: 3 }, 'a\r\n'],
    ['nothing', '', ''],
  ])('takes %s for a message', async (_what, source, received) => {
    const server = await serve()
    await sendmail(server.url, 'me@x.example', 'a@y.example', source)
    expect(server.mailbox.at(0)?.text).toBe(received)
  })

  it("tells partial refusal in smtplib's dictionary and returns (P53)", async () => {
    const server = await serve()
    server.refuse({ recipient: 'b@y.example', reply: '550 5.1.1 no such user' })
    server.refuse({ recipient: 'c@y.example', reply: '450 4.2.1 try later' })
    const report = await sendmail(server.url, 'me@x.example', ['a@y.example', 'b@y.example', 'c@y.example'], message)
    expect(report).toMatchObject({
      outcome: 'partial',
      accepted: ['a@y.example'],
      rejected: ['b@y.example', 'c@y.example'],
      retry: 'later',
    })
    expect(
      Array.from(report.refused, ([address, [code, text]]) => [address, code, new TextDecoder().decode(text)]),
    ).toEqual([
      ['b@y.example', 550, '5.1.1 no such user'],
      ['c@y.example', 450, '4.2.1 try later'],
    ])
  })

  it('throws when all recipients are refused, even one that stands there twice (P50)', async () => {
    const server = await serve()
    server.refuse({ phase: 'rcpt', reply: '550 5.1.1 no such user' })
    const error = await failure(
      sendmail(server.url, 'me@x.example', ['a@y.example', 'a@y.example'], message),
      SMTPRecipientsRefused,
    )
    expect(error).toMatchObject({
      code: 'EENVELOPE',
      command: 'RCPT TO',
      responseCode: 550,
      response: '550 5.1.1 no such user',
      enhancedCode: '5.1.1',
      phase: 'rcpt',
      retry: 'never',
      mayHaveBeenDelivered: false,
    })
    expect([...error.recipients.keys()]).toEqual(['a@y.example'])
    expect(error.report).toMatchObject({ outcome: 'rejected', bytes: 0, rejected: ['a@y.example', 'a@y.example'] })
    expect(server.transactions[0]?.sawTerminator).toBe(false)
  })

  it('throws when the sender is refused (P47)', async () => {
    const server = await serve()
    server.refuse({ phase: 'mail', reply: '451 4.7.1 later' })
    const error = await failure(sendmail(server.url, 'me@x.example', 'a@y.example', message), SMTPSenderRefused)
    expect(error).toMatchObject({
      sender: 'me@x.example',
      smtp_code: 451,
      command: 'MAIL FROM',
      retry: 'later',
      phase: 'mail',
    })
    expect(new TextDecoder().decode(error.smtp_error)).toBe('4.7.1 later')
    expect(error.report).toMatchObject({ outcome: 'deferred' })
  })

  it.each(['data', 'endOfData'] as const)('throws when the message is refused at %s (P43, P52)', async phase => {
    const server = await serve()
    server.refuse({ phase, reply: '554 5.6.0 no' })
    const error = await failure(sendmail(server.url, 'me@x.example', 'a@y.example', message), SMTPDataError)
    expect(error).toMatchObject({
      smtp_code: 554,
      code: 'EMESSAGE',
      command: 'DATA',
      phase,
      retry: 'never',
      mayHaveBeenDelivered: false,
    })
    expect(error.report).toMatchObject({ outcome: 'rejected' })
  })

  it('says SMTPDataError when some recipients were refused one by one and the rest with the message', async () => {
    const server = await serve()
    server.refuse({ recipient: 'a@y.example', reply: '550 5.1.1 no such user' })
    server.refuse({ phase: 'endOfData', reply: '451 4.3.0 later' })
    const to = ['a@y.example', 'b@y.example']
    const error = await failure(sendmail(server.url, 'me@x.example', to, message), SMTPDataError)
    expect(error).toMatchObject({ smtp_code: 451, retry: 'later', report: { outcome: 'partial', rejected: to } })
  })

  it('says SMTPRecipientsRefused when 421 ends the session in RCPT (P49)', async () => {
    const server = await serve()
    server.refuse({ recipient: 'b@y.example', reply: '421 4.3.2 closing' })
    const error = await failure(
      sendmail(server.url, 'me@x.example', ['a@y.example', 'b@y.example', 'c@y.example'], message),
      SMTPRecipientsRefused,
    )
    expect([...error.recipients.keys()]).toEqual(['b@y.example'])
    expect(error.report?.recipients.map(({ outcome }) => outcome)).toEqual(['unsent', 'deferred', 'unsent'])
  })

  it('says that the message may have been delivered when the connection breaks behind the terminator', async () => {
    const server = await serve()
    server.refuse({ phase: 'endOfData', hangUp: 'reset' })
    const error = await failure(sendmail(server.url, 'me@x.example', 'a@y.example', message), SMTPServerDisconnected)
    expect(error).toMatchObject({
      code: 'ECONNECTION',
      mayHaveBeenDelivered: true,
      retry: 'caller',
      phase: 'endOfData',
    })
    expect(error.report).toMatchObject({ outcome: 'unknown', mayHaveBeenDelivered: true, retry: 'caller' })
  })

  it('says that nothing was sent when it breaks before', async () => {
    const server = await serve()
    server.refuse({ phase: 'data', hangUp: 'close' })
    const error = await failure(sendmail(server.url, 'me@x.example', 'a@y.example', message), SMTPServerDisconnected)
    expect(error).toMatchObject({ mayHaveBeenDelivered: false, retry: 'now' })
    expect(error.report).toMatchObject({ outcome: 'unsent', retry: 'now' })
  })

  it('passes parameters of MAIL and RCPT on', async () => {
    const server = await serve()
    await sendmail(
      server.url,
      'me@x.example',
      ['a@y.example', { address: 'b@y.example', parameters: { notify: ['NEVER'] } }],
      message,
      {
        parameters: { ret: 'HDRS', envid: 'order 17' },
        recipientParameters: { notify: ['FAILURE'] },
      },
    )
    expect(server.mailbox.at(0)?.envelope).toMatchObject({
      parameters: { ret: 'HDRS', envid: 'order 17', size: message.length },
      recipients: [{ parameters: { notify: ['FAILURE'] } }, { parameters: { notify: ['NEVER'] } }],
    })
  })

  it('uses SMTPUTF8 and 8BITMIME where they are needed, and A-labels for domains (P61, T-43)', async () => {
    const server = await serve()
    await sendmail(server.url, 'jörg@müller.example', 'ann@müller.example', 'Subject: Tee\r\n\r\nfür zwei')
    expect(server.mailbox.at(0)?.envelope).toMatchObject({
      from: 'jörg@xn--mller-kva.example',
      to: ['ann@xn--mller-kva.example'],
      parameters: { smtputf8: true, body: '8BITMIME' },
    })
  })
})

describe('BDAT (RFC 3030)', () => {
  const binary = Buffer.from('Subject: tea\r\n\r\n\0\n\x80')
  const asBinary = { parameters: { body: 'BINARYMIME' } } as const

  it('takes a small message in one write with its envelope, where the server lets it', async () => {
    const server = await serve()
    const report = await sendmail(server.url, 'me@x.example', 'a@y.example', message, { pace: 'oneFlight' })
    expect(report).toMatchObject({ outcome: 'accepted', bytes: message.length })
    expect(server.mailbox.at(0)).toMatchObject({ via: 'BDAT', text: message })
  })

  it('carries binary octets unchanged', async () => {
    const server = await serve({ extensions: { BINARYMIME: true } })
    await sendmail(server.url, 'me@x.example', 'a@y.example', binary, asBinary)
    expect(Buffer.from(server.mailbox.at(0)?.octets ?? [])).toEqual(binary)
  })

  it('is not used for text that calls itself binary, nor where nobody offers it', async () => {
    const server = await serve()
    await failure(sendmail(server.url, 'me@x.example', 'a@y.example', message, asBinary), SMTPMessageError)
    await failure(sendmail(server.url, 'me@x.example', 'a@y.example', binary, asBinary), SMTPNotSupportedError)
    expect(server.transactions).toEqual([])
  })
})

describe('bad input', () => {
  const bad: readonly (readonly [string, string, unknown, string])[] = [
    ['a recipient with CRLF', 'me@x.example', 'a@y.example>\r\nRCPT TO:<b@y.example', message],
    ['a quoted local part with CRLF', 'me@x.example', '"a\r\nb"@y.example', message],
    ['a recipient with NUL', 'me@x.example', 'a\0@y.example', message],
    ['a header for a recipient', 'me@x.example', 'A <a@y.example>', message],
    ['two recipients in one text', 'me@x.example', 'a@y.example, b@y.example', message],
    ['an empty recipient', 'me@x.example', '', message],
    ['a sender with a parameter in it', 'me@x.example> SIZE=1 X=<', 'a@y.example', message],
    ['no recipient', 'me@x.example', [], message],
  ]
  it.each(bad)('is refused before a connection is opened: %s (T-01, T-02)', async (_what, from, to, text) => {
    const server = await serve()
    await failure(sendmail(server.url, from, to as string, text), SMTPEnvelopeError)
    expect(server.connections.total).toBe(0)
  })

  it('is refused before MAIL when only the server can tell', async () => {
    const server = await serve({ extensions: { SMTPUTF8: false, '8BITMIME': false, SIZE: 20, DSN: false } })
    await failure(sendmail(server.url, 'jörg@x.example', 'a@y.example', 'x'), SMTPNotSupportedError)
    await failure(sendmail(server.url, 'me@x.example', 'a@y.example', 'Subject: x\n\nü'), SMTPNotSupportedError)
    const large = await failure(sendmail(server.url, 'me@x.example', 'a@y.example', message), SMTPMessageError)
    expect(large.report).toMatchObject({ outcome: 'unsent', recipients: [{ address: 'a@y.example' }] })
    await failure(
      sendmail(server.url, 'me@x.example', 'a@y.example', 'x', { parameters: { envid: 'x' } }),
      SMTPNotSupportedError,
    )
    await failure(
      sendmail(server.url, 'me@x.example', 'a@y.example', 'x', { parameters: { extra: { 'A B': 'c' } } }),
      SMTPEnvelopeError,
    )
    expect(String(server.transcript)).not.toContain('MAIL')
  })
})

describe('a message source', () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('Subject: x\r\n\r\n')
    throw new Error('disk on fire')
  }

  it.each([
    ['fails', broken(), 'ESTREAM'],
    ['is shorter than it promised', { stream: () => [Buffer.from('abc')], size: 4 }, 'EMESSAGE'],
    ['is longer than it promised', { stream: () => [Buffer.from('abcde')], size: 4 }, 'EMESSAGE'],
    ['gives no octets', ['text'] as unknown as Uint8Array[], 'ESTREAM'],
  ])('that %s: the terminator is never written, and nothing was sent (T-46)', async (_what, source, code) => {
    const server = await serve()
    const error = await failure(sendmail(server.url, 'me@x.example', 'a@y.example', source), SMTPMessageError)
    expect(error).toMatchObject({ code, mayHaveBeenDelivered: false })
    expect(error.report).toMatchObject({ outcome: 'unsent' })
    await expect.poll(() => server.connections.open).toBe(0)
    expect(server.transactions).toMatchObject([{ sawTerminator: false }])
    expect(server.mailbox.length).toBe(0)
  })

  it('with octets above 127 is cut off where the server does not take them (T-43)', async () => {
    const server = await serve({ extensions: { '8BITMIME': false } })
    const error = await failure(
      sendmail(server.url, 'me@x.example', 'a@y.example', [Buffer.from('ü')]),
      SMTPMessageError,
    )
    expect(error.report).toMatchObject({ outcome: 'unsent' })
    expect(server.transactions).toMatchObject([{ sawTerminator: false }])
  })
})

describe('TLS', () => {
  it('comes with STARTTLS, and EHLO is said again inside', async () => {
    const server = await serve({ tls: 'starttls', auth: { users } })
    const report = await sendmail(at(server, { auth }), 'me@x.example', 'a@y.example', message)
    expect(report.tls).toMatchObject({ version: 'TLSv1.3', authorized: true })
    expect(server.mailbox.at(0)?.session).toMatchObject({ secure: true, user: 'tim' })
    expect(String(server.transcript).match(/C: EHLO/g)).toHaveLength(2)
  })

  it('comes from the first octet', async () => {
    const server = await serve({ tls: 'implicit' })
    const report = await sendmail(at(server, { tls: 'implicit' }), 'me@x.example', 'a@y.example', message)
    expect(report.tls?.authorized).toBe(true)
    expect(server.mailbox.at(0)?.session.secure).toBe(true)
  })

  it('is taken where it is offered and nobody asked, verified or not', async () => {
    const server = await serve({ tls: 'starttls' })
    const report = await sendmail(server.url, 'me@x.example', 'a@y.example', message)
    expect(report.tls).toMatchObject({ authorized: false })
  })

  it('that fails in opportunistic mode is followed by plain text on a new connection, and only there', async () => {
    const server = await serve({ tls: 'starttls', tlsOptions: { maxVersion: 'TLSv1.2' } })
    const options = { tlsOptions: { minVersion: 'TLSv1.3' as const } }
    const report = await sendmail(at(server, options), 'me@x.example', 'a@y.example', message)
    expect(report.tls).toBeUndefined()
    expect(server.connections.total).toBe(2)
    await failure(
      sendmail(at(server, { ...options, tls: 'starttls' }), 'me@x.example', 'a@y.example', message),
      SMTPTlsError,
    )
    expect(server.mailbox.length).toBe(1)
  })

  it('that is refused in opportunistic mode is done without', async () => {
    const server = await serve({ tls: 'starttls' })
    server.refuse({ phase: 'starttls', reply: '454 4.7.0 not now' })
    const report = await sendmail(server.url, 'me@x.example', 'a@y.example', message)
    expect(report).toMatchObject({ outcome: 'accepted', tls: undefined })
  })

  it('needs a certificate for the name that was typed', async () => {
    const server = await serve({ tls: 'starttls' })
    const unknown = await failure(
      sendmail({ host: server.host, port: server.port, tls: 'starttls' }, '', 'a@y.example', message),
      SMTPTlsError,
    )
    expect(unknown).toMatchObject({ code: 'ETLS', command: 'STARTTLS' })
    expect(unknown.report).toMatchObject({ outcome: 'unsent' })
    await failure(
      sendmail(at(server, { tls: 'starttls', serverName: 'other.example' }), '', 'a@y.example', message),
      SMTPTlsError,
    )
    expect(server.mailbox.length).toBe(0)
  })

  it('that is stripped ends the session before credentials, with nothing but QUIT (T-13, P69)', async () => {
    const server = await serve({ tls: 'none', auth: { users } })
    const error = await failure(
      sendmail(at(server, { auth }), 'me@x.example', 'a@y.example', message),
      SMTPNotSupportedError,
    )
    expect(error).toMatchObject({
      message: 'STARTTLS extension not supported by server.',
      code: 'ETLS',
      credentialsSent: false,
    })
    await expect.poll(() => server.connections.open).toBe(0)
    const commands = String(server.transcript).match(/C: .*/g) ?? []
    expect(commands.map(line => line.slice(3, 7))).toEqual(['EHLO', 'QUIT'])
  })

  it.each(['454 4.7.0 not now', '502 5.5.1 no'])(
    'that is refused with %s is not looped for and not done without (T-13)',
    async reply => {
      const server = await serve({ tls: 'starttls', auth: { users, insecure: true } })
      server.refuse({ phase: 'starttls', reply })
      const error = await failure(sendmail(at(server, { auth }), 'me@x.example', 'a@y.example', message), SMTPException)
      expect(error).toMatchObject({ code: 'ETLS', command: 'STARTTLS', responseCode: Number(reply.slice(0, 3)) })
      await expect.poll(() => server.connections.open).toBe(0)
      expect(String(server.transcript).match(/C: (?!EHLO)\w+/g)).toEqual(['C: STARTTLS', 'C: QUIT'])
    },
  )

  it('has no HELO to fall back to where it or AUTH is wanted (T-14)', async () => {
    const server = await serve({ tls: 'starttls', auth: { users } })
    server.refuse({ phase: 'ehlo', reply: '502 5.5.1 what?' })
    await failure(sendmail(at(server, { auth }), 'me@x.example', 'a@y.example', message), SMTPHeloError)
    expect(String(server.transcript)).not.toContain('HELO')
    expect((await sendmail(at(server, { tls: 'none' }), 'me@x.example', 'a@y.example', message)).outcome).toBe(
      'accepted',
    )
  })

  it('is forgotten with all that came before it: AUTH that is not offered inside is not used (T-14)', async () => {
    const server = await serve({ tls: 'starttls', auth: { users, insecure: true } })
    server.misbehave({ phase: 'ehlo', skip: 1, steps: [{ send: '250 localhost\r\n' }] })
    const error = await failure(
      sendmail(at(server, { auth }), 'me@x.example', 'a@y.example', message),
      SMTPNotSupportedError,
    )
    expect(error.message).toBe('SMTP AUTH extension not supported by server.')
    expect(String(server.transcript)).not.toContain('AUTH PLAIN *')
  })

  it('injected replies are not believed (T-11)', async () => {
    const server = await serve({ tls: 'starttls', auth: { users } })
    server.misbehave({ phase: 'starttls', steps: [{ send: '220 go\r\n250-localhost\r\n250 AUTH PLAIN\r\n' }] })
    const error = await failure(sendmail(at(server, { auth }), 'me@x.example', 'a@y.example', message), SMTPTlsError)
    expect(error).toMatchObject({
      code: 'EINJECTION',
      credentialsSent: false,
      mayHaveBeenDelivered: false,
      retry: 'never',
    })
    expect(String(server.transcript)).not.toMatch(/C: AUTH/)
  })

  it('in the wrong mode is told by name', async () => {
    const plainServer = await serve()
    const wantsPlain = await failure(
      sendmail(at(plainServer, { tls: 'implicit' }), '', 'a@y.example', message),
      SMTPTlsError,
    )
    expect(wantsPlain).toMatchObject({ code: 'ETLSMODE', expected: 'starttls', retry: 'never' })
    expect(wantsPlain.message).toContain("tls: 'starttls'")
    const server = await serve({ tls: 'implicit' })
    const silent = await failure(
      sendmail(at(server, { tls: 'none', timeout: 300 }), '', 'a@y.example', message),
      SMTPServerDisconnected,
    )
    expect(silent).toMatchObject({ code: 'ETIMEDOUT', phase: 'greeting' })
    expect(silent.message).toContain("tls: 'implicit'")
  })
})

describe('AUTH', () => {
  it.each(['PLAIN', 'LOGIN', 'CRAM-MD5'] as const)('%s logs in', async mechanism => {
    const server = await serve({ tls: 'starttls', auth: { users, mechanisms: [mechanism] } })
    await sendmail(at(server, { auth }), 'me@x.example', 'a@y.example', message)
    expect(server.mailbox.at(0)?.session).toMatchObject({ user: 'tim', mechanism })
  })

  it('sends no credentials over a line in clear unless it is told to (T-21)', async () => {
    const server = await serve({ auth: { users } })
    const error = await failure(
      sendmail(at(server, { auth, tls: 'none' }), 'me@x.example', 'a@y.example', message),
      SMTPNotSupportedError,
    )
    expect(error).toMatchObject({ code: 'EAUTH', credentialsSent: false })
    expect(String(server.transcript)).not.toMatch(/C: AUTH/)
    await sendmail(at(server, { auth, tls: 'none', allowInsecureAuth: true }), 'me@x.example', 'a@y.example', message)
    expect(server.mailbox.at(0)?.session.user).toBe('tim')
  })

  it('sends no credentials to a server whose certificate was not verified, unless that is what it was told (T-16, T-21)', async () => {
    const server = await serve({ tls: 'starttls', auth: { users } })
    const unknown = { host: server.host, port: server.port, auth, tls: 'opportunistic' } as const
    await failure(sendmail(unknown, 'me@x.example', 'a@y.example', message), SMTPTlsError)
    expect(server.connections.total).toBe(1)
    expect(String(server.transcript)).not.toMatch(/C: AUTH/)
    const trusting = { host: server.host, port: server.port, auth, tlsOptions: { rejectUnauthorized: false } }
    expect((await sendmail(trusting, 'me@x.example', 'a@y.example', message)).tls?.authorized).toBe(false)
  })

  it('sends credentials over a Unix socket, which nobody listens to', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'postrider-'))
    open.push({ close: () => rm(folder, { recursive: true }) })
    const server = await serve({ path: join(folder, 's'), auth: { users } })
    const report = await sendmail({ path: join(folder, 's'), auth }, 'me@x.example', 'a@y.example', message)
    expect(report.remote).toEqual({ path: join(folder, 's') })
    expect(server.mailbox.at(0)?.session.user).toBe('tim')
  })

  it("that is refused is told with the server's words, and no weaker mechanism is tried (T-22)", async () => {
    const server = await serve({ tls: 'starttls', auth: { users } })
    const wrong = { username: 'tim', password: 'wrong' }
    const error = await failure(
      sendmail(at(server, { auth: wrong }), 'me@x.example', 'a@y.example', message),
      SMTPAuthenticationError,
    )
    expect(error).toMatchObject({
      code: 'EAUTH',
      command: 'AUTH CRAM-MD5',
      smtp_code: 535,
      credentialsSent: true,
      retry: 'never',
    })
    expect(String(server.transcript).match(/C: AUTH/g)).toHaveLength(1)
  })

  it('goes on to the next mechanism only where the server turns out not to know the first (504)', async () => {
    const server = await serve({ tls: 'starttls', auth: { users } })
    server.refuse({ phase: 'auth', command: /CRAM/, reply: '504 5.5.4 not here' })
    await sendmail(at(server, { auth }), 'me@x.example', 'a@y.example', message)
    expect(server.mailbox.at(0)?.session.mechanism).toBe('PLAIN')
    server.refuse({ phase: 'auth', reply: '504 5.5.4 not here' })
    const error = await failure(
      sendmail(at(server, { auth }), 'me@x.example', 'a@y.example', message),
      SMTPAuthenticationError,
    )
    expect(error.smtp_code).toBe(504)
  })

  it("takes a mechanism of the caller's own, made for each connection", async () => {
    const server = await serve({ tls: 'starttls', auth: { users } })
    await sendmail(at(server, { auth: () => plain(auth) }), 'me@x.example', 'a@y.example', message)
    expect(server.mailbox.at(0)?.session.mechanism).toBe('PLAIN')
    const inClear = sendmail(
      at(server, { tls: 'none', auth: () => plain(auth) }),
      'me@x.example',
      'a@y.example',
      message,
    )
    await failure(inClear, SMTPNotSupportedError)
    const open = await serve({ auth: { users } })
    expect(
      await failure(
        sendmail(at(open, { tls: 'none', auth: () => plain(auth) }), '', 'a@y.example', message),
        SMTPException,
      ),
    ).toMatchObject({
      code: 'EAUTH',
      credentialsSent: false,
    })
    expect(String(open.transcript)).not.toContain('C: AUTH')
  })

  it('may be followed by another EHLO', async () => {
    const server = await serve({ tls: 'starttls', auth: { users } })
    await sendmail(at(server, { auth, helloAfterAuth: true }), 'me@x.example', 'a@y.example', message)
    expect(String(server.transcript).match(/C: EHLO/g)).toHaveLength(3)
  })
})

describe('a connection that cannot be made', () => {
  it('is refused in the greeting (P11)', async () => {
    const server = await serve()
    server.refuse({ phase: 'connect', reply: '554 5.7.1 go away' })
    const error = await failure(sendmail(server.url, '', 'a@y.example', message), SMTPConnectError)
    expect(error).toMatchObject({ smtp_code: 554, code: 'ECONNECTION', command: 'CONN', retry: 'never' })
    expect(error.report).toMatchObject({
      outcome: 'rejected',
      response: '554 5.7.1 go away',
      rejected: ['a@y.example'],
    })
    expect(error.report?.refused.get('a@y.example')?.[0]).toBe(554)
    server.refuse({ phase: 'connect', reply: '421 4.3.2 busy' })
    expect(await failure(sendmail(server.url, '', 'a@y.example', message), SMTPConnectError)).toMatchObject({
      smtp_code: 421,
      retry: 'later',
    })
  })

  it('is refused by the host, or there is no such host', async () => {
    const server = await serve()
    const { url } = server
    await server.close()
    const error = await failure(sendmail(url, '', 'a@y.example', message), SMTPConnectError)
    expect(error).toMatchObject({ code: 'ECONNECTION', smtp_code: -1 })
    expect(error.report).toMatchObject({ outcome: 'unsent', remote: { host: '127.0.0.1' } })
    const lookup = ((_host: string, _options: unknown, done: (error: Error) => void) =>
      done(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND', syscall: 'getaddrinfo' }))) as never
    expect(
      await failure(sendmail({ host: 'nowhere.example', lookup }, '', 'a@y.example', message), SMTPConnectError),
    ).toMatchObject({ code: 'EDNS' })
  })

  it('closes before the greeting (P11)', async () => {
    const sockets: Socket[] = []
    const tcp = createTcpServer(socket => sockets.push(socket.on('error', () => {})) && socket.end())
    await new Promise<void>(resolve => tcp.listen(0, '127.0.0.1', resolve))
    open.push({ close: () => new Promise(resolve => tcp.close(() => resolve())) })
    const address = tcp.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    await failure(sendmail({ host: '127.0.0.1', port }, '', 'a@y.example', message), SMTPServerDisconnected)
  })
})

describe('LMTP', () => {
  it("tells each recipient's verdict (RFC 2033 4.2, P73)", async () => {
    const server = await serve({ protocol: 'lmtp' })
    server.refuse({ phase: 'endOfData', recipient: 'b@y.example', reply: '552 5.2.2 full' })
    const report = await sendmail(server.url, '', ['a@y.example', 'b@y.example', 'c@y.example'], message)
    expect(report).toMatchObject({
      outcome: 'partial',
      accepted: ['a@y.example', 'c@y.example'],
      rejected: ['b@y.example'],
    })
    expect([...report.refused.keys()]).toEqual(['b@y.example'])
    expect(String(server.transcript)).toContain('C: LHLO')
  })

  it('throws when every verdict is a refusal', async () => {
    const server = await serve({ protocol: 'lmtp' })
    server.refuse({ phase: 'endOfData', reply: '552 5.2.2 full' })
    const error = await failure(
      sendmail(server.url, '', ['a@y.example', 'b@y.example'], message),
      SMTPRecipientsRefused,
    )
    expect([...error.recipients.keys()]).toEqual(['a@y.example', 'b@y.example'])
    expect(error).toMatchObject({ command: 'DATA', phase: 'endOfData' })
  })

  it('says who is unknown when the connection breaks between two verdicts', async () => {
    const server = await serve({ protocol: 'lmtp' })
    server.refuse({ phase: 'endOfData', recipient: 'b@y.example', hangUp: 'reset' })
    const error = await failure(
      sendmail(server.url, '', ['a@y.example', 'b@y.example'], message),
      SMTPServerDisconnected,
    )
    expect(error.report?.recipients.map(({ outcome }) => outcome)).toEqual(['accepted', 'unknown'])
    expect(error).toMatchObject({ mayHaveBeenDelivered: true, retry: 'caller' })
  })

  it('speaks over a Unix socket', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'postrider-'))
    open.push({ close: () => rm(folder, { recursive: true }) })
    const server = await serve({ protocol: 'lmtp', path: join(folder, 'lmtp.sock') })
    await sendmail(`lmtp+unix://${folder}/lmtp.sock`, '', 'a@y.example', message)
    expect(server.mailbox.length).toBe(1)
  })
})

describe('send_message', () => {
  const letter =
    'From: Me <me@x.example>\r\nTo: a@y.example\r\nBcc: b@y.example\r\nMessage-ID: <1@x.example>\r\n\r\nhello\r\n'

  it('finds the envelope in the header and takes Bcc out (P58, P59, P60)', async () => {
    const server = await serve()
    const report = await sendMessage(server.url, letter)
    expect(report).toMatchObject({ messageId: '<1@x.example>', accepted: ['a@y.example', 'b@y.example'] })
    expect(server.mailbox.at(0)?.text).toBe(letter.replace('Bcc: b@y.example\r\n', ''))
    expect(server.mailbox.at(0)?.envelope).toMatchObject({ from: 'me@x.example', to: ['a@y.example', 'b@y.example'] })
  })

  it('streams', async () => {
    const server = await serve()
    await sendMessage(server.url, Readable.from([Buffer.from(letter), Buffer.from('more\r\n')]))
    expect(server.mailbox.at(0)?.text).toBe(`${letter.replace('Bcc: b@y.example\r\n', '')}more\r\n`)
  })

  it('opens no connection for a header that cannot be read, and closes the source', async () => {
    const server = await serve()
    await failure(sendMessage(server.url, 'To: a@y.example\r\n\r\nhello'), SMTPMessageError)
    await failure(sendMessage(server.url, 'From: me@x.example\r\n\r\nhello'), SMTPEnvelopeError)
    expect(server.connections.total).toBe(0)
  })

  it('closes the source when the connection cannot be made', async () => {
    const server = await serve()
    server.refuse({ phase: 'connect', reply: '554 5.7.1 go away' })
    let closed = false
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        yield Buffer.from(letter)
        yield Buffer.from('more')
      } finally {
        closed = true
      }
    }
    await failure(sendMessage(server.url, source()), SMTPConnectError)
    await expect.poll(() => closed).toBe(true)
  })
})

describe('patience', () => {
  it('that is over before anything is done opens nothing', async () => {
    const server = await serve()
    const error = await failure(
      sendmail(server.url, '', 'a@y.example', message, { signal: AbortSignal.abort('no') }),
      SMTPException,
    )
    expect(error).toMatchObject({ code: 'EABORT', mayHaveBeenDelivered: false })
    expect(server.connections.total).toBe(0)
  })

  it.each(['connect', 'ehlo', 'mail', 'data'] as const)('ends in %s: nothing was sent', async phase => {
    const server = await serve()
    server.misbehave({ phase, steps: [{ stall: true }] })
    const { signal, ...controller } = abortable()
    const sending = failure(sendmail(server.url, '', 'a@y.example', message, { signal }), SMTPException)
    await expect.poll(() => server.connections.open).toBe(1)
    setTimeout(() => controller.abort(), 20)
    const error = await sending
    expect(error).toMatchObject({ code: 'EABORT', mayHaveBeenDelivered: false, retry: 'now' })
    expect(error.report).toMatchObject({ outcome: 'unsent' })
    await expect.poll(() => server.connections.open).toBe(0)
  })

  it('ends behind the terminator: the outcome is unknown (rule R15)', async () => {
    const server = await serve()
    server.misbehave({ phase: 'endOfData', steps: [{ stall: true }] })
    const error = await failure(
      sendmail(server.url, '', 'a@y.example', message, { deadline: 200 }),
      SMTPServerDisconnected,
    )
    expect(error).toMatchObject({
      code: 'ETIMEDOUT',
      message: 'not done within 200 ms',
      mayHaveBeenDelivered: true,
      retry: 'caller',
    })
  })

  it('ends while a source keeps its header back, and the source is closed', async () => {
    const server = await serve()
    let closed = false
    const source: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return: async () => {
          closed = true
          return { done: true, value: undefined }
        },
      }),
    }
    const error = await failure(sendMessage(server.url, source, { deadline: 50 }), SMTPServerDisconnected)
    expect(error).toMatchObject({ code: 'ETIMEDOUT', mayHaveBeenDelivered: false })
    expect(closed).toBe(true)
    expect(server.connections.total).toBe(0)
  })

  it('is a number above 0', async () => {
    await expect(sendmail('smtp://localhost', '', 'a@y.example', message, { deadline: 0 })).rejects.toThrow(RangeError)
  })

  it('is asked before the terminator: what beforeCommit refuses is not sent', async () => {
    const server = await serve()
    const asked: unknown[] = []
    const beforeCommit = (commit: unknown) => {
      asked.push(commit)
      throw new Error('the queue is full')
    }
    const text = 'From: me@x.example\r\nTo: a@y.example\r\nMessage-ID: <1@x.example>\r\n\r\nx'
    const error = await failure(sendMessage(server.url, text, { beforeCommit }), SMTPException)
    expect(error).toMatchObject({ code: 'EABORT', mayHaveBeenDelivered: false })
    expect(error.message).toContain('the queue is full')
    expect(asked).toEqual([{ messageId: '<1@x.example>', recipients: ['a@y.example'] }])
    expect(server.transactions).toMatchObject([{ sawTerminator: false }])
  })
})

function abortable(): { readonly signal: AbortSignal; abort(): void } {
  const controller = new AbortController()
  return { signal: controller.signal, abort: () => controller.abort(new Error('enough')) }
}
