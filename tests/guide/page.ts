/**
 * A page of the guide as what it claims to be: a program in pieces, and dialogues with it.
 *
 * In: Markdown. Out: the files that its `ts` fences make, in order: `server.ts`, until a fence begins with the name of another in a comment; the
 * `smtp` fences; the `python` ones.
 */

export interface Page {
  readonly files: ReadonlyMap<string, string>
  readonly dialogues: readonly Dialogue[]
  readonly python: readonly string[]
}

export interface Dialogue {
  /** The heading above it. */
  readonly title: string
  readonly lines: readonly string[]
}

export function readPage(markdown: string): Page {
  const files = new Map<string, string>()
  const dialogues: Dialogue[] = []
  const python: string[] = []
  for (const fence of markdown.matchAll(/^```(ts|smtp|python)\n(.*?)^```$/gms)) {
    const [, language, text = ''] = fence
    if (language === 'python') python.push(text)
    else if (language === 'ts') {
      const name = /^\/\/ (\w+\.ts)\n/.exec(text)?.[1] ?? 'server.ts'
      files.set(name, `${files.get(name) ?? ''}${text}\n`)
    } else {
      const headings = [...markdown.slice(0, fence.index).matchAll(/^##+ (.*)$/gm)]
      dialogues.push({ title: headings.at(-1)?.[1] ?? '', lines: text.trimEnd().split('\n') })
    }
  }
  return { files, dialogues, python }
}
