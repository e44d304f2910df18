// A watch over all tests: what any of them logs, and every error that is made in it, must not show a credential (T-28).
//
// Which credentials: those that any mechanism was given in this file of tests, client or server; they all pass through
// `Secret.from`, which is listened to here. Where it looks: the console, standard output and standard error; and each error, thrown
// or swallowed, in every form a program could print it in (trace.ts). A hit fails the test; its message names the place and
// the form, not the secret.
//
// It cannot see what a test only passes around: events, snapshots, transcripts. secrets.test.ts collects those.
import { subscribe } from 'node:diagnostics_channel'
import { format } from 'node:util'
import { Secret } from '@postrider/auth-sasl'
import { afterEach, beforeEach } from 'vitest'
import { leaks, traces } from './trace.js'

/** Property tests make thousands of both, all alike: the credentials that were used last count, and the first errors of a test. */
const mostSecrets = 40
const mostErrors = 200

/** In the order of their last use. */
const secrets = new Set<string>()
let printed: string[] = []
let errors: Error[] = []

/**
 * What could not be anything but a secret: short words are found everywhere, and property tests like the names of
 * JavaScript's own properties.
 */
function isTelling(secret: string): boolean {
  return secret.length >= 6 && /\p{L}/u.test(secret) && /[^\p{L}_]/u.test(secret)
}

const from = Secret.from.bind(Secret)
Secret.from = value => {
  const made = from(value)
  const text = Buffer.from(revealed(made)).toString('utf8')
  if (!isTelling(text)) return made
  secrets.delete(text)
  secrets.add(text)
  const [oldest] = secrets
  if (secrets.size > mostSecrets && oldest !== undefined) secrets.delete(oldest)
  return made
}

function revealed(secret: Secret): Uint8Array {
  try {
    return secret.revealOctets()
  } catch {
    // Half of a surrogate pair: no octets, nothing to leak.
    return new Uint8Array(0)
  }
}

for (const stream of [process.stdout, process.stderr]) {
  stream.write = new Proxy(stream.write, {
    apply(target, self, words) {
      const [chunk] = words
      printed.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'))
      return Reflect.apply(target, self, words)
    },
  })
}
// Programs that are tested in this process with streams of their own say here what they printed.
subscribe('postrider:printed', text => printed.push(String(text)))
for (const method of ['debug', 'dir', 'error', 'info', 'log', 'table', 'trace', 'warn'] as const) {
  console[method] = new Proxy(console[method], {
    apply(target, self, words) {
      printed.push(format(...words))
      return Reflect.apply(target, self, words)
    },
  })
}

globalThis.Error = new Proxy(Error, {
  construct(target, words, made) {
    const error: Error = Reflect.construct(target, words, made)
    if (secrets.size > 0 && errors.length < mostErrors) errors.push(error)
    return error
  },
})

beforeEach(() => {
  printed = []
  errors = []
})

afterEach(() => {
  if (printed.length === 0 && errors.length === 0) return
  const all = [...secrets].flatMap(traces)
  const found = [
    ...printed.flatMap(text => leaks(text, all).map(form => `was printed, ${form}`)),
    ...errors.flatMap(error => leaks(error, all).map(form => `stands in a ${error.name}, ${form}`)),
  ]
  if (found.length > 0) throw new RangeError(`a credential ${[...new Set(found)].join('; ')} (T-28)`)
})
