/**
 * Says that something cannot be had on this machine, so that skipped tests are seen and understood. With INTEROP=required it is an
 * error instead: for a machine whose job is to run them.
 */
export function absent(words: string): void {
  // biome-ignore lint/suspicious/noUndeclaredEnvVars: turbo does not run these tests
  if (process.env['INTEROP'] === 'required') throw new Error(words)
  console.warn(words)
}
