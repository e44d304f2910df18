/**
 * How a command ends, for scripts. `send` uses all of them; for `sink` and `probe` 1 is "something is wrong" and 3 "nothing was reached".
 */
export const EXIT = {
  /** Everybody was accepted. */
  done: 0,
  /** The server refused some or all of it. */
  refused: 1,
  /** What was typed makes no sense. */
  usage: 2,
  /** Nothing was sent: it is safe to try again. */
  nothing: 3,
  /** The message went out and no answer came: somebody may have it, or nobody. */
  unknown: 4,
  /** A defect of ours: nothing can be said. */
  defect: 70,
} as const
