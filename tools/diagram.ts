// Writes the session's statechart, drawn and tabulated, between the markers of packages/session/STATES.md.
// `--check` writes nothing and exits 1 when what is there is not what the machine says.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { sessionMachine } from '@postrider/session'
import { drawStates, tabulateStates, type View } from './statechart.js'

const BEGIN = '<!-- drawn from src/machine.ts by `pnpm run diagram`; do not edit by hand -->'
const END = '<!-- end of what is drawn -->'

/** One picture of everything is a tangle; these are read from top to bottom. */
const VIEWS: readonly View[] = [
  {
    title: 'Opening a session',
    inside: ['connecting', 'greeting', 'declined', 'greeted', 'starttls', 'handshake', 'auth', 'challenge', 'ready'],
  },
  {
    title: 'Sending a message',
    inside: ['mail', 'envelope', 'rcpt', 'drain', 'data', 'body', 'endOfData', 'rset'],
    border: ['ready'],
  },
  { title: 'Sending a message by BDAT', inside: ['chunks', 'flight'], border: ['ready', 'envelope', 'endOfData'] },
  { title: 'Closing', inside: ['quit', 'closed'], border: ['declined', 'greeted', 'ready', 'envelope'] },
]

/** `document` with what is between the markers replaced. */
export function replaceDrawing(document: string, drawing: string): string {
  const begin = document.indexOf(BEGIN)
  const end = document.indexOf(END)
  if (begin < 0 || end < begin) throw new Error(`no place for the diagrams: expected the lines\n${BEGIN}\n${END}`)
  return `${document.slice(0, begin + BEGIN.length)}\n\n${drawing}\n\n${document.slice(end)}`
}

function drawSession(): string {
  const pictures = drawStates(sessionMachine, VIEWS)
  const sections = VIEWS.map(({ title }, index) => `## ${title}\n\n\`\`\`mermaid\n${pictures[index]}\n\`\`\``)
  return [...sections, `## Every transition\n\n${tabulateStates(sessionMachine)}`].join('\n\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = new URL('../packages/session/STATES.md', import.meta.url)
  const before = readFileSync(path, 'utf8')
  const after = replaceDrawing(before, drawSession())
  if (after === before) console.log('diagram: STATES.md is what the machine says')
  else if (process.argv.includes('--check')) {
    console.error('diagram: packages/session/STATES.md is stale; run `pnpm run diagram` and commit it')
    process.exitCode = 1
  } else {
    writeFileSync(path, after)
    console.log('diagram: STATES.md written')
  }
}
