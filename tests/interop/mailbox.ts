// Reads back what Postfix delivered. Everything below the trace headers it adds is the message as it took it, except that it
// stores LF where CRLF was sent: so a message is compared after the same change.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { PostfixFacts } from './postfix.js'

export interface Delivered {
  /** The return path and the recipient of this copy, from the envelope. */
  readonly from: string
  readonly to: string
  /** The Received field Postfix added: with which protocol and cipher it came. */
  readonly received: string
  /** The message below the trace headers, as stored, one character for each octet. */
  readonly message: string
}

/**
 * All copies of a message, in the order of their recipients; waits until there are as many as wanted.
 *
 * @param reply the reply that accepted the message: it names the message in the queue.
 * @throws Error with Postfix's log when they have not come after 20 seconds.
 */
export async function delivered(postfix: PostfixFacts, reply: string, copies = 1): Promise<Delivered[]> {
  const id = /queued as (\w+)/.exec(reply)?.[1]
  if (id === undefined) throw new Error(`this reply accepts no message: ${reply}`)
  const deadline = Date.now() + 20_000
  while (Date.now() < deadline) {
    const found = stored(postfix).filter(copy => copy.received.includes(`id ${id}`))
    if (found.length >= copies) return found.sort((a, b) => (a.to < b.to ? -1 : 1))
    await delay(20)
  }
  throw new Error(`message ${id} was not delivered ${copies} times\n${readFileSync(postfix.logFile, 'utf8')}`)
}

/** The message as Postfix stores it, to compare with: one character for each octet, line ends LF. */
export function asStored(message: string | Uint8Array): string {
  return Buffer.from(message).toString('latin1').replaceAll('\r\n', '\n')
}

/**
 * The log so far, a line each, as soon as one line of it matches: Postfix writes it through a process of its own, a little later
 * than it answers.
 */
export async function logWith(postfix: PostfixFacts, pattern: RegExp): Promise<string[]> {
  const deadline = Date.now() + 20_000
  while (Date.now() < deadline) {
    const lines = readFileSync(postfix.logFile, 'utf8').split('\n')
    if (lines.some(line => pattern.test(line))) return lines
    await delay(20)
  }
  throw new Error(`Postfix has not logged ${pattern}\n${readFileSync(postfix.logFile, 'utf8')}`)
}

function stored(postfix: PostfixFacts): Delivered[] {
  if (!existsSync(postfix.mailbox)) return []
  return readdirSync(postfix.mailbox).map(file => parse(readFileSync(join(postfix.mailbox, file), 'latin1')))
}

const trace = /^Return-Path: <(.*)>\nX-Original-To: .*\nDelivered-To: (.*)\n(Received: .*\n(?:[ \t].*\n)+)/

function parse(file: string): Delivered {
  const match = trace.exec(file)
  if (match === null) throw new Error(`Postfix stored a message without its trace headers: ${file.slice(0, 400)}`)
  const [all, from = '', to = '', received = ''] = match
  return { from, to, received, message: file.slice(all.length) }
}
