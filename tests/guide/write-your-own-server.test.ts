/**
 * The guide's server is a server: its pieces make a program that compiles, every dialogue of the page is played against it over sockets, in one go and octet
 * by octet, and foreign clients can use it.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type AddressInfo, connect, type Server, type Socket } from 'node:net'
import { basename, join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { fileURLToPath } from 'node:url'
import * as codec from '@postrider/codec'
import { createCertificate } from '@postrider/testkit'
import ts from 'typescript'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Dialogue, readPage } from './page.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const page = readPage(readFileSync(join(root, 'apps/docs/guide/write-your-own-server.md'), 'utf8'))

/** The part of `server.ts` that is used here. */
interface Guide {
  serve(settings: {
    domain: string
    size: number
    tls: { key: string; cert: string }
    users: ReadonlyMap<string, string>
    knows: (address: string) => boolean | Promise<boolean>
    deliver: (message: { from: string; to: readonly string[]; octets: Uint8Array }) => void | Promise<void>
  }): Server
}

const requireBuiltin = createRequire(import.meta.url)

/** Runs one of the page's files, with what it may import. */
function run(name: string, modules: Readonly<Record<string, unknown>>): unknown {
  const { outputText } = ts.transpileModule(page.files.get(name) ?? '', {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  })
  const exports = {}
  const load = (specifier: string) => modules[specifier] ?? requireBuiltin(specifier)
  new Function('require', 'exports', outputText)(load, exports)
  return exports
}

const guide = run('server.ts', { '@postrider/codec': codec }) as Guide
const certificate = createCertificate()

let server: Server
let port: number
let delivered: { from: string; to: readonly string[]; text: string }[]
let isDown: boolean
const open: Socket[] = []

beforeEach(async () => {
  delivered = []
  isDown = false
  server = guide.serve({
    domain: 'mx.example.org',
    size: 1_000_000,
    tls: certificate,
    users: new Map([['ann', 's3cret']]),
    knows: async address => address === 'ann@example.org',
    deliver: ({ from, to, octets }) => {
      if (isDown) throw new Error('the disk is full')
      delivered.push({ from, to, text: Buffer.from(octets).toString('latin1') })
    },
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})

afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy()
  server.close()
  await once(server, 'close')
})

/** A client that writes what it is told, in pieces of the given size, and hears line by line. */
class Client {
  #socket: Socket
  #heard = ''
  #lines = 0
  readonly #size: number

  constructor(size: number) {
    this.#size = size
    this.#socket = connect(port, '127.0.0.1').setNoDelay(true)
    this.#listen()
  }

  async secure(): Promise<void> {
    this.#socket.removeAllListeners('data')
    this.#socket = connectTls({ socket: this.#socket, host: 'localhost', ca: certificate.cert })
    await once(this.#socket, 'secureConnect')
    this.#listen()
  }

  async write(text: string): Promise<void> {
    const octets = Buffer.from(text)
    for (let i = 0; i < octets.length; i += this.#size) {
      this.#socket.write(octets.subarray(i, i + this.#size))
      if (this.#size < octets.length && i % 8 === 0) await new Promise(resolve => setImmediate(resolve))
    }
  }

  /** The next lines of the server, as many as are asked for. */
  async hear(count: number): Promise<string[]> {
    const until = this.#lines + count
    for (;;) {
      const lines = this.#heard.split('\r\n')
      if (lines.length > until || this.#socket.closed) {
        const heard = lines.slice(0, -1).slice(this.#lines, until)
        this.#lines = until
        return heard
      }
      await Promise.race([once(this.#socket, 'data'), once(this.#socket, 'close')]).catch(() => {})
    }
  }

  /** All that is left until the server closes. */
  async rest(): Promise<string> {
    if (!this.#socket.closed) await once(this.#socket, 'close').catch(() => {})
    return this.#heard.split('\r\n').slice(this.#lines).join('\r\n')
  }

  #listen(): void {
    open.push(this.#socket)
    this.#socket.setEncoding('utf8').on('data', text => {
      this.#heard += text
    })
    this.#socket.on('error', () => {})
  }
}

/** Plays one dialogue: what the client says between two lines of the server goes out in one write. */
async function play({ lines }: Dialogue, size: number): Promise<void> {
  const client = new Client(size)
  for (let i = 0; i < lines.length; ) {
    const said = take(lines, i, 'C:')
    if (said.length > 0) await client.write(said.map(line => `${line.replaceAll('␊', '\n')}\r\n`).join(''))
    i += said.length
    const expected = take(lines, i, 'S:')
    const heard = await client.hear(expected.length)
    // Spaces at the end of a line do not survive every editor.
    expect(heard.map(line => line.trimEnd())).toEqual(expected)
    i += expected.length
    if (lines[i]?.startsWith('C & S:')) {
      await client.secure()
      i++
    }
  }
  expect(await client.rest(), 'behind the last line').toBe('')
}

function take(lines: readonly string[], from: number, speaker: string): string[] {
  const taken: string[] = []
  for (let i = from; lines[i]?.startsWith(speaker); i++)
    taken.push((lines[i] ?? '').slice(speaker.length).replace(/^ /, '').trimEnd())
  return taken
}

describe('the program of the page', () => {
  it('compiles, under the settings of this repository', { timeout: 120_000 }, () => {
    // The last one shows that the compiler looks.
    const wrong = `${page.files.get('server.ts')}\nsay(1)\n`
    expect(complaints(new Map([...page.files, ['wrong.ts', wrong]]))).toEqual([
      'wrong.ts: Expected 4 arguments, but got 1.',
    ])
  })

  it('starts as the page says', async () => {
    let started: Server | undefined
    const serve = (settings: Parameters<Guide['serve']>[0]) => {
      const made = guide.serve(settings)
      started = made
      return { listen: (_port: number, host: string) => made.listen(0, host) }
    }
    const readFileSync = (name: string) => (name === 'key.pem' ? certificate.key : certificate.cert)
    run('main.ts', { './server.js': { serve }, 'node:fs': { readFileSync } })
    if (started === undefined) throw new Error('main.ts did not call serve')
    await once(started, 'listening')
    expect(started.address()).toMatchObject({ address: '127.0.0.1' })
    started.close()
    await once(started, 'close')
  })
})

describe('the dialogues of the page', () => {
  it('are found', () => {
    expect(page.dialogues.map(({ title }) => title)).toEqual([
      'EHLO',
      'MAIL and RCPT',
      'DATA',
      'Smuggling',
      'BDAT',
      'STARTTLS',
      'AUTH',
      'Limits',
    ])
  })

  it.each(page.dialogues)('$title: is what happens', async dialogue => {
    for (const size of [Number.POSITIVE_INFINITY, 1]) await play(dialogue, size)
    const texts = delivered.map(({ text }) => text)
    if (dialogue.title === 'DATA') expect(texts).toEqual(Array(2).fill('Subject: tea\r\n\r\n.at five\r\n'))
    else if (dialogue.title === 'BDAT') expect(texts).toEqual(Array(2).fill('Subject: tea\r\n\r\n.\r\nDATA\r\n'))
    else expect(texts).toEqual([])
  })
})

describe('the server of the page', () => {
  const hello = 'EHLO client.example.com\r\n'
  const envelope = 'MAIL FROM:<me@example.com>\r\nRCPT TO:<ann@example.org>\r\n'
  const codes = (lines: readonly string[]) => lines.map(line => line.slice(0, 3)).join(' ')

  it('obeys nothing that stands behind STARTTLS in clear text (T-12)', async () => {
    for (const injected of ['RSET\r\n', `${hello}${envelope}`, 'x']) {
      const client = new Client(Number.POSITIVE_INFINITY)
      await client.hear(1)
      await client.write(`${hello}STARTTLS\r\n${injected}`)
      const said = await client.rest()
      expect(said).toMatch(/^250-.*250 ENHANCEDSTATUSCODES\r\n$/s)
    }
    const late = new Client(Number.POSITIVE_INFINITY)
    await late.hear(1)
    await late.write(`${hello}STARTTLS\r\n`)
    await late.hear(9)
    await late.write(`${hello}`)
    expect(await late.rest()).toMatch(/^$|^\x15/)
  })

  it('takes only CRLF.CRLF for the end of data, in every smuggling sequence (T-31)', async () => {
    for (const end of ['\n.\n', '\n.\r\n', '\r.\r', '\r\n.\n', '\r\n.\r', '\r\n\0.\r\n', '\n.\r', '\r.\r\n']) {
      const client = new Client(Number.POSITIVE_INFINITY)
      await client.write(`${hello}${envelope}DATA\r\nx${end}MAIL FROM:<evil@example.com>\r\n.\r\nQUIT\r\n`)
      await client.hear(9)
      expect(codes((await client.rest()).split('\r\n'))).toMatch(/^250 250 354 (554|250) 221 $/)
    }
    expect(delivered.map(({ text }) => text)).toEqual(['x\r\n\0.\r\nMAIL FROM:<evil@example.com>\r\n'])
  })

  it('forgets the transaction behind EHLO, RSET, a message and a refused message (T-49)', async () => {
    const endings = [
      'RSET\r\n',
      hello,
      'DATA\r\nx\r\n.\r\n',
      'DATA\r\nx\ny\r\n.\r\n',
      'BDAT 1 LAST\r\nx',
      `BDAT 1000001\r\n${'x'.repeat(1_000_001)}`,
    ]
    for (const ending of endings) {
      const client = new Client(Number.POSITIVE_INFINITY)
      await client.write(`${hello}${envelope}${ending}RCPT TO:<ann@example.org>\r\nDATA\r\nQUIT\r\n`)
      expect(await client.rest(), ending.slice(0, 20)).toMatch(
        /503 5\.5\.1 MAIL first\r\n503 5\.5\.1 RCPT first\r\n221 2\.0\.0 Bye\r\n$/,
      )
    }
  })

  it('holds its limits: recipients, size, faults (T-50)', async () => {
    const many = new Client(Number.POSITIVE_INFINITY)
    await many.write(`${hello}MAIL FROM:<>\r\n${'RCPT TO:<ann@example.org>\r\n'.repeat(101)}QUIT\r\n`)
    const said = await many.rest()
    expect(said.match(/250 2\.1\.5/g)).toHaveLength(100)
    expect(said.match(/452 4\.5\.3/g)).toHaveLength(1)

    for (const [size, code] of [
      [1_000_000, '250 2.6.0'],
      [1_000_001, '552 5.3.4'],
    ] as const) {
      const lines = `${'x'.repeat(98)}\r\n`.repeat(9999)
      const message = `${lines}${'x'.repeat(size - lines.length - 2)}\r\n`
      const big = new Client(Number.POSITIVE_INFINITY)
      await big.write(`${hello}${envelope}DATA\r\n${message}.\r\nQUIT\r\n`)
      expect(await big.rest()).toContain(code)
    }

    const clumsy = new Client(Number.POSITIVE_INFINITY)
    await clumsy.write('MAIL\r\n'.repeat(50))
    const faults = await clumsy.rest()
    expect(faults.match(/501 5\.1\.7/g)).toHaveLength(21)
    expect(faults).toMatch(/421 4\.7\.0 Too many errors\r\n$/)
  })

  it('keeps the responsibility with the client when it cannot store', async () => {
    isDown = true
    const client = new Client(Number.POSITIVE_INFINITY)
    await client.write(`${hello}${envelope}DATA\r\nx\r\n.\r\nQUIT\r\n`)
    expect(await client.rest()).toContain('451 4.3.0 Come again later\r\n221')
    expect(delivered).toEqual([])
  })

  it("takes mail from Python's smtplib, as the page shows it", async ({ skip }) => {
    if (spawnSync('python3', ['--version']).error) skip('python3 is not installed')
    expect(page.python).toHaveLength(1)
    const python = spawn('python3', ['-c', (page.python[0] ?? '').replace('2525', String(port))])
    let complaint = ''
    python.stderr.on('data', chunk => {
      complaint += chunk
    })
    const [code] = await once(python, 'close')
    expect([code, complaint]).toEqual([0, ''])
    expect(delivered).toEqual([
      { from: 'me@example.com', to: ['ann@example.org'], text: 'Subject: tea\r\n\r\n.at five\r\n' },
    ])
  })
})

/** What the compiler says of the files, as if they stood here. */
function complaints(files: ReadonlyMap<string, string>): string[] {
  const folder = join(root, 'tests/guide')
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, root)
  const host = ts.createCompilerHost(options)
  const given = new Map([...files].map(([name, text]) => [join(folder, name), text]))
  const { fileExists, readFile } = host
  host.fileExists = path => given.has(path) || fileExists.call(host, path)
  host.readFile = path => given.get(path) ?? readFile.call(host, path)
  const program = ts.createProgram([...given.keys()], options, host)
  return [...given.keys()].flatMap(path => {
    const source = program.getSourceFile(path)
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
    return found.map(({ messageText }) => `${basename(path)}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`)
  })
}
