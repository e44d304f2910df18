import { afterEach, describe, expect, it, vi } from 'vitest'
import { letter } from '../test/letter.js'
import { readMail } from './mail.js'

afterEach(() => {
  vi.doUnmock('postal-mime')
  vi.resetModules()
})

/** As if postal-mime were not installed. */
async function withoutLibrary(): Promise<typeof readMail> {
  vi.resetModules()
  vi.doMock('postal-mime', () => {
    throw new Error("Cannot find package 'postal-mime'")
  })
  return (await import('./mail.js')).readMail
}

const ENCODED = `Subject: =?iso-8859-1?Q?Gr=FC=DFe?= =?utf-8?B?IMOkbGxlcg==?=
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Gr=FC=DFe =
an alle
`

const PARTS = `Subject: two
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: multipart/alternative; boundary=c

--c
Content-Type: text/plain

plain
--c
Content-Type: text/html

<p>rich
--c--
--b
Content-Type: application/pdf; name=bill.pdf
Content-Disposition: attachment; filename=bill.pdf
Content-Transfer-Encoding: base64

AP8=
--b--
`

describe('a mail that is read', () => {
  it('has subject, text and header fields', async () => {
    const mail = await readMail(letter({ text: 'Subject: hi\nX-A: 1\nX-A: 2\n\nHello\nyou\n' }))
    expect(mail).toMatchObject({ subject: 'hi', text: 'Hello\nyou\n', html: undefined, attachments: [] })
    expect(mail.header('x-a')).toBe('1')
    expect(mail.header('constructor')).toBeUndefined()
  })

  it('is decoded: encoded words (RFC 2047), transfer encodings and charsets', async () => {
    const mail = await readMail(letter({ text: ENCODED }))
    expect(mail).toMatchObject({ subject: 'Grüße äller', text: 'Grüße an alle\n', attachments: [] })
  })

  it('has HTML and attachments', async () => {
    const mail = await readMail(letter({ text: PARTS }))
    expect(mail).toMatchObject({ subject: 'two', text: 'plain\n', html: '<p>rich\n' })
    expect(mail.attachments).toEqual([{ filename: 'bill.pdf', type: 'application/pdf', octets: Uint8Array.of(0, 255) }])
  })

  it.each([
    'Content-Type: text/plain',
    'Content-Type: text/plain; charset="UTF-8"\nContent-Transfer-Encoding: 8bit',
    'Content-Type: TEXT/HTML;charset=us-ascii\nContent-Transfer-Encoding: 7BIT',
  ])('needs no library where it is plain: %s', async header => {
    const message = letter({ text: `${header}\nSubject: Grüße\n\nä\n.\n` })
    const read = await (await withoutLibrary())(message)
    expect(read.subject).toBe('Grüße')
    expect([read.text, read.html]).toContain('ä\n.\n')
    vi.doUnmock('postal-mime')
    expect(JSON.stringify(await readMail(message))).toBe(JSON.stringify(read))
  })

  it.each([
    ['Subject: =?utf-8?q?=C3=A4?=', 'a header is encoded'],
    ['Content-Type: multipart/mixed; boundary=b', 'the content is encoded, or has parts'],
    ['Content-Type: text/plain; charset=iso-8859-1', 'the content is encoded'],
    ['Content-Type: text/plain; format=flowed', 'the content is encoded'],
    ['Content-Transfer-Encoding: base64', 'the content is encoded'],
    ['Content-Disposition: attachment', 'the content is encoded'],
  ])('says which library it takes to read %s', async (header, words) => {
    const read = (await withoutLibrary())(letter({ text: `${header}\n\nx\n` }))
    await expect(read).rejects.toThrow(words)
    await expect(read).rejects.toThrow('npm i -D postal-mime')
  })
})
