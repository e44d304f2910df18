/**
 * `--fault` of the sink: the table of faults by name, in words, and as options of a server.
 *
 * In: what was typed. Out: the fault, what a client owes its caller when it happens, and the server that it can happen on. A name that is
 * none is refused with those that are near.
 */
import { FAULT_USER, FAULTS, type Fault, type Outcome, type ServerOptions } from '@postrider/testkit'
import { UsageError } from './argument.js'

/** The fault of that name, in any case, words apart by spaces or hyphens. @throws UsageError */
export function readFault(typed: string): Fault {
  const name = typed
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, ' ')
  const fault = FAULTS.find(each => each.name.toLowerCase() === name)
  if (fault !== undefined) return fault
  const [phase] = name.split(' ')
  const kinds = FAULTS.flatMap(each => (each.phase.toLowerCase() === phase ? [each.kind] : []))
  const near =
    kinds.length > 0
      ? `at ${phase?.toUpperCase()} there are ${kinds.join(', ')}`
      : 'a name is a moment and a mishap, such as "P12 rst"'
  throw new UsageError(
    `--fault is ${JSON.stringify(typed)}, and there is no such fault; ${near}; --fault list shows all`,
  )
}

/** Every fault, by the moment at which it happens, and what a client owes its caller then. */
export function faultList(): string {
  const width = Math.max(...FAULTS.map(({ name }) => name.length))
  const owes = Math.max(...FAULTS.map(fault => owed(fault).length))
  const lines = [
    'NAME, what a client owes its caller for the recipient it happens at, what becomes of the connection, and what happens.',
    'keep: used again. quit: ended by QUIT. destroy: ended without another octet.',
  ]
  let last: string | undefined
  for (const fault of FAULTS) {
    if (fault.phase !== last) lines.push('', `${fault.phase}, ${fault.moment}:`)
    last = fault.phase
    const { name, mishap, afterwards } = fault
    lines.push(`  ${name.padEnd(width)}  ${owed(fault).padEnd(owes)}  ${afterwards.padEnd(7)}  ${mishap}`)
  }
  return `${lines.join('\n')}\n`
}

/** What a client owes: `deferred, the others accepted`. */
function owed({ outcomes: [before, here, behind] }: Fault): string {
  return `${here}${others(before, here, behind)}`
}

const AFTERWARDS = {
  keep: 'uses the connection again',
  quit: 'says QUIT',
  destroy: 'drops the connection',
} as const

function others(before: Outcome, here: Outcome, behind: Outcome): string {
  if (before === here && behind === here) return ''
  if (before === behind) return `, the others ${before}`
  return `, those before ${before}${behind === here ? '' : `, those behind ${behind}`}`
}

/** What the user has asked for himself. */
export interface Asked {
  readonly tls: 'starttls' | 'implicit' | 'none' | undefined
  readonly auth: { readonly users: ReadonlyMap<string, string> } | undefined
  readonly lmtp: boolean
}

/** Options of a server on which the fault can happen, if there is to be one; where it leaves a choice, as asked. @throws UsageError */
export function serverFor(fault: Fault | undefined, asked: Asked): ServerOptions {
  const { name, server }: Pick<Fault, 'name' | 'server'> = fault ?? { name: '', server: {} }
  if (asked.tls !== undefined && server.tls !== undefined && asked.tls !== server.tls)
    throw new UsageError(`the fault ${name} needs --tls ${server.tls}, and --tls is ${asked.tls}`)
  const users = asked.auth?.users ?? server.auth?.users
  return {
    ...server,
    protocol: asked.lmtp ? 'lmtp' : (server.protocol ?? 'smtp'),
    tls: server.tls ?? asked.tls ?? 'none',
    ...(users !== undefined && { auth: { ...server.auth, users } }),
  }
}

/** The fault in a sentence or two, for who has started the sink. */
export function describeFault(
  fault: Fault,
  { always, login }: { readonly always: boolean; readonly login: boolean },
): string {
  const { moment, mishap, afterwards } = fault
  const lines = [
    `${always ? 'always' : 'once'}, ${moment}: ${mishap}`,
    `a client owes: ${owed(fault)}; and ${AFTERWARDS[afterwards]}`,
  ]
  if (fault.server.auth !== undefined && !login)
    lines.push(`it takes a login to happen: ${FAULT_USER.username}, password ${FAULT_USER.password}`)
  return lines.join('\n')
}
