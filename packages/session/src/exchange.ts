/**
 * One command and its one reply.
 *
 * In: an event of the chart, the octets of a command, and the codes it may be answered with. Out: the reply, whatever it is, 4yz and 5yz included;
 * a rejection when the session ended first. It refuses, with nothing written, what the chart does not allow now.
 */
import type { Reply } from '@postrider/codec'
import type { Dialogue } from './dialogue.js'
import { codes, type Expectation } from './pipeline.js'
import type { EventName } from './step.js'

/** Writes the command and waits. `completed` runs on success, before anybody is told. */
export async function exchange(
  dialogue: Dialogue,
  event: EventName,
  command: string,
  octets: Uint8Array,
  set: Pick<Expectation, 'completes' | 'continues'>,
  completed?: (reply: Reply) => void,
): Promise<Reply> {
  await dialogue.settled
  return new Promise((resolve, reject) => {
    dialogue.begin(event, command, { fail: reject })
    dialogue.write(octets)
    expect(dialogue, command, set, resolve, completed)
    dialogue.wake()
  })
}

/** Waits for a reply to something that was written, or will be, by other means. */
export function listen(dialogue: Dialogue): Promise<Reply> {
  const reply = new Promise<Reply>((resolve, reject) => {
    dialogue.begin('command', 'send', { fail: reject })
    expect(dialogue, 'send', codes.command, resolve)
  })
  // Whoever writes need not ask for the reply.
  reply.catch(() => {})
  return reply
}

function expect(
  dialogue: Dialogue,
  command: string,
  { completes, continues }: Pick<Expectation, 'completes' | 'continues'>,
  resolve: (reply: Reply) => void,
  completed?: (reply: Reply) => void,
): void {
  dialogue.expect({
    command,
    completes,
    continues,
    settle: (reply, outcome) => {
      if (outcome === 'completed') completed?.(reply)
      dialogue.end()
      dialogue.apply(outcome)
      resolve(reply)
    },
  })
}
