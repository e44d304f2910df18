/**
 * Addresses in message headers: the grammar of RFC 5322 3.4 with the characters of RFC 6532, groups included.
 *
 * In: the unfolded value of a header field such as To. Out: the mailboxes in it, in order, each with its addr-spec and its display name. One pass
 * from left to right, in time linear in the length, no recursion: groups do not nest (RFC 5322 3.4).
 *
 * It refuses, naming header, reason and place, whatever it cannot read with certainty; nothing is recovered (threats T-06, T-07). Of the obsolete
 * syntax (RFC 5322 4.4) it takes what has one meaning only: dots in display names, empty places in lists, and source routes, which
 * are dropped. Encoded-words are never decoded: in an addr-spec they are the characters they are made of.
 */
import { EncodeError } from '@postrider/codec'
import { SMTPMessageError } from './error.js'
import { wireAddress } from './wire-address.js'

/** One mailbox of a header field. */
export interface Mailbox {
  /** The addr-spec as it goes into the envelope: the domain in ASCII, the local part as written, quotes included. */
  readonly address: string
  /** The display name without quotes; encoded-words as they are. */
  readonly name?: string
  /** The display name of the group it stands in. */
  readonly group?: string
}

/** How addresses are read. */
export interface AddressOptions {
  /** One word without a domain (`root`) is an address, too. Default false. */
  readonly bareLocalPart?: boolean
}

/**
 * Reads a list of addresses.
 *
 * @param text - the unfolded value of the field
 * @param header - the field's name, for errors
 * @param options - `bareLocalPart`: take one word without a domain for an address, too
 * @throws {@link SMTPMessageError}
 * @example
 * parseAddresses('Ann <ann@example.org>, friends: bob@example.org;', 'To')
 * // [{ address: 'ann@example.org', name: 'Ann' }, { address: 'bob@example.org', group: 'friends' }]
 */
export function parseAddresses(text: string, header = 'address', options: AddressOptions = {}): Mailbox[] {
  const scanner = new Scanner(text, header, options.bareLocalPart ?? false)
  const found: Mailbox[] = []
  let group: string | undefined
  for (;;) {
    scanner.skipComments()
    const start = scanner.at
    const words = scanner.words()
    const [first] = words
    switch (scanner.peek()) {
      case END:
        if (first !== undefined) found.push(scanner.bareMailbox(first, words, group))
        if (group !== undefined) scanner.refuse('the group is not closed by ";"')
        return found
      case COMMA:
        // RFC 5322 4.4, obs-addr-list: places of a list may be empty.
        if (first !== undefined) found.push(scanner.bareMailbox(first, words, group))
        scanner.at++
        continue
      case COLON:
        if (first === undefined) return scanner.refuse('":" without the name of a group')
        if (group !== undefined) scanner.refuse('a group in a group')
        group = scanner.displayName(first, words)
        scanner.at++
        continue
      case SEMICOLON:
        if (first !== undefined) found.push(scanner.bareMailbox(first, words, group))
        if (group === undefined) scanner.refuse('";" closes no group')
        group = undefined
        scanner.at++
        break
      case LESS: {
        const address = scanner.angleAddress()
        found.push({
          address,
          ...(first === undefined ? {} : { name: scanner.displayName(first, words) }),
          ...(group === undefined ? {} : { group }),
        })
        break
      }
      case AT:
        if (first === undefined || words.length > 1)
          return scanner.refuse('"@" after something that is no local part', start)
        found.push({ address: scanner.addressSpec(first), ...(group === undefined ? {} : { group }) })
        break
      default:
        scanner.refuse('character not allowed here')
    }
    scanner.skipComments()
    const next = scanner.peek()
    if (next === END || next === COMMA || (next === SEMICOLON && group !== undefined)) continue
    scanner.refuse('something follows the address')
  }
}

/** `word = atom / quoted-string`, with dots in the atom (obs-phrase). */
interface Word {
  /** As it stands in the text. */
  readonly raw: string
  readonly start: number
}

const END = -1
const TAB = 0x09
const SPACE = 0x20
const QUOTE = 0x22
const OPEN_PARENTHESIS = 0x28
const CLOSE_PARENTHESIS = 0x29
const COMMA = 0x2c
const COLON = 0x3a
const SEMICOLON = 0x3b
const LESS = 0x3c
const GREATER = 0x3e
const AT = 0x40
const OPEN_BRACKET = 0x5b
const BACKSLASH = 0x5c
const CLOSE_BRACKET = 0x5d

/** `atext` and the dot: what atoms, dot-atoms and domains are made of. */
const ATEXT: ReadonlySet<number> = new Set(
  Array.from(".!#$%&'*+-/=?^_`{|}~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", c =>
    c.charCodeAt(0),
  ),
)

class Scanner {
  readonly #text: string
  readonly #header: string
  readonly #bareLocalPart: boolean
  at = 0

  constructor(text: string, header: string, bareLocalPart: boolean) {
    this.#text = text
    this.#header = header
    this.#bareLocalPart = bareLocalPart
  }

  /** The character here, or `END`. */
  peek(): number {
    return this.at < this.#text.length ? this.#text.charCodeAt(this.at) : END
  }

  refuse(why: string, at = this.at): never {
    throw new SMTPMessageError(`${this.#header}: ${why} (at ${at})`, { header: this.#header, at })
  }

  /** `CFWS`: white space and comments; those nest, and are counted. */
  skipComments(): void {
    let depth = 0
    let opened = this.at
    for (; ; this.at++) {
      const unit = this.peek()
      if (unit === OPEN_PARENTHESIS) {
        if (depth++ === 0) opened = this.at
      } else if (depth > 0) {
        if (unit === CLOSE_PARENTHESIS) depth--
        else if (unit === BACKSLASH) this.#quotedPair()
        else if (unit === END) this.refuse('the comment is not closed', opened)
        else if (isControl(unit)) this.refuse('control character')
      } else if (unit !== SPACE && unit !== TAB) return
    }
  }

  /** `*word`, up to the first character that can be in none. */
  words(): Word[] {
    const words: Word[] = []
    for (;;) {
      const start = this.at
      const unit = this.peek()
      if (unit === QUOTE) this.#quotedString()
      else if (isAtext(unit)) this.#atom()
      else return words
      words.push({ raw: this.#text.slice(start, this.at), start })
      this.skipComments()
    }
  }

  /** `display-name = phrase`, and `obs-phrase = word *(word / "." / CFWS)`: dots, but not in front. */
  displayName(first: Word, words: readonly Word[]): string {
    if (first.raw.startsWith('.')) this.refuse('a name starts with a dot', first.start)
    return words.map(({ raw }) => (raw.startsWith('"') ? raw.slice(1, -1).replace(/\\(.)/gsu, '$1') : raw)).join(' ')
  }

  /** `angle-addr = "<" addr-spec ">"`, and obs-angle-addr, whose route is dropped. */
  angleAddress(): string {
    const start = this.at++
    this.skipComments()
    if (this.peek() === AT || this.peek() === COMMA) this.#skipRoute()
    const [word, ...more] = this.words()
    const isBare = this.#bareLocalPart && this.peek() === GREATER
    if (word === undefined || more.length > 0 || (this.peek() !== AT && !isBare))
      this.refuse('no address in "<" and ">"', start)
    const address = isBare ? this.#checked(word.raw, word) : this.addressSpec(word)
    this.skipComments()
    if (this.peek() !== GREATER) this.refuse('"<" is not closed by ">"', start)
    this.at++
    return address
  }

  /** `addr-spec = local-part "@" domain`, from the "@" on. */
  addressSpec(localPart: Word): string {
    this.at++
    this.skipComments()
    const start = this.at
    if (this.peek() === OPEN_BRACKET) this.#domainLiteral()
    else this.#atom()
    if (this.at === start) this.refuse('no domain follows "@"')
    return this.#checked(`${localPart.raw}@${this.#text.slice(start, this.at)}`, localPart)
  }

  /** One word that stands where an address should. */
  bareMailbox(word: Word, words: readonly Word[], group: string | undefined): Mailbox {
    if (!this.#bareLocalPart || words.length > 1) this.refuse('no address follows the name', word.start)
    return { address: this.#checked(word.raw, word), ...(group === undefined ? {} : { group }) }
  }

  #checked(address: string, localPart: Word): string {
    // RFC 6532 3.2 has it as a character like others. Half of all readers have it as a space, and another address then.
    if (!localPart.raw.startsWith('"') && /\s/.test(localPart.raw))
      this.refuse('white space outside ASCII in the local part', localPart.start)
    try {
      return wireAddress(address, 'forward', this.#bareLocalPart)
    } catch (cause) {
      if (!(cause instanceof EncodeError)) throw cause
      const at = localPart.start + (cause.at ?? 0)
      throw new SMTPMessageError(`${this.#header}: ${cause.message}`, { header: this.#header, at, cause })
    }
  }

  /** `obs-route = obs-domain-list ":"`, `obs-domain-list = *(CFWS / ",") "@" domain *("," [CFWS] ["@" domain])`. */
  #skipRoute(): void {
    const start = this.at
    let hops = 0
    for (let isHopAllowed = true; ; isHopAllowed = false) {
      for (; this.peek() === COMMA; this.skipComments()) {
        this.at++
        isHopAllowed = true
      }
      if (this.peek() !== AT || !isHopAllowed) break
      this.at++
      this.skipComments()
      const domain = this.at
      this.#atom()
      if (this.at === domain) this.refuse('no domain follows "@"')
      if (/^\.|\.\.|\.$/.test(this.#text.slice(domain, this.at)))
        this.refuse('a dot too many in the source route', domain)
      this.skipComments()
      hops++
    }
    if (this.peek() !== COLON || hops === 0) this.refuse('the source route is not closed by ":"', start)
    this.at++
    this.skipComments()
  }

  #atom(): void {
    while (isAtext(this.peek())) this.at++
  }

  #quotedString(): void {
    const start = this.at
    for (this.at++; ; this.at++) {
      const unit = this.peek()
      if (unit === QUOTE) break
      if (unit === BACKSLASH) this.#quotedPair()
      else if (unit === END) this.refuse('the quoted string is not closed', start)
      else if (isControl(unit)) this.refuse('control character')
    }
    this.at++
  }

  /** `quoted-pair = "\" (VCHAR / WSP)`; stays on its second character. */
  #quotedPair(): void {
    this.at++
    const unit = this.peek()
    if (unit === END || isControl(unit)) this.refuse('nothing that can be quoted follows "\\"')
  }

  #domainLiteral(): void {
    const start = this.at
    for (this.at++; this.peek() !== CLOSE_BRACKET; this.at++) {
      const unit = this.peek()
      if (unit <= SPACE || unit > 0x7e || unit === OPEN_BRACKET || unit === BACKSLASH)
        this.refuse('the domain literal is not closed by "]"', start)
    }
    this.at++
  }
}

function isAtext(unit: number): boolean {
  return unit > 0x9f ? unit !== 0x2028 && unit !== 0x2029 : ATEXT.has(unit)
}

/** C0 without the tab, DEL, C1. */
function isControl(unit: number): boolean {
  return (unit < SPACE && unit !== TAB) || (unit >= 0x7f && unit <= 0x9f)
}
