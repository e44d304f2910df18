/**
 * One message over one connection that is ready: the transaction, and what its result means to the caller.
 *
 * In: a `Connection`, a `Letter`, options. Out: the session's result; and, of a result, a report that is returned or an error that is thrown with the
 * report in it.
 */
import type { Session, TransactionResult, TransactOptions } from '@postrider/session'
import type { Connection } from './connection.js'
import { SMTPException } from './error.js'
import { CommitRefused, failureOf, translate } from './failure.js'
import { addressOf, addressTo, type Letter } from './letter.js'
import type { Settings } from './option.js'
import { type Circumstances, Report, type SendReport, unbegunResult } from './report.js'
import type { SendOptions } from './send-option.js'

/** Runs the transaction. Rejects when nothing was written; otherwise resolves, whatever became of it. */
export function transfer(session: Session, letter: Letter, options: SendOptions): Promise<TransactionResult> {
  const envelope = addressTo(session.server?.extensions, letter)
  return session.transact(envelope, letter.body, transactOptions(letter, options))
}

/** When a send was asked for, when it got its connection and when it could begin, on `performance.now()`'s scale. */
export interface Moments {
  readonly asked: number
  readonly begun: number
  /** Milliseconds of those between the two that went into making the connection. */
  readonly connect: number
}

/** Where and when, as it is now. */
export function circumstancesOf(
  letter: Letter | undefined,
  settings: Settings,
  connection: Pick<Connection, 'remote' | 'tls'> | undefined,
  { asked, begun, connect }: Moments,
): Circumstances {
  const now = performance.now()
  return {
    messageId: letter?.messageId,
    timings: { queue: Math.max(begun - asked - connect, 0), connect, transaction: now - begun, total: now - asked },
    tls: connection?.tls,
    remote: connection?.remote ?? settings.remote,
  }
}

/** @throws {@link SMTPException} when nobody was accepted, or the connection broke before all was decided */
export function conclude(
  letter: Letter,
  lmtp: boolean,
  result: TransactionResult,
  circumstances: Circumstances,
): SendReport {
  const report = new Report(letter, result, circumstances)
  const error = failureOf(letter.from, result, lmtp)
  if (error === undefined) return report
  report.fail(error)
  throw error
}

/** The error of a send: one that has no report yet came to no transaction, and gets a report that says so. */
export function unbegun(letter: Letter, error: unknown, circumstances: Circumstances): unknown {
  const translated = translate(error)
  if (translated instanceof SMTPException && translated.report === undefined)
    new Report(letter, unbegunResult(letter, translated), circumstances).fail(translated)
  return translated
}

function transactOptions(letter: Letter, { pace, bareLocalPart, beforeCommit }: SendOptions): TransactOptions {
  if (pace === undefined && bareLocalPart === undefined && beforeCommit === undefined) return letter.bodyOptions
  return {
    ...letter.bodyOptions,
    ...(bareLocalPart === undefined ? {} : { bareLocalPart }),
    ...(pace === undefined ? {} : { pace }),
    ...(beforeCommit === undefined ? {} : { beforeCommit: hook(letter, beforeCommit) }),
  }
}

function hook(letter: Letter, beforeCommit: NonNullable<SendOptions['beforeCommit']>): () => Promise<void> {
  return async () => {
    const { messageId } = letter
    try {
      await beforeCommit({ ...(messageId === undefined ? {} : { messageId }), recipients: letter.to.map(addressOf) })
    } catch (cause) {
      throw new CommitRefused(cause)
    }
  }
}
