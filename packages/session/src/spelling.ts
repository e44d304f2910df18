/**
 * How the verbs of commands are spelt on the wire. RFC 5321 2.4: verbs "are not case sensitive", so upper case is written unless somebody has to look like
 * a client that writes lower case (smtplib's `mail from:<…> size=…`).
 *
 * In: a command as the codec writes it. Out: the same command. Path, parameters and all else are as they were, but for the keyword SIZE.
 */

/** The case of verbs. */
export type Verbs = 'upper' | 'lower'

const A = 0x41
const Z = 0x5a
const SP = 0x20
const CR = 0x0d
const LESS_THAN = 0x3c
const GREATER_THAN = 0x3e
const QUOTE = 0x22
const BACKSLASH = 0x5c

/** The command with its verb (`MAIL FROM:` and `RCPT TO:` are two words) and the keyword SIZE behind the path in lower case. */
export function lowerVerb(command: Uint8Array): Uint8Array {
  const spelt = command.slice()
  const path = command[4] === SP ? command.indexOf(LESS_THAN) : -1
  lower(spelt, 0, path > 0 ? path : firstWord(command))
  const parameters = path > 0 ? endOfPath(command, path) : 0
  if (path > 0 && sizeKeyword.every((octet, index) => command[parameters + index] === octet))
    lower(spelt, parameters, parameters + sizeKeyword.length)
  return spelt
}

/** ` SIZE=`, which the codec writes before all other parameters. */
const sizeKeyword: readonly number[] = [SP, 0x53, 0x49, 0x5a, 0x45, 0x3d]

/** Behind the ">" of a path; one in a quoted local part does not end it. */
function endOfPath(command: Uint8Array, start: number): number {
  let at = start
  for (let quoted = false; at < command.length; at++) {
    const octet = command[at]
    if (quoted && octet === BACKSLASH) at++
    else if (octet === QUOTE) quoted = !quoted
    else if (octet === GREATER_THAN && !quoted) return at + 1
  }
  return at
}

function firstWord(command: Uint8Array): number {
  let end = 0
  while (end < command.length && command[end] !== SP && command[end] !== CR) end++
  return end
}

function lower(octets: Uint8Array, start: number, end: number): void {
  for (let at = start; at < end; at++) {
    const octet = octets[at] ?? 0
    if (octet >= A && octet <= Z) octets[at] = octet + 0x20
  }
}
