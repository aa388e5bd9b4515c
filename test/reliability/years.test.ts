// Years of hourly runs, with readers: what is kept grows by the day, and nothing else does.
import { statSync } from 'node:fs'
import t from 'tap'
import { createIngester } from '../../src/ingest/ingester.ts'
import { openSampleSource } from '../../src/ingest/sample.ts'
import { addDays, parseDay } from '../../src/model/day.ts'
import { RUNS_KEPT } from '../../src/model/run.ts'
import { heapInUse } from '../support/reliability/heap.ts'
import { often } from '../support/reliability/soak.ts'
import { newService } from '../support/service.ts'

const DAYS = often(16, 7 * 365)
const MB = 1_048_576

t.test(`${DAYS} days of hourly runs: memory stays, the file grows by the day`, async (t) => {
  t.setTimeout(0)
  const { app, store, clock, file, lines } = await newService(t, { now: '2026-11-24T00:07:00Z', workspaces: [] })
  const terms = { lagDays: 7, retentionDays: 30 }
  const ingester = createIngester({
    ...terms,
    store,
    clock,
    log: { info() {}, warn() {}, error() {} },
    source: openSampleSource({ ...terms, clock }),
    workspaces: [{ name: 'sample', id: 'sample' }],
    timeoutMs: 180_000
  })
  const sizes: number[] = []
  const heaps: number[] = []
  let since = '0'
  for (let day = 0; day < DAYS; day++) {
    for (let hour = 0; hour < 24; hour++) {
      const { done } = await ingester.request('sample', 'schedule', { range: null, force: false })
      const { status } = await done
      if (status !== 'succeeded') t.fail(`day ${day}, hour ${hour}: ${status}`)
      await clock.advance(3_600_000)
    }
    const { changes, next } = (await app.inject(`/changes?workspace=sample&since=${since}`)).json<{
      changes: unknown[]
      next: string
    }>()
    since = next
    if (day > 0 && changes.length !== 2) t.fail(`day ${day}: ${changes.length} changes`)
    await app.inject('/series?workspace=sample')
    lines.length = 0
    if (day === Math.floor(DAYS * 0.75) || day === DAYS - 1) {
      sizes.push(statSync(file).size)
      heaps.push(heapInUse())
    }
  }

  const first = parseDay('2026-10-26')
  const last = addDays(parseDay('2026-11-24'), DAYS - 1)
  const { series, coverage } = (await app.inject(`/series?workspace=sample&from=${first}&to=${last}`)).json<{
    series: unknown[]
    coverage: object
  }>()
  t.equal(series.length, 29 + DAYS)
  t.strictSame(coverage, { final: 22 + DAYS - 1, provisional: 8, missing: 0, lost: 0 })
  const sample = await store.ensureWorkspace('sample')
  t.equal((await store.runs([sample], 10 * RUNS_KEPT)).length, Math.min(DAYS * 24, RUNS_KEPT))
  t.strictSame(await store.verify(), [])

  const grown = (sizes.at(-1) ?? 0) - (sizes[0] ?? 0)
  t.comment(`${((sizes.at(-1) ?? 0) / MB).toFixed(2)} MB in the end, ${Math.round(grown / (DAYS * 0.25))} bytes a day`)
  t.comment(`heap ${heaps.map((bytes) => (bytes / MB).toFixed(1)).join(', ')} MB`)
  // A row of a day and its two entries, of eleven cells each.
  t.ok(grown < DAYS * 0.25 * 600 + 16 * 4_096, `the file grows by the day: ${grown} bytes`)
  t.ok((heaps.at(-1) ?? 0) - (heaps[0] ?? 0) < 4 * MB, 'memory does not')
})
