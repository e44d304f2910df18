import { parseReply } from '@postrider/codec'
import { describe, expect, it } from 'vitest'
import * as errors from './error.js'

const {
  SMTPAuthenticationError,
  SMTPConnectError,
  SMTPDataError,
  SMTPException,
  SMTPHeloError,
  SMTPNotSupportedError,
  SMTPRecipientsRefused,
  SMTPResponseException,
  SMTPSenderRefused,
  SMTPServerDisconnected,
} = errors

const reply = parseReply(new TextEncoder().encode('550-5.1.1 no\r\n550 5.1.1 such user \r\n'))

describe("smtplib's exceptions", () => {
  it("form smtplib's tree (P3)", () => {
    const ofException = [
      new SMTPNotSupportedError('x'),
      new SMTPServerDisconnected('x'),
      new SMTPRecipientsRefused('x', { recipients: new Map() }),
      new SMTPResponseException('x'),
    ]
    const ofResponse = [
      new SMTPSenderRefused('x', { sender: 'a' }),
      new SMTPDataError('x'),
      new SMTPConnectError('x'),
      new SMTPHeloError('x'),
      new SMTPAuthenticationError('x'),
    ]
    for (const error of [...ofException, ...ofResponse]) {
      expect(error).toBeInstanceOf(SMTPException)
      expect(error).toBeInstanceOf(Error)
      expect(error.name).toBe(error.constructor.name)
      expect(String(error)).toBe(`${error.name}: x`)
    }
    for (const error of ofResponse) expect(error).toBeInstanceOf(SMTPResponseException)
    for (const error of ofException.slice(0, 3)) expect(error).not.toBeInstanceOf(SMTPResponseException)
    expect(ofResponse[0]).not.toBeInstanceOf(SMTPDataError)
    expect(new Error('x')).not.toBeInstanceOf(SMTPException)
    expect(null).not.toBeInstanceOf(SMTPException)
  })

  it("carry smtplib's attributes and nodemailer's fields (P4)", () => {
    const error = new SMTPSenderRefused('no', { sender: 'me@x.example', reply, phase: 'mail', retry: 'never' })
    expect(error).toMatchObject({
      sender: 'me@x.example',
      smtp_code: 550,
      code: 'EENVELOPE',
      command: 'MAIL FROM',
      response: '550 5.1.1 no\n5.1.1 such user ',
      responseCode: 550,
      enhancedCode: '5.1.1',
      phase: 'mail',
      retry: 'never',
      mayHaveBeenDelivered: false,
    })
    expect(new TextDecoder().decode(error.smtp_error)).toBe('5.1.1 no\n5.1.1 such user')
    expect(Object.keys(new SMTPException('x'))).toEqual(['code', 'retry', 'mayHaveBeenDelivered', 'credentialsSent'])
    expect(new SMTPConnectError('x')).toMatchObject({ smtp_code: -1, smtp_error: new Uint8Array(0) })
  })

  it('explain themselves in one paragraph', () => {
    const error = new SMTPSenderRefused('MAIL was refused', { sender: 'me@x.example', reply, phase: 'mail' })
    expect(error.explain()).toBe(
      'SMTPSenderRefused: MAIL was refused. This was in MAIL FROM, phase mail. The server said: 550 5.1.1 no 5.1.1 such user. It will not be otherwise next time.',
    )
    expect(new SMTPException('lost.', { mayHaveBeenDelivered: true, retry: 'caller' }).explain()).toBe(
      'SMTPException: lost. The message may have been delivered all the same. Whether to send it again is up to you: it might arrive twice.',
    )
  })

  it('are recognised when another copy of the package made them', async () => {
    const path = './error.js?another-copy'
    const other = (await import(/* @vite-ignore */ path)) as typeof errors
    expect(other.SMTPDataError).not.toBe(SMTPDataError)
    const error = new other.SMTPDataError('x')
    expect(error).toBeInstanceOf(SMTPDataError)
    expect(error).toBeInstanceOf(SMTPResponseException)
    expect(error).toBeInstanceOf(SMTPException)
    expect(error).not.toBeInstanceOf(SMTPHeloError)
    class Own extends SMTPDataError {}
    expect(error).not.toBeInstanceOf(Own)
    expect(new Own('x')).toBeInstanceOf(Own)
    expect(new Own('x')).toBeInstanceOf(other.SMTPException)
  })
})
