/**
 * What went wrong, in words, and what to do about it, where that is known.
 *
 * In: any error of ours, of Node or of TLS; they carry a `code`, ours the server's reply code, too. Out: one or two sentences for a person. Nothing secret is in an error of ours, and nothing
 * but its message is shown.
 */
import { visible } from './visible.js'

const unknownSigner = 'Nobody known signed the certificate. Give the root with --ca FILE if you trust it.'

/** By code of the error or of what caused it, the nearest first. */
const advice: ReadonlyMap<string, string> = new Map([
  ['EDNS', 'Is the name of the server spelled right?'],
  ['ENOTFOUND', 'Is the name of the server spelled right?'],
  ['ECONNREFUSED', 'Nothing listens on that port. Is it the right one?'],
  ['EADDRINUSE', 'Something listens on that port already. Give another one, or 0 for any that is free.'],
  ['EACCES', 'Ports below 1024 are for the administrator, and files have permissions. Give another one.'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'The server signed its own certificate. Give it with --ca FILE if you trust it.'],
  ['SELF_SIGNED_CERT_IN_CHAIN', unknownSigner],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', unknownSigner],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', unknownSigner],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'The certificate is for another name than the one you gave.'],
  ['CERT_HAS_EXPIRED', 'The certificate of the server has expired; its owner must renew it.'],
  ['535', 'Is the password right, and is it the one for mail? Many providers want one made for the purpose.'],
  ['ETIMEDOUT', 'A port that never answers is often blocked on the way; 587 is blocked less often than 25.'],
])

/** The error as one line, with advice where there is some. */
export function adviceFor(error: unknown): string {
  const hint = codesOf(error)
    .map(code => advice.get(code))
    .find(each => each !== undefined)
  const message = inOptions(error instanceof Error ? error.message : String(error))
  return visible(hint === undefined ? message : `${message}. ${hint}`)
}

/** A library names its own options; here they have two hyphens. */
function inOptions(message: string): string {
  return message.replace(/\btls: '(\w+)'/g, '--tls $1')
}

/** The codes of an error and of its causes, innermost first: the inner ones say more. */
export function codesOf(error: unknown): string[] {
  if (typeof error !== 'object' || error === null) return []
  const inner = 'cause' in error ? codesOf(error.cause) : []
  const some = error instanceof AggregateError ? error.errors.flatMap(codesOf) : []
  const { code, responseCode } = error as { readonly code?: unknown; readonly responseCode?: unknown }
  return [...inner, ...some, ...[code, responseCode].filter(each => each !== undefined).map(String)]
}
