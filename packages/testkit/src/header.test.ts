import { describe, expect, it } from 'vitest'
import { readHeader } from './header.js'
import { ReceivedMessage } from './mailbox.js'

const octets = (text: string): Uint8Array => new TextEncoder().encode(text)

function read(text: string): { fields: string[]; body: string } {
  const { fields, end } = readHeader(octets(text))
  return {
    fields: fields.map(({ name, value }) => `${name}=${value}`),
    body: new TextDecoder().decode(octets(text).subarray(end)),
  }
}

describe('a header (RFC 5322 2.2)', () => {
  it('is fields by name, unfolded by taking out the line ends (2.2.3)', () => {
    expect(read('Subject: a\r\n  long\r\n\tone\r\nX-Empty:\r\nto : you\r\n\r\nbody\r\n')).toEqual({
      fields: ['Subject=a  long\tone', 'X-Empty=', 'to=you'],
      body: 'body\r\n',
    })
  })

  it('ends at the first empty line, or with the message', () => {
    expect(read('A: 1\r\n\r\n\r\nB: 2\r\n')).toEqual({ fields: ['A=1'], body: '\r\nB: 2\r\n' })
    expect(read('A: 1\r\n')).toEqual({ fields: ['A=1'], body: '' })
    expect(read('A: 1')).toEqual({ fields: ['A=1'], body: '' })
    expect(read('\r\nbody')).toEqual({ fields: [], body: 'body' })
    expect(read('')).toEqual({ fields: [], body: '' })
  })

  it('may have bare LF for line ends, where a server keeps those', () => {
    expect(read('A: 1\n b\nB: 2\n\nbody\n')).toEqual({ fields: ['A=1 b', 'B=2'], body: 'body\n' })
  })

  it('is read as UTF-8 (RFC 6532), leaves out what is no field, and keeps whatever else is in a value', () => {
    expect(read('From me\r\n: no\r\nSubject: Grüße: \u0000!\r\nbad name: x\r\n')).toEqual({
      fields: ['Subject=Grüße: \u0000!'],
      body: '',
    })
  })
})

describe('a received message', () => {
  it('shows its header and its body', () => {
    const envelope = { from: '', parameters: {}, to: [], recipients: [] }
    const session = { connection: 1, hello: 'x.example', greeting: 'EHLO', secure: false } as const
    const message = new ReceivedMessage(envelope, session, 'DATA', octets('To: a\r\nTO: b\r\n\r\n\u00ff'))
    expect(message.headers).toEqual([
      { name: 'To', value: 'a' },
      { name: 'TO', value: 'b' },
    ])
    expect(message.header('to')).toBe('a')
    expect(message.header('cc')).toBeUndefined()
    expect(message.body).toEqual(octets('\u00ff'))
  })
})
