// The layer rules of the workspace, and the check that holds the sources to them.
//
//     codec      -> nothing
//     auth-sasl  -> its hash functions
//     session    -> codec, xstate (machine.ts and step.ts alone); Node only in node.ts and node/
//     testkit    -> codec, auth-sasl; postal-mime and vitest, which its user brings along, in one module each
//     mailer     -> session, auth-sasl, codec
//     apps, examples, tests, benchmarks, tools -> anything above; nothing above imports them
//
// In: every source as text and every package.json. Out: one sentence per violation. `pnpm run layers` reads the tree and
// exits 1 when there is a violation, or when it saw too few modules to have checked anything.
import { isBuiltin } from 'node:module'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readImports } from './imports.js'
import { readWorkspace, type Workspace } from './workspace.js'

/** What one package may reach for. */
interface Layer {
  /** Workspace packages below this one, without the scope. */
  readonly packages: readonly string[]
  /** Libraries, each with the sources that may import it; no list means all of the package's sources. */
  readonly libraries?: Readonly<Record<string, readonly string[]>>
  /** Libraries that the build copies into dist, so that they are no dependency of who installs the package. */
  readonly bundled?: readonly string[]
  /** Where Node's own modules may be imported: nowhere (`[]`), in these files and folders, or everywhere. */
  readonly node: readonly string[] | 'anywhere' | 'no sockets'
}

const LAYERS: Readonly<Record<string, Layer>> = {
  codec: { packages: [], node: [] },
  'auth-sasl': { packages: [], libraries: { '@noble/hashes': [] }, bundled: ['@noble/hashes'], node: [] },
  session: {
    packages: ['codec'],
    libraries: { xstate: ['src/machine.ts', 'src/step.ts'] },
    node: ['src/node.ts', 'src/node/'],
  },
  testkit: {
    packages: ['codec', 'auth-sasl'],
    libraries: { 'postal-mime': ['src/decode.ts'], vitest: ['src/vitest.ts'] },
    node: 'anywhere',
  },
  mailer: { packages: ['session', 'auth-sasl', 'codec'], node: 'no sockets' },
}

const SCOPE = '@postrider/'
const TEST_LIBRARIES = ['vitest', 'fast-check']
const SOCKETS = ['dgram', 'dns', 'http', 'http2', 'https', 'net', 'tls']
/**
 * Areas that may use each other's files; examples are there to be copied and stand alone. `tests` may also look into a package, where
 * a part that is not exported is held against somebody else's.
 */
const WORKSHOP = ['benchmarks', 'tests', 'tools']
/** Fewer modules than this means that the check looked in the wrong place. */
const FEWEST_MODULES = 100

/** What the check found; `modules` and `imports` count what it looked at. */
export interface Verdict {
  readonly violations: readonly string[]
  readonly modules: number
  readonly imports: number
}

export function checkLayers(workspace: Workspace): Verdict {
  const violations: string[] = []
  const graph = new Map<string, string[]>()
  let imports = 0
  for (const [path, text] of workspace.sources) {
    const targets: string[] = []
    for (const { specifier, line, typeOnly } of readImports(path, text)) {
      imports++
      const { problem, target } = judge(workspace, path, specifier)
      if (problem !== undefined) violations.push(`${path}:${line} imports '${specifier}': ${problem}`)
      if (target !== undefined && !typeOnly) targets.push(target)
    }
    graph.set(path, targets)
  }
  for (const cycle of findCycles(graph)) violations.push(`import cycle: ${cycle.join(' -> ')}`)
  violations.push(...missing(workspace))
  return { violations, modules: workspace.sources.size, imports }
}

/** A check that saw nothing must not pass: every package has a rule and sources, and the whole is not suspiciously small. */
function missing({ sources, manifests }: Workspace): string[] {
  const paths = [...sources.keys()]
  const found = [...manifests.keys()].flatMap(folder => /^packages\/(.+)$/.exec(folder)?.[1] ?? [])
  const problems = found
    .filter(name => LAYERS[name] === undefined)
    .map(name => `packages/${name} has no rule in LAYERS`)
  for (const name of Object.keys(LAYERS)) {
    if (!paths.some(path => path.startsWith(`packages/${name}/src/`))) problems.push(`packages/${name} has no source`)
  }
  if (paths.length < FEWEST_MODULES)
    problems.push(`only ${paths.length} modules seen, at least ${FEWEST_MODULES} expected`)
  return problems
}

interface Judgement {
  readonly problem?: string
  /** The source that is meant, when it is one of the workspace. */
  readonly target?: string
}

function judge(workspace: Workspace, path: string, specifier: string): Judgement {
  if (specifier.startsWith('.')) return judgeRelative(workspace, path, specifier)
  if (isBuiltin(specifier) || specifier === 'node') return judgeNode(path, specifier)
  return judgeNamed(workspace, path, specifier)
}

function judgeRelative({ sources }: Workspace, path: string, specifier: string): Judgement {
  const target = posix.join(posix.dirname(path), specifier)
  const area = areaOf(path)
  const shared = WORKSHOP.includes(area) && [...WORKSHOP, 'examples'].includes(areaOf(target))
  const looksInside = area === 'tests' && /^packages\/[^/]+\/src\//.test(target)
  if (!shared && !looksInside && !target.startsWith(`${area}/`))
    return { problem: `leaves ${area}; a package is imported by its name` }
  const source = [target.replace(/js$/, 'ts'), target].find(candidate => sources.has(candidate))
  if (source === undefined) return {}
  const { name } = splitPackage(path)
  const edge = LAYERS[name]?.node
  if (Array.isArray(edge) && !isTest(path) && !within(path, edge) && within(source, edge)) {
    return { problem: 'is the edge of this package, and its core must not know it' }
  }
  return { target: source }
}

function judgeNode(path: string, specifier: string): Judgement {
  const { name, folder } = splitPackage(path)
  const layer = LAYERS[name]
  if (layer === undefined || !folder.startsWith('packages/') || isTest(path)) return {}
  const module = specifier.replace(/^node:/, '').replace(/\/.*$/, '')
  if (layer.node === 'anywhere') return {}
  if (layer.node === 'no sockets') {
    return SOCKETS.includes(module) ? { problem: 'sockets are the business of @postrider/session/node' } : {}
  }
  if (within(path, layer.node)) return {}
  return {
    problem: `${name} is pure${layer.node.length > 0 ? ` outside ${layer.node.join(' and ')}` : ''}; nothing of Node here`,
  }
}

function judgeNamed({ sources, manifests }: Workspace, path: string, specifier: string): Judgement {
  const { name, folder } = splitPackage(path)
  const wanted = packageName(specifier)
  const test = isTest(path)
  const layer = folder.startsWith('packages/') ? LAYERS[name] : undefined
  const own = manifests.get(folder)
  const target = entryOf(sources, specifier)
  const found = target === undefined ? {} : { target }

  if (own?.name === wanted) return test ? {} : { ...found, problem: 'is this package itself; use a relative import' }
  if ([...manifests].some(([at, { name }]) => name === wanted && !at.startsWith('packages/'))) {
    return { problem: 'nothing imports an application or the benchmarks' }
  }
  if (layer !== undefined && wanted.startsWith(SCOPE)) {
    const lower = wanted.slice(SCOPE.length)
    const testkit = test && lower === 'testkit' && !LAYERS['testkit']?.packages.includes(name)
    if (!layer.packages.includes(lower) && !testkit) {
      return { problem: `${name} may import ${list(layer.packages.map(each => SCOPE + each))}` }
    }
  } else if (layer !== undefined && !test) {
    const places = layer.libraries?.[wanted]
    if (places === undefined)
      return { problem: `${name} may import ${list(Object.keys(layer.libraries ?? {}), 'no library')}` }
    if (places.length > 0 && !within(path, places))
      return { problem: `only ${places.join(' and ')} may import ${wanted}` }
  }
  const development = test || layer === undefined || layer.bundled?.includes(wanted) === true
  return declares(manifests, folder, wanted, development)
    ? found
    : { ...found, problem: 'is not declared in package.json' }
}

/** What runs at the user's needs a dependency or a peer; for everything else a devDependency will do, or the root's test libraries. */
function declares(manifests: Workspace['manifests'], folder: string, wanted: string, development: boolean): boolean {
  const own = manifests.get(folder)
  const root = manifests.get('')
  const places = [own?.dependencies, own?.peerDependencies]
  if (development) places.push(own?.devDependencies)
  if (development && TEST_LIBRARIES.includes(wanted)) places.push(root?.devDependencies)
  return places.some(place => place !== undefined && Object.hasOwn(place, wanted))
}

/** `packages/codec/src/a.ts` -> folder `packages/codec`, name `codec`; root areas and the root's own files belong to `''`. */
function splitPackage(path: string): { folder: string; name: string } {
  const [first = '', second = ''] = path.split('/')
  if (first === 'packages' || first === 'apps') return { folder: `${first}/${second}`, name: second }
  return first === 'benchmarks' ? { folder: first, name: first } : { folder: '', name: first }
}

function areaOf(path: string): string {
  const { folder, name } = splitPackage(path)
  return folder === '' ? name : folder
}

/** Whether a path is one of these files, or lies in one of these folders (which end in a slash) of its package. */
function within(path: string, places: readonly string[]): boolean {
  const { folder } = splitPackage(path)
  return places.some(place =>
    place.endsWith('/') ? path.startsWith(`${folder}/${place}`) : path === `${folder}/${place}`,
  )
}

/** Tests, and what only tests use: `test/` beside `src/`. */
function isTest(path: string): boolean {
  return /\.test(-d)?\.ts$|^packages\/[^/]+\/test\//.test(path)
}

function packageName(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

function entryOf(sources: Workspace['sources'], specifier: string): string | undefined {
  if (!specifier.startsWith(SCOPE)) return undefined
  const [name = '', entry = 'index'] = specifier.slice(SCOPE.length).split('/')
  const path = `packages/${name}/src/${entry}.ts`
  return sources.has(path) ? path : undefined
}

function list(names: readonly string[], none = 'no package of the workspace'): string {
  return names.length === 0 ? none : `only ${names.join(', ')}`
}

/**
 * Depth-first walk; each cycle is told once, starting where the walk entered it. What is erased with the types makes no cycle: an
 * error may carry a report that names the error, and neither waits for the other to be loaded.
 */
function findCycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = []
  const done = new Set<string>()
  const path: string[] = []
  const visit = (node: string): void => {
    const entered = path.indexOf(node)
    if (entered >= 0) cycles.push([...path.slice(entered), node])
    if (entered >= 0 || done.has(node)) return
    path.push(node)
    for (const next of graph.get(node) ?? []) visit(next)
    path.pop()
    done.add(node)
  }
  for (const node of graph.keys()) visit(node)
  return cycles
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { violations, modules, imports } = checkLayers(readWorkspace(fileURLToPath(new URL('..', import.meta.url))))
  for (const violation of violations) console.error(violation)
  console.log(`layers: ${modules} modules, ${imports} imports, ${violations.length || 'no'} violations`)
  process.exitCode = violations.length > 0 ? 1 : 0
}
