/**
 * The Pythons to compare with.
 *
 * In: the environment variable `PYTHONS`: commands or paths separated by spaces, or `all`. Out: each with its version, or in words why there is none. Without
 * the variable it is the newest that is found: on the PATH, or where pyenv keeps them.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

export interface Python {
  readonly command: string
  /** `3.13.0` */
  readonly version: string
}

/** Empty where there is none: then `missing` says so in words. */
export function findPythons(wanted: string = process.env['PYTHONS'] ?? ''): readonly Python[] {
  if (wanted !== '' && wanted !== 'all') {
    const commands = wanted.split(/\s+/)
    return commands.map(command => probe(command) ?? refuse(command))
  }
  const found = new Map<string, Python>()
  for (const command of candidates()) {
    const python = probe(command)
    if (python === undefined || isOld(python)) continue
    if (!found.has(python.version)) found.set(python.version, python)
    // The first is the newest by its name, and each costs a process.
    if (wanted !== 'all') break
  }
  return [...found.values()].sort((a, b) => compareVersions(b.version, a.version))
}

export const missing = 'no python3 with smtplib on this machine'

/** Negative when `a` is older. Parts that `b` does not have do not count: 3.13.1 is 3.13. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map(version => version.split('.').map(Number))
  for (const [place, part] of (right ?? []).entries()) {
    const difference = (left?.[place] ?? 0) - part
    if (difference !== 0) return difference
  }
  return 0
}

/** The oracle's own words need 3.9; the rows were written from 3.11 on. */
function isOld({ version }: Python): boolean {
  return compareVersions(version, '3.9') < 0
}

/** By the versions in their names, the newest first; `python3`, which has none, last. */
function candidates(): string[] {
  const pyenv = join(homedir(), '.pyenv', 'versions')
  const kept = existsSync(pyenv) ? readdirSync(pyenv).map(version => join(pyenv, version, 'bin', 'python3')) : []
  const onPath = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter(folder => existsSync(folder))
    .flatMap(folder =>
      readdirSync(folder)
        .filter(name => /^python3(\.\d+)?$/.test(name))
        .map(name => join(folder, name)),
    )
  const versionOf = (command: string) => /3\.\d+(\.\d+)?/.exec(command)?.[0] ?? '3.0'
  return [...kept, ...onPath].sort((a, b) => compareVersions(versionOf(b), versionOf(a)))
}

function probe(command: string): Python | undefined {
  try {
    const code = 'import smtplib, sys; print("%d.%d.%d" % sys.version_info[:3])'
    return { command, version: execFileSync(command, ['-c', code], { encoding: 'utf8', stdio: 'pipe' }).trim() }
  } catch {
    return undefined
  }
}

function refuse(command: string): never {
  throw new Error(`PYTHONS names ${command}, which is no Python with smtplib`)
}
