/**
 * When two runs of a scenario count as the same.
 *
 * Spelt differently by design: what older Pythons do otherwise than newer ones (`versions.ts`); names of exceptions that only Python has; and messages,
 * where ours must hold Python's words for the classes whose text programs look at.
 */
import { expect } from 'vitest'
import { deviations } from './deviations.js'
import type { Python } from './python.js'
import type { Outcome, Result, Scenario } from './scenario.js'
import { asNewest } from './versions.js'

/** Python's exceptions that are no SMTPException, and what we throw in their place. */
const counterparts: Readonly<Record<string, string>> = {
  ValueError: 'RangeError',
  OSError: 'SMTPConfigurationError',
  ConnectionRefusedError: 'SMTPConnectError',
  gaierror: 'SMTPConnectError',
  FileNotFoundError: 'SMTPConnectError',
  SSLCertVerificationError: 'SMTPTlsError',
  SSLError: 'SMTPTlsError',
}

/** Their words must be found in our message. */
const worded: readonly string[] = [
  'SMTPServerDisconnected',
  'SMTPNotSupportedError',
  'SMTPException',
  'RangeError',
  'SMTPConfigurationError',
]

export function compare({ name, steps }: Scenario, theirs: Outcome, ours: Outcome, python: Python): void {
  const deviates = deviations[name]
  const expected = normalise(asNewest(name, theirs, python))
  const results = expected.results.map((result, step) => deviates?.results?.[step] ?? result)
  const wanted: Outcome = {
    wire: deviates?.wire ?? expected.wire,
    results: results.map((result, step) => agreed(result, ours.results[step])),
    state: { ...expected.state, ...deviates?.state },
    ...(expected.printed === undefined ? {} : { printed: deviates?.printed ?? expected.printed }),
  }
  expect(ours, JSON.stringify(steps)).toEqual(wanted)
  // A deviation that smtplib shares is none, and its entry would hide the next one.
  if (deviates !== undefined)
    expect(wanted, `${deviates.row} is no deviation any more`).not.toEqual({
      ...expected,
      results: expected.results.map((result, step) => agreed(result, ours.results[step])),
    })
}

function normalise(outcome: Outcome): Outcome {
  return {
    ...outcome,
    results: outcome.results.map(result =>
      'raised' in result ? { ...result, raised: counterparts[result.raised] ?? result.raised } : result,
    ),
  }
}

/** What is wanted, with our own message and what only our errors have, where those do not contradict it. */
function agreed(wanted: Result, ours: Result | undefined): Result {
  if (!('raised' in wanted) || ours === undefined || !('raised' in ours) || wanted.raised !== ours.raised) return wanted
  const { message = '' } = wanted
  const said = ours.message ?? ''
  return worded.includes(wanted.raised) && !said.includes(message) ? wanted : { ...ours, ...wanted, message: said }
}
