import { inspect } from 'node:util'
import { Secret } from '@postrider/auth-sasl'
import { describe, expect, it } from 'vitest'
import { SMTPConfigurationError } from './error.js'
import { helloName } from './hello-name.js'
import { type ServerOptions, settle } from './option.js'

const auth = { username: 'me', password: 'secret' }

describe('the mode of TLS', () => {
  const chosen: readonly (readonly [ServerOptions, string, number | undefined])[] = [
    [{}, 'opportunistic', 25],
    [{ auth }, 'starttls', 587],
    [{ port: 25, auth }, 'starttls', 25],
    [{ port: 465 }, 'implicit', 465],
    [{ port: 587 }, 'starttls', 587],
    [{ port: 2525 }, 'opportunistic', 2525],
    [{ secure: true }, 'implicit', 465],
    [{ secure: false, port: 465 }, 'implicit', 465],
    [{ secure: true, port: 2465 }, 'implicit', 2465],
    [{ tls: 'none', auth }, 'none', 587],
    [{ tls: 'none' }, 'none', 25],
    [{ tls: 'starttls' }, 'starttls', 587],
    [{ protocol: 'lmtp' }, 'none', 2003],
    [{ protocol: 'lmtp', path: '/run/lmtp.sock' }, 'none', undefined],
    [{ path: '/run/smtp.sock', auth }, 'none', undefined],
  ]
  it.each(chosen)('%j is %s', (options, tls, port) => {
    const settings = settle(options)
    expect(settings.tls).toBe(tls)
    expect(settings.connect.port).toBe(port)
    expect(settings.connect.implicitTls).toBe(tls === 'implicit')
  })

  it('leaves a certificate unverified only where plain text would do as well', () => {
    expect(settle({}).connect.tls).toEqual({ rejectUnauthorized: false })
    expect(settle({ tlsOptions: { rejectUnauthorized: true } }).connect.tls).toEqual({ rejectUnauthorized: true })
    expect(settle({ auth, tls: 'opportunistic' }).connect.tls).toBeUndefined()
    expect(settle({ auth }).connect.tls).toBeUndefined()
  })
})

describe('a URL', () => {
  it('says host, port, credentials and TLS', () => {
    expect(settle('smtp://mail.example.org')).toMatchObject({
      tls: 'opportunistic',
      connect: { host: 'mail.example.org', port: 25 },
    })
    expect(settle('smtp://me:p%40ss@mail.example.org')).toMatchObject({ tls: 'starttls', connect: { port: 587 } })
    expect(settle('smtps://mail.example.org')).toMatchObject({ tls: 'implicit', connect: { port: 465 } })
    expect(settle('smtp://[::1]:2525')).toMatchObject({ connect: { host: '::1', port: 2525 } })
    expect(settle('lmtp://mail.example.org')).toMatchObject({ lmtp: true, connect: { port: 2003, protocol: 'lmtp' } })
    expect(settle('lmtp+unix:///run/lmtp.sock')).toMatchObject({
      lmtp: true,
      local: true,
      connect: { path: '/run/lmtp.sock' },
    })
    expect(settle('smtp://mail.example.org?tls=starttls&name=me.example.org')).toMatchObject({
      tls: 'starttls',
      name: 'me.example.org',
    })
    expect(settle(new URL('smtp://mail.example.org:26'))).toMatchObject({ connect: { port: 26 } })
  })

  it('decodes user and password, and hides the password', () => {
    const { auth: login } = settle('smtp://m%40e:p%3Ass@mail.example.org')
    expect(login).toMatchObject({ credentials: { username: 'm@e' } })
    const password =
      login !== undefined && 'credentials' in login && 'password' in login.credentials
        ? login.credentials.password
        : undefined
    expect(password).toBeInstanceOf(Secret)
    expect(password instanceof Secret && password.reveal()).toBe('p:ss')
    expect(inspect(login)).not.toContain('p:ss')
  })

  it('may stand among options, which count before it', () => {
    const settings = settle({ url: 'smtp://a.example:25', port: 26, name: 'me.example' })
    expect(settings).toMatchObject({ name: 'me.example', connect: { host: 'a.example', port: 26 } })
  })

  it.each([
    'mail.example.org',
    'http://me:hunter2@mail.example.org',
    'smtp://me:hunter2@',
    'smtp:///path',
    'smtp://me:hunter2@mail.example.org/path',
    'smtp://me:hunter2@mail.example.org?x=hunter2',
    'smtp://me:hunter2@mail.example.org?tls=hunter',
    'smtp://me:hunter2@mail.example.org#hunter2',
    'smtp://me:hunter2%zz@mail.example.org',
    'smtp://me:hunter2@mail.example.org:99999',
    'smtp://me:hunter2@mail.example.org:0',
    'smtp://me:hunter2@a b',
    'lmtp+unix://host/run/lmtp.sock',
    'lmtp+unix:run/lmtp.sock',
    'smtp://mail.example.org?name=a%0d%0ab',
  ])('%s is refused, and no password shown (T-28)', url => {
    let error: unknown
    try {
      settle(url)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(SMTPConfigurationError)
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hunter2')
  })
})

describe('options', () => {
  const refused: readonly (readonly [ServerOptions, RegExp])[] = [
    [{ host: '' }, /host/],
    [{ host: 'a\r\nb' }, /host/],
    [{ host: 'a b' }, /host/],
    [{ host: 'user@host' }, /host/],
    [{ port: 0 }, /port/],
    [{ port: 65_536 }, /port/],
    [{ port: 2.5 }, /port/],
    [{ path: 'relative.sock' }, /absolute/],
    [{ path: '/a\0b' }, /NUL/],
    [{ path: `/${'x'.repeat(107)}` }, /107 octets/],
    [{ path: '/a', host: 'b' }, /excludes/],
    [{ path: '/a', port: 25 }, /excludes/],
    [{ path: '/a', tls: 'implicit' }, /Unix socket/],
    [{ port: 465, tls: 'starttls' }, /port 465 speaks TLS from the first byte: use tls: 'implicit'/],
    [{ port: 465, tls: 'opportunistic' }, /use tls: 'implicit'/],
    [{ tls: 'maybe' as 'none' }, /tls is maybe/],
    [{ tls: 'none', secure: true }, /secure/],
    [{ protocol: 'http' as 'smtp' }, /protocol/],
    [{ name: 'a b' }, /name/],
    [{ name: 'a\r\nMAIL FROM:<>' }, /name/],
    [{ timeout: 0 }, /timeout/],
    [{ timeouts: { mail: -1 } }, /mail/],
    [{ auth: { username: 'a', password: 5 as unknown as string } }, /password/],
  ]
  it.each(refused)('%j are refused (T-03, T-20)', (options, why) => {
    expect(() => settle(options)).toThrow(SMTPConfigurationError)
    expect(() => settle(options)).toThrow(why)
  })

  it('hold a path up to the limit of a socket address', () => {
    expect(settle({ path: `/${'x'.repeat(106)}` }).local).toBe(true)
  })

  it('make `timeout` the limit of every phase but the answer to the message', () => {
    const { timeouts } = settle({ timeout: 1000, timeouts: { mail: 5 } }).connect
    expect(timeouts).toMatchObject({ connect: 1000, greeting: 1000, mail: 5, rcpt: 1000, data: 1000, dataBlock: 1000 })
    expect(timeouts).not.toHaveProperty('endOfData')
  })

  it('take user and pass for username and password', () => {
    expect(settle({ auth: { user: 'me', pass: 'x' } }).auth).toMatchObject({ credentials: { username: 'me' } })
  })

  it('are not polluted by keys of their own (T-10)', () => {
    const options = JSON.parse('{"host":"a.example","__proto__":{"allowInsecureAuth":true,"port":1}}')
    expect(settle(options)).toMatchObject({ allowInsecureAuth: false, connect: { port: 25 } })
    expect(settle({ url: 'smtp://b.example', ...options })).toMatchObject({ allowInsecureAuth: false })
  })
})

describe('our name in EHLO (RFC 5321 4.1.1.1, 4.1.3)', () => {
  it.each([
    ['host.example.org', '192.0.2.1', 'host.example.org'],
    ['host', '192.0.2.1', '[192.0.2.1]'],
    ['host', '2001:db8::1', '[IPv6:2001:db8::1]'],
    ['host', 'fe80::1%eth0', '[IPv6:fe80::1]'],
    ['host', '::ffff:192.0.2.1', '[192.0.2.1]'],
    ['host', '::1', '[IPv6:::1]'],
    ['my_host.example.org', '192.0.2.1', '[192.0.2.1]'],
    ['192.0.2.9', '192.0.2.1', '[192.0.2.1]'],
    ['host.example.org.', '192.0.2.1', '[192.0.2.1]'],
    ['host', 'nonsense', '[127.0.0.1]'],
    ['host', undefined, 'localhost'],
  ])('on %s at %s is %s', (host, address, name) => {
    expect(helloName(address, host)).toBe(name)
  })
})
