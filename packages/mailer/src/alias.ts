/**
 * smtplib's spellings of the members of `SMTP`, one table for all of them: the name as Python has it, and ours.
 *
 * An attribute by one name reads and writes the other. A method is the same function by both names, and a subclass that has its own under one of them has
 * it under both: what calls `this.hasExtn` here finds a `has_extn` there. So does what is assigned to an object of the classes themselves.
 */
import type { Recipients } from './letter.js'
import type { SendReport } from './report.js'
import type { SendMessageOptions } from './send-option.js'
import type { MailOptions, RcptOptions } from './smtplib-option.js'
import type { Message } from './source.js'

/** smtplib's name of a member of `SMTP`, and ours. */
export const smtplibNames = {
  auth_cram_md5: 'authCramMd5',
  auth_login: 'authLogin',
  auth_plain: 'authPlain',
  command_encoding: 'commandEncoding',
  default_port: 'defaultPort',
  does_esmtp: 'doesEsmtp',
  ehlo_msg: 'ehloMsg',
  ehlo_or_helo_if_needed: 'ehloOrHeloIfNeeded',
  ehlo_resp: 'ehloResp',
  esmtp_features: 'esmtpFeatures',
  has_extn: 'hasExtn',
  helo_resp: 'heloResp',
  local_hostname: 'localHostname',
  send_message: 'sendMessage',
  set_debuglevel: 'setDebuglevel',
  source_address: 'sourceAddress',
} as const

/** smtplib's names of what is here in camelCase, too. Methods are methods, so that a subclass may override them by this name. */
export interface SmtplibNames {
  /** `authCramMd5`. For `auth`: CRAM-MD5 of `user` and `password`. @throws {@link SMTPEnvelopeError} when those are not set */
  auth_cram_md5(challenge?: Uint8Array): Promise<Uint8Array | undefined>
  /** `authLogin`. For `auth`: the user name, then the password. @throws {@link SMTPEnvelopeError} when those are not set */
  auth_login(challenge?: Uint8Array): string
  /** `authPlain`. For `auth`: PLAIN of `user` and `password`. @throws {@link SMTPEnvelopeError} when those are not set */
  auth_plain(challenge?: Uint8Array): Promise<Uint8Array | undefined>
  /** `commandEncoding`: `utf-8` once MAIL has said SMTPUTF8, until `rset`. */
  command_encoding: 'ascii' | 'utf-8'
  /** `defaultPort`: where `connect` connects to when no port is said. */
  readonly default_port: number
  /** `doesEsmtp`: the server has understood EHLO. */
  does_esmtp: boolean
  /** `ehloMsg`: the verb of the greeting. */
  readonly ehlo_msg: 'ehlo' | 'lhlo'
  /** `ehloOrHeloIfNeeded`: EHLO, unless it or HELO has been said. @throws {@link SMTPHeloError} when both are refused; {@link SMTPServerDisconnected} */
  ehlo_or_helo_if_needed(): Promise<void>
  /** `ehloResp`: the text of the last reply to EHLO. */
  ehlo_resp: Uint8Array | undefined
  /** `esmtpFeatures`: the server's extensions in lower case, with their parameters. */
  esmtp_features: Map<string, string>
  /** `hasExtn`: whether the server offers an extension. @throws nothing */
  has_extn(name: string): boolean
  /** `heloResp`: the text of the last reply to HELO. */
  helo_resp: Uint8Array | undefined
  /** `localHostname`: our name in EHLO. */
  local_hostname: string | undefined
  /**
   * `sendMessage`: sends a message to those its header names.
   *
   * @throws {@link SMTPMessageError} for a header that cannot be read; {@link SMTPEnvelopeError}, {@link SMTPSenderRefused}, {@link SMTPRecipientsRefused},
   * {@link SMTPDataError}, {@link SMTPHeloError}, {@link SMTPNotSupportedError}, {@link SMTPServerDisconnected}
   */
  send_message(
    message: Message,
    from?: string | SendMessageOptions | null,
    to?: Recipients | null,
    mailOptions?: MailOptions,
    rcptOptions?: RcptOptions,
  ): Promise<SendReport>
  /** `setDebuglevel`: 0 silent, 1 the dialogue on standard error, 2 with times. @throws nothing */
  set_debuglevel(level: number): void
  /** `sourceAddress`: the local address and port to connect from. */
  source_address: readonly [host: string, port: number] | undefined
}

/** Two spellings of one member. */
type Pair = readonly [name: string, ours: string]
const pairs: readonly Pair[] = Object.entries(smtplibNames satisfies Record<keyof SmtplibNames, string>)

/** Gives a prototype smtplib's names. */
export function addSmtplibNames(prototype: Record<string, unknown>): void {
  for (const pair of pairs) {
    const method = memberOf(prototype, pair[1])?.value
    Object.defineProperty(prototype, pair[0], typeof method === 'function' ? aliasOfMethod(pair, method) : alias(pair))
  }
}

/** Gives what subclasses of `base` have under one name the other one, too. Called with every new object; each class is looked at once. */
export function linkSpellings(instance: object, base: object): void {
  for (
    let prototype = Object.getPrototypeOf(instance);
    prototype !== null && prototype !== base && !linked.has(prototype);
    prototype = Object.getPrototypeOf(prototype)
  ) {
    linked.add(prototype)
    for (const [name, ours] of pairs) {
      const byName = Object.getOwnPropertyDescriptor(prototype, name)
      const byOurs = Object.getOwnPropertyDescriptor(prototype, ours)
      if (byName !== undefined && byOurs === undefined) Object.defineProperty(prototype, ours, byName)
      else if (byOurs !== undefined && byName === undefined) Object.defineProperty(prototype, name, byOurs)
    }
  }
}

const linked = new WeakSet<object>()

function alias([, ours]: Pair): PropertyDescriptor {
  return {
    configurable: true,
    get(this: Record<string, unknown>) {
      return this[ours]
    },
    set(this: Record<string, unknown>, value: unknown) {
      this[ours] = value
    },
  }
}

/** The function itself, not whatever has the other name by now: `super.has_extn` must not come back to the subclass. */
function aliasOfMethod(pair: Pair, method: unknown): PropertyDescriptor {
  return {
    configurable: true,
    get(this: Record<string, unknown>) {
      return Object.hasOwn(this, pair[1]) ? this[pair[1]] : method
    },
    set(this: object, value: unknown) {
      for (const name of pair) Object.defineProperty(this, name, { configurable: true, writable: true, value })
    },
  }
}

function memberOf(prototype: object, name: string): PropertyDescriptor | undefined {
  for (let at = prototype; at !== null; at = Object.getPrototypeOf(at)) {
    const found = Object.getOwnPropertyDescriptor(at, name)
    if (found !== undefined) return found
  }
  return undefined
}
