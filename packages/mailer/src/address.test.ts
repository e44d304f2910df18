import { parseMailbox } from '@postrider/codec'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Mailbox, parseAddresses } from './address.js'
import { SMTPMessageError } from './error.js'

const addresses = (text: string): string[] => parseAddresses(text, 'To').map(({ address }) => address)

function refusal(text: string): SMTPMessageError {
  try {
    parseAddresses(text, 'To')
  } catch (error) {
    if (error instanceof SMTPMessageError) return error
    throw error
  }
  throw new Error(`${text} was read as ${JSON.stringify(addresses(text))}`)
}

describe('addresses of a header (RFC 5322 3.4)', () => {
  const readable: readonly { readonly text: string; readonly mailboxes: readonly Mailbox[] }[] = [
    { text: 'ann@example.org', mailboxes: [{ address: 'ann@example.org' }] },
    { text: ' ann@example.org\t', mailboxes: [{ address: 'ann@example.org' }] },
    { text: '<ann@example.org>', mailboxes: [{ address: 'ann@example.org' }] },
    { text: 'Ann <ann@example.org>', mailboxes: [{ address: 'ann@example.org', name: 'Ann' }] },
    { text: 'Ann B. Lee <ann@example.org>', mailboxes: [{ address: 'ann@example.org', name: 'Ann B. Lee' }] },
    { text: '"Lee, Ann \\"A\\"" <ann@example.org>', mailboxes: [{ address: 'ann@example.org', name: 'Lee, Ann "A"' }] },
    { text: 'Ann (the one) <ann@example.org> (here)', mailboxes: [{ address: 'ann@example.org', name: 'Ann' }] },
    { text: 'ann (a (nested \\) one)) @ (b) example.org', mailboxes: [{ address: 'ann@example.org' }] },
    { text: '"ann lee"@example.org', mailboxes: [{ address: '"ann lee"@example.org' }] },
    { text: 'ann@[192.0.2.1]', mailboxes: [{ address: 'ann@[192.0.2.1]' }] },
    { text: 'ann@[IPv6:2001:db8::1]', mailboxes: [{ address: 'ann@[IPv6:2001:db8::1]' }] },
    { text: 'a@x.example, b@y.example', mailboxes: [{ address: 'a@x.example' }, { address: 'b@y.example' }] },
    { text: 'Ann\u00a0Lee <ann@example.org>', mailboxes: [{ address: 'ann@example.org', name: 'Ann\u00a0Lee' }] },
    { text: 'Ann Müller <ann@example.org>', mailboxes: [{ address: 'ann@example.org', name: 'Ann Müller' }] },
    {
      text: '=?utf-8?q?J=C3=B6rg?= <j@example.org>',
      mailboxes: [{ address: 'j@example.org', name: '=?utf-8?q?J=C3=B6rg?=' }],
    },
    {
      text: 'Friends: a@x.example, Bo <b@y.example>; , c@z.example',
      mailboxes: [
        { address: 'a@x.example', group: 'Friends' },
        { address: 'b@y.example', name: 'Bo', group: 'Friends' },
        { address: 'c@z.example' },
      ],
    },
    { text: 'undisclosed-recipients:;', mailboxes: [] },
    { text: 'undisclosed recipients: (nobody) ;', mailboxes: [] },
    { text: '', mailboxes: [] },
    { text: '(nothing)', mailboxes: [] },
  ]
  it.each(readable)('reads $text', ({ text, mailboxes }) => {
    expect(parseAddresses(text, 'To')).toEqual(mailboxes)
  })

  it('takes one word without a domain only where it was asked for', () => {
    const read = (text: string) => parseAddresses(text, 'To', { bareLocalPart: true })
    expect(read('root')).toEqual([{ address: 'root' }])
    expect(read('root, "q s" (he), Charlie <ops>, G: a, b@y.example;')).toEqual([
      { address: 'root' },
      { address: '"q s"' },
      { address: 'ops', name: 'Charlie' },
      { address: 'a', group: 'G' },
      { address: 'b@y.example', group: 'G' },
    ])
    for (const text of ['root, a@x.example', '<root>', 'G: root;'])
      expect(() => parseAddresses(text, 'To'), text).toThrow(SMTPMessageError)
    for (const text of ['foo bar', '<foo bar>', 'a..b', '.a', 'a\u00a0b', '<a', 'a b@c.example', `${'x'.repeat(65)}`])
      expect(() => read(text), text).toThrow(SMTPMessageError)
  })

  it('takes obsolete syntax where it has one meaning: empty places and source routes (RFC 5322 4.4)', () => {
    expect(addresses(',a@x.example,, b@y.example ,')).toEqual(['a@x.example', 'b@y.example'])
    expect(addresses('<@r.example,@s.example:a@x.example>')).toEqual(['a@x.example'])
    expect(addresses('< ,, @r.example (hop) ,, @s.example, : a@x.example>')).toEqual(['a@x.example'])
  })

  it('writes domains outside ASCII as A-labels and leaves local parts alone (RFC 6531 3.2)', () => {
    expect(addresses('ann@müller.example')).toEqual(['ann@xn--mller-kva.example'])
    expect(addresses('jörg@MÜLLER.example')).toEqual(['jörg@xn--mller-kva.example'])
    expect(addresses('Jörg <jörg@example.org>')).toEqual(['jörg@example.org'])
  })

  const unreadable: readonly (readonly [text: string, why: RegExp, at: number])[] = [
    ['ann', /no address follows/, 0],
    ['Doe, J <j@d.example>', /no address follows/, 0],
    ['ann lee@example.org', /no local part/, 0],
    ['ann@example.org <ann@example.org>', /something follows/, 16],
    ['a@b@c.example', /something follows/, 3],
    ['ann@', /no domain/, 4],
    ['@example.org', /no local part/, 0],
    ['<>', /no address in/, 0],
    ['Ann <ann>', /no address in/, 4],
    ['<ann@example.org', /not closed by ">"/, 0],
    ['<a@x.example b@y.example>', /not closed by ">"/, 0],
    ['"ann', /quoted string is not closed/, 0],
    ['"ann\\', /nothing that can be quoted/, 5],
    ['(ann', /comment is not closed/, 0],
    ['ann)', /not allowed/, 3],
    ['ann@[192.0.2.1', /not closed by "\]"/, 4],
    ['ann@[192.0.2.1 ]', /not closed by "\]"/, 4],
    ['friends: a@x.example', /group is not closed/, 20],
    ['a: b: c@x.example;;', /group in a group/, 4],
    [': a@x.example;', /without the name/, 0],
    ['a@x.example;', /something follows/, 11],
    [';', /closes no group/, 0],
    ['<@r.example a@x.example>', /route/, 1],
    ['<@r.example @s.example:a@x.example>', /route/, 1],
    ['<@r.:a@x.example>', /dot too many/, 2],
    ['<@r..s:a@x.example>', /dot too many/, 2],
    ['<,:a@x.example>', /route/, 1],
    ['.J <a@x.example>', /starts with a dot/, 0],
    ['. friends: a@x.example;', /starts with a dot/, 0],
    ['a@x.example\u0000', /something follows/, 11],
    ['a\u0007b@x.example', /not allowed/, 1],
    ['"a\nb"@x.example', /control/, 2],
    ['.ann@example.org', /starts with a dot/, 0],
    ['a..b@example.org', /two dots/, 2],
    ['a@exam_ple.org', /not allowed|something follows/, 6],
    ['a@example.org.', /domain ends early|label|domain/, 14],
    ['a . b@example.org', /no local part/, 0],
    ['"a".b@example.org', /no local part/, 0],
    ['b\u00a0a@x.example', /white space/, 0],
    ['\u3000a@x.example', /white space/, 0],
    ['Ann <\ufeffa@x.example>', /white space/, 5],
    ['a@１２７.０.０.１', /ASCII/, 0],
    ['a@⒈example.org', /ASCII|not allowed/, 0],
  ]
  it.each(unreadable)('refuses %j, and says where', (text, why, at) => {
    const error = refusal(text)
    expect(error.message).toMatch(why)
    expect(error).toMatchObject({ code: 'EMESSAGE', header: 'To' })
    expect(error.message).toMatch(/^To: /)
    if (error.cause === undefined) expect(error.at).toBe(at)
  })

  // T-06: each of these has sent mail to somebody else's server in some other mailer.
  it.each([
    ['"xclow3n@gmail.example x"@internal.example', ['"xclow3n@gmail.example x"@internal.example']],
    ['"a@good.example <b"@evil.example', ['"a@good.example <b"@evil.example']],
    ['=?utf-8?q?victim=40x.example=3e?=@good.example', ['=?utf-8?q?victim=40x.example=3e?=@good.example']],
  ])('reads %j as one address at the domain behind its last "@" (T-06)', (text, expected) => {
    expect(addresses(text)).toEqual(expected)
  })
  it.each([
    '"a"@evil.example"@good.example',
    'a@evil.example, <b@good.example',
    'a@evil.example(@good.example',
    'a@evil.example>@good.example',
    '<a@evil.example>@good.example',
    'a@evil.example/@good.example',
    'a@evil.example%40good.example',
    'a@evil.example?.good.example',
    'a@evil.example#.good.example',
    'a@evil.example\\.good.example',
  ])('refuses %j rather than to choose (T-06)', text => {
    expect(refusal(text)).toBeInstanceOf(SMTPMessageError)
  })

  it('agrees with the envelope grammar or refuses, whatever stands there (T-06)', () => {
    const part = fc.constantFrom(
      'a',
      'b.c',
      '"q"',
      '"x@y"',
      '@',
      '.',
      ',',
      ';',
      ':',
      '<',
      '>',
      '(',
      ')',
      ' ',
      '\\',
      '[',
      ']',
      'ü',
      'example.org',
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), parts => {
        const text = parts.join('')
        let found: string[]
        try {
          found = addresses(text)
        } catch (error) {
          expect(error).toBeInstanceOf(SMTPMessageError)
          return
        }
        for (const address of found) {
          const { domain } = parseMailbox(address, { utf8: true })
          expect(address.endsWith(`@${domain}`)).toBe(true)
          // Nothing is made up: but for comments and the spelling of domains, what goes out stands in the text.
          if (!/[^\p{ASCII}]|\(/u.test(text)) expect(text.replace(/\s/g, '')).toContain(address.replace(/\s/g, ''))
        }
      }),
      { numRuns: 3000 },
    )
  })

  it('reads what it would itself write', () => {
    const atom = fc.stringMatching(/^[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,12}$/)
    const local = fc.oneof(
      fc.array(atom, { minLength: 1, maxLength: 3 }).map(atoms => atoms.join('.')),
      fc.stringMatching(/^"[a-z@<>,;: ()]{1,20}"$/),
    )
    const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/)
    const domain = fc.array(label, { minLength: 2, maxLength: 4 }).map(labels => labels.join('.'))
    const address = fc.tuple(local, domain).map(([left, right]) => `${left}@${right}`)
    const name = fc.string({
      unit: fc.constantFrom('a', 'ü', ' ', ',', '@', '<', '"', '\\', '(', ';'),
      minLength: 1,
      maxLength: 12,
    })
    fc.assert(
      fc.property(fc.array(fc.tuple(name, address), { minLength: 1, maxLength: 5 }), list => {
        const text = list.map(([shown, mailbox]) => `"${shown.replace(/["\\]/g, '\\$&')}" <${mailbox}>`).join(', ')
        expect(parseAddresses(text)).toEqual(list.map(([shown, mailbox]) => ({ address: mailbox, name: shown })))
      }),
    )
  })

  // T-07: in recursive or backtracking readers these overflow the stack or take minutes.
  const shapes: readonly (readonly [start: string, repeated: string, end: string])[] = [
    ...['(', ')', '<', '>', '"', '"\\', ':;', ':', ';', ',', 'a,', '@@', '@', '[', ']', 'a ', 'a.', '.', '\\', '()'],
    ...[
      'g: a@x.example;',
      'g:;',
      'a@x.example,',
      '<a@x.example>,',
      '<@',
      '(a',
      '" "',
      '""',
      'ü',
      '=?',
      '<>',
      '<(',
      '\t',
    ],
  ].map(shape => ['', shape, ''] as const)
  const framed: typeof shapes = [
    ['', 'a ', '<a@x.example>'],
    ['', '"a" ', 'b@x.example'],
    ['"', '\\"', '"@x.example'],
    ['a', '(', '@x.example'],
    ['a@x.example', '(x)', ''],
    ['<', ',', '@r.example:a@x.example>'],
    ['<', '@r.example,', ':a@x.example>'],
    ['<@', 'a.', ':a@x.example>'],
    ['a@', 'x.', 'example'],
    ['a@', 'ü', '.example'],
    ['a@[', '1', ']'],
    ['g:', 'a@x.example,', ';'],
    ['', 'a', '@x.example'],
  ]
  it.each([...shapes, ...framed])(
    'takes steps in proportion to its length for %j, many times %j, %j (T-07)',
    (start, repeated, end) => {
      const stepsFor = (length: number): number =>
        steps(() => {
          try {
            parseAddresses(start + repeated.repeat(length / repeated.length) + end)
          } catch (error) {
            expect(error).toBeInstanceOf(SMTPMessageError)
          }
        })
      const [once, twice] = [stepsFor(32_768), stepsFor(65_536)]
      expect(twice).toBeLessThan(12 * 65_536)
      expect(twice).toBeLessThanOrEqual(2.1 * once + 100)
    },
  )
})

/** Characters that are looked at or copied while `run` runs. */
function steps(run: () => void): number {
  const { charCodeAt, slice } = String.prototype
  let count = 0
  const count1 = function (this: string, index: number): number {
    count++
    return charCodeAt.call(this, index)
  }
  const countAll = function (this: string, from?: number, to?: number): string {
    const part = slice.call(this, from, to)
    count += part.length
    return part
  }
  Object.assign(String.prototype, { charCodeAt: count1, slice: countAll })
  try {
    run()
  } finally {
    Object.assign(String.prototype, { charCodeAt, slice })
  }
  return count
}
