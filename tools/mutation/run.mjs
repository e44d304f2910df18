// Mutates one package: `run.mjs [package] [options of Stryker]`, from the root of the repository. Without a name, the codec.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const given = process.argv.slice(2).filter(word => word !== '--')
const name = given[0]?.startsWith('-') === false ? given.shift() : 'codec'
if (!existsSync(`packages/${name}/src`)) throw new Error(`there is no package ${name}`)

const stryker = fileURLToPath(new URL('node_modules/.bin/stryker', import.meta.url))
const { status } = spawnSync(stryker, ['run', 'tools/mutation/stryker.config.mjs', ...given], {
  stdio: 'inherit',
  shell: process.platform === 'win32',
  env: { ...process.env, MUTATED_PACKAGE: name },
})
process.exit(status ?? 1)
