/**
 * The lines of a reply to EHLO below the first: one keyword with its parameters each (RFC 5321 4.1.1.1 `ehlo-line`). Lines
 * in, a map of keywords in upper case out; what is no `ehlo-line` is listed apart or refused, as the quirks say.
 */
import { DEL, HYPHEN, isIn, LET_DIG, SP, upper } from './ascii.js'
import { DecodeError } from './error.js'
import type { ExtensionQuirk, ExtensionQuirks } from './quirk.js'

export class KeywordReader {
  readonly keywords: Map<string, string> = new Map()
  readonly ignored: string[] = []
  readonly met: Set<ExtensionQuirk> = new Set()
  readonly #quirks: Required<ExtensionQuirks>

  constructor(quirks: Required<ExtensionQuirks>) {
    this.#quirks = quirks
  }

  /** `ehlo-line = ehlo-keyword *( SP ehlo-param )`, `ehlo-param = 1*(%d33-126)`. */
  read(line: string): void {
    const text = this.#spaces(line)
    if (text === '') {
      this.#meet('emptyKeyword', 'line without a keyword')
      return
    }
    const end = keywordEnd(text)
    const isLegacyAuth = text.charAt(end) === '=' && upper(text.slice(0, end)) === 'AUTH'
    if (isLegacyAuth) this.#meet('authEquals', 'AUTH= instead of AUTH')
    const isRegular = (end === text.length || text.charAt(end) === ' ' || isLegacyAuth) && isPlain(text)
    if (!isRegular) {
      this.#meet('irregularLine', 'line is not an ehlo-line')
      this.ignored.push(line)
      return
    }
    const parameter = text.slice(end + 1)
    this.#add(upper(text.slice(0, end)), isLegacyAuth ? parameter.trimStart() : parameter)
  }

  /** Lists of words that come twice are joined; of anything else the first line counts. */
  #add(keyword: string, parameter: string): void {
    const before = this.keywords.get(keyword)
    if (before === undefined) this.keywords.set(keyword, parameter)
    else if (keyword === 'AUTH' && parameter !== '')
      this.keywords.set(keyword, before === '' ? parameter : `${before} ${parameter}`)
  }

  #spaces(line: string): string {
    const text = line
      .split(/[ \t]/)
      .filter(word => word !== '')
      .join(' ')
    if (text !== line) this.#meet('otherSpace', 'more than one space between words')
    return text
  }

  #meet(quirk: ExtensionQuirk, why: string): void {
    if (!this.#quirks[quirk]) throw new DecodeError('reply', why)
    this.met.add(quirk)
  }
}

/** `ehlo-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")`. */
export function keywordEnd(text: string): number {
  let i = 0
  while (isIn(text.charCodeAt(i), LET_DIG) || (i > 0 && text.charCodeAt(i) === HYPHEN)) i++
  return i
}

function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < SP || text.charCodeAt(i) >= DEL) return false
  return true
}
