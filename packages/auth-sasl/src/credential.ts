// Credentials on their way into a mechanism. What goes in: what the caller was given by a user or a file. What comes
// out: UTF-8 octets that stand in the mechanism's grammar. Refused, by field and place and never by value: an empty
// field, NUL (T-23: it is the separator of PLAIN and ends a string for many servers), half of a surrogate pair.
import { credentialsError } from './error.js'
import { Secret } from './secret.js'
import { decodeText } from './utf8.js'

/** A user name with its password. */
export interface PasswordCredentials {
  /** The authentication identity: whose password it is. */
  readonly username: string
  readonly password: string | Secret
  /** The authorization identity: who to act as. Left out or empty: the user (RFC 4422 section 3.4.1). */
  readonly authorization?: string | undefined
}

/**
 * The UTF-8 of one field that must not be empty.
 * @throws AuthenticationError `ECREDENTIALS`
 */
export function fieldOctets(mechanism: string, field: string, value: string | Secret): Uint8Array {
  const octets = Secret.from(value).revealOctets()
  if (octets.length === 0) throw credentialsError(mechanism, `the ${field} is empty`)
  const nul = octets.indexOf(0)
  if (nul !== -1) throw credentialsError(mechanism, `the ${field} holds a NUL, at octet ${nul}`)
  return octets
}

/**
 * The same check for a field that goes on as text.
 * @throws AuthenticationError `ECREDENTIALS`
 */
export function checkedField(mechanism: string, field: string, value: string): string {
  fieldOctets(mechanism, field, value)
  return value
}

/**
 * A field as a server takes it from the wire: not empty, UTF-8, without NUL, at most `limit` octets; else undefined.
 */
export function fieldText(octets: Uint8Array, limit: number): string | undefined {
  if (octets.length === 0 || octets.length > limit || octets.includes(0)) return undefined
  return decodeText(octets)
}
