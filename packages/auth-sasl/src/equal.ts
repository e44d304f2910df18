// Comparison of secrets in a time that tells nothing about where they differ. Only the length can be seen from
// outside, which for digests, proofs and signatures is public anyway.
import { Secret } from './secret.js'

/**
 * Whether two secrets are the same, octet for octet; text counts as its UTF-8. The time depends on the lengths alone.
 *
 * @example
 * ```ts
 * serverPlain({ verify: ({ username, password }) => equalSecrets(password, passwordOf(username)) })
 * ```
 */
export function equalSecrets(a: string | Uint8Array | Secret, b: string | Uint8Array | Secret): boolean {
  return equalOctets(Secret.from(a).revealOctets(), Secret.from(b).revealOctets())
}

/** {@link equalSecrets} for octets that are at hand already. */
export function equalOctets(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length
  for (const [at, octet] of a.entries()) difference |= octet ^ (b[at] ?? 0)
  return difference === 0
}
