import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, type Server } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { serve } from './server-with-codec.js'

let server: Server
let port: number
let delivered: { from: string; to: string[]; octets: Uint8Array }[]

beforeEach(async () => {
  delivered = []
  server = serve(message => delivered.push(message)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})

afterEach(async () => {
  server.close()
  await once(server, 'close')
})

/** Writes all of it, in pieces of the given size, and returns what the server said until it closed. */
async function talk(wire: string, size: number = wire.length): Promise<string[]> {
  const socket = connect(port, '127.0.0.1').setNoDelay(true)
  let said = ''
  socket.setEncoding('latin1').on('data', text => {
    said += text
  })
  for (let i = 0; i < wire.length; i += size) {
    socket.write(wire.slice(i, i + size), 'latin1')
    if (i % 16 === 0) await new Promise(resolve => setImmediate(resolve))
  }
  await once(socket, 'close')
  return said.split('\r\n').slice(0, -1)
}

const codes = (lines: readonly string[]) => lines.map(line => line.slice(0, 4).trim())
const texts = () => delivered.map(({ octets }) => Buffer.from(octets).toString('latin1'))

describe('the server made with the codec', () => {
  it.each([
    ['in one write', undefined],
    ['octet by octet', 1],
  ])('takes a pipelined dialogue %s', async (_how, size) => {
    const wire =
      'EHLO client.example.org\r\nMAIL FROM:<me@example.org> SIZE=20\r\nRCPT TO:<you@example.org>\r\nRCPT TO:<"a b"@example.org>\r\n' +
      'DATA\r\nSubject: x\r\n\r\n..dot\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<you@example.org>\r\nBDAT 6\r\n.\r\nQUIBDAT 3 LAST\r\nT\r\nQUIT\r\n'
    const said = await talk(wire, size)
    expect(said[0]).toBe('220 mx.example.org ESMTP')
    expect(codes(said)).toEqual([
      '220',
      ...Array(6).fill('250-'),
      ...'250 250 250 250 354 250 250 250 250 250 221'.split(' '),
    ])
    expect(delivered.map(({ from, to }) => [from, to])).toEqual([
      ['me@example.org', ['you@example.org', '"a b"@example.org']],
      ['', ['you@example.org']],
    ])
    expect(texts()).toEqual(['Subject: x\r\n\r\n.dot\r\n', '.\r\nQUIT\r\n'])
  })

  it('keeps the order of commands and swallows a chunk nobody asked for', async () => {
    const said = await talk(
      'EHLO a\r\nRCPT TO:<a@b>\r\nDATA\r\nBDAT 6 LAST\r\nQUIT\r\nMAIL FROM:<a@b> X=1\r\nMAIL FROM:<a@b>\r\nMAIL FROM:<a@b>\r\nXYZ\r\nAUTH PLAIN\r\nNOOP\r\nQUIT\r\nBDAT 9\r\n',
    )
    expect(codes(said).slice(8)).toEqual('503 503 503 555 250 503 502 502 250 221'.split(' '))
    expect(delivered).toEqual([])
  })

  it('is not misled by smuggled ends of data, and throws such a message away', async () => {
    for (const end of ['\n.\n', '\n.\r\n', '\r.\r', '\r\n.\n', '\r\n.\r']) {
      const wire = `EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nx${end}MAIL FROM:<evil@b>\r\n.\r\nNOOP\r\nQUIT\r\n`
      expect(codes(await talk(wire)).slice(8)).toEqual('250 250 354 554 250 221'.split(' '))
    }
    expect(delivered).toEqual([])
  })

  it('answers what is malformed or too big', async () => {
    const said = await talk(
      `EHLO a b\r\nEHLO a\r\nMAIL FROM:<a b>\r\nMAIL FROM:<a@b> SIZE=99999999\r\n${'x'.repeat(600)}\r\nNOOP\nRSET\r\nBDAT x\r\nNOOP\r\n`,
    )
    expect(said.filter(line => !line.startsWith('250')).map(line => line.slice(0, 9))).toEqual([
      '220 mx.ex',
      '501 5.5.4',
      '501 5.1.7',
      '552 5.3.4',
      '500 5.5.2',
      '500 5.5.2',
      '501 5.5.4',
    ])
  })

  it('survives ten thousand pipelined transactions', async () => {
    const said = await talk(`EHLO a\r\n${'MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n.\r\n'.repeat(10_000)}QUIT\r\n`)
    expect(said).toHaveLength(1 + 7 + 40_000 + 1)
    expect(delivered).toHaveLength(10_000)
  })

  it("takes mail from Python's smtplib", async ({ skip }) => {
    if (spawnSync('python3', ['--version']).error) skip('python3 is not installed')
    const program = [
      'import smtplib, sys',
      's = smtplib.SMTP("127.0.0.1", int(sys.argv[1]))',
      'refused = s.sendmail("me@example.org", ["you@example.org", "them@example.org"], "Subject: hi\\n\\n.dot\\nbye")',
      'print(s.has_extn("chunking"), s.esmtp_features["size"], refused, s.verify("x")[0])',
      's.quit()',
    ]
    const python = spawn('python3', ['-c', program.join('\n'), String(port)])
    let out = ''
    python.stdout.on('data', chunk => {
      out += chunk
    })
    const [code] = await once(python, 'close')
    expect([code, out.trim()]).toEqual([0, 'True 10000000 {} 502'])
    expect(texts()).toEqual(['Subject: hi\r\n\r\n.dot\r\nbye\r\n'])
    expect(delivered[0]?.to).toEqual(['you@example.org', 'them@example.org'])
  })
})
