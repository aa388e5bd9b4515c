import t from 'tap'
import { halve, planRun, type PlanOptions } from '../../src/ingest/plan.ts'
import { addDays, eachDay, lengthOf, type DayRange } from '../../src/model/day.ts'
import type { DayState, SourceBounds } from '../../src/model/reading.ts'
import type { Coverage } from '../../src/model/status.ts'
import { d } from '../support/counts.ts'
import { range } from '../support/ingest.ts'
import fc from '../support/properties.ts'

const TODAY = d('2026-11-24')
const PLAN: PlanOptions = { lagDays: 7, retentionDays: 90, range: null }

/** A source whose first row arrived on that day, and its last one today. */
function from(firstArrival: string): SourceBounds {
  return { today: TODAY, firstArrival: d(firstArrival), lastArrival: TODAY, proof: d('2026-11-17') }
}

function covered(state: DayState, days: DayRange): Coverage {
  return eachDay(days).map((day) => ({ day, state, revision: 1, damaged: state === 'missing', shrunk: false }))
}

t.test('a first run asks for all that the source shows, newest first, thirty days at once', async (t) => {
  t.same(planRun(from('2026-09-10'), [], PLAN), {
    chunks: [range('2026-10-26', '2026-11-24'), range('2026-09-26', '2026-10-25'), range('2026-09-10', '2026-09-25')],
    days: 76,
    unreachable: []
  })
})

t.test('days as old as the retention are never asked for, whatever the source shows', async (t) => {
  t.same(planRun(from('2026-08-01'), [], { ...PLAN, retentionDays: 10 }).chunks, [range('2026-11-15', '2026-11-24')])
  t.same(planRun(from('2026-08-01'), [], { ...PLAN, lagDays: 0, retentionDays: 1 }).chunks, [
    range('2026-11-24', '2026-11-24')
  ])
})

t.test('a final day is not asked for; provisional, lost, missing and damaged ones are', async (t) => {
  const coverage = [
    ...covered('final', range('2026-11-15', '2026-11-16')),
    ...covered('lost', range('2026-11-17', '2026-11-17')),
    ...covered('final', range('2026-11-18', '2026-11-18')),
    ...covered('provisional', range('2026-11-19', '2026-11-19')),
    ...covered('final', range('2026-11-20', '2026-11-20')),
    ...covered('missing', range('2026-11-21', '2026-11-21')),
    ...covered('final', range('2026-11-22', '2026-11-23'))
  ]
  t.same(planRun(from('2026-08-01'), coverage, { ...PLAN, retentionDays: 10 }), {
    chunks: ['2026-11-24', '2026-11-21', '2026-11-19', '2026-11-17'].map((day) => range(day, day)),
    days: 4,
    unreachable: []
  })
})

t.test('nothing is due where all is final', async (t) => {
  const coverage = covered('final', range('2026-08-27', '2026-11-24'))
  t.same(planRun(from('2026-08-01'), coverage, PLAN), { chunks: [], days: 0, unreachable: [] })
})

t.test('the first day that the source shows is due while it has no counts or is not older than the lag', async (t) => {
  for (const [age, state, due] of [
    [8, 'provisional', false],
    [7, 'provisional', true],
    [8, 'missing', true],
    [8, 'lost', true],
    [8, 'final', false],
    [7, 'final', false],
    [0, 'provisional', true]
  ] as const) {
    const first = addDays(TODAY, -age)
    const plan = planRun(from(first), covered(state, { from: first, to: first }), PLAN)
    t.equal(plan.chunks.at(-1)?.from === first, due, `${state}, ${age} days old`)
  }
  t.equal(planRun(from(addDays(TODAY, -8)), [], PLAN).days, 9, 'without a row')
})

t.test('a backfill asks for its days, final ones too, and names what lies outside of the reach', async (t) => {
  const coverage = covered('final', range('2026-10-01', '2026-11-24'))
  const bounds = from('2026-10-20')
  const plan = (from: string, to: string) => planRun(bounds, coverage, { ...PLAN, range: range(from, to) })
  t.same(plan('2026-11-01', '2026-11-02'), {
    chunks: [range('2026-11-01', '2026-11-02')],
    days: 2,
    unreachable: []
  })
  t.same(plan('2026-10-15', '2026-12-01'), {
    chunks: [range('2026-10-26', '2026-11-24'), range('2026-10-20', '2026-10-25')],
    days: 36,
    unreachable: [range('2026-10-15', '2026-10-19'), range('2026-11-25', '2026-12-01')]
  })
  t.same(plan('2026-10-01', '2026-10-03'), {
    chunks: [],
    days: 0,
    unreachable: [range('2026-10-01', '2026-10-03')]
  })
  t.same(plan('2026-12-01', '2026-12-03').unreachable, [range('2026-12-01', '2026-12-03')])
})

t.test('whatever is stored, the chunks are the days that are due, each once, newest first', async (t) => {
  const state = fc.constantFrom<DayState | 'none'>('none', 'final', 'provisional', 'lost', 'missing')
  fc.assert(
    fc.property(fc.array(state, { maxLength: 120 }), fc.integer({ min: 0, max: 110 }), (states, reach) => {
      const first = addDays(TODAY, -reach)
      const coverage = states.flatMap((state, age): Coverage => {
        const day = addDays(TODAY, -age)
        return state === 'none' ? [] : covered(state, { from: day, to: day })
      })
      const { chunks, days } = planRun(from(first), coverage.toReversed(), PLAN)
      const due = eachDay({ from: first, to: TODAY }).filter((day) => {
        const age = lengthOf({ from: day, to: TODAY }) - 1
        const has = states[age] ?? 'none'
        if (age >= 90 || has === 'final') return false
        return day !== first || age <= 7 || has !== 'provisional'
      })
      t.same(chunks.flatMap((chunk) => eachDay(chunk).toReversed()).toReversed(), due)
      t.equal(days, due.length)
      t.ok(chunks.every((chunk) => lengthOf(chunk) <= 30))
    }),
    { numRuns: 200 }
  )
})

t.test('halves are the whole, the newer one first, and differ by a day at most', async (t) => {
  for (let days = 2; days <= 31; days++) {
    const whole = { from: TODAY, to: addDays(TODAY, days - 1) }
    const [newer, older] = halve(whole)
    t.same([...eachDay(older), ...eachDay(newer)], eachDay(whole))
    t.ok(Math.abs(lengthOf(newer) - lengthOf(older)) <= 1)
  }
})
