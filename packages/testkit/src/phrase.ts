/**
 * What the server says by itself: every ordinary reply, in one place, with the section that asks for it.
 * Nothing a client has sent is ever repeated in one.
 */
import { Answer } from './answer.js'

// Going well
export const HELLO: Answer = new Answer(250, undefined, 'Hello')
export const GO_TLS: Answer = new Answer(220, '2.0.0', 'Ready to start TLS') // RFC 3207 4
export const AUTHENTICATED: Answer = new Answer(235, '2.7.0', 'Authentication successful') // RFC 4954 6
export const SENDER_OK: Answer = new Answer(250, '2.1.0', 'Sender ok')
export const RECIPIENT_OK: Answer = new Answer(250, '2.1.5', 'Recipient ok')
export const GO_AHEAD: Answer = new Answer(354, undefined, 'Start mail input; end with <CRLF>.<CRLF>') // RFC 5321 4.3.2
export const CHUNK_OK: Answer = new Answer(250, '2.0.0', 'Chunk received') // RFC 3030 2
export const MESSAGE_OK: Answer = new Answer(250, '2.0.0', 'Message accepted')
export const DONE: Answer = new Answer(250, '2.0.0', 'Ok')
export const BYE: Answer = new Answer(221, '2.0.0', 'Closing connection')
export const HELP: Answer = new Answer(214, '2.0.0', 'A server for tests; see RFC 5321')
export const NOT_VERIFIED: Answer = new Answer(252, '2.5.0', 'Cannot VRFY user, but will accept message') // RFC 5321 3.5.3

// Out of order (RFC 5321 4.1.4)
export const HELLO_FIRST: Answer = new Answer(503, '5.5.1', 'Say hello first')
export const NESTED_MAIL: Answer = new Answer(503, '5.5.1', 'A transaction is under way')
export const MAIL_FIRST: Answer = new Answer(503, '5.5.1', 'MAIL first')
export const NO_RECIPIENTS: Answer = new Answer(503, '5.5.1', 'No valid recipients') // RFC 5321 3.3, RFC 2033 4.2
export const CHUNKS_BEGUN: Answer = new Answer(503, '5.5.1', 'BDAT and DATA cannot be used in the same transaction') // RFC 3030 2
export const BDAT_ONLY: Answer = new Answer(503, '5.5.1', 'BINARYMIME cannot be used with the DATA command') // RFC 3030 3
export const ALREADY_TLS: Answer = new Answer(503, '5.5.1', 'TLS is up')
export const ALREADY_AUTHENTICATED: Answer = new Answer(503, '5.5.1', 'Already authenticated') // RFC 4954 4

// Not here
export const UNKNOWN: Answer = new Answer(500, '5.5.1', 'Command unrecognized')
export const NOT_OFFERED: Answer = new Answer(502, '5.5.1', 'Command not implemented')
export const UNKNOWN_MECHANISM: Answer = new Answer(504, '5.5.4', 'Unrecognized authentication type') // RFC 4954 4
export const UNKNOWN_PARAMETER: Answer = new Answer(555, '5.5.4', 'MAIL or RCPT parameter not recognized') // RFC 5321 4.1.1.11
export const BAD_PARAMETER: Answer = new Answer(501, '5.5.4', 'Bad parameter value')

// Not so
export const TLS_FIRST: Answer = new Answer(530, '5.7.0', 'Must issue a STARTTLS command first') // RFC 3207 4
export const AUTH_FIRST: Answer = new Answer(530, '5.7.0', 'Authentication required') // RFC 4954 6
export const ENCRYPTION_FIRST: Answer = new Answer(
  538,
  '5.7.11',
  'Encryption required for requested authentication mechanism',
)
export const CANCELLED: Answer = new Answer(501, '5.7.0', 'Authentication cancelled') // RFC 4954 4
export const STORE_FAILED: Answer = new Answer(454, '4.7.0', 'Temporary authentication failure') // RFC 4954 6
export const NEEDS_SMTPUTF8: Answer = new Answer(553, '5.6.7', 'Address needs SMTPUTF8') // RFC 6531 3.5
export const TOO_BIG: Answer = new Answer(552, '5.3.4', 'Message too big') // RFC 1870 6.1
export const TOO_MANY_RECIPIENTS: Answer = new Answer(452, '4.5.3', 'Too many recipients') // RFC 5321 4.5.3.1.10
export const MAILBOX_FULL: Answer = new Answer(452, '4.3.1', 'Mailbox full: clear() it, or keep: false')

// Good-bye (RFC 5321 3.8)
export const SMUGGLED: Answer = new Answer(421, '4.7.0', 'Commands in clear text behind STARTTLS')
export const TIMED_OUT: Answer = new Answer(421, '4.4.2', 'Idle for too long')
export const TOO_MANY_ERRORS: Answer = new Answer(421, '4.7.0', 'Too many errors')
export const OUT_OF_TURN: Answer = new Answer(554, '5.5.1', 'Not waiting for replies as RFC 2920 asks')
export const TOO_MANY_CONNECTIONS: Answer = new Answer(421, '4.3.2', 'Too many connections')
