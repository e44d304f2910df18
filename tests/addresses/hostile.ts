/**
 * Field values that are almost address lists: valid ones with a few wrong edits, and the pieces of which misrouted mail was made
 * (threat T-06), in any order. What they mean nobody knows; whoever reads them must say the same as everybody else, or refuse.
 */
import fc from 'fast-check'
import { addressList } from './grammar.js'

const splinter = fc.constantFrom(
  '@',
  '"',
  '<',
  '>',
  '(',
  ')',
  ',',
  ';',
  ':',
  '\\',
  '[',
  ']',
  '.',
  ' ',
  '\t',
  '\r\n ',
  '\r\n',
  '\r',
  '\n ',
  '\0',
  '\u007f',
  '\u0085',
  '\u00a0',
  '\u2028',
  '＠',
  '。',
  '%',
  '!',
  '/',
  '#',
  'a',
  'b c',
  '"a"',
  '""',
  '"x@y"',
  '()',
  '<>',
  ':;',
  'a@b',
  'a@evil.example',
  '<a@evil.example>',
  '@good.example',
  '@evil.example"@good.example',
  '"xclow3n@gmail.example x"@internal.example',
  '"a"@evil.example"@good.example',
  '=?utf-8?q?a=40evil.example=3e?=',
  '=?utf-8?q?',
  '?=',
  'ö',
)

/** One edit: where, in thousandths of the text; how many characters go; what comes instead. */
const edit = fc.tuple(fc.nat({ max: 1000 }), fc.nat({ max: 2 }), fc.oneof(splinter, fc.constant('')))

const edited = fc.tuple(addressList, fc.array(edit, { minLength: 1, maxLength: 3 })).map(([{ text }, edits]) =>
  edits.reduce((now, [place, gone, instead]) => {
    const at = Math.floor((place * now.length) / 1000)
    return now.slice(0, at) + instead + now.slice(at + gone)
  }, text),
)

const heap = fc.array(splinter, { minLength: 1, maxLength: 8 }).map(parts => parts.join(''))

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: edited },
  { weight: 1, arbitrary: heap },
)
