import { describe, expect, it } from 'vitest'
import {
  DecodeError,
  decodeBase64,
  decodeXtext,
  type ParseCommandOptions,
  parseCommand,
  parsePath,
  parseReply,
  type ReplyQuirks,
  ReplyReader,
} from './index.js'

const octets = (text: string) => Uint8Array.from(Buffer.from(text))

function refusal(read: () => unknown): DecodeError {
  try {
    read()
  } catch (error) {
    if (error instanceof DecodeError) return error
    throw error
  }
  throw new Error('was not refused')
}

/** What was sent is never in the message: only what was wrong with it, and where in the line. */
describe('a command is refused with what is wrong, where, and the reply to give', () => {
  it.each<[line: string, message: string, reply: string, options?: ParseCommandOptions]>([
    ['', 'command: empty line', '500 5.5.2 Syntax error'],
    ['   ', 'command: empty line', '500 5.5.2 Syntax error'],
    [' NOOP', 'command: line starts with a space', '500 5.5.2 Syntax error'],
    ['NOOP a\u0000b', 'command: control character (at 6)', '500 5.5.2 Syntax error'],
    ['NOOP \u007f', 'command: control character (at 5)', '500 5.5.2 Syntax error'],
    ['é', 'command: not ASCII', '500 5.5.2 SMTPUTF8 is not offered'],
    ['NOOP é', 'command: not ASCII', '500 5.5.2 SMTPUTF8 is not offered'],
    ['é a', 'command: verb is not ASCII (at 0)', '500 5.5.2 Syntax error', { smtputf8: true }],
    ['DATA x', 'command: DATA takes no argument', '501 5.5.4 Syntax error in parameters'],
    ['RSET x', 'command: RSET takes no argument', '501 5.5.4 Syntax error in parameters'],
    ['QUIT x', 'command: QUIT takes no argument', '501 5.5.4 Syntax error in parameters'],
    ['STARTTLS x', 'command: STARTTLS takes no argument', '501 5.5.4 Syntax error in parameters'],
    ['EHLO', 'command: EHLO needs a name', '501 5.5.4 Syntax error in parameters'],
    ['HELO', 'command: HELO needs a name', '501 5.5.4 Syntax error in parameters'],
    ['LHLO', 'command: LHLO needs a name', '501 5.5.4 Syntax error in parameters', { lmtp: true }],
    ['LHLO a', 'command: LHLO in SMTP', '500 5.5.1 Command unrecognized'],
    ['EHLO a', 'command: EHLO in LMTP', '500 5.5.1 Command unrecognized', { lmtp: true }],
    ['EHLO a b', 'domain: not a domain or address literal (at 6)', '501 5.5.4 Syntax error in parameters'],
    [
      `EHLO ${'a'.repeat(256)}`,
      'domain: not a domain or address literal (at 260)',
      '501 5.5.4 Syntax error in parameters',
    ],
    [
      'EHLO my_pc',
      'domain: not a domain or address literal (at 7)',
      '501 5.5.4 Syntax error in parameters',
      { quirks: { irregularName: false } },
    ],
    [
      'EHLO -',
      'domain: label starts with a hyphen (at 5)',
      '501 5.5.4 Syntax error in parameters',
      { quirks: { irregularName: false } },
    ],
    [
      'EHLO a.b.',
      'domain: domain ends early (at 9)',
      '501 5.5.4 Syntax error in parameters',
      { quirks: { irregularName: false } },
    ],
    ['MAIL', 'address: no FROM: (at 4)', '501 5.1.7 Syntax error in sender address'],
    ['MAIL FROM', 'address: no FROM: (at 5)', '501 5.1.7 Syntax error in sender address'],
    ['MAIL TO:<a@b>', 'address: no FROM: (at 5)', '501 5.1.7 Syntax error in sender address'],
    [
      'MAIL FROM: <a@b>',
      'address: path does not start with "<" (at 10)',
      '501 5.1.7 Syntax error in sender address',
      { quirks: { spaceBeforePath: false } },
    ],
    ['MAIL FROM:a@b', 'address: path does not start with "<" (at 10)', '501 5.1.7 Syntax error in sender address'],
    [
      'MAIL FROM:a@b>',
      'address: something follows the address (at 14)',
      '501 5.1.7 Syntax error in sender address',
      { quirks: { missingBrackets: true } },
    ],
    ['MAIL FROM:<é@b>', 'command: not ASCII', '500 5.5.2 SMTPUTF8 is not offered'],
    [
      'MAIL FROM:<é@b>',
      'parameter: address is not ASCII',
      '553 5.6.7 Address outside ASCII needs SMTPUTF8',
      { smtputf8: true },
    ],
    [
      'MAIL FROM:<Postmaster>',
      'address: character not allowed in a local part (at 21)',
      '501 5.1.7 Syntax error in sender address',
    ],
    ['RCPT', 'address: no TO: (at 4)', '501 5.1.3 Syntax error in recipient address'],
    ['RCPT FROM:<a@b>', 'address: no TO: (at 5)', '501 5.1.3 Syntax error in recipient address'],
    ['RCPT TO:<>', 'address: null path as a recipient (at 8)', '501 5.1.3 Syntax error in recipient address'],
    ['RCPT TO:<a@b', 'address: path is not closed by ">" (at 12)', '501 5.1.3 Syntax error in recipient address'],
    ['RCPT TO:<é@b>', 'command: not ASCII', '500 5.5.2 SMTPUTF8 is not offered'],
    ['MAIL FROM:<a@b>SIZE=1', 'parameter: no space before a parameter (at 15)', '501 5.5.4 Syntax error in parameters'],
    ['MAIL FROM:<a@b>  SIZE=1', 'parameter: not a parameter keyword (at 16)', '501 5.5.4 Syntax error in parameters'],
    ['VRFY', 'command: VRFY needs an argument', '501 5.5.4 Syntax error in parameters'],
    ['EXPN', 'command: EXPN needs an argument', '501 5.5.4 Syntax error in parameters'],
    ['VRFY ', 'command: VRFY needs an argument', '501 5.5.4 Syntax error in parameters', { smtputf8: true }],
    [
      'EXPN a  SMTPUTF8',
      'command: more than one space before SMTPUTF8',
      '501 5.5.4 Syntax error in parameters',
      { smtputf8: true },
    ],
    ['AUTH', 'command: AUTH takes a mechanism and a response', '501 5.5.4 Syntax error in parameters'],
    ['AUTH PLAIN a b', 'command: AUTH takes a mechanism and a response', '501 5.5.4 Syntax error in parameters'],
    [
      'AUTH AAAAAAAAAAAAAAAAAAAAA',
      'command: AUTH takes a mechanism and a response',
      '501 5.5.4 Syntax error in parameters',
    ],
    ['AUTH PLA.IN', 'command: AUTH takes a mechanism and a response', '501 5.5.4 Syntax error in parameters'],
    ['AUTH PLAIN =====', 'base64: length is not a multiple of four (at 5)', '501 5.5.2 Cannot decode base64'],
    ['AUTH PLAIN A===', 'base64: character outside the alphabet (at 1)', '501 5.5.2 Cannot decode base64'],
    ['AUTH PLAIN AB==', 'base64: unused bits are not zero (at 1)', '501 5.5.2 Cannot decode base64'],
    ['BDAT', 'chunk: BDAT without a usable size', '501 5.5.4 Syntax error in parameters'],
    ['BDAT x', 'chunk: BDAT without a usable size', '501 5.5.4 Syntax error in parameters'],
    ['BDAT 1 FIRST', 'chunk: BDAT without a usable size', '501 5.5.4 Syntax error in parameters'],
    ['BDAT 1 LAST x', 'chunk: BDAT without a usable size', '501 5.5.4 Syntax error in parameters'],
    ['BDAT 000000000000000000001', 'chunk: BDAT without a usable size', '501 5.5.4 Syntax error in parameters'],
    ['BURL', 'command: not a URL (at 4)', '501 5.5.4 Syntax error in parameters'],
    ['BURL x FIRST', 'command: BURL takes a URL and LAST', '501 5.5.4 Syntax error in parameters'],
    ['BURL x LAST y', 'command: BURL takes a URL and LAST', '501 5.5.4 Syntax error in parameters'],
    ['ETRN', 'command: domain ends early (at 4)', '501 5.5.4 Syntax error in parameters'],
    ['ETRN a b', 'command: not a node (at 6)', '501 5.5.4 Syntax error in parameters'],
    ['ETRN #', 'command: not a node (at 6)', '501 5.5.4 Syntax error in parameters'],
    ['ETRN @', 'command: domain ends early (at 6)', '501 5.5.4 Syntax error in parameters'],
    ['XCLIENT', 'parameter: not a name of an attribute (at 7)', '501 5.5.4 Syntax error in parameters'],
    ['XCLIENT A', 'parameter: not a name of an attribute (at 8)', '501 5.5.4 Syntax error in parameters'],
    ['XCLIENT =a', 'parameter: not a name of an attribute (at 8)', '501 5.5.4 Syntax error in parameters'],
    ['XCLIENT A.B=c', 'parameter: not a name of an attribute (at 8)', '501 5.5.4 Syntax error in parameters'],
    ['XCLIENT A=', 'parameter: A without a value (at 8)', '501 5.5.4 Syntax error in parameters'],
    ['XCLIENT A=1 a=2', 'parameter: A is there twice (at 12)', '501 5.5.4 Syntax error in parameters'],
    ['XCLIENT A=+0A', 'parameter: control character (at 8)', '501 5.5.4 Syntax error in parameters'],
    ['XCLIENT A=+2', 'parameter: "+" without two hexadecimal digits (at 8)', '501 5.5.4 Syntax error in parameters'],
    ['XFORWARD A=+FF', 'parameter: not UTF-8 (at 9)', '501 5.5.4 Syntax error in parameters'],
    ['XCLIENT A=1 B=', 'parameter: B without a value (at 12)', '501 5.5.4 Syntax error in parameters'],
    ['MAIL FROM:<a@b> SIZE', 'parameter: SIZE needs a value (at 16)', '501 5.5.4 Syntax error in parameters'],
    ['MAIL FROM:<a@b> SIZE=', 'parameter: SIZE has an empty value (at 16)', '501 5.5.4 Syntax error in parameters'],
    [
      'MAIL FROM:<a@b> SIZE=x',
      'parameter: SIZE is not a number of up to 20 digits (at 16)',
      '501 5.5.4 Syntax error in parameters',
    ],
    [
      'MAIL FROM:<a@b> SIZE=111111111111111111111',
      'parameter: SIZE is not a number of up to 20 digits (at 16)',
      '501 5.5.4 Syntax error in parameters',
    ],
    ['MAIL FROM:<a@b> SIZE=1 size=1', 'parameter: SIZE is there twice (at 23)', '501 5.5.4 Syntax error in parameters'],
    ['MAIL FROM:<a@b> BODY', 'parameter: BODY needs a value (at 16)', '501 5.5.4 Syntax error in parameters'],
    [
      'MAIL FROM:<a@b> BODY=9BIT',
      'parameter: BODY is none of 7BIT, 8BITMIME, BINARYMIME (at 16)',
      '501 5.5.4 Syntax error in parameters',
    ],
    [
      'MAIL FROM:<a@b> SMTPUTF8=1',
      'parameter: SMTPUTF8 takes no value (at 16)',
      '501 5.5.4 Syntax error in parameters',
    ],
    ['MAIL FROM:<a@b> RET', 'parameter: RET needs a value (at 16)', '501 5.5.4 Syntax error in parameters'],
    ['MAIL FROM:<a@b> RET=ALL', 'parameter: RET is none of FULL, HDRS (at 16)', '501 5.5.4 Syntax error in parameters'],
    ['MAIL FROM:<a@b> ENVID', 'parameter: ENVID needs a value (at 16)', '501 5.5.4 Syntax error in parameters'],
    [
      `MAIL FROM:<a@b> ENVID=${'x'.repeat(101)}`,
      'parameter: ENVID is longer than 100 characters (at 16)',
      '501 5.5.4 Syntax error in parameters',
    ],
    ['MAIL FROM:<a@b> ENVID=a+0A', 'parameter: control character (at 16)', '501 5.5.4 Syntax error in parameters'],
    [
      'MAIL FROM:<a@b> ENVID=a+C3+BC',
      'parameter: ENVID is not printable ASCII (at 16)',
      '501 5.5.4 Syntax error in parameters',
    ],
    [
      'MAIL FROM:<a@b> ENVID=a+',
      'parameter: "+" without two hexadecimal digits (at 16)',
      '501 5.5.4 Syntax error in parameters',
    ],
    ['MAIL FROM:<a@b> AUTH', 'parameter: AUTH needs a value (at 16)', '501 5.5.4 Syntax error in parameters'],
    [
      'MAIL FROM:<a@b> AUTH=x',
      'parameter: no "@" follows the local part (at 16)',
      '501 5.5.4 Syntax error in parameters',
    ],
    [
      'MAIL FROM:<a@b> AUTH=a@b+20',
      'parameter: AUTH is not an address (at 16)',
      '501 5.5.4 Syntax error in parameters',
    ],
    [
      'MAIL FROM:<a@b> AUTH=<a@b>',
      'parameter: character not allowed in a local part (at 16)',
      '501 5.5.4 Syntax error in parameters',
    ],
    [
      `MAIL FROM:<a@b> AUTH=${'x'.repeat(501)}`,
      'parameter: AUTH is longer than 500 characters (at 16)',
      '501 5.5.4 Syntax error in parameters',
    ],
    ['MAIL FROM:<a@b> BY', 'parameter: BY needs a value (at 16)', '501 5.5.4 Syntax error in parameters'],
    ['MAIL FROM:<a@b> BY=1', 'parameter: BY is not time;mode (at 16)', '501 5.5.4 Syntax error in parameters'],
    ['MAIL FROM:<a@b> BY=1;X', 'parameter: BY is not time;mode (at 16)', '501 5.5.4 Syntax error in parameters'],
    [
      'MAIL FROM:<a@b> BY=0;R',
      'parameter: BY with mode R needs a time above zero (at 16)',
      '501 5.5.4 Syntax error in parameters',
    ],
    [
      'MAIL FROM:<a@b> BY=1234567890;N',
      'parameter: BY is not time;mode (at 16)',
      '501 5.5.4 Syntax error in parameters',
    ],
    ['MAIL FROM:<a@b> HOLDFOR', 'parameter: HOLDFOR needs a value (at 16)', '501 5.5.4 Syntax error in parameters'],
    [
      'MAIL FROM:<a@b> HOLDFOR=0',
      'parameter: HOLDFOR is not an integer from 1 to 999999999 (at 16)',
      '501 5.5.4 Syntax error in parameters',
    ],
    [
      'MAIL FROM:<a@b> HOLDFOR=01',
      'parameter: HOLDFOR is not an integer from 1 to 999999999 (at 16)',
      '501 5.5.4 Syntax error in parameters',
    ],
    [
      'MAIL FROM:<a@b> HOLDFOR=1000000000',
      'parameter: HOLDFOR is not an integer from 1 to 999999999 (at 16)',
      '501 5.5.4 Syntax error in parameters',
    ],
    ['MAIL FROM:<a@b> HOLDUNTIL', 'parameter: HOLDUNTIL needs a value (at 16)', '501 5.5.4 Syntax error in parameters'],
    [
      'MAIL FROM:<a@b> HOLDUNTIL=2030-01-01',
      'parameter: HOLDUNTIL is not an RFC 3339 date-time (at 16)',
      '501 5.5.4 Syntax error in parameters',
    ],
    [
      'MAIL FROM:<a@b> HOLDFOR=1 HOLDUNTIL=2030-01-01T00:00:00Z',
      'parameter: HOLDFOR and HOLDUNTIL exclude each other',
      '501 5.5.4 Syntax error in parameters',
    ],
    [
      'MAIL FROM:<a@b> MT-PRIORITY',
      'parameter: MT-PRIORITY needs a value (at 16)',
      '501 5.5.4 Syntax error in parameters',
    ],
    [
      'MAIL FROM:<a@b> MT-PRIORITY=10',
      'parameter: MT-PRIORITY is not an integer from -9 to 9 (at 16)',
      '501 5.5.4 Syntax error in parameters',
    ],
    [
      'MAIL FROM:<a@b> MT-PRIORITY=-10',
      'parameter: MT-PRIORITY is not an integer from -9 to 9 (at 16)',
      '501 5.5.4 Syntax error in parameters',
    ],
    [
      'MAIL FROM:<a@b> MT-PRIORITY=-0',
      'parameter: MT-PRIORITY is not an integer from -9 to 9 (at 16)',
      '501 5.5.4 Syntax error in parameters',
    ],
    [
      'MAIL FROM:<a@b> MT-PRIORITY=+1',
      'parameter: MT-PRIORITY is not an integer from -9 to 9 (at 16)',
      '501 5.5.4 Syntax error in parameters',
    ],
    [
      'MAIL FROM:<a@b> REQUIRETLS=1',
      'parameter: REQUIRETLS takes no value (at 16)',
      '501 5.5.4 Syntax error in parameters',
    ],
    ['MAIL FROM:<a@b> SOLICIT', 'parameter: SOLICIT needs a value (at 16)', '501 5.5.4 Syntax error in parameters'],
    [
      'MAIL FROM:<a@b> SOLICIT=1a',
      'parameter: SOLICIT is not a list of keywords (at 16)',
      '501 5.5.4 Syntax error in parameters',
    ],
    [
      'MAIL FROM:<a@b> SOLICIT=a,',
      'parameter: SOLICIT is not a list of keywords (at 16)',
      '501 5.5.4 Syntax error in parameters',
    ],
    [
      `MAIL FROM:<a@b> SOLICIT=${'a'.repeat(1001)}`,
      'parameter: SOLICIT is longer than 1000 characters (at 16)',
      '501 5.5.4 Syntax error in parameters',
    ],
    ['MAIL FROM:<a@b> =x', 'parameter: not a parameter keyword (at 16)', '501 5.5.4 Syntax error in parameters'],
    ['MAIL FROM:<a@b> -A=b', 'parameter: not a parameter keyword (at 16)', '501 5.5.4 Syntax error in parameters'],
    ['MAIL FROM:<a@b> A_B', 'parameter: not a parameter keyword (at 17)', '501 5.5.4 Syntax error in parameters'],
    ['MAIL FROM:<a@b> A==', 'parameter: character not allowed in A (at 16)', '501 5.5.4 Syntax error in parameters'],
    ['MAIL FROM:<a@b> A=b=c', 'parameter: character not allowed in A (at 16)', '501 5.5.4 Syntax error in parameters'],
    ['MAIL FROM:<a@b> A=é', 'command: not ASCII', '500 5.5.2 SMTPUTF8 is not offered'],
    ['RCPT TO:<a@b> NOTIFY', 'parameter: NOTIFY needs a value (at 14)', '501 5.5.4 Syntax error in parameters'],
    [
      'RCPT TO:<a@b> NOTIFY=ALWAYS',
      'parameter: NOTIFY is none of NEVER, SUCCESS, FAILURE, DELAY (at 14)',
      '501 5.5.4 Syntax error in parameters',
    ],
    [
      'RCPT TO:<a@b> NOTIFY=DELAY,DELAY',
      'parameter: NOTIFY has a condition twice (at 14)',
      '501 5.5.4 Syntax error in parameters',
    ],
    [
      'RCPT TO:<a@b> NOTIFY=NEVER,DELAY',
      'parameter: NOTIFY has NEVER and others (at 14)',
      '501 5.5.4 Syntax error in parameters',
    ],
    ['RCPT TO:<a@b> ORCPT', 'parameter: ORCPT needs a value (at 14)', '501 5.5.4 Syntax error in parameters'],
    ['RCPT TO:<a@b> ORCPT=a@b', 'parameter: ORCPT has no type (at 14)', '501 5.5.4 Syntax error in parameters'],
    ['RCPT TO:<a@b> ORCPT=;a@b', 'parameter: ORCPT has no type (at 14)', '501 5.5.4 Syntax error in parameters'],
    [
      'RCPT TO:<a@b> ORCPT=a(;b',
      'parameter: ORCPT has a type that is not an atom (at 14)',
      '501 5.5.4 Syntax error in parameters',
    ],
    [
      'RCPT TO:<a@b> ORCPT=rfc822;',
      'parameter: ORCPT without an address (at 14)',
      '501 5.5.4 Syntax error in parameters',
    ],
    [
      'RCPT TO:<a@b> ORCPT=rfc822;a+b',
      'parameter: "+" without two hexadecimal digits (at 14)',
      '501 5.5.4 Syntax error in parameters',
    ],
    ['RCPT TO:<a@b> ORCPT=rfc822;a+0A', 'parameter: control character (at 14)', '501 5.5.4 Syntax error in parameters'],
    ['RCPT TO:<a@b> ORCPT=rfc822;+FF', 'parameter: not UTF-8 (at 14)', '501 5.5.4 Syntax error in parameters'],
    [
      `RCPT TO:<a@b> ORCPT=x;${'a'.repeat(499)}`,
      'parameter: ORCPT is longer than 500 characters (at 14)',
      '501 5.5.4 Syntax error in parameters',
    ],
    [
      'RCPT TO:<a@b> ORCPT=utf-8;\\x{0}',
      'parameter: not an EmbeddedUnicodeChar (at 14)',
      '501 5.5.4 Syntax error in parameters',
    ],
    [
      'RCPT TO:<a@b> ORCPT=utf-8;\\y',
      'parameter: not an EmbeddedUnicodeChar (at 14)',
      '501 5.5.4 Syntax error in parameters',
    ],
    [
      'RCPT TO:<a@b> ORCPT=utf-8;a+',
      'parameter: "+" without two hexadecimal digits (at 14)',
      '501 5.5.4 Syntax error in parameters',
    ],
    ['RCPT TO:<a@b> RRVS', 'parameter: RRVS needs a value (at 14)', '501 5.5.4 Syntax error in parameters'],
    [
      'RCPT TO:<a@b> RRVS=x',
      'parameter: RRVS is not an RFC 3339 date-time (at 14)',
      '501 5.5.4 Syntax error in parameters',
    ],
    [
      'RCPT TO:<a@b> RRVS=2014-04-03T23:01:00.5Z',
      'parameter: RRVS has a fraction of a second (at 14)',
      '501 5.5.4 Syntax error in parameters',
    ],
    [
      'RCPT TO:<a@b> RRVS=2014-04-03T23:01:00Z;X',
      'parameter: RRVS is none of C, R (at 14)',
      '501 5.5.4 Syntax error in parameters',
    ],
  ])('%j: %s', (line, message, expected, options) => {
    const { message: said, reply, fatal } = refusal(() => parseCommand(octets(line), options))
    expect(said).toBe(message)
    expect(`${reply?.code} ${reply?.enhanced} ${reply?.text}`).toBe(expected)
    // RFC 3030 2: behind a BDAT without a size nobody knows where the next command is.
    expect(fatal).toBe(line.startsWith('BDAT'))
  })

  it('also when it is not UTF-8 at all (RFC 6531 3.5)', () => {
    const { message, reply } = refusal(() => parseCommand(Uint8Array.of(0x4e, 0xff), { smtputf8: true }))
    expect([message, reply?.code]).toEqual(['command: not UTF-8', 500])
  })
})

describe('a reply is refused with what is wrong and where in the reply', () => {
  it.each<[wire: string, message: string, quirks?: ReplyQuirks]>([
    ['250 a\n', 'reply: line ends in LF without CR (at 5)', { bareLineFeed: false }],
    ['250-a\r\n250 b\n', 'reply: line ends in LF without CR (at 12)', { bareLineFeed: false }],
    ['250-a\r\n\r\n250 b\r\n', 'reply: empty line (at 7)'],
    ['250-a\r\n250\r\n', 'reply: nothing follows the code (at 10)', { missingText: false }],
    [
      '250-a\r\n290 b\r\n',
      'reply: second digit of the code is not between 0 and 5 (at 8)',
      { unknownSecondDigit: false, unequalCodes: true },
    ],
    ['250-a\r\n250b\r\n', 'reply: no separator follows the code (at 10)'],
    ['250-a\r\n250:b\r\n', 'reply: neither space nor hyphen follows the code (at 10)'],
    ['250-a\r\n550 b\r\n', 'reply: code 550 follows 250 in the same reply (at 7)'],
    ['250-a\r\n2\r\n', 'reply: line does not start with a code (at 7)'],
    ['2/0 a\r\n', 'reply: line does not start with a code (at 0)'],
    ['20/ a\r\n', 'reply: line does not start with a code (at 0)'],
    ['2:0 a\r\n', 'reply: line does not start with a code (at 0)'],
    ['20: a\r\n', 'reply: line does not start with a code (at 0)'],
    ['25\n\r', 'reply: line does not start with a code (at 0)'],
    ['25\r\n', 'reply: line does not start with a code (at 0)'],
    ['a50 b\r\n', 'reply: line does not start with a code (at 0)'],
    ['199 a\r\n', 'reply: code is not between 200 and 599 (at 0)'],
    ['600 a\r\n', 'reply: code is not between 200 and 599 (at 0)'],
    ['\n250 a\r\n', 'reply: empty line (at 0)'],
    ['\r\n\r\n\r\n250 a\r\n', 'reply: too many empty lines, limit 2 (at 4)', { blankLine: true }],
  ])('%j: %s', (wire, message, quirks) => {
    expect(refusal(() => new ReplyReader({ quirks: quirks ?? {} }).push(octets(wire))).message).toBe(message)
    // Nor does it matter what came before.
    const behind = new ReplyReader({ quirks: quirks ?? {} })
    expect(refusal(() => behind.push(octets(`220 hello\r\n${wire}`))).message).toBe(message)
  })

  it.each([
    ['250-a\r\n', 'reply: not complete (at 7)'],
    ['250 a\r\n250 b\r\n', 'reply: followed by more octets (at 7)'],
    ['250 a\r\n2', 'reply: followed by more octets (at 7)'],
    ['', 'reply: not complete (at 0)'],
  ])('%j is not one reply: %s', (wire, message) => {
    expect(refusal(() => parseReply(octets(wire))).message).toBe(message)
  })
})

describe('a value is refused with what is wrong and where in the text', () => {
  it.each<[read: () => unknown, message: string]>([
    [() => decodeXtext('a b'), 'EPROTOCOL xtext: character outside xtext (at 1)'],
    [() => decodeXtext('+'), 'EPROTOCOL xtext: "+" without two hexadecimal digits (at 0)'],
    [() => decodeXtext('+2'), 'EPROTOCOL xtext: "+" without two hexadecimal digits (at 0)'],
    [() => decodeXtext('+2g'), 'EPROTOCOL xtext: "+" without two hexadecimal digits (at 0)'],
    [() => decodeXtext('+0A'), 'EPROTOCOL xtext: control character (at 0)'],
    [() => decodeXtext('+7F'), 'EPROTOCOL xtext: control character (at 0)'],
    [() => decodeXtext('+FF'), 'EPROTOCOL xtext: not UTF-8 (at 0)'],
    [() => decodeXtext('a='), 'EPROTOCOL xtext: character outside xtext (at 1)'],
    [() => decodeXtext('é'), 'EPROTOCOL xtext: character outside xtext (at 0)'],
    [() => decodeBase64('a'), 'EPROTOCOL base64: length is not a multiple of four (at 1)'],
    [() => decodeBase64('a==='), 'EPROTOCOL base64: character outside the alphabet (at 1)'],
    [() => decodeBase64('=aaa'), 'EPROTOCOL base64: character outside the alphabet (at 0)'],
    [() => decodeBase64('aa=a'), 'EPROTOCOL base64: character outside the alphabet (at 2)'],
    [() => decodeBase64('AB=='), 'EPROTOCOL base64: unused bits are not zero (at 1)'],
    [() => decodeBase64('AAB='), 'EPROTOCOL base64: unused bits are not zero (at 2)'],
    [() => decodeBase64('a a='), 'EPROTOCOL base64: character outside the alphabet (at 1)'],
    [() => decodeBase64('aaaé'), 'EPROTOCOL base64: character outside the alphabet (at 3)'],
    [() => parsePath(''), 'EPROTOCOL address: path does not start with "<" (at 0)'],
    [() => parsePath('a@b'), 'EPROTOCOL address: path does not start with "<" (at 0)'],
    [() => parsePath('<a@b'), 'EPROTOCOL address: path is not closed by ">" (at 4)'],
    [() => parsePath('<a@b>x'), 'EPROTOCOL address: something follows the path (at 5)'],
    [() => parsePath('<@a>'), 'EPROTOCOL address: source route is not closed by ":" (at 3)'],
    [() => parsePath('<@a,b@c>'), 'EPROTOCOL address: source route is not closed by ":" (at 3)'],
    [() => parsePath('<@a,@b c@d>'), 'EPROTOCOL address: source route is not closed by ":" (at 6)'],
    [() => parsePath('<@:a@b>'), 'EPROTOCOL address: character not allowed in a domain (at 2)'],
    [() => parsePath('<>x'), 'EPROTOCOL address: something follows the path (at 2)'],
    [() => parsePath('<>', { direction: 'forward' }), 'EPROTOCOL address: null path as a recipient (at 0)'],
  ])('%s: %s', (read, message) => {
    const { code, message: said, fault } = refusal(read)
    expect([fault, `${code} ${said}`]).toEqual(['remote', message])
  })
})
