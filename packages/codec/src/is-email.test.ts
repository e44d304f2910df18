import { describe, expect, it } from 'vitest'
import { EncodeError, parseMailbox } from './index.js'

/**
 * The addresses of is_email's published tests (version 3.05), by their numbers there, with our verdict and why. is_email tells what a message header may hold
 * (RFC 5322) from what an envelope may (RFC 5321 4.1.2); here only the envelope counts, and no DNS is asked. So what it calls valid, valid for SMTP or
 * unknown to DNS is an address here, and nothing else is, but for number 66.
 */
const letters = 'abcdefghijklmnopqrstuvwxyz'
const label63 = `${letters}${letters}abcdefghikl`
const local64 = `${letters}${letters}abcdefghiklm`

type Case = readonly [number: number, address: string]

const addresses: readonly Case[] = [
  [5, 'test@io'],
  [8, 'test@iana.org'],
  [9, 'test@nominet.org.uk'],
  [10, 'test@about.museum'],
  [11, 'a@iana.org'],
  [12, 'test@e.com'],
  [13, 'test@iana.a'],
  [14, 'test.test@iana.org'],
  [19, '!#$%&`*+/=?^`{|}~@iana.org'],
  [21, '123@iana.org'],
  [22, 'test@123.com'],
  [23, 'test@iana.123'],
  [24, 'test@255.255.255.255'],
  [25, `${local64}@iana.org`],
  [27, `test@${label63}.com`],
  [29, 'test@mason-dixon.com'],
  [32, 'test@c--n.com'],
  [33, 'test@iana.co-uk'],
  [37, `a@${`${[...letters].join('.')}.`.repeat(5).slice(0, -9)}`],
  [38, `${local64}@${label63}.${label63}.${letters}${letters}abcdefghi`],
  [42, '"test"@iana.org'],
  [43, '""@iana.org'],
  [45, '"\\a"@iana.org'],
  [46, '"\\""@iana.org'],
  [48, '"\\\\"@iana.org'],
  [55, '"test\\ test"@iana.org'],
  [61, 'test@[255.255.255.255]'],
  // By the grammar `1111` is the tag of a literal (Standardized-tag, RFC 5321 4.1.3), one we do not know, as there are others.
  [66, 'test@[1111:2222:3333:4444:5555:6666:7777:8888]'],
  [68, 'test@[IPv6:1111:2222:3333:4444:5555:6666:7777:8888]'],
  [72, 'test@[IPv6:1111:2222:3333:4444:5555::8888]'],
  [75, 'test@[IPv6:::3333:4444:5555:6666:7777:8888]'],
  [77, 'test@[IPv6:::]'],
  [79, 'test@[IPv6:1111:2222:3333:4444:5555:6666:255.255.255.255]'],
  [81, 'test@[IPv6:1111:2222:3333:4444::255.255.255.255]'],
  [100, 'test@xn--hxajbheg2az3al.xn--jxalpdlp'],
  [101, 'xn--test@iana.org'],
  [166, 'test@org'],
  [167, 'test@test.com'],
  [168, 'test@nic.no'],
]

/** Refused, and what is said. */
const refused: Readonly<Record<string, readonly Case[]>> = {
  empty: [[1, '']],
  'no "@" follows the local part': [
    [2, 'test'],
    [18, 'test_exa-mple.com'],
    [44, '"""@iana.org'],
    [51, '"test"test@iana.org'],
    [53, '"test""test"@iana.org'],
    [54, '"test"."test"@iana.org'],
    [56, '"test".test@iana.org'],
  ],
  'character not allowed in a local part': [
    [3, '@'],
    [6, '@io'],
    [7, '@iana.org'],
    [20, 'test\\@test@iana.org'],
    [49, 'test"@iana.org'],
    [52, 'test"text"@iana.org'],
    [85, ' test @iana.org'],
    [87, 'test . test@iana.org'],
    [88, '\r\n test@iana.org'],
    [89, '\r\n \r\n test@iana.org'],
    [90, '(comment)test@iana.org'],
    [91, '((comment)test@iana.org'],
    [92, '(comment(comment))test@iana.org'],
    [94, 'test(comment)test@iana.org'],
    [96, `(comment)${local64}@iana.org`],
    [
      98,
      `(comment)test@${letters}${letters}abcdefghik.${letters}${letters}abcdefghik.${letters}${letters}abcdefghijk.${letters}abcdefghijk.abcdefghijklmnopqrstu`,
    ],
    [104, '(test@iana.org'],
    [108, '(comment\\)test@iana.org'],
    [122, '\x7f@iana.org'],
    [126, '(\x7f)test@iana.org'],
    [128, '\rtest@iana.org'],
    [130, '(\r)test@iana.org'],
    [132, '\ntest@iana.org'],
    [135, '(\n)test@iana.org'],
    [136, '\x07@iana.org'],
    [140, '(\x07)test@iana.org'],
    [141, '\r\ntest@iana.org'],
    [142, '\r\n \r\ntest@iana.org'],
    [143, ' \r\ntest@iana.org'],
    [144, ' \r\n test@iana.org'],
    [145, ' \r\n \r\ntest@iana.org'],
    [146, ' \r\n\r\ntest@iana.org'],
    [147, ' \r\n\r\n test@iana.org'],
    [157, ' test@iana.org'],
  ],
  'domain ends early': [
    [4, 'test@'],
    [35, 'test@iana.org.'],
  ],
  'local part starts with a dot': [[15, '.test@iana.org']],
  'local part ends with a dot': [
    [16, 'test.@iana.org'],
    [165, 'test.(comment)test@iana.org'],
  ],
  'two dots in a row': [[17, 'test..iana.org']],
  'local part longer than 64 octets': [
    [26, `${local64}n@iana.org`],
    [59, `"${letters} ${letters} abcdefghj"@iana.org`],
    [60, `"${letters} ${letters} abcdefg\\h"@iana.org`],
  ],
  'label longer than 63 octets': [[28, `test@${local64}.com`]],
  'label starts with a hyphen': [[30, 'test@-iana.org']],
  'label ends with a hyphen': [
    [31, 'test@iana-.com'],
    [102, 'test@iana.org-'],
  ],
  'character not allowed in a domain': [
    [34, 'test@.iana.org'],
    [36, 'test@iana..com'],
    [86, 'test@ iana .com'],
    [93, 'test@(comment)iana.org'],
    [95, 'test@(comment)[255.255.255.255]'],
    [97, `test@(comment)${label63}.com`],
    [105, 'test@(iana.org'],
    [123, 'test@\x7f.org'],
    [137, 'test@\x07.org'],
  ],
  'path longer than 256 octets': [
    [39, `${local64}@${label63}.${label63}.${letters}${letters}abcdefghij`],
    [40, `a@${label63}.${label63}.${label63}.${letters}${letters}abcdefg.hij`],
  ],
  'domain longer than 255 octets': [[41, `a@${label63}.${label63}.${label63}.${letters}${letters}abcdefg.hijk`]],
  'quoted local part is not closed': [
    [47, '"\\"@iana.org'],
    [50, '"test@iana.org'],
    [103, '"test@iana.org'],
    [107, '"test\\"@iana.org'],
  ],
  'control character': [
    [57, '"test\0"@iana.org'],
    [58, '"test\\\0"@iana.org'],
    [124, '"\x7f"@iana.org'],
    [125, '"\\\x7f"@iana.org'],
    [129, '"\rtest"@iana.org'],
    [133, '"\n"@iana.org'],
    [134, '"\\\n"@iana.org'],
    [138, '"\x07"@iana.org'],
    [139, '"\\\x07"@iana.org'],
  ],
  'something follows the domain': [
    [62, 'test@a[255.255.255.255]'],
    [99, 'test@iana.org\n'],
    [109, 'test@iana.org(comment\\)'],
    [110, 'test@iana.org(comment\\'],
    [127, 'test@iana.org\r'],
    [131, 'test@iana.org(\r)'],
    [148, 'test@iana.org\r\n '],
    [149, 'test@iana.org\r\n \r\n '],
    [150, 'test@iana.org\r\n'],
    [151, 'test@iana.org\r\n \r\n'],
    [152, 'test@iana.org \r\n'],
    [153, 'test@iana.org \r\n '],
    [154, 'test@iana.org \r\n \r\n'],
    [155, 'test@iana.org \r\n\r\n'],
    [156, 'test@iana.org \r\n\r\n '],
    [158, 'test@iana.org '],
    [161, 'test@iana/icann.org'],
  ],
  'not an IPv4 address': [
    [63, 'test@[255.255.255]'],
    [64, 'test@[255.255.255.255.255]'],
    [65, 'test@[255.255.255.256]'],
    [112, 'test@[RFC-5322-domain-literal]'],
    [113, 'test@[RFC-5322]-domain-literal]'],
    [121, 'test@[RFC-5322-domain-literal] (comment)'],
  ],
  'not an IPv6 address': [
    [67, 'test@[IPv6:1111:2222:3333:4444:5555:6666:7777]'],
    [69, 'test@[IPv6:1111:2222:3333:4444:5555:6666:7777:8888:9999]'],
    [70, 'test@[IPv6:1111:2222:3333:4444:5555:6666:7777:888G]'],
    [71, 'test@[IPv6:1111:2222:3333:4444:5555:6666::8888]'],
    [73, 'test@[IPv6:1111:2222:3333:4444:5555:6666::7777:8888]'],
    [74, 'test@[IPv6::3333:4444:5555:6666:7777:8888]'],
    [76, 'test@[IPv6:1111::4444:5555::8888]'],
    [78, 'test@[IPv6:1111:2222:3333:4444:5555:255.255.255.255]'],
    [80, 'test@[IPv6:1111:2222:3333:4444:5555:6666:7777:255.255.255.255]'],
    [82, 'test@[IPv6:1111:2222:3333:4444:5555:6666::255.255.255.255]'],
    [83, 'test@[IPv6:1111:2222:3333:4444:::255.255.255.255]'],
    [84, 'test@[IPv6::255.255.255.255]'],
    [159, 'test@[IPv6:1::2:]'],
  ],
  'address literal is not closed by "]"': [
    [106, 'test@[1.2.3.4'],
    [114, 'test@[RFC-5322-[domain-literal]'],
    [115, 'test@[RFC-5322-\\\x07-domain-literal]'],
    [116, 'test@[RFC-5322-\\\t-domain-literal]'],
    [117, 'test@[RFC-5322-\\]-domain-literal]'],
    [118, 'test@[RFC-5322-domain-literal\\]'],
    [119, 'test@[RFC-5322-domain-literal\\'],
    [120, 'test@[RFC 5322 domain literal]'],
  ],
  'backslash before a character outside ASCII': [[160, '"test\\\xa9"@iana.org']],
}

describe("is_email's tests", () => {
  it.each(addresses)('number %i is an address: %s', (_, address) => {
    expect(parseMailbox(address).domain).toBe(address.slice(address.lastIndexOf('@') + 1))
  })

  for (const [why, cases] of Object.entries(refused)) {
    it.each(cases)(`number %i is none, ${why}: %j`, (_, address) => {
      expect(() => parseMailbox(address)).toThrow(expect.objectContaining({ why }))
      expect(() => parseMailbox(address)).toThrow(EncodeError)
    })
  }
})
