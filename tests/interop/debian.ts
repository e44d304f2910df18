// Programs from Debian packages without installing them: the packages a program needs and this machine lacks are fetched
// and unpacked into a folder of our own. dpkg's database, apt's lists and apt's cache on the machine stay as they are.
//
// In: a name for the folder and the packages wanted. Out: the folder, to be laid over `/` or searched for programs.
// Needs a Debian or a distribution made of it (apt-get, dpkg) and, for the first time only, its package archive; not root.
// What was unpacked once is kept in `.mta/`, until this machine's own set of packages changes.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Everything these fixtures write lies in this folder, at the root of the repository and ignored by git. */
export const cache: string = fileURLToPath(new URL('../../.mta', import.meta.url))

const dpkgStatus = '/var/lib/dpkg/status'

/** Whether a program can be started from here, by the name a shell would use. */
export function hasProgram(name: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some(folder => folder !== '' && existsSync(join(folder, name)))
}

/** A folder with the packages, or in words what is missing on this machine to have one. */
export type Obtained = { readonly folder: string } | { readonly missing: string }

/** Unpacks packages, with those they depend on that the machine lacks. Never throws for want of something: it says what. */
export function obtain(name: string, packages: readonly string[]): Obtained {
  const missing = missingForPackages()
  if (missing !== undefined) return { missing }
  try {
    return { folder: unpack(name, packages) }
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) }
  }
}

function missingForPackages(): string | undefined {
  if (process.platform !== 'linux') return `Debian packages need Linux, this is ${process.platform}`
  for (const program of ['apt-get', 'dpkg']) if (!hasProgram(program)) return `no ${program} on this machine`
  return existsSync(dpkgStatus) ? undefined : `no ${dpkgStatus} on this machine`
}

function unpack(name: string, packages: readonly string[]): string {
  // Dependencies the machine already has are not fetched, so its package database is part of what the folder is made of.
  const key = createHash('sha256')
    .update(readFileSync(dpkgStatus))
    .update(packages.join(' '))
    .digest('hex')
    .slice(0, 12)
  const folder = join(cache, 'packages', `${name}-${key}`)
  if (existsSync(folder)) return folder

  const workshop = join(cache, `fetch-${name}-${process.pid}`)
  try {
    const root = join(workshop, 'root')
    mkdirSync(root, { recursive: true })
    for (const archive of download(packages, workshop)) {
      const unpacked = spawnSync('dpkg', ['-x', archive, root], { encoding: 'utf8' })
      if (unpacked.status !== 0) throw new Error(`cannot unpack ${archive}: ${unpacked.stderr.trim()}`)
    }
    mergeUsr(root)
    chmodSync(root, 0o755)
    mkdirSync(join(cache, 'packages'), { recursive: true })
    for (const old of readdirSync(join(cache, 'packages'))) {
      if (old.startsWith(`${name}-`)) rmSync(join(cache, 'packages', old), { recursive: true })
    }
    renameSync(root, folder)
    return folder
  } finally {
    rmSync(workshop, { recursive: true, force: true })
  }
}

/** Fetches the .deb files, with this machine's package lists, or where those are missing or too old, with fresh ones. */
function download(packages: readonly string[], workshop: string): string[] {
  const archives = join(workshop, 'cache', 'archives')
  const lists = join(workshop, 'lists')
  mkdirSync(join(archives, 'partial'), { recursive: true })
  mkdirSync(join(lists, 'partial'), { recursive: true })
  // dpkg's database is only read, so no lock is needed. The files are written by us, not by apt's own user.
  const ours = ['-o', `Dir::Cache=${join(workshop, 'cache')}`, '-o', 'Debug::NoLocking=1', '-o', 'APT::Sandbox::User=']
  const fresh = [...ours, '-o', `Dir::State::lists=${lists}`]
  const install = ['-y', '--no-install-recommends', '--download-only', 'install', ...packages]

  let outcome = aptGet([...ours, ...install])
  if (outcome !== undefined)
    outcome = aptGet([...fresh, '-o', 'APT::Update::Error-Mode=any', 'update']) ?? aptGet([...fresh, ...install])
  if (outcome !== undefined) throw new Error(`cannot fetch ${packages.join(', ')} from the Debian archive: ${outcome}`)
  return readdirSync(archives)
    .filter(file => file.endsWith('.deb'))
    .map(file => join(archives, file))
}

/** Runs apt-get; returns its complaint, or `undefined` when it succeeded. */
function aptGet(words: readonly string[]): string | undefined {
  const run = spawnSync('apt-get', words, {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
  })
  if (run.status === 0) return undefined
  return (
    run.stderr.split('\n').find(line => line.startsWith('E:')) ??
    String(run.error ?? `apt-get ended with ${run.status}`)
  )
}

/** Packages may still carry /bin, /lib and so on as folders; laid over `/` they would hide its links into /usr. */
function mergeUsr(root: string): void {
  for (const name of ['bin', 'lib', 'lib64', 'sbin']) {
    const folder = join(root, name)
    if (!existsSync(folder) || lstatSync(folder).isSymbolicLink()) continue
    cpSync(folder, join(root, 'usr', name), { recursive: true, verbatimSymlinks: true })
    rmSync(folder, { recursive: true })
  }
}
