// What is said with answers that come from memory because the store itself is lost.
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../model/clock.ts'
import type { SeriesStore } from '../model/store.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Names and values of headers, one after the other; none while the store answers. */
    staleness(): readonly string[]
  }
}

/** `Cache-Status` (RFC 9211): a negative time to live tells for how many seconds nothing newer could be known. */
export function addStaleness(app: FastifyInstance, store: Pick<SeriesStore, 'staleSince'>, clock: Clock): void {
  app.decorate('staleness', () => {
    const since = store.staleSince()
    if (since === null) return []
    const seconds = Math.max(1, Math.ceil((clock.now().getTime() - since.getTime()) / 1_000))
    return ['cache-status', `post-delivery-series; hit; ttl=-${seconds}`]
  })
}
