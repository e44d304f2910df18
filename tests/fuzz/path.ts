/** Envelope addresses: as a regular expression for RFC 5321 4.1.2 has them, and back. */
import { DecodeError, EncodeError, type Path, parseMailbox, parsePath, writePath } from '@postrider/codec'
import fc from 'fast-check'
import { madeOf } from './octets.js'
import { holds, same, target } from './target.js'

const pieces = [
  'a',
  'B1',
  '0',
  '.',
  '.',
  '@',
  '@',
  '-',
  '_',
  '+',
  '=',
  '"',
  '"',
  '\\',
  '<',
  '>',
  ' ',
  ',',
  ':',
  '(',
  ';',
  '[',
  ']',
  '@b',
  'a@b',
  '.org',
  '@x,@y.z:',
  '[1.2.3.4]',
  '[IPv6:',
  '::',
  'fe80',
  'ffff',
  '255',
  '256',
  '[tag:',
  'xn--',
  'postMASTER',
  'l'.repeat(31),
  '\r\n',
  '\0',
  '\t',
  '\x7f',
]
const localParts = madeOf(
  ['a', 'B1', '.', '.', '-', '+', '=', '"', '"', '\\', ' ', '@', '>', 'l'.repeat(31), '\x7f'],
  5,
)
const domains = madeOf(['b', 'C2', '.', '.', '-', '_', ':', '>', '@', 'l'.repeat(31), '.org', '\t'], 6)
const literals = madeOf(['1', '255', '256', '.', '.', '0.1', ':', ':', '::', 'fe80', 'a:b', '12345', '[', '-'], 9)
const groups = fc
  .array(fc.constantFrom('1', 'fe80', '0', 'ABCD', '12345', 'g'), { maxLength: 6 })
  .map(all => all.join(':'))
const ipv6 = fc
  .tuple(groups, fc.constantFrom('', ':', '::', '::'), groups, fc.constantFrom('', '', ':1.2.3.4', '1.2.3.256'))
  .map(parts => parts.join(''))
const ascii = fc.oneof(
  madeOf(pieces, 9),
  fc.tuple(localParts, domains).map(([localPart, domain]) => `<${localPart}@${domain}>`),
  fc.tuple(domains, localParts).map(([route, localPart]) => `<@${route}:${localPart}@b>`),
  ipv6.map(content => `<a@[IPv6:${content}]>`),
  fc.tuple(fc.constantFrom('', 'IPv6:', 'ipv6:', 'tag:'), literals).map(([tag, content]) => `<a@[${tag}${content}]>`),
)

const atext = "[A-Za-z0-9!#$%&'*+\\-/=?^_`{|}~]"
const label = '(?=[^.@>,:]{1,63}(?:[.>,:]|$))[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?'
const domain = `${label}(?:\\.${label})*`
const quoted = '"(?:[ !#-\\[\\]-~]|\\\\[ -~])*"'
const route = `(?:@${domain}(?:,@${domain})*:)?`
const literal = '\\[[!-Z^-~]*\\]'
const path = new RegExp(`^<${route}((${atext}+(?:\\.${atext}+)*|${quoted})@(${domain}|${literal}))>$`)
const v4 = /^(?:(?:[01]?\d?\d|2[0-4]\d|25[0-5])(?:\.(?!$)|$)){4}$/

/** Whether text is a path by the grammar and the limits of 4.5.3.1, decided without the scanner. */
function isPath(text: string): boolean {
  if (text === '<>' || /^<postmaster>$/i.test(text)) return true
  const [, mailbox = '', localPart = '', host = ''] = path.exec(text) ?? []
  if (mailbox === '' || localPart.length > 64 || host.length > 255 || mailbox.length > 254) return false
  return !host.startsWith('[') || isLiteral(host.slice(1, -1))
}

function isLiteral(content: string): boolean {
  const [, tag = '', rest = ''] = /^([^:]*):(.*)$/.exec(content) ?? []
  if (tag === '') return v4.test(content)
  if (tag.toLowerCase() !== 'ipv6') return /^[A-Za-z0-9-]*[A-Za-z0-9]$/.test(tag) && rest !== ''
  // An IPv4 tail counts as two groups; "::" stands for two at least.
  const tail = /^(.*:)([\d.]*\.[\d.]*)$/.exec(rest)
  if (tail !== null && !v4.test(tail[2] ?? '')) return false
  const groups = tail === null ? rest : `${tail[1]}0:0`
  const group = '[0-9A-Fa-f]{1,4}'
  if (new RegExp(`^${group}(?::${group}){7}$`).test(groups)) return true
  const gap = groups.indexOf('::')
  if (gap < 0) return false
  const some = new RegExp(`^(?:${group}(?::${group})*)?$`)
  const [before, after] = [groups.slice(0, gap), groups.slice(gap + 2)]
  const count = [before, after]
    .join(':')
    .split(':')
    .filter(text => text !== '').length
  return some.test(before) && some.test(after) && count <= 6
}

export const pathGrammar = target({
  name: 'path-grammar',
  promise: 'parsePath takes exactly what a regular expression for RFC 5321 4.1.2 takes (T-06)',
  cases: ascii,
  check(given) {
    let isTaken = true
    try {
      parsePath(given)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      isTaken = false
    }
    same(isTaken ? 'a path' : 'no path', isPath(given) ? 'a path' : 'no path', 'by the grammar')
    return 1
  },
})

const wide = [
  'é',
  '例',
  'ü',
  '\u0301',
  '\u3002',
  '\u200d',
  '\u2028',
  '\u0085',
  '\ud800',
  '\udc00',
  '\u{1f600}',
  '\ufffe',
  '\ufeff',
]
const anyText = fc
  .tuple(madeOf([...pieces, ...wide], 8), fc.boolean())
  .map(([given, isFramed]) => (isFramed ? `<${given}@b>` : given))

export const pathAgain = target({
  name: 'path-again',
  promise:
    'a path that was read is written without control characters and read back the same, from its address and from its parts',
  cases: fc.record({ text: anyText, utf8: fc.boolean() }),
  check({ text, utf8 }) {
    let read: Path
    try {
      read = parsePath(text, { utf8 })
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      return 1
    }
    const written = writePath(read.address, { utf8 })
    holds(!/[\0-\x1f\x7f-\x9f\u2028\u2029]/.test(written), `a control character in ${JSON.stringify(written)}`)
    same(JSON.stringify(parsePath(written, { utf8 })), JSON.stringify(read), 'read again')
    same(writePath(read, { utf8 }), written, 'written from its parts')
    if (read.domain !== '')
      same(JSON.stringify(parseMailbox(read.address, { utf8 })), JSON.stringify(read), 'as a mailbox')
    holds(read.utf8 === /[^\0-\x7f]/.test(read.address), 'utf8 is not what the address is')
    return 5
  },
})

export const pathInput = target({
  name: 'path-input',
  promise: 'writePath refuses an address or parts, or writes one path that is read back as those parts (T-01)',
  cases: fc.record({
    localPart: madeOf([...pieces, ...wide], 5),
    domain: fc.oneof(fc.constantFrom('b', 'b.example', '[127.0.0.1]'), madeOf([...pieces, ...wide], 4)),
    utf8: fc.boolean(),
  }),
  check({ localPart, domain, utf8 }) {
    let written: string
    try {
      written = writePath({ localPart, domain }, { utf8 })
    } catch (error) {
      if (!(error instanceof EncodeError)) throw error
      return 1
    }
    if (domain === '' && !/^(postmaster)?$/i.test(localPart)) {
      // Without a domain, the local part is taken for a whole address.
      same(written, `<${localPart}>`, 'written')
      return 1
    }
    const read = parsePath(written, { utf8 })
    same(`${read.localPart} ${read.domain}`, `${localPart} ${domain}`, 'read back')
    return 2
  },
})
