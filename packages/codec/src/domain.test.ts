import { describe, expect, it } from 'vitest'
import { EncodeError, parseMailbox, validateDomain } from './index.js'

describe('validateDomain takes', () => {
  it.each([
    'a',
    'example.org',
    'EXAMPLE.Org',
    'a-b.c--d.e',
    '3com.com',
    '1.2',
    'xn--bcher-kva.example',
    `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(63)}`,
    '[127.0.0.1]',
    '[255.255.255.255]',
    '[010.0.0.1]',
    '[IPv6:::]',
    '[IPv6:::1]',
    '[ipv6:2001:db8::1]',
    '[IPv6:1:2:3:4:5:6:7:8]',
    '[IPv6:1::2:3:4:5:6]',
    '[IPv6:::1:2:3:4:5:6]',
    '[IPv6:1:2:3:4:5:6::]',
    '[IPv6:1:2:3:4:5:6:127.0.0.1]',
    '[IPv6:::127.0.0.1]',
    '[IPv6:1::2:3:4:127.0.0.1]',
    '[IPv6:1:2:3:4::127.0.0.1]',
    '[x400:anything!]',
    '[a-1:@]',
  ])('%s (RFC 5321 4.1.2, 4.1.3)', name => {
    expect(validateDomain(name)).toBe(name)
  })
})

describe('validateDomain refuses', () => {
  it.each([
    '',
    '.',
    'a.',
    '.a',
    'a..b',
    '-a',
    'a-',
    'a.-b',
    'a-.b',
    'a_b',
    'a b',
    'a\r\n',
    'a\0',
    'a@b',
    '*.a',
    'a/b',
    'bücher.example',
    'a\u3002b',
    'a\u2028',
    '\ud800',
    'a'.repeat(64),
    `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(62)}.e`,
    '127.0.0.1]',
    '[127.0.0.1',
    '[127.0.0.1]x',
    '[127.0.0.1] x',
    '[127.0.0]',
    '[127.0.0.1.1]',
    '[127.0.0.256]',
    '[127.0.0.0001]',
    '[127..0.1]',
    '[127.0.0.-1]',
    '[]',
    '[:1]',
    '[IPv6:]',
    '[IPv6:1]',
    '[IPv6:1:2:3:4:5:6:7]',
    '[IPv6:1:2:3:4:5:6:7:8:9]',
    '[IPv6:1::2::3]',
    '[IPv6::::]',
    '[IPv6:1:2:3:4:5:6:7::]',
    '[IPv6:12345::]',
    '[IPv6:g::]',
    '[IPv6::1:2:3:4:5:6:7]',
    '[IPv6:1:2:3:4:5:6:7:127.0.0.1]',
    '[IPv6:1:2:3:4:5::127.0.0.1]',
    '[IPv6:127.0.0.1]',
    '[IPv6:::127.0.0.1:1]',
    '[IPv6:fe80::1%eth0]',
    '[::1]',
    '[a-:x]',
    '[a:]',
    '[a:b c]',
    '[a:[b]',
    '[a:b\\]',
    '[a:b\r\n]',
  ])('%j', name => {
    expect(() => validateDomain(name)).toThrow(EncodeError)
  })
})

describe('domains outside ASCII (RFC 6531 3.3)', () => {
  const domainOf = (domain: string) => parseMailbox(`a@${domain}`, { utf8: true }).domain

  it.each(['bücher.example', '例え.テスト', 'ไทย.example', 'اختبار.example', 'l·l.example'])('take %s', domain => {
    expect(domainOf(domain)).toBe(domain)
  })

  it.each([
    ['a full stop of another script (T-06)', 'a\u3002b'],
    ['another one', 'a\uff0eb'],
    ['and another', 'a\uff61b'],
    ['a space of another width', 'a\u00a0b'],
    ['a C1 control', 'a\u0085b'],
    ['a line separator', 'a\u2028b'],
    ['a zero width space', 'a\u200bb'],
    ['a bidirectional control', 'a\u202eb'],
    ['half of a surrogate pair', 'a\ud800'],
    ['a symbol', 'a\u{1f600}'],
    ['what is not in form NFC', 'bu\u0308cher'],
    ['a label longer than 63 octets', 'ü'.repeat(32)],
  ])('refuse %s', (_name, domain) => {
    expect(() => domainOf(domain)).toThrow(EncodeError)
  })

  it('need SMTPUTF8, and the error says so', () => {
    expect(() => parseMailbox('a@bücher.example')).toThrow(expect.objectContaining({ code: 'EUTF8' }))
  })
})
