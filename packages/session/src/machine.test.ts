import { describe, expect, it } from 'vitest'
import { createActor, transition } from 'xstate'
import { getAdjacencyMap, getShortestPaths } from 'xstate/graph'
import { type SessionMachineEvent, sessionMachine } from './machine.js'
import { begin, type EventName, type State, step } from './step.js'

const events: readonly EventName[] = [
  'connected',
  'secured',
  'ehlo',
  'helo',
  'starttls',
  'auth',
  'respond',
  'mail',
  'rcpt',
  'data',
  'bdat',
  'flight',
  'drain',
  'endOfData',
  'rset',
  'command',
  'quit',
  'completed',
  'intermediate',
  'refused',
  'shutdown',
  'desync',
  'timeout',
  'lost',
  'abort',
]

function walk(...names: EventName[]): State {
  let state = begin()
  for (const name of names) {
    const taken = step(state, name)
    if (taken === undefined) throw new Error(`${name} is not legal in ${state.name}`)
    state = taken.state
  }
  return state
}

const ready: EventName[] = ['connected', 'completed', 'ehlo', 'completed']

/** Every state and context that events can lead to. */
function reachable(): State[] {
  const seen = new Set<State>([begin()])
  for (const state of seen) {
    for (const event of events) {
      const taken = step(state, event)
      if (taken !== undefined) seen.add(taken.state)
    }
  }
  return [...seen]
}

describe('the session statechart', () => {
  it('is walked exhaustively by xstate/graph, and is small', () => {
    const options = { events: events.map((type): SessionMachineEvent => ({ type })) }
    const map = getAdjacencyMap(sessionMachine, options)
    expect(Object.keys(map).length).toBe(reachable().length)
    expect(Object.keys(map).length).toBeLessThan(100)
    const ends = getShortestPaths(sessionMachine, options).filter(path => path.state.status === 'done')
    expect(ends.length).toBeGreaterThan(0)
  })

  it('has no event that is never legal, and no state that cannot end', () => {
    const states = reachable()
    for (const event of events)
      expect(
        states.some(state => step(state, event) !== undefined),
        event,
      ).toBe(true)
    for (const state of states.filter(state => !state.closed)) {
      for (const event of ['lost', 'abort', 'timeout', 'desync', 'shutdown'] as const) {
        const taken = step(state, event)
        expect(taken?.state.closed, `${event} in ${state.name}`).toBe(true)
        expect(taken?.effects, `${event} in ${state.name}`).toContain('close')
      }
    }
  })

  it('steps as XState does, over every state and event, when steps are remembered', () => {
    for (const state of reachable().filter(({ closed }) => !closed)) {
      const snapshot = sessionMachine.resolveState({ value: nested(state.name), context: state.context })
      for (const type of events) {
        const [next, actions] = transition(sessionMachine, snapshot, { type })
        const taken = step(state, type)
        // Twice: the second time from memory.
        expect(step(state, type)).toBe(taken)
        const label = `${type} in ${state.name}`
        const moved = JSON.stringify([next.value, next.context]) !== JSON.stringify([snapshot.value, snapshot.context])
        expect(taken !== undefined, label).toBe(moved)
        if (taken === undefined) continue
        expect(nested(taken.state.name), label).toEqual(next.value)
        expect(taken.state.context, label).toEqual(next.context)
        expect(taken.effects, label).toEqual(actions.map(action => action.type))
      }
    }
  })

  it('takes no event once it is closed', () => {
    for (const event of events) expect(step(walk('connected', 'lost'), event), event).toBeUndefined()
  })

  it('leaves the state identical on an event that is not legal', () => {
    const state = walk('connected')
    expect(step(state, 'mail')).toBeUndefined()
    const [next] = transition(
      sessionMachine,
      sessionMachine.resolveState({ value: 'greeting', context: state.context }),
      { type: 'mail' },
    )
    expect(next.value).toBe('greeting')
  })

  it('does not open a transaction before EHLO (RFC 5321 4.1.4)', () => {
    expect(step(walk('connected', 'completed'), 'mail')).toBeUndefined()
    expect(step(walk(...ready), 'mail')?.state.name).toBe('mail')
  })

  it('stays where it was when EHLO is refused (RFC 5321 4.1.4)', () => {
    expect(walk('connected', 'completed', 'ehlo', 'refused').name).toBe('greeted.idle')
    expect(walk(...ready, 'ehlo', 'refused').name).toBe('ready.idle')
  })

  it('forgets the server after STARTTLS and does not start TLS inside TLS (RFC 3207 4.2)', () => {
    const before = walk(...ready, 'starttls', 'completed')
    expect(before.name).toBe('handshake')
    const taken = step(before, 'secured')
    expect(taken?.state.name).toBe('greeted.idle')
    expect(taken?.effects).toContain('forget')
    const secure = walk(...ready, 'starttls', 'completed', 'secured', 'ehlo', 'completed')
    expect(secure.context.secure).toBe(true)
    expect(step(secure, 'starttls')).toBeUndefined()
  })

  it('does not authenticate twice, nor within a transaction (RFC 4954 4)', () => {
    const state = walk(...ready, 'auth', 'intermediate', 'respond', 'completed')
    expect(state.context.authenticated).toBe(true)
    expect(step(state, 'auth')).toBeUndefined()
    expect(step(walk(...ready, 'mail', 'completed'), 'auth')).toBeUndefined()
  })

  it('takes no reply but the expected class to DATA, STARTTLS and the end of data (rule R9)', () => {
    expect(walk(...ready, 'mail', 'completed', 'data', 'completed').closed).toBe(true)
    expect(walk(...ready, 'starttls', 'intermediate').closed).toBe(true)
    expect(walk(...ready, 'mail', 'completed', 'data', 'intermediate', 'endOfData', 'intermediate').closed).toBe(true)
  })

  it('waits for QUIT after a refusal in the greeting (RFC 5321 3.1)', () => {
    const state = walk('connected', 'refused')
    expect(state.name).toBe('declined')
    expect(
      events.filter(
        event =>
          step(state, event) !== undefined && !['lost', 'abort', 'timeout', 'desync', 'shutdown'].includes(event),
      ),
    ).toEqual(['quit'])
  })

  it('names the limit of RFC 5321 4.5.3.2 in every state that waits for the peer', () => {
    const without = reachable().filter(state => !state.closed && !state.idle && state.limit === undefined)
    // In `challenge` the session waits for the mechanism of its own side.
    expect([...new Set(without.map(state => state.name))]).toEqual(['challenge'])
  })

  it('runs as an ordinary actor whose actions the user provides', () => {
    const performed: string[] = []
    const note = (name: string) => () => {
      performed.push(name)
    }
    const machine = sessionMachine.provide({
      actions: { upgrade: note('upgrade'), learn: note('learn'), forget: note('forget') },
    })
    const actor = createActor(machine).start()
    for (const type of [...ready, 'starttls', 'completed', 'secured'] as const) actor.send({ type })
    expect(actor.getSnapshot().matches({ greeted: 'idle' })).toBe(true)
    expect(performed).toEqual(['learn', 'upgrade', 'forget'])
  })
})

/** `ready.idle` as XState writes it. */
function nested(name: string): string | Record<string, string> {
  const [parent = '', child] = name.split('.')
  return child === undefined ? parent : { [parent]: child }
}

describe('BDAT (RFC 3030)', () => {
  it('needs an open transaction, and becomes indeterminate with its last chunk only (R1)', () => {
    expect(step(walk(...ready), 'bdat')).toBeUndefined()
    const chunks = walk(...ready, 'mail', 'completed', 'rcpt', 'completed', 'bdat')
    expect([chunks.name, chunks.idle]).toEqual(['chunks', false])
    expect(step(chunks, 'refused')?.state.name).toBe('envelope.idle')
    expect(step(chunks, 'endOfData')?.state.name).toBe('endOfData')
  })

  it('in one flight with its envelope is indeterminate from the moment it leaves, until the reply that decides', () => {
    const indeterminate = (...names: EventName[]) => {
      const { name, context } = walk(...names)
      return sessionMachine.resolveState({ value: nested(name), context }).hasTag('indeterminate')
    }
    const held: EventName[] = [...ready, 'flight']
    expect(indeterminate(...held)).toBe(false)
    expect(indeterminate(...held, 'endOfData')).toBe(true)
    expect(indeterminate(...held, 'endOfData', 'completed')).toBe(true)
    expect(indeterminate(...held, 'endOfData', 'completed', 'completed')).toBe(true)
    expect(walk(...held, 'endOfData', 'completed', 'completed', 'completed').name).toBe('ready.idle')
    // MAIL or every RCPT is refused: nothing can be delivered, and the answer to the message is still to come.
    for (const refusal of [['refused'], ['completed', 'refused']] as const) {
      expect(indeterminate(...held, 'endOfData', ...refusal)).toBe(false)
      expect(walk(...held, 'endOfData', ...refusal).name).toBe('flight.drain')
      expect(walk(...held, 'endOfData', ...refusal, 'refused', 'rset').name).toBe('rset')
    }
  })
})
