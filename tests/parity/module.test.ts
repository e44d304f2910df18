// What no scenario can tell: the names of the module, and rows of smtplib's behaviour that are about our own end.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import * as mailer from '@postrider/mailer'
import { SMTP } from '@postrider/mailer'
import { createServer } from '@postrider/testkit'
import { describe, expect, it } from 'vitest'
import { findPythons } from './python.js'
import { goneSince } from './versions.js'

/** Names of the module that are its own, and all names of an object, without Python's. */
const listNames = `
import json, smtplib, types
own = lambda name, value: not name.startswith('__') and not isinstance(value, types.ModuleType) and getattr(value, '__module__', 'smtplib') == 'smtplib'
client = smtplib.SMTP_SSL()
client.user = client.password = ''
print(json.dumps({
    'module': [name for name, value in vars(smtplib).items() if own(name, value)],
    'object': [name for name in dir(client) if not name.startswith('__')],
}))`

/** Named in "Coming from smtplib", with the reason. */
const leftOut: ReadonlySet<string> = new Set([
  '_addr_only',
  '_auth_challenge_count',
  '_fix_eols',
  '_get_socket',
  '_have_cram_md5_support',
  '_have_ssl',
  '_host',
  '_print_debug',
  '_quote_periods',
  '_rset',
  'context',
])

const [python] = findPythons()

describe('the module', () => {
  it("has smtplib's constants, LMTP's port as smtplib has it (P1)", () => {
    expect([mailer.SMTP_PORT, mailer.SMTP_SSL_PORT, mailer.LMTP_PORT, mailer.CRLF]).toEqual([25, 465, 2003, '\r\n'])
    expect(Buffer.from(mailer.bCRLF).toString()).toBe('\r\n')
    expect([mailer._MAXLINE, mailer._MAXCHALLENGE]).toEqual([8192, 5])
    expect(mailer.OLDSTYLE_AUTH.exec('AUTH=PLAIN LOGIN')?.[1]).toBe('PLAIN LOGIN')
    expect(mailer.OLDSTYLE_AUTH.exec('x auth=PLAIN')).toBeNull()
  })

  it('has every public name that smtplib has, and every attribute of its objects, but for those left out in words (P1, P2, P10)', () => {
    if (python === undefined) return
    const names: { readonly module: readonly string[]; readonly object: readonly string[] } = JSON.parse(
      execFileSync(python.command, ['-c', listNames], { encoding: 'utf8' }),
    )
    expect(names.module.length).toBeGreaterThan(20)
    expect(names.object.length).toBeGreaterThan(35)
    expect(names.module.filter(name => !(name in mailer) && !leftOut.has(name))).toEqual([])
    const page = readFileSync(new URL('../../apps/docs/coming-from-smtplib.md', import.meta.url), 'utf8')
    expect([...leftOut].filter(name => !page.includes(`\`${name}\``))).toEqual([])
    const smtp = new mailer.SMTP_SSL()
    const missing = names.object.filter(name => !(name in smtp) && !leftOut.has(name))
    expect(missing.filter(name => !goneSince(python).includes(name))).toEqual([])
  })

  it.each([
    'SMTPException',
    'SMTPNotSupportedError',
    'SMTPServerDisconnected',
    'SMTPResponseException',
    'SMTPSenderRefused',
    'SMTPRecipientsRefused',
    'SMTPDataError',
    'SMTPConnectError',
    'SMTPHeloError',
    'SMTPAuthenticationError',
    'quoteaddr',
    'quotedata',
    'SMTP',
    'SMTP_SSL',
    'LMTP',
  ])('exports %s (P2)', name => {
    expect(mailer).toHaveProperty(name, expect.any(Function))
  })
})

describe('our own end', () => {
  it('is named after the host where that is a domain, else by its address, once there is a connection (P12)', async () => {
    await using server = await createServer()
    const smtp = new SMTP()
    expect(smtp.local_hostname).toBeUndefined()
    await smtp.connect(server.host, server.port)
    await smtp.ehlo()
    expect([hostname(), '[127.0.0.1]', '[IPv6:::1]']).toContain(smtp.local_hostname)
    expect(String(server.transcript)).toContain(`C: EHLO ${smtp.local_hostname}`)
    await smtp.quit()
  })

  it('verifies the name that connect was given, when STARTTLS comes later (P25, L8)', async () => {
    await using server = await createServer({ tls: 'starttls' })
    const smtp = new SMTP({ tlsOptions: { ca: server.certificate?.cert ?? '' } })
    await smtp.connect('localhost', server.port)
    expect((await smtp.starttls())[0]).toBe(220)
    expect(smtp.session?.tls?.authorized).toBe(true)
    await smtp.quit()
  })

  it('asks for extensions in any case (P36)', async () => {
    await using server = await createServer()
    const smtp = await SMTP.open({ host: server.host, port: server.port })
    await smtp.ehlo()
    expect(['size', 'SIZE', 'SiZe'].map(name => smtp.has_extn(name))).toEqual([true, true, true])
    expect(smtp.has_extn('siz')).toBe(false)
    await smtp.quit()
  })

  it('sends any message to addresses outside ASCII, there is no kind that cannot (P62)', async () => {
    await using server = await createServer()
    const smtp = await SMTP.open({ host: server.host, port: server.port, compat: 'smtplib' })
    const text = 'From: a@x.example\r\nTo: \u00f6@y.example\r\n\r\nhi\r\n'
    expect((await smtp.send_message(text)).accepted).toEqual(['\u00f6@y.example'])
    expect((await smtp.send_message(Buffer.from(text))).accepted).toEqual(['\u00f6@y.example'])
    expect(server.mailbox.at(0)?.envelope.parameters).toMatchObject({ smtputf8: true })
    await smtp.quit()
  })

  it('knows CRAM-MD5 wherever it runs (P68)', async () => {
    const smtp = new SMTP()
    smtp.user = 'tim'
    smtp.password = 'tanstaaftanstaaf'
    const response = await smtp.auth_cram_md5(Buffer.from('<1896.697170952@postoffice.reston.mci.net>'))
    // RFC 2195 2.
    expect(Buffer.from(response ?? []).toString()).toBe('tim b913a602c7eda7a495b4e6e7334d3890')
  })
})
