/**
 * Address lists as RFC 5322 3.4 and 4.4 and RFC 6532 3.2 write them, and what they say: written down from the grammar, production by
 * production, and knowing nothing of the parser that is tested with them.
 *
 * Out: the value of a header field with its folds, the addr-specs in it, and which of its traits allow a strict reader to refuse it.
 */
import fc from 'fast-check'

/** Why a strict reader may refuse what the grammar allows. */
type Trait =
  /** RFC 5322 4.4, `obs-local-part = word *("." word)`. */
  | 'words joined by dots'
  /** RFC 5322 4.4, `obs-domain = atom *("." atom)`, with comments and white space between. */
  | 'atoms joined by dots'
  /** `dot-atom` allows it, and no host has such a name (RFC 5321 4.1.2). */
  | 'no host name'
  /** `domain-literal` allows it, and it is no address (RFC 5321 4.1.3). */
  | 'no address literal'
  /** RFC 5322 2.3 allows it in a quoted string; RFC 5321 4.1.2, `qtextSMTP`, does not. */
  | 'tab'
  /** RFC 5321 4.5.3.1.1: a local part has 64 octets at most. */
  | 'too long'
  /** RFC 6532 3.1 allows it; RFC 6531 3.3 extends `qtextSMTP` but not `quoted-pairSMTP`. */
  | 'backslash before a character outside ASCII'

/** A piece of a header and what it means. */
interface Piece {
  readonly text: string
  readonly value: string
  readonly traits: readonly Trait[]
}

export interface AddressList {
  /** The value of a field, as it stands behind the colon. */
  readonly text: string
  /** The addr-specs in order: the local part without quotes, "@", the domain as written. */
  readonly addresses: readonly string[]
  readonly traits: readonly Trait[]
}

const piece = (text: string, value = text, ...traits: Trait[]): Piece => ({ text, value, traits })

const oneOf = (...texts: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...texts)

const joined = (arbitrary: fc.Arbitrary<string>, minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.array(arbitrary, { minLength, maxLength }).map(parts => parts.join(''))

/** `ctext`, quoted pairs, folds, nested comments: everything that looks like something else elsewhere. */
const comment = joined(
  oneOf(
    'c',
    ' ',
    ',',
    ';',
    ':',
    '@',
    '<',
    '>',
    '"',
    '[',
    '.',
    'é',
    '\\)',
    '\\(',
    '\\\\',
    '\r\n ',
    '(x)',
    '(\\)(,))',
    'a@evil.example',
    '<a@evil.example>',
    '=?utf-8?q?=29?=',
  ),
  0,
  4,
).map(content => `(${content})`)

/** `CFWS`, or nothing. */
const cfws = fc.oneof(
  { weight: 12, arbitrary: fc.constant('') },
  { weight: 3, arbitrary: oneOf(' ', '\t', '  ', '\r\n ', ' \r\n\t') },
  { weight: 2, arbitrary: fc.tuple(oneOf('', ' '), comment, oneOf('', ' ', '\r\n ')).map(parts => parts.join('')) },
)

const atom = fc.oneof(
  { weight: 6, arbitrary: oneOf('a', 'ann', 'x1', 'Bo', '-', '_', '0') },
  {
    weight: 2,
    arbitrary: joined(fc.constantFrom(..."abyzAZ019!#$%&'*+-/=?^_`{|}~"), 1, 6),
  },
  { weight: 1, arbitrary: oneOf('é', 'jörg', '用户', 'дом', '=?utf-8?q?=40?=', '=?utf-8?q?a=40evil.example=2C?=') },
)

const dotAtom = fc.array(atom, { minLength: 1, maxLength: 3 }).map(atoms => piece(atoms.join('.')))

/** `quoted-string` without the CFWS around it. RFC 5322 3.2.4: "the CRLF in any FWS/CFWS that appears within the quoted-string are semantically 'invisible'". */
const quotedString = fc
  .array(
    fc.oneof(
      {
        weight: 8,
        arbitrary: oneOf('a', 'b c', ' ', '@', 'x@evil.example', ',', ';', ':', '<', '>', '(', ')', '[', '.', 'é').map(
          text => piece(text),
        ),
      },
      { weight: 2, arbitrary: oneOf('"', '\\', 'q', ' ', '@', '>').map(text => piece(`\\${text}`, text)) },
      { weight: 1, arbitrary: fc.constant(piece('\r\n ', ' ')) },
      { weight: 1, arbitrary: oneOf('"@evil.example', '" <').map(text => piece(`\\${text}`, text)) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          piece('\t', '\t', 'tab'),
          piece('\\é', 'é', 'backslash before a character outside ASCII'),
        ),
      },
    ),
    { maxLength: 4 },
  )
  .map(parts => concat([piece('"', ''), ...parts, piece('"', '')]))

/** Pieces one behind the other. */
function concat(parts: readonly Piece[]): Piece {
  return {
    text: parts.map(({ text }) => text).join(''),
    value: parts.map(({ value }) => value).join(''),
    traits: parts.flatMap(({ traits }) => traits),
  }
}

const silent = (text: string): Piece => piece(text, '')

/** Words or atoms with a dot between them and comments around the dot; where there is none, an ordinary dot-atom. */
function dotted(part: fc.Arbitrary<Piece>, trait: Trait): fc.Arbitrary<Piece> {
  return fc
    .tuple(part, fc.array(fc.tuple(cfws, cfws, part), { minLength: 1, maxLength: 2 }))
    .map(([first, more]) =>
      concat([
        first,
        ...more.flatMap(([before, after, word]) => [silent(before), piece('.'), silent(after), word]),
        piece('', '', trait),
      ]),
    )
}

const localPart = fc.oneof(
  { weight: 8, arbitrary: dotAtom },
  { weight: 5, arbitrary: quotedString },
  {
    weight: 1,
    arbitrary: dotted(fc.oneof(dotAtom, quotedString), 'words joined by dots'),
  },
)

const label = fc.oneof(
  { weight: 5, arbitrary: oneOf('x', 'example', 'org', 'a-b', '0', 'XN--mller-KVA', 'Good') },
  { weight: 1, arbitrary: joined(fc.constantFrom(...'abcxyzABC0189'), 1, 10) },
)
const domainName = fc.array(label, { minLength: 1, maxLength: 3 }).map(labels => piece(labels.join('.')))

const octet = fc.nat({ max: 255 })
const literal = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.tuple(octet, octet, octet, octet).map(address => piece(`[${address.join('.')}]`)),
  },
  {
    weight: 2,
    arbitrary: oneOf('[IPv6:::1]', '[IPv6:2001:db8::1]', '[IPv6:1:2:3:4:5:6:7:8]', '[x-tag:what]').map(text =>
      piece(text),
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(oneOf('', ' ', '\r\n '), oneOf('', 'x', '1.2.3', '@', 'a@b', '"', '(', '<'), oneOf('', ' '))
      .map(([before, text, after]) => piece(`[${before}${text}${after}]`, `[${text}]`, 'no address literal')),
  },
)

const domain = fc.oneof(
  { weight: 12, arbitrary: domainName },
  {
    weight: 2,
    arbitrary: oneOf('müller.example', 'BÜCHER.example', 'пример.рф', '例え.jp', 'faß.example').map(text =>
      piece(text),
    ),
  },
  { weight: 2, arbitrary: literal },
  {
    weight: 1,
    arbitrary: oneOf('a_b', 'x!y', '-a.org', 'a-', '*', '=?utf-8?q?evil=2Eexample?=').map(text =>
      piece(text, text, 'no host name'),
    ),
  },
  { weight: 1, arbitrary: dotted(domainName, 'atoms joined by dots') },
)

/** `addr-spec = local-part "@" domain`, with the CFWS that `dot-atom` and `quoted-string` have around them. */
const addrSpec = fc
  .tuple(cfws, localPart, cfws, cfws, domain, cfws)
  .map(([a, local, b, c, host, d]) =>
    concat([silent(a), local, silent(b), piece('@', '@', ...tooLong(local)), silent(c), host, silent(d)]),
  )

/** Folds count here too: few are that long, and none is refused for it that should not be. */
const tooLong = ({ text }: Piece): Trait[] => (new TextEncoder().encode(text).length > 64 ? ['too long'] : [])

/** `phrase`, and obs-phrase with dots in it. */
const phrase = fc
  .array(
    fc.tuple(
      fc.oneof(
        { weight: 4, arbitrary: atom },
        { weight: 1, arbitrary: oneOf('J.', 'B.C.', 'a.b') },
        { weight: 2, arbitrary: quotedString.map(({ text }) => text) },
        {
          weight: 1,
          arbitrary: oneOf('=?utf-8?b?YUBldmlsLmV4YW1wbGUs?=', '=?iso-8859-1?q?J=F6rg?=', '=?utf-8?q?x=3C?='),
        },
      ),
      comment,
      fc.nat({ max: 6 }),
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map(words => words.map(([word, text, choice]) => `${word}${choice === 0 ? ` ${text} ` : ' '}`).join(''))

/** `obs-route = obs-domain-list ":"`. */
const route = fc
  .array(fc.tuple(oneOf('', ','), cfws, domainName), { minLength: 1, maxLength: 2 })
  .map(hops => `${hops.map(([empty, space, { text }], n) => `${n === 0 ? empty : ','}${space}@${text}`).join('')}:`)

const angle = fc
  .tuple(fc.oneof({ weight: 9, arbitrary: fc.constant('') }, { weight: 1, arbitrary: route }), addrSpec, cfws)
  .map(([hops, spec, after]) => concat([silent(`<${hops}`), spec, silent(`>${after}`)]))

interface Listed {
  readonly text: string
  readonly specs: readonly Piece[]
}

const mailbox: fc.Arbitrary<Listed> = fc.oneof(
  { weight: 3, arbitrary: addrSpec.map(spec => ({ text: spec.text, specs: [spec] })) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(cfws, phrase, angle)
      .map(([before, name, spec]) => ({ text: `${before}${name}${spec.text}`, specs: [spec] })),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(cfws, angle).map(([before, spec]) => ({ text: before + spec.text, specs: [spec] })),
  },
)

/** Items with commas between them; now and then a place is empty (obs-mbox-list, obs-addr-list). */
function listOf(item: fc.Arbitrary<Listed>, minLength: number, maxLength: number): fc.Arbitrary<Listed> {
  const separator = fc.oneof({ weight: 12, arbitrary: fc.constant(',') }, { weight: 1, arbitrary: oneOf(',,', ', ,') })
  return fc.array(fc.tuple(item, separator), { minLength, maxLength }).map(items => ({
    text: items.map(([{ text }, comma], place) => (place === 0 ? text : comma + text)).join(''),
    specs: items.flatMap(([{ specs }]) => specs),
  }))
}

const group = fc
  .tuple(cfws, phrase, cfws, listOf(mailbox, 0, 2), cfws)
  .map(([before, name, empty, members, after]) => ({
    text: `${before}${name}:${members.specs.length === 0 ? empty : members.text};${after}`,
    specs: members.specs,
  }))

/** `address-list`. */
export const addressList: fc.Arbitrary<AddressList> = listOf(
  fc.oneof({ weight: 6, arbitrary: mailbox }, { weight: 1, arbitrary: group }),
  1,
  3,
).map(({ text, specs }) => ({
  text,
  addresses: specs.map(({ value }) => value),
  traits: specs.flatMap(({ traits }) => traits),
}))
