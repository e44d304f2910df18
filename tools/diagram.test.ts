import { describe, expect, it } from 'vitest'
import { assign, setup } from 'xstate'
import { replaceDrawing } from './diagram.js'
import { drawStates, tabulateStates } from './statechart.js'

const { createMachine } = setup({
  types: { context: {} as { open: boolean }, events: {} as { type: string } },
  actions: { ring: () => {}, slam: () => {} },
  guards: { welcome: () => true },
})

const door = createMachine({
  id: 'door',
  context: { open: false },
  initial: 'shut',
  on: { fire: { target: '.gone', actions: 'slam' } },
  states: {
    shut: {
      meta: { limit: 'patience' },
      on: {
        knock: [{ guard: 'welcome', target: 'hall', actions: [assign({ open: true }), 'ring'] }, { target: 'shut' }],
        kick: { target: 'gone', actions: 'slam' },
      },
    },
    hall: {
      entry: 'ring',
      initial: 'mat',
      states: { mat: { on: { walk: 'sofa', run: 'sofa' } }, sofa: { on: { leave: '#door.shut', '*': 'mat' } } },
    },
    attic: { on: { kick: { target: 'gone', actions: 'slam' } } },
    gone: { type: 'final' },
  },
})
const whole = { title: 'The door', inside: ['shut', 'hall', 'attic', 'gone'] }

describe('the drawing of a statechart', () => {
  it('has every state, blocks for composite ones, and one arrow for each way from state to state', () => {
    expect(drawStates(door, [whole])[0]).toBe(`stateDiagram-v2
  state "shut" as shut
  state "hall<br/>on entry / ring" as hall {
    state "mat" as hall_mat
    state "sofa" as hall_sofa
    [*] --> hall_mat
    hall_mat --> hall_sofa : walk, run
    hall_sofa --> hall_mat : any other event
  }
  state "attic" as attic
  state "gone" as gone
  [*] --> shut
  shut --> hall : knock [welcome] / open = true, ring
  shut --> shut : knock
  hall_sofa --> shut : leave
  attic --> gone : kick / slam
  gone --> [*]
  state "any state" as any
  any --> gone : fire / slam<br/>kick where not drawn`)
  })

  it('in a view shows the border states as plain boxes and nothing between them', () => {
    const views = [
      { title: 'in', inside: ['hall'], border: ['shut'] },
      { title: 'out', inside: ['shut', 'attic', 'gone'], border: ['hall'] },
    ]
    expect(drawStates(door, views)[1]).toBe(`stateDiagram-v2
  state "shut" as shut
  state "hall<br/>on entry / ring" as hall
  state "attic" as attic
  state "gone" as gone
  [*] --> shut
  shut --> hall : knock [welcome] / open = true, ring
  shut --> shut : knock
  hall --> shut : leave
  attic --> gone : kick / slam
  gone --> [*]
  state "any state" as any
  any --> gone : fire / slam<br/>kick where not drawn`)
  })

  it('is refused when a transition or a state is in no view', () => {
    expect(() => drawStates(door, [{ title: 'in', inside: ['hall'] }])).toThrow(
      'in no view: door.shut, door.attic, door.gone',
    )
    const island = createMachine({ initial: 'a', context: { open: false }, states: { a: {}, b: {} } })
    expect(() => drawStates(island, [{ title: 'a', inside: ['a'] }])).toThrow(/^in no view: .*b$/)
  })

  it('refuses what it cannot draw faithfully', () => {
    const parallel = createMachine({ context: { open: false }, type: 'parallel', states: { a: {}, b: {} } })
    expect(() => drawStates(parallel, [whole])).toThrow('parallel')
    const delayed = createMachine({
      context: { open: false },
      initial: 'a',
      states: { a: { after: { 5: 'b' } }, b: {} },
    })
    expect(() => drawStates(delayed, [whole])).toThrow('delayed')
  })
})

describe('the table of a statechart', () => {
  it('has every transition of every state, and resolves composite targets to where the machine comes to rest', () => {
    expect(tabulateStates(door)).toBe(`| state | limit | event | next state | effects |
| --- | --- | --- | --- | --- |
| any state |  | \`fire\` | \`gone\` | slam |
| \`shut\` | patience | \`knock\` if welcome | \`hall.mat\` | open = true, ring |
|  |  | \`knock\` | \`shut\` |  |
|  |  | \`kick\` | \`gone\` | slam |
| \`hall.mat\` |  | \`walk\`, \`run\` | \`hall.sofa\` |  |
| \`hall.sofa\` |  | \`leave\` | \`shut\` |  |
|  |  | \`any other event\` | \`hall.mat\` |  |
| \`attic\` |  | \`kick\` | \`gone\` | slam |
| \`gone\` |  |  |  | the end |`)
  })
})

describe('STATES.md', () => {
  const begin = '<!-- drawn from src/machine.ts by `pnpm run diagram`; do not edit by hand -->'
  const end = '<!-- end of what is drawn -->'

  it('keeps what is written around the drawing', () => {
    const once = replaceDrawing(`before\n${begin}\nold\n${end}\nafter\n`, 'new')
    expect(once).toBe(`before\n${begin}\n\nnew\n\n${end}\nafter\n`)
    expect(replaceDrawing(once, 'new')).toBe(once)
  })

  it('without its markers is refused', () => {
    expect(() => replaceDrawing(`${end}\n${begin}`, 'new')).toThrow('no place for the diagrams')
  })
})
