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

describe('parseMailbox counts octets, not characters (RFC 6531 3.1)', () => {
  const utf8 = true
  it.each([
    ['\u00e9', 31],
    ['\u4f8b', 21],
    ['\u{20000}', 15],
  ])('in a label of %s: %d of them are within 63', (character, count) => {
    const address = (length: number) => `a@${character.repeat(length)}`
    expect(parseMailbox(address(count), { utf8 }).domain).toBe(character.repeat(count))
    expect(() => parseMailbox(address(count + 1), { utf8 })).toThrow('label longer than 63 octets')
  })

  it.each([
    ['a', 64],
    ['\u00e9', 32],
    ['\u07ff', 32],
    ['\u0800', 21],
    ['\ud7ff', 21],
    ['\ue000', 21],
    ['\uf8ff', 21],
    ['\u{10000}', 16],
    ['\u{103ff}', 16],
    ['\u{10fffd}', 16],
  ])('in a local part of %j: %d of them are within 64', (character, count) => {
    const address = (length: number) => `${character.repeat(length)}@b`
    expect(parseMailbox(address(count), { utf8 }).localPart).toBe(character.repeat(count))
    expect(() => parseMailbox(address(count + 1), { utf8 })).toThrow('local part longer than 64 octets')
  })

  it('and refuses a label that is not in Unicode form NFC (RFC 5890 2.3.2.1)', () => {
    expect(() => parseMailbox('a@e\u0301.b', { utf8 })).toThrow('label is not in Unicode form NFC (at 2)')
    expect(parseMailbox('a@b.\u00e9c', { utf8 }).domain).toBe('b.\u00e9c')
    expect(() => parseMailbox('a@\u00e9\x7f', { utf8 })).toThrow('something follows the domain (at 3)')
  })
})

describe('validateDomain and literals', () => {
  it.each([
    ['[:a]', 'not an IPv4 address (at 1)'],
    ['[a+b:c]', 'not an address literal (at 1)'],
    ['[+:c]', 'not an address literal (at 1)'],
    ['[IPv6:1.2.3.4]', 'not an IPv6 address (at 6)'],
    ['[IPv6:1:2:3:4:5:6:1.2.3]', 'not an IPv6 address (at 6)'],
    ['[IPv6:1:2:3:4:5:6:1.2.3.256]', 'not an IPv6 address (at 6)'],
    ['[IPv6::1.2.3.4]', 'not an IPv6 address (at 6)'],
    ['[IPv6:1:2:3::4:5:6:7]', 'not an IPv6 address (at 6)'],
    ['[IPv6:1:2::3:4:5:1.2.3.4]', 'not an IPv6 address (at 6)'],
  ])('%s is refused: %s (RFC 5321 4.1.3)', (name, why) => {
    expect(() => validateDomain(name)).toThrow(why)
  })

  it('takes the longest address there is', () => {
    const longest = '[IPv6:aaaa:bbbb:cccc:dddd:eeee:ffff:255.255.255.255]'
    expect(validateDomain(longest)).toBe(longest)
  })
})
