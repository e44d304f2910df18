/**
 * What a server does to the wire when a test wants it to misbehave, as data: a list of steps, played in order.
 *
 * In: steps, the reply that is due, a stage to play on. Out: octets in chosen pieces at chosen times, or none, or an end of
 * the connection. A script only decides how things are said; what the server takes as said follows from the reply it was due.
 */

/** How octets are cut and paced. */
export interface Pacing {
  /** Octets per write. Default: all in one. */
  readonly split?: number
  /** Milliseconds between two writes. Default 0: a turn of the event loop, which makes two segments on loopback. */
  readonly gap?: number
}

/**
 * How a connection ends. `halfClose`: FIN, under TLS after close_notify; what the client still says is read and dropped.
 * `close`: the same, then the socket is gone, and what the client still says is answered by RST. `cut`: FIN without
 * close_notify. `reset`: RST.
 */
export type Ending = 'halfClose' | 'close' | 'cut' | 'reset'

/** One thing to do. */
export type Step =
  /** The reply that is due, or a part of it: from octet `from` (default 0) up to, not including, octet `to`. */
  | ({ readonly reply: true; readonly from?: number; readonly to?: number } & Pacing)
  /** These octets; a string is UTF-8, and no line end is added. */
  | ({ readonly send: string | Uint8Array } & Pacing)
  /** These octets on the TCP connection itself, beneath TLS. */
  | { readonly sendBeneathTls: Uint8Array }
  /** Nothing, for so many milliseconds. */
  | { readonly wait: number }
  /** Nothing ever again; the connection stays open and unread. */
  | { readonly stall: true }
  | { readonly end: Ending }
  /** Wait for the client's next line; when it does not match, close. Its own reply is never due: say what you want said. */
  | { readonly expect: string | RegExp }
  /** Take in content up to CRLF.CRLF, behind an expected DATA. */
  | { readonly content: true }

/** What a script plays on: one connection. */
export interface Stage {
  /** Resolves when the connection is over. */
  readonly gone: Promise<void>
  readonly isGone: boolean
  write(octets: Uint8Array): void
  writeBeneathTls(octets: Uint8Array): void
  /** Resolves after so many milliseconds, after a turn of the event loop for 0, and at once when the connection is gone. */
  pause(milliseconds: number): Promise<void>
  end(ending: Ending): void
  /** The client's next line, without its line end; undefined when the connection is gone. */
  line(): Promise<string | undefined>
  /** Takes in content. */
  content(): Promise<void>
}

/** Plays the steps. Resolves when the last one is done or the connection is gone. */
export async function play(steps: readonly Step[], due: Uint8Array, stage: Stage): Promise<void> {
  for (const step of steps) {
    if (stage.isGone) return
    if ('reply' in step) await paced(due.subarray(step.from ?? 0, step.to ?? due.length), step, stage)
    else if ('send' in step) await paced(octetsOf(step.send), step, stage)
    else if ('sendBeneathTls' in step) stage.writeBeneathTls(step.sendBeneathTls)
    else if ('wait' in step) await stage.pause(step.wait)
    else if ('stall' in step) await stage.gone
    else if ('end' in step) stage.end(step.end)
    else if ('content' in step) await stage.content()
    else await expectLine(step.expect, stage)
  }
}

/** @throws RangeError naming the step that cannot be played. */
export function checkSteps(steps: readonly Step[]): void {
  for (const [index, step] of steps.entries()) {
    if (!VERBS.some(verb => verb in step)) throw new RangeError(`step ${index} is none: ${JSON.stringify(step)}`)
    const { split = 1, gap = 0, wait = 0 } = step as { split?: number; gap?: number; wait?: number }
    if (!(split >= 1 && gap >= 0 && wait >= 0)) throw new RangeError(`step ${index}: ${JSON.stringify(step)}`)
  }
}

const VERBS = ['reply', 'send', 'sendBeneathTls', 'wait', 'stall', 'end', 'expect', 'content'] as const

async function paced(octets: Uint8Array, { split = octets.length, gap = 0 }: Pacing, stage: Stage): Promise<void> {
  for (let at = 0; at < octets.length && !stage.isGone; at += split) {
    if (at > 0) await stage.pause(gap)
    stage.write(octets.subarray(at, at + split))
  }
  // What the next step sends is a piece of its own.
  await stage.pause(0)
}

async function expectLine(expected: string | RegExp, stage: Stage): Promise<void> {
  const line = await stage.line()
  if (line === undefined) return
  const matches =
    typeof expected === 'string' ? line.toUpperCase() === expected.toUpperCase() : line.search(expected) >= 0
  if (!matches) stage.end('close')
}

function octetsOf(text: string | Uint8Array): Uint8Array {
  return typeof text === 'string' ? new TextEncoder().encode(text) : text
}
