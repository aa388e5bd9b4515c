// Answers kept in memory, whole and packed, under the validator that was computed from all that they depend on: a write
// changes the revision, so an answer that is out of date is never asked for again, and the oldest unasked goes first.
import { LRUCache } from 'lru-cache'
import type { Ready } from './ready.ts'

export interface KeptReply {
  readonly ready: Ready
  /** Whether the next answer to the same question may be another: it is sent, and not kept. */
  readonly unstable: boolean
}

export interface ReplyCache {
  /** The kept answer, or the one that `compute` gives; who asks while it computes waits for the same. */
  get(tag: string, compute: () => Promise<KeptReply>): Promise<KeptReply>
  /** The answer that is kept already, if it is. */
  kept(tag: string): Ready | undefined
}

/** What all answers together may take; a year of five locations takes 35 kB, and 6 kB packed. */
const MAX_BYTES = 32 * 1_048_576
/** For what an entry takes beside its body. */
const ENTRY_BYTES = 1_024

export function createReplyCache(maxBytes: number = MAX_BYTES): ReplyCache {
  const cache = new LRUCache<string, KeptReply, () => Promise<KeptReply>>({
    maxSize: maxBytes,
    // No one answer pushes out all others.
    maxEntrySize: maxBytes / 8,
    sizeCalculation: ({ ready, unstable }) => (unstable ? maxBytes : ready.body.length + ENTRY_BYTES),
    fetchMethod: (_tag, _stale, { context }) => context()
  })
  return {
    async get(tag, compute) {
      const reply = await cache.fetch(tag, { context: compute })
      if (reply === undefined) throw new Error('the cache has no answer, and no error either')
      return reply
    },
    // While an answer is computed, there is none.
    kept: (tag) => cache.get(tag)?.ready
  }
}
