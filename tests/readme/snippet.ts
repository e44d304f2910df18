/**
 * The programs in a Markdown document: fences marked `ts`, and behind one, if there is, the `text` fence with what it prints.
 *
 * In: a document's path and text. Out: snippets in order, each with the line it begins at.
 */

export interface Snippet {
  /** Path from the root of the repository. */
  readonly document: string
  /** Line of the fence, counted from 1. */
  readonly line: number
  readonly code: string
  /** What the document says that it prints. */
  readonly prints: string | undefined
}

export function readSnippets(document: string, markdown: string): Snippet[] {
  const fences = [...markdown.matchAll(/^```(\w*)\n(.*?)^```$/gms)]
  return fences.flatMap((fence, index) => {
    const [, language, code = ''] = fence
    if (language !== 'ts' && language !== 'typescript') return []
    const next = fences[index + 1]
    const isBehind = next !== undefined && markdown.slice(fence.index + fence[0].length, next.index).trim() === ''
    const prints = isBehind && next[1] === 'text' ? next[2] : undefined
    return [{ document, line: markdown.slice(0, fence.index).split('\n').length, code, prints }]
  })
}

/** Names that a snippet leaves to its reader, as declarations to be put behind it. */
export function declareGiven(code: string, given: Readonly<Record<string, string>>): string {
  return Object.entries(given)
    .filter(
      ([name]) =>
        new RegExp(`\\b${name}\\b`).test(code) && !new RegExp(`(const|let|function|class) ${name}\\b`).test(code),
    )
    .map(([name, type]) => `declare const ${name}: ${type}`)
    .join('\n')
}
