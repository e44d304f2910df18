/** The encodings of values: xtext (RFC 3461 4), the utf-8 address type (RFC 6533 3), base64 (RFC 4648 4). */
import {
  DecodeError,
  decodeBase64,
  decodeXtext,
  EncodeError,
  encodeBase64,
  encodeXtext,
  parseCommand,
  writeCommand,
} from '@postrider/codec'
import fc from 'fast-check'
import { madeOf, octets, text } from './octets.js'
import { holds, same, target } from './target.js'

const texts = madeOf(
  [
    'a',
    '+',
    '=',
    ' ',
    '+2B',
    '+0A',
    '+',
    'F',
    '0',
    '\\',
    '\\x{E9}',
    '\\x{',
    '}',
    '\r',
    '\0',
    '\x7f',
    'é',
    '例',
    '\u0085',
    '\u{1f600}',
    '\ud800',
  ],
  8,
)

export const xtext = target({
  name: 'xtext',
  promise:
    'encodeXtext writes graphic ASCII without "=" that decodes to the text; what decodes, encodes to a value that decodes the same (T-02)',
  cases: texts,
  check(given) {
    const encoded = attempt(() => encodeXtext(given))
    if (encoded !== undefined) {
      holds(/^(?:[!-*,-<>-~]|\+[0-9A-F]{2})*$/.test(encoded), `not xtext: ${encoded}`)
      same(decodeXtext(encoded), given, 'decoded')
    }
    const decoded = attempt(() => decodeXtext(given))
    if (decoded === undefined) return 2
    holds(!/[\0-\x1f\x7f]/.test(decoded), 'a control character was decoded')
    same(decodeXtext(encodeXtext(decoded)), decoded, 'decoded again')
    return 4
  },
})

export const originalRecipient = target({
  name: 'original-recipient',
  promise: 'ORCPT carries any address it takes through a command and back, in both forms of the utf-8 type',
  cases: fc.record({ address: texts, type: fc.constantFrom('rfc822', 'utf-8', 'UTF-8', 'x'), utf8: fc.boolean() }),
  check({ address, type, utf8 }) {
    const orcpt = { type, address }
    const wire = attempt(() => writeCommand({ verb: 'RCPT', path: 'a@b', parameters: { orcpt } }, { utf8 }))
    if (wire === undefined) return 1
    const read = parseCommand(wire.subarray(0, -2), { smtputf8: utf8 })
    same(JSON.stringify(read.verb === 'RCPT' && read.parameters.orcpt), JSON.stringify(orcpt), 'read')
    return 2
  },
})

function attempt<Result>(encode: () => Result): Result | undefined {
  try {
    return encode()
  } catch (error) {
    if (error instanceof EncodeError || error instanceof DecodeError) return undefined
    throw error
  }
}

const base64Text = madeOf(
  ['YQ==', 'YWI=', 'YWJj', 'Zg', 'Y', 'Z', '9', '/', '+', '-', '_', '=', '==', ' ', '\n', 'é', '\0', '\xff'],
  6,
)

export const base64 = target({
  name: 'base64',
  promise: 'decodeBase64 takes exactly the texts that the platform writes, and gives the same octets',
  cases: base64Text,
  check(given) {
    const expected = Buffer.from(given, 'base64')
    const decoded = attempt(() => decodeBase64(given))
    holds((decoded !== undefined) === (expected.toString('base64') === given), `taken: ${decoded !== undefined}`)
    if (decoded !== undefined) same(text(decoded), expected.toString('latin1'), 'decoded')
    same(encodeBase64(octets(text(expected))), expected.toString('base64'), 'encoded')
    return 2
  },
})
