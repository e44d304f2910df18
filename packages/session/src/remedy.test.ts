import { parseReply } from '@postrider/codec'
import { describe, expect, it } from 'vitest'
import { remedyOf } from './remedy.js'

const of = (line: string) => remedyOf(parseReply(new TextEncoder().encode(`${line}\r\n`)))

describe('what would help after a refused login (RFC 4954 6)', () => {
  it.each([
    ['432 4.7.12 A password transition is needed', 'transition'],
    ['432 needed', 'transition'],
    ['454 4.7.0 Temporary authentication failure', 'time'],
    ['421 4.3.2 going away', 'time'],
    ['435 Unable to authenticate at present', 'time'],
    ['500 5.5.6 Authentication exchange line is too long', undefined],
    ['501 5.5.4 cannot be decoded', undefined],
    ['504 5.5.4 not known', 'mechanism'],
    ['530 5.7.0 Must issue a STARTTLS command first', 'encryption'],
    ['534 5.7.9 Authentication mechanism is too weak', 'mechanism'],
    ['534 too weak', 'mechanism'],
    ['535 5.7.8 Authentication credentials invalid', 'credentials'],
    ['535 5.7.0 authentication failed', 'credentials'],
    ['535 5.7.139 unsuccessful', 'credentials'],
    ['538 5.7.11 Encryption required for requested authentication mechanism', 'encryption'],
    ['538 encryption required', 'encryption'],
    // The enhanced code says more than the code before it.
    ['535 5.7.9 log in with another mechanism', 'mechanism'],
    ['535 5.7.11 not without TLS', 'encryption'],
    ['523 5.7.10 Encryption Needed', 'encryption'],
    ['454 4.7.12 transition', 'transition'],
    // 8 of another subject means something else.
    ['550 5.1.8 a sender that cannot be', undefined],
    ['550 5.7.1 not authorized', undefined],
  ])('%s: %s', (line, remedy) => {
    expect(of(line)).toBe(remedy)
  })
})
