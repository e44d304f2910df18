/**
 * What a command has around it: streams, environment, signals. `process` is one; tests make their own, and run commands in their own process.
 */
import type { Readable, Writable } from 'node:stream'

export interface Io {
  readonly stdin: Input
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
  /** Listens for a signal, once. As long as nobody listens for it, it ends the process. */
  once(signal: Signal, listener: () => void): unknown
  off(signal: Signal, listener: () => void): unknown
}

/** Gives octets; a terminal can be told not to show what is typed. */
export type Input = Readable & { readonly isTTY?: boolean; setRawMode?(on: boolean): unknown }

export type Output = Writable & { readonly isTTY?: boolean }

export type Signal = (typeof stops)[number]

/** Ctrl-C, and what ends a service. */
const stops = ['SIGINT', 'SIGTERM'] as const

/** Calls `stop` when somebody wants the command to end, until the function that it answers is called. */
export function uponStop(io: Io, stop: () => void): () => void {
  for (const signal of stops) io.once(signal, stop)
  return () => {
    for (const signal of stops) io.off(signal, stop)
  }
}
