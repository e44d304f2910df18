/** Whom to trust beside the roots that Node knows: a file of certificates, named by the user. */
import { readFileSync } from 'node:fs'
import { rootCertificates } from 'node:tls'
import { InputError } from './argument.js'

/**
 * The options for TLS; none when no file is named.
 *
 * @throws InputError for a file that is not there or holds no certificate
 */
export function readTrust(file: string | undefined): { ca?: string[] } {
  if (file === undefined) return {}
  const pem = readText(file, '--ca')
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw new InputError(`--ca: ${file} holds no certificate in PEM`)
  // To name some of our own replaces Node's; both are meant.
  return { ca: [...rootCertificates, pem] }
}

/** A text file that an option names. @throws InputError */
export function readText(file: string, option: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new InputError(`${option}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
