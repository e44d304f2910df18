/**
 * What the READMEs say is so: every program in them compiles; those that ask for nothing but the server of `postrider sink 2525` run, and print
 * what the document says; links lead somewhere, and commands exist.
 */
import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { declareGiven, readSnippets, type Snippet } from './snippet.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const fromSource = ['--conditions=@postrider/source', '--import', 'tsx']

/** What the programs of a document leave to their reader. */
const given: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'packages/testkit/README.md': {
    server: "import('@postrider/testkit').TestServer",
    outcomeOfSending:
      "(server: { host: string; port: number; ca: string | undefined; timeout: number }) => Promise<import('@postrider/testkit').Outcome>",
    welcome: '(user: string, server: { host: string; port: number }) => Promise<void>',
    yourCodeThatSends: '(server: { host: string; port: number; ca: string | undefined }) => Promise<void>',
  },
}

const documents = [
  'README.md',
  'examples/README.md',
  'apps/cli/README.md',
  ...readdirSync(join(root, 'packages')).map(name => `packages/${name}/README.md`),
].filter(path => existsSync(join(root, path)))
/** Pages of the documentation have programs, too; their links are the business of its build. */
const pages = readdirSync(join(root, 'apps/docs')).flatMap(name => (name.endsWith('.md') ? `apps/docs/${name}` : []))
const texts = new Map([...documents, ...pages].map(path => [path, readFileSync(join(root, path), 'utf8')]))
const snippets = [...texts].flatMap(([path, text]) => readSnippets(path, text))
const place = ({ document, line }: Snippet): string => `${document}:${line}`

/** Those that run: with the server they name, or with none. Tests and what a reader must complete do not. */
const programs = snippets.filter(({ document, code }) => {
  const isComplete = code.includes('import ') && declareGiven(code, given[document] ?? {}) === ''
  return isComplete && !/from '(vitest|node:test)'/.test(code)
})

describe('the programs in the READMEs', () => {
  it('are found', () => {
    expect(programs.map(({ document }) => document)).toContain('README.md')
  })

  it('compile', { timeout: 120_000 }, () => {
    expect(check(snippets)).toEqual([])
  })

  it('would be found out if they did not', { timeout: 120_000 }, () => {
    const wrong = {
      document: 'README.md',
      line: 1,
      code: "import { sendMale } from '@postrider/mailer'\n",
      prints: undefined,
    }
    expect(check([wrong])).toEqual([expect.stringMatching(/^README\.md:2: .*sendMale/)])
  })
})

describe('the programs that are complete', { timeout: 60_000 }, () => {
  let sink: Sink
  beforeAll(async () => {
    sink = await Sink.start()
  }, 60_000)
  afterAll(() => sink.stop())

  for (const snippet of programs) {
    it(`run: ${place(snippet)}`, async () => {
      const { code, out, err } = await run(snippet.code.replaceAll('2525', String(sink.port)))
      expect(err).toBe('')
      expect(code).toBe(0)
      if (snippet.prints !== undefined) expect(out).toBe(snippet.prints)
    })
  }
})

describe('the documents', () => {
  it.each(documents)('%s has no link that leads nowhere', path => {
    const links = [...(texts.get(path) ?? '').matchAll(/\]\(([^)\s]+)\)|^ {2}click \w+ "([^"]+)"$/gm)]
    const targets = links
      .map(([, link = '', click = '']) => link + click)
      .filter(target => !/^([a-z]+:|#)/.test(target))
    const missing = targets.filter(target => !existsSync(join(root, dirname(path), target.replace(/#.*$/, ''))))
    expect(missing).toEqual([])
  })

  it.each(documents)('%s names no npm script that is not there', path => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const named = [...(texts.get(path) ?? '').matchAll(/npm (?:run )?(test|(?<=run )[\w:]+)/g)].map(
      ([, name = '']) => name,
    )
    expect(named.filter(name => !Object.hasOwn(scripts, name))).toEqual([])
  })

  it('the first program of the first README has at most ten lines, and tells what it prints', () => {
    const [first] = readSnippets('README.md', texts.get('README.md') ?? '')
    expect(first?.code.trimEnd().split('\n').length).toBeLessThanOrEqual(10)
    expect(first?.prints).toContain('rejected')
  })
})

/** What the compiler says of them, each line by its place in the document. */
function check(all: readonly Snippet[]): string[] {
  const files = new Map(
    all.map(snippet => [join(root, 'tests/readme', `${place(snippet).replace(/\W/g, '-')}.mts`), snippet]),
  )
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, root)
  // A program to be shown may name what it does not use.
  const settings = { ...options, noUnusedLocals: false, noUnusedParameters: false }
  const host = ts.createCompilerHost(settings)
  const read = host.readFile.bind(host)
  const exists = host.fileExists.bind(host)
  host.fileExists = path => files.has(path) || exists(path)
  host.readFile = path => {
    const snippet = files.get(path)
    if (snippet === undefined) return read(path)
    return `${snippet.code}\n${declareGiven(snippet.code, given[snippet.document] ?? {})}\nexport {}\n`
  }
  const program = ts.createProgram([...files.keys()], settings, host)
  return [...files].flatMap(([path, snippet]) => {
    const source = program.getSourceFile(path)
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
    return found.map(({ start = 0, messageText }) => {
      const line = snippet.line + 1 + (source?.getLineAndCharacterOfPosition(start).line ?? 0)
      return `${snippet.document}:${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
    })
  })
}

/** Runs a program as if it stood in a file of its own. */
function run(code: string): Promise<{ code: number | null; out: string; err: string }> {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  })
  return new Promise(resolve => {
    const command = [...fromSource, '--input-type=module', '--eval', outputText]
    const child = execFile(process.execPath, command, { cwd: root }, (_error, out, err) =>
      resolve({ code: child.exitCode, out, err }),
    )
  })
}

/** The command of the README, on a port of its own. */
class Sink {
  readonly #child: ChildProcessByStdio<null, Readable, null>
  readonly port: number

  private constructor(child: ChildProcessByStdio<null, Readable, null>, port: number) {
    this.#child = child
    this.port = port
  }

  static async start(): Promise<Sink> {
    const command = [...fromSource, 'apps/cli/src/postrider.ts', 'sink', '0']
    const child = spawn(process.execPath, command, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    for await (const text of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
      said += text
      const [, port] = /^listening on \S+:(\d+);/.exec(said) ?? []
      if (port !== undefined) {
        child.stdout.resume()
        return new Sink(child, Number(port))
      }
    }
    throw new Error(`the sink did not start: ${said}`)
  }

  stop(): void {
    this.#child.kill('SIGTERM')
  }
}
