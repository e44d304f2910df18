// Runs a daemon as if its packages were installed, on a machine where they are not: an overlay of the unpacked packages
// over `/`, in namespaces of its own for mounts and processes. The network is the machine's, so its loopback ports are ours.
// Everything the daemon writes goes to memory and ends with it, except below its work folder, which is the real one.
//
// In: the folder `obtain` found, a work folder (its path inside is `inside`), a shell script that ends in the daemon in
// the foreground.
// Needs Linux, root, unshare and overlayfs. The daemon and all its children end when `stop` is called, and also when the
// process that started it ends in any way: the guard inside reads a pipe from us and leaves when it closes.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { cache, hasProgram } from './debian.js'

export interface Jail {
  /** What the daemon and its script printed, both streams. */
  output(): string
  /** Whether the daemon still runs. */
  running(): boolean
  /** Ends the daemon and every process it started; resolves when they are gone. */
  stop(): Promise<void>
}

/** Where the work folder appears inside, so that its place outside (below a private home, say) does not matter. */
export const inside = '/srv/interop'

const layers = `
set -e
mount -t tmpfs -o mode=755 tmpfs "$LAYERS"
mkdir "$LAYERS/upper" "$LAYERS/work" "$LAYERS/root"
[ -z "$PACKAGES" ] || cp -a "$PACKAGES/." "$LAYERS/upper"
mount -t overlay overlay -o "lowerdir=/,upperdir=$LAYERS/upper,workdir=$LAYERS/work" "$LAYERS/root"
`

const guard = `${layers}
mount -t proc proc "$LAYERS/root/proc"
mount --rbind /dev "$LAYERS/root/dev"
mkdir -p "$LAYERS/root${inside}"
mount --bind "$WORK" "$LAYERS/root${inside}"
exec 3<&0
cat <&3 >/dev/null &
chroot "$LAYERS/root" bash --norc -c "$SCRIPT" &
wait -n
`

/** What this machine lacks to run a jail, in words; `undefined` if nothing. */
export function missingForJail(): string | undefined {
  if (process.platform !== 'linux') return `a real mail server here needs Linux, this is ${process.platform}`
  if (process.getuid?.() !== 0) return 'a mail server changes users and mounts an overlay: that needs root (try sudo)'
  for (const program of ['unshare', 'mount', 'chroot', 'bash', 'useradd']) {
    if (!hasProgram(program)) return `no program ${program} on this machine`
  }
  const folder = join(cache, `probe-${process.pid}`)
  mkdirSync(folder, { recursive: true })
  const env = { ...process.env, LAYERS: folder, PACKAGES: '' }
  const probe = spawnSync('unshare', ['-m', '-p', '-f', 'bash', '-c', layers], { env, encoding: 'utf8' })
  rmSync(folder, { recursive: true })
  if (probe.status === 0) return undefined
  return `cannot mount an overlay over / in a namespace of its own: ${probe.stderr.trim() || probe.error}`
}

/** Starts a daemon. Its being ready is for the caller to see, on its port. */
export function startJail(options: { packages: string; work: string; script: string }): Jail {
  const folder = join(options.work, 'layers')
  mkdirSync(folder, { recursive: true })
  const child = spawn(
    'unshare',
    ['-m', '-p', '-f', '--kill-child=SIGKILL', '--propagation', 'private', 'bash', '--norc', '-c', guard],
    {
      env: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        LC_ALL: 'C',
        LAYERS: folder,
        PACKAGES: options.packages,
        WORK: options.work,
        SCRIPT: options.script,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  )
  const printed: Buffer[] = []
  child.stdout.on('data', (bytes: Buffer) => printed.push(bytes))
  child.stderr.on('data', (bytes: Buffer) => printed.push(bytes))
  child.on('error', error => printed.push(Buffer.from(`${error.message}\n`)))
  return {
    output: () => Buffer.concat(printed).toString('utf8'),
    running: () => child.exitCode === null && child.signalCode === null && child.pid !== undefined,
    stop: () => end(child),
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  // 'close' comes when the last process that inherited our pipes is gone, so nothing of the jail outlives it.
  const gone = new Promise<void>(resolve => child.once('close', () => resolve()))
  child.stdin?.end()
  child.kill('SIGKILL')
  await gone
}
