// Starts the mail server for all interop tests and ends it behind the last one.
//
// Where the machine cannot run it, the tests that need it are shown as skipped and the reason is printed, as the last line.
// With INTEROP=required that is an error instead: for a machine whose job is to run them.
import type { TestProject } from 'vitest/node'
import { missingForJail } from './jail.js'
import { obtainPostfix, type PostfixFacts, startPostfix } from './postfix.js'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The running server; absent where this machine cannot run it. */
    postfix?: PostfixFacts
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const lacking = missingForJail()
  const packages = lacking === undefined ? obtainPostfix() : { missing: lacking }
  if ('missing' in packages) {
    const words = `No tests against Postfix, they are skipped: ${packages.missing}`
    // biome-ignore lint/suspicious/noUndeclaredEnvVars: turbo does not run these tests
    if (process.env['INTEROP'] === 'required') throw new Error(words)
    return async () => console.warn(`\n${words}\n`)
  }
  const postfix = await startPostfix(packages.folder)
  project.provide('postfix', postfix.facts)
  return () => postfix.stop()
}
