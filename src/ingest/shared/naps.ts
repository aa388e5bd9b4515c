// Waiting for something to do: for a while, or until somebody has some.
import type { Clock } from '../../model/clock.ts'

export interface Naps {
  /** Ends after so many milliseconds, or when all are woken; never rejects. */
  nap(ms: number): Promise<void>
  wakeAll(): void
}

export function createNaps(clock: Clock): Naps {
  const napping = new Set<AbortController>()
  return {
    async nap(ms) {
      const end = new AbortController()
      napping.add(end)
      await clock.after(ms, end.signal).catch(() => {})
      napping.delete(end)
    },
    wakeAll() {
      for (const end of napping) end.abort()
    }
  }
}
