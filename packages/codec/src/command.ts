/**
 * Commands as data (RFC 5321 4.1.1 and its extensions): what a client writes and a server reads, one union discriminated
 * by `verb`. `writeCommand` makes the line, `parseCommand` takes it apart; what one makes, the other reads back.
 */
import type { MailParameters, MailParametersInput, RcptParameters, RcptParametersInput } from './parameter.js'
import type { Path, PathInput } from './path.js'

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
