// A real server in a jail, from its packages to its end: the fixtures say what to fetch, which files to write, which command
// to run and which ports must answer; the rest is the same for all of them and is here.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { cache } from './debian.js'
import { startJail } from './jail.js'
import { answers, greeted } from './port.js'

/** What a server needs. Paths of files are relative to the work folder, which is `inside` in the jail. */
export interface DaemonPlan {
  readonly name: string
  /** The folder with the unpacked packages. */
  readonly packages: string
  /** Text by path. */
  readonly files: Readonly<Record<string, string>>
  /** Shell script that ends in the server, in the foreground. */
  readonly script: string
  /** Ports that greet in clear text. */
  readonly ports: readonly number[]
  /** Ports that wait for a TLS handshake. */
  readonly tlsPorts?: readonly number[]
}

export interface Daemon {
  /** The work folder, seen from outside. */
  readonly folder: string
  /** What the server printed, and what it wrote into its file `log`. */
  log(): string
  /** Ends every process of the server, checks that its ports are closed and removes its files. */
  stop(): Promise<void>
}

/** Starts a server and waits until each of its ports answers. */
export async function startDaemon(plan: DaemonPlan): Promise<Daemon> {
  removeStale(plan.name)
  const folder = join(cache, `${plan.name}-${process.pid}`)
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  for (const [path, text] of Object.entries(plan.files)) {
    const place = join(folder, path)
    mkdirSync(dirname(place), { recursive: true })
    writeFileSync(place, text)
  }
  const jail = startJail({ packages: plan.packages, work: folder, script: plan.script })
  const log = (): string => {
    const file = join(folder, 'log')
    return jail.output() + (existsSync(file) ? readFileSync(file, 'utf8') : '')
  }
  const ports = [...plan.ports, ...(plan.tlsPorts ?? [])]
  const stop = async (): Promise<void> => {
    await jail.stop()
    // The first process of the namespace is gone when this is reached; the kernel ends the others right behind it.
    for (const port of ports)
      await until(async () => !(await answers(port)), `${plan.name} has ended, but not port ${port}`)
    rmSync(folder, { recursive: true })
  }
  try {
    for (const port of plan.ports) await greeted(port, jail.running)
    for (const port of plan.tlsPorts ?? []) await answered(port, jail.running)
  } catch (error) {
    const said = log()
    await stop()
    throw new Error(`${plan.name} did not start: ${error}\n${said}`)
  }
  return { folder, log, stop }
}

async function answered(port: number, running: () => boolean): Promise<void> {
  await until(() => answers(port).then(yes => yes || !running()), `nothing answers on port ${port}`)
  if (!running()) throw new Error('it ended by itself')
}

/** Waits until something holds, 30 seconds at most. */
async function until(holds: () => Promise<boolean>, otherwise: string): Promise<void> {
  const deadline = Date.now() + 30_000
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(otherwise)
    await delay(20)
  }
}

/** A run that was killed takes its server along, but leaves the files; the next run removes them. */
function removeStale(name: string): void {
  if (!existsSync(cache)) return
  for (const entry of readdirSync(cache)) {
    const pid = entry.startsWith(`${name}-`) ? /-(\d+)$/.exec(entry)?.[1] : undefined
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) rmSync(join(cache, entry), { recursive: true })
  }
}
