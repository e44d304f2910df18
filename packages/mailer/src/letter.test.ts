import { EncodeError, parseExtensions, parseReply } from '@postrider/codec'
import { describe, expect, it } from 'vitest'
import { SMTPEnvelopeError, SMTPMessageError, SMTPNotSupportedError } from './error.js'
import { addressTo, type Letter, type Recipients, writeLetter } from './letter.js'
import type { SendOptions } from './send-option.js'
import { type Message, readContent } from './source.js'

const octets = (text: string): Uint8Array => new TextEncoder().encode(text)

const offering = (...keywords: readonly string[]) =>
  parseExtensions(
    parseReply(octets(['250-mx.example.org', ...keywords.map(word => `250-${word}`), '250 HELP\r\n'].join('\r\n'))),
  )

function letter(
  message: Message,
  options: SendOptions = {},
  to: Recipients = 'b@y.example',
  from = 'a@x.example',
): Letter {
  return writeLetter(from, to, readContent(message), options)
}

describe('an envelope', () => {
  it('takes one recipient, several, and recipients with parameters of their own', () => {
    expect(letter('x', {}, 'b@y.example').to).toEqual(['b@y.example'])
    expect(letter('x', {}, new Set(['b@y.example', 'c@y.example'])).to).toEqual(['b@y.example', 'c@y.example'])
    expect(letter('x', {}, { address: 'b@y.example', parameters: { notify: ['NEVER'] } }).to).toEqual([
      { address: 'b@y.example', parameters: { notify: ['NEVER'] } },
    ])
    const both = letter('x', { recipientParameters: { notify: ['FAILURE'] } }, [
      'b@y.example',
      { address: 'c@y.example', parameters: { notify: ['NEVER'] } },
    ])
    expect(both.to).toEqual([
      { address: 'b@y.example', parameters: { notify: ['FAILURE'] } },
      { address: 'c@y.example', parameters: { notify: ['NEVER'] } },
    ])
  })

  it('needs a recipient, and addresses that are text', () => {
    expect(() => letter('x', {}, [])).toThrow(SMTPEnvelopeError)
    expect(() => letter('x', {}, [undefined as unknown as string])).toThrow(TypeError)
    expect(() => letter('x', {}, 'b@y.example', null as unknown as string)).toThrow(TypeError)
  })

  it('shows the domain that goes over the wire (T-06, T-43)', () => {
    expect(letter('x', {}, 'jörg@müller.example').to).toEqual(['jörg@xn--mller-kva.example'])
    expect(letter('x', {}, 'ann@müller.example')).toMatchObject({
      to: ['ann@xn--mller-kva.example'],
      utf8Address: false,
    })
    expect(() => letter('x', {}, 'ann@müller.example>\r\nRCPT TO:<c@y.example')).toThrow(EncodeError)
    expect(() => letter('x', {}, 'ann@müller.example/@y.example')).toThrow(EncodeError)
  })
})

describe('what a server must offer', () => {
  it('is SIZE for the size to be told, and less than its limit for the message to be sent (RFC 1870, T-42)', () => {
    const message = letter('Subject: x\n\nhi')
    expect(addressTo(offering(), message).parameters).toEqual({})
    expect(addressTo(offering('SIZE 100'), message).parameters).toEqual({ size: 18 })
    expect(addressTo(offering('SIZE 18'), message).parameters).toEqual({ size: 18 })
    expect(addressTo(offering('SIZE 0'), message).parameters).toEqual({ size: 18 })
    expect(() => addressTo(offering('SIZE 17'), message)).toThrow(SMTPMessageError)
    expect(addressTo(offering('SIZE'), letter('x', { parameters: { size: 5 } })).parameters).toEqual({ size: 5 })
  })

  it('is 8BITMIME for octets above 127 (RFC 6152, P56, T-43)', () => {
    const message = letter('Subject: x\r\n\r\nü')
    expect(addressTo(offering('8BITMIME'), message).parameters).toEqual({ body: '8BITMIME' })
    expect(() => addressTo(offering(), message)).toThrow(SMTPNotSupportedError)
    expect(() => addressTo(undefined, message)).toThrow(SMTPNotSupportedError)
    expect(addressTo(offering('8BITMIME'), letter('x')).parameters).toEqual({})
  })

  it('is told BODY=8BITMIME for a stream that nobody has looked into', () => {
    const message = letter([octets('x')])
    expect(addressTo(offering('8BITMIME'), message).parameters).toEqual({ body: '8BITMIME' })
    expect(addressTo(offering(), message).parameters).toEqual({})
    expect(addressTo(offering('8BITMIME'), letter([octets('x')], { parameters: { body: '7BIT' } })).parameters).toEqual(
      { body: '7BIT' },
    )
  })

  it('is SMTPUTF8 for a local part outside ASCII, and the error names the address (P61, T-43)', () => {
    const message = letter('x', {}, ['b@y.example', 'jörg@y.example'])
    expect(addressTo(offering('SMTPUTF8', '8BITMIME'), message).parameters).toEqual({ smtputf8: true })
    expect(() => addressTo(offering('8BITMIME'), message)).toThrow(SMTPNotSupportedError)
    expect(() => addressTo(offering('8BITMIME'), message)).toThrow(
      /does not advertise the required SMTPUTF8 capability: jörg@y\.example$/,
    )
  })

  it('is SMTPUTF8 for a header with UTF-8 in it (RFC 6532), and not for a body', () => {
    const message = letter('Subject: Tee für zwei\r\n\r\nx')
    expect(addressTo(offering('SMTPUTF8', '8BITMIME'), message).parameters).toEqual({
      body: '8BITMIME',
      smtputf8: true,
    })
    expect(() => addressTo(offering('8BITMIME'), message)).toThrow('The header of the message holds UTF-8')
    expect(addressTo(offering('8BITMIME'), letter('Subject: tea\r\n\r\nfür zwei')).parameters).toEqual({
      body: '8BITMIME',
    })
    const latin1 = Uint8Array.of(...octets('Subject: '), 0xfc, ...octets('\r\n\r\n'))
    expect(() => letter(latin1)).toThrow(SMTPMessageError)
  })
})

describe('a message in memory', () => {
  it('is refused before it is sent when it may not go out as it is', () => {
    const long = `x: ${'y'.repeat(996)}`
    expect(() => letter(long, { longLines: 'reject' })).toThrow('a line of 999 octets')
    expect(letter(long.slice(0, -1), { longLines: 'reject' }).octets).toBe(1000)
    expect(() => letter(octets('a\nb\rc'), { newlines: 'reject' })).toThrow('2 line ends')
    expect(letter('a\nb\rc', { newlines: 'reject' })).toMatchObject({
      octets: 9,
      bodyOptions: { newlines: 'normalise' },
    })
  })

  it('is refused when it is text without UTF-8', () => {
    expect(() => readContent('ok \ud83d\ude00')).not.toThrow()
    expect(() => readContent('half \ud83d a pair')).toThrow('half of a surrogate pair (at 5)')
  })
})
