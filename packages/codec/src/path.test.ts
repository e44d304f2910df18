import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DecodeError, EncodeError, parseMailbox, parsePath, writeCommand, writePath } from './index.js'

describe('parsePath reads', () => {
  it.each([
    ['<>', '', '', ''],
    ['<a@b>', 'a@b', 'a', 'b'],
    ['<Smith@Bar.COM>', 'Smith@Bar.COM', 'Smith', 'Bar.COM'],
    ['<"john smith"@example.org>', '"john smith"@example.org', 'john smith', 'example.org'],
    ['<"john"@example.org>', 'john@example.org', 'john', 'example.org'],
    ['<"j\\o\\"hn\\\\"@example.org>', '"jo\\"hn\\\\"@example.org', 'jo"hn\\', 'example.org'],
    ['<""@example.org>', '""@example.org', '', 'example.org'],
    ['<"a@b"@c>', '"a@b"@c', 'a@b', 'c'],
    ['<"a>b"@c>', '"a>b"@c', 'a>b', 'c'],
    ["<!#$%&'*+-/=?^_`{|}~@b>", "!#$%&'*+-/=?^_`{|}~@b", "!#$%&'*+-/=?^_`{|}~", 'b'],
    ['<a@[IPv6:::1]>', 'a@[IPv6:::1]', 'a', '[IPv6:::1]'],
    ['<@a.b,@c.d:e@f>', 'e@f', 'e', 'f'],
    ['<@a.b:"e f"@f>', '"e f"@f', 'e f', 'f'],
    ['<Postmaster>', 'Postmaster', 'Postmaster', ''],
    ['<postMASTER>', 'postMASTER', 'postMASTER', ''],
  ])('%s', (wire, address, localPart, domain) => {
    expect(parsePath(wire)).toEqual({ address, localPart, domain, utf8: false })
  })

  it('addresses outside ASCII with utf8, and says so (RFC 6531)', () => {
    const path = { address: 'pelé@bücher.example', localPart: 'pelé', domain: 'bücher.example', utf8: true }
    expect(parsePath('<pelé@bücher.example>', { utf8: true })).toEqual(path)
    expect(parsePath('<"👍 x"@b>', { utf8: true })).toMatchObject({ localPart: '👍 x', utf8: true })
    expect(() => parsePath('<pelé@b>')).toThrow(
      expect.objectContaining({ reply: expect.objectContaining({ enhanced: '5.6.7' }) }),
    )
  })

  it('the null path only as a sender, Postmaster alone only as a recipient', () => {
    expect(() => parsePath('<>', { direction: 'forward' })).toThrow('null path as a recipient')
    expect(() => parsePath('<Postmaster>', { direction: 'reverse' })).toThrow(DecodeError)
    expect(writePath('', { direction: 'reverse' })).toBe('<>')
    expect(() => writePath('', { direction: 'forward' })).toThrow(EncodeError)
    expect(writePath('Postmaster', { direction: 'forward' })).toBe('<Postmaster>')
    expect(() => writePath('Postmaster', { direction: 'reverse' })).toThrow(EncodeError)
  })

  it('a local part alone only where it was asked for, and nothing that is none', () => {
    expect(() => writePath('root')).toThrow('no "@" follows the local part')
    expect(writePath('root', { bareLocalPart: true })).toBe('<root>')
    expect(writePath('"q s"', { bareLocalPart: true, direction: 'reverse' })).toBe('<"q s">')
    expect(writePath('a@b', { bareLocalPart: true })).toBe('<a@b>')
    expect(writePath('x'.repeat(64), { bareLocalPart: true })).toHaveLength(66)
    expect(() => writePath('x'.repeat(65), { bareLocalPart: true })).toThrow('local part longer than 64 octets')
    for (const bad of ['a b', 'a.', '.a', 'a..b', 'a>', 'a\r\nb', 'r\u00f6\u00f6t', 'a@', '<a>', '"a'])
      expect(() => writePath(bad, { bareLocalPart: true }), bad).toThrow(EncodeError)
    expect(() => writePath('', { bareLocalPart: true, direction: 'forward' })).toThrow('empty')
    expect(writePath('r\u00f6\u00f6t', { bareLocalPart: true, utf8: true })).toBe('<r\u00f6\u00f6t>')
  })
})

describe('parsePath refuses', () => {
  it.each([
    '',
    'a@b',
    '<a@b',
    'a@b>',
    '<a@b> ',
    '<a@b>>',
    '<<a@b>>',
    '< a@b>',
    '<a@b >',
    '<a>',
    '<a@>',
    '<@b>',
    '<@b:>',
    '<@a@b>',
    '<@a,b:c@d>',
    '<@a,:c@d>',
    '<@a,@b c@d>',
    '<a@b@c>',
    '<.a@b>',
    '<a.@b>',
    '<a..b@c>',
    '<a b@c>',
    '<"a"b@c>',
    '<a"b"@c>',
    '<"a@b>',
    '<"a\\"@b>',
    '<"a\\\u00e9"@b>',
    '<a(comment)@b>',
    '<a@b(comment)>',
    '<a,b@c>',
    '<a:b@c>',
    '<a;b@c>',
    '<a\\b@c>',
    '<Name <a@b>>',
    '<a@b> SIZE=1',
    '<=?utf-8?q?a?=@b@c>',
    '<"xclow3n@gmail.com x"@internal.domain@gmail.com>',
    '<"a"@evil.com"@good.com>',
    '<postmaster@>',
    '<postmasters>',
    '<postmasters',
    '<postmaster',
  ])('%j (T-06)', wire => {
    expect(() => parsePath(wire, { utf8: true })).toThrow(DecodeError)
  })
})

describe('no control character gets into an address (T-01)', () => {
  const controls = [
    ...Array.from({ length: 32 }, (_, i) => String.fromCharCode(i)),
    '\x7f',
    '\u0080',
    '\u0085',
    '\u009f',
    '\u2028',
    '\u2029',
    '\ud800',
    '\udc00',
    '\ufffe',
  ]
  const frames = [
    'ab@cd.ef',
    '"ab"@cd.ef',
    '"a\\b"@cd.ef',
    'ab@[127.0.0.1]',
    'ab@[IPv6:::1]',
    'ab@[tag:cd]',
    'ü@ü.ef',
    '"ü\\"ü"@cd.ef',
  ]

  it.each(frames)('at any position of %s', frame => {
    for (const control of controls) {
      for (let i = 0; i <= frame.length; i++) {
        const address = frame.slice(0, i) + control + frame.slice(i)
        expect(() => writePath(address, { utf8: true })).toThrow(EncodeError)
        expect(() => parseMailbox(address, { utf8: true })).toThrow(EncodeError)
        expect(() => parsePath(`<${address}>`, { utf8: true })).toThrow(DecodeError)
        expect(() => writeCommand({ verb: 'RCPT', path: address }, { utf8: true })).toThrow(EncodeError)
      }
    }
  })

  it('and none in its parts', () => {
    for (const control of controls) {
      expect(() => writePath({ localPart: `a${control}`, domain: 'b' }, { utf8: true })).toThrow(EncodeError)
      expect(() => writePath({ localPart: 'a', domain: `b${control}` }, { utf8: true })).toThrow(EncodeError)
    }
  })

  it('nor anything that ends the path early', () => {
    for (const address of ['a@b> SIZE=1 X=<', 'a@b>', '<a@b', 'a@b SIZE=1', 'a@b, c@d']) {
      expect(() => writePath(address)).toThrow(EncodeError)
    }
  })
})

describe('limits of RFC 5321 4.5.3.1', () => {
  const local = (length: number) => `${'l'.repeat(length)}@b`
  const domain = (length: number) => `a@${'d.'.repeat(length).slice(0, length - 1)}e`
  const both = (length: number) => `${'l'.repeat(60)}@${'d.'.repeat(200).slice(0, length - 61)}`

  it.each([
    ['local part', 64, local],
    ['path', 256, (length: number) => `${both(length - 2)}`.replace(/\.$/, 'x')],
  ] as const)('%s of %d octets', (_name, limit, make) => {
    expect(writePath(make(limit - 1))).toBeTruthy()
    expect(writePath(make(limit))).toBeTruthy()
    expect(() => writePath(make(limit + 1))).toThrow(expect.objectContaining({ code: 'ELENGTH' }))
    expect(() => parsePath(`<${make(limit + 1)}>`)).toThrow(DecodeError)
  })

  it('domain of 255 octets', () => {
    const limits = { path: 300 }
    expect(writePath(domain(254), { limits })).toHaveLength(258)
    expect(writePath(domain(255), { limits })).toHaveLength(259)
    expect(() => writePath(domain(256), { limits })).toThrow(expect.objectContaining({ code: 'ELENGTH' }))
  })

  it('count octets of the wire form, quotes and UTF-8 included', () => {
    expect(() => writePath(`"${'x'.repeat(63)}"@b`)).toThrow(expect.objectContaining({ code: 'ELENGTH' }))
    expect(() => writePath(`${'ü'.repeat(33)}@b`, { utf8: true })).toThrow(expect.objectContaining({ code: 'ELENGTH' }))
    expect(writePath(`${'ü'.repeat(32)}@b`, { utf8: true })).toBeTruthy()
  })

  it('are options', () => {
    expect(writePath(local(200), { limits: { localPart: 200 } })).toHaveLength(204)
    expect(() => writePath(local(10), { limits: { localPart: 9 } })).toThrow('local part longer than 9 octets')
  })
})

describe('the grammar', () => {
  const atom = fc.string({ unit: fc.constantFrom(..."abcXYZ019!#$%&'*+-/=?^_`{|}~"), minLength: 1, maxLength: 8 })
  const dotString = fc.array(atom, { minLength: 1, maxLength: 4 }).map(atoms => atoms.join('.'))
  const anyLocal = fc.oneof(dotString, fc.string({ unit: fc.constantFrom(...'ab .@<>()[]\\",;:'), maxLength: 20 }))
  const label = fc
    .tuple(atomOf('aB1'), fc.string({ unit: fc.constantFrom(...'aB1-'), maxLength: 5 }), atomOf('aB1'))
    .map(p => p.join(''))
  const domain = fc.oneof(
    fc.array(label, { minLength: 1, maxLength: 4 }).map(labels => labels.join('.')),
    fc.constantFrom('[127.0.0.1]', '[IPv6:2001:db8::1]', '[tag:content]'),
  )

  it('writes parts so that they are read back as they were', () => {
    fc.assert(
      fc.property(anyLocal, domain, (localPart, d) => {
        const wire = writePath({ localPart, domain: d })
        const path = parsePath(wire)
        expect(path).toMatchObject({ localPart, domain: d })
        expect(writePath(path)).toBe(wire)
        expect(writePath(path.address)).toBe(wire)
        expect(parseMailbox(path.address)).toEqual(path)
      }),
      { numRuns: 2000 },
    )
  })

  /** RFC 5321 4.1.2 as a regular expression, ASCII only: written apart from the scanner, only for comparison. */
  const atext = "[A-Za-z0-9!#$%&'*+\\-/=?^_`{|}~]"
  const sub = '[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?'
  const quoted = '"(?:[\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]|\\\\[\\x20-\\x7e])*"'
  const route = `(?:@${sub}(?:\\.${sub})*(?:,@${sub}(?:\\.${sub})*)*:)?`
  const grammar = new RegExp(
    `^<(?:|${route}(?:${atext}+(?:\\.${atext}+)*|${quoted})@(?:${sub}(?:\\.${sub})*|\\[1\\.2\\.3\\.4\\]))>$`,
  )

  it('agrees with the grammar as a regular expression on everything that looks like a path (T-06)', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '@',
      '.',
      ',',
      ':',
      '"',
      '\\',
      ' ',
      'a',
      'B',
      '1',
      '-',
      '_',
      '(',
      ')',
      '[1.2.3.4]',
      '"a"',
      '@b',
      'a@b',
      '@c:',
    )
    const inside = fc.array(piece, { maxLength: 9 }).map(pieces => pieces.join(''))
    fc.assert(
      fc.property(
        fc.oneof(
          inside,
          inside.map(text => `<${text}>`),
          inside.map(text => `<${text}@b.c>`),
        ),
        wire => {
          let isPath = true
          try {
            parsePath(wire)
          } catch (error) {
            if (!(error instanceof DecodeError)) throw error
            isPath = false
          }
          expect([wire, isPath]).toEqual([wire, grammar.test(wire)])
        },
      ),
      { numRuns: 20_000 },
    )
  })

  it('stays linear and does not recurse, whatever comes (T-07)', () => {
    const shapes = [
      '(',
      '<',
      '"',
      '"\\',
      ':;',
      'a,',
      '@',
      '@@',
      '[',
      '@a,',
      '@a.',
      'a.',
      '.',
      ' ',
      '\\',
      '"a"',
      '[IPv6:',
      ':',
      '::',
      '=',
      '\u00fc',
      '\u3002',
    ]
    for (const shape of shapes) {
      const text = shape.repeat(100_000 / shape.length)
      for (const wire of [text, `<${text}`, `<${text}>`, `<a@${text}>`, `<"${text}"@b>`, `<@${text}:a@b>`]) {
        expect(() => parsePath(wire, { utf8: true })).toThrow(DecodeError)
      }
    }
  })
})

function atomOf(characters: string) {
  return fc.constantFrom(...characters)
}

describe('paths, one by one', () => {
  const utf8 = true

  it('quotes parts only where they need it, and refuses what no quotes can hold (RFC 5321 4.1.2)', () => {
    const written = (localPart: string) => writePath({ localPart, domain: 'c' }, { utf8 })
    expect(written('a.b')).toBe('<a.b@c>')
    expect(written('a..b')).toBe('<"a..b"@c>')
    expect(written('.a')).toBe('<".a"@c>')
    expect(written('a.')).toBe('<"a."@c>')
    expect(written('a b')).toBe('<"a b"@c>')
    expect(written('a"b\\c')).toBe('<"a\\"b\\\\c"@c>')
    expect(written('é')).toBe('<é@c>')
    expect(() => written('a\x7f')).toThrow('control character')
  })

  it('reads characters beyond the basic plane, quoted and not (RFC 6531 3.3)', () => {
    expect(parseMailbox('\u{1f600}a@b', { utf8 })).toMatchObject({ localPart: '\u{1f600}a', utf8: true })
    expect(parseMailbox('"\u{1f600} a"@b', { utf8 })).toMatchObject({ localPart: '\u{1f600} a', utf8: true })
    for (const none of ['\ud800', '\udfff', '\ufffe', '\uffff', '\u{1ffff}', '\u{10fffe}']) {
      expect(() => parseMailbox(`${none}@b`, { utf8 })).toThrow('control character (at 0)')
    }
  })

  it('reads a route and drops it, and nothing that only looks like one (4.1.2, Appendix C)', () => {
    expect(parsePath('<@a,@b:c@d>').address).toBe('c@d')
    for (const wire of ['<@a;@b:c@d>', '<@a@b:c@d>', '<@a,b:c@d>']) {
      expect(() => parsePath(wire)).toThrow('source route is not closed by ":"')
    }
  })

  it('knows Postmaster in any case, and no other word of its length (4.1.1.3)', () => {
    expect(parsePath('<pOSTMASTER>').address).toBe('pOSTMASTER')
    expect(() => parsePath('<abcdefghij>')).toThrow(DecodeError)
  })

  it('suggests the reply', () => {
    const reply = { code: 501, enhanced: '5.1.7', text: 'Syntax error in address' }
    expect(() => parsePath('x')).toThrow(expect.objectContaining({ reply }))
  })
})
