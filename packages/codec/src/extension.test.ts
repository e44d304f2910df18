import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  DecodeError,
  EncodeError,
  type ExtensionsInput,
  parseExtensions,
  parseReply,
  writeExtensions,
} from './index.js'

const octets = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'))
const reply = (...lines: string[]) =>
  parseReply(octets(lines.map((line, i) => `250${i < lines.length - 1 ? '-' : ' '}${line}\r\n`).join('')))
const read = (...lines: string[]) => parseExtensions(reply('mx.example.org', ...lines))

describe('Extensions', () => {
  it('takes keywords from the second line on (T-15)', () => {
    const extensions = parseExtensions(reply('mx.example.org STARTTLS PIPELINING', 'SIZE 10'))
    expect([extensions.domain, extensions.greeting]).toEqual(['mx.example.org', 'STARTTLS PIPELINING'])
    expect([extensions.starttls, extensions.pipelining, extensions.size]).toEqual([false, false, 10])
  })

  it('compares whole words in any case, and keeps the parameters as they came', () => {
    const extensions = read('StartTls', 'PIPELINING2', 'X-Foo Bar baz', 'XSTARTTLS')
    expect([extensions.starttls, extensions.pipelining]).toEqual([true, false])
    expect([extensions.has('x-foo'), extensions.get('X-FOO'), extensions.get('nothing')]).toEqual([
      true,
      'Bar baz',
      undefined,
    ])
    expect([...extensions.keywords()]).toEqual(['STARTTLS', 'PIPELINING2', 'X-FOO', 'XSTARTTLS'])
  })

  it('has nothing for a reply of one line, as to HELO', () => {
    const extensions = parseExtensions(reply('mx.example.org'))
    expect([[...extensions.entries()], extensions.size, extensions.auth]).toEqual([[], undefined, []])
  })

  it('is not misled by names of Object.prototype (T-10)', () => {
    const extensions = read('__proto__ x', 'constructor y', 'toString')
    expect([extensions.has('hasOwnProperty'), extensions.has('valueOf')]).toEqual([false, false])
    expect([extensions.get('constructor'), extensions.ignored]).toEqual(['y', ['__proto__ x']])
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })

  it('merges AUTH and AUTH= (P35)', () => {
    expect(read('AUTH=PLAIN login', 'AUTH CRAM-MD5 PLAIN', 'AUTH').auth).toEqual(['PLAIN', 'LOGIN', 'CRAM-MD5'])
    expect(read('AUTH= PLAIN', 'AUTH LOGIN').get('auth')).toBe('PLAIN LOGIN')
    expect(read('AUTH').auth).toEqual([])
  })

  it.each([
    ['SIZE 1000', 1000],
    ['SIZE 0', 0],
    ['SIZE', undefined],
    ['SIZE x', undefined],
    ['SIZE -1', undefined],
    ['SIZE 1e9', undefined],
    ['SIZE 10 20', undefined],
    [`SIZE 1${'0'.repeat(30)}`, Number.POSITIVE_INFINITY],
  ])('%s is a size of %s (T-42)', (line, size) => {
    expect(read(line)).toMatchObject({ size })
  })

  it.each([
    ['LIMITS MAILMAX=5 RCPTMAX=100 RCPTDOMAINMAX=1', { mailMax: 5, rcptMax: 100, rcptDomainMax: 1 }],
    ['LIMITS rcptmax=999999', { mailMax: undefined, rcptMax: 999_999 }],
    ['LIMITS RCPTMAX=0 MAILMAX=x', { mailMax: undefined, rcptMax: undefined }],
    ['LIMITS RCPTMAX=1000000', { rcptMax: undefined }],
    ['LIMITS RCPTMAX=007', { rcptMax: undefined }],
    ['LIMITS RCPTMAX RCPTMAX=3', { rcptMax: undefined }],
    [
      'LIMITS RCPTMAX=3 XYZ',
      {
        rcptMax: 3,
        all: new Map([
          ['RCPTMAX', '3'],
          ['XYZ', ''],
        ]),
      },
    ],
  ])('%s (RFC 9422)', (line, limits) => {
    expect(read(line).limits).toMatchObject(limits)
  })

  it('ignores a LIMITS line with bad syntax as a whole', () => {
    for (const line of ['LIMITS RCPTMAX=3 =4', 'LIMITS RCPTMAX=', 'LIMITS RCPT;MAX=3', 'LIMITS RCPTMAX=3;4']) {
      expect(read(line).limits).toBeUndefined()
    }
  })

  it('reads the parameters of the others', () => {
    const e = read(
      'DELIVERBY 240',
      'FUTURERELEASE 86400 2030-01-01T00:00:00Z',
      'MT-PRIORITY MIXER',
      'BURL imap imap://x',
      'NO-SOLICITING a.b:ADV,c',
      'XCLIENT name ADDR',
      'XFORWARD PORT',
    )
    expect(e.deliverBy).toEqual({ minimum: 240 })
    expect(e.futureRelease).toEqual({ maxInterval: 86_400, maxDateTime: '2030-01-01T00:00:00Z' })
    expect(e.mtPriority).toEqual({ profile: 'MIXER' })
    expect([e.burl, e.noSoliciting, e.xclient, e.xforward]).toEqual([
      ['imap', 'imap://x'],
      ['a.b:ADV', 'c'],
      ['NAME', 'ADDR'],
      ['PORT'],
    ])
    const bare = read('DELIVERBY', 'FUTURERELEASE x', 'MT-PRIORITY', 'BURL', 'NO-SOLICITING', 'BINARYMIME')
    expect([bare.deliverBy, bare.futureRelease, bare.mtPriority]).toEqual([
      { minimum: undefined },
      { maxInterval: undefined, maxDateTime: undefined },
      { profile: undefined },
    ])
    expect([bare.burl, bare.noSoliciting, bare.binaryMime]).toEqual([[], [], false])
    const none = read()
    expect([
      none.deliverBy,
      none.futureRelease,
      none.mtPriority,
      none.burl,
      none.noSoliciting,
      none.xclient,
      none.xforward,
      none.limits,
    ]).toEqual(Array(8).fill(undefined))
  })
})

describe('quirks of EHLO', () => {
  it.each([
    ['authEquals', 'AUTH=PLAIN'],
    ['emptyKeyword', ''],
    ['irregularLine', 'X_FOO bar'],
    ['irregularLine', 'SIZE=100'],
    ['irregularLine', '-X'],
    ['irregularLine', 'X \0'],
    ['irregularLine', 'X \xe9'],
    ['otherSpace', 'SIZE\t100'],
    ['otherSpace', 'SIZE  100'],
    ['otherSpace', 'SIZE 100 '],
  ] as const)('%s: %j can be tolerated and refused', (quirk, line) => {
    const odd = reply('mx.example.org', line, 'PIPELINING')
    const extensions = parseExtensions(odd)
    expect([extensions.quirks, extensions.pipelining]).toEqual([[quirk], true])
    expect(extensions.ignored).toEqual(quirk === 'irregularLine' ? [line.replace('\xe9', '\ufffd')] : [])
    expect(() => parseExtensions(odd, { quirks: { [quirk]: false } })).toThrow(DecodeError)
  })
})

describe('the replies of real servers', () => {
  it.each([
    [
      'Postfix',
      [
        'PIPELINING',
        'SIZE 10240000',
        'VRFY',
        'ETRN',
        'STARTTLS',
        'AUTH PLAIN LOGIN',
        'AUTH=PLAIN LOGIN',
        'ENHANCEDSTATUSCODES',
        '8BITMIME',
        'DSN',
        'SMTPUTF8',
        'CHUNKING',
      ],
      ['authEquals'],
      12,
    ],
    [
      'smtp-sink',
      [
        'PIPELINING',
        '8BITMIME',
        'AUTH PLAIN LOGIN',
        'XCLIENT NAME HELO',
        'XFORWARD NAME ADDR PROTO HELO',
        'ENHANCEDSTATUSCODES',
        'DSN',
        '',
      ],
      ['emptyKeyword'],
      7,
    ],
    [
      'Cyrus lmtpd',
      [
        '8BITMIME',
        'ENHANCEDSTATUSCODES',
        'PIPELINING',
        'SIZE',
        'STARTTLS',
        'AUTH SCRAM-SHA-1-PLUS EXTERNAL',
        'IGNOREQUOTA',
        'Ok SESSIONID=<cyrus-1-2-3>',
      ],
      [],
      8,
    ],
    [
      'Courier',
      [
        'AUTH LOGIN PLAIN CRAM-SHA1',
        'STARTTLS',
        'XVERP=Courier',
        'XEXDATA',
        'XSECURITY=NONE,STARTTLS',
        'PIPELINING',
        '8BITMIME',
        'SMTPUTF8',
        'SIZE',
        'DSN',
      ],
      ['irregularLine'],
      8,
    ],
    [
      'Exim',
      [
        'SIZE 52428800',
        '8BITMIME',
        'DSN',
        'ETRN',
        'VRFY',
        'EXPN',
        'PIPELINING',
        'PIPECONNECT',
        'AUTH PLAIN',
        'CHUNKING',
        'STARTTLS',
        'PRDR',
        'SMTPUTF8',
        'HELP',
      ],
      [],
      14,
    ],
    [
      'Dovecot submission',
      [
        '8BITMIME',
        'AUTH',
        'BURL imap imap://host',
        'CHUNKING',
        'DSN',
        'ENHANCEDSTATUSCODES',
        'PIPELINING',
        'SIZE 1000',
        'VRFY',
      ],
      [],
      9,
    ],
    [
      'sendmail',
      [
        'ENHANCEDSTATUSCODES',
        'PIPELINING',
        'EXPN',
        'VERB',
        '8BITMIME',
        'SIZE',
        'DSN',
        'ETRN',
        'AUTH EXTERNAL',
        'STARTTLS',
        'DELIVERBY',
        'HELP',
      ],
      [],
      12,
    ],
  ] as const)('%s', (_server, lines, quirks, count) => {
    const extensions = read(...lines)
    expect([extensions.quirks, [...extensions.keywords()].length]).toEqual([
      quirks,
      lines.includes('AUTH=PLAIN LOGIN' as never) ? count - 1 : count,
    ])
    expect(extensions.pipelining).toBe(true)
  })
})

describe('writeExtensions', () => {
  it('writes the reply of a server', () => {
    const wire = writeExtensions({
      domain: 'mx.example.org',
      greeting: 'at your service',
      pipelining: true,
      size: true,
      auth: ['plain'],
      extra: { 'X-Y': 'z' },
    })
    expect(Buffer.from(wire).toString()).toBe(
      '250-mx.example.org at your service\r\n250-PIPELINING\r\n250-SIZE\r\n250-AUTH PLAIN\r\n250 X-Y z\r\n',
    )
  })

  it.each<[string, Partial<ExtensionsInput>]>([
    ['a size that is none', { size: -1 }],
    ['a size that is too large', { size: 2 ** 60 }],
    ['a mechanism that is none', { auth: ['PLAIN LOGIN'] }],
    ['a keyword twice', { pipelining: true, extra: { pipelining: '' } }],
    ['a keyword that is none', { extra: { X_Y: '' } }],
    ['a keyword with a line end', { extra: { 'X\r\n250 Y': '' } }],
    ['a parameter with a line end', { extra: { X: 'a\r\nb' } }],
    ['a parameter outside ASCII', { extra: { X: 'ü' } }],
    ['BINARYMIME without CHUNKING', { binaryMime: true }],
    ['a limit of 0', { limits: { rcptMax: 0 } }],
    ['LIMITS without a limit', { limits: {} }],
    ['a date that is none', { futureRelease: { maxInterval: 1, maxDateTime: 'tomorrow' } }],
    ['an attribute that is none', { xclient: ['A B'] }],
  ])('refuses %s', (_name, part) => {
    expect(() => writeExtensions({ domain: 'mx', ...part })).toThrow(EncodeError)
  })

  it('is read back as it was, every extension of it', () => {
    const flags = [
      'pipelining',
      'eightBitMime',
      'starttls',
      'chunking',
      'smtputf8',
      'dsn',
      'enhancedStatusCodes',
      'vrfy',
      'expn',
      'help',
      'etrn',
      'requireTls',
      'rrvs',
    ] as const
    const word = fc.string({ unit: fc.constantFrom(...'aB0-._:'), minLength: 1, maxLength: 8 })
    const name = fc.stringMatching(/^[A-Z][A-Z0-9]{0,6}$/)
    const count = fc.option(fc.integer({ min: 1, max: 999_999 }), { nil: undefined })
    const input = fc.record(
      {
        ...Object.fromEntries(flags.map(flag => [flag, fc.boolean()])),
        size: fc.maxSafeNat(),
        auth: fc.uniqueArray(name, { minLength: 1, maxLength: 4 }),
        deliverBy: fc.record({ minimum: fc.option(fc.nat(999_999_999), { nil: undefined }) }),
        futureRelease: fc.record({
          maxInterval: fc.integer({ min: 1, max: 999_999_999 }),
          maxDateTime: fc.constant('2030-12-31T23:59:59Z'),
        }),
        mtPriority: fc.record({ profile: fc.option(word, { nil: undefined }) }),
        limits: fc
          .record({ mailMax: count, rcptMax: count, rcptDomainMax: count })
          .filter(l => Object.values(l).some(v => v !== undefined)),
        noSoliciting: fc.uniqueArray(fc.stringMatching(/^[a-z][a-z.:]{0,6}$/), { maxLength: 3 }),
        burl: fc.uniqueArray(word, { maxLength: 3 }),
        xclient: fc.uniqueArray(name, { maxLength: 3 }),
        xforward: fc.uniqueArray(name, { maxLength: 3 }),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(input, given => {
        const extensions = parseExtensions(
          parseReply(writeExtensions({ domain: 'mx.example.org', ...given } as ExtensionsInput)),
        )
        for (const flag of flags) expect(extensions[flag]).toBe((given as Record<string, unknown>)[flag] ?? false)
        const { limits, auth, ...others } = given
        expect(extensions.auth).toEqual(auth ?? [])
        if (limits) expect(extensions.limits).toMatchObject(limits)
        else expect(extensions.limits).toBeUndefined()
        for (const key of [
          'size',
          'deliverBy',
          'futureRelease',
          'mtPriority',
          'noSoliciting',
          'burl',
          'xclient',
          'xforward',
        ] as const) {
          expect(extensions[key]).toEqual(others[key])
        }
        expect([extensions.quirks, extensions.ignored]).toEqual([[], []])
      }),
      { numRuns: 500 },
    )
  })
})

describe('Extensions, one by one', () => {
  it('have the name and the greeting of the first line, whatever it is', () => {
    const first = (line: string) => {
      const { domain, greeting } = parseExtensions(reply(line))
      return [domain, greeting]
    }
    expect(first('mx')).toEqual(['mx', ''])
    expect(first('mx hello there')).toEqual(['mx', 'hello there'])
    expect(first(' hello')).toEqual(['', 'hello'])
  })

  it('offer BINARYMIME only with CHUNKING (RFC 3030 3)', () => {
    expect(read('BINARYMIME', 'CHUNKING').binaryMime).toBe(true)
    expect([read('BINARYMIME').binaryMime, read('CHUNKING').binaryMime]).toEqual([false, false])
  })

  it.each([
    ['DELIVERBY', undefined],
    ['DELIVERBY 0', 0],
    ['DELIVERBY 999999999', 999_999_999],
    ['DELIVERBY 1000000000', undefined],
    ['DELIVERBY 120,x', 120],
    ['DELIVERBY x', undefined],
  ])('%s: a minimum of %s seconds (RFC 2852 3)', (line, minimum) => {
    expect(read(line).deliverBy).toEqual({ minimum })
  })

  it.each([
    ['FUTURERELEASE', undefined, undefined],
    ['FUTURERELEASE 0 x', undefined, 'x'],
    ['FUTURERELEASE 1 x', 1, 'x'],
    ['FUTURERELEASE 999999999', 999_999_999, undefined],
    ['FUTURERELEASE 1000000000 x', undefined, 'x'],
  ])('%s (RFC 4865 3)', (line, maxInterval, maxDateTime) => {
    expect(read(line).futureRelease).toEqual({ maxInterval, maxDateTime })
  })

  it('count by their first line, but for AUTH, whose lines are joined', () => {
    expect(read('SIZE 1', 'SIZE 2', 'SIZE').get('size')).toBe('1')
    expect(read('AUTH PLAIN', 'AUTH').get('auth')).toBe('PLAIN')
    expect(read('AUTH', 'AUTH PLAIN').get('auth')).toBe('PLAIN')
    expect(read('AUTH PLAIN', 'AUTH LOGIN').get('auth')).toBe('PLAIN LOGIN')
  })

  it('take limits with names they do not know, and none with a bad one (RFC 9422 3, 4)', () => {
    const limits = (line: string) => read(line).limits
    expect(limits('LIMITS')).toEqual({ all: new Map() })
    expect(limits('LIMITS MAILMAX=5 X-A_b=z FLAG')).toMatchObject({
      mailMax: 5,
      all: new Map([
        ['MAILMAX', '5'],
        ['X-A_B', 'z'],
        ['FLAG', ''],
      ]),
    })
    expect(limits('LIMITS MAILMAX=1x RCPTMAX=2')).toMatchObject({ mailMax: undefined, rcptMax: 2 })
    for (const line of ['LIMITS =5', 'LIMITS MAILMAX=', 'LIMITS A.B=1', 'LIMITS A=1;2'])
      expect(limits(line)).toBeUndefined()
  })

  it('list no empty class of NO-SOLICITING (RFC 3865 2.2)', () => {
    expect(read('NO-SOLICITING a:b,,c').noSoliciting).toEqual(['a:b', 'c'])
    expect(read('NO-SOLICITING').noSoliciting).toEqual([])
  })
})

describe('quirks of EHLO, refused', () => {
  it.each([
    ['authEquals', 'AUTH=PLAIN', 'reply: AUTH= instead of AUTH'],
    ['emptyKeyword', '', 'reply: line without a keyword'],
    ['irregularLine', 'X_A', 'reply: line is not an ehlo-line'],
    ['irregularLine', '-X', 'reply: line is not an ehlo-line'],
    ['irregularLine', 'X a\x7f', 'reply: line is not an ehlo-line'],
    ['irregularLine', 'X a\x01', 'reply: line is not an ehlo-line'],
    ['otherSpace', 'X  a', 'reply: more than one space between words'],
    ['otherSpace', 'X a ', 'reply: more than one space between words'],
    ['otherSpace', 'X\ta', 'reply: more than one space between words'],
  ])('%s: %j', (quirk, line, message) => {
    expect(() => parseExtensions(reply('mx', line, 'X'), { quirks: { [quirk]: false } })).toThrow(message)
    expect(parseExtensions(reply('mx', line, 'X')).quirks).toEqual([quirk])
  })
})

describe('writeExtensions, one by one', () => {
  const written = (extensions: Partial<ExtensionsInput>) =>
    Buffer.from(writeExtensions({ domain: 'a', ...extensions })).toString()

  it('offers no AUTH without a mechanism', () => {
    expect(written({ auth: [] })).toBe('250 a\r\n')
    expect(written({ auth: ['plain', 'X'] })).toBe('250-a\r\n250 AUTH PLAIN X\r\n')
  })

  it('writes BINARYMIME behind CHUNKING, and others word by word', () => {
    expect(written({ chunking: true, binaryMime: true })).toBe('250-a\r\n250-CHUNKING\r\n250 BINARYMIME\r\n')
    expect(written({ extra: { X: 'b c' } })).toBe('250-a\r\n250 X b c\r\n')
  })
})
