// The workspace as the checks see it: every TypeScript source and every package.json, read from disk once.
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'

type Dependencies = Readonly<Record<string, string>>

/** The parts of a package.json that say what may be imported. */
export interface Manifest {
  readonly name: string
  readonly dependencies?: Dependencies
  readonly peerDependencies?: Dependencies
  readonly devDependencies?: Dependencies
}

/** The workspace as the check sees it: paths are relative to its root, with forward slashes. */
export interface Workspace {
  /** Path to text, for every TypeScript source. */
  readonly sources: ReadonlyMap<string, string>
  /** Folder (`''` for the root, `packages/codec`, …) to its package.json. */
  readonly manifests: ReadonlyMap<string, Manifest>
}

/** Fetched or generated. */
const FOREIGN = /(^|\/)(node_modules|dist|coverage|\.[^/]*)$|^apps\/docs\/api$/

const AREAS = ['packages', 'apps', 'benchmarks', 'examples', 'tests', 'tools']

/** Reads the workspace from disk: every source that is ours, every package.json. */
export function readWorkspace(root: string): Workspace {
  const sources = new Map<string, string>()
  const manifests = new Map<string, Manifest>()
  const walk = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = posix.join(folder, entry.name)
      if (entry.isDirectory()) {
        if (!FOREIGN.test(path)) walk(path)
      } else if (entry.name === 'package.json') {
        manifests.set(folder, JSON.parse(readFileSync(join(root, path), 'utf8')))
      } else if (/\.m?ts$/.test(entry.name) && !/\.d\.ts$|\.config\.m?ts$/.test(entry.name)) {
        sources.set(path, readFileSync(join(root, path), 'utf8'))
      }
    }
  }
  manifests.set('', JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
  for (const area of AREAS) walk(area)
  return { sources, manifests }
}
