// Logging in: connections per second that say hello, log in by one mechanism and leave, beside one that leaves without a login; and
// what each mechanism adds to a program, as a bundler makes it. The server is the testkit's, in a process of its own, and keeps
// of a password what a server should: for SCRAM no password at all, 4096 iterations.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { AuthTask } from './auth-worker.js'
import { Contestant, interleave } from './contestant.js'
import { digits, median, ratio, spread, table } from './figures.js'
import type { Settings, Suite, SuiteResult } from './suite.js'

const tasks: readonly { readonly name: string; readonly task: AuthTask; readonly logins: number }[] = [
  { name: 'no login', task: {}, logins: 400 },
  { name: 'PLAIN', task: { mechanism: 'PLAIN' }, logins: 400 },
  { name: 'LOGIN', task: { mechanism: 'LOGIN' }, logins: 400 },
  { name: 'CRAM-MD5', task: { mechanism: 'CRAM-MD5' }, logins: 400 },
  { name: 'XOAUTH2', task: { mechanism: 'XOAUTH2' }, logins: 400 },
  { name: 'OAUTHBEARER', task: { mechanism: 'OAUTHBEARER' }, logins: 400 },
  { name: 'SCRAM-SHA-1', task: { mechanism: 'SCRAM-SHA-1' }, logins: 30 },
  { name: 'SCRAM-SHA-256', task: { mechanism: 'SCRAM-SHA-256' }, logins: 30 },
  { name: 'SCRAM-SHA-256, PBKDF2 of Node', task: { mechanism: 'SCRAM-SHA-256', pbkdf2: 'node' }, logins: 200 },
  { name: 'SCRAM-SHA-256, keys remembered', task: { mechanism: 'SCRAM-SHA-256', keys: true }, logins: 400 },
  { name: 'SCRAM-SHA-512', task: { mechanism: 'SCRAM-SHA-512' }, logins: 30 },
  { name: 'SCRAM-SHA-512, keys remembered', task: { mechanism: 'SCRAM-SHA-512', keys: true }, logins: 400 },
]

export const auth: Suite = {
  name: 'auth',
  about: 'logins by each mechanism, and what each adds to a bundle',
  run,
}

async function run(settings: Settings): Promise<SuiteResult> {
  const server = await startServer()
  const turns = tasks.map(({ name, task, logins }) => ({
    contestant: new Contestant(name, 'auth-worker.ts', { ...task, port: server.port }),
    count: Math.ceil((logins * settings.effort) / 100),
  }))
  settings.progress(`auth: ${settings.rounds} rounds of ${tasks.length} kinds of login`)
  try {
    await interleave(turns, 1, ({ contestant, count }) => contestant.measure(count))
    const rounds = await interleave(turns, settings.rounds, ({ contestant, count }) => contestant.measure(count))
    const rates = rounds.map(series => series.map(({ done, seconds }) => done / seconds))
    const costs = rounds.map(series => series.map(({ done, cpu }) => cpu / done))
    const rows = tasks.map(({ name }, index) => {
      const rate = rates[index] ?? []
      const cost = costs[index] ?? []
      const beside = ratio(cost, costs[0] ?? []).toFixed(2)
      return [name, digits(median(rate)), `${digits(spread(rate))} %`, digits(median(cost)), beside]
    })
    const head = ['one connection each, loopback, no TLS', 'connections/s', '±', 'CPU µs each', 'times no login']
    const bundles = measureBundles()
    return {
      report: [`logging in\n\n${table(head, rows)}`, `what a bundle gets\n\n${bundleTable(bundles)}`],
      figures: { logins: tasks.map((task, index) => ({ ...task, rounds: rounds[index] })), bundles },
    }
  } finally {
    await Promise.all(turns.map(({ contestant }) => contestant.close()))
    await server.stop()
  }
}

async function startServer(): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const child = fork(new URL('auth-server.ts', import.meta.url), { execArgv: ['--import', 'tsx'] })
  const [port] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error('the server for logins has ended'))),
  ])
  return {
    port: Number(port),
    stop: async () => {
      const gone = once(child, 'exit')
      child.disconnect()
      await gone
    },
  }
}

/** Exports of auth-sasl, alone or together, and whether the hash functions come along. */
const exportsOf: readonly (readonly [string, string])[] = [
  ['everything', '*'],
  ['chooseMechanism, and so all clients', '{ chooseMechanism }'],
  ['plain', '{ plain }'],
  ['login', '{ login }'],
  ['cramMd5', '{ cramMd5 }'],
  ['scram', '{ scram }'],
  ['oauthBearer', '{ oauthBearer }'],
  ['xoauth2', '{ xoauth2 }'],
  ['external', '{ external }'],
  ['anonymous', '{ anonymous }'],
  ['serverPlain', '{ serverPlain }'],
  ['serverScram', '{ serverScram }'],
]

interface Bundle {
  readonly name: string
  readonly minified: number
  readonly gzipped: number
  /** Hash functions in it, told by their constants, which no minifier changes. */
  readonly hashes: readonly string[]
}

/** A constant that each function has for itself; MD5 computes its own from sines. */
const fingerprints = [
  ['MD5', 'Math.sin'],
  ['SHA-1', '1518500249'],
  ['SHA-256', '1116352408'],
  ['SHA-512', '4089235720'],
] as const

/** The part of esbuild that is used here; tsup, which builds the packages, brings it along. */
interface Bundler {
  buildSync(options: Readonly<Record<string, unknown>>): {
    readonly outputFiles: readonly { readonly contents: Uint8Array }[]
  }
}

function measureBundles(): Bundle[] {
  const { buildSync } = createRequire(createRequire(import.meta.url).resolve('tsup'))('esbuild') as Bundler
  return exportsOf.map(([name, names]) => {
    const { outputFiles } = buildSync({
      stdin: {
        contents: `export ${names} from '@postrider/auth-sasl'`,
        resolveDir: fileURLToPath(new URL('.', import.meta.url)),
      },
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'neutral',
      write: false,
    })
    const contents = outputFiles[0]?.contents ?? new Uint8Array(0)
    const text = Buffer.from(contents).toString('utf8')
    const hashes = fingerprints.filter(([, constant]) => text.includes(constant)).map(([hash]) => hash)
    return { name, minified: contents.length, gzipped: gzipSync(contents, { level: 9 }).length, hashes }
  })
}

function bundleTable(bundles: readonly Bundle[]): string {
  const kilobytes = (octets: number): string => (octets / 1000).toFixed(1)
  const rows = bundles.map(({ name, minified, gzipped, hashes }) => [
    name,
    kilobytes(minified),
    kilobytes(gzipped),
    hashes.join(' ') || 'none',
  ])
  return table(['of @postrider/auth-sasl', 'kB minified', 'kB gzipped', 'hash functions in it'], rows)
}
