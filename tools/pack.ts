// Proves that what would be published works: packs every public package, installs the tarballs with npm into an empty folder,
// and there type-checks and runs one small program twice, as an ES module and as CommonJS. Both must see the same names behind
// every entry point, and an error thrown by one half must be `instanceof` its class in the other. Needs built packages and the registry (for third-party dependencies). Prints each tarball's size.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly exports?: Readonly<Record<string, unknown>>
  readonly bin?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

interface Package {
  readonly folder: string
  readonly manifest: Manifest
}

const root = fileURLToPath(new URL('..', import.meta.url))
const compiler = join(root, 'node_modules/typescript/bin/tsc')

const work = mkdtempSync(join(tmpdir(), 'postrider-pack-'))
try {
  prove(publicPackages(), work)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  rmSync(work, { recursive: true, force: true })
}

function prove(packages: readonly Package[], folder: string): void {
  if (packages.length === 0) throw new Error('no public package found')
  const tarballs = Object.fromEntries(packages.map(each => [each.manifest.name, pack(each, folder)]))
  const consumer = join(folder, 'consumer')
  mkdirSync(consumer)
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  // Who opens a door that needs an optional peer has that peer; npm installs the others by itself.
  const others = [
    '@types/node',
    ...packages.flatMap(({ manifest }) => Object.keys(manifest.peerDependenciesMeta ?? {})),
  ]
  const versions = Object.fromEntries(others.map(name => [name, devDependencies[name]]))
  write(consumer, 'package.json', JSON.stringify({ private: true, dependencies: { ...tarballs, ...versions } }))
  run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], consumer)

  const program = programFor(packages)
  write(consumer, 'program.mts', program)
  write(consumer, 'program.cts', program)
  // skipLibCheck stays off: the declarations themselves must hold together on the consumer's side.
  const options = { module: 'nodenext', target: 'es2022', strict: true, types: ['node'], outDir: 'out' }
  write(consumer, 'tsconfig.json', JSON.stringify({ compilerOptions: options, files: ['program.mts', 'program.cts'] }))
  run(process.execPath, [compiler, '-p', '.'], consumer)

  const imported = run(process.execPath, ['out/program.mjs'], consumer)
  const required = run(process.execPath, ['out/program.cjs'], consumer)
  if (imported !== required) throw new Error(`import and require differ:\n${imported}\n${required}`)
  console.log(imported.trimEnd())
  write(consumer, 'halves.mjs', programOfHalves())
  run(process.execPath, ['halves.mjs'], consumer)
  for (const { manifest } of packages) {
    for (const command of Object.keys(manifest.bin ?? {})) {
      const help = run(join(consumer, 'node_modules/.bin', command), ['--help'], consumer)
      console.log(`${command} --help: ${help.split('\n')[0]}`)
    }
  }
}

/** A program that holds both halves of each package: what one throws, the other must know. */
function programOfHalves(): string {
  return `import { createRequire } from 'node:module'
import { EncodeError } from '@postrider/codec'
import { AuthenticationError } from '@postrider/auth-sasl'
import { SequenceError, SessionError } from '@postrider/session'
import { SMTPException } from '@postrider/mailer'
const require = createRequire(import.meta.url)
const knows = (Known, raise) => {
  try {
    raise()
  } catch (error) {
    if (error instanceof Known) return
    throw new Error(Known.name + ' is not known across two copies', { cause: error })
  }
  throw new Error(Known.name + ' was not thrown')
}
const raise = error => { throw error }
const login = { username: 'tim', password: 'pencil' }
knows(EncodeError, () => require('@postrider/codec').writeLine('NOOP\\r\\nQUIT'))
knows(AuthenticationError, () => require('@postrider/auth-sasl').chooseMechanism(['PLAIN'], login, { secure: false }))
for (const Known of [SequenceError, SessionError]) {
  knows(Known, () => raise(new (require('@postrider/session').SequenceError)('mail', 'idle')))
}
knows(SMTPException, () => raise(new (require('@postrider/mailer').SMTPException)('lost')))
`
}

/** A program that opens every door of every package and tells what is behind it. */
function programFor(packages: readonly Package[]): string {
  const doors = packages.flatMap(({ manifest: { name, exports = {} } }) =>
    Object.keys(exports)
      .filter(path => !path.endsWith('.json'))
      .map(path => name + path.slice(1)),
  )
  const imports = doors.map((door, index) => `import * as door${index} from '${door}'`)
  const table = doors.map((door, index) => `['${door}', door${index}]`)
  return `${imports.join('\n')}
for (const [name, door] of [${table.join(', ')}] as [string, object][]) {
  const names = Object.keys(door).filter(each => !['default', '__esModule', 'module.exports'].includes(each))
  if (names.length === 0) throw new Error(name + ' exports nothing')
  console.log(name + ': ' + names.length + ' names, ' + names.sort().join(' '))
}
`
}

/** Packs one package and answers the tarball's path. */
function pack({ folder, manifest }: Package, destination: string): string {
  const before = new Set(readdirSync(destination))
  run('pnpm', ['pack', '--pack-destination', destination], folder)
  const [tarball] = readdirSync(destination).filter(name => name.endsWith('.tgz') && !before.has(name))
  if (tarball === undefined) throw new Error(`${manifest.name} was not packed`)
  console.log(`${tarball}: ${(statSync(join(destination, tarball)).size / 1024).toFixed(1)} kB`)
  return join(destination, tarball)
}

function publicPackages(): Package[] {
  const found: Package[] = []
  for (const area of ['packages', 'apps']) {
    for (const name of readdirSync(join(root, area))) {
      const folder = join(root, area, name)
      const manifest: Manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      if (manifest.private !== true) found.push({ folder, manifest })
    }
  }
  return found
}

function write(folder: string, name: string, text: string): void {
  writeFileSync(join(folder, name), text)
}

/** Runs to the end and answers what was printed; a failure ends everything, with the whole output. */
function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (status === 0) return stdout
  throw new Error(`${command} ${args.join(' ')} failed\n${error?.message ?? ''}${stdout}${stderr}`)
}
