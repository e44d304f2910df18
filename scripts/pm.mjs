// Runs a workspace script (`_demo`, `_test`, …) under the pnpm version that package.json pins, so that
// a machine with only Node and npm needs no other set-up. pnpm installs missing dependencies itself.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const [task, ...args] = process.argv.slice(2)
const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const version = manifest.devEngines.packageManager.version.replace(/^[^\d]*/, '')
const command = ['-y', `pnpm@${version}`, '--silent', 'run', `_${task}`, ...args]
const { status } = spawnSync('npx', command, { stdio: 'inherit', shell: process.platform === 'win32' })
process.exit(status ?? 1)
