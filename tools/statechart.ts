// Draws an XState v5 machine: as Mermaid state diagrams, and as a table in which nothing is left out.
//
// A chart in which every state may fail would be all arrows to its end. So in the diagrams the transitions that hold in every
// state (they sit on the machine's root) are one arrow from `any state`, which also stands for those that a single state sends
// the same way; a state that has no other way out keeps its arrow. The table has every transition of every state.
//
// Refuses what it cannot draw faithfully: parallel and history states, `invoke` and delayed transitions.
import type { AnyStateMachine, AnyStateNode } from 'xstate'

/** One picture of several: some of the top-level states. */
export interface View {
  readonly title: string
  /** Drawn with what is in them. */
  readonly inside: readonly string[]
  /** Drawn as a plain box, for the transitions between them and those inside. */
  readonly border?: readonly string[]
}

/** Transitions that differ only in their event, drawn as one. */
interface Edge {
  readonly source: AnyStateNode
  /** No target: effects only, the state stays. */
  readonly target: AnyStateNode | undefined
  readonly events: string[]
  readonly guard: string
  readonly effects: string
}

/**
 * One Mermaid `stateDiagram-v2` for each view, in their order.
 *
 * @throws Error when a state or a transition is in none of the views: nothing is left out silently.
 */
export function drawStates(machine: AnyStateMachine, views: readonly View[]): string[] {
  const { everywhere, drawn, folded } = arrowsOf(machine)
  const seen = new Set<Edge>()
  const pictures = views.map(view => {
    const edges = drawn.filter(edge => isIn(view, edge))
    for (const edge of edges) seen.add(edge)
    const failures = everywhere.filter(({ target }) => target !== undefined && view.inside.includes(topKey(target)))
    for (const edge of failures) seen.add(edge)
    return ['stateDiagram-v2', ...blockLines(machine.root, view, edges), ...anyStateLines(failures, folded)].join('\n')
  })
  const forgotten = [
    ...descendants(machine.root).filter(state => !views.some(view => isShown(view, state))),
    ...[...everywhere, ...drawn].filter(edge => !seen.has(edge)).map(edge => edge.source),
  ]
  if (forgotten.length > 0) throw new Error(`in no view: ${[...new Set(forgotten.map(state => state.id))].join(', ')}`)
  return pictures
}

/** Every transition of every state, as a Markdown table. */
export function tabulateStates(machine: AnyStateMachine): string {
  const rows = ['| state | limit | event | next state | effects |', '| --- | --- | --- | --- | --- |']
  for (const state of [machine.root, ...descendants(machine.root)]) {
    const edges = edgesOf(state)
    let name = state === machine.root ? 'any state' : [`\`${state.path.join('.')}\``, ...notesOf(state)].join(', ')
    let limit = limitOf(state)
    for (const { events, guard, target, effects } of edges) {
      const named = events.map(event => `\`${event}\``).join(', ')
      const next = target === undefined ? '' : `\`${settle(target).path.join('.')}\``
      rows.push(row(name, limit, guard === '' ? named : `${named} if ${guard}`, next, effects))
      name = limit = ''
    }
    if (edges.length === 0 && state.type !== 'compound')
      rows.push(row(name, limit, '', '', state.type === 'final' ? 'the end' : ''))
  }
  return rows.join('\n')
}

/** Sorts all transitions: those of the root, those that get an arrow of their own, those that go the root's way. */
function arrowsOf(machine: AnyStateMachine): { everywhere: Edge[]; drawn: Edge[]; folded: Edge[] } {
  const everywhere = edgesOf(machine.root)
  const drawn: Edge[] = []
  const folded: Edge[] = []
  for (const state of descendants(machine.root)) {
    const edges = edgesOf(state)
    const own = edges.filter(edge => !everywhere.some(other => isSameWay(edge, other)))
    drawn.push(...(own.length > 0 ? own : edges))
    if (own.length > 0) folded.push(...edges.filter(edge => !own.includes(edge)))
  }
  return { everywhere, drawn, folded }
}

/** The states of a view inside `parent`, and the arrows between them; a state with states in it becomes a block. */
function blockLines(parent: AnyStateNode, view: View, edges: readonly Edge[], indent = '  '): string[] {
  const lines: string[] = []
  const states = Object.values(parent.states).filter(state => isShown(view, state))
  for (const state of states) {
    lines.push(`${indent}state "${[state.key, ...notesOf(state)].join('<br/>')}" as ${identifier(state)}`)
    if (state.type !== 'compound' || isBorder(view, state)) continue
    lines[lines.length - 1] += ' {'
    lines.push(...blockLines(state, view, edges, `${indent}  `), `${indent}}`)
  }
  const initial = parent.initial.target?.[0]
  if (initial !== undefined && states.includes(initial)) lines.push(`${indent}[*] --> ${identifier(initial)}`)
  const arrows = new Map<string, string[]>()
  for (const edge of edges) {
    const [source, target] = [shownAs(view, edge.source), shownAs(view, edge.target ?? edge.source)]
    if (commonAncestor(source, target) !== parent) continue
    const arrow = `${identifier(source)} --> ${identifier(target)}`
    arrows.set(arrow, [...(arrows.get(arrow) ?? []), label(edge)])
  }
  for (const [arrow, labels] of arrows) lines.push(`${indent}${arrow} : ${labels.join('<br/>')}`)
  for (const state of states) if (state.type === 'final') lines.push(`${indent}${identifier(state)} --> [*]`)
  return lines
}

function anyStateLines(failures: readonly Edge[], folded: readonly Edge[]): string[] {
  if (failures.length === 0) return []
  const lines = ['  state "any state" as any']
  for (const edge of failures) {
    const others = new Set(folded.filter(other => isSameWay(edge, other)).flatMap(({ events }) => events))
    const also = others.size > 0 ? `<br/>${[...others].sort().join(', ')} where not drawn` : ''
    lines.push(`  any --> ${identifier(edge.target ?? edge.source)} : ${label(edge)}${also}`)
  }
  return lines
}

function edgesOf(state: AnyStateNode): Edge[] {
  if (state.type === 'parallel' || state.type === 'history')
    throw new Error(`cannot draw ${state.id}: ${state.type} state`)
  if (state.invoke.length > 0) throw new Error(`cannot draw ${state.id}: it invokes an actor`)
  const edges: Edge[] = []
  for (const transition of [...state.transitions.values()].flat().concat(state.always ?? [])) {
    if (transition.eventType.startsWith('xstate.after')) throw new Error(`cannot draw ${state.id}: delayed transition`)
    const edge: Edge = {
      source: state,
      target: transition.target?.[0],
      events: [eventName(transition.eventType)],
      guard: nameOf(transition.guard),
      effects: transition.actions.map(nameOf).join(', '),
    }
    const same = edges.find(other => isSameWay(other, edge))
    if (same === undefined) edges.push(edge)
    else same.events.push(...edge.events)
  }
  return edges
}

function eventName(type: string): string {
  if (type === '') return 'at once'
  if (type === '*') return 'any other event'
  return type.startsWith('xstate.done.state') ? 'done' : type
}

function isSameWay(one: Edge, other: Edge): boolean {
  return one.target === other.target && one.effects === other.effects && one.guard === other.guard
}

function label({ events, guard, effects }: Edge): string {
  return events.join(', ') + (guard === '' ? '' : ` [${guard}]`) + (effects === '' ? '' : ` / ${effects}`)
}

/** Actions and guards by name; `assign` by what it assigns. */
function nameOf(step: unknown): string {
  if (step === undefined) return ''
  if (typeof step === 'string') return step
  if (typeof step === 'object' && step !== null && 'type' in step) return String(step.type)
  if (
    typeof step === 'function' &&
    'assignment' in step &&
    typeof step.assignment === 'object' &&
    step.assignment !== null
  ) {
    return Object.entries(step.assignment)
      .map(([key, value]) => `${key} = ${typeof value === 'function' ? '…' : value}`)
      .join(', ')
  }
  throw new Error(`cannot name ${String(step)}: give it a name in setup()`)
}

function notesOf(state: AnyStateNode): string[] {
  const note = (when: string, steps: readonly unknown[]) =>
    steps.length === 0 ? [] : [`${when} / ${steps.map(nameOf).join(', ')}`]
  return [...note('on entry', state.entry), ...note('on exit', state.exit)]
}

function limitOf(state: AnyStateNode): string {
  const meta: unknown = state.meta
  return typeof meta === 'object' && meta !== null && 'limit' in meta ? String(meta.limit) : ''
}

function row(...cells: string[]): string {
  return `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

function isIn(view: View, { source, target = source }: Edge): boolean {
  const shown = isShown(view, source) && isShown(view, target)
  return shown && !(isBorder(view, source) && isBorder(view, target))
}

function isShown(view: View, state: AnyStateNode): boolean {
  return view.inside.includes(topKey(state)) || isBorder(view, state)
}

function isBorder(view: View, state: AnyStateNode): boolean {
  return view.border?.includes(topKey(state)) ?? false
}

/** A state in a border state is shown as the border state. */
function shownAs(view: View, state: AnyStateNode): AnyStateNode {
  return isBorder(view, state) && state.parent !== undefined && state.path.length > 1
    ? shownAs(view, state.parent)
    : state
}

function topKey(state: AnyStateNode): string {
  return state.path[0] ?? ''
}

/** Where a machine comes to rest that goes to `state`: in its innermost initial state. */
function settle(state: AnyStateNode): AnyStateNode {
  const initial = state.type === 'compound' ? state.initial.target?.[0] : undefined
  return initial === undefined ? state : settle(initial)
}

function descendants(state: AnyStateNode): AnyStateNode[] {
  return Object.values(state.states).flatMap(child => [child, ...descendants(child)])
}

function commonAncestor(one: AnyStateNode, other: AnyStateNode): AnyStateNode | undefined {
  let ancestor = one.parent
  while (ancestor !== undefined && !isInside(other, ancestor)) ancestor = ancestor.parent
  return ancestor
}

function isInside(state: AnyStateNode, ancestor: AnyStateNode): boolean {
  return ancestor.path.length < state.path.length && ancestor.path.every((key, index) => state.path[index] === key)
}

function identifier(state: AnyStateNode): string {
  return state.path.join('_').replace(/\W/g, '_')
}
