/**
 * The seam between the statechart and the session: a state and an event in, the next state and its effects out.
 *
 * XState decides every step, and decides it once. The chart is finite (its context holds two booleans, its events carry
 * nothing that a guard looks at), so a step is a function of state and event alone; what XState answered is kept, and the same step
 * taken again costs one map look-up instead of XState's interpreter. Nothing is compiled by hand, so nothing can differ from
 * the machine.
 *
 * An event that is not legal in a state comes back as `undefined`.
 */
import { initialTransition, type SnapshotFrom, transition } from 'xstate'
import {
  type SessionMachineContext,
  type SessionMachineEvent,
  type SessionMachineMeta,
  sessionMachine,
} from './machine.js'
import type { TimeoutName } from './timeout.js'

/** Events by name. */
export type EventName = SessionMachineEvent['type']

/** What the driver of the chart must do. */
export type Effect = 'learn' | 'upgrade' | 'forget' | 'challenge' | 'stream' | 'close' | 'leave'

/** A state of the session: an immutable value, one object per state and context, to be compared by identity. */
export interface State {
  /** Dotted path, such as `greeting` or `ready.idle`. */
  readonly name: string
  readonly context: SessionMachineContext
  /** Nothing is outstanding: a verb may be called. */
  readonly idle: boolean
  /** The limit of RFC 5321 4.5.3.2 that applies while the session waits here. */
  readonly limit: TimeoutName | undefined
  readonly closed: boolean
}

/** The answer to an event that is legal. */
export interface Step {
  readonly state: State
  readonly effects: readonly Effect[]
}

type Snapshot = SnapshotFrom<typeof sessionMachine>

interface Known extends State {
  readonly snapshot: Snapshot
  readonly steps: Map<EventName, Step | undefined>
}

const states = new Map<string, Known>()

/** The state of a session that has not connected yet. */
export function begin(): State {
  return known(initialTransition(sessionMachine)[0])
}

/** The step that `event` leads to, or `undefined` where it is not legal. */
export function step(state: State, event: EventName): Step | undefined {
  const { steps } = state as Known
  if (steps.has(event)) return steps.get(event)
  const taken = take(state as Known, event)
  steps.set(event, taken)
  return taken
}

function take(from: Known, type: EventName): Step | undefined {
  // A stopped actor drops every event; the pure function would still take those of the root.
  if (from.closed) return undefined
  const [snapshot, actions] = transition(sessionMachine, from.snapshot, { type })
  // XState hands the same snapshot back when no transition takes the event.
  if (snapshot === from.snapshot) return undefined
  return { state: known(snapshot), effects: actions.map(action => action.type as Effect) }
}

function known(snapshot: Snapshot): Known {
  const name = path(snapshot.value)
  const { secure, authenticated } = snapshot.context
  const key = `${name} ${secure} ${authenticated}`
  const found = states.get(key)
  if (found !== undefined) return found
  const limit = Object.values(snapshot.getMeta() as Record<string, SessionMachineMeta>).find(meta => meta?.limit)?.limit
  const made: Known = {
    name,
    context: { secure, authenticated },
    idle: snapshot.hasTag('idle'),
    limit,
    closed: snapshot.status === 'done',
    snapshot,
    steps: new Map(),
  }
  states.set(key, made)
  return made
}

function path(value: Snapshot['value']): string {
  if (typeof value === 'string') return value
  return Object.entries(value)
    .map(([parent, child]) => `${parent}.${child}`)
    .join()
}
