import { describe, expect, it } from 'vitest'
import { adviceFor } from './advice.js'

const failure = (message: string, details: object): Error => Object.assign(new Error(message), details)

describe('advice', () => {
  it('comes from the innermost cause that says something', () => {
    const cause = failure('self-signed certificate', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    expect(adviceFor(failure('TLS failed', { code: 'ETLS', cause }))).toBe(
      'TLS failed. The server signed its own certificate. Give it with --ca FILE if you trust it.',
    )
    const both = new AggregateError([failure('v4', { code: 'ECONNREFUSED' }), failure('v6', { code: 'ENETUNREACH' })])
    expect(adviceFor(failure('cannot connect', { cause: both }))).toContain('Nothing listens on that port.')
  })

  it('is about the password only when the server has refused one', () => {
    expect(adviceFor(failure('refused: 535', { code: 'EAUTH', responseCode: 535 }))).toContain('Is the password right')
    expect(adviceFor(failure('AUTH is not offered', { code: 'EAUTH' }))).toBe('AUTH is not offered')
  })

  it('names options as they are typed', () => {
    expect(adviceFor(new Error("use tls: 'implicit'"))).toBe('use --tls implicit')
  })

  it('is one line that does nothing to a terminal (T-29)', () => {
    expect(adviceFor('\u001b[2J\nhi')).toBe('\\u{1b}[2J\\u{a}hi')
  })
})
