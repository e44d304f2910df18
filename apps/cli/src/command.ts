/**
 * A command as the table of commands knows it, and its help, made from the same options that are read; for a terminal of 80 columns.
 */
import type { OptionTable } from './argument.js'
import type { Io } from './io.js'

export interface Command {
  readonly name: string
  /** What it does, in one line. */
  readonly summary: string
  /** How it is typed, one example a line. */
  readonly usage: readonly string[]
  readonly options: OptionTable
  /** What else must be known, one paragraph each. */
  readonly notes: readonly string[]
  /** Runs it and answers the exit code. */
  run(typed: readonly string[], io: Io): Promise<number>
}

const columns = 80

/** One screen of help. */
export function helpFor({ name, summary, usage, options, notes }: Command): string {
  const rows = Object.entries(options).map(([option, { value, multiple, text }]) => {
    const left = value === undefined ? `--${option}` : `--${option} ${value}`
    return [left, multiple === true ? `${text}; may be repeated` : text] as const
  })
  const width = Math.max(...rows.map(([left]) => left.length))
  return [
    `postrider ${name}: ${summary}`,
    '',
    ...usage.map(line => `  ${line}`),
    '',
    ...rows.map(([left, text]) => wrap(`  ${left.padEnd(width)}  `, text)),
    '',
    ...notes.map(note => wrap('', note)),
    '',
  ].join('\n')
}

/** A paragraph behind its first words, its further lines below its first. */
function wrap(head: string, text: string): string {
  const lines: string[] = []
  let line = head
  for (const word of text.split(' ')) {
    const isFresh = line.length === head.length
    if (!isFresh && line.length + 1 + word.length > columns) {
      lines.push(line)
      line = ' '.repeat(head.length) + word
    } else line += isFresh ? word : ` ${word}`
  }
  return [...lines, line].join('\n')
}
