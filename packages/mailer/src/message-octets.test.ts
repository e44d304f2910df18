import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SMTPEnvelopeError, SMTPMessageError, SMTPNotSupportedError } from './error.js'
import { addressTo } from './letter.js'
import { type ReadMessage, readMessage } from './message.js'
import { write } from './sendmail.js'
import { iterate, type Message, type MessageForm } from './source.js'

const octets = (text: string): Uint8Array => new TextEncoder().encode(text)

async function octetsOf({ letter }: ReadMessage): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  const source = iterate(letter.body)
  for (;;) {
    const { done, value } = await source.next()
    if (done === true) return Buffer.concat(chunks)
    chunks.push(value)
  }
}

const envelope = { from: 'a@x.example', to: 'b@y.example' }

/** A field and whether it must stay. */
interface Line {
  readonly octets: Uint8Array
  readonly stays: boolean
}

const value = fc.array(
  fc.constantFrom('a', ' ', '\t', ':', ',', '"', '<c@y.example>', 'Bcc: d@y.example', 'From x', 'ü', '\0', '.'),
  { maxLength: 4 },
)
const lineEnd = fc.constantFrom('\r\n', '\r\n', '\n', '\r')
const fieldNames = {
  gone: ['Bcc', 'bcc', 'BCC', 'bCc', 'Resent-Bcc', 'RESENT-BCC', 'resent-bcc'],
  staying: ['To', 'X-Bcc', 'Bcc-X', 'Bc', 'Bccc', 'Resent-Bc', 'XResent-Bcc', 'From', 'Bcc.', 'bcc-', '__proto__'],
}

/** A field with obsolete white space before the colon, folds, and any line end. The last may have none. */
const line: fc.Arbitrary<Line> = fc
  .tuple(
    fc.oneof(
      fc.constantFrom(...fieldNames.gone).map(name => ({ name, stays: false })),
      fc.constantFrom(...fieldNames.staying).map(name => ({ name, stays: true })),
    ),
    fc.constantFrom('', '', ' ', '\t', ' \t '),
    value,
    lineEnd,
    fc.array(fc.tuple(fc.constantFrom(' ', '\t'), value, lineEnd), { maxLength: 2 }),
  )
  .map(([{ name, stays }, space, first, end, folds]) => ({
    octets: octets(
      `${name}${space}:${first.join('')}${end}${folds.map(([start, more, eol]) => start + more.join('') + eol).join('')}`,
    ),
    stays,
  }))

const body = fc
  .tuple(
    lineEnd,
    fc.array(fc.constantFrom('From me\r\n', 'Bcc: e@y.example\r\n', '\r\n', '.\r\n', '\n', '\r', 'ü', 'Bcc'), {
      maxLength: 5,
    }),
    fc.uint8Array({ maxLength: 4 }),
  )
  .map(([empty, lines, rest]) => Buffer.concat([octets(empty + lines.join('')), rest]))

/** A message; and the same without the fields that nobody may see. */
const message = fc
  .tuple(fc.array(line, { minLength: 1, maxLength: 5 }), fc.option(body), fc.boolean())
  // A CR and the LF behind it are one line end, so that there would be no empty line.
  .filter(([lines, end]) => !(lines.at(-1)?.octets.at(-1) === 13 && end?.at(0) === 10))
  .map(([lines, end, isCut]) => {
    const parts = lines.map(({ octets: part, stays }, place) => {
      // A header without a body may end in the middle of its last line.
      const isUnended = end === null && isCut && place === lines.length - 1
      return { stays, part: isUnended ? octets(new TextDecoder().decode(part).replace(/[\r\n]+$/, '')) : part }
    })
    if (end !== null) parts.push({ stays: true, part: end })
    const staying = parts.filter(({ stays }) => stays).map(({ part }) => Buffer.from(part))
    for (const [place, part] of staying.entries())
      if (part.at(-1) === 13 && staying[place + 1]?.at(0) === 10) part[part.length - 1] = 10
    return { whole: Buffer.concat(parts.map(({ part }) => part)), rest: Buffer.concat(staying) }
  })

describe('what goes out of a message (P60)', () => {
  it('is every octet but the fields Bcc and Resent-Bcc: from memory, and the message itself is as it was', async () => {
    await fc.assert(
      fc.asyncProperty(message, async ({ whole, rest }) => {
        const given = Uint8Array.from(whole)
        expect(await octetsOf(await readMessage(given, envelope))).toEqual(rest)
        expect(Buffer.from(given)).toEqual(whole)
      }),
      { numRuns: 2000 },
    )
  })

  it('is the same from a stream, wherever that is cut, and from single octets', async () => {
    await fc.assert(
      fc.asyncProperty(message, async ({ whole, rest }) => {
        for (let cut = 0; cut <= whole.length; cut++) {
          const chunks = [whole.subarray(0, cut), whole.subarray(cut)]
          expect((await octetsOf(await readMessage(chunks, envelope))).equals(rest), `cut at ${cut}`).toBe(true)
        }
        const single = Array.from(whole, octet => Uint8Array.of(octet))
        expect(await octetsOf(await readMessage(single, envelope))).toEqual(rest)
        const source = { stream: () => single, size: whole.length }
        const { letter } = await readMessage(source, envelope)
        expect(letter.octets).toBe(rest.length)
      }),
      { numRuns: 100 },
    )
  })

  it('is never a field that could not be told from Bcc: such a header is refused', async () => {
    for (const odd of [
      'Bcc\0: c@y.example',
      'Bcc\r\n : c@y.example',
      'Bcc',
      '\u00a0Bcc: c@y.example',
      'Bcc\u00a0: c@y.example',
      ': Bcc',
    ])
      await expect(readMessage(`To: b@y.example\r\n${odd}\r\n\r\n`, envelope)).rejects.toThrow(SMTPMessageError)
  })

  it('does not let the body become header where a bare CR would meet a bare LF', async () => {
    const text = 'To: b@y.example\rBcc: c@y.example\r\n\nX-Body: yes\r\n'
    expect((await octetsOf(await readMessage(text, envelope))).toString()).toBe('To: b@y.example\n\nX-Body: yes\r\n')
  })

  it('is held to the policies for lines, and what was taken out is not', async () => {
    const long = 'y'.repeat(999)
    const policy = { ...envelope, longLines: 'reject', newlines: 'reject' } as const
    const before = 'To: b@y.example\r\n'
    const read = await readMessage(octets(`${before}Bcc: ${long}\nResent-Bcc:\r\r\nhi`), policy)
    expect((await octetsOf(read)).toString()).toBe(`${before}\r\nhi`)
    await expect(readMessage(octets(`${before}X: ${long}\r\n\r\n`), policy)).rejects.toThrow(/a line of 1002 octets/)
    await expect(readMessage(octets(`${before}X: y\n\r\n`), policy)).rejects.toThrow(/1 line ends/)
  })

  it('leaves lines that begin with "From " alone (P63)', async () => {
    const text = 'To: b@y.example\r\n\r\nFrom me\r\n>From you\r\n'
    expect((await octetsOf(await readMessage(text, envelope))).toString()).toBe(text)
  })

  it('needs SMTPUTF8 for what stays in the header, not for what was taken out of it', async () => {
    const text = 'From: a@x.example\r\nBcc: Jörg <c@y.example>\r\n\r\nhi'
    const { letter } = await readMessage(text, {})
    expect(letter).toMatchObject({ utf8Header: false, utf8Address: false, eightBit: false, to: ['c@y.example'] })
    const latin1 = Buffer.from(text, 'latin1')
    await expect(readMessage(latin1, {})).rejects.toThrow('Bcc: not UTF-8')
    expect((await readMessage(latin1, envelope)).letter).toMatchObject({ utf8Header: false, eightBit: false })
    const hidden = await readMessage('From: a@x.example\r\nBcc: jörg@y.example\r\n\r\nhi', {})
    expect(hidden.letter).toMatchObject({ utf8Header: false, utf8Address: true })
    expect(() => addressTo(undefined, hidden.letter)).toThrow(SMTPNotSupportedError)
  })
})

describe('who a message goes to', () => {
  const address = fc
    .tuple(fc.constantFrom('a', 'b', 'c', '"d e"'), fc.constantFrom('x', 'y'))
    .map(([l, d]) => `${l}@${d}.example`)
  const field = fc.tuple(
    fc.constantFrom('To', 'to', 'Cc', 'CC', 'Bcc', 'bcc'),
    fc.array(address, { maxLength: 3 }),
    fc.constantFrom('plain', 'group', 'folded'),
  )

  it('is all of To, then Bcc, then Cc, groups expanded, each address once (P59, RFC 5322 4.5.3)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(field, { maxLength: 6 }), fc.boolean(), async (fields, isResent) => {
        const prefix = isResent ? 'Resent-' : ''
        const unique = isResent
          ? fields.filter(
              ([name], n) => fields.findIndex(([other]) => other.toLowerCase() === name.toLowerCase()) === n,
            )
          : fields
        const lines = unique.map(([name, list, how]) => {
          const text = list.join(how === 'folded' ? ',\r\n\t' : ', ')
          return `${prefix}${name}: ${how === 'group' ? `some: ${text};` : text}\r\n`
        })
        const outer = isResent ? 'From: z@x.example\r\nTo: old@x.example\r\nBcc: old@y.example\r\n' : ''
        const text = `${outer}${prefix}From: f@x.example\r\n${lines.join('')}\r\nbody`
        const wanted = ['to', 'bcc', 'cc'].flatMap(name =>
          unique.filter(([own]) => own.toLowerCase() === name).flatMap(([, list]) => list),
        )
        const read = readMessage(text, {})
        if (wanted.length === 0) await expect(read).rejects.toThrow(SMTPEnvelopeError)
        else expect((await read).letter).toMatchObject({ from: 'f@x.example', to: [...new Set(wanted)] })
      }),
    )
  })

  it.each([
    ['Sender before From', 'Sender: s@x.example\r\nFrom: f@x.example', 's@x.example'],
    ['the first of From', 'From: F <f@x.example>, g@x.example', 'f@x.example'],
    ['the first of a group in From (RFC 6854)', 'From: us: f@x.example, g@x.example;', 'f@x.example'],
    [
      'Resent-Sender before all others',
      'Resent-From: r@x.example\r\nResent-Sender: s@x.example\r\nSender: t@x.example\r\nFrom: f@x.example',
      's@x.example',
    ],
    [
      'Resent-From before Sender',
      'Sender: t@x.example\r\nResent-From: r@x.example\r\nFrom: f@x.example',
      'r@x.example',
    ],
  ])('comes from %s (P57, P58)', async (_what, header, from) => {
    const prefix = header.includes('Resent') ? 'Resent-' : ''
    expect((await readMessage(`${header}\r\n${prefix}To: b@y.example\r\n\r\n`, {})).letter.from).toBe(from)
  })

  it.each([
    [
      'two addresses in Sender',
      'Sender: s@x.example, t@x.example\r\nFrom: f@x.example',
      /Sender: more than one address/,
    ],
    ['two Sender fields', 'Sender: s@x.example\r\nSender: s@x.example\r\nFrom: f@x.example', /Sender: is there twice/],
    ['no Resent-From in a Resent- block', 'Resent-Date: x\r\nFrom: f@x.example', /no Resent-From/],
    [
      'Resent-To twice',
      'Resent-From: r@x.example\r\nResent-To: a@x.example\r\nResent-To: b@x.example',
      /more than one 'Resent-'/,
    ],
    [
      'Resent-From twice, far from each other',
      'Resent-From: r@x.example\r\nSubject: x\r\nresent-from: q@x.example',
      /more than one 'Resent-'/,
    ],
  ])('is not guessed with %s (RFC 5322 3.6.2, 3.6.6)', async (_what, header, why) => {
    await expect(readMessage(`${header}\r\nTo: b@y.example\r\n\r\n`, {})).rejects.toThrow(why)
    await expect(readMessage(`${header}\r\nTo: b@y.example\r\n\r\n`, {})).rejects.toThrow(SMTPMessageError)
  })
})

describe('a message in parts', () => {
  const headers = [
    ['From', 'a@x.example'],
    ['To', 'b@y.example'],
    ['Bcc', 'c@y.example'],
    ['Subject', 'tea'],
  ] as const
  const text = 'From: a@x.example\r\nTo: b@y.example\r\nSubject: tea\r\n\r\n'

  it('is its header, an empty line and its body, without Bcc', async () => {
    const bodies: readonly (readonly [Message | undefined, string])[] = [
      [undefined, ''],
      ['', ''],
      ['at four\n', 'at four\n'],
      [octets('für zwei'), 'für zwei'],
      [[octets('at '), octets('four')], 'at four'],
      [new Blob(['at four']).stream(), 'at four'],
    ]
    for (const [part, expected] of bodies) {
      const parts = part === undefined ? { headers } : { headers, body: part as string }
      const read = await readMessage(parts, {})
      expect(read.letter).toMatchObject({ from: 'a@x.example', to: ['b@y.example', 'c@y.example'] })
      expect((await octetsOf(read)).toString()).toBe(text + expected)
    }
  })

  it('is refused when a field would become two (T-04)', async () => {
    await expect(readMessage({ headers: [...headers, ['X', 'y\r\nBcc: z@y.example']] }, {})).rejects.toThrow(
      SMTPMessageError,
    )
  })

  it('is not looked for in what only has something of that name', async () => {
    await expect(readMessage({ headers: { From: 'a@x.example' } } as unknown as Message, {})).rejects.toThrow(TypeError)
    await expect(readMessage({ headers: [...headers], body: 5 as unknown as string }, {})).rejects.toThrow(TypeError)
  })
})

describe('a message that can write itself with and without UTF-8', () => {
  const writing = (to: string) => {
    const asked: MessageForm[] = []
    return {
      asked,
      serialize(form: MessageForm): Uint8Array {
        asked.push(form)
        const [name, host] = form === 'utf8' ? ['Jörg', 'müller'] : ['=?utf-8?q?J=C3=B6rg?=', 'xn--mller-kva']
        return octets(`From: ${name} <a@x.example>\r\nTo: ${to}, e@${host}.example\r\nBcc: c@y.example\r\n\r\n${form}`)
      },
    }
  }

  it('goes out in 7 bits when all its addresses are ASCII (P61)', async () => {
    const source = writing('b@y.example')
    const read = await readMessage(source, {})
    expect(source.asked).toEqual(['utf8', '7bit'])
    expect(read.letter).toMatchObject({
      utf8Header: false,
      eightBit: false,
      to: ['b@y.example', 'e@xn--mller-kva.example', 'c@y.example'],
    })
    expect((await octetsOf(read)).toString()).toMatch(
      /^From: =\?utf-8\?q\?J=C3=B6rg\?= <a@x\.example>\r\nTo: .*\r\n\r\n7bit$/,
    )
  })

  it('goes out in UTF-8 when one of them is not', async () => {
    const source = writing('jörg@y.example')
    const read = await readMessage(source, {})
    expect(source.asked).toEqual(['utf8'])
    expect(read.letter).toMatchObject({ utf8Header: true, utf8Address: true })
    expect((await octetsOf(read)).toString()).toMatch(
      /^From: Jörg <a@x\.example>\r\nTo: jörg@y\.example, e@müller\.example\r\n\r\nutf8$/,
    )
  })

  it('is asked by sendmail for the form that its addresses need', async () => {
    const [ascii, utf8] = [writing('b@y.example'), writing('b@y.example')]
    expect(write('a@x.example', 'b@y.example', ascii, {})).toMatchObject({ utf8Header: false, eightBit: false })
    expect(ascii.asked).toEqual(['7bit'])
    expect(write('a@x.example', 'jörg@y.example', utf8, {})).toMatchObject({ utf8Header: true, utf8Address: true })
    expect(utf8.asked).toEqual(['7bit', 'utf8'])
  })

  it('is judged by the envelope it is given, and by nothing else', async () => {
    const to = function* (): Generator<string> {
      yield 'd@y.example'
    }
    const source = writing('jörg@y.example')
    const read = await readMessage(source, { from: '', to: to() })
    expect(source.asked).toEqual(['utf8', '7bit'])
    expect(read.letter).toMatchObject({ from: '', to: ['d@y.example'] })
    const other = writing('b@y.example')
    expect((await readMessage(other, { to: new Set(['jörg@y.example']) })).letter.to).toEqual(['jörg@y.example'])
    expect(other.asked).toEqual(['utf8'])
  })
})
