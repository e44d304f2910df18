/**
 * The errors of a session. Each answers three questions: whose fault, can the connection still be used, and may a message have
 * been delivered.
 *
 * `fault` is `local` (the caller asked for something that cannot be done: nothing was written), `remote` (the peer refused, or
 * broke the protocol) or `network` (the connection or its time ran out). `usable` is true when the session can go on.
 * `instanceof` holds across two copies of this package.
 */
import type { Reply } from '@postrider/codec'
import { type Remedy, remedyOf } from './remedy.js'

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
 * Names a class, and makes `instanceof` look for its mark instead of its prototype, so that errors of another copy of the package are recognised.
 * A class derived elsewhere has no mark of its own and is told by its prototype, as usual.
 */
function brand(errorClass: { readonly prototype: object }, name: string): void {
  const mark = Symbol.for(`@postrider/session/${name}`)
  Object.defineProperty(errorClass.prototype, mark, { value: true })
  Object.defineProperty(errorClass.prototype, 'name', { value: name, configurable: true, writable: true })
  Object.defineProperty(errorClass, Symbol.hasInstance, {
    value(this: { readonly prototype: object }, value: unknown): boolean {
      if (typeof value !== 'object' || value === null) return false
      return this === errorClass ? mark in value : Object.prototype.isPrototypeOf.call(this.prototype, value)
    },
  })
}

/** What every error of a session has. */
export class SessionError extends Error {
  static {
    brand(SessionError, 'SessionError')
  }
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
    this.code = details.code
    this.fault = details.fault
    this.usable = details.usable
    this.phase = details.phase
    this.reply = details.reply
  }
}

/** A verb that is not legal in the session's state. Nothing was written; the session is as it was. */
export class SequenceError extends SessionError {
  static {
    brand(SequenceError, 'SequenceError')
  }
  constructor(verb: string, phase: string, hint?: string) {
    super(`${verb} is not legal in state ${phase}${hint === undefined ? '' : `: ${hint}`}`, {
      code: 'ESEQUENCE',
      fault: 'local',
      usable: true,
      phase,
    })
  }
}

/** An extension is needed that the server did not offer. Nothing was written. */
export class NotOfferedError extends SessionError {
  static {
    brand(NotOfferedError, 'NotOfferedError')
  }
  /** The EHLO keyword, such as `SMTPUTF8`. */
  readonly keyword: string
  constructor(keyword: string, why: string, phase: string) {
    super(`${why}, and the server does not offer ${keyword}`, {
      code: 'ENOTOFFERED',
      fault: 'remote',
      usable: true,
      phase,
    })
    this.keyword = keyword
  }
}

/** The server refused a command with a 4yz or 5yz reply. */
export class RefusedError extends SessionError {
  static {
    brand(RefusedError, 'RefusedError')
  }
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
    this.command = command
  }
}

/** AUTH ended without success. `credentialsSent` says whether anything secret left the process, `remedy` what could help. */
export class AuthenticationRefusedError extends SessionError {
  static {
    brand(AuthenticationRefusedError, 'AuthenticationRefusedError')
  }
  /** The SASL mechanism, such as `PLAIN`. */
  readonly mechanism: string
  /** What has to be different for the next try; undefined where the server's reply does not tell, or it was we who gave up. */
  readonly remedy: Remedy | undefined
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
    this.mechanism = details.mechanism
    this.credentialsSent = details.credentialsSent
    this.remedy = details.reply === undefined || details.fault === 'local' ? undefined : remedyOf(details.reply)
  }
}

/** The server closed the session with 421, or refused it in its greeting. */
export class ShutdownError extends SessionError {
  static {
    brand(ShutdownError, 'ShutdownError')
  }
  constructor(reply: Reply, phase: string) {
    super(`the server closed the session: ${reply.code} ${reply.text}`, {
      code: 'ESHUTDOWN',
      fault: 'remote',
      usable: false,
      phase,
      reply,
    })
  }
}

/** The peer broke the protocol: garbage, an oversized reply, a reply of the wrong class or that nobody asked for. */
export class ProtocolError extends SessionError {
  static {
    brand(ProtocolError, 'ProtocolError')
  }
  constructor(
    message: string,
    phase: string,
    details: { readonly reply?: Reply | undefined; readonly cause?: unknown; readonly code?: string } = {},
  ) {
    super(message, { code: 'EPROTOCOL', fault: 'remote', usable: false, phase, ...details })
  }
}

/**
 * Octets in clear text came behind the 220 of STARTTLS (threat T-11): somebody may be trying to have them read as if they were
 * protected. The connection is closed; nothing of them is believed.
 */
export class TlsInjectionError extends ProtocolError {
  static {
    brand(TlsInjectionError, 'TlsInjectionError')
  }
  constructor(phase: string) {
    super('octets in clear text followed the reply to STARTTLS; this may be an attack', phase, { code: 'EINJECTION' })
  }
}

/** A phase took longer than its limit (RFC 5321 4.5.3.2). */
export class TimeoutError extends SessionError {
  static {
    brand(TimeoutError, 'TimeoutError')
  }
  /** Milliseconds that were allowed. */
  readonly limit: number
  constructor(phase: string, limit: number, hint?: string) {
    super(`no answer in ${phase} within ${limit} ms${hint === undefined ? '' : `; ${hint}`}`, {
      code: 'ETIMEDOUT',
      fault: 'network',
      usable: false,
      phase,
    })
    this.limit = limit
  }
}

/** The connection could not be made, broke, or was closed by the peer. The transport's own error is the `cause`. */
export class DisconnectedError extends SessionError {
  static {
    brand(DisconnectedError, 'DisconnectedError')
  }
  constructor(message: string, phase: string, cause?: unknown) {
    super(message, { code: 'ECONNECTION', fault: 'network', usable: false, phase, cause })
  }
}

/** The TLS handshake failed, or the certificate is not one we accept. */
export class TlsError extends SessionError {
  static {
    brand(TlsError, 'TlsError')
  }
  constructor(message: string, phase: string, cause?: unknown, code = 'ETLS') {
    super(message, { code, fault: 'remote', usable: false, phase, cause })
  }
}

/** The port speaks the other kind of TLS than the one asked for; the message names the right one. */
export class TlsModeError extends TlsError {
  static {
    brand(TlsModeError, 'TlsModeError')
  }
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
    this.expected = expected
  }
}

/** The message could not be read to its end, or may not be sent as it is. The terminator was not written. */
export class BodyError extends SessionError {
  static {
    brand(BodyError, 'BodyError')
  }
  constructor(message: string, phase: string, cause?: unknown) {
    super(message, { code: 'EBODY', fault: 'local', usable: false, phase, cause })
  }
}

/** The caller gave up. */
export class AbortedError extends SessionError {
  static {
    brand(AbortedError, 'AbortedError')
  }
  constructor(phase: string, cause?: unknown) {
    super('the caller gave up', { code: 'EABORT', fault: 'local', usable: false, phase, cause })
  }
}
