/**
 * Commands as data (RFC 5321 4.1.1 and its extensions): what a client writes and a server reads, one union discriminated
 * by `verb`. `writeCommand` makes the line, `parseCommand` takes it apart; what one makes, the other reads back.
 */
import { GRAPHIC, HYPHEN, isIn, LET_DIG, skip } from './ascii.js'
import { DOMAIN_LIMIT, scanDomainOrLiteral } from './domain.js'
import type { MailParameters, MailParametersInput, RcptParameters, RcptParametersInput } from './parameter.js'
import type { Path, PathInput } from './path.js'
import { SyntaxFault } from './syntax.js'

const UNDERSCORE = 0x5f

/** Attributes of XCLIENT and XFORWARD, names in upper case, values decoded. */
export type Attributes = ReadonlyMap<string, string>

interface Commands<P, Mail, Rcpt, Attrs> {
  /** RFC 5321 4.1.1.1, RFC 2033 4.1: a domain or an address literal. */
  hello: { readonly verb: 'EHLO' | 'HELO' | 'LHLO'; readonly name: string }
  mail: { readonly verb: 'MAIL'; readonly path: P } & Mail
  rcpt: { readonly verb: 'RCPT'; readonly path: P } & Rcpt
  /** No argument. */
  plain: { readonly verb: 'DATA' | 'RSET' | 'QUIT' | 'STARTTLS' }
  /** RFC 5321 4.1.1.8, 4.1.1.9. */
  remark: { readonly verb: 'NOOP' | 'HELP'; readonly argument?: string }
  /** RFC 5321 4.1.1.6, 4.1.1.7; SMTPUTF8 asks for a reply in UTF-8 (RFC 6531 3.7.4.2). */
  lookup: { readonly verb: 'VRFY' | 'EXPN'; readonly argument: string; readonly smtputf8?: true }
  /** RFC 4954 4. An empty `initial` is written `=`; without it the server speaks first. */
  auth: { readonly verb: 'AUTH'; readonly mechanism: string; readonly initial?: Uint8Array }
  /** RFC 3030 2: `size` octets follow the line. */
  bdat: { readonly verb: 'BDAT'; readonly size: number; readonly last: boolean }
  /** RFC 4468 3. */
  burl: { readonly verb: 'BURL'; readonly url: string; readonly last: boolean }
  /** RFC 1985 5: a domain, `@domain` with all below it, or `#queue`. */
  etrn: { readonly verb: 'ETRN'; readonly node: string }
  attributes: { readonly verb: 'XCLIENT' | 'XFORWARD'; readonly attributes: Attrs }
  /** A verb this package does not know, as it came. `argument` is what follows the first space. */
  other: { readonly verb: 'OTHER'; readonly name: string; readonly argument: string }
}

type Union<T> = T[keyof T]

/** A command, as read. */
export type Command = Union<
  Commands<Path, { readonly parameters: MailParameters }, { readonly parameters: RcptParameters }, Attributes>
>

/** A command to be written: a path may be an address, parameters may be missing, maps may be plain objects. */
export type CommandInput = Union<
  Commands<
    PathInput,
    { readonly parameters?: MailParametersInput | undefined },
    { readonly parameters?: RcptParametersInput | undefined },
    Attributes | Readonly<Record<string, string>>
  >
>

/** The verbs of {@link Command}, `OTHER` apart. */
export type Verb = Exclude<Command['verb'], 'OTHER'>

export const VERBS: ReadonlySet<string> = /* @__PURE__ */ new Set<Verb>([
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
])

/** RFC 4422 3.1: "sasl-mech = 1*20mech-char", letters (here in either case), digits, hyphen, underscore. */
export function isMechanism(name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i)
    if (!isIn(unit, LET_DIG) && unit !== HYPHEN && unit !== UNDERSCORE) return false
  }
  return name.length >= 1 && name.length <= 20
}

/** RFC 4468 3.5 `absolute-URI`: here, one word of graphic ASCII; what is in it is the business of IMAP. */
export function checkUrl(url: string): string {
  const end = skip(url, 0, url.length, GRAPHIC)
  if (url === '' || end !== url.length) throw new SyntaxFault('not a URL', end)
  return url
}

/** RFC 1985 5: a domain with an optional "@", or "#" and a name whose form is up to the server. */
export function checkNode(node: string): string {
  const start = node.startsWith('@') ? 1 : 0
  const end = node.startsWith('#')
    ? skip(node, 0, node.length, GRAPHIC)
    : scanDomainOrLiteral(node, start, false, DOMAIN_LIMIT)
  if (end !== node.length || node === '#') throw new SyntaxFault('not a node', end)
  return node
}
