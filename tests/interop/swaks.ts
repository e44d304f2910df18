// swaks, the "Swiss Army Knife for SMTP" in Perl, from its Debian package: a client by other people, run where it lies.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { hasProgram, type Obtained, obtain } from './debian.js'

/** swaks and its TLS module. */
export function obtainSwaks(): Obtained {
  return hasProgram('perl') ? obtain('swaks', ['swaks', 'libnet-ssleay-perl']) : { missing: 'no perl on this machine' }
}

/** Runs swaks; its exit status, and the whole dialogue it printed. */
export async function swaks(packages: string, words: readonly string[]): Promise<{ status: number; output: string }> {
  const libraries = ['usr/share/perl5', 'usr/share/perl', 'usr/lib'].flatMap(folder => below(join(packages, folder)))
  const child = spawn('perl', [join(packages, 'usr/bin/swaks'), ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PERL5LIB: libraries.join(':') },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => (output += text))
  const status = await new Promise<number>(resolve => child.once('close', code => resolve(code ?? -1)))
  return { status, output }
}

/** The folder itself and the folders in it, two levels down: where Perl modules lie is a matter of version and machine. */
function below(folder: string, levels = 3): string[] {
  if (levels === 0 || !existsSync(folder)) return []
  const folders = readdirSync(folder, { withFileTypes: true }).filter(entry => entry.isDirectory())
  return [folder, ...folders.flatMap(({ name }) => below(join(folder, name), levels - 1))]
}
