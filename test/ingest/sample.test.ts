import t from 'tap'
import { openSampleSource, sampleCells } from '../../src/ingest/sample.ts'
import { eventsOf, foldCells, LOCATIONS, locationOf } from '../../src/model/cube.ts'
import { addDays, eachDay, MS_PER_DAY } from '../../src/model/day.ts'
import { cell, d } from '../support/counts.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { daysOf, DUE, openBench, range } from '../support/ingest.ts'

function mean(days: readonly { readonly events: number }[]): number {
  return days.reduce((sum, { events }) => sum + events, 0) / days.length
}

const WORKSPACE = { name: 'sample', id: 'sample' }
const YEAR = range('2026-01-01', '2026-12-31')

t.test('a day has the same counts whenever and in whatever range it is asked for', async (t) => {
  const early = openSampleSource({ clock: fakeClock('2026-03-01T00:00:00Z'), lagDays: 7, retentionDays: 90 })
  const late = openSampleSource({ clock: fakeClock('2031-03-01T00:00:00Z'), lagDays: 2, retentionDays: 30 })
  const signal = new AbortController().signal
  const whole = await early.fetchDays(WORKSPACE, YEAR, signal)
  t.same(
    whole.map(({ day }) => day),
    eachDay(YEAR)
  )
  for (const day of [d('2026-01-01'), d('2026-06-15'), d('2026-12-31')]) {
    const alone = await late.fetchDays(WORKSPACE, { from: day, to: day }, signal)
    t.same(
      alone,
      whole.filter((counts) => counts.day === day)
    )
  }
})

t.test('its counts are such as a store takes, on every day of ten years', async (t) => {
  const decade = eachDay(range('2020-01-01', '2029-12-31')).map(sampleCells)
  t.same(
    decade.filter((cells) => foldCells(cells).length !== cells.length),
    []
  )
})

t.test('a year of it shows every location, quiet days, quieter weekends and spikes', async (t) => {
  const days = eachDay(YEAR).map((day) => ({ day, events: eventsOf(sampleCells(day)) }))
  const locations = new Set(
    eachDay(YEAR)
      .flatMap(sampleCells)
      .map((cell) => locationOf(cell.deliveryLocation))
  )
  t.same(
    LOCATIONS.filter((location) => locations.has(location)),
    LOCATIONS
  )

  const quiet = days.filter(({ events }) => events === 0).length
  t.ok(quiet >= 12 && quiet <= 36, `${quiet} quiet days`)
  const weekend = days.filter(({ day }) => [0, 6].includes(new Date(day).getUTCDay()))
  t.ok(mean(weekend) < mean(days) / 2)
  t.ok(days.filter(({ events }) => events > 1.8 * mean(days)).length >= 6)
})

t.test('a first run fills what the settings say that the source keeps, and none of its days is cut', async (t) => {
  const bench = await openBench(t, '2026-11-24T09:00:00Z')
  const source = openSampleSource({ clock: bench.clock, lagDays: 7, retentionDays: 30 })
  const ingester = bench.ingester({ source, workspaces: [WORKSPACE], retentionDays: 30 })
  const run = await (await ingester.request('sample', 'start', DUE)).done
  t.match(run, { status: 'succeeded', source: 'sample', from: '2026-10-26', to: '2026-11-24', daysStored: 30 })
  const workspace = await bench.store.ensureWorkspace('sample')
  const { days } = await bench.store.readDays(workspace, YEAR)
  t.same(
    days.map(({ day, state, cells }) => ({ day, state, events: eventsOf(cells) })),
    eachDay(range('2026-10-26', '2026-11-24')).map((day) => ({
      day,
      state: day < '2026-11-17' ? 'final' : 'provisional',
      events: eventsOf(sampleCells(day))
    }))
  )
  t.match(await bench.completeness('sample'), {
    sourceFirstDate: '2026-10-25',
    sourceLastDate: '2026-11-24',
    finalThrough: '2026-11-16',
    missing: []
  })

  await bench.clock.advance(MS_PER_DAY)
  t.match(await (await ingester.request('sample', 'schedule', DUE)).done, { daysPlanned: 9, daysChanged: 2 })
})

t.test('quiet days of the sample become final too, with its shortest settings as well', async (t) => {
  const bench = await openBench(t, '2026-11-24T09:00:00Z')
  const source = openSampleSource({ clock: bench.clock, lagDays: 0, retentionDays: 60 })
  const ingester = bench.ingester({ source, workspaces: [WORKSPACE], lagDays: 0, retentionDays: 60 })
  await (
    await ingester.request('sample', 'start', DUE)
  ).done
  const quiet = eachDay(range('2026-09-26', '2026-11-23')).filter((day) => sampleCells(day).length === 0)
  t.ok(quiet.length > 0)
  const lines = await daysOf(bench.store, 'sample')
  for (const day of quiet) t.ok(lines.includes(`${day} final 0`), day)
})

t.test('its counts are no longer asked for when the run is cancelled', async (t) => {
  const source = openSampleSource({ clock: fakeClock('2026-11-24T09:00:00Z'), lagDays: 7, retentionDays: 30 })
  const signal = AbortSignal.abort(new Error('stopped'))
  await t.rejects(source.fetchBounds(WORKSPACE, signal), { message: 'stopped' })
  await t.rejects(source.fetchDays(WORKSPACE, YEAR, signal), { message: 'stopped' })
})

t.test('the name of the sample takes no real counts, and no other name takes its', async (t) => {
  const bench = await openBench(t, '2026-11-24T09:00:00Z')
  bench.source.add('2026-11-20T06:00:00Z', cell('Quarantine', 3))
  const sample = openSampleSource({ clock: bench.clock, lagDays: 7, retentionDays: 90 })
  await (
    await bench.ingester({ source: sample, workspaces: [WORKSPACE] }).request('sample', 'start', DUE)
  ).done
  const before = await daysOf(bench.store, 'sample')
  for (const [source, name, id] of [
    [bench.source, 'sample', 'id-1'],
    [bench.source, 'sample', 'sample'],
    [sample, 'other', 'sample']
  ] as const) {
    const ingester = bench.ingester({ source, workspaces: [{ name, id }] })
    const run = await (await ingester.request(name, 'start', DUE)).done
    t.match(run, { status: 'failed', error: { code: 'source-changed' } }, `${source.name} ${id} as ${name}`)
  }
  t.same(await daysOf(bench.store, 'sample'), before)
  t.equal(addDays(d('2026-11-24'), -89), before[0]?.slice(0, 10))
})
