/**
 * A scenario: what a program does with a class of smtplib, and what the server answers. It is data, so that Python's smtplib and ours can be put
 * through the same one.
 *
 * Values that JSON has no word for are spelt as objects: `{ bytes: 'latin-1 text' }`, `{ set: [] }`, `{ message: 'RFC 5322 text' }`, and for `auth` the
 * objects `{ method: 'auth_plain' }` and `{ answers: [] }`. `{ trust: true }` is a TLS context that trusts the server's certificate and verifies its name.
 */

/** What the server answers: lines joined by LF; behind `raw:` octets as they are; `!close` ends the connection, `!hang` says nothing. */
export type Answer = string

/** Answers by verb in lower case, one after another, the last for ever. `response` answers a line behind 334, `dot` the message. */
export type Script = Readonly<Record<string, Answer | readonly Answer[]>>

export type Argument =
  | null
  | string
  | number
  | boolean
  | readonly Argument[]
  | { readonly bytes: string }
  | { readonly set: readonly string[] }
  | { readonly message: string }
  | { readonly method: string }
  | { readonly answers: readonly (string | null)[] }
  | { readonly trust: true }

/**
 * One step: a method by its Python name and its arguments in order, keyword arguments in an object `kw` at the end. `get` and `set` are for
 * attributes; the names `quoteaddr` and `quotedata` are functions of the module.
 */
export type Step = readonly [
  method: string,
  ...args: (Argument | { readonly kw: Readonly<Record<string, Argument>> })[],
]

/** What a step came to. */
export type Result =
  | { readonly value: unknown }
  | {
      readonly raised: string
      readonly message?: string
      readonly code?: number
      readonly error?: unknown
      readonly sender?: string
      readonly recipients?: unknown
    }

/** The object's attributes at the end. */
export interface State {
  readonly sock: boolean
  readonly does_esmtp: boolean
  readonly ehlo_resp: string | null
  readonly helo_resp: string | null
  readonly esmtp_features: Readonly<Record<string, string>>
  readonly command_encoding: string
  readonly tls: boolean
}

/** All that can be seen of a run. */
export interface Outcome {
  readonly wire: string
  readonly results: readonly Result[]
  readonly state: State
  /** What the debug level printed, where the scenario asks for it. */
  readonly printed?: string
}

/** What we do instead of what smtplib does, and by which row of the list of its behaviours. Only what differs is told. */
export interface Deviation {
  /** `P30`, `L11`. */
  readonly row: string
  readonly why: string
  readonly wire?: string
  /** By the number of the step. */
  readonly results?: Readonly<Record<number, Result>>
  readonly state?: Partial<State>
  readonly printed?: string
}

/** By the name of the scenario. */
export type Deviations = Readonly<Record<string, Deviation>>

export interface Scenario {
  /** What it shows, with the numbers of the rows it is about. */
  readonly name: string
  readonly kind?: 'SMTP' | 'SMTP_SSL' | 'LMTP'
  readonly server?: Script
  readonly steps: readonly Step[]
  /** False: the client is made but not connected. `constructor`: it connects as it is made, which counts as a step of its own when it fails. */
  readonly connected?: boolean | 'constructor'
  /** The name of the server; a certificate is for localhost. Default 127.0.0.1. */
  readonly host?: 'localhost' | '127.0.0.1'
  /** The server speaks TLS: behind 220 to STARTTLS, or from the first octet. */
  readonly tls?: 'starttls' | 'implicit'
  /** False: host and port are given as one text. */
  readonly portApart?: boolean
  /** SMTP_SSL is given a context that trusts the server's certificate. */
  readonly trust?: boolean
  /** The debug level is 1, and what it prints counts. */
  readonly debug?: boolean
  /** Seconds; default none. */
  readonly timeout?: number
}

/** The name both give themselves in EHLO. */
export const clientName = 'client.example'
