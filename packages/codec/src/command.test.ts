import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Command,
  type CommandInput,
  DecodeError,
  EncodeError,
  type MailParametersInput,
  type ParseCommandOptions,
  parseCommand,
  type RcptParametersInput,
  writeCommand,
  writeLine,
} from './index.js'

const octets = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'))
const wireOf = (command: CommandInput, utf8?: boolean) =>
  Buffer.from(writeCommand(command, utf8 === undefined ? {} : { utf8 })).toString()
const parse = (line: string, options?: ParseCommandOptions) => parseCommand(Buffer.from(line), options)
const mail = (parameters: MailParametersInput, utf8?: boolean) =>
  wireOf({ verb: 'MAIL', path: 'a@b', parameters }, utf8).slice(15, -2)
const rcpt = (parameters: RcptParametersInput, utf8?: boolean) =>
  wireOf({ verb: 'RCPT', path: 'a@b', parameters }, utf8).slice(13, -2)

describe('commands, written and read', () => {
  it.each<[string, CommandInput]>([
    ['EHLO client.example.org', { verb: 'EHLO', name: 'client.example.org' }],
    ['HELO [127.0.0.1]', { verb: 'HELO', name: '[127.0.0.1]' }],
    ['MAIL FROM:<>', { verb: 'MAIL', path: '' }],
    ['MAIL FROM:<a@b> SIZE=1000', { verb: 'MAIL', path: 'a@b', parameters: { size: 1000 } }],
    ['RCPT TO:<Postmaster>', { verb: 'RCPT', path: 'Postmaster' }],
    ['RCPT TO:<"a b"@c>', { verb: 'RCPT', path: { localPart: 'a b', domain: 'c' } }],
    ['DATA', { verb: 'DATA' }],
    ['RSET', { verb: 'RSET' }],
    ['QUIT', { verb: 'QUIT' }],
    ['STARTTLS', { verb: 'STARTTLS' }],
    ['NOOP', { verb: 'NOOP' }],
    ['NOOP as you like', { verb: 'NOOP', argument: 'as you like' }],
    ['HELP MAIL', { verb: 'HELP', argument: 'MAIL' }],
    ['VRFY Jones', { verb: 'VRFY', argument: 'Jones' }],
    ['EXPN staff', { verb: 'EXPN', argument: 'staff' }],
    ['AUTH PLAIN', { verb: 'AUTH', mechanism: 'PLAIN' }],
    ['AUTH EXTERNAL =', { verb: 'AUTH', mechanism: 'EXTERNAL', initial: new Uint8Array() }],
    ['AUTH PLAIN AHRlc3QAMTIzNA==', { verb: 'AUTH', mechanism: 'PLAIN', initial: octets('\0test\x001234') }],
    ['BDAT 86', { verb: 'BDAT', size: 86, last: false }],
    ['BDAT 0 LAST', { verb: 'BDAT', size: 0, last: true }],
    ['BURL imap://a@b/c;uid=1 LAST', { verb: 'BURL', url: 'imap://a@b/c;uid=1', last: true }],
    ['BURL imap://x', { verb: 'BURL', url: 'imap://x', last: false }],
    ['ETRN uu.net', { verb: 'ETRN', node: 'uu.net' }],
    ['ETRN @foo.com', { verb: 'ETRN', node: '@foo.com' }],
    ['ETRN #uucp', { verb: 'ETRN', node: '#uucp' }],
    [
      'XCLIENT NAME=spike.porcupine.org ADDR=168.100.189.2',
      { verb: 'XCLIENT', attributes: { NAME: 'spike.porcupine.org', ADDR: '168.100.189.2' } },
    ],
    ['XFORWARD IDENT=a+20b', { verb: 'XFORWARD', attributes: new Map([['IDENT', 'a b']]) }],
    ['X-Anything at all', { verb: 'OTHER', name: 'X-Anything', argument: 'at all' }],
    ['TURN', { verb: 'OTHER', name: 'TURN', argument: '' }],
  ])('%s', (line, command) => {
    expect(wireOf(command)).toBe(`${line}\r\n`)
    expect(wireOf(parse(line))).toBe(`${line}\r\n`)
  })

  it('takes verbs and keywords in any case (RFC 5321 2.4), and white space at the end (4.1.1)', () => {
    expect(parse('ehlo Example.ORG \t')).toEqual({ verb: 'EHLO', name: 'Example.ORG' })
    expect(parse('mail from:<a@b> size=1 body=8bitmime smtputf8', { smtputf8: true })).toMatchObject({
      parameters: { size: 1, body: '8BITMIME', smtputf8: true },
    })
    expect(parse('auth plain')).toEqual({ verb: 'AUTH', mechanism: 'PLAIN' })
    expect(parse('bdat 5 last')).toEqual({ verb: 'BDAT', size: 5, last: true })
    expect(parse('quit   ')).toEqual({ verb: 'QUIT' })
  })

  it('reads LHLO in LMTP only, EHLO and HELO in SMTP only (RFC 2033 4.1)', () => {
    expect(parse('LHLO a', { lmtp: true })).toEqual({ verb: 'LHLO', name: 'a' })
    for (const [line, lmtp] of [
      ['LHLO a', false],
      ['EHLO a', true],
      ['HELO a', true],
    ] as const) {
      expect(() => parse(line, { lmtp })).toThrow(
        expect.objectContaining({ reply: expect.objectContaining({ code: 500 }) }),
      )
    }
  })

  it('VRFY and EXPN may ask for UTF-8 (RFC 6531 3.7.4.2)', () => {
    expect(wireOf({ verb: 'VRFY', argument: 'pelé', smtputf8: true })).toBe('VRFY pelé SMTPUTF8\r\n')
    for (const line of ['VRFY pelé SMTPUTF8', 'vrfy pelé smtpUTF8']) {
      expect(parse(line, { smtputf8: true })).toEqual({ verb: 'VRFY', argument: 'pelé', smtputf8: true })
    }
    expect(() => parse('VRFY pelé  SMTPUTF8', { smtputf8: true })).toThrow('more than one space before SMTPUTF8')
    expect(() => wireOf({ verb: 'VRFY', argument: 'pelé' })).toThrow(expect.objectContaining({ code: 'EUTF8' }))
  })

  it('an address outside ASCII needs SMTPUTF8 in both directions (RFC 6531 3.4, 3.5)', () => {
    expect(() => wireOf({ verb: 'MAIL', path: 'é@b' })).toThrow(expect.objectContaining({ code: 'EUTF8' }))
    expect(wireOf({ verb: 'MAIL', path: 'é@b', parameters: { smtputf8: true } })).toBe('MAIL FROM:<é@b> SMTPUTF8\r\n')
    expect(() => wireOf({ verb: 'RCPT', path: 'é@b' })).toThrow(expect.objectContaining({ code: 'EUTF8' }))
    expect(wireOf({ verb: 'RCPT', path: 'é@b' }, true)).toBe('RCPT TO:<é@b>\r\n')
    const refused = (enhanced: string) => expect.objectContaining({ reply: expect.objectContaining({ enhanced }) })
    expect(() => parse('MAIL FROM:<é@b>')).toThrow(refused('5.5.2'))
    expect(() => parse('MAIL FROM:<é@b>', { smtputf8: true })).toThrow(refused('5.6.7'))
    expect(parse('MAIL FROM:<é@b> SMTPUTF8', { smtputf8: true })).toMatchObject({ path: { utf8: true } })
    expect(() => parseCommand(octets('MAIL FROM:<\xe9@b> SMTPUTF8'), { smtputf8: true })).toThrow('not UTF-8')
  })
})

describe('parameters of MAIL, written and read', () => {
  it.each<[string, MailParametersInput]>([
    [' SIZE=0', { size: 0 }],
    [` SIZE=${Number.MAX_SAFE_INTEGER}`, { size: Number.MAX_SAFE_INTEGER }],
    [' BODY=7BIT', { body: '7BIT' }],
    [' BODY=BINARYMIME', { body: 'BINARYMIME' }],
    [' RET=HDRS ENVID=QQ314159', { ret: 'HDRS', envid: 'QQ314159' }],
    [' ENVID=a+20b+2Bc+3Dd', { envid: 'a b+c=d' }],
    [' AUTH=<>', { auth: '' }],
    [' AUTH=e+3Dmc2@example.com', { auth: 'e=mc2@example.com' }],
    [' BY=120;R', { by: { seconds: 120, mode: 'R' } }],
    [' BY=-30;NT', { by: { seconds: -30, mode: 'N', trace: true } }],
    [' HOLDFOR=86400', { holdfor: 86_400 }],
    [' HOLDUNTIL=2030-01-01T00:00:00Z', { holduntil: '2030-01-01T00:00:00Z' }],
    [' MT-PRIORITY=-9', { mtpriority: -9 }],
    [' MT-PRIORITY=0', { mtpriority: 0 }],
    [' REQUIRETLS', { requiretls: true }],
    [' SOLICIT=net.example:ADV,org.example:X', { solicit: ['net.example:ADV', 'org.example:X'] }],
    [' XVERP X-Y=z', { extra: { XVERP: true, 'X-Y': 'z' } }],
  ])('%s', (text, parameters) => {
    expect(mail(parameters)).toBe(text)
    const read = parse(`MAIL FROM:<a@b>${text}`) as Extract<Command, { verb: 'MAIL' }>
    const { extra, ...typed } = parameters
    expect(read.parameters).toEqual(extra ? { ...typed, extra: new Map(Object.entries(extra)) } : typed)
  })

  it.each<[string, MailParametersInput]>([
    ['a size below 0', { size: -1 }],
    ['a size that is no integer', { size: 1.5 }],
    ['a size beyond the safe integers', { size: 2 ** 53 }],
    ['a size that is no number (CVE of 2026: envelope.size)', { size: '1 X=\r\nRCPT' as unknown as number }],
    ['another BODY', { body: '8BIT' as '7BIT' }],
    ['another RET', { ret: 'full' as 'FULL' }],
    ['an ENVID with a line end', { envid: 'a\r\nb' }],
    ['an ENVID outside ASCII', { envid: 'ü' }],
    ['an AUTH that is no address', { auth: 'x' }],
    ['BY=0;R', { by: { seconds: 0, mode: 'R' } }],
    ['a BY of ten digits', { by: { seconds: 1e9, mode: 'N' } }],
    ['another mode of BY', { by: { seconds: 1, mode: 'X' as 'N' } }],
    ['HOLDFOR=0', { holdfor: 0 }],
    ['a HOLDFOR of ten digits', { holdfor: 1e9 }],
    ['a HOLDUNTIL that is no date-time', { holduntil: '2030-01-01' }],
    ['HOLDFOR and HOLDUNTIL', { holdfor: 1, holduntil: '2030-01-01T00:00:00Z' }],
    ['a priority of 10', { mtpriority: 10 }],
    ['a SOLICIT with a space', { solicit: ['a b'] }],
    ['an empty SOLICIT', { solicit: [] }],
    ['a keyword with a space (T-02)', { extra: { 'A B': true } }],
    ['a keyword with "="', { extra: { 'A=B': true } }],
    ['a keyword with a line end', { extra: { 'A\r\nB': true } }],
    ['a keyword that starts with a hyphen', { extra: { '-A': true } }],
    ['an empty keyword', { extra: { '': true } }],
    ['a value with a space (T-02)', { extra: { A: 'b c' } }],
    ['a value with another parameter', { extra: { A: 'b C=d' } }],
    ['a value with "="', { extra: { A: 'b=c' } }],
    ['a value with a line end', { extra: { A: 'b\r\nRSET' } }],
    ['an empty value', { extra: { A: '' } }],
    ['a value outside ASCII', { extra: { A: 'ü' } }],
    ['a known keyword with a bad value', { extra: { SIZE: 'x' } }],
    ['a known keyword twice', { size: 1, extra: { size: '2' } }],
    [
      'an unknown keyword twice',
      {
        extra: new Map([
          ['A', true],
          ['a', true],
        ]),
      },
    ],
    ['__proto__ (T-10)', { extra: JSON.parse('{"__proto__":"x"}') as Record<string, string> }],
  ])('%s is not written', (_name, parameters) => {
    expect(() => mail(parameters)).toThrow(EncodeError)
  })

  it.each([
    'SIZE',
    'SIZE=',
    'SIZE=x',
    'SIZE=-1',
    `SIZE=${'1'.repeat(21)}`,
    'SIZE=1 SIZE=2',
    'SIZE=1 size=1',
    'BODY=',
    'BODY=9BIT',
    'SMTPUTF8=1',
    'RET=ALL',
    `ENVID=${'x'.repeat(101)}`,
    'ENVID=a+0D+0Ab',
    'ENVID=a+C3+BC',
    'AUTH=x',
    'AUTH=',
    'BY=1',
    'BY=;R',
    'BY=0;R',
    'BY=1;X',
    'HOLDFOR=0',
    'HOLDFOR=01',
    'HOLDUNTIL=x',
    'HOLDFOR=1 HOLDUNTIL=2030-01-01T00:00:00Z',
    'MT-PRIORITY=10',
    'MT-PRIORITY=-0',
    'MT-PRIORITY=+1',
    'REQUIRETLS=1',
    'SOLICIT=1a',
    '=x',
    '-A=b',
    'A==',
    'A=b=c',
    'A_B',
    ' A',
    'A  B',
  ])('%s is answered 501', parameters => {
    expect(() => parse(`MAIL FROM:<a@b> ${parameters}`)).toThrow(
      expect.objectContaining({ reply: expect.objectContaining({ code: 501, enhanced: '5.5.4' }) }),
    )
  })

  it('a size beyond the safe integers is read as Infinity (T-42), and not written', () => {
    const command = parse('MAIL FROM:<a@b> SIZE=99999999999999999999')
    expect(command).toMatchObject({ parameters: { size: Number.POSITIVE_INFINITY } })
    expect(() => wireOf(command)).toThrow(EncodeError)
  })

  it('a map of another realm loses nothing', () => {
    const extra = runInNewContext("new Map([['X', '1']])") as Map<string, string>
    expect(extra instanceof Map).toBe(false)
    expect(mail({ extra })).toBe(' X=1')
  })

  it('unknown parameters are kept as they came', () => {
    expect(parse('MAIL FROM:<a@b> xVerp=A,b FOO size=3')).toMatchObject({
      parameters: {
        size: 3,
        extra: new Map<string, unknown>([
          ['xVerp', 'A,b'],
          ['FOO', true],
        ]),
      },
    })
  })
})

describe('parameters of RCPT, written and read', () => {
  it.each<[string, RcptParametersInput, boolean?]>([
    [' NOTIFY=NEVER', { notify: ['NEVER'] }],
    [' NOTIFY=SUCCESS,FAILURE,DELAY', { notify: ['SUCCESS', 'FAILURE', 'DELAY'] }],
    [' ORCPT=rfc822;Bob@Example.COM', { orcpt: { type: 'rfc822', address: 'Bob@Example.COM' } }],
    [' ORCPT=rfc822;a+2Bb+3Dc@d', { orcpt: { type: 'rfc822', address: 'a+b=c@d' } }],
    [' ORCPT=utf-8;pel\\x{E9}@b', { orcpt: { type: 'utf-8', address: 'pelé@b' } }],
    [' ORCPT=utf-8;pelé@b', { orcpt: { type: 'utf-8', address: 'pelé@b' } }, true],
    [' RRVS=2014-04-03T23:01:00Z', { rrvs: { since: '2014-04-03T23:01:00Z' } }],
    [' RRVS=2014-04-03T23:01:00Z;C', { rrvs: { since: '2014-04-03T23:01:00Z', action: 'C' } }],
    [' X=1', { extra: { X: '1' } }],
  ])('%s', (text, parameters, utf8 = false) => {
    expect(rcpt(parameters, utf8)).toBe(text)
    const read = parse(`RCPT TO:<a@b>${text}`, { smtputf8: utf8 }) as Extract<Command, { verb: 'RCPT' }>
    const { extra, ...typed } = parameters
    expect(read.parameters).toEqual(extra ? { ...typed, extra: new Map(Object.entries(extra)) } : typed)
  })

  it.each<[string, RcptParametersInput]>([
    ['NEVER with another (RFC 3461 4.1)', { notify: ['NEVER', 'DELAY'] as unknown as ['NEVER'] }],
    ['an empty NOTIFY', { notify: [] }],
    ['a condition twice', { notify: ['DELAY', 'DELAY'] }],
    ['an ORCPT without a type', { orcpt: { type: '', address: 'a@b' } }],
    ['an ORCPT type with ";"', { orcpt: { type: 'a;b', address: 'a@b' } }],
    ['an ORCPT without an address', { orcpt: { type: 'rfc822', address: '' } }],
    ['an ORCPT with a line end', { orcpt: { type: 'rfc822', address: 'a\r\nb' } }],
    ['an ORCPT that is too long', { orcpt: { type: 'rfc822', address: 'a'.repeat(500) } }],
    ['an RRVS with a fraction', { rrvs: { since: '2014-04-03T23:01:00.5Z' } }],
    ['another action of RRVS', { rrvs: { since: '2014-04-03T23:01:00Z', action: 'X' as 'C' } }],
  ])('%s is not written', (_name, parameters) => {
    expect(() => rcpt(parameters)).toThrow(EncodeError)
  })

  it.each([
    'NOTIFY',
    'NOTIFY=',
    'NOTIFY=NEVER,DELAY',
    'NOTIFY=ALWAYS',
    'ORCPT=',
    'ORCPT=a@b',
    'ORCPT=;a@b',
    'ORCPT=rfc822;',
    'ORCPT=rfc822;a+b',
    'ORCPT=rfc822;a ORCPT=rfc822;a',
    'RRVS=x',
    'RRVS=2014-04-03T23:01:00Z;X',
  ])('%s is answered 501', parameters => {
    expect(() => parse(`RCPT TO:<a@b> ${parameters}`)).toThrow(
      expect.objectContaining({ reply: expect.objectContaining({ code: 501 }) }),
    )
  })

  it('holds the limits of ENVID (100) and ORCPT (500) (RFC 3461 4.2, 4.4)', () => {
    for (const length of [99, 100]) expect(mail({ envid: 'x'.repeat(length) })).toHaveLength(length + 7)
    expect(() => mail({ envid: 'x'.repeat(101) })).toThrow(expect.objectContaining({ code: 'ELENGTH' }))
    expect(() => mail({ envid: '+'.repeat(34) })).toThrow(expect.objectContaining({ code: 'ELENGTH' }))
    const orcpt = (length: number) => rcpt({ orcpt: { type: 'x', address: 'a'.repeat(length - 2) } })
    for (const length of [499, 500]) expect(orcpt(length)).toHaveLength(length + 7)
    expect(() => orcpt(501)).toThrow(expect.objectContaining({ code: 'ELENGTH' }))
  })
})

describe('parseCommand answers', () => {
  it.each([
    ['', 500, '5.5.2'],
    [' NOOP', 500, '5.5.2'],
    ['NOOP a\0b', 500, '5.5.2'],
    ['NOOP a\tb', 500, '5.5.2'],
    ['NOOP a\rb', 500, '5.5.2'],
    ['NOOP \x7f', 500, '5.5.2'],
    ['NOOP \u0085', 500, '5.5.2'],
    ['NOOP \u2028', 500, '5.5.2'],
    ['EHLO', 501, '5.5.4'],
    ['EHLO a b', 501, '5.5.4'],
    [`EHLO ${'a'.repeat(256)}`, 501, '5.5.4'],
    ['DATA x', 501, '5.5.4'],
    ['RSET x', 501, '5.5.4'],
    ['QUIT x', 501, '5.5.4'],
    ['STARTTLS x', 501, '5.5.4'],
    ['VRFY', 501, '5.5.4'],
    ['EXPN', 501, '5.5.4'],
    ['MAIL', 501, '5.1.7'],
    ['MAIL TO:<a@b>', 501, '5.1.7'],
    ['MAIL FROM <a@b>', 501, '5.1.7'],
    ['MAIL FROM:a@b', 501, '5.1.7'],
    ['MAIL FROM:<a@b', 501, '5.1.7'],
    ['MAIL FROM:<a@b>SIZE=1', 501, '5.5.4'],
    ['RCPT TO:<>', 501, '5.1.3'],
    ['RCPT FROM:<a@b>', 501, '5.1.3'],
    ['AUTH', 501, '5.5.4'],
    ['AUTH PLAIN a b', 501, '5.5.4'],
    ['AUTH PLA.IN', 501, '5.5.4'],
    ['AUTH PLAIN A===', 501, '5.5.2'],
    ['ETRN', 501, '5.5.4'],
    ['ETRN a b', 501, '5.5.4'],
    ['ETRN #', 501, '5.5.4'],
    ['ETRN @', 501, '5.5.4'],
    ['BURL', 501, '5.5.4'],
    ['BURL x FIRST', 501, '5.5.4'],
    ['XCLIENT', 501, '5.5.4'],
    ['XCLIENT A', 501, '5.5.4'],
    ['XCLIENT A=', 501, '5.5.4'],
    ['XCLIENT A=1 a=2', 501, '5.5.4'],
    ['XCLIENT A=+0A', 501, '5.5.4'],
  ])('%j with %d %s', (line, code, enhanced) => {
    expect(() => parse(line)).toThrow(
      expect.objectContaining({ fault: 'remote', fatal: false, reply: expect.objectContaining({ code, enhanced }) }),
    )
  })

  it.each([
    'BDAT',
    'BDAT x',
    'BDAT -1',
    'BDAT 1 2',
    'BDAT 1 LAST x',
    'BDAT 1.5',
    'BDAT 0x10',
    'BDAT 9007199254740992',
    `BDAT ${'9'.repeat(40)}`,
  ])('%s with 501 and the end: nobody knows where the next command starts (T-33)', line => {
    expect(() => parse(line)).toThrow(
      expect.objectContaining({ fatal: true, reply: expect.objectContaining({ code: 501 }) }),
    )
  })
})

describe('quirks of commands', () => {
  it.each([
    ['spaceBeforePath', 'MAIL FROM: <a@b>', 'MAIL FROM:<a@b>'],
    ['spaceBeforePath', 'RCPT TO:   <a@b> NOTIFY=NEVER', 'RCPT TO:<a@b> NOTIFY=NEVER'],
    ['missingBrackets', 'MAIL FROM:a@b SIZE=1', 'MAIL FROM:<a@b> SIZE=1'],
    ['missingBrackets', 'RCPT TO:postmaster', 'RCPT TO:<postmaster>'],
  ] as const)('%s: %s can be tolerated and refused', (quirk, line, meant) => {
    expect(wireOf(parse(line, { quirks: { [quirk]: true } }))).toBe(`${meant}\r\n`)
    expect(() => parse(line, { quirks: { [quirk]: false } })).toThrow(DecodeError)
  })

  it('missingBrackets does not let an address be two', () => {
    for (const line of ['MAIL FROM:a@b>', 'MAIL FROM:a@b>x', 'MAIL FROM:<a@b', 'MAIL FROM:a b@c']) {
      expect(() => parse(line, { quirks: { missingBrackets: true } })).toThrow(DecodeError)
    }
  })

  it.each(['my_pc', 'localhost.', '-', '[127.0.0.1'])('irregularName: EHLO %s can be tolerated and refused', name => {
    expect(parse(`EHLO ${name}`)).toEqual({ verb: 'EHLO', name })
    expect(() => parse(`EHLO ${name}`, { quirks: { irregularName: false } })).toThrow(DecodeError)
  })
})

describe('writeCommand refuses', () => {
  it.each<[string, CommandInput, string]>([
    ['a name with a second command (T-03)', { verb: 'EHLO', name: 'a\r\nMAIL FROM:<x@y>' }, 'EDOMAIN'],
    ['a name outside ASCII', { verb: 'EHLO', name: 'bücher.example' }, 'EUTF8'],
    ['an empty name', { verb: 'HELO', name: '' }, 'EDOMAIN'],
    ['an argument with a line end', { verb: 'NOOP', argument: 'a\nb' }, 'ECOMMAND'],
    ['an empty argument', { verb: 'HELP', argument: '' }, 'ECOMMAND'],
    ['an argument with a space at the end', { verb: 'VRFY', argument: 'a ' }, 'ECOMMAND'],
    ['a mechanism that is none', { verb: 'AUTH', mechanism: 'PLAIN x' }, 'ECOMMAND'],
    ['a chunk of a negative size', { verb: 'BDAT', size: -1, last: true }, 'ECHUNK'],
    ['a chunk of no size', { verb: 'BDAT', size: Number.NaN, last: true }, 'ECHUNK'],
    ['a URL with a space', { verb: 'BURL', url: 'imap://a LAST', last: false }, 'ECOMMAND'],
    ['a node with a space', { verb: 'ETRN', node: 'a b' }, 'ECOMMAND'],
    ['an attribute with a space', { verb: 'XCLIENT', attributes: { 'A B': 'x' } }, 'EPARAMETER'],
    ['an attribute with a line end', { verb: 'XCLIENT', attributes: { A: 'x\r\n' } }, 'EPARAMETER'],
    ['no attributes', { verb: 'XFORWARD', attributes: {} }, 'EPARAMETER'],
    ['a verb with a space', { verb: 'OTHER', name: 'A B', argument: '' }, 'ECOMMAND'],
    ['a verb with a line end', { verb: 'OTHER', name: 'A\r\nB', argument: '' }, 'ECOMMAND'],
    ['a typed verb without its type', { verb: 'OTHER', name: 'rcpt', argument: 'TO:<a@b>' }, 'ECOMMAND'],
    ['no verb', { verb: 'OTHER', name: '', argument: 'x' }, 'ECOMMAND'],
  ])('%s', (_name, command, code) => {
    expect(() => writeCommand(command)).toThrow(expect.objectContaining({ code, fault: 'local' }))
  })

  it('lines longer than 512 octets (RFC 5321 4.5.3.1.4), 12288 for AUTH (RFC 4954 4)', () => {
    const noop = (length: number) => writeCommand({ verb: 'NOOP', argument: 'x'.repeat(length - 7) })
    expect([noop(511).length, noop(512).length]).toEqual([511, 512])
    expect(() => noop(513)).toThrow(expect.objectContaining({ code: 'ELENGTH' }))
    const auth = (octetsOfResponse: number) =>
      writeCommand({ verb: 'AUTH', mechanism: 'X', initial: new Uint8Array(octetsOfResponse) })
    expect(auth(9207)).toHaveLength(12_285)
    expect(() => auth(9210)).toThrow(expect.objectContaining({ code: 'ELENGTH' }))
  })
})

describe('writeCommand takes', () => {
  it.each([
    'EHLO',
    'HELO',
    'LHLO',
    'MAIL',
    'RCPT',
    'DATA',
    'RSET',
    'QUIT',
    'STARTTLS',
    'NOOP',
    'HELP',
    'VRFY',
    'EXPN',
    'AUTH',
    'BDAT',
    'BURL',
    'ETRN',
    'XCLIENT',
    'XFORWARD',
  ])('%s only with its type', name => {
    expect(() => writeCommand({ verb: 'OTHER', name, argument: 'x' })).toThrow('this verb has a type of its own')
    expect(() => writeCommand({ verb: 'OTHER', name: name.toLowerCase(), argument: '' })).toThrow(EncodeError)
  })

  it('mechanisms of up to 20 characters (RFC 4422 3.1)', () => {
    const mechanism = 'A'.repeat(20)
    expect(wireOf({ verb: 'AUTH', mechanism })).toBe(`AUTH ${mechanism}\r\n`)
    expect(parse(`AUTH ${mechanism}`)).toEqual({ verb: 'AUTH', mechanism })
  })

  it('other limits of addresses, and so does parseCommand', () => {
    const limits = { localPart: 80 }
    const path = `${'a'.repeat(80)}@b`
    expect(Buffer.from(writeCommand({ verb: 'RCPT', path }, { limits })).toString()).toBe(`RCPT TO:<${path}>\r\n`)
    expect(parse(`RCPT TO:<${path}>`, { addresses: limits })).toMatchObject({ path: { address: path } })
    expect(() => parse(`RCPT TO:<a${path}>`, { addresses: limits })).toThrow('local part longer than 80 octets')
  })

  it('text outside ASCII as an argument when told so, and not otherwise', () => {
    expect(wireOf({ verb: 'NOOP', argument: 'é' }, true)).toBe('NOOP é\r\n')
    expect(wireOf({ verb: 'OTHER', name: 'X', argument: 'é' }, true)).toBe('X é\r\n')
  })
})

describe('parseCommand reads', () => {
  it('sizes of a chunk up to 20 digits (RFC 3030 2), and LAST in any case', () => {
    expect(parse(`BDAT ${'0'.repeat(19)}1`)).toEqual({ verb: 'BDAT', size: 1, last: false })
    expect(parse('BDAT 9007199254740991 LasT')).toEqual({ verb: 'BDAT', size: 9007199254740991, last: true })
    expect(parse('BURL imap://a LasT')).toEqual({ verb: 'BURL', url: 'imap://a', last: true })
  })

  it('names of up to 255 octets', () => {
    const name = 'a_'.repeat(127).concat('a')
    expect(parse(`EHLO ${name}`)).toEqual({ verb: 'EHLO', name })
  })

  it('a path in brackets also where brackets may be missing', () => {
    const quirks = { missingBrackets: true }
    expect(parse('MAIL FROM:<"a b"@c> SIZE=1', { quirks })).toMatchObject({
      path: { localPart: 'a b' },
      parameters: { size: 1 },
    })
    expect(parse('MAIL FROM:<>', { quirks })).toMatchObject({ path: { address: '' } })
  })

  it('SMTPUTF8 behind VRFY only where it is offered (RFC 6531 3.7.4.2)', () => {
    expect(parse('VRFY a SMTPUTF8')).toEqual({ verb: 'VRFY', argument: 'a SMTPUTF8' })
    expect(parse('VRFY a smtputf8', { smtputf8: true })).toEqual({ verb: 'VRFY', argument: 'a', smtputf8: true })
    expect(parse('EXPN abcdefghijkl', { smtputf8: true })).toEqual({ verb: 'EXPN', argument: 'abcdefghijkl' })
  })

  it('nothing but white space as an empty line', () => {
    expect(() => parse(' \t ')).toThrow('command: empty line')
  })
})

describe('writeLine', () => {
  it('adds CRLF and nothing else, UTF-8 for what is outside ASCII', () => {
    expect(Buffer.from(writeLine('XYZ a  b ')).toString()).toBe('XYZ a  b \r\n')
    expect(Buffer.from(writeLine('X 你')).toString()).toBe('X 你\r\n')
    expect(Buffer.from(writeLine('')).toString()).toBe('\r\n')
  })

  it('refuses every control character and lone surrogates, without showing the text (P29, T-28)', () => {
    for (const control of [
      ...Array.from({ length: 32 }, (_, i) => String.fromCharCode(i)),
      '\x7f',
      '\ud800',
      '\udfff',
    ]) {
      for (const text of [`AUTH PLAIN secret${control}`, `AUTH PLAIN é secret${control}x`]) {
        expect(() => writeLine(text)).toThrow(EncodeError)
        expect(() => writeLine(text)).not.toThrow('secret')
      }
    }
    expect(() => writeLine('a\r\nb')).toThrow('command: control character CR (at 1)')
  })
})

describe('every command that is written', () => {
  const word = (alphabet: string, maxLength = 10) =>
    fc.string({ unit: fc.constantFrom(...alphabet), minLength: 1, maxLength })
  const domain = fc.constantFrom('a', 'example.org', 'xn--bcher-kva.example', '[127.0.0.1]', '[IPv6:2001:db8::1]')
  const localPart = word('aZ9.+= @"\\<>,;', 12)
  const mailbox = fc.record({ localPart, domain })
  const text = fc.string({ unit: fc.constantFrom(...'aZ9 =+<>;,.'), minLength: 1, maxLength: 20 }).map(t => `x${t}x`)
  const extra = fc.dictionary(
    word('XYZ-').map(k => `Q${k}`),
    fc.oneof(fc.constant(true as const), word('aZ9+;,.<>')),
    { maxKeys: 3 },
  )
  const distinct = extra.filter(e => new Set(Object.keys(e).map(k => k.toUpperCase())).size === Object.keys(e).length)
  const mapped = distinct
    .filter(e => Object.keys(e).length > 0)
    .map(e => new Map<string, string | true>(Object.entries(e)))
  const dateTime = fc.constantFrom('2030-01-01T00:00:00Z', '1999-12-31t23:59:60+01:00')
  const parameters = fc.record(
    {
      size: fc.maxSafeNat(),
      body: fc.constantFrom('7BIT' as const, '8BITMIME' as const, 'BINARYMIME' as const),
      smtputf8: fc.constant(true as const),
      ret: fc.constantFrom('FULL' as const, 'HDRS' as const),
      envid: text,
      auth: fc.constantFrom('', 'a+b=c@d.example', '"x y"@z'),
      by: fc.record(
        {
          seconds: fc.integer({ min: 1, max: 999_999_999 }),
          mode: fc.constantFrom('N' as const, 'R' as const),
          trace: fc.constant(true),
        },
        { requiredKeys: ['seconds', 'mode'] },
      ),
      holdfor: fc.integer({ min: 1, max: 999_999_999 }),
      mtpriority: fc.integer({ min: -9, max: 9 }),
      requiretls: fc.constant(true as const),
      solicit: fc.array(
        word('abc:.').map(w => `a${w}`),
        { minLength: 1, maxLength: 3 },
      ),
      extra: mapped,
    },
    { requiredKeys: [] },
  )
  const rcptParameters = fc.record(
    {
      notify: fc.oneof(
        fc.constant(['NEVER'] as ['NEVER']),
        fc.uniqueArray(fc.constantFrom('SUCCESS' as const, 'FAILURE' as const, 'DELAY' as const), { minLength: 1 }),
      ),
      orcpt: fc.record({ type: fc.constantFrom('rfc822', 'utf-8', 'X400'), address: text }),
      rrvs: fc.record(
        { since: dateTime, action: fc.constantFrom('C' as const, 'R' as const) },
        { requiredKeys: ['since'] },
      ),
      extra: mapped,
    },
    { requiredKeys: [] },
  )
  const attributes = fc.dictionary(word('ABC'), text, { minKeys: 1, maxKeys: 3 }).map(d => new Map(Object.entries(d)))
  const command: fc.Arbitrary<CommandInput> = fc.oneof(
    fc.record({ verb: fc.constantFrom('EHLO' as const, 'HELO' as const), name: domain }),
    fc.record({
      verb: fc.constant('MAIL' as const),
      path: fc.oneof(mailbox, fc.constant({ localPart: '', domain: '' })),
      parameters,
    }),
    fc.record({
      verb: fc.constant('RCPT' as const),
      path: fc.oneof(mailbox, fc.constant({ localPart: 'Postmaster', domain: '' })),
      parameters: rcptParameters,
    }),
    fc.record({ verb: fc.constantFrom('DATA' as const, 'RSET' as const, 'QUIT' as const, 'STARTTLS' as const) }),
    fc.record({ verb: fc.constantFrom('NOOP' as const, 'HELP' as const), argument: text }, { requiredKeys: ['verb'] }),
    fc.record(
      { verb: fc.constantFrom('VRFY' as const, 'EXPN' as const), argument: text, smtputf8: fc.constant(true as const) },
      { requiredKeys: ['verb', 'argument'] },
    ),
    fc.record(
      { verb: fc.constant('AUTH' as const), mechanism: word('AB1-_'), initial: fc.uint8Array({ maxLength: 30 }) },
      { requiredKeys: ['verb', 'mechanism'] },
    ),
    fc.record({ verb: fc.constant('BDAT' as const), size: fc.maxSafeNat(), last: fc.boolean() }),
    fc.record({ verb: fc.constant('BURL' as const), url: word('imap:/;=@'), last: fc.boolean() }),
    fc.record({ verb: fc.constant('ETRN' as const), node: fc.constantFrom('a.b', '@a.b', '#x') }),
    fc.record({ verb: fc.constantFrom('XCLIENT' as const, 'XFORWARD' as const), attributes }),
    fc.record({
      verb: fc.constant('OTHER' as const),
      name: word('QXj-_').map(n => `Z${n}`),
      argument: fc.oneof(fc.constant(''), text),
    }),
  )

  it('is one line, and is read back as it was', () => {
    fc.assert(
      fc.property(command, given => {
        const wire = writeCommand(given)
        const line = Buffer.from(wire).toString('latin1')
        expect(line).toMatch(/^[ -~]+\r\n$/)
        const read = parseCommand(wire.subarray(0, -2), { smtputf8: true })
        expect(read).toMatchObject(given)
        expect(writeCommand(read)).toEqual(wire)
      }),
      { numRuns: 3000 },
    )
  })

  it('from any line that can be read is written so that it is read back the same', () => {
    const piece = fc.constantFrom(
      'MAIL FROM:',
      'RCPT TO:',
      '<a@b>',
      '<"a b"@c>',
      '<@x:a@b>',
      '<>',
      ' ',
      'SIZE=1',
      'body=7bit',
      'NOTIFY=never',
      'ORCPT=rfc822;a+2B',
      'AUTH=<>',
      'XYZ',
      '=',
      'BDAT ',
      '12',
      'LAST',
      'NOOP',
      'VRFY ',
      'AUTH ',
      'PLAIN',
      'YQ==',
      'EHLO ',
      '[1.2.3.4]',
      'é',
      'SMTPUTF8',
    )
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), pieces => {
        let read: Command
        try {
          read = parse(pieces.join(''), { smtputf8: true, quirks: { irregularName: false } })
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError)
          return
        }
        const wire = writeCommand(read, { utf8: true })
        expect(parseCommand(wire.subarray(0, -2), { smtputf8: true })).toEqual(read)
      }),
      { numRuns: 5000 },
    )
  })
})

describe('values of parameters, one by one', () => {
  const read = (parameters: string, options?: ParseCommandOptions) => {
    const command = parse(`MAIL FROM:<a@b> ${parameters}`, options)
    return command.verb === 'MAIL' ? command.parameters : undefined
  }
  const readRcpt = (parameters: string) => {
    const command = parse(`RCPT TO:<a@b> ${parameters}`)
    return command.verb === 'RCPT' ? command.parameters : undefined
  }

  it.each([
    'x2030-01-01T00:00:00Z',
    '2030-01-01T00:00:00Zx',
    '2030-01-01T00:00:00',
    '2030-01-01T00:00:00.Z',
    '2030-01-01T00:00:00+1:00',
  ])('HOLDUNTIL=%s is no date-time (RFC 3339 5.6)', holduntil => {
    expect(() => read(`HOLDUNTIL=${holduntil}`)).toThrow('HOLDUNTIL is not an RFC 3339 date-time')
  })

  it.each([
    '2030-01-01T00:00:00.25Z',
    '2030-01-01t00:00:00z',
    '2030-01-01T00:00:00+01:30',
    '2030-01-01T00:00:00-11:00',
  ])('HOLDUNTIL=%s is one', holduntil => {
    expect(read(`HOLDUNTIL=${holduntil}`)).toEqual({ holduntil })
  })

  it('AUTH is an address in xtext, in which "<>" is encoded, too, and nothing longer than 500 characters (RFC 4954 5)', () => {
    expect(read('AUTH=<>')).toEqual({ auth: '' })
    expect(read('AUTH=+3C+3E')).toEqual({ auth: '' })
    expect(read('AUTH=+C3+A9@b')).toEqual({ auth: 'é@b' })
    const auth = `a@${'é'.repeat(31)}.${'é'.repeat(31)}.${'é'.repeat(31)}`
    expect(() => mail({ auth }, true)).toThrow('AUTH is longer than 500 characters')
  })

  it('BY is a time and a mode, and nothing behind it (RFC 2852 4)', () => {
    expect(Object.is(read('BY=-0;N')?.by?.seconds, 0)).toBe(true)
    expect(read('BY=+1;nt')).toEqual({ by: { seconds: 1, mode: 'N', trace: true } })
    expect(() => read('BY=1;Nx')).toThrow('BY is not time;mode')
    expect(() => read('BY=x1;N')).toThrow('BY is not time;mode')
  })

  it('ORCPT is read by its type (RFC 3461 4.2, RFC 6533 3)', () => {
    expect(readRcpt('ORCPT=rfc822;a\\x{E9}')).toEqual({ orcpt: { type: 'rfc822', address: 'a\\x{E9}' } })
    expect(readRcpt('ORCPT=UTF-8;a\\x{E9}')).toEqual({ orcpt: { type: 'UTF-8', address: 'aé' } })
  })

  it('RRVS has one action (RFC 7293 3.1)', () => {
    expect(readRcpt('RRVS=2014-04-03T23:01:00Z;r')).toEqual({ rrvs: { since: '2014-04-03T23:01:00Z', action: 'R' } })
    expect(() => readRcpt('RRVS=2014-04-03T23:01:00Z;C;C')).toThrow('RRVS is none of C, R')
    expect(() => readRcpt('RRVS=;C')).toThrow('RRVS is not an RFC 3339 date-time')
  })

  it('attributes have letters, digits, hyphens and underscores in their names', () => {
    expect(parse('XCLIENT A-B_1=c')).toEqual({ verb: 'XCLIENT', attributes: new Map([['A-B_1', 'c']]) })
  })

  it('others may be UTF-8 under SMTPUTF8, whole characters of it (RFC 6531 3.3)', () => {
    expect(mail({ extra: { A: 'é' } }, true)).toBe(' A=é')
    for (const A of ['\ud800', 'x\udc00']) {
      expect(() => mail({ extra: { A } }, true)).toThrow('parameter: half of a surrogate pair in A')
    }
    for (const A of ['\x7f', '\u0085']) expect(() => mail({ extra: { A } }, true)).toThrow('character not allowed in A')
    expect(() => mail({ envid: '\x7f' })).toThrow('ENVID is not printable ASCII')
    expect(mail({ envid: '~ ' })).toBe(' ENVID=~+20')
  })
})

describe('names, nodes and lines outside ASCII', () => {
  it('are refused as a name and as a node, whatever is offered (RFC 6531 3.7.1)', () => {
    const options = { smtputf8: true, quirks: { irregularName: false } }
    expect(() => parse('EHLO é', options)).toThrow('domain: domain is not ASCII (at 5)')
    expect(() => parse('ETRN é', options)).toThrow('command: domain is not ASCII (at 5)')
    expect(() => parse('ETRN @é', options)).toThrow('command: domain is not ASCII (at 6)')
  })

  it('are written whole or not at all', () => {
    expect(() => writeLine('\ud800')).toThrow('half of a surrogate pair (at 0)')
    expect(() => writeLine('\x01')).toThrow('control character 0x01 (at 0)')
    expect(() => writeLine('é\x01')).toThrow('control character 0x01 (at 1)')
  })
})
