import { describe, expect, it } from 'vitest'
import { checkLayers, type Verdict } from './layers.js'
import { type Manifest, readWorkspace } from './workspace.js'

const scoped = (name: string): string => `@postrider/${name}`
const workspace = (...names: string[]) => Object.fromEntries(names.map(name => [scoped(name), 'workspace:^']))

const MANIFESTS: Readonly<Record<string, Manifest>> = {
  '': { name: 'postrider-workspace', devDependencies: { ...workspace('mailer'), vitest: '4', 'fast-check': '4' } },
  'packages/codec': { name: scoped('codec') },
  'packages/auth-sasl': { name: scoped('auth-sasl'), devDependencies: { '@noble/hashes': '2' } },
  'packages/session': {
    name: scoped('session'),
    dependencies: { ...workspace('codec'), xstate: '5' },
    devDependencies: workspace('testkit'),
  },
  'packages/testkit': { name: scoped('testkit'), dependencies: workspace('codec', 'auth-sasl') },
  'packages/mailer': { name: scoped('mailer'), dependencies: workspace('session', 'codec', 'auth-sasl') },
  'apps/cli': { name: 'postrider', dependencies: workspace('mailer') },
  benchmarks: { name: scoped('benchmarks'), dependencies: workspace('codec') },
}

/** A clean little workspace, with some of its files replaced or added. */
function check(changes: Readonly<Record<string, string>>, manifests: Readonly<Record<string, Manifest>> = {}): Verdict {
  const sources = new Map<string, string>()
  for (const folder of Object.keys(MANIFESTS)) {
    if (folder.startsWith('packages/')) sources.set(`${folder}/src/index.ts`, 'export {}')
  }
  for (let index = 0; index < 100; index++) sources.set(`tests/filler-${index}.test.ts`, `import 'vitest'`)
  sources.set('packages/session/src/node.ts', `import 'node:net'\nimport './session.js'`)
  sources.set('packages/session/src/node/tls.ts', `import 'node:tls'`)
  sources.set('packages/session/src/session.ts', `import '@postrider/codec'`)
  sources.set('packages/session/src/machine.ts', `import 'xstate'`)
  sources.set(
    'packages/session/src/machine.test.ts',
    `import 'xstate/graph'\nimport '@postrider/testkit'\nimport 'node:fs'`,
  )
  sources.set('packages/auth-sasl/test/exchange.ts', `import 'node:fs'\nimport 'vitest'`)
  sources.set('packages/auth-sasl/src/cram-md5.ts', `import '@noble/hashes/hmac.js'`)
  sources.set('packages/mailer/src/mailer.ts', `import '@postrider/session/node'\nimport 'node:os'`)
  sources.set('packages/testkit/src/server.ts', `import 'node:net'\nimport '@postrider/codec'`)
  sources.set('tests/inside.test.ts', `import '../packages/codec/src/index.js'`)
  sources.set('benchmarks/run.ts', `import '../tests/filler-1.test.js'\nimport '../examples/one.js'`)
  sources.set('apps/cli/src/main.ts', `import 'node:net'\nimport '@postrider/mailer'`)
  for (const [path, text] of Object.entries(changes)) sources.set(path, text)
  return checkLayers({ sources, manifests: new Map(Object.entries({ ...MANIFESTS, ...manifests })) })
}

describe('the layer check', () => {
  it('is content with a workspace that keeps the rules', () => {
    expect(check({}).violations).toEqual([])
  })

  it('counts every import it looked at', () => {
    const before = check({}).imports
    const text = `
      import type { A } from './a.js'
      export * from './b.js'
      type C = import('./c.js').C
      const d = import('./d.js')
      const e = require('./e.cjs')
      import f = require('./f.cjs')
      // import './comment.js'
      const g = "import './string.js'"`
    expect(check({ 'tests/all.ts': text }).imports - before).toBe(6)
  })

  const bad: [rule: string, path: string, text: string, says: RegExp][] = [
    [
      'codec imports no package',
      'packages/codec/src/a.ts',
      `import '@postrider/session'`,
      /codec may import no package/,
    ],
    [
      'auth-sasl imports no package',
      'packages/auth-sasl/src/a.ts',
      `import '@postrider/codec'`,
      /auth-sasl may import no/,
    ],
    [
      'session knows only codec',
      'packages/session/src/a.ts',
      `import '@postrider/auth-sasl'`,
      /only @postrider\/codec$/,
    ],
    ['session does not look up', 'packages/session/src/a.ts', `import '@postrider/mailer'`, /session may import only/],
    [
      'testkit does not know the session',
      'packages/testkit/src/a.ts',
      `import '@postrider/session'`,
      /testkit may import only/,
    ],
    [
      'a type-only import counts',
      'packages/codec/src/a.ts',
      `import type { S } from '@postrider/session'`,
      /a\.ts:1 imports/,
    ],
    [
      'an import type counts',
      'packages/codec/src/a.ts',
      `type S = import('@postrider/session').S`,
      /codec may import no/,
    ],
    ['a dynamic import counts', 'packages/codec/src/a.ts', `await import('@postrider/session')`, /codec may import no/],
    ['a re-export counts', 'packages/codec/src/a.ts', `\n\nexport * from '@postrider/session'`, /a\.ts:3 imports/],
    [
      'a test in codec looks up no more than its sources',
      'packages/codec/src/a.test.ts',
      `import '@postrider/session'`,
      /codec may/,
    ],
    [
      'testkit rests on codec, so codec cannot be tested with it',
      'packages/codec/src/a.test.ts',
      `import '@postrider/testkit'`,
      /codec may/,
    ],
    [
      'a package does not import itself by name',
      'packages/codec/src/a.ts',
      `import '@postrider/codec'`,
      /this package itself/,
    ],
    ['nothing imports an app', 'packages/mailer/src/a.ts', `import 'postrider'`, /nothing imports an application/],
    [
      'nothing imports the benchmarks',
      'tests/a.ts',
      `import '@postrider/benchmarks'`,
      /nothing imports an application/,
    ],
    [
      'a relative import does not leave its package',
      'packages/session/src/a.ts',
      `import '../../codec/src/index.js'`,
      /leaves packages\/session/,
    ],
    ['examples stand alone', 'examples/a.ts', `import '../tests/filler-1.test.js'`, /leaves examples/],
    [
      'no package imports the tests',
      'packages/codec/src/a.ts',
      `import '../../../tests/filler-1.test.js'`,
      /leaves packages\/codec/,
    ],
    [
      'benchmarks do not reach into packages',
      'benchmarks/a.ts',
      `import '../packages/codec/src/index.js'`,
      /leaves benchmarks/,
    ],
    [
      'examples do not reach into packages',
      'examples/a.ts',
      `import '../packages/codec/src/index.js'`,
      /leaves examples/,
    ],
    ['codec has no library', 'packages/codec/src/a.ts', `import 'xstate'`, /codec may import no library/],
    ['session has one library', 'packages/session/src/machine.ts', `import 'lodash'`, /session may import only xstate/],
    [
      'only machine.ts and step.ts import xstate',
      'packages/session/src/a.ts',
      `import 'xstate'`,
      /only src\/machine\.ts and src\/step\.ts/,
    ],
    ['codec knows nothing of Node', 'packages/codec/src/a.ts', `import 'node:buffer'`, /codec is pure/],
    ['codec knows no type of Node', 'packages/codec/src/a.ts', `/// <reference types="node" />`, /codec is pure/],
    ['auth-sasl knows nothing of Node', 'packages/auth-sasl/src/a.ts', `import 'node:crypto'`, /auth-sasl is pure/],
    [
      'the session core knows nothing of Node',
      'packages/session/src/a.ts',
      `import 'node:net'`,
      /session is pure outside src\/node\.ts/,
    ],
    [
      'the session core does not import its edge',
      'packages/session/src/index.ts',
      `export * from './node.js'`,
      /edge of this package/,
    ],
    [
      'the mailer opens no socket of its own',
      'packages/mailer/src/a.ts',
      `import 'node:tls'`,
      /business of @postrider\/session\/node/,
    ],
    [
      'an undeclared package is refused in examples',
      'examples/a.ts',
      `import '@postrider/session'`,
      /not declared in package\.json/,
    ],
    [
      'an undeclared library is refused in apps',
      'apps/cli/src/a.ts',
      `import 'commander'`,
      /not declared in package\.json/,
    ],
    [
      'an undeclared library is refused in tests',
      'packages/codec/src/a.test.ts',
      `import 'tinybench'`,
      /not declared in package\.json/,
    ],
  ]
  it.each(bad)('%s', (_rule, path, text, says) => {
    expect(check({ [path]: text }).violations).toEqual([expect.stringMatching(says)])
  })

  it('a run-time import needs more than a devDependency', () => {
    const session = { name: scoped('session'), devDependencies: { ...workspace('codec', 'testkit'), xstate: '5' } }
    const { violations } = check({}, { 'packages/session': session })
    expect(violations).toHaveLength(2)
    for (const violation of violations) expect(violation).toMatch(/not declared/)
  })

  it('import cycles are told with their whole way', () => {
    const { violations } = check({
      'packages/codec/src/a.ts': `import './b.js'`,
      'packages/codec/src/b.ts': `import './c.js'`,
      'packages/codec/src/c.ts': `import { type A } from './a.js'`,
    })
    expect(violations).toEqual([
      'import cycle: packages/codec/src/a.ts -> packages/codec/src/b.ts -> packages/codec/src/c.ts -> packages/codec/src/a.ts',
    ])
  })

  it('types may name each other', () => {
    const { violations } = check({
      'packages/codec/src/a.ts': `import './b.js'`,
      'packages/codec/src/b.ts': `import type { A } from './a.js'\nexport type { B } from './a.js'\ntype C = import('./a.js').C`,
    })
    expect(violations).toEqual([])
  })

  it('a new package needs a rule', () => {
    expect(check({}, { 'packages/relay': { name: scoped('relay') } }).violations).toEqual([
      'packages/relay has no rule in LAYERS',
    ])
  })

  it('a check that saw nothing does not pass', () => {
    const { violations } = checkLayers({ sources: new Map(), manifests: new Map() })
    expect(violations).toContain('packages/codec has no source')
    expect(violations).toContainEqual(expect.stringMatching(/^only 0 modules seen/))
  })

  it('finds the sources of every package on disk', () => {
    const { sources, manifests } = readWorkspace(new URL('..', import.meta.url).pathname)
    expect(sources.has('packages/codec/src/index.ts')).toBe(true)
    expect(sources.has('tools/layers.test.ts')).toBe(true)
    expect(manifests.get('packages/session')?.name).toBe('@postrider/session')
    expect([...sources.keys()].filter(path => /node_modules|\/dist\//.test(path))).toEqual([])
  })
})
