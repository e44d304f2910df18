// Holds CONFORMANCE.md to the sources it speaks of.
//
// In: the document and the tree. Out: one sentence for each row that is not of its form, names a source or a test that is not there, or leaves
// it open which test is meant; and for each RFC that a package's source speaks of and the document does not.
//
//     pnpm run check:conformance
//     node --import tsx tools/conformance.ts --texts <folder>     quotations, too: held against rfc5321.txt, … as rfc-editor.org has them
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readTitles } from './titles.js'
import { readWorkspace } from './workspace.js'

const COLUMNS = '| section | requirement | where | test |'
/** Sections as in `4.5.3`, or `2034 4` where a table is about several RFCs; appendices are letters. */
const SECTIONS = /^(\d{4} )?(\d+|[A-F])(\.\d+)*(, (\d{4} )?(\d+|[A-F])(\.\d+)*)*$/
/** Fewer rows than this means that the check did not see the document it is for. */
const FEWEST_ROWS = 100

/** What a row may speak of. */
export interface Tree {
  /** Path to text, for every TypeScript source, from the root of the repository. */
  readonly sources: ReadonlyMap<string, string>
  /** The same for dialogues that are tests: their title is their heading. */
  readonly dialogues: ReadonlyMap<string, string>
  /** The text of an RFC, where it is at hand. */
  readonly rfc: (number: string) => string | undefined
}

export interface Verdict {
  readonly violations: readonly string[]
  readonly rows: number
  readonly tests: number
  readonly quotations: number
}

interface Row {
  readonly line: number
  /** Of the section it stands in. */
  readonly rfcs: readonly string[]
  readonly cells: readonly string[]
}

export function checkConformance(document: string, tree: Tree): Verdict {
  const violations: string[] = []
  const rows = readRows(document, violations)
  let tests = 0
  let quotations = 0
  for (const { line, rfcs, cells } of rows) {
    const complain = (problem: string) => violations.push(`CONFORMANCE.md:${line}: ${problem}`)
    const [section = '', requirement = '', where = '', proof = ''] = cells
    if (cells.length !== 4) complain(`has ${cells.length} cells instead of 4`)
    if (!SECTIONS.test(section)) complain(`"${section}" is no section`)
    const quoted = quotationsOf(requirement)
    if (requirement === '' || quoted === undefined)
      complain('the requirement is empty, or has a quotation mark too few')
    for (const quotation of quoted ?? []) {
      quotations++
      const texts = rfcs.flatMap(number => tree.rfc(number) ?? [])
      if (texts.length > 0 && !texts.some(text => stands(quotation, text)))
        complain(`not in RFC ${rfcs}: "${quotation}"`)
    }
    const files = [...where.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)
    if (files.length === 0) complain('says nowhere who obeys')
    for (const name of files) if (!tree.sources.has(pathOf(name))) complain(`there is no ${pathOf(name)}`)
    for (const cited of proof.split('<br>')) {
      tests++
      const problem = problemOf(cited.trim(), tree)
      if (problem !== undefined) complain(problem)
    }
  }
  violations.push(...unspoken(document, tree.sources))
  return { violations, rows: rows.length, tests, quotations }
}

/** The rows of all tables of this form. Other tables are left alone, so a row that is in none is none. */
function readRows(document: string, violations: string[]): Row[] {
  const rows: Row[] = []
  let rfcs: readonly string[] = []
  let inTable = false
  for (const [index, text] of document.split('\n').entries()) {
    if (text.startsWith('## ')) rfcs = [...text.matchAll(/RFC (\d+)/g)].map(([, number = '']) => number)
    if (!text.startsWith('|')) inTable = false
    else if (text === COLUMNS) {
      inTable = true
      if (rfcs.length === 0) violations.push(`CONFORMANCE.md:${index + 1}: a table under a heading that names no RFC`)
    } else if (inTable && !/^\|[-|]+\|$/.test(text)) {
      const cells = text.slice(1, -1).split(/(?<!\\)\|/)
      rows.push({ line: index + 1, rfcs, cells: cells.map(cell => cell.trim()) })
    }
  }
  return rows
}

/** What stands between quotation marks, each part of it between ellipses; `undefined` when a mark has no other. */
function quotationsOf(requirement: string): string[] | undefined {
  const parts = requirement.split('"')
  if (parts.length % 2 === 0) return undefined
  return parts
    .filter((_, index) => index % 2 === 1)
    .flatMap(quotation =>
      quotation
        .split('…')
        .map(part => part.trim())
        .filter(part => part !== ''),
    )
}

/** RFCs are broken into lines and pages, and so are their sentences. */
function stands(quotation: string, text: string): boolean {
  const words = (given: string) => given.replace(/\s+/g, ' ').replace(/- /g, '-')
  return words(text.replace(/\n+[^\n]*\[Page \d+\]\n\f?\n*RFC [^\n]*\n/g, '\n')).includes(words(plain(quotation)))
}

/** `codec/data.ts` is packages/codec/src/data.ts; what begins with another area of the repository is a path from the root. */
function pathOf(name: string): string {
  const [area = '', ...rest] = name.split('/')
  return ['apps', 'examples', 'packages', 'tests', 'tools'].includes(area)
    ? name
    : `packages/${area}/src/${rest.join('/')}`
}

/** `file` › title, or suite › title where a title alone would be two tests. */
function problemOf(cited: string, { sources, dialogues }: Tree): string | undefined {
  const [, name = '', title = ''] = /^`([^`]+)` › (.+)$/.exec(cited) ?? []
  if (title === '') return `"${cited}" does not name a file and a test`
  const path = pathOf(name)
  const wanted = plain(title)
  const dialogue = dialogues.get(path)
  if (dialogue !== undefined) {
    return dialogue.startsWith(`# ${wanted}\n`) ? undefined : `the heading of ${path} is not "${wanted}"`
  }
  const text = sources.get(path)
  if (text === undefined) return `there is no ${path}`
  const found = readTitles(path, text).filter(
    ({ title, suites }) => title === wanted || [...suites, title].join(' › ') === wanted,
  )
  if (found.length === 1) return undefined
  return found.length === 0 ? `${path} has no test "${wanted}"` : `${path} has ${found.length} tests "${wanted}"`
}

function unspoken(document: string, sources: ReadonlyMap<string, string>): string[] {
  const spoken = new Set([...document.matchAll(/\b(\d{4})\b/g)].map(([, number]) => number))
  const missing = new Map<string, string>()
  for (const [path, text] of sources) {
    if (!path.startsWith('packages/') || path.endsWith('.test.ts')) continue
    for (const [, number = ''] of text.matchAll(/\bRFC (\d{4})\b/g)) if (!spoken.has(number)) missing.set(number, path)
  }
  return [...missing].map(([number, path]) => `${path} speaks of RFC ${number}, CONFORMANCE.md does not`)
}

/** Text of a table cell as it is without Markdown's backslashes. */
function plain(text: string): string {
  return text.replace(/\\([!-/:-@[-`{-~])/g, '$1')
}

function readDialogues(root: string): Map<string, string> {
  const folder = 'tests/transcripts'
  const pages = readdirSync(join(root, folder)).filter(name => name.endsWith('.md') && name !== 'README.md')
  return new Map(pages.map(name => [`${folder}/${name}`, readFileSync(join(root, folder, name), 'utf8')]))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const { texts } = parseArgs({ options: { texts: { type: 'string' } } }).values
  const rfc = (number: string) => {
    if (texts === undefined) return undefined
    const path = [`rfc${number}.txt`, `${number}.txt`].map(name => join(texts, name)).find(path => existsSync(path))
    return path === undefined ? undefined : readFileSync(path, 'utf8')
  }
  const tree: Tree = { sources: readWorkspace(root).sources, dialogues: readDialogues(root), rfc }
  const { violations, rows, tests, quotations } = checkConformance(
    readFileSync(join(root, 'CONFORMANCE.md'), 'utf8'),
    tree,
  )
  for (const violation of violations) console.error(violation)
  console.log(
    `conformance: ${rows} rows, ${tests} tests, ${quotations} quotations, ${violations.length || 'no'} violations`,
  )
  if (rows < FEWEST_ROWS) console.error(`conformance: at least ${FEWEST_ROWS} rows expected`)
  process.exitCode = violations.length > 0 || rows < FEWEST_ROWS ? 1 : 0
}
