/**
 * The parameters of MAIL and RCPT as data: one typed field for every registered one, and `extra` for the others, which are
 * kept as they came.
 *
 * MAIL: SIZE (RFC 1870), BODY (6152, 3030), SMTPUTF8 (6531), RET and ENVID (3461), AUTH (4954), BY (2852), HOLDFOR and
 * HOLDUNTIL (4865), MT-PRIORITY (6710), REQUIRETLS (8689), SOLICIT (3865).
 * RCPT: NOTIFY and ORCPT (3461, 6533), RRVS (7293).
 */

/** Parameters this package does not know, keyword and value as on the wire; `true` for one without a value. */
export type ExtraParameters = ReadonlyMap<string, string | true>

/** The same for writing; a plain object will do. */
export type ExtraParametersInput = ExtraParameters | Readonly<Record<string, string | true>>

/** BODY of MAIL (RFC 6152 3, RFC 3030 3). */
export type Body = '7BIT' | '8BITMIME' | 'BINARYMIME'

/** BY of MAIL (RFC 2852 4). */
export interface DeliverBy {
  /** Seconds, up to nine digits; not negative or zero with mode R. */
  readonly seconds: number
  /** N: notify when late. R: return when late. */
  readonly mode: 'N' | 'R'
  readonly trace?: boolean
}

/** NOTIFY of RCPT (RFC 3461 4.1): NEVER stands alone. */
export type Notify = readonly ['NEVER'] | readonly ('SUCCESS' | 'FAILURE' | 'DELAY')[]

/** ORCPT of RCPT (RFC 3461 4.2): decoded. */
export interface OriginalRecipient {
  /** `rfc822`, `utf-8` or another registered type. */
  readonly type: string
  readonly address: string
}

/** RRVS of RCPT (RFC 7293 3.1). */
export interface ValidSince {
  /** RFC 3339 date-time without fraction. */
  readonly since: string
  /** What to do where RRVS is not supported: C continue, R reject. */
  readonly action?: 'C' | 'R'
}

/** The parameters of MAIL. */
export interface MailParameters {
  /** Octets. When reading, `Infinity` for what a number cannot hold exactly. */
  readonly size?: number
  readonly body?: Body
  readonly smtputf8?: true
  readonly ret?: 'FULL' | 'HDRS'
  /** Printable ASCII; no more than 100 characters on the wire. */
  readonly envid?: string
  /** The address of the submitter; `''` for `<>`, not known. */
  readonly auth?: string
  readonly by?: DeliverBy
  /** Seconds, 1 to 999999999. */
  readonly holdfor?: number
  /** RFC 3339 date-time in UTC. */
  readonly holduntil?: string
  /** -9 to 9. */
  readonly mtpriority?: number
  readonly requiretls?: true
  /** The keywords of the Solicitation header. */
  readonly solicit?: readonly string[]
  readonly extra?: ExtraParameters
}

/** The parameters of RCPT. */
export interface RcptParameters {
  readonly notify?: Notify
  readonly orcpt?: OriginalRecipient
  readonly rrvs?: ValidSince
  readonly extra?: ExtraParameters
}

/** The same with its fields open, while it is being read. */
export type Writable<Parameters> = { -readonly [Key in keyof Parameters]: Parameters[Key] }

/** MAIL parameters to be written; `undefined` is as good as absent. */
export type MailParametersInput = {
  readonly [Key in Exclude<keyof MailParameters, 'extra'>]?: MailParameters[Key] | undefined
} & { readonly extra?: ExtraParametersInput | undefined }

/** RCPT parameters to be written; `undefined` is as good as absent. */
export type RcptParametersInput = {
  readonly [Key in Exclude<keyof RcptParameters, 'extra'>]?: RcptParameters[Key] | undefined
} & { readonly extra?: ExtraParametersInput | undefined }
