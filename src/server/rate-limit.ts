// How many requests a minute. A minute begins with the first request after the last one ended, so what is left and when
// there is more can be said exactly: https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
import { LRUCache } from 'lru-cache'

const WINDOW_MS = 60_000

/** So many are counted at once; whoever is forgotten begins anew, and nobody can fill the memory with names. */
const MOST_COUNTED = 10_000

export interface RateLimit {
  /** Counts one request, at an instant in milliseconds. */
  take(id: string, now: number): Taken
}

export interface Taken {
  readonly allowed: boolean
  /** What is allowed: `RateLimit-Policy`. */
  readonly policy: string
  /** How many are left, and in how many seconds there are all again: `RateLimit`. */
  readonly state: string
  readonly resetSeconds: number
}

interface Window {
  startedAt: number
  used: number
}

export function createRateLimit(name: string, limit: number): RateLimit {
  const policy = `"${name}";q=${limit};w=${WINDOW_MS / 1_000}`
  const windows = new LRUCache<string, Window>({ max: MOST_COUNTED })
  return {
    take(id, now) {
      let window = windows.get(id)
      // One that begins in the future was counted by a clock that has been set back.
      if (window === undefined || now - window.startedAt >= WINDOW_MS || now < window.startedAt) {
        window = { startedAt: now, used: 0 }
        windows.set(id, window)
      }
      window.used++
      const resetSeconds = Math.max(1, Math.ceil((window.startedAt + WINDOW_MS - now) / 1_000))
      const left = Math.max(0, limit - window.used)
      return { allowed: window.used <= limit, policy, state: `"${name}";r=${left};t=${resetSeconds}`, resetSeconds }
    }
  }
}
