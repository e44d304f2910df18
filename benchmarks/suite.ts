// What a suite is: a name to call it by, and a run that prints for people and returns the same for machines.

export interface Settings {
  /** How often every contestant is measured; the rounds of all are interleaved. */
  readonly rounds: number
  /** Work in one measurement, in per cent of the suite's own measure. */
  readonly effort: number
  /** Says how far it is, on standard error. */
  readonly progress: (words: string) => void
}

export interface Suite {
  readonly name: string
  readonly about: string
  run(settings: Settings): Promise<SuiteResult>
}

export interface SuiteResult {
  /** Titles with a table of text below. */
  readonly report: readonly string[]
  /** Everything measured, round by round, fit for JSON. */
  readonly figures: object
}
