// Fenced `mermaid` blocks become SVG while the site is built: the browser runs no diagram code, and the colours are the
// theme's own, so that a diagram follows the light and the dark mode.
import { renderMermaidSVG } from 'beautiful-mermaid'
import type { MarkdownRenderer } from 'vitepress'

const COLOURS = {
  bg: 'var(--vp-c-bg)',
  fg: 'var(--vp-c-text-1)',
  line: 'var(--vp-c-text-3)',
  accent: 'var(--vp-c-text-2)',
  muted: 'var(--vp-c-text-2)',
  surface: 'var(--vp-c-bg-soft)',
  border: 'var(--vp-c-divider)',
}

export function drawMermaid(md: MarkdownRenderer): void {
  const fence = md.renderer.rules.fence
  md.renderer.rules.fence = (tokens, index, ...rest) => {
    const token = tokens[index]
    if (token === undefined || token.info.trim() !== 'mermaid') return fence?.(tokens, index, ...rest) ?? ''
    const svg = renderMermaidSVG(token.content, { ...COLOURS, padding: 8, transparent: true })
      // The page's own font, instead of one fetched from elsewhere.
      .replace(/@import url\([^)]*\);/, '')
      .replace(/font-family:[^;]*;/, 'font-family: inherit;')
    return `<figure class="diagram" v-pre>${svg}</figure>\n`
  }
}
