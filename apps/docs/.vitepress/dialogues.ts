// The dialogues of tests/transcripts, one page each: they are tests and documentation in one.
import { readdirSync, readFileSync } from 'node:fs'
import type { MarkdownOptions } from 'vitepress'

type LanguageRegistration = Extract<NonNullable<MarkdownOptions['languages']>[number], { scopeName: string }>

const FOLDER = new URL('../../../tests/transcripts/', import.meta.url)

/** The fences of a dialogue, for the highlighter: who speaks, and the keys of what stands before and behind. */
export const DIALOGUE_LANGUAGES: LanguageRegistration[] = [
  fence('smtp', [
    { match: '^C: ', name: 'keyword.control' },
    { match: '^S: ', name: 'comment.line' },
  ]),
  fence('session', [{ match: '^[^:]+:', name: 'entity.name.tag' }]),
  fence('outcome', [{ match: '^[^:]+:', name: 'entity.name.tag' }]),
  fence('message', []),
]

function fence(name: string, patterns: { match: string; name: string }[]): LanguageRegistration {
  return { name, scopeName: `text.${name}`, patterns, repository: {} }
}

/** One page: its file's name without `.md`, its heading, and the whole text. */
export interface Dialogue {
  readonly name: string
  readonly title: string
  readonly text: string
}

export function readDialogues(): Dialogue[] {
  const names = readdirSync(FOLDER).filter(file => file.endsWith('.md') && file !== 'README.md')
  if (names.length === 0) throw new Error(`no dialogue in ${FOLDER.pathname}`)
  return names.map(file => {
    const text = readFileSync(new URL(file, FOLDER), 'utf8')
    const [, title = file] = /^# (.*)$/m.exec(text) ?? []
    return { name: file.slice(0, -'.md'.length), title, text }
  })
}
