/**
 * A command as the table of commands knows it, and its help, made from the same options that are read.
 */
import type { OptionTable } from './argument.js'

export interface Command {
  readonly name: string
  /** What it does, in one line. */
  readonly summary: string
  /** How it is typed, one example a line. */
  readonly usage: readonly string[]
  readonly options: OptionTable
  /** What else must be known, one line each. */
  readonly notes: readonly string[]
  /** Runs it and answers the exit code. */
  run(typed: readonly string[]): Promise<number>
}

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
    ...rows.map(([left, text]) => `  ${left.padEnd(width)}  ${text}`),
    '',
    ...notes,
    '',
  ].join('\n')
}
