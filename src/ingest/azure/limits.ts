// How often and how many at once: what the services allow to one identity over all its workspaces.
import PQueue from 'p-queue'
import type { Share } from '../source.ts'
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

/** With a share: what one of those who share them may do. */
export function createLimits(options: LimitOptions, share?: Share): Limits {
  const { atOnce, requests, windowMs, each } = share === undefined ? options : partOf(options)
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
    ticket: (workspaceId, signal) => inTurn(rateOf(workspaceId), signal, async () => share?.mayAsk())
  }
}

/**
 * In a tenth of the window a tenth of what is allowed in it, so that a share soon carries nothing of its past when it
 * changes hands; and of a rate that all share a fifth for each of four, so that there is something left for those that
 * change hands without a rest.
 */
function partOf({ atOnce, requests, windowMs, each }: LimitOptions): LimitOptions {
  const shares = each ? 1 : atOnce + 1
  return { atOnce: 1, requests: Math.floor(requests / shares / 10), windowMs: windowMs / 10, each }
}

async function inTurn<T>(queue: PQueue, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await queue.add(work, { signal })
  } catch (error) {
    // The queue rejects with the reason of the signal, which may be anything.
    throw signal.aborted ? cancelled(signal) : error
  }
}
