import { describe, expect, it } from 'vitest'
import {
  type CommandInput,
  EncodeError,
  encodeXtext,
  parseMailbox,
  validateDomain,
  writeCommand,
  writeExtensions,
  writeLine,
  writePath,
  writeReply,
  writeResponse,
} from './index.js'

function refusal(write: () => unknown): string {
  try {
    write()
  } catch (error) {
    if (!(error instanceof EncodeError)) throw error
    expect(error.fault).toBe('local')
    return `${error.code} ${error.message}`
  }
  throw new Error('was not refused')
}

/** What the compiler would refuse, too: not everybody asks it. */
const unchecked = <Value>(value: unknown) => value as Value

describe('a command is not written, and the error says what is wrong and where', () => {
  it.each<[command: CommandInput, message: string]>(
    unchecked([
      [{ verb: 'EHLO', name: '' }, 'EDOMAIN domain "": domain ends early (at 0)'],
      [{ verb: 'EHLO', name: 'a\r\nb' }, 'EDOMAIN domain "a\\r\\nb": not a domain or address literal (at 1)'],
      [{ verb: 'EHLO', name: 'bücher' }, 'EUTF8 domain "bücher": domain is not ASCII (at 1)'],
      [
        { verb: 'EHLO', name: `${'a'.repeat(64)}` },
        `ELENGTH domain "${'a'.repeat(64)}": label longer than 63 octets (at 0)`,
      ],
      [{ verb: 'EHLO', name: 'a b' }, 'EDOMAIN domain "a b": not a domain or address literal (at 1)'],
      [{ verb: 'NOOP', argument: '' }, 'ECOMMAND command: empty argument'],
      [{ verb: 'NOOP', argument: 'a\nb' }, 'ECOMMAND command "a\\nb": control character (at 1)'],
      [{ verb: 'NOOP', argument: 'a ' }, 'ECOMMAND command "a ": space at the end (at 1)'],
      [{ verb: 'NOOP', argument: 'é' }, 'EUTF8 command "é": not ASCII (at 0)'],
      [{ verb: 'HELP', argument: `${'a'.repeat(506)}` }, 'ELENGTH command: longer than 512 octets'],
      [{ verb: 'VRFY', argument: '' }, 'ECOMMAND command: empty argument'],
      [{ verb: 'VRFY', argument: 'a\u2028', smtputf8: true }, 'ECOMMAND command "a\\u2028": control character (at 1)'],
      [{ verb: 'AUTH', mechanism: '' }, 'ECOMMAND command "": not a name of a SASL mechanism'],
      [{ verb: 'AUTH', mechanism: 'A.B' }, 'ECOMMAND command "A.B": not a name of a SASL mechanism'],
      [
        { verb: 'AUTH', mechanism: 'AAAAAAAAAAAAAAAAAAAAA' },
        'ECOMMAND command "AAAAAAAAAAAAAAAAAAAAA": not a name of a SASL mechanism',
      ],
      [{ verb: 'BDAT', size: -1, last: false }, 'ECHUNK chunk "-1": size is not a safe integer of at least 0'],
      [{ verb: 'BDAT', size: 1.5, last: false }, 'ECHUNK chunk "1.5": size is not a safe integer of at least 0'],
      [{ verb: 'BURL', url: '', last: true }, 'ECOMMAND command "": not a URL (at 0)'],
      [{ verb: 'BURL', url: 'a b', last: false }, 'ECOMMAND command "a b": not a URL (at 1)'],
      [{ verb: 'ETRN', node: '' }, 'ECOMMAND command "": domain ends early (at 0)'],
      [{ verb: 'ETRN', node: '#' }, 'ECOMMAND command "#": not a node (at 1)'],
      [{ verb: 'ETRN', node: 'a b' }, 'ECOMMAND command "a b": not a node (at 1)'],
      [{ verb: 'XCLIENT', attributes: {} }, 'EPARAMETER parameter: no attributes'],
      [{ verb: 'XCLIENT', attributes: { '': 'a' } }, 'EPARAMETER parameter: not a name of an attribute'],
      [{ verb: 'XCLIENT', attributes: { 'A B': 'a' } }, 'EPARAMETER parameter: not a name of an attribute'],
      [{ verb: 'XCLIENT', attributes: { A: '' } }, 'EPARAMETER parameter: A without a value'],
      [{ verb: 'XFORWARD', attributes: { A: 'b', a: 'c' } }, 'EPARAMETER parameter: A is there twice'],
      [{ verb: 'XFORWARD', attributes: { A: 'b\r' } }, 'EPARAMETER parameter: control character (at 1)'],
      [{ verb: 'XFORWARD', attributes: { A: '\ud800' } }, 'EPARAMETER parameter: half of a surrogate pair (at 0)'],
      [{ verb: 'OTHER', name: '', argument: '' }, 'ECOMMAND command "": not a verb'],
      [{ verb: 'OTHER', name: 'a b', argument: '' }, 'ECOMMAND command "a b": not a verb'],
      [{ verb: 'OTHER', name: 'Data', argument: '' }, 'ECOMMAND command "Data": this verb has a type of its own'],
      [{ verb: 'OTHER', name: 'X', argument: 'é' }, 'EUTF8 command "é": not ASCII (at 0)'],
      [{ verb: 'MAIL', path: 'a' }, 'EADDRESS address "a": no "@" follows the local part (at 1)'],
      [{ verb: 'MAIL', path: 'a@b ' }, 'EADDRESS address "a@b ": something follows the domain (at 3)'],
      [{ verb: 'MAIL', path: 'Postmaster' }, 'EADDRESS address "Postmaster": no "@" follows the local part (at 10)'],
      [{ verb: 'RCPT', path: '' }, 'EADDRESS address "": empty (at 0)'],
      [{ verb: 'RCPT', path: 'é@b' }, 'EUTF8 address "é@b": address is not ASCII (at 0)'],
      [
        { verb: 'RCPT', path: `${'a'.repeat(65)}@b` },
        `ELENGTH address "${'a'.repeat(65)}@b": local part longer than 64 octets (at 0)`,
      ],
      [
        { verb: 'MAIL', path: 'a@b', parameters: { size: -1 } },
        'EPARAMETER parameter: SIZE is not an integer from 0 to 9007199254740991',
      ],
      [
        { verb: 'MAIL', path: 'a@b', parameters: { body: '8BIT' } },
        'EPARAMETER parameter: BODY is none of 7BIT, 8BITMIME, BINARYMIME',
      ],
      [{ verb: 'MAIL', path: 'a@b', parameters: { ret: 'full' } }, 'EPARAMETER parameter: RET is none of FULL, HDRS'],
      [
        { verb: 'MAIL', path: 'a@b', parameters: { envid: 'é' } },
        'EPARAMETER parameter: ENVID is not printable ASCII (at 0)',
      ],
      [
        { verb: 'MAIL', path: 'a@b', parameters: { envid: 'a\n' } },
        'EPARAMETER parameter: ENVID is not printable ASCII (at 1)',
      ],
      [
        { verb: 'MAIL', path: 'a@b', parameters: { envid: `${'x'.repeat(101)}` } },
        'ELENGTH parameter: ENVID is longer than 100 characters',
      ],
      [
        { verb: 'MAIL', path: 'a@b', parameters: { auth: 'x' } },
        'EPARAMETER parameter: no "@" follows the local part (at 1)',
      ],
      [{ verb: 'MAIL', path: 'a@b', parameters: { auth: 'a@b c' } }, 'EPARAMETER parameter: AUTH is not an address'],
      [{ verb: 'MAIL', path: 'a@b', parameters: { auth: 'é@b' } }, 'EUTF8 parameter: address is not ASCII (at 0)'],
      [
        { verb: 'MAIL', path: 'a@b', parameters: { by: { seconds: 1.5, mode: 'N' } } },
        'EPARAMETER parameter: BY is not an integer from -999999999 to 999999999',
      ],
      [
        { verb: 'MAIL', path: 'a@b', parameters: { by: { seconds: 1, mode: 'X' } } },
        'EPARAMETER parameter: BY is none of N, R',
      ],
      [
        { verb: 'MAIL', path: 'a@b', parameters: { by: { seconds: 0, mode: 'R' } } },
        'EPARAMETER parameter: BY with mode R needs a time above zero',
      ],
      [
        { verb: 'MAIL', path: 'a@b', parameters: { holdfor: 0 } },
        'EPARAMETER parameter: HOLDFOR is not an integer from 1 to 999999999',
      ],
      [
        { verb: 'MAIL', path: 'a@b', parameters: { holduntil: 'x' } },
        'EPARAMETER parameter: HOLDUNTIL is not an RFC 3339 date-time',
      ],
      [
        { verb: 'MAIL', path: 'a@b', parameters: { holdfor: 1, holduntil: '2030-01-01T00:00:00Z' } },
        'EPARAMETER parameter: HOLDFOR and HOLDUNTIL exclude each other',
      ],
      [
        { verb: 'MAIL', path: 'a@b', parameters: { mtpriority: 10 } },
        'EPARAMETER parameter: MT-PRIORITY is not an integer from -9 to 9',
      ],
      [
        { verb: 'MAIL', path: 'a@b', parameters: { solicit: ['a b'] } },
        'EPARAMETER parameter: SOLICIT is not a list of keywords',
      ],
      [
        { verb: 'MAIL', path: 'a@b', parameters: { extra: { '': true } } },
        'EPARAMETER parameter: not a parameter keyword (at 0)',
      ],
      [
        { verb: 'MAIL', path: 'a@b', parameters: { extra: { '-A': true } } },
        'EPARAMETER parameter: not a parameter keyword (at 0)',
      ],
      [
        { verb: 'MAIL', path: 'a@b', parameters: { extra: { 'A B': true } } },
        'EPARAMETER parameter: not a parameter keyword (at 1)',
      ],
      [{ verb: 'MAIL', path: 'a@b', parameters: { extra: { A: '' } } }, 'EPARAMETER parameter: A has an empty value'],
      [
        { verb: 'MAIL', path: 'a@b', parameters: { extra: { A: 'b c' } } },
        'EPARAMETER parameter: character not allowed in A (at 1)',
      ],
      [{ verb: 'MAIL', path: 'a@b', parameters: { extra: { A: 'é' } } }, 'EUTF8 parameter: A is not ASCII (at 0)'],
      [{ verb: 'MAIL', path: 'a@b', parameters: { extra: { A: '\ud800' } } }, 'EUTF8 parameter: A is not ASCII (at 0)'],
      [
        { verb: 'MAIL', path: 'a@b', parameters: { extra: { SIZE: 'x' } } },
        'EPARAMETER parameter: SIZE is not a number of up to 20 digits',
      ],
      [
        { verb: 'MAIL', path: 'a@b', parameters: { size: 1, extra: { size: '2' } } },
        'EPARAMETER parameter: SIZE is there twice',
      ],
      [
        { verb: 'MAIL', path: 'a@b', parameters: { extra: { A: true, a: true } } },
        'EPARAMETER parameter: A is there twice',
      ],
      [
        { verb: 'RCPT', path: 'a@b', parameters: { notify: [] } },
        'EPARAMETER parameter: NOTIFY is none of NEVER, SUCCESS, FAILURE, DELAY',
      ],
      [
        { verb: 'RCPT', path: 'a@b', parameters: { notify: ['DELAY', 'DELAY'] } },
        'EPARAMETER parameter: NOTIFY has a condition twice',
      ],
      [
        { verb: 'RCPT', path: 'a@b', parameters: { notify: ['NEVER', 'DELAY'] } },
        'EPARAMETER parameter: NOTIFY has NEVER and others',
      ],
      [
        { verb: 'RCPT', path: 'a@b', parameters: { orcpt: { type: '', address: 'a' } } },
        'EPARAMETER parameter: ORCPT has no type',
      ],
      [
        { verb: 'RCPT', path: 'a@b', parameters: { orcpt: { type: 'a;', address: 'a' } } },
        'EPARAMETER parameter: ORCPT has a type that is not an atom (at 1)',
      ],
      [
        { verb: 'RCPT', path: 'a@b', parameters: { orcpt: { type: 'rfc822', address: '' } } },
        'EPARAMETER parameter: ORCPT without an address',
      ],
      [
        { verb: 'RCPT', path: 'a@b', parameters: { orcpt: { type: 'rfc822', address: 'a\n' } } },
        'EPARAMETER parameter: control character (at 1)',
      ],
      [
        { verb: 'RCPT', path: 'a@b', parameters: { orcpt: { type: 'x', address: `${'a'.repeat(499)}` } } },
        'ELENGTH parameter: ORCPT is longer than 500 characters',
      ],
      [
        { verb: 'RCPT', path: 'a@b', parameters: { rrvs: { since: 'x' } } },
        'EPARAMETER parameter: RRVS is not an RFC 3339 date-time',
      ],
      [
        { verb: 'RCPT', path: 'a@b', parameters: { rrvs: { since: '2014-04-03T23:01:00.5Z' } } },
        'EPARAMETER parameter: RRVS has a fraction of a second',
      ],
      [
        { verb: 'RCPT', path: 'a@b', parameters: { rrvs: { since: '2030-01-01T00:00:00Z', action: 'X' } } },
        'EPARAMETER parameter: RRVS is none of C, R',
      ],
    ]),
  )('%j: %s', (command, message) => {
    expect(refusal(() => writeCommand(command))).toBe(message)
  })

  it('nor one with a name longer than 255 octets (RFC 5321 4.5.3.1.2), or a path longer than 256 (4.5.3.1.3)', () => {
    const label = `${'a'.repeat(63)}.`
    expect(refusal(() => writeCommand({ verb: 'HELO', name: `${label.repeat(4)}b` }))).toMatch(
      /^ELENGTH domain .*: domain longer than 255 octets \(at 0\)$/,
    )
    const name = `${label.repeat(3)}${'b'.repeat(61)}`
    expect(parseMailbox(`a@${name.slice(1)}`).domain).toBe(name.slice(1))
    expect(refusal(() => parseMailbox(`a@${name}`))).toMatch(
      /^ELENGTH address .*: path longer than 256 octets \(at 0\)$/,
    )
  })
})

describe('nothing else is written that is outside its grammar', () => {
  it.each<[write: () => unknown, message: string]>(
    unchecked([
      [() => writeLine('a\0b'), 'ECOMMAND command: control character NUL (at 1)'],
      [() => writeLine('a\rb'), 'ECOMMAND command: control character CR (at 1)'],
      [() => writeLine('é\n'), 'ECOMMAND command: control character LF (at 1)'],
      [() => writeLine('a\x7f'), 'ECOMMAND command: control character 0x7f (at 1)'],
      [() => writeLine('é\ud800'), 'ECOMMAND command: half of a surrogate pair (at 1)'],
      [() => writeResponse(new Uint8Array(9216)), 'ELENGTH command: longer than 12288 octets'],
      [() => writeReply({ code: 199, text: '' }), 'EREPLY reply "199": not a reply code of RFC 5321 4.2'],
      [() => writeReply({ code: 600 }), 'EREPLY reply "600": not a reply code of RFC 5321 4.2'],
      [() => writeReply({ code: 260 }), 'EREPLY reply "260": not a reply code of RFC 5321 4.2'],
      [() => writeReply({ code: 250.5 }), 'EREPLY reply "250.5": not a reply code of RFC 5321 4.2'],
      [() => writeReply({ code: 250, enhanced: 'x' }), 'EREPLY reply "x": not an enhanced code'],
      [
        () => writeReply({ code: 250, enhanced: '5.0.0' }),
        'EREPLY reply "5.0.0": enhanced code of another class than 250',
      ],
      [() => writeReply({ code: 250, text: [] }), 'EREPLY reply: no lines'],
      [() => writeReply({ code: 250, text: 'a\r\nb' }), 'EREPLY reply "a\\r\\nb": control character (at 1)'],
      [() => writeReply({ code: 250, text: 'é' }), 'EUTF8 reply "é": not ASCII (at 0)'],
      [
        () => writeReply({ code: 250, text: ['a', `${'b'.repeat(507)}`] }),
        `ELENGTH reply "250 ${'b'.repeat(116)}…": line longer than 512 octets`,
      ],
      [
        () => writeReply({ code: 250, text: 'a\ud800' }, { utf8: true }),
        'EREPLY reply "a\ud800": half of a surrogate pair (at 1)',
      ],
      [() => writeExtensions({ domain: 'a', greeting: 'a\n' }), 'EREPLY reply "a a\\n": control character (at 3)'],
      [
        () => writeExtensions({ domain: 'a', size: -1 }),
        'EEXTENSION extension: SIZE is not an integer from 0 to 9007199254740991',
      ],
      [
        () => writeExtensions({ domain: 'a', size: 1.5 }),
        'EEXTENSION extension: SIZE is not an integer from 0 to 9007199254740991',
      ],
      [
        () => writeExtensions({ domain: 'a', auth: ['A B'] }),
        'EEXTENSION extension: not a name of a SASL mechanism: A B',
      ],
      [() => writeExtensions({ domain: 'a', binaryMime: true }), 'EEXTENSION extension: BINARYMIME without CHUNKING'],
      [
        () => writeExtensions({ domain: 'a', deliverBy: { minimum: -1 } }),
        'EEXTENSION extension: DELIVERBY is not an integer from 0 to 999999999',
      ],
      [
        () => writeExtensions({ domain: 'a', deliverBy: { minimum: 1000000000 } }),
        'EEXTENSION extension: DELIVERBY is not an integer from 0 to 999999999',
      ],
      [
        () => writeExtensions({ domain: 'a', futureRelease: { maxInterval: 0, maxDateTime: '2030-01-01T00:00:00Z' } }),
        'EEXTENSION extension: FUTURERELEASE is not an integer from 1 to 999999999',
      ],
      [
        () => writeExtensions({ domain: 'a', futureRelease: { maxInterval: 1, maxDateTime: 'x' } }),
        'EEXTENSION extension: FUTURERELEASE is not an RFC 3339 date-time',
      ],
      [
        () => writeExtensions({ domain: 'a', mtPriority: { profile: '' } }),
        'EEXTENSION extension: not a parameter of a keyword',
      ],
      [
        () => writeExtensions({ domain: 'a', mtPriority: { profile: 'a b' } }),
        'EEXTENSION extension: not a parameter of a keyword',
      ],
      [() => writeExtensions({ domain: 'a', limits: {} }), 'EEXTENSION extension: LIMITS without a limit'],
      [
        () => writeExtensions({ domain: 'a', limits: { mailMax: 0 } }),
        'EEXTENSION extension: MAILMAX is not 1 to 999999',
      ],
      [
        () => writeExtensions({ domain: 'a', limits: { rcptMax: 1000000 } }),
        'EEXTENSION extension: RCPTMAX is not 1 to 999999',
      ],
      [
        () => writeExtensions({ domain: 'a', limits: { rcptDomainMax: 1.5 } }),
        'EEXTENSION extension: RCPTDOMAINMAX is not 1 to 999999',
      ],
      [
        () => writeExtensions({ domain: 'a', noSoliciting: ['1'] }),
        'EEXTENSION extension: SOLICIT is not a list of keywords',
      ],
      [() => writeExtensions({ domain: 'a', burl: [''] }), 'EEXTENSION extension: not a parameter of a keyword'],
      [() => writeExtensions({ domain: 'a', xclient: ['A B'] }), 'EEXTENSION extension: not a name of an attribute'],
      [() => writeExtensions({ domain: 'a', xforward: [''] }), 'EEXTENSION extension: not a name of an attribute'],
      [() => writeExtensions({ domain: 'a', extra: { '': '' } }), 'EEXTENSION extension: not a keyword: '],
      [() => writeExtensions({ domain: 'a', extra: { A_B: '' } }), 'EEXTENSION extension: not a keyword: A_B'],
      [
        () => writeExtensions({ domain: 'a', extra: { A: 'b  c' } }),
        'EEXTENSION extension: not a parameter of a keyword',
      ],
      [
        () => writeExtensions({ domain: 'a', dsn: true, extra: { dsn: '' } }),
        'EEXTENSION extension: dsn is there twice',
      ],
      [() => writeExtensions({ domain: 'a', extra: { A: '', a: '' } }), 'EEXTENSION extension: a is there twice'],
      [() => writeExtensions({ domain: '' }), 'EDOMAIN domain "": domain ends early (at 0)'],
      [() => encodeXtext('\ud800'), 'EXTEXT xtext "\ud800": half of a surrogate pair (at 0)'],
      [() => encodeXtext('a\n'), 'EXTEXT xtext "a\\n": control character (at 1)'],
      [() => validateDomain(''), 'EDOMAIN domain "": domain ends early (at 0)'],
      [() => validateDomain('.a'), 'EDOMAIN domain ".a": character not allowed in a domain (at 0)'],
      [() => validateDomain('a..b'), 'EDOMAIN domain "a..b": character not allowed in a domain (at 2)'],
      [() => validateDomain('-a'), 'EDOMAIN domain "-a": label starts with a hyphen (at 0)'],
      [() => validateDomain('a-'), 'EDOMAIN domain "a-": label ends with a hyphen (at 1)'],
      [() => validateDomain('a_b'), 'EDOMAIN domain "a_b": not a domain or address literal (at 1)'],
      [() => validateDomain('a.'), 'EDOMAIN domain "a.": domain ends early (at 2)'],
      [() => validateDomain('[1.2.3]'), 'EDOMAIN domain "[1.2.3]": not an IPv4 address (at 1)'],
      [() => validateDomain('[256.1.1.1]'), 'EDOMAIN domain "[256.1.1.1]": not an IPv4 address (at 1)'],
      [() => validateDomain('[1.2.3.4'), 'EDOMAIN domain "[1.2.3.4": address literal is not closed by "]" (at 8)'],
      [() => validateDomain('[IPv6:1]'), 'EDOMAIN domain "[IPv6:1]": not an IPv6 address (at 6)'],
      [() => validateDomain('[IPv6::]'), 'EDOMAIN domain "[IPv6::]": not an IPv6 address (at 6)'],
      [() => validateDomain('[x:]'), 'EDOMAIN domain "[x:]": not an address literal (at 1)'],
      [() => validateDomain('[-:a]'), 'EDOMAIN domain "[-:a]": not an address literal (at 1)'],
      [() => validateDomain('[a-:b]'), 'EDOMAIN domain "[a-:b]": not an address literal (at 1)'],
      [() => validateDomain('bücher'), 'EUTF8 domain "bücher": domain is not ASCII (at 1)'],
      [
        () => validateDomain(`${'a'.repeat(64)}`),
        `ELENGTH domain "${'a'.repeat(64)}": label longer than 63 octets (at 0)`,
      ],
      [() => validateDomain('a b'), 'EDOMAIN domain "a b": not a domain or address literal (at 1)'],
      [() => validateDomain('\u2028'), 'EDOMAIN domain "\\u2028": character not allowed in a domain (at 0)'],
      [() => parseMailbox(''), 'EADDRESS address "": empty (at 0)'],
      [() => parseMailbox('a'), 'EADDRESS address "a": no "@" follows the local part (at 1)'],
      [() => parseMailbox('@b'), 'EADDRESS address "@b": character not allowed in a local part (at 0)'],
      [() => parseMailbox('.a@b'), 'EADDRESS address ".a@b": local part starts with a dot (at 0)'],
      [() => parseMailbox('a.@b'), 'EADDRESS address "a.@b": local part ends with a dot (at 1)'],
      [() => parseMailbox('a..b@c'), 'EADDRESS address "a..b@c": two dots in a row (at 2)'],
      [() => parseMailbox('a b@c'), 'EADDRESS address "a b@c": character not allowed in a local part (at 1)'],
      [() => parseMailbox('"a@b'), 'EADDRESS address ""a@b": quoted local part is not closed (at 4)'],
      [() => parseMailbox('"a"b@c'), 'EADDRESS address ""a"b@c": no "@" follows the local part (at 3)'],
      [() => parseMailbox('"\r"@b'), 'EADDRESS address ""\\r"@b": control character (at 1)'],
      [() => parseMailbox('"\\\r"@b'), 'EADDRESS address ""\\\\r"@b": control character (at 2)'],
      [() => parseMailbox('"\\é"@b'), 'EADDRESS address ""\\é"@b": backslash before a character outside ASCII (at 2)'],
      [() => parseMailbox('é@b'), 'EUTF8 address "é@b": address is not ASCII (at 0)'],
      [() => parseMailbox('a\u0085@b'), 'EADDRESS address "a\\x85@b": control character (at 1)'],
      [() => parseMailbox('"é"@b'), 'EUTF8 address ""é"@b": address is not ASCII (at 1)'],
      [() => parseMailbox('a@b>'), 'EADDRESS address "a@b>": something follows the domain (at 3)'],
      [() => parseMailbox('a@é'), 'EUTF8 address "a@é": domain is not ASCII (at 2)'],
      [() => parseMailbox('a@b_c'), 'EADDRESS address "a@b_c": something follows the domain (at 3)'],
      [
        () => parseMailbox(`${'a'.repeat(65)}@b`),
        `ELENGTH address "${'a'.repeat(65)}@b": local part longer than 64 octets (at 0)`,
      ],
      [() => writePath('', { direction: 'forward' }), 'EADDRESS address "": empty (at 0)'],
      [
        () => writePath('Postmaster', { direction: 'reverse' }),
        'EADDRESS address "Postmaster": no "@" follows the local part (at 10)',
      ],
    ]),
  )('%s: %s', (write, message) => {
    expect(refusal(write)).toBe(message)
  })
})
