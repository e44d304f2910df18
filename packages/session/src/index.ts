/**
 * One SMTP or LMTP session: the statechart, the sans-IO session around it, and the driver for any channel.
 * No socket, clock, timer or Node type in here; `@postrider/session/node` has those.
 */
export type { AuthenticateOptions, Mechanism } from './authenticate.js'
export type { Body, BodyOptions } from './body.js'
export type { Channel, Clock, TlsFacts } from './channel.js'
export type { DeliveryOptions } from './delivery.js'
export type { DialogueOptions } from './dialogue.js'
export { drive } from './drive.js'
export type { Envelope, Recipient } from './envelope.js'
export {
  AbortedError,
  AuthenticationRefusedError,
  BodyError,
  DisconnectedError,
  type Fault,
  NotOfferedError,
  ProtocolError,
  RefusedError,
  SequenceError,
  SessionError,
  ShutdownError,
  TimeoutError,
  TlsError,
  TlsInjectionError,
  TlsModeError,
} from './error.js'
export type { Observer, SessionEvent } from './event.js'
export {
  type SessionMachineContext,
  type SessionMachineEvent,
  type SessionMachineMeta,
  sessionMachine,
} from './machine.js'
export type { Output } from './output.js'
export type { Remedy } from './remedy.js'
export { type ServerFacts, Session, type SessionOptions } from './session.js'
export type { Verbs } from './spelling.js'
export { defaultTimeouts, type TimeoutName, type Timeouts } from './timeout.js'
export type { Pace, TransactOptions } from './transact.js'
export type {
  Outcome,
  RecipientResult,
  Retry,
  TransactionPhase,
  TransactionResult,
} from './transaction.js'
export { transcribe } from './transcript.js'
