/**
 * What a test expects a message to be, and what speaks against it.
 *
 * In: a received message and an expectation. Out: one sentence for every criterion that does not hold; none is what was hoped for.
 */
import { decodeContent, decodeHeader, UndecodableError } from './decode.js'
import type { ReceivedMessage } from './mailbox.js'
import { type Match, matches, matchesAddress } from './match.js'

/** What a message should be: all that is given must hold. */
export interface MailExpectation {
  /** The sender in the envelope: the reverse path of MAIL, not the From field (see `headers`). */
  readonly from?: Match
  /** The accepted recipients in the envelope. One: it is among them. A list: those and no others, in any order. */
  readonly to?: Match | readonly Match[]
  /** The decoded Subject; text must be equal. */
  readonly subject?: Match
  /** The decoded plain text, lines ending in LF; text must be contained. */
  readonly text?: Match
  /** The decoded HTML, lines ending in LF; text must be contained. */
  readonly html?: Match
  /** Decoded header fields by name, in any case: some field of that name is so; `false`: there is none. */
  readonly headers?: Readonly<Record<string, Match | false>>
  /** Whether TLS protected it. */
  readonly secure?: boolean
  /** The name proved by AUTH; `false`: none was. */
  readonly user?: Match | false
}

/** A message held against an expectation. */
export interface Judgement {
  /** Why it is not what was expected, one sentence each; none: it is. */
  readonly complaints: readonly string[]
  /** Why that could not be found out to the end: something to decode, and nothing to decode it with. */
  readonly undecided?: Error
}

/** @throws TypeError for a criterion that is none, and whatever a function in the expectation throws */
export async function judge(message: ReceivedMessage, expectation: MailExpectation): Promise<Judgement> {
  checkExpectation(expectation)
  const complaints = [...envelopeComplaints(message, expectation)]
  try {
    for await (const complaint of contentComplaints(message, expectation)) complaints.push(complaint)
  } catch (error) {
    if (!(error instanceof UndecodableError)) throw error
    return { complaints, undecided: error }
  }
  return { complaints }
}

/** What was expected, for a failure message. */
export function describeExpectation(expectation: MailExpectation): string {
  const criteria = Object.entries(expectation).filter(([, wanted]) => wanted !== undefined)
  return criteria.length === 0 ? '' : ` { ${criteria.map(([name, wanted]) => `${name}: ${show(wanted)}`).join(', ')} }`
}

const CRITERIA: ReadonlySet<string> = new Set<keyof MailExpectation>([
  'from',
  'to',
  'subject',
  'text',
  'html',
  'headers',
  'secure',
  'user',
])

function checkExpectation(expectation: MailExpectation): void {
  const stranger = Object.keys(expectation).find(name => !CRITERIA.has(name))
  if (stranger === undefined) return
  throw new TypeError(`no criterion ${JSON.stringify(stranger)} for a message: there are ${[...CRITERIA].join(', ')}`)
}

function* envelopeComplaints({ envelope, session }: ReceivedMessage, wanted: MailExpectation): Generator<string> {
  const { from, to, secure, user } = wanted
  if (from !== undefined && !matchesAddress(from, envelope.from)) yield unlike('from', envelope.from, from)
  if (to !== undefined && !matchesRecipients(to, envelope.to)) yield unlike('to', envelope.to, to)
  if (secure !== undefined && secure !== session.secure) yield unlike('secure', session.secure, secure)
  if (user === undefined) return
  const isAsWanted = user === false ? session.user === undefined : matches(user, session.user)
  if (!isAsWanted) yield unlike('user', session.user, user === false ? undefined : user)
}

async function* contentComplaints(message: ReceivedMessage, wanted: MailExpectation): AsyncGenerator<string> {
  const { subject, text, html, headers = {} } = wanted
  const fields: (readonly [string, Match | false])[] = Object.entries(headers)
  if (subject !== undefined) fields.unshift(['Subject', subject])
  for (const [name, match] of fields) {
    const values: string[] = []
    for (const field of message.headers)
      if (field.name.toLowerCase() === name.toLowerCase()) values.push(await decodeHeader(field.value))
    const isAsWanted = match === false ? values.length === 0 : values.some(value => matches(match, value))
    if (!isAsWanted) yield unlike(name, values.length > 1 ? values : values[0], match === false ? undefined : match)
  }
  if (text === undefined && html === undefined) return
  const content = await decodeContent(message)
  if (text !== undefined && !contains(text, content.text)) yield unlike('text', content.text, text)
  if (html !== undefined && !contains(html, content.html)) yield unlike('html', content.html, html)
}

function matchesRecipients(wanted: Match | readonly Match[], recipients: readonly string[]): boolean {
  if (!isList(wanted)) return recipients.some(recipient => matchesAddress(wanted, recipient))
  return (
    wanted.every(match => recipients.some(recipient => matchesAddress(match, recipient))) &&
    recipients.every(recipient => wanted.some(match => matchesAddress(match, recipient)))
  )
}

function isList(wanted: Match | readonly Match[]): wanted is readonly Match[] {
  return Array.isArray(wanted)
}

function contains(match: Match, value: string | undefined): boolean {
  return typeof match === 'string' && value !== undefined ? value.includes(match) : matches(match, value)
}

function unlike(name: string, is: unknown, wanted: unknown): string {
  return `${name} is ${show(is)}, not ${show(wanted)}`
}

const LONGEST = 200

function show(value: unknown): string {
  if (value === undefined) return 'absent'
  if (typeof value === 'function') return `as ${value.name || 'a function'} wants it`
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`
  if (value instanceof RegExp || typeof value === 'boolean') return String(value)
  if (typeof value === 'object' && value !== null)
    return `{ ${Object.entries(value)
      .map(([name, each]) => `${name}: ${show(each)}`)
      .join(', ')} }`
  const text = String(value)
  if (text.length <= LONGEST) return JSON.stringify(text)
  return `${JSON.stringify(text.slice(0, LONGEST))}… (${text.length} characters)`
}
