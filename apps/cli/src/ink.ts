/**
 * Colour, on a terminal only: never in a pipe or a file, never under NO_COLOR (no-color.org) or on a dumb terminal.
 */
import { styleText } from 'node:util'
import type { Io } from './io.js'

export type Format = Parameters<typeof styleText>[0]

/** Text in colour, or as it is. */
export type Ink = (format: Format, text: string) => string

/** The ink for a stream. Whether it is a terminal is looked up here, because `styleText` of Node 20.12 to 20.18 does not. */
export function inkFor(stream: { readonly isTTY?: boolean }, env: Io['env']): Ink {
  const isPlain = stream.isTTY !== true || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb'
  return isPlain ? (_format, text) => text : (format, text) => styleText(format, text, { validateStream: false })
}

/** One line of a transcript: what the server says, what we say, what is neither. Refusals stand out. */
export function inkLine(ink: Ink, line: string): string {
  if (/^S: [45]/.test(line)) return ink('red', line)
  if (line.startsWith('S: ')) return ink('cyan', line)
  return line.startsWith('-- ') ? ink('dim', line) : line
}
