/**
 * Commands as a client writes them: a typed command in, one line with CRLF out. Everything that goes into the line is
 * checked against its grammar first, so that no address, name or parameter can end the line early or become a second
 * command (RFC 5321 4.1.2, 2.3.8). Whatever is refused is refused before an octet exists; nothing is stripped or repaired.
 */
import { CR, DEL, GRAPHIC, isAnyControl, isControl, LF, loneSurrogate, skip, toOctets, upper } from './ascii.js'
import { encodeBase64 } from './base64.js'
import { type CommandInput, checkNode, checkUrl, isMechanism, VERBS } from './command.js'
import { validateDomain } from './domain.js'
import { EncodeError } from './error.js'
import { checkAttributeName, entriesOf } from './parameter-value.js'
import { writeMailParameters, writeRcptParameters } from './parameter-writer.js'
import { type PathLimits, type PathOptions, writePath } from './path.js'
import { local, SyntaxFault } from './syntax.js'
import { toXtext } from './xtext.js'

/** What a command may hold. */
export interface WriteCommandOptions {
  /**
   * Allow what is outside ASCII in paths and parameters: the transaction uses SMTPUTF8 (RFC 6531). Default false, or
   * true for a MAIL that has the parameter `smtputf8` and for a VRFY or EXPN that has it.
   */
  readonly utf8?: boolean
  /** Allow paths that are a local part alone, such as `root`; see {@link PathOptions}. Default false. */
  readonly bareLocalPart?: boolean
  /** Limits of addresses. */
  readonly limits?: PathLimits
}

/** RFC 5321 4.5.3.1.4: "The maximum total length of a command line including the command word and the <CRLF>". */
const LINE_LIMIT = 512
/** RFC 4954 4: what is "considered to be a sufficient line length limit" in an exchange; also for other long verbs. */
const LONG_LINE_LIMIT = 12_288

/**
 * The octets of a command, with CRLF.
 *
 * @throws {@link EncodeError} `EADDRESS`, `EDOMAIN`, `EPARAMETER`, `ECOMMAND`, `EUTF8`, `ELENGTH`
 * @example
 * writeCommand({ verb: 'EHLO', name: 'client.example.org' })
 * writeCommand({ verb: 'MAIL', path: 'me@example.org', parameters: { size: 1024, body: '8BITMIME' } })
 * writeCommand({ verb: 'RCPT', path: 'you@example.org', parameters: { notify: ['FAILURE'] } })
 */
export function writeCommand(command: CommandInput, options: WriteCommandOptions = {}): Uint8Array {
  switch (command.verb) {
    case 'EHLO':
    case 'HELO':
    case 'LHLO':
      return line(`${command.verb} ${validateDomain(command.name)}`)
    case 'MAIL': {
      const utf8 = options.utf8 ?? command.parameters?.smtputf8 === true
      const path = writePath(command.path, pathOptions(options, utf8, 'reverse'))
      const { parameters } = command
      return line(
        `MAIL FROM:${path}${parameters ? checked(() => writeMailParameters(parameters, utf8)) : ''}`,
        LONG_LINE_LIMIT,
      )
    }
    case 'RCPT': {
      const utf8 = options.utf8 ?? false
      const path = writePath(command.path, pathOptions(options, utf8, 'forward'))
      const { parameters } = command
      return line(
        `RCPT TO:${path}${parameters ? checked(() => writeRcptParameters(parameters, utf8)) : ''}`,
        LONG_LINE_LIMIT,
      )
    }
    case 'DATA':
    case 'RSET':
    case 'QUIT':
    case 'STARTTLS':
      return line(command.verb)
    case 'NOOP':
    case 'HELP':
      return line(
        command.argument === undefined
          ? command.verb
          : `${command.verb} ${argument(command.argument, options.utf8 ?? false)}`,
      )
    case 'VRFY':
    case 'EXPN': {
      const utf8 = options.utf8 ?? command.smtputf8 === true
      return line(`${command.verb} ${argument(command.argument, utf8)}${command.smtputf8 ? ' SMTPUTF8' : ''}`)
    }
    case 'AUTH':
      return line(auth(command.mechanism, command.initial), LONG_LINE_LIMIT)
    case 'BDAT':
      return line(`BDAT ${chunkSize(command.size)}${command.last ? ' LAST' : ''}`)
    case 'BURL':
      return line(`BURL ${url(command.url)}${command.last ? ' LAST' : ''}`, LONG_LINE_LIMIT)
    case 'ETRN':
      return line(`ETRN ${node(command.node)}`)
    case 'XCLIENT':
    case 'XFORWARD':
      return line(`${command.verb}${attributes(command.attributes)}`, LONG_LINE_LIMIT)
    case 'OTHER': {
      const name = verb(command.name)
      return line(command.argument === '' ? name : `${name} ${argument(command.argument, options.utf8 ?? false)}`)
    }
  }
}

/**
 * A line of text as a command, for verbs that are not typed: CRLF is added, nothing else. No limit but the grammar of a
 * line: control characters and halves of surrogate pairs are refused; what is outside ASCII goes out as UTF-8.
 *
 * @throws {@link EncodeError} `ECOMMAND`; the text itself, which may be a secret, is not in the message
 */
export function writeLine(text: string): Uint8Array {
  const length = text.length
  const octets = new Uint8Array(length + 2)
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i)
    if (isControl(unit)) throw new EncodeError('command', `control character ${nameOf(unit)}`, { at: i })
    if (unit > DEL) return writeWideLine(text)
    octets[i] = unit
  }
  octets[length] = CR
  octets[length + 1] = LF
  return octets
}

function writeWideLine(text: string): Uint8Array {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (isControl(unit)) throw new EncodeError('command', `control character ${nameOf(unit)}`, { at: i })
  }
  const lone = loneSurrogate(text)
  if (lone >= 0) throw new EncodeError('command', 'half of a surrogate pair', { at: lone })
  return toOctets(`${text}\r\n`)
}

/**
 * A client's line in an AUTH exchange (RFC 4954 4): base64 of the response, or `*` to cancel.
 *
 * @throws {@link EncodeError} `ELENGTH` beyond 12288 octets
 */
export function writeResponse(response: Uint8Array | undefined): Uint8Array {
  return line(response === undefined ? '*' : encodeBase64(response), LONG_LINE_LIMIT)
}

/** The last guard: whatever the checks before let through, no control character leaves this file. */
function line(text: string, limit = LINE_LIMIT): Uint8Array {
  const octets = writeLine(text)
  if (octets.length > limit) throw new EncodeError('command', `longer than ${limit} octets`, { code: 'ELENGTH' })
  return octets
}

function pathOptions(
  { limits, bareLocalPart = false }: WriteCommandOptions,
  utf8: boolean,
  direction: 'reverse' | 'forward',
): PathOptions {
  return limits === undefined ? { utf8, direction, bareLocalPart } : { utf8, direction, bareLocalPart, limits }
}

function checked(write: () => string): string {
  return local('parameter', undefined, write)
}

function argument(text: string, utf8: boolean): string {
  if (text === '') throw new EncodeError('command', 'empty argument')
  return local('command', text, () => {
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i)
      if (isAnyControl(unit)) throw new SyntaxFault('control character', i)
      if (unit > DEL && !utf8) throw new SyntaxFault('not ASCII', i, 'utf8')
    }
    if (text.endsWith(' ')) throw new SyntaxFault('space at the end', text.length - 1)
    return text
  })
}

function auth(mechanism: string, initial: Uint8Array | undefined): string {
  const name = upper(mechanism)
  if (!isMechanism(name)) throw new EncodeError('command', 'not a name of a SASL mechanism', { value: mechanism })
  if (initial === undefined) return `AUTH ${name}`
  return `AUTH ${name} ${initial.length === 0 ? '=' : encodeBase64(initial)}`
}

function chunkSize(size: number): number {
  if (!Number.isSafeInteger(size) || size < 0) {
    throw new EncodeError('chunk', 'size is not a safe integer of at least 0', { value: String(size) })
  }
  return size
}

function url(text: string): string {
  return local('command', text, () => checkUrl(text))
}

function node(text: string): string {
  return local('command', text, () => checkNode(text))
}

function attributes(given: ReadonlyMap<string, string> | Readonly<Record<string, string>>): string {
  return checked(() => {
    const seen = new Set<string>()
    let text = ''
    for (const [key, value] of entriesOf(given)) {
      const name = checkAttributeName(key)
      if (value === '') throw new SyntaxFault(`${name} without a value`)
      if (seen.has(name)) throw new SyntaxFault(`${name} is there twice`)
      seen.add(name)
      text += ` ${name}=${toXtext(value)}`
    }
    if (text === '') throw new SyntaxFault('no attributes')
    return text
  })
}

/** A verb that is typed is written typed: behind `OTHER` its argument would go out unchecked. */
function verb(name: string): string {
  return local('command', name, () => {
    if (name === '' || skip(name, 0, name.length, GRAPHIC) !== name.length) throw new SyntaxFault('not a verb')
    if (VERBS.has(upper(name))) throw new SyntaxFault('this verb has a type of its own')
    return name
  })
}

function nameOf(unit: number): string {
  if (unit === CR) return 'CR'
  if (unit === LF) return 'LF'
  return unit === 0 ? 'NUL' : `0x${unit.toString(16).padStart(2, '0')}`
}
