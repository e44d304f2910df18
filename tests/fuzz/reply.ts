/** Replies: however they are cut, as a plain reading of RFC 5321 4.2 has them, within limits, and back. */
import {
  DecodeError,
  EncodeError,
  parseEnhancedCode,
  parseReply,
  REPLY_QUIRKS,
  type Reply,
  ReplyReader,
  type ReplyReaderOptions,
  writeReply,
} from '@postrider/codec'
import fc from 'fast-check'
import { everyCut, madeOf, octets, text } from './octets.js'
import { holds, same, target } from './target.js'

const wire = madeOf(
  [
    '250',
    '250-',
    '250 ',
    '250\r\n',
    '250 ok\r\n',
    '250-SIZE 10\r\n',
    '354 go\r\n',
    '334 ',
    '421 4.3.2 bye',
    '550-5.1.1 no',
    '550 5.1.1 ',
    '2.0.0',
    '260 x\r\n',
    '199 x\r\n',
    '600 x\r\n',
    '250:x\r\n',
    '25',
    '2',
    '5',
    '-',
    ' ',
    '.',
    'x',
    '\t',
    '\0',
    '\x1b',
    '\x80',
    '\xff',
    'xxxxxxxxxxxx',
    '\r',
    '\n',
    '\r\n',
    '\r\n',
    '\r\n',
  ],
  12,
)

const small = { line: 20, lines: 3, bytes: 40 }
const none = { bareLineFeed: false, missingText: false, unknownSecondDigit: false }
const all = { blankLine: true, otherSeparator: true, unequalCodes: true }
const readers: readonly (ReplyReaderOptions & { readonly overflow?: 'truncate' })[] = [
  {},
  { quirks: none },
  { quirks: all },
  { limits: small },
  { limits: small, overflow: 'truncate' },
  { limits: small, quirks: all, overflow: 'truncate' },
]

/** Everything that is known behind a wire. */
function read(chunks: readonly Uint8Array[], kind: number): { replies: readonly Reply[]; outcome: string } {
  const { overflow, ...options } = readers[kind] ?? {}
  const reader = new ReplyReader(options)
  if (overflow !== undefined) reader.overflow = overflow
  const replies: Reply[] = []
  try {
    for (const chunk of chunks) {
      for (const reply of reader.push(chunk)) replies.push(reply)
      if (options.limits === small && overflow === undefined)
        holds(reader.buffered <= small.bytes, 'held above the limit')
    }
    return { replies, outcome: shown(replies, `${reader.buffered} held`) }
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    replies.push(...error.replies)
    return { replies, outcome: shown(replies, `${error.code} ${error.why} ${error.limit} ${error.at}`) }
  }
}

function shown(replies: readonly Reply[], end: string): string {
  let shown = ''
  for (const { code, truncated, quirks, raw } of replies) shown += `${code} ${truncated} ${quirks} ${text(raw)}|`
  return shown + end
}

export const replyCuts = target({
  name: 'reply-cuts',
  promise:
    'ReplyReader gives the same replies, quirks and faults for every way to cut the octets, and keeps its limits',
  cases: fc.record({ wire, reader: fc.nat(readers.length - 1) }),
  check(given) {
    let expected: string | undefined
    return everyCut(octets(given.wire), chunks => {
      const { replies, outcome } = read(chunks, given.reader)
      expected ??= outcome
      if (outcome !== expected) same(outcome, expected, `cut into ${chunks.map(({ length }) => length)}`)
      if (readers[given.reader]?.limits === small) {
        for (const { raw, lines } of replies) {
          holds(raw.length <= small.bytes && lines.length <= small.lines, `a reply over its limits: ${text(raw)}`)
          for (const line of lines) holds(line.length + 4 <= small.line, `a line over its limit: ${text(line)}`)
        }
      }
    })
  },
})

/** RFC 5321 4.2, line by line with a regular expression. No limits: a wire of this size is under all of them. */
function plainly(given: string, kind: number): string {
  const quirks = { ...REPLY_QUIRKS, ...readers[kind]?.quirks }
  let read = ''
  let reply = ''
  let code = ''
  let blanks = 0
  for (let rest = given, lf = rest.indexOf('\n'); lf >= 0; lf = rest.indexOf('\n')) {
    const line = rest.slice(0, lf)
    rest = rest.slice(lf + 1)
    if (!line.endsWith('\r') && !quirks.bareLineFeed) return `${read}fault`
    reply += `${line}\n`
    const text = line.replace(/\r$/, '')
    if (text === '' && quirks.blankLine && ++blanks <= 2) continue
    const [, digits = '', separator] = /^([2-5]\d\d)([^a-zA-Z0-9].*)?$/s.exec(text) ?? []
    if (digits === '' || (code !== '' && code !== digits && !quirks.unequalCodes)) return `${read}fault`
    if (digits.charAt(1) > '5' && !quirks.unknownSecondDigit) return `${read}fault`
    if (separator === undefined && !quirks.missingText) return `${read}fault`
    if (!/^[- ]/.test(separator ?? ' ') && !quirks.otherSeparator) return `${read}fault`
    code = digits
    if (separator?.startsWith('-')) continue
    read += `${code} ${reply}|`
    reply = code = ''
    blanks = 0
  }
  return read
}

export const replyGrammar = target({
  name: 'reply-grammar',
  promise: 'ReplyReader reads what a regular expression for RFC 5321 4.2 reads, and refuses what it refuses',
  cases: fc.record({ wire, reader: fc.nat(2) }),
  check(given) {
    const { replies, outcome } = read([octets(given.wire)], given.reader)
    let actual = ''
    for (const { code, raw } of replies) actual += `${code} ${text(raw)}|`
    if (outcome.slice(outcome.lastIndexOf('|') + 1).startsWith('E')) actual += 'fault'
    same(actual, plainly(given.wire, given.reader), 'read otherwise than plainly')
    return 1
  },
})

const line = madeOf(
  ['a', 'ok', ' ', '-', '2.0.0', '5.1.1 ', '4.999.0', '\t', '.', '250', '\r', '\n', '\0', '\x7f', 'é'],
  5,
)

export const replyAgain = target({
  name: 'reply-again',
  promise: 'what writeReply writes is read back as it was, and what was read is written as it came',
  cases: fc.record({
    code: fc.oneof(fc.constantFrom(200, 250, 354, 421, 550, 559), fc.integer({ min: 150, max: 650 })),
    enhanced: fc.constantFrom(undefined, '2.0.0', '4.2.1', '5.999.999', '5.01.1', '3.0.0'),
    text: fc.array(line, { maxLength: 3 }),
  }),
  check({ code, enhanced, text: lines }) {
    let written: Uint8Array
    try {
      written = writeReply({ code, enhanced, text: lines })
    } catch (error) {
      if (!(error instanceof EncodeError)) throw error
      return 1
    }
    holds(/^(?:[2-5][0-5]\d[- ][\t -~]*\r\n)+$/.test(text(written)), `not a reply: ${text(written)}`)
    const reply = parseReply(written)
    same(String(reply.code), String(code), 'code')
    const expected = lines.map(each => (enhanced === undefined ? each : `${enhanced} ${each}`))
    same(reply.lines.map(text).join('\n'), expected.join('\n'), 'lines')
    if (enhanced !== undefined) same(String(reply.enhanced), enhanced, 'enhanced code')
    same(text(writeReply({ code: reply.code, text: reply.lines.map(text) })), text(written), 'written again')
    return 3
  },
})

export const enhancedCode = target({
  name: 'enhanced-code',
  promise: 'parseEnhancedCode reads what the grammar of RFC 3463 2 has, and writes it as it was',
  cases: madeOf(['2', '4', '5', '.', '.', '.', '0', '1', '12', '999', '3', ' ', 'x', '\u0132'], 7),
  check(given) {
    const isCode = /^[245]\.(?:0|[1-9]\d{0,2})\.(?:0|[1-9]\d{0,2})$/.test(given)
    same(String(parseEnhancedCode(given)), isCode ? given : 'undefined', 'read')
    return 1
  },
})
