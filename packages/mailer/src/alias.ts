/**
 * smtplib's spellings of the members of `SMTP`, one table for all of them: the name as Python has it, and ours.
 *
 * Each is a property that reads and writes the other, so a subclass that overrides one spelling has overridden both.
 */

/** smtplib's name of a member of `SMTP`, and ours. */
export const smtplibNames = {
  auth_cram_md5: 'authCramMd5',
  auth_login: 'authLogin',
  auth_plain: 'authPlain',
  does_esmtp: 'doesEsmtp',
  ehlo_msg: 'ehloMsg',
  ehlo_or_helo_if_needed: 'ehloOrHeloIfNeeded',
  ehlo_resp: 'ehloResp',
  esmtp_features: 'esmtpFeatures',
  default_port: 'defaultPort',
  has_extn: 'hasExtn',
  helo_resp: 'heloResp',
  local_hostname: 'localHostname',
  send_message: 'sendMessage',
  set_debuglevel: 'setDebuglevel',
  source_address: 'sourceAddress',
} as const

/** smtplib's names with the types of ours. */
export type SmtplibNames<Ours extends Record<(typeof smtplibNames)[keyof typeof smtplibNames], unknown>> = {
  -readonly [Name in keyof typeof smtplibNames]: Ours[(typeof smtplibNames)[Name]]
}

/** Gives a prototype smtplib's names. */
export function addSmtplibNames(prototype: object): void {
  for (const [name, ours] of Object.entries(smtplibNames))
    Object.defineProperty(prototype, name, {
      configurable: true,
      get(this: Record<string, unknown>) {
        return this[ours]
      },
      set(this: Record<string, unknown>, value: unknown) {
        this[ours] = value
      },
    })
}
