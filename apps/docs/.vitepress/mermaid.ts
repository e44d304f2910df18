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
    const svg = renderMermaidSVG(prepare(token.content), { ...COLOURS, padding: 8, transparent: true })
      .replace(BLANK_LABEL, '')
      // A font that is there, instead of one fetched from elsewhere; its letters are no wider than those that were measured.
      .replace(/@import url\([^)]*\);/, '')
      .replace(/font-family:[^;]*;/, 'font-family: Inter, "Helvetica Neue", Arial, sans-serif;')
    // As a string, because Vue would take the styles out of it if it were a template.
    return `<figure class="diagram" v-html="${md.utils.escapeHtml(JSON.stringify(svg))}"></figure>\n`
  }
}

const BLANK = '\u200b'
const BLANK_LABEL = new RegExp(`<g class="edge-label"[^>]*data-label="${BLANK}"[^]*?</g>`, 'g')

/**
 * What the renderer needs to be told otherwise: it takes `click` for a node, and leads arrows without a label together, even
 * through boxes that they have nothing to do with; a blank label, taken out again afterwards, keeps them apart.
 */
function prepare(diagram: string): string {
  if (!/^\s*(graph|flowchart)\b/.test(diagram)) return diagram
  return diagram.replace(/^\s*click .*\n/gm, '').replace(/ (<?-->) (?!\|)/g, ` $1|${BLANK}| `)
}
