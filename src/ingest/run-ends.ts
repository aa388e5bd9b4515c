// Who wants to know how runs end is told once for each.
import type { IngestRun } from '../model/run.ts'
import type { Ingester } from './ingester.ts'

export interface TellingIngester extends Ingester {
  /** The listener hears of each run that was accepted, when it has ended; it must not throw. */
  onRunEnd(listener: (run: IngestRun) => void): void
}

/** The same ingester, that tells of its runs. */
export function tellRunEnds(ingester: Ingester): TellingIngester {
  const listeners: ((run: IngestRun) => void)[] = []
  const awaited = new Set<string>()
  const tell = (run: IngestRun): void => {
    awaited.delete(run.id)
    for (const listener of listeners) listener(run)
  }
  return {
    async request(...asked) {
      const accepted = await ingester.request(...asked)
      // Who joins a run asks for nothing new.
      if (!awaited.has(accepted.run.id)) {
        awaited.add(accepted.run.id)
        void accepted.done.then(tell)
      }
      return accepted
    },
    stop: () => ingester.stop(),
    onRunEnd: (listener) => void listeners.push(listener)
  }
}
