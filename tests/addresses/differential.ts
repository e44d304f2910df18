/**
 * Our reader of address lists next to the grammar and to two foreign readers. In: how many fields, from which seed. Out: how often all
 * agreed, how often ours refused, and every case in which ours accepted something that another does not: explained, or not.
 *
 * The rule (threat T-06): ours finds the same addr-specs in the same order, or refuses. What the others take and ours refuses is no disagreement.
 */
import { domainToASCII } from 'node:url'
import { parseMailbox } from '@postrider/codec'
import fc from 'fast-check'
import { parseAddresses } from '../../packages/mailer/src/address.js'
import { SMTPMessageError } from '../../packages/mailer/src/error.js'
import { readFields, readValue } from '../../packages/mailer/src/header.js'
import { explanationFor, type Reader } from './explanation.js'
import { type AddressList, addressList } from './grammar.js'
import { hostileText } from './hostile.js'
import { type Addresses, type Answer, type PythonReader, readWithPostalMime } from './oracle.js'

interface Case {
  /** The value of the field, with its folds. */
  readonly text: string
  /** What the grammar says; `undefined` where nobody knows. */
  readonly meant: AddressList | undefined
}

interface Disagreement {
  readonly text: string
  readonly reader: Reader | 'grammar'
  readonly ours: Addresses | undefined
  readonly theirs: Answer
}

export interface Tally {
  readonly fields: number
  readonly addresses: number
  readonly accepted: number
  readonly refused: number
  /** Per reader: fields that ours accepted and it reads alike. */
  readonly agreed: Readonly<Record<Reader, number>>
  /** Per reader and explanation: fields that ours accepted and it reads otherwise. */
  readonly explained: ReadonlyMap<string, number>
  readonly unexplained: readonly Disagreement[]
}

const fields: fc.Arbitrary<Case> = fc.oneof(
  addressList.map(meant => ({ text: meant.text, meant })),
  hostileText.map(text => ({ text, meant: undefined })),
)

/** Compares `count` fields, in batches, and stops early when there is too much to explain. */
export async function compare(count: number, seed: number, python: PythonReader): Promise<Tally> {
  const tally = {
    fields: 0,
    addresses: 0,
    accepted: 0,
    refused: 0,
    agreed: { python: 0, 'postal-mime': 0 },
    explained: new Map<string, number>(),
    unexplained: [] as Disagreement[],
  }
  for (let batch = 0; tally.fields < count && tally.unexplained.length < 100; batch++) {
    const cases = fc.sample(fields, { numRuns: Math.min(2000, count - tally.fields), seed: seed + batch })
    const pythons = await python.read(cases.map(({ text }) => text))
    for (const [place, { text, meant }] of cases.entries()) {
      tally.fields++
      const ours = read(text)
      if (meant !== undefined) {
        tally.addresses += meant.addresses.length
        const expected = canonical(meant.addresses)
        if (ours === undefined ? meant.traits.length === 0 : !equal(ours, expected))
          tally.unexplained.push({ text, reader: 'grammar', ours, theirs: expected })
      } else tally.addresses += ours?.length ?? 0
      if (ours === undefined) {
        tally.refused++
        continue
      }
      tally.accepted++
      const answers = { python: pythons[place], 'postal-mime': readWithPostalMime(text) }
      for (const reader of ['python', 'postal-mime'] as const) {
        const answer = answers[reader]
        const theirs = answer === undefined || answer === 'crash' ? answer : canonical(answer)
        if (equal(ours, theirs)) {
          tally.agreed[reader]++
          continue
        }
        const explanation = explanationFor(reader, { text, ours, theirs, isMeant: meant !== undefined })
        if (explanation === undefined) tally.unexplained.push({ text, reader, ours, theirs })
        else {
          const key = `${reader}: ${explanation}`
          tally.explained.set(key, (tally.explained.get(key) ?? 0) + 1)
        }
      }
    }
  }
  return tally
}

/** Ours, from octets of a header to addr-specs; `undefined` for its typed refusal, and nothing else. */
function read(text: string): Addresses | undefined {
  const block = new TextEncoder().encode(`To: ${text}\r\n\r\n`)
  try {
    const [to] = readFields(block)
    if (to === undefined) throw new Error('no field')
    return canonical(
      parseAddresses(readValue(block, to), 'To').map(({ address }) => {
        const { localPart, domain } = parseMailbox(address, { utf8: true })
        return `${localPart}@${domain}`
      }),
    )
  } catch (error) {
    if (error instanceof SMTPMessageError) return undefined
    throw error
  }
}

/** Domains in lower case and ASCII, so that readers which leave U-labels alone can be compared. */
function canonical(addresses: Addresses): Addresses {
  return addresses.map(address => {
    const at = address.lastIndexOf('@') + 1
    const domain = address.slice(at)
    return address.slice(0, at) + (/^\p{ASCII}*$/u.test(domain) ? domain : domainToASCII(domain)).toLowerCase()
  })
}

function equal(one: Addresses, other: Answer): boolean {
  return Array.isArray(other) && one.length === other.length && one.every((address, place) => address === other[place])
}
