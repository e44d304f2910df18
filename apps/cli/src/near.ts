/** Which of the words that there are was probably meant by one that there is not. */

/** The nearest of the words: one that begins with what was typed, or one that a slip or two of the fingers make of it. */
export function nearest(typed: string, words: readonly string[]): string | undefined {
  const begun = typed.length > 1 ? words.filter(word => word.startsWith(typed)) : []
  if (begun.length > 0) return begun[0]
  const slips = words
    .map(word => ({ word, slips: distance(typed, word) }))
    .sort((one, other) => one.slips - other.slips)
  const [best] = slips
  return best !== undefined && best.slips <= Math.max(1, Math.floor(best.word.length / 3)) ? best.word : undefined
}

/** How many letters are to be put in, left out, changed or swapped with their neighbour (optimal string alignment). */
function distance(from: string, to: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, at) => at)
  for (let row = 1; row <= from.length; row++) {
    const next = [row]
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1]
      const isSwapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      next.push(
        Math.min(
          (next[column - 1] ?? 0) + 1,
          (last[column] ?? 0) + 1,
          (last[column - 1] ?? 0) + (isSame ? 0 : 1),
          isSwapped ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
    beforeLast = last
    last = next
  }
  return last[to.length] ?? 0
}
