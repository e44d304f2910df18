/**
 * Puts scenarios through our classes, by smtplib's names, and tells what came of it in the same words as the oracle.
 */
import { TLSSocket } from 'node:tls'
import { LMTP, quoteaddr, quotedata, SMTP, SMTP_SSL, SMTPException, type SmtpOptions } from '@postrider/mailer'
import { createCertificate } from '@postrider/testkit'
import { type Argument, clientName, type Outcome, type Result, type Scenario, type Step } from './scenario.js'

export async function runOurs(
  scenario: Scenario,
  host: string,
  port: number,
  options: SmtpOptions = { compat: 'smtplib' },
): Promise<Omit<Outcome, 'wire'>> {
  const { kind = 'SMTP', timeout, trust, debug } = scenario
  const all = {
    allowInsecureAuth: true,
    name: clientName,
    ...(timeout === undefined ? {} : { timeout: timeout * 1000 }),
    ...(trust === true ? trusting() : {}),
    ...(debug === true ? { debuglevel: 1, debugSecrets: true } : {}),
    ...options,
  }
  const printed: string[] = []
  const { write } = process.stderr
  if (debug === true) process.stderr.write = (line: string | Uint8Array) => printed.push(String(line)) > 0
  try {
    const told = await talk({ SMTP, SMTP_SSL, LMTP }[kind], all, scenario, host, port)
    return debug === true ? { ...told, printed: printed.join('') } : told
  } finally {
    process.stderr.write = write
  }
}

async function talk(
  Client: typeof SMTP | typeof SMTP_SSL | typeof LMTP,
  options: SmtpOptions,
  { connected = true, portApart = true, steps }: Scenario,
  host: string,
  port: number,
): Promise<Omit<Outcome, 'wire'>> {
  const target = portApart ? { host, port } : { host: `${host}:${port}` }
  let client: SMTP
  try {
    client = connected === 'constructor' ? await Client.open({ ...options, ...target }) : new Client(options)
  } catch (error) {
    return { results: [describe(error)], state: stateOf(new Client(options)) }
  }
  try {
    if (connected === true) await client.connect(host, port)
    const results: Result[] = []
    for (const step of steps) {
      const addressed = step.map(one =>
        one === 'PORT' ? port : typeof one === 'string' ? one.replace('HOST', `${host}:${port}`) : one,
      )
      results.push(await take(client, addressed as unknown as Step))
    }
    return { results, state: stateOf(client) }
  } finally {
    client.close()
  }
}

async function take(client: SMTP, [method, ...given]: Step): Promise<Result> {
  const last = given.at(-1)
  const keywords = typeof last === 'object' && last !== null && 'kw' in last ? last.kw : undefined
  const args = (keywords === undefined ? given : given.slice(0, -1)).map(one => decode(one as Argument, client))
  const target = client as unknown as Record<string, unknown>
  const [name] = args
  try {
    if (method === 'get') return { value: encode(target[String(name)]) }
    if (method === 'set') {
      target[String(name)] = args[1]
      return { value: null }
    }
    if (method === 'quoteaddr') return { value: quoteaddr(String(name), { bareLocalPart: true }) }
    if (method === 'quotedata') return { value: quotedata(String(name)) }
    if (method === '__enter__') return { value: null }
    if (method === '__exit__') {
      await client[Symbol.asyncDispose]()
      return { value: null }
    }
    return { value: encode(await callByName(client, target, method, args, keywords)) }
  } catch (error) {
    return describe(error)
  }
}

/** Python's keyword arguments are options here. */
async function callByName(
  client: SMTP,
  target: Record<string, unknown>,
  method: string,
  args: unknown[],
  keywords: Readonly<Record<string, Argument>> | undefined,
): Promise<unknown> {
  const call = target[method]
  if (typeof call !== 'function') throw new TypeError(`there is no method ${method}`)
  if (keywords === undefined) return call.apply(client, args)
  const { initial_response_ok: initialResponseOk, context } = keywords
  return call.apply(client, [...args, context === undefined ? { initialResponseOk } : trusting()])
}

function trusting(): Pick<SmtpOptions, 'tlsOptions'> {
  return { tlsOptions: { ca: createCertificate().cert } }
}

function decode(value: Argument, client: SMTP): unknown {
  if (Array.isArray(value)) return value.map(one => decode(one, client))
  if (typeof value !== 'object' || value === null) return value === null ? undefined : value
  if ('bytes' in value) return Buffer.from(value.bytes, 'latin1')
  if ('set' in value) return new Set(value.set)
  if ('message' in value) return value.message
  if ('method' in value) return (client as unknown as Record<string, unknown>)[value.method]
  if (!('answers' in value)) return value
  const answers = value.answers[Symbol.iterator]()
  return () => answers.next().value ?? undefined
}

function encode(value: unknown): unknown {
  if (value === undefined || value === null) return null
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('latin1') }
  if (Array.isArray(value)) return value.map(encode)
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, one]) => [key, encode(one)]))
  if (typeof value === 'object' && 'refused' in value) return encode(value.refused)
  return value
}

function describe(error: unknown): Result {
  if (!(error instanceof Error)) throw error
  if (!(error instanceof SMTPException)) return { raised: error.name, message: error.message }
  const { smtp_code, smtp_error, sender } = error as unknown as {
    smtp_code?: number
    smtp_error?: Uint8Array
    sender?: string
  }
  return {
    raised: error.name,
    message: error.message,
    ...(smtp_code === undefined ? {} : { code: smtp_code, error: encode(smtp_error) }),
    ...(sender === undefined ? {} : { sender }),
    ...(error.name === 'SMTPRecipientsRefused' ? { recipients: encode(error.recipients) } : {}),
  }
}

function stateOf(client: SMTP): Outcome['state'] {
  const text = (octets: Uint8Array | undefined) =>
    octets === undefined ? null : Buffer.from(octets).toString('latin1')
  return {
    sock: client.sock !== undefined,
    does_esmtp: client.does_esmtp,
    ehlo_resp: text(client.ehlo_resp),
    helo_resp: text(client.helo_resp),
    esmtp_features: Object.fromEntries(client.esmtp_features),
    command_encoding: client.command_encoding,
    tls: client.sock instanceof TLSSocket,
  }
}
