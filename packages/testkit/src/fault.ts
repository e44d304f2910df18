/**
 * Everything a server can do wrong, phase by phase, and what a client that keeps its word must make of it: one table, as
 * data.
 *
 * In: a phase and a kind of fault. Out: the server options and the script that produce it, and the outcome a client owes its
 * caller: for every recipient accepted, rejected, deferred, unsent or unknown, and whether the connection may be used again.
 * What the client says can be held against the server's ground truth (`server.transactions`). Nothing here is a client.
 *
 * The point of no return is the last octet of the terminator: before it everything is unsent, after it, without a reply that
 * can be trusted, unknown.
 */
import { MISHAPS, scriptFor } from './mishap.js'
import type { ServerOptions } from './option.js'
import type { Phase, RuleHandle } from './rule.js'
import type { TestServer } from './server.js'

/** What became of a recipient, as far as a client can know. */
export type Outcome = 'accepted' | 'rejected' | 'deferred' | 'unsent' | 'unknown'

/** What may become of the connection: used again; ended by QUIT; ended without another octet. */
export type Afterwards = 'keep' | 'quit' | 'destroy'

/** The moments of a session at which something can go wrong. */
export type FaultPhase =
  /** Greeting, EHLO, STARTTLS, handshake, EHLO under TLS, AUTH, response to a challenge. */
  | ('P1' | 'P2' | 'P3' | 'P4' | 'P5' | 'P6' | 'P7')
  /** MAIL, RCPT (the second of three), DATA before 354, content before its end, end of DATA. */
  | ('P8' | 'P9' | 'P10' | 'P11' | 'P12')
  /** The second of three final replies in LMTP, RSET, QUIT, idle after a message, a chunk, the last chunk. */
  | ('P12L' | 'P13' | 'P14' | 'P15' | 'P16' | 'P17')

/** What goes wrong. */
export type FaultKind =
  /** RST, FIN, silence, a reply that never ends, TLS broken off or refused by an alert. */
  | ('rst' | 'fin' | 'stall' | 'drip' | 'tls')
  /** No reply at all, one without measure, one of another class, one too many, one at odds with itself. */
  | ('garbage' | 'oversize' | 'wrongClass' | 'extra' | 'mismatch')
  /** A refusal with the end of the session, for now, for good. */
  | ('421' | '4yz' | '5yz')

/** One cell of the table. */
export interface Fault {
  /** As in `P12 rst`. */
  readonly name: string
  readonly phase: FaultPhase
  readonly kind: FaultKind
  /** When it happens, in words: `instead of the greeting`. */
  readonly moment: string
  /** What happens, in words: `the connection is reset`. */
  readonly mishap: string
  /** What the server must be started with; whatever is not named here may be varied. */
  readonly server: ServerOptions
  /**
   * Which message shows it: `data`, any sent by DATA; `large`, by DATA and so large that the server's early word arrives
   * before its end is written; `chunk`, by one BDAT; `chunks`, by several, and as large: a binary one.
   */
  readonly message: 'data' | 'large' | 'chunk' | 'chunks'
  /** What the first of three recipients, the second (where it happens, if it happens at one) and the third come to. */
  readonly outcomes: readonly [Outcome, Outcome, Outcome]
  readonly afterwards: Afterwards
}

/** The user that the servers of P6 and P7 know. */
export const FAULT_USER = { username: 'alice', password: 's3cret' } as const

/**
 * Outcome letters, one for all recipients or one each for the first, the second (where it happens) and the third of three:
 * **A**ccepted, **R**ejected, **D**eferred, **U**nsent, **?** unknown. Then what becomes of the connection: **K**eep, **Q**uit, **X**
 * destroy. `-` cannot be: there is no TLS to break before it has begun, no reply in a handshake, no silence to tell from idleness.
 */
const MATRIX = `
        rst    fin    stall  drip   tls    garbage oversize wrongClass extra mismatch 421    4yz    5yz
  P1    U/X    U/X    U/X    U/X    U/X    U/X     U/X      U/X        U/X   U/X      D/X    D/Q    R/Q
  P2    U/X    U/X    U/X    U/X    U/X    U/X     U/X      U/X        U/X   U/X      D/X    D/Q    U/Q
  P3    U/X    U/X    U/X    U/X    -      U/X     U/X      U/X        U/X   U/X      D/X    D/Q    U/Q
  P4    U/X    U/X    U/X    U/X    U/X    -       -        -          -     -        -      -      -
  P5    U/X    U/X    U/X    U/X    U/X    U/X     U/X      U/X        U/X   U/X      D/X    D/Q    U/Q
  P6    U/X    U/X    U/X    U/X    U/X    U/X     U/X      U/X        U/X   U/X      D/X    D/Q    R/Q
  P7    U/X    U/X    U/X    U/X    U/X    U/X     U/X      U/X        U/X   U/X      D/X    D/Q    R/Q
  P8    U/X    U/X    U/X    U/X    U/X    U/X     U/X      U/X        U/X   U/X      D/X    D/K    R/K
  P9    U/X    U/X    U/X    U/X    U/X    U/X     U/X      U/X        U/X   U/X      UDU/X  ADA/K  ARA/K
  P10   U/X    U/X    U/X    U/X    U/X    U/X     U/X      U/X        U/X   U/X      D/X    D/K    R/K
  P11   U/X    U/X    U/X    U/X    U/X    U/X     U/X      U/X        D/X   U/X      D/X    D/X    R/X
  P12   ?/X    ?/X    ?/X    ?/X    ?/X    ?/X     A/K      ?/X        A/X   ?/X      D/X    D/K    R/K
  P12L  A??/X  A??/X  A??/X  A??/X  A??/X  A??/X   A/K      A??/X      A/X   A??/X    ADD/X  ADA/K  ARA/K
  P13   D/X    D/X    D/X    D/X    D/X    D/X     D/X      D/X        D/X   D/X      D/X    D/X    D/X
  P14   A/X    A/X    A/X    A/X    A/X    A/X     A/X      A/X        A/X   A/X      A/X    A/X    A/X
  P15   A/X    A/X    -      A/X    A/X    A/X     A/X      A/X        A/X   A/X      A/X    A/X    A/X
  P16   U/X    U/X    U/X    U/X    U/X    U/X     U/X      U/X        U/X   U/X      D/X    D/K    R/K
  P17   ?/X    ?/X    ?/X    ?/X    ?/X    ?/X     A/K      ?/X        A/X   ?/X      D/X    D/K    R/K
`

interface Moment {
  readonly words: string
  readonly phase: Phase | readonly Phase[]
  readonly secure?: true
  /** With three recipients it is not the first occasion of the phase, but the second. */
  readonly second?: true
  /** The reply that is expected there. */
  readonly good: string
  readonly server: ServerOptions
  readonly message: Fault['message']
}

const BY_DATA: ServerOptions = { extensions: { CHUNKING: false } }
const USERS = { [FAULT_USER.username]: FAULT_USER.password }

const MOMENTS: { readonly [P in FaultPhase]: Moment } = {
  P1: { words: 'instead of the greeting', phase: 'connect', good: '220 localhost ready', server: {}, message: 'data' },
  P2: { words: 'upon EHLO', phase: ['ehlo', 'lhlo'], good: '250 localhost', server: {}, message: 'data' },
  P3: { words: 'upon STARTTLS', phase: 'starttls', good: '220 2.0.0 go', server: { tls: 'starttls' }, message: 'data' },
  P4: { words: 'in the TLS handshake', phase: 'handshake', good: '', server: { tls: 'starttls' }, message: 'data' },
  P5: {
    words: 'upon EHLO under TLS',
    phase: ['ehlo', 'lhlo'],
    secure: true,
    good: '250 localhost',
    server: { tls: 'starttls' },
    message: 'data',
  },
  P6: {
    words: 'upon AUTH',
    phase: 'auth',
    good: '235 2.7.0 ok',
    server: { tls: 'implicit', auth: { users: USERS, mechanisms: ['PLAIN'] } },
    message: 'data',
  },
  P7: {
    words: 'upon a response within AUTH',
    phase: 'response',
    good: '235 2.7.0 ok',
    server: { tls: 'implicit', auth: { users: USERS, mechanisms: ['CRAM-MD5'] } },
    message: 'data',
  },
  P8: { words: 'upon MAIL', phase: 'mail', good: '250 2.1.0 ok', server: BY_DATA, message: 'data' },
  P9: { words: 'upon RCPT', phase: 'rcpt', second: true, good: '250 2.1.5 ok', server: BY_DATA, message: 'data' },
  P10: { words: 'upon DATA', phase: 'data', good: '354 go', server: BY_DATA, message: 'data' },
  P11: {
    words: 'within the content, before its end',
    phase: 'body',
    good: '451 4.3.0 full',
    server: BY_DATA,
    message: 'large',
  },
  P12: {
    words: 'upon the end of the content',
    phase: 'endOfData',
    good: '250 2.0.0 ok',
    server: BY_DATA,
    message: 'data',
  },
  P12L: {
    words: 'upon the end of the content, for one recipient (LMTP)',
    phase: 'endOfData',
    second: true,
    good: '250 2.0.0 ok',
    server: { ...BY_DATA, protocol: 'lmtp' },
    message: 'data',
  },
  P13: { words: 'upon RSET, after a refusal', phase: 'rset', good: '250 2.0.0 ok', server: BY_DATA, message: 'data' },
  P14: { words: 'upon QUIT', phase: 'quit', good: '221 2.0.0 bye', server: BY_DATA, message: 'data' },
  P15: {
    words: 'unasked, after a message that was accepted',
    phase: 'endOfData',
    good: '250 2.0.0 ok',
    server: BY_DATA,
    message: 'data',
  },
  P16: {
    words: 'upon a chunk that is not the last (BDAT)',
    phase: 'bdat',
    good: '250 2.0.0 ok',
    server: { extensions: { BINARYMIME: true } },
    message: 'chunks',
  },
  P17: {
    words: 'upon the last chunk (BDAT LAST)',
    phase: 'endOfData',
    good: '250 2.0.0 ok',
    server: {},
    message: 'chunk',
  },
}

const OUTCOMES: ReadonlyMap<string, Outcome> = new Map([
  ['A', 'accepted'],
  ['R', 'rejected'],
  ['D', 'deferred'],
  ['U', 'unsent'],
  ['?', 'unknown'],
])
const AFTERWARDS: ReadonlyMap<string, Afterwards> = new Map([
  ['K', 'keep'],
  ['Q', 'quit'],
  ['X', 'destroy'],
])

/** The whole table, phase by phase. */
export const FAULTS: readonly Fault[] = /* @__PURE__ */ readMatrix()

/** The outcomes a client owes for one or three recipients. A fault that happens at the second of three happens at the only one. */
export function expectedOutcomes(fault: Fault, recipients: 1 | 3): readonly Outcome[] {
  return recipients === 3 ? fault.outcomes : [fault.outcomes[1]]
}

/**
 * Puts a fault in force for a message with so many recipients. The handle's `applied` tells whether it has happened.
 *
 * @param options.times how often it happens; default once. The recipient that is spared of three is spared once.
 * @example
 * const server = await createServer({ ...fault.server, hostname: 'mx.example.test' })
 * const handle = provoke(server, fault, 3)
 */
export function provoke(
  server: TestServer,
  fault: Fault,
  recipients: 1 | 3,
  options: { readonly times?: number } = {},
): RuleHandle {
  const { times = 1 } = options
  const { phase, second = false, secure, good } = MOMENTS[fault.phase]
  // RSET follows a refusal: that of MAIL is the simplest.
  if (fault.phase === 'P13') server.refuse({ phase: 'mail', times, reply: '450 4.2.0 not now' })
  const skip = second && recipients === 3 ? 1 : 0
  return server.misbehave({ phase, ...(secure && { secure }), skip, times, ...scriptFor(fault, good) })
}

function readMatrix(): readonly Fault[] {
  const [header = [], ...rows] = MATRIX.trim()
    .split('\n')
    .map(line => line.trim().split(/ +/))
  return rows.flatMap(([phase = '', ...cells]) =>
    cells.flatMap((cell, column) =>
      cell === '-' ? [] : [fault(phase as FaultPhase, header[column] as FaultKind, cell)],
    ),
  )
}

function fault(phase: FaultPhase, kind: FaultKind, cell: string): Fault {
  const { words, server, message } = MOMENTS[phase]
  const [letters = '', after = ''] = cell.split('/')
  const [first, second, third] = Array.from(letters.padEnd(3, letters), letter => OUTCOMES.get(letter))
  const afterwards = AFTERWARDS.get(after)
  if (!first || !second || !third || !afterwards) throw new Error(`cell ${phase} ${kind}: ${cell}`)
  return {
    name: `${phase} ${kind}`,
    phase,
    kind,
    moment: words,
    mishap: MISHAPS[kind],
    server: kind === 'tls' && server.tls === undefined ? { ...server, tls: 'implicit' } : server,
    message,
    outcomes: [first, second, third],
    afterwards,
  }
}
