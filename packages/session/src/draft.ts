/**
 * An envelope turned into command lines and a ledger, before anything is written. RFC 5321 3.3.
 *
 * In: an envelope and what the server offers. Out: the lines of MAIL and of each RCPT, a ledger with a place for each, and the way back from those
 * places to the envelope. It refuses what `envelope.ts` refuses, and an envelope without recipients (`RangeError`).
 */
import type { DeliveryTerms } from './delivery.js'
import { addressOf, type Envelope, international, writeMail, writeRcpt } from './envelope.js'
import { Transaction, type TransactionResult } from './transaction.js'

export interface Draft {
  readonly mail: Uint8Array
  /** One for each place of the ledger. */
  readonly rcpt: readonly Uint8Array[]
  readonly ledger: Transaction
  /** A result with one entry for each address as the caller gave it, duplicates included. */
  readonly inOrder: (result: TransactionResult) => TransactionResult
}

/** @throws RangeError, {@link EncodeError}, {@link NotOfferedError} */
export function draw(
  { dialogue, lmtp, extensions }: Pick<DeliveryTerms, 'dialogue' | 'lmtp' | 'extensions'>,
  envelope: Envelope,
  bareLocalPart = false,
): Draft {
  if (envelope.to.length === 0) throw new RangeError('the envelope has no recipient')
  const phase = dialogue.state.name
  const parameters = envelope.parameters ?? {}
  const utf8 = parameters.smtputf8 === true || international(envelope)
  const mail = dialogue.spell(writeMail(envelope.from, parameters, extensions, utf8, phase, bareLocalPart))
  const ledger = new Transaction()
  const rcpt: Uint8Array[] = []
  // Real LMTP servers disagree on whether a recipient named twice gets one verdict or two, so there none is named twice.
  const places = lmtp ? new Map<string, number>() : undefined
  const order = envelope.to.map(recipient => {
    const address = addressOf(recipient)
    const known = places?.get(address)
    if (known !== undefined) return known
    rcpt.push(dialogue.spell(writeRcpt(recipient, extensions, utf8, phase, bareLocalPart)))
    const place = ledger.add(address)
    places?.set(address, place)
    return place
  })
  return {
    mail,
    rcpt,
    ledger,
    inOrder: result =>
      rcpt.length === order.length
        ? result
        : { ...result, recipients: order.flatMap(place => result.recipients[place] ?? []) },
  }
}
