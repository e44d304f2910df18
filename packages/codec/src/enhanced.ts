/**
 * Enhanced mail system status codes: text in, three numbers out, and back (RFC 3463 2, RFC 2034 4). Codes the registry
 * (RFC 5248) does not know are kept as they came; what is not of the form `class.subject.detail` is not a code.
 */
import { DIGIT, DOT, isIn, SP } from './ascii.js'

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

/** A text that is exactly one enhanced code, or `undefined`. */
export function parseEnhancedCode(text: string): EnhancedCode | undefined {
  const octets = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) octets[i] = Math.min(text.charCodeAt(i), 0xff)
  const end = enhancedEnd(octets, 0, octets.length)
  return end === octets.length ? enhancedAt(octets, 0, octets.length) : undefined
}

/** The code a line of text begins with: followed by a space or by the end of the line. */
export function enhancedAt(octets: Uint8Array, start: number, end: number): EnhancedCode | undefined {
  const stop = enhancedEnd(octets, start, end)
  if (stop < 0) return undefined
  const statusClass = (octets[start] ?? 0) - 0x30
  if (statusClass !== 2 && statusClass !== 4 && statusClass !== 5) return undefined
  const dot = octets.indexOf(DOT, start + 2)
  return new EnhancedCode(statusClass, number(octets, start + 2, dot), number(octets, dot + 1, stop))
}

/** Where the code that starts here ends, or -1 when none starts here. */
export function enhancedEnd(octets: Uint8Array, start: number, end: number): number {
  const statusClass = octets[start]
  if (statusClass !== 0x32 && statusClass !== 0x34 && statusClass !== 0x35) return -1
  if (end - start < 5 || octets[start + 1] !== DOT) return -1
  const dot = numberEnd(octets, start + 2, end)
  if (dot < 0 || octets[dot] !== DOT) return -1
  const stop = numberEnd(octets, dot + 1, end)
  return stop === end || octets[stop] === SP ? stop : -1
}

/** RFC 3463 2: "subject = 1*3digit", "detail = 1*3digit", and no leading zeros. */
function numberEnd(octets: Uint8Array, start: number, end: number): number {
  let i = start
  while (i < end && i - start < 4 && isIn(octets[i], DIGIT)) i++
  if (i === start || i - start > 3) return -1
  return octets[start] === 0x30 && i - start > 1 ? -1 : i
}

function number(octets: Uint8Array, start: number, end: number): number {
  let value = 0
  for (let i = start; i < end; i++) value = value * 10 + (octets[i] ?? 0x30) - 0x30
  return value
}
