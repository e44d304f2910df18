/**
 * The errors of a session. Each answers three questions: whose fault, can the connection still be used, and may a message have
 * been delivered.
 *
 * `fault` is `local` (the caller asked for something that cannot be done: nothing was written), `remote` (the peer refused, or
 * broke the protocol) or `network` (the connection or its time ran out). `usable` is true when the session can go on.
 * `instanceof` holds across two copies of this package.
 */
import type { Reply } from '@postrider/codec'

/** Who is to blame. */
export type Fault = 'local' | 'remote' | 'network'

interface Details {
  readonly code: string
  readonly fault: Fault
  readonly usable: boolean
  readonly phase?: string | undefined
  readonly reply?: Reply | undefined
  readonly cause?: unknown
}

/**
 * Makes `instanceof` look for a mark instead of a prototype, so that errors of another copy of the package are recognised.
 * A class derived elsewhere has no mark of its own and is told by its prototype, as usual.
 */
function marked(name: string): (value: unknown) => boolean {
  const symbol = Symbol.for(`@postrider/session/${name}`)
  return function (this: { prototype: object }, value: unknown): boolean {
    if (typeof value !== 'object' || value === null) return false
    if (Object.hasOwn(this, Symbol.hasInstance)) return symbol in value
    return Object.prototype.isPrototypeOf.call(this.prototype, value)
  }
}

function mark(error: object, name: string): void {
  Object.defineProperty(error, Symbol.for(`@postrider/session/${name}`), { value: true })
}

/** What every error of a session has. */
export class SessionError extends Error {
  static override [Symbol.hasInstance]: (value: unknown) => boolean = marked('SessionError')
  override name = 'SessionError'
  /** A stable word for programs, such as `ESEQUENCE`. */
  readonly code: string
  readonly fault: Fault
  /** The session can go on: the connection is open and in step. */
  readonly usable: boolean
  /** The state of the session when it happened, such as `greeting` or `endOfData`. */
  readonly phase: string | undefined
  /** What the server said, where it is the server's word that failed us. */
  readonly reply: Reply | undefined
  /**
   * A terminator was written and not answered: the message may have been delivered. False everywhere else.
   * `transact` does not reject for this reason; its result says it per recipient.
   */
  mayHaveBeenDelivered = false
  /** Something secret had been sent in an AUTH exchange when it happened. */
  credentialsSent = false

  constructor(message: string, details: Details) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    mark(this, 'SessionError')
    this.code = details.code
    this.fault = details.fault
    this.usable = details.usable
    this.phase = details.phase
    this.reply = details.reply
  }
}

/** A verb that is not legal in the session's state. Nothing was written; the session is as it was. */
export class SequenceError extends SessionError {
  static override [Symbol.hasInstance]: (value: unknown) => boolean = marked('SequenceError')
  override name = 'SequenceError'
  constructor(verb: string, phase: string, hint?: string) {
    super(`${verb} is not legal in state ${phase}${hint === undefined ? '' : `: ${hint}`}`, {
      code: 'ESEQUENCE',
      fault: 'local',
      usable: true,
      phase,
    })
    mark(this, 'SequenceError')
  }
}

/** An extension is needed that the server did not offer. Nothing was written. */
export class NotOfferedError extends SessionError {
  static override [Symbol.hasInstance]: (value: unknown) => boolean = marked('NotOfferedError')
  override name = 'NotOfferedError'
  /** The EHLO keyword, such as `SMTPUTF8`. */
  readonly keyword: string
  constructor(keyword: string, why: string, phase: string) {
    super(`${why}, and the server does not offer ${keyword}`, {
      code: 'ENOTOFFERED',
      fault: 'remote',
      usable: true,
      phase,
    })
    mark(this, 'NotOfferedError')
    this.keyword = keyword
  }
}

/** The server refused a command with a 4yz or 5yz reply. */
export class RefusedError extends SessionError {
  static override [Symbol.hasInstance]: (value: unknown) => boolean = marked('RefusedError')
  override name = 'RefusedError'
  /** The command, such as `STARTTLS`. */
  readonly command: string
  constructor(command: string, reply: Reply, phase: string, usable: boolean) {
    super(`${command} was refused: ${reply.code} ${reply.text}`, {
      code: 'EREFUSED',
      fault: 'remote',
      usable,
      phase,
      reply,
    })
    mark(this, 'RefusedError')
    this.command = command
  }
}

/** AUTH ended without success. `credentialsSent` says whether anything secret left the process. */
export class AuthenticationRefusedError extends SessionError {
  static override [Symbol.hasInstance]: (value: unknown) => boolean = marked('AuthenticationRefusedError')
  override name = 'AuthenticationRefusedError'
  /** The SASL mechanism, such as `PLAIN`. */
  readonly mechanism: string
  constructor(
    message: string,
    details: {
      readonly mechanism: string
      readonly credentialsSent: boolean
      readonly phase: string
      readonly usable: boolean
      readonly fault?: Fault
      readonly reply?: Reply | undefined
      readonly cause?: unknown
    },
  ) {
    super(message, { code: 'EAUTH', fault: 'remote', ...details })
    mark(this, 'AuthenticationRefusedError')
    this.mechanism = details.mechanism
    this.credentialsSent = details.credentialsSent
  }
}

/** The server closed the session with 421, or refused it in its greeting. */
export class ShutdownError extends SessionError {
  static override [Symbol.hasInstance]: (value: unknown) => boolean = marked('ShutdownError')
  override name = 'ShutdownError'
  constructor(reply: Reply, phase: string) {
    super(`the server closed the session: ${reply.code} ${reply.text}`, {
      code: 'ESHUTDOWN',
      fault: 'remote',
      usable: false,
      phase,
      reply,
    })
    mark(this, 'ShutdownError')
  }
}

/** The peer broke the protocol: garbage, an oversized reply, a reply of the wrong class or that nobody asked for. */
export class ProtocolError extends SessionError {
  static override [Symbol.hasInstance]: (value: unknown) => boolean = marked('ProtocolError')
  override name = 'ProtocolError'
  constructor(
    message: string,
    phase: string,
    details: { readonly reply?: Reply | undefined; readonly cause?: unknown; readonly code?: string } = {},
  ) {
    super(message, { code: 'EPROTOCOL', fault: 'remote', usable: false, phase, ...details })
    mark(this, 'ProtocolError')
  }
}

/**
 * Octets in clear text came behind the 220 of STARTTLS (threat T-11): somebody may be trying to have them read as if they were
 * protected. The connection is closed; nothing of them is believed.
 */
export class TlsInjectionError extends ProtocolError {
  static override [Symbol.hasInstance]: (value: unknown) => boolean = marked('TlsInjectionError')
  override name = 'TlsInjectionError'
  constructor(phase: string) {
    super('octets in clear text followed the reply to STARTTLS; this may be an attack', phase, { code: 'EINJECTION' })
    mark(this, 'TlsInjectionError')
  }
}

/** A phase took longer than its limit (RFC 5321 4.5.3.2). */
export class TimeoutError extends SessionError {
  static override [Symbol.hasInstance]: (value: unknown) => boolean = marked('TimeoutError')
  override name = 'TimeoutError'
  /** Milliseconds that were allowed. */
  readonly limit: number
  constructor(phase: string, limit: number, hint?: string) {
    super(`no answer in ${phase} within ${limit} ms${hint === undefined ? '' : `; ${hint}`}`, {
      code: 'ETIMEDOUT',
      fault: 'network',
      usable: false,
      phase,
    })
    mark(this, 'TimeoutError')
    this.limit = limit
  }
}

/** The connection could not be made, broke, or was closed by the peer. The transport's own error is the `cause`. */
export class DisconnectedError extends SessionError {
  static override [Symbol.hasInstance]: (value: unknown) => boolean = marked('DisconnectedError')
  override name = 'DisconnectedError'
  constructor(message: string, phase: string, cause?: unknown) {
    super(message, { code: 'ECONNECTION', fault: 'network', usable: false, phase, cause })
    mark(this, 'DisconnectedError')
  }
}

/** The TLS handshake failed, or the certificate is not one we accept. */
export class TlsError extends SessionError {
  static override [Symbol.hasInstance]: (value: unknown) => boolean = marked('TlsError')
  override name = 'TlsError'
  constructor(message: string, phase: string, cause?: unknown, code = 'ETLS') {
    super(message, { code, fault: 'remote', usable: false, phase, cause })
    mark(this, 'TlsError')
  }
}

/** The port speaks the other kind of TLS than the one asked for; the message names the right one. */
export class TlsModeError extends TlsError {
  static override [Symbol.hasInstance]: (value: unknown) => boolean = marked('TlsModeError')
  override name = 'TlsModeError'
  /** What to ask for instead. */
  readonly expected: 'implicit' | 'starttls'
  constructor(expected: 'implicit' | 'starttls', phase: string, cause?: unknown) {
    super(
      expected === 'implicit'
        ? "this port speaks TLS from the first byte: use tls: 'implicit'"
        : "this port speaks plain text first: use tls: 'starttls'",
      phase,
      cause,
      'ETLSMODE',
    )
    mark(this, 'TlsModeError')
    this.expected = expected
  }
}

/** The message could not be read to its end, or may not be sent as it is. The terminator was not written. */
export class BodyError extends SessionError {
  static override [Symbol.hasInstance]: (value: unknown) => boolean = marked('BodyError')
  override name = 'BodyError'
  constructor(message: string, phase: string, cause?: unknown) {
    super(message, { code: 'EBODY', fault: 'local', usable: false, phase, cause })
    mark(this, 'BodyError')
  }
}

/** The caller gave up. */
export class AbortedError extends SessionError {
  static override [Symbol.hasInstance]: (value: unknown) => boolean = marked('AbortedError')
  override name = 'AbortedError'
  constructor(phase: string, cause?: unknown) {
    super('the caller gave up', { code: 'EABORT', fault: 'local', usable: false, phase, cause })
    mark(this, 'AbortedError')
  }
}
