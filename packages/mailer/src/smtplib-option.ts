/**
 * MAIL and RCPT options as smtplib takes them: a list of texts such as `BODY=8BITMIME` or `NOTIFY=SUCCESS,DELAY`.
 *
 * In: such a list. Out: the codec's typed parameters. Refused: what is outside the grammar of RFC 5321 4.1.2, before anything is written; no option can
 * become a second parameter or a second command (threat T-02).
 */
import { DecodeError, type MailParametersInput, parseCommand, type RcptParametersInput } from '@postrider/codec'
import { SMTPEnvelopeError } from './error.js'

/** Options as smtplib takes them, or typed. */
export type MailOptions = readonly string[] | string | MailParametersInput
/** RCPT options as smtplib takes them, or typed. */
export type RcptOptions = readonly string[] | string | RcptParametersInput

export function mailParameters(options: MailOptions): MailParametersInput {
  if (!isText(options)) return options
  const command = read('MAIL FROM:<>', options)
  return command.verb === 'MAIL' ? command.parameters : {}
}

export function rcptParameters(options: RcptOptions): RcptParametersInput {
  if (!isText(options)) return options
  const command = read('RCPT TO:<postmaster>', options)
  return command.verb === 'RCPT' ? command.parameters : {}
}

function isText(options: MailOptions | RcptOptions): options is readonly string[] | string {
  return typeof options === 'string' || Array.isArray(options)
}

/** The codec's own reader of commands checks them; the path is there because a command has one. */
function read(command: string, options: readonly string[] | string): ReturnType<typeof parseCommand> {
  const text = (typeof options === 'string' ? [options] : options).map(option => ` ${option}`).join('')
  try {
    return parseCommand(new TextEncoder().encode(command + text), { smtputf8: true })
  } catch (cause) {
    if (!(cause instanceof DecodeError)) throw cause
    throw new SMTPEnvelopeError(`an option is no parameter: ${cause.why}`, { cause })
  }
}
