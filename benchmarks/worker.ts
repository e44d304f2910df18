// The inside of a contestant's process: reads counts, does that much work, prints what it took. See contestant.ts.
import { createInterface } from 'node:readline'

/** The settings the parent passed. The caller names their shape: both sides are files of this folder. */
export function settings<Settings>(): Settings {
  return JSON.parse(process.argv.at(-1) ?? '{}')
}

/**
 * Serves measurements until the parent closes our input.
 *
 * @param work does `count` pieces and returns how many were confirmed, and how many octets and items that was where it matters.
 * @param end is called at the end.
 */
export async function serve(
  work: (count: number) => Promise<{ done: number; octets?: number; items?: number }>,
  end: () => unknown = () => {},
): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const cpuBefore = process.cpuUsage()
    const before = performance.now()
    const result = await work(Number(line))
    const seconds = (performance.now() - before) / 1000
    const { user, system } = process.cpuUsage(cpuBefore)
    console.log(JSON.stringify({ ...result, seconds, cpu: user + system }))
  }
  await end()
}

/** Sends `count` messages, each caller the next one as soon as its last is answered; counts those that were accepted. */
export async function takeTurns<Caller>(
  count: number,
  callers: readonly Caller[],
  send: (caller: Caller) => Promise<boolean>,
): Promise<{ done: number }> {
  let left = count
  let done = 0
  await Promise.all(
    callers.map(async caller => {
      while (left-- > 0) if (await send(caller)) done++
    }),
  )
  return { done }
}
