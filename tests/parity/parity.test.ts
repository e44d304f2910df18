// Every scenario is put through Python's smtplib and through our classes; what goes over the wire, what comes back, what is thrown and what the
// object knows afterwards must be the same, or a deviation that the table tells with its row and its reason.
import { afterAll, describe, it } from 'vitest'
import { compare } from './compare.js'
import { findPython, Oracle } from './oracle.js'
import { runOurs } from './ours.js'
import { play } from './play.js'
import { scenarios } from './scenarios.js'

const python = findPython()

describe.skipIf('missing' in python)(
  `smtplib and SMTP with compat: 'smtplib' do the same (${'missing' in python ? python.missing : `Python ${python.version}`})`,
  () => {
    const oracle = 'missing' in python ? undefined : new Oracle()
    afterAll(() => oracle?.close())

    it.each(scenarios.map(scenario => [scenario.name, scenario] as const))('%s', async (_name, scenario) => {
      if (oracle === undefined) return
      const theirs = await play(scenario, (host, port) => oracle.ask(scenario, host, port))
      const ours = await play(scenario, (host, port) => runOurs(scenario, host, port))
      compare(scenario, theirs, ours)
    })
  },
)
