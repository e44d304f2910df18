/**
 * Where Pythons differ from each other. We do what the newest does; what an older one says is read as if it were that, and only where it is told here.
 */
import { compareVersions, type Python } from './python.js'
import type { Outcome, Result } from './scenario.js'

/** What Pythons before one version do otherwise. */
interface Difference {
  /** The first version that does as we do. */
  readonly before: string
  readonly row: string
  readonly why: string
  /** For every scenario: the newer spelling of a text that is sent, or stands in a message. */
  readonly spell?: (text: string) => string
  /** By scenario and step: what the newer ones answer. */
  readonly results?: Readonly<Record<string, Readonly<Record<number, Result>>>>
  readonly wire?: Readonly<Record<string, string>>
  /** Names that the newer ones do not have any more. */
  readonly names?: readonly string[]
}

const differences: readonly Difference[] = [
  {
    before: '3.12',
    row: 'P9',
    why: 'SMTP_SSL took the files of a key and a certificate until then; now it takes a context',
    names: ['keyfile', 'certfile'],
  },
  {
    before: '3.13',
    row: 'P39',
    why: 'FROM: and TO: were in upper case until then',
    spell: text => text.replaceAll('mail FROM:', 'mail from:').replaceAll('rcpt TO:', 'rcpt to:'),
  },
  {
    before: '3.10',
    row: 'P10',
    why: 'does_esmtp was 0 or 1 until then',
    results: {
      'attributes of a class that has not connected (P10)': { 3: { value: false } },
      'LHLO (P72)': { 1: { value: true } },
    },
  },
  {
    before: '3.10',
    row: 'P65',
    why: 'an empty answer of an authobject was a TypeError until then',
    results: {
      'auth with an empty initial response (P65)': { 1: { value: [235, { bytes: 'welcome' }] } },
      'auth with an empty answer (P65)': { 1: { value: [235, { bytes: 'welcome' }] } },
    },
    wire: {
      'auth with an empty initial response (P65)': 'ehlo client.example\r\nAUTH X-OWN \r\n',
      'auth with an empty answer (P65)': 'ehlo client.example\r\nAUTH X-OWN\r\n\r\n',
    },
  },
]

/** Names that this Python has and the newest has not. */
export function goneSince({ version }: Python): readonly string[] {
  return differences.flatMap(({ before, names = [] }) => (compareVersions(version, before) < 0 ? names : []))
}

/** What the newest Python would have come to. */
export function asNewest(name: string, outcome: Outcome, { version }: Python): Outcome {
  let told = outcome
  for (const { before, spell = same, results, wire } of differences) {
    if (compareVersions(version, before) >= 0) continue
    const printed = told.printed === undefined ? {} : { printed: spell(told.printed) }
    told = {
      ...told,
      ...printed,
      wire: wire?.[name] ?? spell(told.wire),
      results: told.results.map((result, step) => results?.[name]?.[step] ?? spelt(result, spell)),
    }
  }
  return told
}

function spelt(result: Result, spell: (text: string) => string): Result {
  return 'raised' in result ? { ...result, message: spell(result.message ?? '') } : result
}

function same(text: string): string {
  return text
}
