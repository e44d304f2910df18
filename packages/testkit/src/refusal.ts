/**
 * Why a command is refused before any rule of the test is asked: the server's policy, and what may follow what.
 *
 * In: a verb or a transaction, and what the client has shown so far. Out: the refusal, or undefined where nothing speaks against it.
 */
import type { Command } from '@postrider/codec'
import type { Answer } from './answer.js'
import type { Settings } from './option.js'
import { AUTH_FIRST, BDAT_ONLY, CHUNKS_BEGUN, MAIL_FIRST, NO_RECIPIENTS, TLS_FIRST } from './phrase.js'
import type { Transaction } from './transaction.js'

/** What the server's policy refuses whatever the state. */
export function policyRefusal(
  verb: Command['verb'],
  { requireTls, requireAuth }: Settings,
  shown: { readonly secure: boolean; readonly proved: boolean },
): Answer | undefined {
  // RFC 3207 4: "to every command other than NOOP, EHLO, STARTTLS, or QUIT".
  if (requireTls && !shown.secure && !BEFORE_TLS.has(verb)) return TLS_FIRST
  // RFC 4954 6: "any command other than AUTH, EHLO, HELO, NOOP, RSET, or QUIT".
  if (requireAuth && !shown.proved && !BEFORE_AUTH.has(verb)) return AUTH_FIRST
  return undefined
}

/** RFC 5321 3.3, RFC 2033 4.2: content only after MAIL and at least one RCPT that was accepted. */
export function contentRefusal(transaction: Transaction | undefined): Answer | undefined {
  if (transaction === undefined) return MAIL_FIRST
  return transaction.accepted.length === 0 ? NO_RECIPIENTS : undefined
}

/** RFC 3030 2 and 3: what has begun with BDAT, or is BINARYMIME, cannot go on with DATA. */
export function dataRefusal(transaction: Transaction | undefined): Answer | undefined {
  if (transaction?.via === 'BDAT') return CHUNKS_BEGUN
  return transaction?.parameters.body === 'BINARYMIME' ? BDAT_ONLY : undefined
}

const BEFORE_TLS: ReadonlySet<Command['verb']> = new Set(['NOOP', 'EHLO', 'LHLO', 'STARTTLS', 'QUIT'] as const)
const BEFORE_AUTH: ReadonlySet<Command['verb']> = new Set([
  ...(['AUTH', 'EHLO', 'HELO', 'LHLO', 'NOOP', 'RSET', 'QUIT', 'STARTTLS'] as const),
])
