// Which mechanism to use. What goes in: the names the server offers, the credentials, and what is known of the line.
// What comes out: the strongest mechanism that both sides have and the policy permits, ready to run; never whichever
// the server names first (T-22). Refused: sending a password that can be read, or guessed at home, over a line that is
// not encrypted (T-21), unless the caller says so in as many words. RFC 4422 section 3.2 and 6.1.2.
import { cramMd5 } from './cram-md5.js'
import type { PasswordCredentials } from './credential.js'
import { AuthenticationError } from './error.js'
import { login } from './login.js'
import type { ClientMechanism } from './mechanism.js'
import { plain } from './plain.js'

/** The mechanisms this package speaks, the strongest first: the order of preference. */
export const MECHANISMS = ['CRAM-MD5', 'PLAIN', 'LOGIN'] as const
export type MechanismName = (typeof MECHANISMS)[number]

export interface ChooseOptions {
  /** Whether the line is encrypted and the server's certificate was verified, or the line needs neither. */
  readonly secure: boolean
  /** Permits passwords on a line that is not `secure`. Default false. */
  readonly allowInsecureAuth?: boolean
  /** Only these. */
  readonly allow?: readonly MechanismName[]
  /** Not these. */
  readonly deny?: readonly MechanismName[]
  /**
   * Chooses as smtplib's `login()` does (P66, P67): CRAM-MD5, PLAIN, LOGIN and nothing else, names compared with their
   * case, the user name of LOGIN sent with the command. The rule about unprotected lines stays as it is.
   */
  readonly compat?: 'smtplib' | undefined
}

/**
 * Chooses the mechanism to log in with.
 *
 * @param offered The names behind the server's `AUTH` keyword; compared without case.
 * @returns A mechanism ready to `start()`.
 * @throws AuthenticationError `EMECHANISM` naming what was offered and why each was not used (also as the fields
 * `offered` and `refused`); `EPOLICY` when the options name an unknown mechanism.
 *
 * @example
 * ```ts
 * const mechanism = chooseMechanism(extensions.auth, { username: 'tim', password }, { secure: true })
 * ```
 */
export function chooseMechanism(
  offered: readonly string[],
  credentials: PasswordCredentials,
  options: ChooseOptions,
): ClientMechanism {
  assertKnown('allow', options.allow)
  assertKnown('deny', options.deny)
  const spelling = (name: string) => (options.compat === 'smtplib' ? name : name.toUpperCase())
  const names = new Set(offered.map(spelling))
  const refused = new Map<string, string>()
  let cause: unknown
  for (const name of MECHANISMS) {
    if (!names.has(name)) continue
    const objection = policyObjection(name, options)
    if (objection !== undefined) {
      refused.set(name, objection)
      continue
    }
    try {
      return make(name, credentials, options)
    } catch (error) {
      if (!(error instanceof AuthenticationError)) throw error
      refused.set(name, error.message)
      cause ??= error
    }
  }
  const fault = refused.size === 0 ? 'remote' : 'local'
  for (const name of names) if (!refused.has(name)) refused.set(printable(name), 'not known here')
  throw new AuthenticationError(explain(refused), {
    code: 'EMECHANISM',
    fault,
    offered: offered.map(printable),
    refused,
    cause,
  })
}

function make(name: MechanismName, credentials: PasswordCredentials, options: ChooseOptions): ClientMechanism {
  switch (name) {
    case 'CRAM-MD5':
      return cramMd5(credentials)
    case 'PLAIN':
      return plain(credentials)
    case 'LOGIN':
      return login(credentials, { initialResponse: options.compat === 'smtplib' })
  }
}

function policyObjection(name: MechanismName, options: ChooseOptions): string | undefined {
  if (options.allow !== undefined && !options.allow.includes(name)) return 'not among the allowed mechanisms'
  if (options.deny?.includes(name)) return 'denied'
  if (options.secure || options.allowInsecureAuth) return undefined
  return name === 'CRAM-MD5'
    ? 'lets a listener guess the password, and the connection is not encrypted'
    : 'shows the password, and the connection is not encrypted'
}

/** A misspelt name in a policy would silently permit what it was meant to forbid. */
function assertKnown(option: string, names: readonly string[] | undefined): void {
  for (const name of names ?? []) {
    if (!(MECHANISMS as readonly string[]).includes(name))
      throw new AuthenticationError(`${option}: ${printable(name)} is not a mechanism known here`, {
        code: 'EPOLICY',
        fault: 'local',
      })
  }
}

function explain(refused: ReadonlyMap<string, string>): string {
  if (refused.size === 0) return 'The server offers no authentication mechanism'
  const reasons = Array.from(refused, ([name, reason]) => `${name} (${reason})`).join(', ')
  return `No authentication mechanism can be used. The server offers ${reasons}`
}

/** A name from the wire, fit for a log: "1 to 20 characters" of a small alphabet (RFC 4422 section 3.1), or escaped. */
function printable(name: string): string {
  const escaped = name.replace(/[^\x21-\x7e]/gu, character => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
  return escaped.length > 40 ? `${escaped.slice(0, 40)}…` : escaped
}
