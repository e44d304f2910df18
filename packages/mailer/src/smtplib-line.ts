/**
 * MAIL and RCPT as CPython writes them, for `compat: 'smtplib'`: options as they were given and in their order, and dropped where the server knows HELO alone
 * (P39 to P42).
 *
 * In: an address as `quoteaddr` takes it, and smtplib's options. Out: what follows `mail` or `rcpt`. Refused: an address that is not exactly one, SMTPUTF8
 * where it is not offered, characters outside ASCII without it. Line ends and controls are refused where the line is put together.
 */
import { SMTPEnvelopeError, SMTPNotSupportedError } from './error.js'
import { bareAddress } from './quote.js'
import type { MailOptions, RcptOptions } from './smtplib-option.js'
import { isAscii, wireAddress } from './wire-address.js'

/** What is known of the server. */
export interface Known {
  readonly doesEsmtp: boolean
  /** `utf-8` lets characters outside ASCII through; MAIL with SMTPUTF8 sets it. */
  commandEncoding: 'ascii' | 'utf-8'
  hasExtn(name: string): boolean
}

/** Options that are texts, not our typed parameters. */
export type TextOptions = readonly string[] | string

export function isTextual(options: MailOptions | RcptOptions): options is TextOptions {
  return typeof options === 'string' || Array.isArray(options)
}

export function mailArguments(sender: string, options: TextOptions, server: Known): string {
  const given = server.doesEsmtp ? list(options) : []
  if (given.some(option => option.toLowerCase() === 'smtputf8')) {
    if (!server.hasExtn('smtputf8')) throw new SMTPNotSupportedError('SMTPUTF8 not supported by server')
    server.commandEncoding = 'utf-8'
  }
  return line(`from:<${address(sender, 'reverse', server)}>`, given)
}

export function rcptArguments(recipient: string, options: TextOptions, server: Known): string {
  return line(`to:<${address(recipient, 'forward', server)}>`, server.doesEsmtp ? list(options) : [])
}

function list(options: TextOptions): readonly string[] {
  return typeof options === 'string' ? [options] : options
}

function line(path: string, options: readonly string[]): string {
  return [path, ...options].join(' ')
}

function address(given: string, direction: 'reverse' | 'forward', { commandEncoding }: Known): string {
  const bare = wireAddress(bareAddress(given, { bareLocalPart: true }), direction, true)
  if (commandEncoding === 'ascii' && !isAscii(bare))
    throw new SMTPEnvelopeError('the address is not ASCII, and the transaction was not opened with SMTPUTF8')
  return bare
}
