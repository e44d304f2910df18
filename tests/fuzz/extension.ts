/** The reply to EHLO: whatever a server says in it, and back (RFC 5321 4.1.1.1). */
import {
  DecodeError,
  EncodeError,
  type Extensions,
  parseExtensions,
  parseReply,
  writeExtensions,
} from '@postrider/codec'
import fc from 'fast-check'
import { madeOf, octets } from './octets.js'
import { holds, same, target } from './target.js'

const line = madeOf(
  [
    'PIPELINING',
    'SIZE',
    'size=',
    ' 1000',
    ' 99999999999999999999',
    'AUTH',
    'AUTH=',
    ' PLAIN',
    ' plain LOGIN',
    'LIMITS',
    ' RCPTMAX=20',
    ' MAILMAX=0 X',
    'DELIVERBY',
    ' 240',
    'FUTURERELEASE',
    ' 60 2030-01-01T00:00:00Z',
    'MT-PRIORITY',
    ' STANAG4406',
    'NO-SOLICITING',
    ' a:b,,c',
    'XCLIENT NAME ADDR',
    'BURL imap',
    '__proto__',
    'constructor',
    'X-Y',
    '-',
    ' ',
    '  ',
    '\t',
    '=',
    '\x80',
    '\0',
  ],
  5,
)

/** Every property that a server's word decides. */
function facts(extensions: Extensions): string {
  const { size, auth, pipelining, chunking, binaryMime, deliverBy, futureRelease, mtPriority, noSoliciting } =
    extensions
  const { burl, xclient, xforward, limits } = extensions
  const announced = limits && [limits.mailMax, limits.rcptMax, limits.rcptDomainMax, [...limits.all]]
  return JSON.stringify([
    [...extensions.entries()],
    [String(size), auth, pipelining, chunking, binaryMime, deliverBy, futureRelease, mtPriority, noSoliciting],
    [burl, xclient, xforward, announced],
  ])
}

export const extensionsAgain = target({
  name: 'extensions-again',
  promise:
    'any reply to EHLO is read without harm, keywords are keywords, and what was read is written so that it is read the same',
  cases: fc.record({ lines: fc.array(line, { maxLength: 4 }), isTolerant: fc.boolean() }),
  check({ lines, isTolerant }) {
    const all = ['mx.example.org hello', ...lines]
    const wire = all.map((text, i) => `250${i < all.length - 1 ? '-' : ' '}${text}\r\n`).join('')
    let extensions: Extensions
    try {
      const quirks = { authEquals: false, emptyKeyword: false, irregularLine: false, otherSpace: false }
      extensions = parseExtensions(parseReply(octets(wire)), isTolerant ? {} : { quirks })
    } catch (error) {
      if (!(error instanceof DecodeError) || isTolerant) throw error
      return 1
    }
    const known = facts(extensions)
    for (const keyword of extensions.keywords()) {
      holds(/^[A-Z0-9][A-Z0-9-]*$/.test(keyword) && extensions.has(keyword.toLowerCase()), `not a keyword: ${keyword}`)
    }
    let written: Uint8Array
    try {
      written = writeExtensions({
        domain: extensions.domain,
        greeting: extensions.greeting,
        extra: new Map(extensions.entries()),
      })
    } catch (error) {
      if (error instanceof EncodeError && error.code === 'ELENGTH') return 2
      throw error
    }
    same(facts(parseExtensions(parseReply(written))), known, 'read again')
    return 4
  },
})
