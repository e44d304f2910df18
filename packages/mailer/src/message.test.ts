import { Readable } from 'node:stream'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { SMTPEnvelopeError, SMTPMessageError } from './error.js'
import { type ReadMessage, readMessage } from './message.js'
import type { SendMessageOptions } from './send-option.js'
import { iterate, type Message } from './source.js'

const octets = (text: string): Uint8Array => new TextEncoder().encode(text)

async function textOf({ letter }: ReadMessage): Promise<string> {
  const chunks: Uint8Array[] = []
  const source = iterate(letter.body)
  for (;;) {
    const { done, value } = await source.next()
    if (done === true) return Buffer.concat(chunks).toString()
    chunks.push(value)
  }
}

async function envelope(
  message: Message,
  options: SendMessageOptions = {},
): Promise<{ from: string; to: readonly unknown[] }> {
  const { letter } = await readMessage(message, options)
  return { from: letter.from, to: letter.to }
}

const header = (...lines: readonly string[]): string => `${lines.join('\r\n')}\r\n\r\nbody\r\n`

describe('the envelope in a header', () => {
  it('has the sender in Sender, else the first address of From (P58)', async () => {
    expect(await envelope(header('From: a@x.example', 'To: b@y.example'))).toMatchObject({ from: 'a@x.example' })
    expect(await envelope(header('From: A <a@x.example>, b@x.example', 'To: b@y.example'))).toMatchObject({
      from: 'a@x.example',
    })
    expect(await envelope(header('From: a@x.example', 'Sender: s@x.example', 'To: b@y.example'))).toMatchObject({
      from: 's@x.example',
    })
  })

  it('has the recipients in To, Bcc and Cc, in this order (P59)', async () => {
    expect(
      await envelope(header('From: a@x.example', 'Cc: c@y.example', 'Bcc: d@y.example', 'To: b@y.example')),
    ).toEqual({
      from: 'a@x.example',
      to: ['b@y.example', 'd@y.example', 'c@y.example'],
    })
  })

  it('takes all fields of a name, expands groups and names nobody twice (RFC 5322 4.5.3)', async () => {
    const message = header(
      'From: a@x.example',
      'To: b@y.example, us: c@y.example;',
      'To: d@y.example',
      'Cc: B <b@Y.EXAMPLE>',
    )
    expect((await envelope(message)).to).toEqual(['b@y.example', 'c@y.example', 'd@y.example'])
  })

  it('is in the Resent- fields where there is a block of them (P57)', async () => {
    const message = header(
      'Resent-Date: Mon, 1 Jan 2024 00:00:00 +0000',
      'Resent-From: r@x.example',
      'Resent-To: s@y.example',
      'Resent-Bcc: t@y.example',
      'From: a@x.example',
      'To: b@y.example',
      'Cc: c@y.example',
    )
    expect(await envelope(message)).toEqual({ from: 'r@x.example', to: ['s@y.example', 't@y.example'] })
    expect(await textOf(await readMessage(message, {}))).not.toMatch(/t@y\.example/)
  })

  it('is refused when there is more than one block of Resent- fields (P57)', async () => {
    const message = header('Resent-Date: x', 'Resent-Date: y', 'Resent-From: r@x.example', 'Resent-To: s@y.example')
    await expect(envelope(message)).rejects.toThrow("message has more than one 'Resent-' header block")
  })

  it('gives way to what the caller says, header by header (P64)', async () => {
    const message = header('From: a@x.example', 'To: b@y.example')
    expect(await envelope(message, { from: '' })).toEqual({ from: '', to: ['b@y.example'] })
    expect(await envelope(message, { to: 'z@y.example' })).toEqual({ from: 'a@x.example', to: ['z@y.example'] })
  })

  it('gives way to the envelope that a message brings along', async () => {
    const source = {
      envelope: { from: false as const, to: 'z@y.example' },
      stream: () => [octets(header('From: a@x.example', 'To: b@y.example', 'Bcc: h@y.example'))],
    }
    expect(await envelope(source)).toEqual({ from: '', to: ['z@y.example'] })
    expect(await textOf(await readMessage(source, {}))).toBe(header('From: a@x.example', 'To: b@y.example'))
  })

  it.each([
    ['no From', header('To: b@y.example'), /no From/],
    ['an empty From', header('From:', 'To: b@y.example'), /From: no address/],
    ['two From fields', header('From: a@x.example', 'From: b@x.example', 'To: b@y.example'), /From: is there twice/],
    ['an address that cannot be read', header('From: a@x.example', 'To: b@y'.concat(' c@z')), /To: .*\(at \d+\)/],
    ['no header at all', 'hello', /line 1 of the header/],
  ])('is refused for %s', async (_what, message, why) => {
    await expect(envelope(message)).rejects.toThrow(SMTPMessageError)
    await expect(envelope(message)).rejects.toThrow(why)
  })

  it.each(['To: undisclosed-recipients:;', 'To:', 'Subject: x'])(
    'is refused without recipients: %s (P59)',
    async line => {
      await expect(envelope(header('From: a@x.example', line))).rejects.toThrow(SMTPEnvelopeError)
    },
  )

  it('tells the Message-ID', async () => {
    const { letter } = await readMessage(
      header('From: a@x.example', 'To: b@y.example', 'Message-ID:\r\n <1@x.example>'),
      {},
    )
    expect(letter.messageId).toBe('<1@x.example>')
  })

  it('knows UTF-8 in the header, and refuses other octets above 127', async () => {
    const utf8 = await readMessage(header('From: Jörg <a@x.example>', 'To: b@y.example'), {})
    expect(utf8.letter.utf8Header).toBe(true)
    expect(utf8.letter.utf8Address).toBe(false)
    const inBody = await readMessage(`${header('From: a@x.example', 'To: b@y.example')}ü`, {})
    expect(inBody.letter).toMatchObject({ utf8Header: false, eightBit: true })
    const latin1 = Buffer.from(header('Subject: J\xf6rg', 'From: a@x.example', 'To: b@y.example'), 'latin1')
    await expect(readMessage(latin1, {})).rejects.toThrow('not UTF-8')
  })
})

describe('Bcc and Resent-Bcc', () => {
  const before = 'From: a@x.example\r\nTo: b@y.example\r\n'
  const hidden = 'bCC : c@y.example,\r\n\td@y.example\r\n\r\n'.slice(0, -2)
  const after = 'Subject: Bcc: is not a field here\r\n Bcc: nor here\r\n\r\nBcc: body@y.example\r\n'
  const message = before + hidden + after

  it('are taken out with all their lines, and not one other octet changes (P60)', async () => {
    expect(await textOf(await readMessage(message, {}))).toBe(before + after)
    expect(await textOf(await readMessage(octets(message), { from: '', to: 'x@y.example' }))).toBe(before + after)
  })

  it('are taken out of a stream however it is cut', async () => {
    const whole = octets(message)
    for (let split = 0; split <= whole.length; split++) {
      const chunks = [whole.subarray(0, split), whole.subarray(split)]
      const read = await readMessage(chunks, {})
      expect(read.letter.to).toEqual(['b@y.example', 'c@y.example', 'd@y.example'])
      expect(await textOf(read)).toBe(before + after)
    }
    const single = Array.from(whole, octet => Uint8Array.of(octet))
    expect(await textOf(await readMessage(single, {}))).toBe(before + after)
  })

  it('are taken off the length that the source has promised', async () => {
    const read = await readMessage({ stream: () => [octets(message)], size: message.length }, {})
    expect(read.letter.bodyOptions.length).toBe(message.length - hidden.length)
    expect(read.letter.octets).toBe(message.length - hidden.length)
  })

  it('are taken out when they are the whole header', async () => {
    const read = await readMessage('Bcc: c@y.example\n\nhi', { from: '' })
    expect(read.letter.to).toEqual(['c@y.example'])
    expect(await textOf(read)).toBe('\nhi')
  })
})

describe('a header that is read', () => {
  const chunks = () => [
    octets('From: a@x.example\r\n'),
    octets('To: b@y.example\r\n\r\n'),
    octets('one'),
    octets('two'),
  ]

  it('may come from any kind of source, and the rest is left alone until it is wanted', async () => {
    const text = Buffer.concat(chunks()).toString()
    const web = () => new ReadableStream({ pull: controller => controller.enqueue(octets(text)) })
    const sources: Message[] = [
      text,
      octets(text),
      chunks(),
      Readable.from(chunks()),
      { stream: chunks },
      { stream: () => octets(text) },
      new Blob([text]),
      new DataView(octets(text).buffer) as unknown as Uint8Array,
    ]
    for (const source of sources) {
      const read = await readMessage(source, {})
      expect(read.letter).toMatchObject({ from: 'a@x.example', to: ['b@y.example'] })
      expect(await textOf(read), inspect(source)).toBe(text)
    }
    const endless = await readMessage(web(), {})
    expect(endless.letter.from).toBe('a@x.example')
    endless.release()
  })

  it('has a limit: it is taken at the limit and refused above it', async () => {
    const text = 'From: a@x.example\r\nTo: b@y.example\r\n\r\nbody'
    const length = text.indexOf('body') - 1
    for (const source of [text, [octets(text)], Array.from(octets(text), octet => Uint8Array.of(octet))]) {
      await expect(readMessage(source, { headerLimit: length })).resolves.toBeDefined()
      await expect(readMessage(source, { headerLimit: length + 1 })).resolves.toBeDefined()
      await expect(readMessage(source, { headerLimit: length - 1 })).rejects.toThrow(`more than ${length - 1} octets`)
    }
  })

  it('that never ends is given up at the limit', async () => {
    let given = 0
    let closed = false
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          given += 1024
          yield octets('x'.repeat(1024))
        }
      } finally {
        closed = true
      }
    }
    await expect(readMessage(endless(), { headerLimit: 8192 })).rejects.toThrow('more than 8192 octets')
    expect(given).toBe(9216)
    expect(closed).toBe(true)
  })

  it('tells the source when nobody wants the rest', async () => {
    let closed = 0
    const source = {
      async *[Symbol.asyncIterator]() {
        try {
          yield* chunks()
        } finally {
          closed++
        }
      },
    }
    const read = await readMessage(source, {})
    expect(closed).toBe(0)
    read.release()
    read.release()
    await expect.poll(() => closed).toBe(1)
    await expect(readMessage(source, { from: 'a b' })).rejects.toThrow()
    await expect.poll(() => closed).toBe(2)
  })

  it('of a source that fails fails with it', async () => {
    // biome-ignore lint/correctness/useYield: it fails before it gives anything
    async function* broken(): AsyncGenerator<Uint8Array> {
      throw new Error('disk on fire')
    }
    await expect(readMessage(broken(), {})).rejects.toThrow('disk on fire')
    await expect(readMessage(['text'] as unknown as Uint8Array[], {})).rejects.toThrow('gave string where octets')
  })

  it.each([null, undefined, 5, {}, { stream: 1 }, new Date(0)])('is not looked for in %j', async source => {
    await expect(readMessage(source as unknown as Message, {})).rejects.toThrow(TypeError)
  })
})
