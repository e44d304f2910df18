// Pages include documents of the repository (a package's README, SECURITY.md, …), whose links are right where they lie.
// Here such a link is turned to the page that shows its target. Where no page does, but the file exists, the text stays and
// the link goes; anything else is left alone, and the dead-link check tells.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { MarkdownRenderer } from 'vitepress'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** Pages that are not named after a package, and the document each of them shows. */
const DOCUMENTS: Readonly<Record<string, string>> = {
  'README.md': '/',
  'apps/cli/README.md': '/cli',
  'benchmarks/README.md': '/benchmarks',
  'examples/README.md': '/examples',
  'CONFORMANCE.md': '/conformance',
  'CONTRIBUTING.md': '/contributing',
  'SECURITY.md': '/security',
  'packages/session/STATES.md': '/statechart',
  'tests/transcripts/README.md': '/dialogues/',
}

export function linkDocuments(md: MarkdownRenderer): void {
  md.core.ruler.push('repository-links', state => {
    const page: unknown = state.env.relativePath
    const folder = typeof page === 'string' ? folderOf(page) : undefined
    if (folder === undefined) return
    for (const { children } of state.tokens) {
      let unlinked = 0
      for (const token of children ?? []) {
        if (token.type === 'link_open') {
          const target = resolve(folder, token.attrGet('href') ?? '')
          if (target === undefined) continue
          const to = pageOf(target.path)
          if (to !== undefined) token.attrSet('href', to + target.fragment)
          else if (existsSync(posix.join(ROOT, target.path))) {
            Object.assign(token, { type: 'text', tag: '', content: '', attrs: null, nesting: 0 })
            unlinked++
          }
        } else if (token.type === 'link_close' && unlinked > 0) {
          Object.assign(token, { type: 'text', tag: '', content: '', nesting: 0 })
          unlinked--
        }
      }
    }
  })
}

/** VitePress goes on without a document or a source that a page includes and that is not there; this does not. */
export function checkIncludes(): void {
  const pages = join(ROOT, 'apps/docs')
  const isPage = (name: string) => name.endsWith('.md') && !/^(api|node_modules)\//.test(name)
  for (const page of readdirSync(pages, { recursive: true, encoding: 'utf8' }).filter(isPage)) {
    const text = readFileSync(join(pages, page), 'utf8')
    for (const [, document = ''] of text.matchAll(/^(?:<!--@include: |<<< )(.*?)(?:\{.*\})?(?:-->)?$/gm)) {
      if (!existsSync(join(pages, dirname(page), document))) {
        throw new Error(`${page} includes ${document}, which does not exist`)
      }
    }
  }
}

/** The folder of the document that a page shows, from the root of the repository. */
function folderOf(page: string): string | undefined {
  const route = `/${page.replace(/(^|\/)index\.md$/, '$1').replace(/\.md$/, '')}`
  const document = Object.keys(DOCUMENTS).find(path => DOCUMENTS[path] === route)
  if (document !== undefined) return posix.dirname(document)
  return existsSync(`${ROOT}/packages${route}/package.json`) ? `packages${route}` : undefined
}

function resolve(folder: string, href: string): { path: string; fragment: string } | undefined {
  if (/^([a-z]+:|#|\/)/.test(href)) return undefined
  const [path = '', fragment] = href.split('#')
  return { path: posix.join(folder, path), fragment: fragment === undefined ? '' : `#${fragment}` }
}

function pageOf(path: string): string | undefined {
  const example = /^examples\/([\w.-]+\.ts)$/.exec(path)?.[1]
  if (example !== undefined) return `/examples#${example.replaceAll('.', '-')}`
  const dialogue = /^tests\/transcripts\/([\w-]+)\.md$/.exec(path)?.[1]
  if (dialogue !== undefined && dialogue !== 'README') return `/dialogues/${dialogue}`
  const name = /^packages\/([^/]+)(\/|\/README\.md)?$/.exec(path)?.[1]
  return (
    DOCUMENTS[path] ??
    DOCUMENTS[posix.join(path, 'README.md')] ??
    (name !== undefined && existsSync(`${ROOT}/apps/docs/${name}.md`) ? `/${name}` : undefined)
  )
}
