// While the database is lost: what was answered before is answered again, and said to be old; the rest is refused.
import t from 'tap'
import { OperationalError } from '../../src/model/errors.ts'
import type { SeriesStore } from '../../src/model/store.ts'
import { cell, newService } from '../support/service.ts'

const START = '2026-11-02T06:00:00.000Z'

async function unavailable(): Promise<never> {
  throw new OperationalError('store-unavailable', 'the database is lost')
}

t.test('what was asked before is answered from memory, and its age is told; what was not is refused', async (t) => {
  const lost: { since: Date | null } = { since: null }
  const wrapStore = (store: SeriesStore): SeriesStore => ({
    ...store,
    readDays: (...asked) => (lost.since === null ? store.readDays(...asked) : unavailable()),
    lastRevision: (workspace) => (lost.since === null ? store.lastRevision(workspace) : undefined),
    health: () => (lost.since === null ? null : 'the database is lost'),
    staleSince: () => lost.since
  })
  const { app, clock, fill } = await newService(t, { now: START, wrapStore })
  await fill('default', { '2026-10-31': [cell('Inbox', 1)] })
  const url = '/series?from=2026-10-31&to=2026-10-31'
  const before = await app.inject(url)
  t.equal(before.headers['cache-status'], undefined)

  lost.since = clock.now()
  await clock.advance(90_000)

  const known = await app.inject(url)
  t.match(known, { statusCode: 200, body: before.body, headers: { etag: before.headers.etag } })
  t.equal(known.headers['cache-status'], 'post-delivery-series; hit; ttl=-90')
  const unchanged = await app.inject({ url, headers: { 'if-none-match': String(before.headers.etag) } })
  t.match(unchanged, { statusCode: 304, headers: { 'cache-status': 'post-delivery-series; hit; ttl=-90' } })
  const other = await app.inject('/series?from=2026-10-30&to=2026-10-31')
  t.match({ statusCode: other.statusCode, ...other.json() }, { statusCode: 503, code: 'store-unavailable' })
  t.match((await app.inject('/health/ready')).json(), { status: 'degraded' })

  lost.since = null
  t.equal((await app.inject(url)).headers['cache-status'], undefined)
  t.equal((await app.inject('/series?from=2026-10-30&to=2026-10-31')).statusCode, 200)
})
