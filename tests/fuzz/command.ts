/** Commands from any line that can be read, and back (RFC 5321 4.1.1 and its extensions). */
import { inspect, isDeepStrictEqual } from 'node:util'
import { type Command, DecodeError, parseCommand, writeCommand } from '@postrider/codec'
import fc from 'fast-check'
import { madeOf } from './octets.js'
import { holds, same, target } from './target.js'

const line = madeOf(
  [
    'MAIL FROM:<a@b>',
    'MAIL FROM:<>',
    'mail from: <"a b"@c>',
    'RCPT TO:<@x,@y:a@b>',
    'RCPT TO:<Postmaster>',
    'RCPT TO:<é@例.test>',
    'MAIL FROM:',
    '<a@[IPv6:::1]>',
    ' SIZE=',
    ' SIZE=12',
    ' BODY=8bitmime',
    ' SMTPUTF8',
    ' RET=full',
    ' ENVID=a+2Bb',
    ' AUTH=',
    '<>',
    'a+40b',
    ' BY=',
    '-0;N',
    '+5;rt',
    ' HOLDFOR=1',
    ' HOLDUNTIL=2030-01-01T00:00:00Z',
    ' MT-PRIORITY=-9',
    ' REQUIRETLS',
    ' SOLICIT=a,b.c:D',
    ' NOTIFY=success,DELAY',
    ' NOTIFY=NEVER',
    ' ORCPT=rfc822;',
    ' ORCPT=UTF-8;',
    'a\\x{E9}b',
    '\\x{',
    'E9',
    '}',
    'a+2Bb',
    ' RRVS=2030-01-01T00:00:00Z',
    ';c',
    ' X-Y=',
    ' z',
    '=',
    'EHLO ',
    'HELO my.host',
    '[1.2.3.4]',
    'VRFY ',
    'EXPN é',
    'NOOP',
    'HELP x',
    'AUTH PLAIN',
    ' YQ==',
    ' =',
    'BDAT ',
    '18',
    '9007199254740991',
    ' last',
    'BURL imap://x',
    'ETRN @a.b',
    'ETRN #',
    'XCLIENT NAME=a+20b',
    'XFORWARD a=b',
    'ADDR=[UNAVAILABLE]',
    'STARTTLS',
    'FOO',
    ' ',
    '\t',
    '+',
    '\\',
    '0',
    'é',
    '\u2028',
    '\u{1f600}',
  ],
  6,
)

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export const commandAgain = target({
  name: 'command-again',
  promise: 'every line that can be read as a command is written as one line that is read as the same command',
  cases: fc.record({ line, missingBrackets: fc.boolean() }),
  check(given) {
    let command: Command
    try {
      const quirks = { irregularName: false, missingBrackets: given.missingBrackets }
      command = parseCommand(encoder.encode(given.line), { smtputf8: true, quirks })
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      holds(error.reply !== undefined, 'a fault without the reply to give')
      return 1
    }
    // RFC 1870 4 allows sizes that no number holds exactly. They can be compared with a limit, but not be written.
    if (command.verb === 'MAIL' && command.parameters.size === Number.POSITIVE_INFINITY) return 1
    const written = writeCommand(command, { utf8: true })
    const shown = decoder.decode(written)
    holds(/^[^\0-\x1f\x7f]+\r\n$/.test(shown), `not one line: ${JSON.stringify(shown)}`)
    const again = parseCommand(written.subarray(0, -2), { smtputf8: true })
    if (!isDeepStrictEqual(again, command)) same(inspect(again), inspect(command), 'read again')
    same(decoder.decode(writeCommand(again, { utf8: true })), shown, 'written again')
    return 4
  },
})
