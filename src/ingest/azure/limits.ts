// How often and how many at once: what the services allow to one identity over all its workspaces.
import PQueue from 'p-queue'
import { cancelled } from './deadline.ts'

export interface LimitOptions {
  readonly atOnce: number
  readonly requests: number
  readonly windowMs: number
  /** Whether each workspace has a rate of its own, or all share one. */
  readonly each: boolean
}

export interface Limits {
  /** Runs `work` when it is its turn; rejects with `cancelled` once the signal aborts. */
  slot<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>
  /** Resolves when one more request may be sent; wanted for every one, also for one that repeats another. */
  ticket(workspaceId: string, signal: AbortSignal): Promise<void>
}

export function createLimits({ atOnce, requests, windowMs, each }: LimitOptions): Limits {
  const slots = new PQueue({ concurrency: atOnce })
  const rates = new Map<string, PQueue>()

  const rateOf = (workspaceId: string): PQueue => {
    const key = each ? workspaceId.toLowerCase() : ''
    const known = rates.get(key)
    if (known !== undefined) return known
    // Strict: the window slides, or two bursts at its border would count as one each.
    const made = new PQueue({ intervalCap: requests, interval: windowMs, strict: true })
    rates.set(key, made)
    return made
  }

  return {
    slot: (signal, work) => inTurn(slots, signal, work),
    ticket: (workspaceId, signal) => inTurn(rateOf(workspaceId), signal, async () => {})
  }
}

async function inTurn<T>(queue: PQueue, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await queue.add(work, { signal })
  } catch (error) {
    // The queue rejects with the reason of the signal, which may be anything.
    throw signal.aborted ? cancelled(signal) : error
  }
}
