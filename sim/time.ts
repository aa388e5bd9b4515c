// Time: what it really is, and what our clock says, which may be wrong. It moves by hand alone.
import type { Clock } from '../src/model/clock.ts'

export interface Time {
  /** Milliseconds since 1970, as the source's clock has it. */
  readonly real: number
  /** As ours has it. */
  readonly ours: number
  /** So much our clock is ahead. */
  ahead: number
  pass(ms: number): void
  /** Our clock; who waits by it is woken when so much time has passed. */
  readonly clock: Clock
}

export function createTime(start: number): Time {
  let real = start
  const sleepers = new Set<{ readonly until: number; wake(): void }>()
  const time: Time = {
    get real() {
      return real
    },
    get ours() {
      return real + time.ahead
    },
    ahead: 0,
    pass(ms) {
      real += ms
      const due = [...sleepers].filter(({ until }) => until <= real).toSorted((a, b) => a.until - b.until)
      for (const sleeper of due) sleeper.wake()
    },
    clock: {
      now: () => new Date(time.ours),
      after: (ms, signal) =>
        new Promise<void>((resolve, reject) => {
          const sleeper = { until: real + ms, wake: () => end(resolve) }
          // The signal's reason is passed on as it is, whatever it is.
          // oxlint-disable-next-line prefer-promise-reject-errors
          const abort = (): void => end(() => reject(signal?.reason))
          const end = (settle: () => void): void => {
            sleepers.delete(sleeper)
            signal?.removeEventListener('abort', abort)
            settle()
          }
          if (signal?.aborted === true) return abort()
          signal?.addEventListener('abort', abort)
          sleepers.add(sleeper)
        })
    }
  }
  return time
}
