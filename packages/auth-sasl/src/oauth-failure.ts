// What an OAuth server says, as JSON in a 334, about a token it refuses: RFC 7628 section 3.2.2, and the same shape in
// XOAUTH2. Written by our server half, read by our client half. A message that is no JSON object tells nothing and
// harms nobody: the login has failed either way.
import { decodeText, encodeWellFormed } from './utf8.js'

/** The members of the error that have a defined meaning. On the client's side they are the server's word. */
export interface OAuthFailure {
  /** The error code, such as `invalid_token`; XOAUTH2 servers send an HTTP status, such as `401`. */
  readonly status?: string
  /** The scope a token must have here. */
  readonly scope?: string
  /** The token types accepted here, separated by spaces. */
  readonly schemes?: string
  /** The address of the OpenID provider's description. */
  readonly openidConfiguration?: string
}

const MEMBERS = [
  ['status', 'status'],
  ['scope', 'scope'],
  ['schemes', 'schemes'],
  ['openidConfiguration', 'openid-configuration'],
] as const

export function writeOAuthFailure(failure: OAuthFailure): Uint8Array {
  // What is undefined is left out by JSON.
  const members = MEMBERS.map(([field, member]) => [member, failure[field]])
  return encodeWellFormed(JSON.stringify(Object.fromEntries(members)))
}

/** The defined members that are text (or a number, which some servers send as status); unknown members are dropped. */
export function readOAuthFailure(octets: Uint8Array): OAuthFailure {
  const read: { -readonly [Field in keyof OAuthFailure]: OAuthFailure[Field] } = {}
  const json = parseObject(decodeText(octets) ?? '')
  for (const [field, member] of MEMBERS) {
    const value = json.get(member)
    if (typeof value === 'string' || typeof value === 'number') read[field] = String(value)
  }
  return read
}

/** The members of an object; of anything else none, or some with numbers for names. */
function parseObject(text: string): ReadonlyMap<string, unknown> {
  try {
    const value: object = JSON.parse(text)
    return new Map(Object.entries(value))
  } catch {
    return new Map()
  }
}
