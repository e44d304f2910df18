// @postrider/testkit: a real SMTP and LMTP server in your process, for tests.
export type { AuthFacts, AuthOptions, MechanismName, MechanismOffer } from './auth.js'
export { type Certificate, type CertificateOptions, createCertificate } from './certificate.js'
export type { ServerEvent } from './event.js'
export type { ExtensionSwitches } from './extension.js'
export {
  type Afterwards,
  expectedOutcomes,
  FAULT_USER,
  FAULTS,
  type Fault,
  type FaultKind,
  type FaultPhase,
  type Outcome,
  provoke,
} from './fault.js'
export type { HeaderField } from './header.js'
export type { Mailbox, ReceivedEnvelope, ReceivedMessage, SessionFacts } from './mailbox.js'
export type { Match } from './match.js'
export type { ServerLimits, ServerOptions, TlsSettings } from './option.js'
export type { Criteria, HangUp, Instead, Misbehaviour, Phase, Refusal, RuleHandle } from './rule.js'
export type { Ending, Pacing, Step } from './script.js'
export { createServer, type TestServer } from './server.js'
export type { RecipientRecord, TransactionRecord } from './transaction.js'
export type { Transcript, TranscriptLine } from './transcript.js'
