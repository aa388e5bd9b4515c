// The clock of the machine: the one place from which the rest of the program gets its time.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from './model/clock.ts'

// A longer timer does not wait at all: Node keeps the delay in 31 bits.
const LONGEST_TIMER_MS = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => new Date(),

  async after(ms, signal) {
    const options = signal === undefined ? {} : { signal }
    try {
      for (let left = ms; left > 0; left -= LONGEST_TIMER_MS) {
        await sleep(Math.min(left, LONGEST_TIMER_MS), undefined, options)
      }
    } catch (err) {
      // Node rejects with an error of its own that has the reason as its cause.
      signal?.throwIfAborted()
      throw err
    }
    signal?.throwIfAborted()
  }
}
