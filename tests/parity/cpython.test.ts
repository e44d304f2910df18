// The intent of every test of CPython's own test_smtplib, under its name. Most are scenarios of the table, played here once more by that name; what no
// scenario can tell (time limits, addresses of our own end, Unix sockets, what is printed) is told below in full.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LMTP, SMTP, SMTPConfigurationError, SMTPConnectError, SMTPServerDisconnected } from '@postrider/mailer'
import { createServer } from '@postrider/testkit'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { compare } from './compare.js'
import { Oracle } from './oracle.js'
import { runOurs } from './ours.js'
import { listen } from './peer.js'
import { play } from './play.js'
import { findPythons, missing } from './python.js'
import { clientName } from './scenario.js'
import { scenarios } from './scenarios.js'

/** CPython's test, and the scenarios that have its intent. */
const intents: Readonly<Record<string, readonly string[]>> = {
  testQuoteData: ['quotedata (P8)'],
  testBasic1: ['connect returns the greeting (P16)'],
  testBasic2: ['connect takes host:port (P17)'],
  testLocalHostName: ['timeout is an attribute (P10)'],
  testBasic: ['quit forgets the server and closes (P20)'],
  testNOOP: ['noop, rset (P38)'],
  testRSET: ['noop, rset (P38)'],
  testELHO: ['ehlo (P34)'],
  testEHLO: ['ehlo (P34)', 'keywords in any case (P35)', 'odd lines (P35)'],
  testEXPNNotImplemented: ['expn (P38, P7)'],
  testEXPN: ['expn (P38, P7)'],
  test_issue43124_putcmd_escapes_newline: ['a line end in an argument is refused: LF (P29)'],
  test_issue43124_escape_options: ['a line end in an option (P29)'],
  testVRFY: ['vrfy and verify (P38)'],
  testSecondHELO: ['helo leaves what EHLO told alone (P33)', 'helo with a name (P33)'],
  testHELP: ['help returns the text alone (P38)'],
  testSend: ['sendmail (P45, P53)'],
  testSendBinary: ['sendmail of octets (P54)'],
  testSendNeedingDotQuote: ['sendmail with dots: size is counted before the doubling (P45)'],
  testSendNullSender: ['sendmail from nobody (P5)'],
  testSendMessage: ['send_message (P58, P59)'],
  testSendMessageWithAddresses: ['To, Bcc, Cc in this order (P59)'],
  testSendMessageWithSomeAddresses: ['from_addr given alone (P64)', 'to_addrs given alone (P64)'],
  testSendMessageWithSpecifiedAddresses: ['from_addr and to_addrs given (P60, P64)'],
  testSendMessageWithMultipleFrom: ['Sender before From (P58)'],
  testSendMessageResent: ['Resent- fields (P57)', 'Resent-Sender (P57)'],
  testSendMessageMultipleResentRaises: ['two blocks of Resent- fields (P57)'],
  testNotConnected: ['every command before connect says so (P22)'],
  testNonnumericPort: ['connect refuses a port that is no number (P17)'],
  testSockAttributeExists: ['attributes of a class that has not connected (P10)'],
  testSendMessageWithMailOptions: ['options (P64)'],
  testFailingHELO: ['connect returns a refusal and leaves the connection open (P16)'],
  testLineTooLong: ['a greeting of 8193 octets (P32)', 'a line of 8193 octets (P32)'],
  testAUTH_PLAIN: ['login by PLAIN (P67)'],
  testAUTH_LOGIN: ['login by LOGIN (P67)'],
  testAUTH_LOGIN_initial_response_ok: ['auth LOGIN (P65)'],
  testAUTH_LOGIN_initial_response_notok: ['auth LOGIN without the initial response (P65)'],
  testAUTH_BUGGY: [
    'a server that never stops asking: with the initial response (P65)',
    'a server that never stops asking: without the initial response (P65)',
  ],
  testAUTH_CRAM_MD5: ['login by CRAM-MD5 (P67)'],
  testAUTH_multiple: ['login tries what is left when one fails (P66)'],
  test_auth_function: [
    'auth PLAIN (P65)',
    'auth plain, the name in lower case (P65)',
    'auth LOGIN (P65)',
    'auth CRAM-MD5 (P65)',
  ],
  test_quit_resets_greeting: ['a new EHLO after quit and connect (P20)'],
  test_with_statement: ['with says QUIT (P21)', 'with a client that is closed (P21)'],
  test_with_statement_QUIT_failure: ['with an answer to QUIT that is not 221 (P21)'],
  test__rest_from_mail_cmd: ['the sender refused, and the server closes on RSET (P47)'],
  test_421_from_mail_cmd: ['the sender answered with 421 (P47)'],
  test_421_from_rcpt_cmd: [
    'the first recipient answered with 421 (P49)',
    'the second recipient answered with 421 (P49)',
  ],
  test_421_from_data_cmd: ['the message answered with 421 (P52)'],
  test_smtputf8_NotSupportedError_if_no_server_support: ['mail with SMTPUTF8 that is not offered (P40)'],
  test_send_unicode_without_SMTPUTF8: ['mail with characters outside ASCII and no SMTPUTF8 (P40)'],
  test_send_message_error_on_non_ascii_addrs_if_no_smtputf8: ['an address outside ASCII without SMTPUTF8 (P61)'],
  test_name_field_not_included_in_envelop_addresses: [
    'a recipient with a display name (P5)',
    'a display name that is encoded needs no SMTPUTF8 (P61)',
  ],
  test_test_server_supports_extensions: ['mail with SMTPUTF8 (P40)'],
  test_send_unicode_with_SMTPUTF8_via_sendmail: ['sendmail with SMTPUTF8 (P40)'],
  test_send_unicode_with_SMTPUTF8_via_low_level_API: ['mail with SMTPUTF8 (P40)'],
  test_send_message_uses_smtputf8_if_addrs_non_ascii: ['an address outside ASCII with SMTPUTF8 (P61)'],
  test_lowercase_mail_from_rcpt_to: ['mail (P39)', 'rcpt (P39)'],
  testAUTH_PLAIN_initial_response_login: ['login prefers PLAIN to LOGIN (P66)'],
  testAUTH_PLAIN_initial_response_auth: ['auth before EHLO (P65)'],
}

const [python] = findPythons()

describe.skipIf(python === undefined)(
  `test_smtplib, by name (${python === undefined ? missing : `Python ${python.version}`})`,
  () => {
    const oracle = python === undefined ? undefined : new Oracle(python)
    afterAll(() => oracle?.close())

    it.each(Object.entries(intents))('%s', async (_name, names) => {
      for (const name of names) {
        const scenario = scenarios.find(one => one.name === name)
        if (scenario === undefined) throw new Error(`there is no scenario "${name}"`)
        if (python === undefined || oracle === undefined) continue
        const theirs = await play(scenario, (host, port) => oracle.ask(scenario, host, port))
        const ours = await play(scenario, (host, port) => runOurs(scenario, host, port))
        compare(scenario, theirs, ours, python)
      }
    })
  },
)

describe.skipIf(python === undefined)('test_smtplib of this Python', () => {
  it('has no test whose intent is not here', () => {
    const theirs = readTests(python?.command ?? '')
    // Not every Python comes with its tests.
    if (theirs.length === 0) return
    expect(theirs.length).toBeGreaterThan(60)
    const ours = readFileSync(fileURLToPath(import.meta.url), 'utf8')
    expect(theirs.filter(name => !new RegExp(`\\b${name}\\b`).test(ours))).toEqual([])
  })
})

/** Names of CPython's own tests, where they are installed. */
function readTests(command: string): string[] {
  const code = 'import os, smtplib; print(os.path.join(os.path.dirname(smtplib.__file__), "test", "test_smtplib.py"))'
  const path = execFileSync(command, ['-c', code], { encoding: 'utf8' }).trim()
  return existsSync(path)
    ? Array.from(readFileSync(path, 'utf8').matchAll(/ def (test\w+)/g), ([, name = '']) => name)
    : []
}

describe('test_smtplib, by name, without scenarios', () => {
  it('testSourceAddress: the connection comes from the address that was asked for (P14)', async () => {
    await using server = await createServer()
    const smtp = new SMTP({ name: clientName, localAddress: '127.0.0.2' })
    expect(smtp.source_address).toEqual(['127.0.0.2', 0])
    await smtp.connect(server.host, server.port)
    expect(smtp.sock?.localAddress).toBe('127.0.0.2')
    smtp.close()
    await smtp.connect(server.host, server.port, ['127.0.0.3', 0])
    expect(smtp.source_address).toEqual(['127.0.0.3', 0])
    expect(smtp.sock?.localAddress).toBe('127.0.0.3')
    await smtp.quit()
  })

  it('testTimeoutDefault, testTimeoutNone, testTimeoutValue: unset, null and a number (P13)', async () => {
    expect(new SMTP().timeout).toBeUndefined()
    expect(new SMTP({ timeout: null }).timeout).toBeNull()
    expect(new SMTP({ timeout: 30_000 }).timeout).toBe(30_000)
    const peer = await listen({ noop: '!hang' })
    const patient = new SMTP({ timeout: null })
    await patient.connect('127.0.0.1', peer.port)
    const answer = patient.noop()
    patient.close()
    await expect(answer).rejects.toThrow('the caller gave up')
    const hasty = new SMTP({ timeout: 50 })
    await hasty.connect('127.0.0.1', peer.port)
    await expect(hasty.noop()).rejects.toThrow('Connection unexpectedly closed: timed out')
    await expect(hasty.noop()).rejects.toBeInstanceOf(SMTPServerDisconnected)
    peer.close()
  })

  it('testTimeoutZero: refused, in smtplib’s words, for SMTP and LMTP (P13)', async () => {
    const words = 'Non-blocking socket (timeout=0) is not supported'
    expect(() => new SMTP({ timeout: 0 })).toThrow(words)
    expect(() => new LMTP({ timeout: 0 })).toThrow(RangeError)
    const smtp = new SMTP()
    smtp.timeout = 0
    await expect(smtp.connect()).rejects.toThrow(words)
  })

  it('test_issue43124_escape_localhostname: a name with a line end goes nowhere (P29)', async () => {
    const peer = await listen({})
    const smtp = new SMTP({ name: 'hi\nX-INJECTED' })
    await expect(smtp.connect('127.0.0.1', peer.port)).rejects.toBeInstanceOf(SMTPConfigurationError)
    await smtp.connect('127.0.0.1', peer.port).catch(() => {})
    expect(await peer.heard()).toBe('')
    peer.close()
  })

  it('test_debuglevel, test_debuglevel_2: lines on standard error, with the time at level 2 (P74)', async () => {
    const peer = await listen({ ehlo: "250-it's\n250 AUTH PLAIN", auth: '235 ok' })
    const printed: string[] = []
    const stderr = vi.spyOn(process.stderr, 'write').mockImplementation(line => printed.push(String(line)) > 0)
    try {
      const smtp = new SMTP({ compat: 'smtplib', name: clientName, allowInsecureAuth: true })
      smtp.set_debuglevel(1)
      await smtp.connect('127.0.0.1', peer.port)
      await smtp.login('tim', 'secret')
      await smtp.sendmail('a@x.example', 'b@y.example', 'hi\r\n')
      smtp.set_debuglevel(2)
      await smtp.quit()
    } finally {
      stderr.mockRestore()
      peer.close()
    }
    const lines = printed.join('').trimEnd().split('\n')
    expect(lines.slice(0, 10)).toEqual([
      `connect: to ('127.0.0.1', ${peer.port}) None`,
      String.raw`reply: b'220 mail.example ESMTP\r\n'`,
      `reply: retcode (220); Msg: b'mail.example ESMTP'`,
      `connect: b'mail.example ESMTP'`,
      String.raw`send: 'ehlo client.example\r\n'`,
      String.raw`reply: b"250-it's\r\n"`,
      String.raw`reply: b'250 AUTH PLAIN\r\n'`,
      String.raw`reply: retcode (250); Msg: b"it's\nAUTH PLAIN"`,
      String.raw`send: 'AUTH PLAIN ***\r\n'`,
      String.raw`reply: b'235 ok\r\n'`,
    ])
    expect(lines).toContain(`data: (354, b'go on')`)
    expect(lines).toContain(`data: (250, b'2.0.0 queued')`)
    expect(lines.at(-3)).toMatch(/^\d\d:\d\d:\d\d\.\d{6} send: 'quit\\r\\n'$/)
  })

  it('testUnixDomainSocketTimeoutDefault: LMTP speaks over a Unix socket, and says where there is none (P71)', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'postrider-parity-')), 'lmtp.sock')
    const peer = await listen({}, { path })
    const lmtp = new LMTP({ compat: 'smtplib', name: clientName })
    expect((await lmtp.connect(path))[0]).toBe(220)
    expect((await lmtp.sendmail('a@x.example', 'b@y.example', 'hi\r\n')).accepted).toEqual(['b@y.example'])
    await lmtp.quit()
    expect(await peer.heard()).toMatch(/^lhlo client\.example\r\nmail from:<a@x\.example> size=4\r\n/)
    peer.close()
    await expect(lmtp.connect(`${path}.not`)).rejects.toBeInstanceOf(SMTPConnectError)
  })
})
