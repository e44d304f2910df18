/** The dialogue with a server on standard error, line by line as it happens; secrets are masked, and no line moves the cursor of a terminal. */
import { type SessionEvent, transcribe } from '@postrider/session'
import { inkFor, inkLine } from './ink.js'
import type { Io } from './io.js'
import { visible } from './visible.js'

export function transcriptTo({ stderr, env }: Io): (event: SessionEvent) => void {
  const ink = inkFor(stderr, env)
  return event => {
    for (const line of transcribe(event)) stderr.write(`${inkLine(ink, visible(line))}\n`)
  }
}
