// Every scenario is put through Python's smtplib and through our classes; what goes over the wire, what comes back, what is thrown and what the
// object knows afterwards must be the same, or a deviation that the table tells with its row and its reason. `PYTHONS=all` takes every Python there is.
import { afterAll, describe, it } from 'vitest'
import { compare } from './compare.js'
import { Oracle } from './oracle.js'
import { runOurs } from './ours.js'
import { play } from './play.js'
import { findPythons, missing } from './python.js'
import { scenarios } from './scenarios.js'

const pythons = findPythons()
const what = "smtplib and SMTP with compat: 'smtplib' do the same"

if (pythons.length === 0) it.todo(`${what} (${missing})`)

describe.each(pythons.map(python => [python.version, python] as const))(`${what} (Python %s)`, (_version, python) => {
  const oracle = new Oracle(python)
  afterAll(() => oracle.close())

  it.each(scenarios.map(scenario => [scenario.name, scenario] as const))('%s', async (_name, scenario) => {
    const theirs = await play(scenario, (host, port) => oracle.ask(scenario, host, port))
    const ours = await play(scenario, (host, port) => runOurs(scenario, host, port))
    compare(scenario, theirs, ours, python)
  })
})
