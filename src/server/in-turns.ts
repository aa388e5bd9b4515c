// Work for each of many, which must not keep everybody else waiting.
import { setImmediate as turn } from 'node:timers/promises'
import PQueue from 'p-queue'

/** A database across the network answers several at once; in SQLite each takes some milliseconds one after the other. */
const AT_ONCE = 2

/** Does the work for each item, a few at once, with a turn for others in between; the results in the order of the items. */
export async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const queue = new PQueue({ concurrency: AT_ONCE })
  return queue.addAll(
    items.map((item) => async () => {
      const result = await work(item)
      await turn()
      return result
    })
  )
}
