/**
 * Enhanced mail system status codes: text in, three numbers out, and back (RFC 3463 2, RFC 2034 4). Codes the registry
 * (RFC 5248) does not know are kept as they came; what is not of the form `class.subject.detail` is not a code.
 */
/** `class.subject.detail`, for example 5.1.1. Immutable. */
export class EnhancedCode {
  /** 2 success, 4 persistent transient failure, 5 permanent failure. */
  readonly class: 2 | 4 | 5
  /** 0 to 999. */
  readonly subject: number
  /** 0 to 999. */
  readonly detail: number

  constructor(statusClass: 2 | 4 | 5, subject: number, detail: number) {
    this.class = statusClass
    this.subject = subject
    this.detail = detail
  }

  /** `5.1.1` */
  toString(): string {
    return `${this.class}.${this.subject}.${this.detail}`
  }

  /** The same as `toString`. */
  toJSON(): string {
    return this.toString()
  }
}

/**
 * RFC 3463 2: "class = "2"/"4"/"5"", "subject = 1*3digit", "detail = 1*3digit", no leading zeros; followed by a space or by
 * nothing.
 */
const CODE = /^([245])\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})(?= |$)/
/** A code is nine characters at most, and one more says whether it ends there. */
const LONGEST = 10

/** A text that is exactly one enhanced code, or `undefined`. */
export function parseEnhancedCode(text: string): EnhancedCode | undefined {
  const match = CODE.exec(text)
  return match?.[0] === text ? codeOf(match) : undefined
}

/** The code a line of text begins with, and its length; `undefined` when it begins with none. */
export function enhancedAt(line: Uint8Array): { readonly code: EnhancedCode; readonly length: number } | undefined {
  const match = CODE.exec(String.fromCharCode(...line.subarray(0, LONGEST)))
  return match === null ? undefined : { code: codeOf(match), length: match[0].length }
}

function codeOf([, statusClass, subject, detail]: RegExpExecArray): EnhancedCode {
  return new EnhancedCode(Number(statusClass) as 2 | 4 | 5, Number(subject), Number(detail))
}
