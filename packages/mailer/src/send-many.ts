/**
 * Many pieces of work at a time, their results in the order in which the work came.
 *
 * In: work as it comes, how much of it may be under way, and what to do with each piece. Out: the results. No more is taken in than may be under
 * way and waiting for its turn together; a result whose turn it is does not wait for more work to come. When the reader stops, what is under way is
 * finished and the source of the work is told.
 */

/** @param work - must not reject */
export async function* inOrder<Item, Result>(
  items: AsyncIterable<Item> | Iterable<Item>,
  width: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result, void, undefined> {
  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
  const results: Promise<Result>[] = []
  // What is done may wait behind one slow message without keeping the others from being begun.
  const most = width * 2
  let next: Promise<IteratorResult<Item>> | undefined
  let ended = false
  try {
    for (;;) {
      const [first] = results
      if (!ended && results.length < most) {
        next ??= Promise.resolve(source.next())
        const came = first === undefined ? await next : await Promise.race([next, first.then(() => undefined)])
        if (came !== undefined) {
          next = undefined
          if (came.done === true) ended = true
          else results.push(work(came.value))
          continue
        }
      }
      if (first === undefined) return
      void results.shift()
      yield await first
    }
  } finally {
    if (!ended) await source.return?.()
    await Promise.all(results)
  }
}
