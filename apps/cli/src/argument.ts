/**
 * Arguments of a command: read, checked and named in words.
 *
 * In: a table of options and what was typed. Out: a value for each option of the table, and the words that are none. It refuses, with a
 * `UsageError` that says what to type instead: an option that is not in the table, a value that is missing or not wanted, and a value given twice
 * where one counts.
 */
import { parseArgs } from 'node:util'
import { EXIT } from './exit.js'
import { nearest } from './near.js'

/** What was typed makes no sense. The message is for the person who typed it. */
export class UsageError extends Error {
  override name = 'UsageError'
  /** The exit code. */
  readonly exit: number = EXIT.usage
}

/** A file that was named, or standard input, gives nothing that could be used. The message is for the person who named it. */
export class InputError extends UsageError {
  override readonly exit = EXIT.noInput
}

/** One option of a command. */
interface Option {
  /** What stands for the value in the help, such as `ADDRESS`. Without it the option is a switch. */
  readonly value?: string
  /** May be given more than once; every value counts. */
  readonly multiple?: true
  /** One line of help. */
  readonly text: string
}

/** Options by name, without the hyphens. */
export type OptionTable = Readonly<Record<string, Option>>

/** What each option of a table came to. */
export type Values<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Table[Name] extends { readonly value: string }
    ? Table[Name] extends { readonly multiple: true }
      ? readonly string[]
      : string | undefined
    : boolean
}

export interface Arguments<Table extends OptionTable> {
  readonly values: Values<Table>
  readonly words: readonly string[]
}

/** @throws UsageError */
export function readArguments<const Table extends OptionTable>(
  table: Table,
  typed: readonly string[],
): Arguments<Table> {
  const known = new Map(Object.entries<Option>(table))
  const found = new Map<string, string[]>()
  const words: string[] = []
  const { tokens } = parseArgs({ args: [...typed], options: types(known), strict: false, tokens: true })
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value)
    if (token.kind !== 'option') continue
    const option = known.get(token.name)
    if (option === undefined) {
      const near = nearest(token.name, [...known.keys()])
      const hint = near === undefined ? '' : `; did you mean --${near}?`
      throw new UsageError(`there is no option ${token.rawName}${hint}`)
    }
    const { value } = option
    if (value === undefined && token.value !== undefined) throw new UsageError(`--${token.name} takes no value`)
    // `--from --to x` is a value forgotten; who means an odd value writes `--from=--to`.
    if (value !== undefined && (token.value === undefined || (!token.inlineValue && token.value.startsWith('--'))))
      throw new UsageError(`--${token.name} needs a value: --${token.name} ${value}`)
    const values = found.get(token.name) ?? []
    if (values.length > 0 && option.multiple !== true) throw new UsageError(`--${token.name} is given twice`)
    found.set(token.name, [...values, token.value ?? ''])
  }
  const values = [...known].map(([name, option]) => [name, valueFor(option, found.get(name))] as const)
  return { values: Object.fromEntries(values) as Values<Table>, words }
}

/** A whole number within bounds. @throws UsageError */
export function readNumber(text: string, what: string, least: number, most: number): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (number >= least && number <= most) return number
  throw new UsageError(`${what} is ${JSON.stringify(text)}, and must be a number from ${least} to ${most}`)
}

/** One of a few words. @throws UsageError */
export function readChoice<const Choice extends string>(
  text: string | undefined,
  what: string,
  choices: readonly Choice[],
): Choice | undefined {
  if (text === undefined) return undefined
  const choice = choices.find(each => each === text)
  if (choice === undefined)
    throw new UsageError(`${what} is ${JSON.stringify(text)}, and must be one of ${choices.join(', ')}`)
  return choice
}

function types(known: ReadonlyMap<string, Option>): Record<string, { type: 'string' | 'boolean' }> {
  return Object.fromEntries(
    [...known].map(([name, { value }]) => [name, { type: value === undefined ? 'boolean' : 'string' }]),
  )
}

function valueFor(
  option: Option,
  given: readonly string[] | undefined,
): boolean | string | readonly string[] | undefined {
  if (option.value === undefined) return given !== undefined
  return option.multiple === true ? (given ?? []) : given?.[0]
}
