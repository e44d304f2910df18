/**
 * Envelope paths (RFC 5321 4.1.2, RFC 6531 3.3): `<local-part@domain>` in, its parts out, and back. One pass from left to
 * right, no recursion, no guessing: an address that does not end where the grammar says is refused, never repaired.
 *
 * This is the grammar of the envelope. Display names, comments, groups and folding belong to message headers (RFC 5322)
 * and are refused here. Source routes are read and dropped (RFC 5321 4.1.2: "MUST BE accepted, SHOULD NOT be generated,
 * and SHOULD be ignored"), never written.
 */
import { ATEXT, DEL, DOT, isAnyControl, isIn, SP } from './ascii.js'
import { DOMAIN_LIMIT, octetLength, scanDomain, scanDomainOrLiteral } from './domain.js'
import type { SuggestedReply } from './error.js'
import { local, remote, SyntaxFault } from './syntax.js'

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const LESS = 0x3c
const GREATER = 0x3e
const AT = 0x40
const BACKSLASH = 0x5c

/** An envelope address, as read. */
export interface Path {
  /** `local-part@domain` in the form with the least quoting; `''` for the null path, `Postmaster` for `<Postmaster>`. */
  readonly address: string
  /** Without quotes and backslashes; its case is kept (RFC 5321 2.4). */
  readonly localPart: string
  /** A domain or an address literal with its brackets, as on the wire; `''` for the null path and for Postmaster. */
  readonly domain: string
  /** Whether the path is outside ASCII and needs SMTPUTF8. */
  readonly utf8: boolean
}

/** A path to be written: an address without angle brackets, or its parts. */
export type PathInput = string | { readonly localPart: string; readonly domain: string }

/** Limits of RFC 5321 4.5.3.1, in octets of the wire form. */
export interface PathLimits {
  /** Default 64 (4.5.3.1.1), quotes included. */
  readonly localPart?: number
  /** Default 255 (4.5.3.1.2). */
  readonly domain?: number
  /** Default 256 (4.5.3.1.3), angle brackets included. */
  readonly path?: number
}

/** What a path may be. */
export interface PathOptions {
  /** Allow addresses outside ASCII (SMTPUTF8, RFC 6531). Default false. */
  readonly utf8?: boolean
  /** `reverse` (of MAIL) may be null, `forward` (of RCPT) may be `Postmaster` alone. Default: either. */
  readonly direction?: 'reverse' | 'forward'
  /** Write a local part alone (`root`), which some servers complete with a domain of their own. RFC 5321 knows it for Postmaster only. Default false. */
  readonly bareLocalPart?: boolean
  readonly limits?: PathLimits
}

/**
 * Reads a path with its angle brackets, as the peer sent it.
 *
 * @throws {@link DecodeError} `what: 'address'`
 */
export function parsePath(text: string, options: PathOptions = {}): Path {
  return remote('address', BAD_PATH, () => {
    const { path, end } = scanPath(text, 0, options)
    if (end !== text.length) throw new SyntaxFault('something follows the path', end)
    return path
  })
}

/**
 * Takes an address (`local-part@domain`, no brackets) apart that we are to use.
 *
 * @throws {@link EncodeError} `EADDRESS`, `ELENGTH`, or `EUTF8` when it is outside ASCII and `utf8` is not set
 */
export function parseMailbox(address: string, options: PathOptions = {}): Path {
  return local('address', address, () => {
    const { at, end } = scanMailbox(address, 0, options)
    if (end !== address.length) throw new SyntaxFault('something follows the domain', end)
    return pathOf(address, 0, at, end)
  })
}

/**
 * The wire form of a path, with angle brackets. A string is checked and written as it is; parts are written with the
 * least quoting (RFC 5321 4.1.2). `''` is the null path, `Postmaster` needs no domain.
 *
 * @throws {@link EncodeError} `EADDRESS`, `ELENGTH`, or `EUTF8` when it is outside ASCII and `utf8` is not set
 */
export function writePath(path: PathInput, options: PathOptions = {}): string {
  const address = typeof path === 'string' ? path : addressOf(path.localPart, path.domain)
  return local('address', address, () => {
    if (address === '' && options.direction !== 'forward') return '<>'
    if (isPostmaster(address) && options.direction !== 'reverse') return `<${address}>`
    if (options.bareLocalPart === true && scanLocalPart(address, 0, options) === address.length) return `<${address}>`
    const { end } = scanMailbox(address, 0, options)
    if (end !== address.length) throw new SyntaxFault('something follows the domain', end)
    return `<${address}>`
  })
}

/** Scans a path at `start`; returns it and where it ends. */
export function scanPath(text: string, start: number, options: PathOptions): { path: Path; end: number } {
  if (text.charCodeAt(start) !== LESS) throw new SyntaxFault('path does not start with "<"', start)
  if (text.charCodeAt(start + 1) === GREATER) {
    if (options.direction === 'forward') throw new SyntaxFault('null path as a recipient', start)
    return { path: NULL_PATH, end: start + 2 }
  }
  const name = text.slice(start + 1, start + 11)
  if (options.direction !== 'reverse' && isPostmaster(name) && text.charCodeAt(start + 11) === GREATER) {
    return { path: { address: name, localPart: name, domain: '', utf8: false }, end: start + 12 }
  }
  const mailbox = skipRoute(text, start + 1)
  const { at, end } = scanMailbox(text, mailbox, options)
  if (text.charCodeAt(end) !== GREATER) throw new SyntaxFault('path is not closed by ">"', end)
  return { path: pathOf(text, mailbox, at, end), end: end + 1 }
}

/** Scans `Mailbox = Local-part "@" ( Domain / address-literal )`; returns where "@" stands and where it ends. */
export function scanMailbox(text: string, start: number, options: PathOptions): { at: number; end: number } {
  const utf8 = options.utf8 ?? false
  const path = options.limits?.path ?? 256
  const at = scanLocalPart(text, start, options)
  if (text.charCodeAt(at) !== AT) throw new SyntaxFault('no "@" follows the local part', at)
  const end = scanDomainOrLiteral(text, at + 1, utf8, options.limits?.domain ?? DOMAIN_LIMIT)
  if (octetLength(text, start, end, utf8) + 2 > path)
    throw new SyntaxFault(`path longer than ${path} octets`, start, 'length')
  return { at, end }
}

/** `Local-part = Dot-string / Quoted-string`; returns where it ends. */
function scanLocalPart(text: string, start: number, { utf8 = false, limits }: PathOptions): number {
  const limit = limits?.localPart ?? 64
  const end = text.charCodeAt(start) === QUOTE ? scanQuoted(text, start, utf8) : scanDotString(text, start, utf8)
  if (octetLength(text, start, end, utf8) > limit)
    throw new SyntaxFault(`local part longer than ${limit} octets`, start, 'length')
  return end
}

const NULL_PATH: Path = /* @__PURE__ */ Object.freeze({ address: '', localPart: '', domain: '', utf8: false })

const BAD_PATH: SuggestedReply = /* @__PURE__ */ Object.freeze({
  code: 501,
  enhanced: '5.1.7',
  text: 'Syntax error in address',
})

/** RFC 5321 4.1.1.3: `"<Postmaster>"`, in any case. */
function isPostmaster(address: string): boolean {
  return address.toLowerCase() === 'postmaster'
}

/** `A-d-l = At-domain *( "," At-domain )`, then ":". */
function skipRoute(text: string, start: number): number {
  let i = start
  while (text.charCodeAt(i) === AT) {
    i = scanDomain(text, i + 1, false)
    const unit = text.charCodeAt(i)
    if (unit === COLON) return i + 1
    if (unit !== COMMA || text.charCodeAt(i + 1) !== AT) throw new SyntaxFault('source route is not closed by ":"', i)
    i++
  }
  return i
}

/** `Dot-string = Atom *("." Atom)`. */
function scanDotString(text: string, start: number, utf8: boolean): number {
  let i = start
  let atom = start
  for (; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (isIn(unit, ATEXT)) continue
    if (unit === DOT) {
      if (i === atom) throw new SyntaxFault(i === start ? 'local part starts with a dot' : 'two dots in a row', i)
      atom = i + 1
    } else if (unit > DEL) i += wide(text, i, utf8) - 1
    else break
  }
  if (i === start) throw new SyntaxFault(i < text.length ? 'character not allowed in a local part' : 'empty', i)
  if (i === atom) throw new SyntaxFault('local part ends with a dot', i - 1)
  if (i < text.length && text.charCodeAt(i) !== AT) throw new SyntaxFault('character not allowed in a local part', i)
  return i
}

/** `Quoted-string = DQUOTE *( qtextSMTP / quoted-pairSMTP ) DQUOTE`. */
function scanQuoted(text: string, start: number, utf8: boolean): number {
  let i = start + 1
  for (; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit === QUOTE) return i + 1
    const quoted = unit === BACKSLASH ? text.charCodeAt(++i) : unit
    if (quoted < SP || quoted === DEL) throw new SyntaxFault('control character', i)
    if (quoted > DEL) {
      if (unit === BACKSLASH) throw new SyntaxFault('backslash before a character outside ASCII', i)
      i += wide(text, i, utf8) - 1
    }
  }
  throw new SyntaxFault('quoted local part is not closed', text.length)
}

/** Checks a character outside ASCII in a local part; returns its length in UTF-16 units. */
function wide(text: string, i: number, utf8: boolean): number {
  const point = text.codePointAt(i) ?? 0
  const isNoCharacter = (point >= 0xd800 && point <= 0xdfff) || (point & 0xfffe) === 0xfffe
  if (isAnyControl(point) || isNoCharacter) throw new SyntaxFault('control character', i)
  if (!utf8) throw new SyntaxFault('address is not ASCII', i, 'utf8')
  return point > 0xffff ? 2 : 1
}

function pathOf(text: string, start: number, at: number, end: number): Path {
  const localPart = text.charCodeAt(start) === QUOTE ? unquote(text, start + 1, at - 1) : text.slice(start, at)
  const domain = text.slice(at + 1, end)
  return {
    address: addressOf(localPart, domain),
    localPart,
    domain,
    utf8: octetLength(text, start, end, true) !== end - start,
  }
}

function unquote(text: string, start: number, end: number): string {
  let localPart = ''
  let from = start
  for (let i = start; i < end; i++) {
    if (text.charCodeAt(i) !== BACKSLASH) continue
    localPart += text.slice(from, i)
    from = ++i
  }
  return localPart + text.slice(from, end)
}

/** RFC 5321 4.1.2: "the sending system SHOULD transmit the form that uses the minimum quoting possible". */
function addressOf(localPart: string, domain: string): string {
  if (domain === '') return localPart
  return `${isDotString(localPart) ? localPart : quote(localPart)}@${domain}`
}

function isDotString(text: string): boolean {
  let previous = DOT
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (!isIn(unit, ATEXT) && unit <= DEL && (unit !== DOT || previous === DOT)) return false
    previous = unit
  }
  return previous !== DOT
}

function quote(text: string): string {
  let quoted = '"'
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    quoted += unit === QUOTE || unit === BACKSLASH ? `\\${text.charAt(i)}` : text.charAt(i)
  }
  return `${quoted}"`
}
