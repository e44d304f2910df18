/**
 * What is legal in an SMTP or LMTP session, and what each decided phase leads to: the statechart.
 *
 * In: one event per *decided phase* (not per reply, not per recipient). Out: the next state and the names of the effects
 * that whoever drives the chart must perform. It refuses, by staying where it is, every event that is not legal there.
 *
 * Rule 1: everything that decides legality is in this file. Which reply answers which command is `pipeline.ts`, what became
 * of each recipient is `transaction.ts`.
 * Rule 2: no counters, no texts and no secrets in the context. Two booleans keep the chart small enough to be walked
 * exhaustively, and let `step.ts` remember every step it has once taken.
 * Rule 3: no `invoke`, no `after`, no `emit`. Time is an event like any other; each waiting state names the limit that applies
 * to it (RFC 5321 4.5.3.2) in `meta.limit`.
 *
 * Reply events carry RFC 5321 4.2.1's own words: `completed` (2yz), `intermediate` (3yz), `refused` (4yz and 5yz).
 * `shutdown` is 421, which may answer anything; `desync` is a reply of a class the command cannot have, or one that nobody
 * asked for. After `shutdown`, `desync`, `timeout` or `lost` nothing more is written and the connection is never used again.
 */
import { assign, setup } from 'xstate'
import type { TimeoutName } from './timeout.js'

/** Events that the user's verbs, the peer's replies, the transport and the clock give rise to. */
export type SessionMachineEvent = {
  readonly type:
    | 'connected'
    | 'secured'
    | 'ehlo'
    | 'helo'
    | 'starttls'
    | 'auth'
    | 'respond'
    | 'mail'
    | 'rcpt'
    | 'data'
    | 'bdat'
    | 'flight'
    | 'drain'
    | 'endOfData'
    | 'rset'
    | 'command'
    | 'quit'
    | 'completed'
    | 'intermediate'
    | 'refused'
    | 'shutdown'
    | 'desync'
    | 'timeout'
    | 'lost'
    | 'abort'
}

/** All that the chart remembers beside its state. */
export interface SessionMachineContext {
  /** TLS protects the connection. */
  readonly secure: boolean
  /** An AUTH exchange has succeeded. */
  readonly authenticated: boolean
}

/** What a state tells about itself: the limit that applies while the session waits in it. */
export interface SessionMachineMeta {
  readonly limit?: TimeoutName
}

const { createMachine } = setup({
  types: {
    context: {} as SessionMachineContext,
    events: {} as SessionMachineEvent,
    tags: {} as 'idle' | 'indeterminate',
    meta: {} as SessionMachineMeta,
  },
  actions: {
    /** Take what the EHLO (LHLO, HELO) reply says about the server. */
    learn: () => {},
    /** Start the TLS handshake on the connection, now. */
    upgrade: () => {},
    /** Drop all that was learnt from the server before TLS (RFC 3207 4.2). */
    forget: () => {},
    /** Hand the server's challenge to the SASL mechanism; its answer is the event `respond`. */
    challenge: () => {},
    /** Write the message, its terminator excepted. */
    stream: () => {},
    /** End the connection without another octet. */
    close: () => {},
    /** End the connection politely: all is said. */
    leave: () => {},
  },
  guards: {
    inClear: ({ context }) => !context.secure,
    anonymous: ({ context }) => !context.authenticated,
  },
})

const ended = { target: '#session.closed', actions: 'close' } as const
const left = { target: '#session.closed', actions: 'leave' } as const

/** A state that waits for a reply: any class of reply that it does not name is a breach of the protocol (rule R9). */
const wrongClass = { completed: ended, intermediate: ended, refused: ended } as const

/**
 * The session statechart, an ordinary XState v5 machine: `createActor(sessionMachine.provide({ actions }))` runs it, it can be
 * inspected, persisted, drawn, and walked by `xstate/graph`.
 *
 * @example
 * ```ts
 * const actor = createActor(sessionMachine.provide({ actions: { upgrade: () => startTls() } })).start()
 * actor.send({ type: 'connected' })  // greeting
 * actor.send({ type: 'completed' })  // greeted: 220 has come
 * ```
 */
export const sessionMachine = createMachine({
  id: 'session',
  context: { secure: false, authenticated: false },
  initial: 'connecting',
  // True in every phase. RFC 5321 3.8: "a server that has to shut down … returns a 421".
  on: {
    lost: { target: '.closed', actions: 'close' },
    abort: { target: '.closed', actions: 'close' },
    timeout: { target: '.closed', actions: 'close' },
    desync: { target: '.closed', actions: 'close' },
    shutdown: { target: '.closed', actions: 'close' },
  },
  states: {
    connecting: {
      meta: { limit: 'connect' },
      on: {
        connected: 'greeting',
        // TLS from the first octet (RFC 8314 3): the handshake is done before the greeting.
        secured: { target: 'greeting', actions: assign({ secure: true }) },
      },
    },

    greeting: {
      meta: { limit: 'greeting' },
      on: { ...wrongClass, completed: 'greeted', refused: 'declined' },
    },

    // RFC 5321 3.1: after a 554 greeting the server "MUST still wait for the client to send a QUIT".
    declined: { tags: 'idle', on: { quit: 'quit' } },

    // The peer is there and knows nothing of us, or nothing any more: before EHLO, and again after TLS.
    greeted: {
      initial: 'idle',
      states: {
        idle: {
          tags: 'idle',
          on: { ehlo: 'ehlo', helo: 'helo', command: 'command', rset: 'command', quit: '#session.quit' },
        },
        ehlo: {
          meta: { limit: 'command' },
          // RFC 5321 4.1.4: after refusing EHLO, "the SMTP server MUST stay in the same state".
          on: { ...wrongClass, completed: { target: '#session.ready', actions: 'learn' }, refused: 'idle' },
        },
        helo: {
          meta: { limit: 'command' },
          on: { ...wrongClass, completed: { target: '#session.ready', actions: 'learn' }, refused: 'idle' },
        },
        command: { meta: { limit: 'command' }, on: { completed: 'idle', intermediate: 'idle', refused: 'idle' } },
      },
    },

    // RFC 5321 4.1.4: "A session that will contain mail transactions MUST first be initialized by the use of the EHLO command."
    ready: {
      initial: 'idle',
      states: {
        idle: {
          tags: 'idle',
          on: {
            ehlo: 'ehlo',
            helo: 'ehlo',
            // RFC 3207 4.2: "A client MUST NOT attempt to start a TLS session if a TLS session is already active."
            starttls: { guard: 'inClear', target: '#session.starttls' },
            // RFC 4954 4: after a successful AUTH "no more AUTH commands may be issued in the same session"
            auth: { guard: 'anonymous', target: '#session.auth' },
            mail: '#session.mail',
            flight: '#session.flight',
            rset: '#session.rset',
            command: 'command',
            quit: '#session.quit',
          },
        },
        ehlo: {
          meta: { limit: 'command' },
          on: { ...wrongClass, completed: { target: 'idle', actions: 'learn' }, refused: 'idle' },
        },
        command: { meta: { limit: 'command' }, on: { completed: 'idle', intermediate: 'idle', refused: 'idle' } },
      },
    },

    starttls: {
      meta: { limit: 'command' },
      on: { ...wrongClass, completed: 'handshake', refused: 'ready' },
    },
    // Octets in clear text are not replies any more: whatever is decoded here is `desync`.
    handshake: {
      meta: { limit: 'handshake' },
      entry: 'upgrade',
      on: { secured: { target: 'greeted', actions: ['forget', assign({ secure: true, authenticated: false })] } },
    },

    auth: {
      meta: { limit: 'command' },
      on: {
        completed: { target: 'ready', actions: assign({ authenticated: true }) },
        intermediate: { target: 'challenge', actions: 'challenge' },
        refused: 'ready',
      },
    },
    challenge: { on: { respond: 'auth' } },

    mail: {
      meta: { limit: 'mail' },
      on: { ...wrongClass, completed: 'envelope', refused: 'ready', drain: 'drain' },
    },
    // A transaction is open and nothing is outstanding.
    envelope: {
      initial: 'idle',
      states: {
        idle: {
          tags: 'idle',
          on: {
            rcpt: '#session.rcpt',
            data: '#session.data',
            bdat: '#session.chunks',
            rset: '#session.rset',
            command: 'command',
            quit: '#session.quit',
          },
        },
        command: { meta: { limit: 'command' }, on: { completed: 'idle', intermediate: 'idle', refused: 'idle' } },
      },
    },
    // One event for all recipients of a group: `completed` when at least one was accepted.
    rcpt: {
      meta: { limit: 'rcpt' },
      on: { ...wrongClass, completed: 'envelope', refused: 'envelope', drain: 'drain' },
    },
    // Nobody is left to receive the message, but replies to commands pipelined behind the refusal are still to come.
    drain: {
      meta: { limit: 'data' },
      on: { completed: 'envelope', refused: 'envelope', intermediate: { target: 'body', actions: 'stream' } },
    },
    data: {
      meta: { limit: 'data' },
      on: { ...wrongClass, intermediate: { target: 'body', actions: 'stream' }, refused: 'envelope' },
    },
    // Until `endOfData` nothing that could deliver the message has left. A reply in here is one that came too early.
    body: {
      meta: { limit: 'dataBlock' },
      on: { ...wrongClass, endOfData: 'endOfData' },
    },
    // BDAT (RFC 3030 2), as long as no chunk is the LAST. That a chunk was taken decides nothing and is no event. "If a 5XX or 4XX code is received
    // … the sender-SMTP MUST NOT send any additional BDAT segments."
    chunks: {
      meta: { limit: 'dataBlock' },
      on: { ...wrongClass, refused: 'envelope', endOfData: 'endOfData' },
    },
    // The whole transaction in one write, the last chunk at its end: RFC 2920 3.1 and RFC 3030 2.
    flight: {
      initial: 'held',
      states: {
        // All is checked and encoded, and nothing is written.
        held: { meta: { limit: 'dataBlock' }, on: { ...wrongClass, endOfData: 'mail' } },
        mail: {
          tags: 'indeterminate',
          meta: { limit: 'mail' },
          on: { ...wrongClass, completed: 'rcpt', refused: 'drain' },
        },
        rcpt: {
          tags: 'indeterminate',
          meta: { limit: 'rcpt' },
          on: { ...wrongClass, completed: '#session.endOfData', refused: 'drain' },
        },
        // Nobody is left to receive the message; the server "MUST accept and discard the associated message data" and still answers.
        drain: {
          meta: { limit: 'endOfData' },
          on: { ...wrongClass, completed: '#session.envelope', refused: '#session.envelope' },
        },
      },
    },
    // The terminator (CRLF.CRLF, or the octets of BDAT LAST) is written and not answered: only here and in the flight the outcome is open (rule R1).
    endOfData: {
      tags: 'indeterminate',
      meta: { limit: 'endOfData' },
      on: { ...wrongClass, completed: 'ready', refused: 'ready' },
    },

    // Only RSET that is answered 2yz makes the connection usable again (rule R6).
    rset: {
      meta: { limit: 'rset' },
      on: { ...wrongClass, completed: 'ready' },
    },

    // Whatever the answer, the session is over (RFC 5321 4.1.1.10).
    quit: {
      meta: { limit: 'quit' },
      on: { completed: left, intermediate: left, refused: left },
    },
    closed: { type: 'final' },
  },
})
