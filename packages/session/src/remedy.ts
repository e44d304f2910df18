/**
 * What has to be different for a refused login to succeed, as the server's reply tells: RFC 4954 sections 4 and 6 for the reply codes, RFC 3463 section 3.8
 * and RFC 4954 section 6 for the enhanced ones, which say more and count first.
 *
 * In: the reply that refused AUTH. Out: one word, or nothing where the reply leaves it open.
 */
import type { Reply } from '@postrider/codec'

/**
 * - `time`: the same login may succeed later (454, any other 4yz)
 * - `credentials`: another user name, password or token (535, 5.7.8)
 * - `mechanism`: another mechanism; this one is too weak (534, 5.7.9) or not known (504)
 * - `transition`: a login with PLAIN, once, by which the server learns what this mechanism needs (432, 4.7.12)
 * - `encryption`: TLS first (530, 538, 5.7.10, 5.7.11)
 */
export type Remedy = 'time' | 'credentials' | 'mechanism' | 'transition' | 'encryption'

export function remedyOf({ code, enhanced }: Reply): Remedy | undefined {
  const security = enhanced?.subject === 7 ? byDetail.get(enhanced.detail) : undefined
  return security ?? byCode.get(code) ?? (code >= 400 && code < 500 ? 'time' : undefined)
}

const byDetail: ReadonlyMap<number, Remedy> = new Map([
  [8, 'credentials'],
  [9, 'mechanism'],
  [10, 'encryption'],
  [11, 'encryption'],
  [12, 'transition'],
])

const byCode: ReadonlyMap<number, Remedy> = new Map([
  [432, 'transition'],
  [504, 'mechanism'],
  [530, 'encryption'],
  [534, 'mechanism'],
  [535, 'credentials'],
  [538, 'encryption'],
])
