// Starts the mail server for all interop tests and ends it behind the last one.
//
// Where the machine cannot run it, the tests that need it are shown as skipped and the reason is printed, as the last line.
// With INTEROP=required that is an error instead: for a machine whose job is to run them.
import type { TestProject } from 'vitest/node'
import { fetchPostfix, missingForPostfix, type PostfixFacts, startPostfix } from './postfix.js'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The running server; absent where this machine cannot run it. */
    postfix?: PostfixFacts
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const packages = obtain()
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

function obtain(): { folder: string } | { missing: string } {
  const missing = missingForPostfix()
  if (missing !== undefined) return { missing }
  try {
    return { folder: fetchPostfix() }
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) }
  }
}
