// Histories that broke earlier drafts of what a day is. Before each test stands what must come of it and why, worked
// out by hand. Unless told otherwise: LAG 7, R 90, a source that keeps everything, and the same two events every day,
// at 06:00 and at 20:00. At 18:00 on the 24th of November, then, the 17th is the newest day at least LAG days ago on
// which a row arrived: days before it are final, the 17th to the 23rd are provisional, and today has one event so far.
import t, { type Test } from 'tap'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { createTally } from '../../src/ingest/export/count.ts'
import { createTimeReader } from '../../src/ingest/export/event-time.ts'
import { openSampleSource } from '../../src/ingest/sample.ts'
import { MS_PER_DAY } from '../../src/model/day.ts'
import { OperationalError } from '../../src/model/errors.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { cell, d } from '../support/counts.ts'
import type { EventLogSettings } from '../support/event-log.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { daysOf, DUE, logOf, openBench, range, type Bench } from '../support/ingest.ts'
import { newService } from '../support/service.ts'

const NOW = '2026-11-24T18:00:00Z'
const TWICE_A_DAY = { '06:00': 1, '20:00': 1 }

/** A source with two events on every day of half a year. */
async function steady(t: Test, now = NOW, settings: Partial<EventLogSettings> = {}): Promise<Bench> {
  const bench = await openBench(t, now, settings)
  bench.source.addDaily('2026-07-01', '2027-01-31', TWICE_A_DAY)
  return bench
}

/** Two events on each day of a range, all of which arrived at one instant. */
function addBacklog({ source }: Bench, from: string, to: string, arrived: string): void {
  const before = source.events.length
  source.addDaily(from, to, TWICE_A_DAY)
  source.events = source.events.map((event, i) => (i < before ? event : { ...event, arrived: new Date(arrived) }))
}

// The cut lies in the evening of 25 October, so that day shows one event of two: F, stored as it is and never final.
// Nothing before it is asked for, or 0. Two days later F has moved on by two days; the 25th stays what it was.
t.test('real retention 30 days, believed 90', async (t) => {
  for (const forgetsBy of ['arrival', 'event time'] as const) {
    t.test(`forgetting by ${forgetsBy}`, async (t) => {
      const bench = await steady(t, NOW, { keepDays: 30, forgetsBy })
      const run = await bench.runAt(NOW)
      t.match(run, { status: 'succeeded', from: '2026-10-25', to: '2026-11-24', daysPlanned: 31, daysStored: 31 })
      t.same(await bench.days(), [
        '2026-10-25 provisional 1',
        '2026-10-26..2026-11-16 final 2',
        '2026-11-17..2026-11-23 provisional 2',
        '2026-11-24 provisional 1'
      ])

      await bench.runDaily('2026-11-25', '2026-11-26')
      t.same(await bench.days(), [
        '2026-10-25 provisional 1',
        '2026-10-26..2026-11-18 final 2',
        '2026-11-19..2026-11-25 provisional 2',
        '2026-11-26 provisional 1'
      ])
      t.match(await bench.completeness(), {
        sourceFirstDate: '2026-10-27',
        firstDate: '2026-10-25',
        finalThrough: '2026-11-18',
        missing: [],
        lost: [],
        atRisk: []
      })
    })
  }
})

// Five events of 20 October arrived on the 26th, so they are still shown, and they are all that is shown of their day.
// By arrival F is the 25th all the same: of the 20th to the 24th nothing is stored, and a backfill names them.
t.test('late rows at the edge of the window, so that by event day the source seems to begin too early', async (t) => {
  const bench = await steady(t, NOW, { keepDays: 30 })
  bench.source.add('2026-10-20T08:00:00Z', 5, '2026-10-26T09:00:00Z')
  const expected = [
    '2026-10-25 provisional 1',
    '2026-10-26..2026-11-16 final 2',
    '2026-11-17..2026-11-23 provisional 2',
    '2026-11-24 provisional 1'
  ]
  await bench.runAt(NOW)
  t.same(await bench.days(), expected)

  const backfill = await bench.runAt(NOW, { range: range('2026-10-20', '2026-10-24') })
  t.match(backfill, { status: 'partial', daysPlanned: 0, error: { message: /2026-10-20 to 2026-10-24/ } })
  t.same(await bench.days(), expected)
})

// Saturday, 24 October, begins the newest 30 days that end on Sunday, 22 November. The source reaches far past it, so
// its silence is 0, and final like its neighbours.
t.test('a quiet Saturday at the start of a chunk', async (t) => {
  const bench = await openBench(t, '2026-11-22T18:00:00Z')
  bench.source.addDaily('2026-07-01', '2026-10-23', TWICE_A_DAY)
  bench.source.addDaily('2026-10-25', '2026-11-30', TWICE_A_DAY)
  await bench.runAt('2026-11-22T18:00:00Z')
  t.ok(
    bench.source.questions.some((question) => question.range?.from === '2026-10-24'),
    'a chunk begins there'
  )
  t.same(await bench.days(), [
    '2026-08-25..2026-10-23 final 2',
    '2026-10-24 final 0',
    '2026-10-25..2026-11-14 final 2',
    '2026-11-15..2026-11-21 provisional 2',
    '2026-11-22 provisional 1'
  ])
})

// The source keeps 30 days to the minute: of 25 October it shows the evening. Where we believe that it keeps 90, the
// 25th is F: provisional with what is shown. Where we believe 30, A is the 26th, and the 25th is not asked for at all.
// It never becomes final, however many runs follow.
t.test('first fill at 15:00 with a window that is cut', async (t) => {
  const whole = ['2026-10-26..2026-11-16 final 2', '2026-11-17..2026-11-23 provisional 2', '2026-11-24 provisional 1']
  for (const [retentionDays, expected] of [
    [90, ['2026-10-25 provisional 1', ...whole]],
    [30, whole]
  ] as const) {
    t.test(`believed ${retentionDays}`, async (t) => {
      const bench = await steady(t, '2026-11-24T15:00:00Z', { keepDays: 30, retentionDays })
      for (const hour of ['15', '16', '17']) await bench.runAt(`2026-11-24T${hour}:00:00Z`)
      t.same(await bench.days(), expected)
      t.same((await bench.completeness()).missing, [])
      await bench.runDaily('2026-11-25', '2026-12-05')
      t.equal((await bench.days())[0], expected.length === 4 ? expected[0] : '2026-10-26..2026-11-27 final 2')
    })
  }
})

// The bounds are asked for at 23:59 on the 24th, when the source still shows the last event of 25 October: F is the
// 25th. Two minutes later, when it is asked for the days, it has forgotten that day and the first events of the 26th.
// Asked again it says so: F is the 26th, which is stored as provisional with what was shown. The 25th, our first day,
// has no row: neither 0 nor lost.
// T stays the 24th: nothing is stored of the 25th of November.
t.test('first fill across midnight', async (t) => {
  const bench = await openBench(t, '2026-11-24T23:59:00Z', { keepDays: 30 })
  bench.source.addDaily('2026-10-01', '2026-11-30', { '12:00': 2 })
  bench.source.add('2026-10-25T23:59:30Z', 5)
  bench.source.add('2026-10-26T00:00:30Z', 3)
  bench.source.add('2026-11-25T00:00:10Z', 7)
  const hold = bench.source.hold('bounds')
  const run = bench.runAt('2026-11-24T23:59:00Z')
  await hold.asked
  await bench.clock.set('2026-11-25T00:01:00Z')
  hold.release()

  t.match(await run, { status: 'succeeded', daysPlanned: 31, daysStored: 30 })
  t.same(await bench.days(), [
    '2026-10-26 provisional 2',
    '2026-10-27..2026-11-16 final 2',
    '2026-11-17..2026-11-24 provisional 2'
  ])
  t.equal((await bench.completeness()).sourceFirstDate, '2026-10-26')
})

/** Steady until October ends, then off, and on again from 22 November. */
async function offForThreeWeeks(t: Test, now: string): Promise<Bench> {
  const bench = await openBench(t, now)
  bench.source.addDaily('2026-07-01', '2026-10-31', TWICE_A_DAY)
  bench.source.addDaily('2026-11-22', '2026-12-31', TWICE_A_DAY)
  return bench
}

// While it is off, nothing proves that it goes on after 31 October: the silent days are 0, and provisional. On the
// 29th the first row after the silence is LAG days old, and the days before it are final: quiet.
t.test('a connector that is off for three weeks and comes back without a backlog', async (t) => {
  const bench = await offForThreeWeeks(t, '2026-11-21T18:00:00Z')
  const before = '2026-08-24..2026-10-30 final 2'
  await bench.runAt('2026-11-21T18:00:00Z')
  t.same(await bench.days(), [before, '2026-10-31 provisional 2', '2026-11-01..2026-11-21 provisional 0'])
  t.equal((await bench.completeness()).sourceLastDate, '2026-10-31')

  await bench.runDaily('2026-11-22', '2026-11-28')
  t.same(await bench.days(), [
    before,
    '2026-10-31 provisional 2',
    '2026-11-01..2026-11-21 provisional 0',
    '2026-11-22..2026-11-27 provisional 2',
    '2026-11-28 provisional 1'
  ])

  await bench.runDaily('2026-11-29', '2026-11-29')
  t.same(await bench.days(), [
    '2026-08-24..2026-10-31 final 2',
    '2026-11-01..2026-11-21 final 0',
    '2026-11-22..2026-11-28 provisional 2',
    '2026-11-29 provisional 1'
  ])
})

// As before, but what happened meanwhile arrives on the 22nd. No silent day was final, so each is read again and right.
t.test('a connector that is off for three weeks and comes back with a backlog', async (t) => {
  const bench = await offForThreeWeeks(t, '2026-11-21T18:00:00Z')
  addBacklog(bench, '2026-11-01', '2026-11-21', '2026-11-22T10:00:00Z')
  await bench.runDaily('2026-11-21', '2026-11-22')
  t.same(await bench.days(), [
    '2026-08-24..2026-10-30 final 2',
    '2026-10-31..2026-11-21 provisional 2',
    '2026-11-22 provisional 1'
  ])
  await bench.runDaily('2026-11-23', '2026-11-29')
  t.same(await bench.days(), [
    '2026-08-24..2026-11-21 final 2',
    '2026-11-22..2026-11-28 provisional 2',
    '2026-11-29 provisional 1'
  ])
})

// One row on 10 November looks like a source that went on: on the 17th the days before the 10th are final, and quiet.
// The backlog then corrects the days from the 10th on; those before stay as read, until a backfill.
t.test('a connector that is off for three weeks and comes back with a backlog after one stray event', async (t) => {
  const bench = await offForThreeWeeks(t, '2026-11-17T18:00:00Z')
  bench.source.add('2026-11-10T12:00:00Z')
  addBacklog(bench, '2026-11-01', '2026-11-21', '2026-11-22T10:00:00Z')
  const before = '2026-08-20..2026-10-31 final 2'
  await bench.runAt('2026-11-17T18:00:00Z')
  t.same(await bench.days(), [
    before,
    '2026-11-01..2026-11-09 final 0',
    '2026-11-10 provisional 1',
    '2026-11-11..2026-11-17 provisional 0'
  ])

  await bench.runDaily('2026-11-18', '2026-11-22')
  const after = ['2026-11-10 provisional 3', '2026-11-11..2026-11-21 provisional 2', '2026-11-22 provisional 1']
  t.same(await bench.days(), [before, '2026-11-01..2026-11-09 final 0', ...after])

  const backfill = await bench.runAt('2026-11-22T19:00:00Z', { range: range('2026-11-01', '2026-11-09') })
  t.match(backfill, { status: 'succeeded', daysStored: 9, daysChanged: 9 })
  t.same(await bench.days(), ['2026-08-20..2026-11-09 final 2', ...after])
})

// 1 November was read once, in part. When the source answers again it shows nothing older than 20 November: the first
// keeps its count, provisional for ever, and the days that nobody read are lost, not 0. The 20th is before A.
t.test('a day read once, then an outage longer than the retention', async (t) => {
  const bench = await steady(t, '2026-11-01T18:00:00Z', { keepDays: 30, retentionDays: 30 })
  await bench.runAt('2026-11-01T18:00:00Z')
  const before = ['2026-10-03..2026-10-24 final 2', '2026-10-25..2026-10-31 provisional 2', '2026-11-01 provisional 1']
  t.same(await bench.days(), before)

  bench.source.onQuestion = () => {
    throw unavailable()
  }
  t.match(await bench.runAt('2026-11-15T18:00:00Z'), { status: 'failed', error: { code: 'source-unavailable' } })
  t.same(await bench.days(), before)

  bench.source.onQuestion = () => {}
  t.match(await bench.runAt('2026-12-20T18:00:00Z'), { status: 'succeeded' })
  const after = [...before, '2026-11-02..2026-11-20 lost']
  t.same(await bench.days(), [
    ...after,
    '2026-11-21..2026-12-12 final 2',
    '2026-12-13..2026-12-19 provisional 2',
    '2026-12-20 provisional 1'
  ])
  t.match(await bench.completeness(), { missing: [], lost: [{ from: '2026-11-02', to: '2026-11-20' }] })

  await bench.runAt('2026-12-21T18:00:00Z')
  t.same((await bench.days()).slice(0, 4), after)
})

// A longer LAG takes no day's state away; a shorter one makes days final at the next run. A shorter R leaves older
// days as they are; a longer one asks for more days, and for lost ones again.
t.test('LAG and R changed up and down between runs', async (t) => {
  const bench = await steady(t, NOW, { lagDays: 7, retentionDays: 30 })
  const today = '2026-11-24 provisional 1'
  const steps = [
    [7, 30, ['2026-10-26..2026-11-16 final 2', '2026-11-17..2026-11-23 provisional 2', today]],
    [14, 30, ['2026-10-26..2026-11-16 final 2', '2026-11-17..2026-11-23 provisional 2', today]],
    [2, 30, ['2026-10-26..2026-11-21 final 2', '2026-11-22..2026-11-23 provisional 2', today]],
    [0, 30, ['2026-10-26..2026-11-23 final 2', today]],
    [7, 30, ['2026-10-26..2026-11-23 final 2', today]],
    [7, 10, ['2026-10-26..2026-11-23 final 2', today]],
    [7, 60, ['2026-09-26..2026-11-23 final 2', today]]
  ] as const
  for (const [lagDays, retentionDays, expected] of steps) {
    Object.assign(bench.source, { lagDays, retentionDays })
    t.match(await bench.runAt(NOW), { status: 'succeeded' })
    t.same(await bench.days(), expected, `LAG ${lagDays}, R ${retentionDays}`)
  }

  bench.source.retentionDays = 10
  await bench.runAt('2026-12-20T18:00:00Z')
  const recent = ['2026-12-13..2026-12-19 provisional 2', '2026-12-20 provisional 1']
  t.same(await bench.days(), [
    '2026-09-26..2026-11-23 final 2',
    today,
    '2026-11-25..2026-12-10 lost',
    '2026-12-11..2026-12-12 final 2',
    ...recent
  ])
  bench.source.retentionDays = 60
  await bench.runAt('2026-12-20T18:00:00Z')
  t.same(await bench.days(), ['2026-09-26..2026-12-12 final 2', ...recent], 'the lost days were asked for again')
})

/** A hundred events on 20 November, two in the morning of every other day; R is 20. */
async function hundred(t: Test): Promise<Bench> {
  const bench = await openBench(t, NOW, { retentionDays: 20 })
  bench.source.addDaily('2026-10-01', '2026-11-19', { '06:00': 2 })
  bench.source.addDaily('2026-11-21', '2026-12-31', { '06:00': 2 })
  bench.source.add('2026-11-20T06:00:00Z', 100)
  return bench
}

/** What the source shows of 20 November from now on. */
function correct({ source }: Bench, events: number): void {
  source.events = source.events.filter((event) => !event.at.toISOString().startsWith('2026-11-20'))
  if (events > 0) source.add('2026-11-20T06:00:00Z', events)
}

async function stateOf20November(bench: Bench): Promise<string> {
  const workspace = await bench.store.ensureWorkspace('default')
  const { days } = await bench.store.readDays(workspace, range('2026-11-20', '2026-11-20'))
  const [day] = days
  return `${day?.state} ${day?.cells.reduce((sum, { count }) => sum + count, 0)}${day?.shrunk === true ? ' shrunk' : ''}`
}

// Inside the lag the lower count is believed at once, as every reading is, and confirmed by the last.
t.test('100, then 3, inside the lag', async (t) => {
  const bench = await hundred(t)
  await bench.runAt(NOW)
  t.equal(await stateOf20November(bench), 'provisional 100')
  correct(bench, 3)
  await bench.runAt('2026-11-24T19:00:00Z')
  t.equal(await stateOf20November(bench), 'provisional 3')
  await bench.runAt('2026-11-28T18:00:00Z')
  t.equal(await stateOf20November(bench), 'final 3')
})

// On the 28th the 21st is LAG days old: this reading would be the last. Being lower, it is stored, but not for good:
// the next confirms it, or takes it back.
t.test('100, then 3, at the last reading', async (t) => {
  for (const [next, expected] of [
    [3, 'final 3'],
    [100, 'final 100'],
    [2, 'provisional 2']
  ] as const) {
    t.test(`and then ${next}`, async (t) => {
      const bench = await hundred(t)
      await bench.runDaily('2026-11-24', '2026-11-27')
      t.equal(await stateOf20November(bench), 'provisional 100')
      correct(bench, 3)
      await bench.runAt('2026-11-28T18:00:00Z')
      t.equal(await stateOf20November(bench), 'provisional 3')
      correct(bench, next)
      await bench.runAt('2026-11-28T19:00:00Z')
      t.equal(await stateOf20November(bench), expected)
    })
  }
})

// Rather old than empty: the count stays, marked, for as long as the source shows nothing, and the day is never final.
// The run succeeds and says so. By hand and by force the 0 is stored, as lower counts are: for good with the next
// reading. Events that come back clear the mark.
t.test('a count corrected to 0', async (t) => {
  const bench = await hundred(t)
  await bench.runAt(NOW)
  correct(bench, 0)
  for (const instant of ['2026-11-24T19:00:00Z', '2026-11-28T18:00:00Z', '2026-11-28T19:00:00Z']) {
    t.match(await bench.runAt(instant), {
      status: 'succeeded',
      error: { code: 'source-shrunk', message: /2026-11-20/ }
    })
    t.equal(await stateOf20November(bench), 'provisional 100 shrunk')
  }
  t.same((await bench.completeness()).shrunk, [range('2026-11-20', '2026-11-20')])

  const asked = range('2026-11-20', '2026-11-20')
  t.match(await bench.runAt('2026-11-28T20:00:00Z', { range: asked }), { error: { code: 'source-shrunk' } })
  const forced = await bench.runAt('2026-11-28T20:00:00Z', { range: asked, force: true })
  t.match(forced, { status: 'succeeded', daysStored: 1, daysChanged: 1 })
  t.notOk(forced.error)
  t.equal(await stateOf20November(bench), 'provisional 0')
  t.notOk((await bench.runAt('2026-11-28T21:00:00Z')).error)
  t.equal(await stateOf20November(bench), 'final 0')
})

t.test('a count corrected to 0, and back', async (t) => {
  const bench = await hundred(t)
  await bench.runAt(NOW)
  correct(bench, 0)
  await bench.runAt('2026-11-28T18:00:00Z')
  t.equal(await stateOf20November(bench), 'provisional 100 shrunk')
  correct(bench, 100)
  t.notOk((await bench.runAt('2026-11-28T19:00:00Z')).error)
  t.equal(await stateOf20November(bench), 'final 100')
})

// On 1 November the 25th of October is W, so it is provisional; on the 24th it is F, and has its counts: not due.
// Force believes an empty answer of a source that reaches the day. What lies before F is not asked for, what F shows
// may be cut, and a source that shows no row at all proves nothing: all counts stay. The run is partial and names them.
t.test('--force on forgotten days', async (t) => {
  const bench = await steady(t, '2026-10-20T18:00:00Z', { keepDays: 30 })
  for (const instant of ['2026-10-20T18:00:00Z', '2026-11-01T18:00:00Z', NOW]) await bench.runAt(instant)
  const before = [
    '2026-09-20 provisional 1',
    '2026-09-21..2026-10-24 final 2',
    '2026-10-25 provisional 2',
    '2026-10-26..2026-11-16 final 2',
    '2026-11-17..2026-11-23 provisional 2',
    '2026-11-24 provisional 1'
  ]
  t.same(await bench.days(), before)

  const forced = await bench.runAt(NOW, { range: range('2026-09-20', '2026-10-30'), force: true })
  t.match(forced, { status: 'partial', daysPlanned: 6, daysStored: 5, daysChanged: 0 })
  t.match(forced.error?.message, /2026-09-20 to 2026-10-24/)
  t.same(await bench.days(), before)

  bench.source.empty = 'all'
  const nothing = await bench.runAt(NOW, { range: range('2026-09-20', '2026-11-24'), force: true })
  t.match(nothing, { status: 'partial', daysStored: 0, error: { code: 'source-shrunk' } })
  t.match(nothing.error?.message, /2026-09-20 to 2026-11-24/)
  t.same(await bench.days(), before)
})

// Both ask with nothing stored. The first is answered at 18:00, but its answer stays on the way. The second asks at
// 19:00, when two events more have arrived, and stores them. The older answer then changes nothing.
t.test('two ingesters, the older answer last', async (t) => {
  const bench = await openBench(t, NOW, { retentionDays: 20 })
  bench.source.addDaily('2026-10-01', '2026-12-31', { '06:00': 2 })
  bench.source.add('2026-11-20T07:00:00Z', 1, '2026-11-24T18:30:00Z')
  bench.source.add('2026-11-24T18:20:00Z', 1)
  const second = await openSqliteStore({ path: bench.path, clock: bench.clock })
  t.teardown(() => second.close())

  const hold = bench.source.hold('days')
  const slow = await bench.ingester().request('default', 'schedule', DUE)
  await hold.asked
  await bench.clock.set('2026-11-24T19:00:00Z')
  const quick = await bench.ingester({ store: second }).request('default', 'schedule', DUE)
  t.match(await quick.done, { status: 'succeeded', daysStored: 20 })
  const expected = [
    '2026-11-05..2026-11-16 final 2',
    '2026-11-17..2026-11-19 provisional 2',
    '2026-11-20 provisional 3',
    '2026-11-21..2026-11-23 provisional 2',
    '2026-11-24 provisional 3'
  ]
  t.same(await bench.days(), expected)
  hold.release()
  t.match(await slow.done, { status: 'succeeded', daysStored: 0, daysChanged: 0 })
  t.same(await bench.days(), expected)
})

// The first asks how far the source reaches before midnight, and is answered after the second has asked and ended.
// What the second learned stays: that it is the 25th, and that a row has arrived on it.
t.test('two ingesters, the older bounds last', async (t) => {
  const bench = await openBench(t, '2026-11-24T23:50:00Z', { retentionDays: 20 })
  bench.source.addDaily('2026-10-01', '2026-11-23', { '06:00': 2 })
  bench.source.add('2026-11-25T00:05:00Z', 3)
  const hold = bench.source.hold('bounds')
  const slow = await bench.ingester().request('default', 'schedule', DUE)
  await hold.asked
  await bench.clock.set('2026-11-25T00:10:00Z')
  await (
    await bench.ingester().request('default', 'schedule', DUE)
  ).done
  const workspace = await bench.store.ensureWorkspace('default')
  const { bounds } = await bench.store.facts(workspace)
  t.match(bounds, { today: '2026-11-25', lastArrival: '2026-11-25', firstDue: '2026-11-06' })

  hold.release()
  t.match(await slow.done, { status: 'succeeded' })
  t.same((await bench.store.facts(workspace)).bounds, bounds)
})

// The file is newer than the question, so the answer leaves its day alone. The next run asks again: a lower count is
// stored as provisional, and the one after it confirms it.
t.test('an import under a run', async (t) => {
  const bench = await openBench(t, NOW, { retentionDays: 20 })
  bench.source.addDaily('2026-10-01', '2026-12-31', { '06:00': 2 })
  const hold = bench.source.hold('days')
  const run = bench.runAt(NOW)
  await hold.asked
  t.same(await bench.importFile({ '2026-11-06': 50 }), {
    stored: ['2026-11-06'],
    changed: ['2026-11-06'],
    dropped: [],
    shrunk: [],
    left: []
  })
  hold.release()
  t.match(await run, { status: 'succeeded', daysPlanned: 20, daysStored: 19 })
  const recent = ['2026-11-17..2026-11-24 provisional 2']
  t.same(await bench.days(), [
    '2026-11-05 final 2',
    '2026-11-06 provisional 50',
    '2026-11-07..2026-11-16 final 2',
    ...recent
  ])
  await bench.runAt(NOW)
  t.match(await bench.days(), ['2026-11-05 final 2', '2026-11-06 provisional 2'])
  await bench.runAt(NOW)
  t.same(await bench.days(), ['2026-11-05..2026-11-16 final 2', ...recent])
})

// The source's clock contradicts ours: both runs fail and leave nothing, no day, no bounds, no instant of the future.
// When our clock is right again, runs go on as if nothing had been.
t.test('the clock a month ahead for two runs', async (t) => {
  const bench = await steady(t, NOW, { retentionDays: 20 })
  await bench.runAt(NOW)
  const workspace = await bench.store.ensureWorkspace('default')
  const before = await bench.store.facts(workspace)

  bench.source.skewMs = -30 * MS_PER_DAY
  for (const instant of ['2026-12-24T19:00:00Z', '2026-12-24T20:00:00Z']) {
    t.match(await bench.runAt(instant), { status: 'failed', daysStored: 0, error: { code: 'clock-skew' } })
  }
  t.same(await bench.store.facts(workspace), before)

  bench.source.skewMs = 0
  t.match(await bench.runAt('2026-11-24T21:00:00Z'), { status: 'succeeded', daysChanged: 1 })
  const changes = await logOf(bench.store)
  t.same(
    changes.filter((change) => change.changedAt > bench.clock.now()),
    []
  )
  t.same(await bench.days(), ['2026-11-05..2026-11-16 final 2', '2026-11-17..2026-11-24 provisional 2'])
})

// The file shows half of its first and of its last day. No range was given, so all of it is provisional, however old:
// the source corrects what it reaches. What it does not reach stays, and the days between the file and the source's
// reach are lost.
t.test('an export cut at both ends', async (t) => {
  const file = { '2026-11-01': 1, '2026-11-02': 2, '2026-11-03': 1 }
  const imported = ['2026-11-01 provisional 1', '2026-11-02 provisional 2', '2026-11-03 provisional 1']
  const recent = ['2026-11-17..2026-11-23 provisional 2', '2026-11-24 provisional 1']
  for (const [retentionDays, expected] of [
    [30, ['2026-10-26..2026-11-16 final 2', ...recent]],
    [10, [...imported, '2026-11-04..2026-11-14 lost', '2026-11-15..2026-11-16 final 2', ...recent]]
  ] as const) {
    t.test(`a source believed to keep ${retentionDays} days`, async (t) => {
      const bench = await steady(t, NOW, { retentionDays })
      await bench.importFile(file)
      t.same(await bench.days(), imported)
      await bench.runAt(NOW)
      t.same(await bench.days(), expected)
    })
  }
})

// Asked for 25 October to 5 November the portal gave its newest rows, down to half of the 2nd, and said nothing of it.
// The file covers its first to its last event's day: the days before it are missing, not 0, and the half is
// provisional. A second file with the older rows leaves the shared day alone. The source then corrects it.
t.test("an export at the portal's row limit", async (t) => {
  const bench = await steady(t, NOW, { retentionDays: 60 })
  await bench.importFile({ '2026-11-02': 1, '2026-11-03': 2, '2026-11-04': 0, '2026-11-05': 2 })
  t.same(await bench.days(), [
    '2026-11-02 provisional 1',
    '2026-11-03 provisional 2',
    '2026-11-04 provisional 0',
    '2026-11-05 provisional 2'
  ])
  const older = await bench.importFile({ '2026-10-31': 2, '2026-11-01': 2, '2026-11-02': 1 })
  t.same(older.left, ['2026-11-02'])
  t.match(await bench.days(), ['2026-10-31..2026-11-01 provisional 2', '2026-11-02 provisional 1'])
  await bench.runAt(NOW)
  t.equal((await bench.days())[0], '2026-09-26..2026-11-16 final 2')
})

// Each file is a reading of its own: what two files say of a day is never added. The second leaves the day alone and
// names it; with --replace and a range it takes its place.
t.test('two files that share a day', async (t) => {
  const bench = await openBench(t, NOW)
  await bench.importFile({ '2026-11-01': 2, '2026-11-02': 1 })
  const second = { '2026-11-02': 5, '2026-11-03': 2 }
  t.match(await bench.importFile(second), { stored: ['2026-11-03'], left: ['2026-11-02'] })
  t.same(await bench.days(), ['2026-11-01 provisional 2', '2026-11-02 provisional 1', '2026-11-03 provisional 2'])
  t.match(await bench.importFile(second, { replace: true, ranged: true }), { stored: ['2026-11-02', '2026-11-03'] })
  t.same(await bench.days(), ['2026-11-01 provisional 2', '2026-11-02 final 5', '2026-11-03 final 2'])
})

// 00:30 in Berlin is 23:30 UTC of the day before, and is counted there. A local time counts only where its zone is
// named; one that the zone skips or repeats has no instant, and is refused.
t.test('local times', async (t) => {
  const bench = await openBench(t, NOW)
  t.throws(() => createTimeReader(null)('2026-11-02T00:30:00', false), { message: /has no zone/ })
  const berlin = createTimeReader('Europe/Berlin')
  t.throws(() => berlin('2026-03-29T02:30:00', false), { message: /does not exist in Europe\/Berlin, or exists twice/ })
  t.throws(() => berlin('2026-10-25T02:30:00', false), { message: /does not exist in Europe\/Berlin, or exists twice/ })

  const tally = createTally({ from: null, to: null }, bench.clock.now())
  for (const time of ['2026-11-02T00:30:00', '2026-11-02T12:00:00', '2026-11-03T00:59:59.9999999']) {
    tally.add(berlin(time, false), ['Junk folder', 'Spam ZAP', 'SpecialAction', 'Success'])
  }
  const workspace = await bench.store.ensureWorkspace('default')
  const terms = { today: d('2026-11-24'), lagDays: 7, ranged: false, replace: false }
  await bench.store.applyImport(workspace, tally.finish().days, terms)
  t.same(await bench.days(), ['2026-11-01 provisional 1', '2026-11-02 provisional 2'])
})

// Under the same name another workspace answers: nothing of it is stored, and the run says how to go on. When the
// operator has bound the name anew, its days go on with what answers now.
t.test('a name with a new id', async (t) => {
  const bench = await steady(t, NOW, { retentionDays: 20 })
  await bench.runAt(NOW)
  const before = await bench.days()
  const moved = bench.ingester({ workspaces: [{ name: 'default', id: 'id-2' }] })
  bench.source.add('2026-11-24T17:00:00Z', 8)

  const refused = await (await moved.request('default', 'schedule', DUE)).done
  t.match(refused, { status: 'failed', error: { code: 'source-changed', message: /workspaces bind default/ } })
  t.same(await bench.days(), before)

  await bench.store.unbindWorkspace(await bench.store.ensureWorkspace('default'))
  t.match(await (await moved.request('default', 'schedule', DUE)).done, { status: 'succeeded', daysChanged: 1 })
  t.equal((await bench.store.findWorkspace('default'))?.binding?.id, 'id-2')
  t.equal((await bench.days()).at(-1), '2026-11-24 provisional 9')
})

// The same holds for the column of the time: another one puts events on other days.
t.test('a name with a new time column', async (t) => {
  const bench = await steady(t, NOW, { retentionDays: 20 })
  await bench.runAt(NOW)
  bench.source.timeColumn = 'TimeGenerated'
  t.match(await bench.runAt(NOW), { status: 'failed', error: { code: 'source-changed', message: /TimeGenerated/ } })
})

// A new name for an id that another name holds would begin its series anew, unseen: it is refused, and named is the
// name that holds it. Renamed, the old series goes on under the new name.
t.test('the same id under two names', async (t) => {
  const bench = await steady(t, NOW, { retentionDays: 20 })
  await bench.runAt(NOW)
  const before = await bench.days()
  const renamed = bench.ingester({ workspaces: [{ name: 'contoso', id: 'ID-1' }] })

  const refused = await (await renamed.request('contoso', 'schedule', DUE)).done
  t.match(refused, {
    status: 'failed',
    error: { code: 'source-changed', message: /workspaces rename default contoso/ }
  })
  t.same(await bench.days('contoso'), [])

  const taken = await bench.store.ensureWorkspace('contoso')
  await bench.store.removeWorkspace(taken)
  await bench.store.renameWorkspace(await bench.store.ensureWorkspace('default'), 'contoso')
  t.match(await (await renamed.request('contoso', 'schedule', DUE)).done, { status: 'succeeded', daysChanged: 0 })
  t.same(await bench.days('contoso'), before)
})

// The sample lives in a workspace of its own, which no other source can write; the real one begins from nothing.
t.test('sample, then real data', async (t) => {
  const bench = await steady(t, NOW, { retentionDays: 20 })
  const sample = openSampleSource({ clock: bench.clock, lagDays: 7, retentionDays: 20 })
  const demo = bench.ingester({ source: sample, workspaces: [{ name: 'sample', id: 'sample' }] })
  t.match(await (await demo.request('sample', 'start', DUE)).done, { status: 'succeeded', source: 'sample' })
  const invented = await bench.days('sample')

  const mistaken = bench.ingester({ workspaces: [{ name: 'sample', id: 'id-1' }] })
  const refused = await (await mistaken.request('sample', 'start', DUE)).done
  t.match(refused, { status: 'failed', error: { code: 'source-changed' } })
  await bench.runAt(NOW)
  t.same(await bench.days('sample'), invented)
  t.same(await bench.days(), [
    '2026-11-05..2026-11-16 final 2',
    '2026-11-17..2026-11-23 provisional 2',
    '2026-11-24 provisional 1'
  ])
})

// A client asks for the default range, and for weeks, before midnight and after it, with the ETag that it has. No
// write happened, but the default range has moved and the week has one day more: both are sent anew. A range of days
// that was named is the same, and 304.
t.test('midnight between two requests with the same ETag', async (t) => {
  const { app, clock, fill } = await newService(t, { now: '2026-11-24T23:59:59Z' })
  await fill('default', { '2026-11-23': [cell('Junk folder', 1)], '2026-11-24': [], '2026-11-25': [] })
  const urls = ['/series', '/series?step=week&from=2026-11-23&to=2026-11-29', '/series?from=2026-11-20&to=2026-11-24']
  const etags = new Map<string, string>()
  for (const url of urls) etags.set(url, String((await app.inject(url)).headers.etag))
  const again = async (url: string): Promise<number> =>
    (await app.inject({ url, headers: { 'if-none-match': etags.get(url) ?? '' } })).statusCode
  for (const url of urls) t.equal(await again(url), 304, `${url} before midnight`)

  await clock.set('2026-11-25T00:00:01Z')
  t.equal(await again(urls[0] ?? ''), 200, 'the default range has moved')
  t.equal(await again(urls[1] ?? ''), 200, 'the week holds one day more')
  t.equal(await again(urls[2] ?? ''), 304, 'a range that was named has not')
})

// A client kept the last revision that it saw; the store was put back from an older copy. What is written from then on
// has revisions that were never issued, and the client's is not among them, so it can be told to begin again.
t.test('a restore, then a client with a newer cursor', async (t) => {
  const path = join(t.testdir(), 'series.db')
  const clock = fakeClock(NOW)
  const write = async (from: string, events: number): Promise<number[]> => {
    const store = await openSqliteStore({ path, clock })
    const workspace = await store.ensureWorkspace('default')
    const since = await store.revision(workspace)
    const readings = [0, 1, 2].map((i) => ({ day: d(`2026-11-0${i + 1}`), cells: [cell(from, events)] }))
    await store.applyImport(workspace, readings, { today: d('2026-11-24'), lagDays: 7, ranged: true, replace: true })
    const revisions = (await logOf(store, since)).map((change) => change.revision)
    await store.close()
    return revisions
  }
  await write('Junk folder', 1)
  copyFileSync(path, `${path}.copy`)
  await clock.advance(1_000)
  const forgotten = await write('Junk folder', 2)

  copyFileSync(`${path}.copy`, path)
  await clock.advance(1_000)
  const issued = await write('Quarantine', 3)
  t.equal(issued.length, 3)
  t.ok(Math.min(...issued) > Math.max(...forgotten), 'no number is issued twice')
  const store = await openSqliteStore({ path, clock })
  t.teardown(() => store.close())
  const log = await logOf(store)
  t.notOk(
    log.some((change) => forgotten.includes(change.revision)),
    'the cursor is known to be unknown'
  )
})

// No row, ever: the run succeeds, and there is nothing to say, not even 0.
t.test('a workspace that is truly silent', async (t) => {
  const bench = await openBench(t, NOW)
  const run = await bench.runAt(NOW)
  t.match(run, { status: 'succeeded', from: null, to: null, daysPlanned: 0 })
  t.notOk(run.error)
  t.same(await bench.days(), [])
  t.match(await bench.completeness(), { sourceFirstDate: null, firstDate: null, finalThrough: null, missing: [] })

  const backfill = await bench.runAt(NOW, { range: range('2026-11-01', '2026-11-03') })
  t.match(backfill, { status: 'partial', daysStored: 0, error: { message: /2026-11-01 to 2026-11-03/ } })
  t.same(await bench.days(), [])
})

// One row on 1 November, then nothing: the source reaches past the days since, so they are 0, but nothing shows that
// it went on, so they are provisional for as long as it is silent.
t.test('a workspace that is silent but for one event', async (t) => {
  const bench = await openBench(t, NOW)
  bench.source.add('2026-11-01T06:00:00Z')
  await bench.runAt(NOW)
  t.same(await bench.days(), ['2026-11-01 provisional 1', '2026-11-02..2026-11-24 provisional 0'])
  await bench.runDaily('2026-11-25', '2026-12-05')
  t.same(await bench.days(), ['2026-11-01 provisional 1', '2026-11-02..2026-12-05 provisional 0'])
})

// It had events, and now shows no row at all: nothing is stored, nothing is lost, what it last showed stays known, and
// the run says source-shrunk while a day of the last R days has an event.
t.test('a workspace that falls silent and forgets all', async (t) => {
  const bench = await openBench(t, '2026-11-10T18:00:00Z', { keepDays: 30 })
  bench.source.addDaily('2026-09-01', '2026-11-10', TWICE_A_DAY)
  await bench.runAt('2026-11-10T18:00:00Z')
  const before = await bench.days()
  const run = await bench.runAt('2027-01-10T18:00:00Z')
  t.match(run, { status: 'succeeded', daysStored: 0, error: { code: 'source-shrunk' } })
  t.same(await bench.days(), before)
  t.match(await bench.completeness(), { sourceFirstDate: '2026-10-11', sourceLastDate: '2026-11-10', lost: [] })
  t.notOk((await bench.runAt('2027-02-10T18:00:00Z')).error, 'no day within R days has an event any more')
})

// Both wait for the lock of the file, which is taken by neither in the order in which they asked. A revision is handed
// out under that lock: whoever commits later has the larger ones, so a reader that goes by its cursor misses nothing.
t.test('two writers whose transactions commit in the other order', async (t) => {
  const bench = await openBench(t, NOW)
  const ahead = fakeClock('2026-11-24T18:30:00Z')
  const second = await openSqliteStore({ path: bench.path, clock: ahead })
  t.teardown(() => second.close())
  const workspace = await bench.store.ensureWorkspace('default')
  const terms = { today: d('2026-11-24'), lagDays: 7, ranged: true, replace: true }
  const write = (store: typeof second, day: string) =>
    store.applyImport(workspace, [{ day: d(day), cells: [cell('Junk folder', 1)] }], terms)

  const lock = new Database(bench.path)
  t.teardown(() => lock.close())
  lock.exec('begin immediate')
  const first = write(bench.store, '2026-11-01')
  const other = write(second, '2026-11-02')
  // Both have met the lock, and wait for it by their clocks.
  await turn()
  lock.exec('commit')
  await ahead.advance(1_000)
  await other
  const seen = await logOf(bench.store)
  t.same(
    seen.map((change) => change.day),
    ['2026-11-02']
  )
  const cursor = seen.at(-1)?.revision ?? 0

  await bench.clock.advance(1_000)
  await first
  const rest = await logOf(bench.store, cursor)
  t.same(
    rest.map((change) => change.day),
    ['2026-11-01'],
    'which asked first, but committed last, by a clock that is behind'
  )
  const instants = [...seen, ...rest].map((change) => change.changedAt.getTime())
  t.same(
    instants,
    instants.toSorted((a, b) => a - b),
    'instants never fall'
  )
  t.same(await daysOf(second, 'default'), ['2026-11-01..2026-11-02 final 1'])
})

function unavailable(): OperationalError {
  return new OperationalError('source-unavailable', 'the source does not answer')
}
