// Postfix's smtp-sink: a server that takes every message and throws it away, fast, in a process of its own. It counts what
// it took, so a client's claim can be checked. With `lmtp` it speaks LMTP and answers once for each recipient.
//
// In: the folder `obtainPostfix` found. Needs neither root nor the jail: the program runs where it lies.
import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { cache } from './debian.js'
import { freePorts, greeted } from './port.js'

export interface Sink {
  readonly port: number
  /** Messages taken since it started. */
  taken(): number | Promise<number>
  stop(): Promise<void>
}

// The guard ends the sink when its own input is closed, so the sink never outlives the process that started it.
const guard = 'exec 3<&0; cat <&3 >/dev/null & "$@" & wait -n; exec 2>/dev/null; kill -9 $(jobs -p); wait'

export async function startSink(packages: string, options: { lmtp?: boolean } = {}): Promise<Sink> {
  const [port = 0] = await freePorts(1)
  const folder = mkdtempSync(join(cache, 'sink-'))
  const counter = join(folder, 'counter')
  const output = openSync(counter, 'w')
  const words = [join(packages, 'usr/sbin/smtp-sink'), '-c', '-h', 'sink.example.test']
  if (options.lmtp) words.push('-L')
  if (process.getuid?.() === 0) words.push('-u', 'nobody')
  const child = spawn('bash', ['-c', guard, 'guard', ...words, `127.0.0.1:${port}`, '512'], {
    stdio: ['pipe', output, 'inherit'],
    env: { ...process.env, LD_LIBRARY_PATH: join(packages, 'usr/lib/postfix') },
  })
  closeSync(output)
  const gone = new Promise<void>(resolve => child.once('close', () => resolve()))
  const stop = async (): Promise<void> => {
    child.stdin?.end()
    await gone
    rmSync(folder, { recursive: true })
  }
  try {
    await greeted(port, () => child.exitCode === null && child.signalCode === null)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    port,
    taken: () => Number(/mesg=(\d+)\D*$/.exec(readFileSync(counter, 'latin1').slice(-200))?.[1] ?? 0),
    stop,
  }
}
