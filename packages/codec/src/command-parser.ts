/**
 * One command line in, a typed command out (RFC 5321 4.1.1 and its extensions). Refuses, with the reply a server should
 * give, what is outside the grammar; a verb it does not know is no error but `OTHER`, because only the server knows what it
 * implements.
 *
 * RFC 5321 2.4: verbs and keywords in any case. 4.1.1: "receivers SHOULD tolerate trailing white space before the
 * terminating <CRLF>".
 */
import { decimal, GRAPHIC, HT, isAnyControl, SP, skip, toTextStrictly, upper } from './ascii.js'
import { decodeBase64 } from './base64.js'
import { type Command, checkNode, checkUrl, isMechanism } from './command.js'
import { DOMAIN_LIMIT, scanDomainOrLiteral } from './domain.js'
import { DecodeError, type SuggestedReply } from './error.js'
import { readMailParameters, readRcptParameters } from './parameter-reader.js'
import { checkAttributeName } from './parameter-value.js'
import { type Path, type PathLimits, type PathOptions, scanPath } from './path.js'
import { COMMAND_QUIRKS, type CommandQuirks } from './quirk.js'
import { remote, SyntaxFault, within } from './syntax.js'
import { fromXtext } from './xtext.js'

/** How a command is read. */
export interface ParseCommandOptions {
  /** Read LMTP: LHLO instead of EHLO and HELO (RFC 2033 4.1). Default false. */
  readonly lmtp?: boolean
  /**
   * The server offers SMTPUTF8: lines may be UTF-8. Default false. A MAIL whose path is outside ASCII must then have the
   * parameter; whether the MAIL before a RCPT had it, the server knows: see `path.utf8`.
   */
  readonly smtputf8?: boolean
  /** Limits of addresses. */
  readonly addresses?: PathLimits
  /** Each quirk on or off; what is not named keeps its default. */
  readonly quirks?: CommandQuirks
}

/**
 * Reads one command line.
 *
 * @param line - the octets without their line end
 * @throws {@link DecodeError} with `reply`
 */
export function parseCommand(line: Uint8Array, options: ParseCommandOptions = {}): Command {
  let end = line.length
  while (end > 0 && (line[end - 1] === SP || line[end - 1] === HT)) end--
  const text = toTextStrictly(line, 0, end)
  if (text === undefined) throw unreadable('not UTF-8')
  for (let i = 0; i < text.length; i++) {
    if (isAnyControl(text.charCodeAt(i))) throw unreadable('control character', i)
  }
  if (text.length !== end && !options.smtputf8) {
    throw new DecodeError('command', 'not ASCII', { reply: UTF8_NOT_OFFERED })
  }
  if (text === '') throw unreadable('empty line')
  const space = text.indexOf(' ')
  const name = space < 0 ? text : text.slice(0, space)
  if (name === '') throw unreadable('line starts with a space')
  if (skip(name, 0, name.length, GRAPHIC) !== name.length) throw unreadable('verb is not ASCII', 0)
  const start = Math.min(name.length + 1, text.length)
  return new Parser(text, start, options).parse(name, text.slice(start))
}

const SYNTAX: SuggestedReply = /* @__PURE__ */ Object.freeze({
  code: 501,
  enhanced: '5.5.4',
  text: 'Syntax error in parameters',
})
const BAD_SENDER: SuggestedReply = /* @__PURE__ */ Object.freeze({
  code: 501,
  enhanced: '5.1.7',
  text: 'Syntax error in sender address',
})
const BAD_RECIPIENT: SuggestedReply = /* @__PURE__ */ Object.freeze({
  code: 501,
  enhanced: '5.1.3',
  text: 'Syntax error in recipient address',
})
const UTF8_NOT_OFFERED: SuggestedReply = /* @__PURE__ */ Object.freeze({
  code: 500,
  enhanced: '5.5.2',
  text: 'SMTPUTF8 is not offered',
})
const WRONG_PROTOCOL: SuggestedReply = /* @__PURE__ */ Object.freeze({
  code: 500,
  enhanced: '5.5.1',
  text: 'Command unrecognized',
})

/** The parser of one line: `text`, whose argument starts at `start`. */
class Parser {
  readonly #text: string
  readonly #start: number
  readonly #options: ParseCommandOptions
  readonly #quirks: Required<CommandQuirks>

  constructor(text: string, start: number, options: ParseCommandOptions) {
    this.#text = text
    this.#start = start
    this.#options = options
    this.#quirks = options.quirks === undefined ? COMMAND_QUIRKS : { ...COMMAND_QUIRKS, ...options.quirks }
  }

  parse(name: string, argument: string): Command {
    const verb = upper(name)
    switch (verb) {
      case 'EHLO':
      case 'HELO':
      case 'LHLO':
        return this.#hello(verb, argument)
      case 'MAIL':
        return this.#mail()
      case 'RCPT':
        return this.#rcpt()
      case 'DATA':
      case 'RSET':
      case 'QUIT':
      case 'STARTTLS':
        if (argument !== '') this.#refuse(`${verb} takes no argument`)
        return { verb }
      case 'NOOP':
      case 'HELP':
        return argument === '' ? { verb } : { verb, argument }
      case 'VRFY':
      case 'EXPN':
        return this.#lookup(verb, argument)
      case 'AUTH':
        return this.#auth(argument)
      case 'BDAT':
        return this.#bdat(argument)
      case 'BURL':
        return this.#burl(argument)
      case 'ETRN':
        return { verb, node: remote('command', SYNTAX, () => checkNode(argument), this.#start) }
      case 'XCLIENT':
      case 'XFORWARD':
        return { verb, attributes: this.#attributes(argument) }
      default:
        return { verb: 'OTHER', name, argument }
    }
  }

  #hello(verb: 'EHLO' | 'HELO' | 'LHLO', name: string): Command {
    if ((verb === 'LHLO') !== (this.#options.lmtp ?? false)) {
      throw new DecodeError('command', `${verb} in ${this.#options.lmtp ? 'LMTP' : 'SMTP'}`, { reply: WRONG_PROTOCOL })
    }
    if (name === '') this.#refuse(`${verb} needs a name`)
    const check = () => {
      const end = this.#quirks.irregularName
        ? Math.min(skip(name, 0, name.length, GRAPHIC), DOMAIN_LIMIT)
        : scanDomainOrLiteral(name, 0, false, DOMAIN_LIMIT)
      if (end !== name.length) throw new SyntaxFault('not a domain or address literal', end)
    }
    remote('domain', SYNTAX, check, this.#start)
    return { verb, name }
  }

  #mail(): Command {
    const utf8 = this.#options.smtputf8 ?? false
    const { path, end } = remote('address', BAD_SENDER, () => this.#path('FROM:', 'reverse', utf8))
    const parameters = remote('parameter', SYNTAX, () => {
      const read = readMailParameters(this.#text, end, utf8)
      if (path.utf8 && !read.smtputf8) throw new SyntaxFault('address is not ASCII', undefined, 'utf8')
      return read
    })
    return { verb: 'MAIL', path, parameters }
  }

  #rcpt(): Command {
    const utf8 = this.#options.smtputf8 ?? false
    const { path, end } = remote('address', BAD_RECIPIENT, () => this.#path('TO:', 'forward', utf8))
    const parameters = remote('parameter', SYNTAX, () => readRcptParameters(this.#text, end, utf8))
    return { verb: 'RCPT', path, parameters }
  }

  #path(prefix: string, direction: 'reverse' | 'forward', utf8: boolean): { path: Path; end: number } {
    let start = this.#start + prefix.length
    if (upper(this.#text.slice(this.#start, start)) !== prefix) throw new SyntaxFault(`no ${prefix}`, this.#start)
    if (this.#quirks.spaceBeforePath) while (this.#text.charCodeAt(start) === SP) start++
    const { addresses } = this.#options
    const options: PathOptions = addresses === undefined ? { utf8, direction } : { utf8, direction, limits: addresses }
    if (!this.#quirks.missingBrackets || this.#text.charAt(start) === '<') return scanPath(this.#text, start, options)
    const space = this.#text.indexOf(' ', start)
    const end = space < 0 ? this.#text.length : space
    const bracketed = scanPath(`<${this.#text.slice(start, end)}>`, 0, options)
    if (bracketed.end !== end - start + 2) throw new SyntaxFault('something follows the address', end)
    return { path: bracketed.path, end }
  }

  #lookup(verb: 'VRFY' | 'EXPN', argument: string): Command {
    const smtputf8 = this.#options.smtputf8 === true && upper(argument.slice(-' SMTPUTF8'.length)) === ' SMTPUTF8'
    const subject = smtputf8 ? argument.slice(0, -' SMTPUTF8'.length) : argument
    if (subject === '') this.#refuse(`${verb} needs an argument`)
    if (subject.endsWith(' ')) this.#refuse('more than one space before SMTPUTF8')
    return smtputf8 ? { verb, argument: subject, smtputf8 } : { verb, argument: subject }
  }

  /** RFC 4954 4: `AUTH mechanism [initial-response]`, the response in base64 or "=" for an empty one. */
  #auth(argument: string): Command {
    const [mechanism = '', initial, ...more] = argument.split(' ')
    if (!isMechanism(mechanism) || more.length > 0) this.#refuse('AUTH takes a mechanism and a response')
    const name = upper(mechanism)
    if (initial === undefined) return { verb: 'AUTH', mechanism: name }
    return { verb: 'AUTH', mechanism: name, initial: initial === '=' ? new Uint8Array(0) : decodeBase64(initial) }
  }

  /** RFC 3030 2. Without a size nobody knows where the next command starts, so a bad one is the end. */
  #bdat(argument: string): Command {
    const [digits = '', marker, ...more] = argument.split(' ')
    const size = digits.length <= 20 ? decimal(digits) : -1
    const isMarked = marker === undefined || upper(marker) === 'LAST'
    if (size < 0 || size > Number.MAX_SAFE_INTEGER || !isMarked || more.length > 0) {
      throw new DecodeError('chunk', 'BDAT without a usable size', { reply: SYNTAX, fatal: true })
    }
    return { verb: 'BDAT', size, last: marker !== undefined }
  }

  #burl(argument: string): Command {
    const [url = '', marker, ...more] = argument.split(' ')
    const isMarked = marker === undefined || upper(marker) === 'LAST'
    if (!isMarked || more.length > 0) this.#refuse('BURL takes a URL and LAST')
    return {
      verb: 'BURL',
      url: remote('command', SYNTAX, () => checkUrl(url), this.#start),
      last: marker !== undefined,
    }
  }

  #attributes(argument: string): Map<string, string> {
    return remote('parameter', SYNTAX, () => {
      const attributes = new Map<string, string>()
      let start = this.#start
      for (const pair of argument.split(' ')) {
        within(start, () => {
          const equals = pair.indexOf('=')
          const name = checkAttributeName(pair.slice(0, Math.max(equals, 0)))
          const value = pair.slice(equals + 1)
          if (value === '') throw new SyntaxFault(`${name} without a value`)
          if (attributes.has(name)) throw new SyntaxFault(`${name} is there twice`)
          attributes.set(name, fromXtext(value))
        })
        start += pair.length + 1
      }
      return attributes
    })
  }

  #refuse(why: string): never {
    throw new DecodeError('command', why, { reply: SYNTAX })
  }
}

function unreadable(why: string, at?: number): DecodeError {
  return new DecodeError('command', why, { at, reply: { code: 500, enhanced: '5.5.2', text: 'Syntax error' } })
}
