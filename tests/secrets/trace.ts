// What a secret looks like when it has leaked, and where in a text it did (T-28).
//
// In: a password or token, and whatever a program may have shown: text, an error with its causes, an event, a snapshot. Out:
// the forms in which the secret stands in it. Looked for: the octets as text; their base64 and base64url wherever they stand
// in something longer (three phases); hexadecimal; percent escapes; and the ways a JavaScript program prints octets by
// mistake: `Buffer`, `Uint8Array`, arrays of numbers.
import { inspect } from 'node:util'

export interface Trace {
  /** In words: `base64, phase 1`. */
  readonly form: string
  readonly text: string
  /** Looked for where all blanks and line ends were taken out: octets are printed in columns. */
  readonly squeezed?: true
}

/** A leak of the beginning is a leak; and what is printed is often cut. */
const longest = 48
/** Fewer characters of an encoded form may be anywhere by chance. */
const shortest = 8

/** All forms in which the secret would be recognised. */
export function traces(secret: string): Trace[] {
  const octets = Buffer.from(secret).subarray(0, longest)
  const head = secret.slice(0, longest)
  const numbers = [...octets]
  const hex = octets.toString('hex')
  const forms: Trace[] = [
    ...[0, 1, 2].flatMap(before => inBase64(octets, before)),
    { form: 'hexadecimal, or a Buffer', text: hex, squeezed: true },
    { form: 'hexadecimal', text: hex.toUpperCase() },
    { form: 'an array of octets', text: numbers.join(','), squeezed: true },
    { form: 'octets as JSON', text: numbers.map((octet, at) => `"${at}":${octet}`).join(',') },
    { form: 'percent escapes', text: encodeURIComponent(head) },
    { form: 'escapes of JSON', text: JSON.stringify(head).slice(1, -1) },
    { form: 'octets as characters', text: octets.toString('latin1') },
  ]
  return [{ form: 'as it is', text: head }, ...forms.filter(({ text }) => text.length >= shortest)]
}

/** Base64 of the octets when `before` others stand in front: only the characters that depend on nothing else. */
function inBase64(octets: Buffer, before: number): Trace[] {
  const padded = Buffer.concat([Buffer.alloc(before), octets])
  const whole = padded.subarray(0, padded.length - (padded.length % 3))
  const own = (encoding: 'base64' | 'base64url'): string => whole.toString(encoding).slice(before === 0 ? 0 : 4)
  const form = `base64, phase ${before}`
  return [...new Set([own('base64'), own('base64url')])].map(text => ({ form, text }))
}

/** Everything a program could print of a value: inspected deeply, as JSON, as text; an error with its stack and causes. */
function shown(value: unknown): string {
  const deep = { depth: 10, showHidden: true, getters: true, maxArrayLength: null, maxStringLength: null } as const
  return [inspect(value, deep), json(value), text(value), ...told(value)].join('\n')
}

/** The forms of the secret that stand in what would be shown of the value; text is searched as it stands. */
export function leaks(value: unknown, secret: string | readonly Trace[]): string[] {
  const where = typeof value === 'string' ? value : shown(value)
  const squeezed = where.replace(/\s+/g, '')
  return (typeof secret === 'string' ? traces(secret) : secret)
    .filter(trace => (trace.squeezed ? squeezed : where).includes(trace.text))
    .map(trace => trace.form)
}

function json(value: unknown): string {
  try {
    return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? String(part) : part)) ?? ''
  } catch {
    // What refers to itself has no JSON to leak by.
    return ''
  }
}

function text(value: unknown): string {
  try {
    return String(value)
  } catch {
    return ''
  }
}

/** Message and stack of an error and of those that caused it. `inspect` shows them too, unless a class overrides it. */
function told(value: unknown): string[] {
  const told: string[] = []
  for (let error = value; error instanceof Error && told.length < 20; error = error.cause) {
    told.push(error.message, error.stack ?? '')
    if (error instanceof AggregateError) told.push(...error.errors.map(one => inspect(one)))
  }
  return told
}
