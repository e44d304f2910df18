/**
 * Where the two foreign readers are known to differ from RFC 5322 in what they make of a field that ours accepts, and the sentence that
 * decides. Each is as narrow as it can be said; whatever is not here fails the test.
 */
import type { Addresses, Answer } from './oracle.js'

export type Reader = 'python' | 'postal-mime'

export interface Difference {
  readonly text: string
  readonly ours: Addresses
  readonly theirs: Answer
  /** The field was written by the grammar, and ours is what it means. */
  readonly isMeant: boolean
}

interface Explanation {
  readonly why: string
  readonly fits: (difference: Difference) => boolean
}

const holdsEncodedWord = (text: string): boolean => text.includes('=?')

const explanations: Readonly<Record<Reader, readonly Explanation[]>> = {
  python: [
    {
      why: 'an encoded-word in an addr-spec, which is none there (RFC 2047 5: "MUST NOT appear in any portion of an \'addr-spec\'")',
      fits: ({ ours, theirs }) =>
        ours.some(holdsEncodedWord) &&
        (!Array.isArray(theirs) ||
          isWithin(
            ours.filter(address => !holdsEncodedWord(address)),
            theirs,
          )),
    },
    {
      why: 'an encoded-word in a display name or a comment that cannot be decoded, which changes no address (RFC 2047 6.2, 6.3)',
      fits: ({ text, theirs }) => theirs === undefined && holdsEncodedWord(text),
    },
    {
      why: 'falls over at an empty group whose name is more than an atom (RFC 5322 3.4: group = display-name ":" [group-list] ";")',
      fits: ({ text, theirs }) => theirs === 'crash' && /:[^:;]*;/s.test(text),
    },
    {
      why: 'falls over at a name that ends in a dot right before "<" (RFC 5322 4.1: obs-phrase = word *(word / "." / CFWS))',
      fits: ({ text, theirs }) => theirs === 'crash' && text.includes('.<'),
    },
    {
      why: 'falls over at a name with white space outside ASCII in it, which is text (RFC 6532 3.2: atext =/ UTF8-non-ascii)',
      fits: ({ text, theirs }) => theirs === 'crash' && /[^\S \t\r\n]/.test(text),
    },
    {
      why: 'a field without any address, which ours reads as such',
      fits: ({ ours, theirs }) => theirs === undefined && ours.length === 0,
    },
  ],
  // Made to show addresses, not to send to them: it scans for what looks like one.
  'postal-mime': [
    {
      why: 'the grammar wrote it, and ours says what it means',
      fits: ({ isMeant }) => isMeant,
    },
    {
      why: 'a field without any address, which ours reads as such',
      fits: ({ ours, theirs }) => theirs === undefined && ours.length === 0,
    },
    {
      why: 'a comment, read as part of an address (RFC 5322 3.2.2: "Runs of FWS, comment, or CFWS … are semantically interpreted as a single space")',
      fits: ({ text }) => text.includes('('),
    },
    {
      why: 'a source route, read as part of an address (RFC 5322 4.4: "the route portion … SHOULD be ignored")',
      fits: ({ text }) => /<[ \t\r\n,]*@/.test(text),
    },
    {
      why: "a colon in a domain literal, read as the end of a group's name (RFC 5322 3.4.1: dtext)",
      fits: ({ ours }) => ours.some(address => /\[[^\]]*:[^\]]*\]$/.test(address)),
    },
    {
      why: 'specials or quoted pairs in a quoted string, read as if they stood outside (RFC 5322 3.2.4: qcontent)',
      fits: ({ text }) => /"[^"]*[<>,:;\\][^"]*"/.test(text),
    },
    {
      why: 'white space at the ends of a quoted local part, trimmed (RFC 5322 3.2.4: it is part of the string)',
      fits: ({ ours, theirs }) => Array.isArray(theirs) && same(ours.map(trimLocalPart), theirs.map(trimLocalPart)),
    },
  ],
}

/** Whether all of `some` are in `all`, in this order. */
function isWithin(some: Addresses, all: Addresses): boolean {
  let found = 0
  for (const address of all) if (address === some[found]) found++
  return found === some.length
}

const trimLocalPart = (address: string): string => {
  const at = address.lastIndexOf('@')
  return address.slice(0, at).trim() + address.slice(at)
}

const same = (one: Addresses, other: Addresses): boolean =>
  one.length === other.length && one.every((address, place) => address === other[place])

/** Why the reader's answer is not ours; `undefined`: nobody knows yet. */
export function explanationFor(reader: Reader, difference: Difference): string | undefined {
  return explanations[reader].find(({ fits }) => fits(difference))?.why
}
