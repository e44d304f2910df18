#!/usr/bin/env node
/** `postrider` as a process: `run` with the streams, the environment and the signals of this one. */
import { EXIT } from './exit.js'
import { defect, run } from './run.js'

process.on('uncaughtException', error => {
  process.stderr.write(`postrider ${defect(error)}\n`)
  process.exit(EXIT.defect)
})
process.exitCode = await run(process.argv.slice(2), process)
