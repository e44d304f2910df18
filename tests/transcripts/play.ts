/**
 * Plays a dialogue written in Markdown against a session, without a socket.
 *
 * In: a document with these fences, each optional but `smtp`:
 * - `session`: `key: value` lines. `do` lists the verbs in order (`hello`, `startTls`, `authenticate PLAIN`, `transact`, `quit`, …),
 *   `from` and `to` make the envelope, `protocol`, `name`, `pace` and `chunkSize` are options; `body: BINARYMIME` is the parameter of MAIL.
 * - `message`: the message, line by line: a stream, or `source: memory`. A line `~ pause` keeps the stream waiting for good.
 * - `smtp`: the dialogue in the RFC's own notation. `S:` lines are fed to the session, `C:` lines must be exactly what it writes. Lines with `~` are
 *   what happens beside the text: `~ TLS`, `~ the server closes the connection`, `~ the connection is reset`, `~ the time runs out`.
 * - `outcome`: what the verbs came to, compared as a whole.
 *
 * Segmentation is the caller's choice: it must never matter (rule R16).
 */
import { cramMd5, login, plain } from '@postrider/auth-sasl'
import { Session, type TransactionResult } from '@postrider/session'

export interface Dialogue {
  readonly title: string
  readonly options: ReadonlyMap<string, string>
  readonly message: readonly string[]
  readonly lines: readonly string[]
  readonly outcome: string
}

/** How what the server says is cut: a line at a time, an octet at a time, or all it says in one go. */
export type Segmentation = 'line by line' | 'byte by byte' | 'merged'

export function read(markdown: string): Dialogue {
  const fences = new Map(
    [...markdown.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, name = '', body = '']) => [name, body]),
  )
  const lines = (name: string) => (fences.get(name) ?? '').split('\n').slice(0, -1)
  const options = new Map(
    lines('session').map(line => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()] as const
    }),
  )
  const title = /^# (.*)$/m.exec(markdown)?.[1] ?? 'untitled'
  return {
    title,
    options,
    message: lines('message'),
    lines: lines('smtp'),
    outcome: (fences.get('outcome') ?? '').trim(),
  }
}

/** What was written, in the dialogue's own notation, and what the verbs came to. */
export interface Performance {
  readonly dialogue: readonly string[]
  readonly outcome: string
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export async function play(dialogue: Dialogue, segmentation: Segmentation): Promise<Performance> {
  const { options } = dialogue
  const session = new Session({
    name: options.get('name') ?? 'client.example.org',
    protocol: options.get('protocol') === 'lmtp' ? 'lmtp' : 'smtp',
    chunkSize: Number(options.get('chunkSize') ?? 65_536),
  })
  const performed: string[] = []
  let now = 0
  let unfinished = ''
  let closed = false

  const wrote = (octets: Uint8Array) => {
    const lines = (unfinished + decoder.decode(octets)).split('\r\n')
    unfinished = lines.pop() ?? ''
    performed.push(...lines.map(line => `C: ${line}`.trimEnd()))
  }

  /** Does all that the session asks for, as a driver would, until it asks for no more. */
  const settle = async () => {
    for (let idle = 0; idle < 3; ) {
      const output = session.poll()
      if (output === undefined) {
        idle++
        await new Promise(setImmediate)
        continue
      }
      idle = 0
      if (output.kind === 'write') wrote(output.octets)
      else if (output.kind === 'flush') session.flushed()
      else if (output.kind === 'commit') wrote(session.commit() ?? new Uint8Array(0))
      else if (output.kind === 'close') closed = true
    }
  }

  const outcome: string[] = []
  const script = perform(session, dialogue, outcome)
  session.connected()
  for (const part of parts(dialogue.lines, segmentation)) {
    if (part.kind === 'client') continue
    if (part.kind === 'server') {
      performed.push(...part.lines)
      for (const chunk of cut(part.lines, segmentation)) {
        session.receive(chunk)
        await settle()
      }
      continue
    }
    performed.push(part.line)
    if (part.line === '~ TLS')
      session.secured({ version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', authorized: true })
    else if (part.line === '~ the server closes the connection') session.closed()
    else if (part.line === '~ the connection is reset') session.broken(new Error('read ECONNRESET'))
    else if (part.line === '~ the time runs out') {
      now = session.deadline(now) ?? now
      session.timeout(now)
    } else throw new Error(`not a stage direction: ${part.line}`)
    await settle()
  }
  const unplayed = Symbol('unplayed')
  const end = await Promise.race([script, new Promise(resolve => setImmediate(resolve, unplayed))])
  if (end === unplayed) outcome.push(`still waiting in state ${session.state}`)
  outcome.push(`connection: ${closed ? 'closed' : session.usable ? 'usable' : session.state}`)
  if (unfinished !== '') performed.push(`C: ${unfinished} (without CRLF)`)
  return { dialogue: performed, outcome: outcome.join('\n') }
}

async function perform(session: Session, dialogue: Dialogue, outcome: string[]): Promise<void> {
  const { options, message } = dialogue
  const from = options.get('from') ?? ''
  const to = (options.get('to') ?? '').split(',').map(address => address.trim())
  const pace = paces.find(known => known === options.get('pace')) ?? 'certain'
  const parameters = options.get('body') === 'BINARYMIME' ? ({ body: 'BINARYMIME' } as const) : {}
  const body = () => (options.get('source') === 'memory' ? encoder.encode(text(message)) : source(message))
  try {
    await session.opened()
    for (const action of (options.get('do') ?? '').split(',').map(word => word.trim())) {
      const [verb, argument] = action.split(' ')
      if (verb === 'hello') await session.hello()
      else if (verb === 'startTls') await session.startTls()
      else if (verb === 'authenticate') await session.authenticate(mechanism(argument ?? ''))
      else if (verb === 'transact')
        outcome.push(...tell(await session.transact({ from, to, parameters }, body(), { pace })))
      else if (verb === 'noop') await session.noop()
      else if (verb === 'quit') await session.quit()
      else throw new Error(`not a verb: ${action}`)
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    outcome.push(`${error.name}: ${error.message}`)
  }
}

const paces = ['step', 'certain', 'oneFlight'] as const

const text = (message: readonly string[]) => message.map(line => `${line}\r\n`).join('')

function mechanism(name: string) {
  const credentials = { username: 'tim', password: 'tanstaaftanstaaf' }
  if (name === 'PLAIN') return plain(credentials)
  if (name === 'LOGIN') return login(credentials)
  if (name === 'CRAM-MD5') return cramMd5(credentials)
  throw new Error(`no mechanism ${name}`)
}

function tell(result: TransactionResult): string[] {
  const lines = result.recipients.map(
    ({ address, outcome, reply }) =>
      `${address}: ${outcome}${reply === undefined ? '' : `, ${reply.code} ${reply.text}`}`,
  )
  lines.push(`may have been delivered: ${result.mayHaveBeenDelivered ? 'yes' : 'no'}; retry: ${result.retry}`)
  if (result.error !== undefined) lines.push(`${result.error.name}: ${result.error.message}`)
  return lines
}

async function* source(message: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const line of message) {
    if (line === '~ pause') await new Promise(() => {})
    else yield encoder.encode(`${line}\r\n`)
  }
}

type Part = { kind: 'server'; lines: string[] } | { kind: 'client' } | { kind: 'direction'; line: string }

function parts(lines: readonly string[], segmentation: Segmentation): Part[] {
  const found: Part[] = []
  for (const line of lines) {
    const last = found.at(-1)
    if (line.startsWith('~')) found.push({ kind: 'direction', line })
    else if (line.startsWith('C:')) found.push({ kind: 'client' })
    else if (segmentation === 'merged' && last?.kind === 'server') last.lines.push(line)
    else found.push({ kind: 'server', lines: [line] })
  }
  return found
}

function cut(lines: readonly string[], segmentation: Segmentation): Uint8Array[] {
  const octets = encoder.encode(lines.map(line => `${line.slice('S: '.length)}\r\n`).join(''))
  if (segmentation !== 'byte by byte') return [octets]
  return Array.from(octets, octet => Uint8Array.of(octet))
}
