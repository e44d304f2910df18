// SASLprep, RFC 4013: the one form of a user name or password in which all its spellings meet, so that what was typed on
// one keyboard matches what was typed on another. What goes in: text. What comes out: text in normal form KC of Unicode
// 3.2. Refused: half of a surrogate pair and the characters RFC 4013 section 2.3 forbids, right-to-left text that breaks
// RFC 3454 section 6, and in stored strings the code points Unicode 3.2 does not know.
//
// One known difference: five rare ideographs (U+2F868, 2F874, 2F91F, 2F95F, 2F9BF) decompose as Unicode corrected them
// after 3.2 (its Corrigendum 4), because the platform normalises them so.
import { credentialsError } from './error.js'
import { LEFT_TO_RIGHT, RIGHT_TO_LEFT, UNASSIGNED } from './stringprep-table.js'

/**
 * What the string is for (RFC 3454 section 7). `stored`: a password, or a name on its way into a database; unassigned
 * code points are refused. `query`: a name to be looked up; they are let through as they are.
 */
export type PrepareUse = 'stored' | 'query'

/**
 * Gives a name or password the form in which it is compared, as `saslprep` does. May throw an `AuthenticationError` to
 * refuse it.
 */
export type Prepare = (text: string, use: PrepareUse) => string

/**
 * Prepares a user name or password (RFC 4013). The result may be empty: `'\u00ad'` maps to nothing.
 *
 * @throws AuthenticationError `ECREDENTIALS` naming the kind of character and its place, not the character.
 *
 * @example
 * ```ts
 * saslprep('I\u00adX', 'stored') // 'IX'
 * saslprep('\u2168', 'stored') // 'IX'
 * ```
 */
export function saslprep(text: string, use: PrepareUse): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text
  refuse(text, /\p{Surrogate}/u, 'half of a surrogate pair')
  // 2.1: "non-ASCII space characters that can be mapped to SPACE", then those "commonly mapped to nothing". U+200B is
  // in both lists; the first wins.
  const mapped = text.replace(SPACES, ' ').replace(MAPPED_TO_NOTHING, '')
  if (use === 'stored')
    for (const [at, character] of Array.from(mapped).entries())
      if (isIn(UNASSIGNED, character)) throw credentialsError(undefined, `unassigned code point, character ${at + 1}`)
  const prepared = normalise(mapped)
  for (const [kind, pattern] of PROHIBITED) refuse(prepared, pattern, kind)
  checkDirection(prepared)
  return prepared
}

/**
 * Checks the trace information of ANONYMOUS: the "trace" profile, RFC 4505 section 3. Maps and normalises nothing.
 *
 * @throws AuthenticationError `ECREDENTIALS` as {@link saslprep}.
 */
export function checkTrace(text: string): void {
  for (const [kind, pattern] of PROHIBITED)
    if (kind !== SPACE_KIND && kind !== CANONICAL_KIND) refuse(text, pattern, kind)
  checkDirection(text)
}

/** B.1 */
const MAPPED_TO_NOTHING = /[\u034f\u180b-\u180d\ufe00-\ufe0f\u00ad\u1806\u200b-\u200d\u2060\ufeff]/g
/** C.1.2 */
const SPACES = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/g

const SPACE_KIND = 'a non-ASCII space'
const CANONICAL_KIND = 'a character inappropriate for canonical representation'
/** 2.3, with the tables of RFC 3454 appendix C. In a function, so that bundlers can leave it out. */
const PROHIBITED: readonly (readonly [kind: string, pattern: RegExp])[] = /* @__PURE__ */ (() => [
  [SPACE_KIND, /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/],
  // C.2.1 and C.2.2
  [
    'a control character',
    /[\0-\x1f\x7f\u0080-\u009f\u06dd\u070f\u180e\u200c-\u200d\u2028-\u2029\u2060-\u2063\u206a-\u206f\ufeff\ufff9-\ufffc\u{1d173}-\u{1d17a}]/u,
  ],
  // C.3
  ['a private use character', /[\ue000-\uf8ff\u{f0000}-\u{ffffd}\u{100000}-\u{10fffd}]/u],
  // C.4
  ['a non-character code point', /\p{Noncharacter_Code_Point}/u],
  // C.5
  ['half of a surrogate pair', /\p{Surrogate}/u],
  // C.6
  ['a character inappropriate for plain text', /[\ufff9-\ufffd]/],
  // C.7
  [CANONICAL_KIND, /[\u2ff0-\u2ffb]/],
  // C.8
  ['a character that changes display properties', /[\u0340\u0341\u200e\u200f\u202a-\u202e\u206a-\u206f]/],
  // C.9
  ['a tagging character', /[\u{e0001}\u{e0020}-\u{e007f}]/u],
])()

function refuse(text: string, pattern: RegExp, kind: string): void {
  const found = pattern.exec(text)
  if (found === null) return
  const place = Array.from(text.slice(0, found.index)).length + 1
  throw credentialsError(undefined, `${kind}, character ${place}`)
}

/**
 * Form KC "as described in Section 4 of [StringPrep]", that is of Unicode 3.2. What came later is left alone: the text
 * is cut at the code points 3.2 does not know, which for it neither decompose nor combine.
 */
function normalise(text: string): string {
  let prepared = ''
  let known = ''
  for (const character of text) {
    if (isIn(UNASSIGNED, character)) {
      prepared += known.normalize('NFKC') + character
      known = ''
    } else known += character
  }
  return prepared + known.normalize('NFKC')
}

/**
 * RFC 3454 section 6: "If a string contains any RandALCat character, the string MUST NOT contain any LCat character",
 * and such a character "MUST be the first character of the string, and [...] MUST be the last".
 */
function checkDirection(text: string): void {
  const characters = Array.from(text)
  if (!characters.some(character => isIn(RIGHT_TO_LEFT, character))) return
  const first = characters[0] ?? ''
  const last = characters[characters.length - 1] ?? ''
  const mixed = characters.some(character => isIn(LEFT_TO_RIGHT, character))
  if (mixed || !isIn(RIGHT_TO_LEFT, first) || !isIn(RIGHT_TO_LEFT, last))
    throw credentialsError(undefined, 'right-to-left text mixed with other text')
}

const decoded = new Map<string, readonly (readonly [start: number, end: number])[]>()

/** Whether a table of stringprep-table.ts has the character; a binary search in its ranges. */
function isIn(table: string, character: string): boolean {
  let ranges = decoded.get(table)
  if (ranges === undefined) {
    ranges = decode(table)
    decoded.set(table, ranges)
  }
  const code = character.codePointAt(0) ?? 0
  let low = 0
  let high = ranges.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const [start, end] = ranges[middle] ?? [0, 0]
    if (code < start) high = middle
    else if (code >= end) low = middle + 1
    else return true
  }
  return false
}

function decode(table: string): readonly (readonly [start: number, end: number])[] {
  const numbers = table.split(' ').map(number => Number.parseInt(number, 36))
  const ranges: [number, number][] = []
  let at = 0
  for (let index = 0; index < numbers.length; index += 2) {
    const start = at + (numbers[index] ?? 0)
    at = start + (numbers[index + 1] ?? 0)
    ranges.push([start, at])
  }
  return ranges
}
