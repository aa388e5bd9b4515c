// A clock that moves only by hand, so that no test waits for time and none depends on it.
import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../../src/model/clock.ts'

export interface FakeClock extends Clock {
  /** Lets so much time pass; who waits is woken in order, each at its own instant. Await it. */
  advance(ms: number): Promise<void>
  /** Moves the clock to an instant. A later one is `advance`; an earlier one wakes nobody, and waits stay as long as they were. */
  set(instant: string | Date): Promise<void>
}

/** A clock that stands at `instant` (RFC 3339). */
export function fakeClock(instant: string): FakeClock {
  let now = new Date(instant).getTime()
  const waiting = new Set<{ left: number; wake: () => void }>()

  const pass = (ms: number): void => {
    now += ms
    for (const sleeper of waiting) sleeper.left -= ms
  }

  const advance = async (ms: number): Promise<void> => {
    await turn()
    for (let left = ms; ;) {
      const [next] = [...waiting].toSorted((a, b) => a.left - b.left)
      if (next === undefined || next.left > left) {
        pass(left)
        return
      }
      left -= next.left
      pass(next.left)
      next.wake()
      // Whoever was woken goes on, and may wait again within the time that still has to pass.
      await turn()
    }
  }

  return {
    now: () => new Date(now),
    advance,
    async set(to) {
      const ms = new Date(to).getTime() - now
      if (ms >= 0) await advance(ms)
      else now += ms
    },
    after: (ms, signal) =>
      new Promise<void>((resolve, reject) => {
        // The signal's reason is passed on as it is, whatever it is.
        // oxlint-disable-next-line prefer-promise-reject-errors
        const abort = (): void => settle(() => reject(signal?.reason))
        const sleeper = { left: ms, wake: () => settle(resolve) }
        const settle = (end: () => void): void => {
          waiting.delete(sleeper)
          signal?.removeEventListener('abort', abort)
          end()
        }
        if (signal?.aborted === true) return abort()
        if (ms <= 0) return resolve()
        signal?.addEventListener('abort', abort)
        waiting.add(sleeper)
      })
  }
}
