import { describe, expect, it } from 'vitest'
import { EncodeError, parseMailbox } from './index.js'

/**
 * The addresses that validators are asked about, by the categories of is_email: what a message header may hold (RFC 5322) is
 * not what an envelope may (RFC 5321 4.1.2), and here only the envelope counts.
 */
const label63 = 'a'.repeat(63)
const valid: readonly (readonly [string, ...string[]])[] = [
  [
    'ordinary',
    'test@iana.org',
    'test@nominet.org.uk',
    'test@about.museum',
    'a@iana.org',
    'test@e.com',
    'test.test@iana.org',
  ],
  ['a top-level domain alone', 'test@org', 'test@io'],
  ['all characters of atext', '!#$%&`*+/=?^`{|}~@iana.org', "o'neil@iana.org"],
  ['digits', '123@iana.org', 'test@123.com', 'test@iana.123', 'test@255.255.255.255', '1@2'],
  ['hyphens', 'test@mason-dixon.com', 'test@c--n.com', 'test@xn--hxajbheg2az3al.xn--jxalpdlp', '-@b'],
  ['64 octets of a local part', `${'a'.repeat(64)}@iana.org`],
  ['labels of 63 octets', `test@${label63}.com`, `test@${label63}.${label63}.com`],
  [
    'a quoted local part',
    '"test"@iana.org',
    '""@iana.org',
    '"\\a"@iana.org',
    '"\\""@iana.org',
    '"\\\\"@iana.org',
    '"test test"@iana.org',
    '"a@b"@iana.org',
    '"a..b"@iana.org',
    '".a"@iana.org',
  ],
  ['an IPv4 literal', 'test@[255.255.255.255]', 'test@[0.0.0.0]'],
  [
    'an IPv6 literal',
    'test@[IPv6:1111:2222:3333:4444:5555:6666:7777:8888]',
    'test@[IPv6:1111:2222:3333:4444:5555:6666::]',
    'test@[IPv6:1111:2222:3333:4444:5555:6666:255.255.255.255]',
    'test@[IPv6:1111:2222:3333:4444::255.255.255.255]',
    'test@[IPv6:::]',
    'test@[IPv6:::3333:4444:5555:6666:7777:8888]',
  ],
  [
    'a general literal, whose tag is any word',
    'test@[x-tag:anything]',
    'test@[1111:2222:3333:4444:5555:6666:7777:8888]',
  ],
]
const invalid: readonly (readonly [string, ...string[]])[] = [
  ['nothing, or no "@"', '', ' ', 'test', '@', 'test@', '@iana.org'],
  [
    'dots where no atom is',
    '.test@iana.org',
    'test.@iana.org',
    'test..iana@iana.org',
    '.@iana.org',
    'test@.iana.org',
    'test@iana..com',
    'test@iana.org.',
    '..@iana.org',
  ],
  [
    'characters outside atext',
    'test\\@test@iana.org',
    'te st@iana.org',
    'te(st@iana.org',
    'te,st@iana.org',
    'te:st@iana.org',
    'te;st@iana.org',
    'te[st@iana.org',
    'te<st@iana.org',
  ],
  ['a local part of 65 octets', `${'a'.repeat(65)}@iana.org`, `"${'a'.repeat(63)}"@iana.org`],
  ['a label of 64 octets', `test@${'a'.repeat(64)}.com`],
  ['a path of more than 256 octets', `a@${`${label63}.`.repeat(3)}${'a'.repeat(62)}`],
  ['hyphens at a border', 'test@-iana.org', 'test@iana-.com', 'test@a.-b.c', 'test@a.b-.c'],
  [
    'an underscore or another character in a domain',
    'test@ia_na.org',
    'test@iana/icann.org',
    'test@ian a.org',
    'test@iana!.org',
    'test@iana.org*',
  ],
  [
    'quotes that do not close, or not at the border',
    '"test@iana.org',
    'test"@iana.org',
    '"test"test@iana.org',
    'test"test"@iana.org',
    '"test"."test"@iana.org',
    '"test".test@iana.org',
    '"""@iana.org',
    '"\\"@iana.org',
    '"test\\"@iana.org',
    'test@"iana".org',
  ],
  [
    'a literal that is none',
    'test@[255.255.255]',
    'test@[255.255.255.255.255]',
    'test@[255.255.255.256]',
    'test@[IPv6:1111:2222:3333:4444:5555:6666:7777]',
    'test@[IPv6:1111:2222:3333:4444:5555:6666:7777:8888:9999]',
    'test@[IPv6:1111:2222:3333:4444:5555:6666:7777:888G]',
    'test@[IPv6:1111:2222:3333:4444:5555:6666:7777::]',
    'test@[IPv6:1111::4444:5555::8888]',
    'test@[IPv6:1111:2222:3333:4444:5555:255.255.255.255]',
    'test@[IPv6:1111:2222:3333:4444:5555:6666:7777:255.255.255.255]',
    'test@[IPv6:::::]',
    'test@[IPv6:]',
    'test@[RFC-5322-literal]',
    'test@[RFC 5322]',
    'test@[',
    'test@[]',
    'test@[1.2.3.4].org',
    'test@[1.2.3.4',
    'test@1.2.3.4]',
  ],
  [
    'comments (RFC 5322 alone)',
    '(comment)test@iana.org',
    'test(comment)@iana.org',
    'test@(comment)iana.org',
    'test@iana.org(comment)',
    '((comment)test@iana.org',
  ],
  [
    'white space and folding (RFC 5322 alone)',
    ' test@iana.org',
    'test@iana.org ',
    'test @iana.org',
    'test@ iana.org',
    'test .test@iana.org',
    'test@iana .com',
    '\r\n test@iana.org',
    'test@iana.org\r\n ',
    'test\r\n @iana.org',
    '"test\r\n "@iana.org',
  ],
  [
    'control characters',
    '\u0000@iana.org',
    'test\u0007@iana.org',
    '"\u0007"@iana.org',
    '"\\\u0007"@iana.org',
    '"\u007f"@iana.org',
    'test@iana.org\n',
    'test@iana.org\r',
    'test@\u0001.org',
    '"test\u0000"@iana.org',
    'test@[1.2.3.4\u0000]',
  ],
  [
    'display names and lists (RFC 5322 alone)',
    'Test <test@iana.org>',
    '<test@iana.org>',
    'test@iana.org, a@b',
    'group:test@iana.org;',
    'test@iana.org>',
    'mailto:test@iana.org@',
  ],
]

describe('an address of the envelope', () => {
  it.each(valid)('may be %s', (_category, ...addresses) => {
    for (const address of addresses)
      expect(parseMailbox(address).domain).toBe(address.slice(address.lastIndexOf('@') + 1))
  })

  it.each(invalid)('is not %s', (_category, ...addresses) => {
    for (const address of addresses) expect(() => parseMailbox(address), address).toThrow(EncodeError)
  })
})
