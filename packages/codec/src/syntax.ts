/**
 * How the grammars report a fault: the same scanners read what the peer sent and check what we are asked to write, so
 * they throw a neutral `SyntaxFault`, and the public functions turn it into an error that says whose fault it is.
 */
import {
  DecodeError,
  type DecodeSubject,
  type EncodeCode,
  EncodeError,
  type EncodeSubject,
  type SuggestedReply,
} from './error.js'

/** Why a text is outside the grammar, and where. Never leaves this package. */
export class SyntaxFault {
  readonly why: string
  readonly at: number | undefined
  /** The remedy is SMTPUTF8, or a shorter value. */
  readonly remedy: 'utf8' | 'length' | undefined

  constructor(why: string, at?: number, remedy?: 'utf8' | 'length') {
    this.why = why
    this.at = at
    this.remedy = remedy
  }
}

const CODES = { utf8: 'EUTF8', length: 'ELENGTH' } as const

/** Runs a scanner on something we are asked to write. */
export function local<Result>(what: EncodeSubject, value: string | undefined, scan: () => Result): Result {
  try {
    return scan()
  } catch (fault) {
    if (!(fault instanceof SyntaxFault)) throw fault
    const code: EncodeCode | undefined = fault.remedy && CODES[fault.remedy]
    throw new EncodeError(what, fault.why, {
      ...(value === undefined ? {} : { value }),
      ...(fault.at === undefined ? {} : { at: fault.at }),
      ...(code === undefined ? {} : { code }),
    })
  }
}

/**
 * Runs a scanner on something the peer sent; `reply` is what a server should answer to a fault, and `start` is where in the
 * line that stands which is scanned.
 */
export function remote<Result>(what: DecodeSubject, reply: SuggestedReply, scan: () => Result, start = 0): Result {
  try {
    return scan()
  } catch (fault) {
    if (!(fault instanceof SyntaxFault)) throw fault
    const at = fault.at === undefined ? undefined : start + fault.at
    throw new DecodeError(what, fault.why, { at, reply: fault.remedy === 'utf8' ? UTF8_NEEDED : reply })
  }
}

/** Runs a scanner on a part of a line whose own positions mean nothing to others: a fault in it is where the part starts. */
export function within<Result>(start: number, scan: () => Result): Result {
  try {
    return scan()
  } catch (fault) {
    throw fault instanceof SyntaxFault ? new SyntaxFault(fault.why, start, fault.remedy) : fault
  }
}

/** RFC 6531 3.5: addresses outside ASCII without SMTPUTF8. */
const UTF8_NEEDED: SuggestedReply = /* @__PURE__ */ Object.freeze({
  code: 553,
  enhanced: '5.6.7',
  text: 'Address outside ASCII needs SMTPUTF8',
})
