import assert from 'node:assert/strict'
import t from 'tap'
import { addDays, daysBetween, eachDay, type Day } from '../../src/model/day.ts'
import type { DayState } from '../../src/model/reading.ts'
import {
  completenessOf,
  daysLost,
  firstDueDay,
  type Completeness,
  type Coverage,
  type KeptBounds
} from '../../src/model/status.ts'
import { d } from '../support/counts.ts'
import fc from '../support/properties.ts'

type Row = Coverage[number]

function row(day: string, state: DayState, marks: Partial<Row> = {}): Row {
  return { day: d(day), state, revision: 1, damaged: false, shrunk: false, ...marks }
}

/** A row for every day from the first to the last, in one state. */
function rows(from: string, to: string, state: DayState = 'final'): Row[] {
  return eachDay({ from: d(from), to: d(to) }).map((day) => row(day, state))
}

/** Asked on 20 November, with a retention of 30 days, of a source that shows rows from 1 November to 20 November. */
function asked(kept: Partial<KeptBounds> = {}): KeptBounds {
  const bounds = {
    today: d('2026-11-20'),
    firstArrival: d('2026-11-01'),
    lastArrival: d('2026-11-20'),
    proof: d('2026-11-13'),
    askedAt: Date.UTC(2026, 10, 20, 12),
    retentionDays: 30,
    ...kept
  }
  return { firstDue: firstDueDay(bounds, bounds.retentionDays), ...bounds }
}

const NOW = '2026-11-20T12:00:00Z'

function status(coverage: Coverage, bounds: KeptBounds | null, now = NOW): Completeness {
  return completenessOf(coverage, bounds, new Date(now))
}

const range = (from: string, to = from): unknown => ({ from, to })

t.test('the first day to ask for is the later of F and the first day within the retention', async (t) => {
  t.equal(firstDueDay(asked({ firstArrival: d('2026-11-01') }), 30), '2026-11-01')
  t.equal(firstDueDay(asked({ firstArrival: d('2026-10-01') }), 30), '2026-10-22')
  t.equal(firstDueDay(asked({ firstArrival: d('2026-10-22') }), 30), '2026-10-22')
  t.equal(firstDueDay(asked({ firstArrival: d('2026-10-01') }), 1), '2026-11-20')
})

t.test('the first and the last date of the source are those of its oldest row and of its newest arrival', async (t) => {
  const { sourceFirstDate, sourceLastDate } = status([], asked({ lastArrival: d('2026-11-18') }))
  t.strictSame([sourceFirstDate, sourceLastDate], ['2026-11-01', '2026-11-18'])
})

t.test('the first and the last date of a workspace are those of its covered days', async (t) => {
  const coverage = [row('2026-10-01', 'lost'), row('2026-10-02', 'final'), row('2026-10-05', 'provisional')]
  const { firstDate, lastDate } = status([...coverage, row('2026-10-09', 'lost')], asked())
  t.strictSame([firstDate, lastDate], ['2026-10-02', '2026-10-05'])
})

t.test('a workspace without a covered day has neither a first nor a last date', async (t) => {
  const { firstDate, lastDate } = status([row('2026-11-03', 'lost')], asked())
  t.strictSame([firstDate, lastDate], [null, null])
})

// --- missing ----------------------------------------------------------------------------------------------------

t.test('missing are the days without a row after F, which may be cut, up to yesterday', async (t) => {
  t.strictSame(status([], asked()).missing, [range('2026-11-02', '2026-11-19')])
  t.strictSame(status(rows('2026-11-04', '2026-11-17'), asked()).missing, [
    range('2026-11-02', '2026-11-03'),
    range('2026-11-18', '2026-11-19')
  ])
})

t.test('missing begin with A where that is later than F', async (t) => {
  const bounds = asked({ firstArrival: d('2026-10-01') })
  t.strictSame(status([], bounds).missing, [range('2026-10-22', '2026-11-19')])
})

t.test('no day before the reach of the source is missing, though it has no row', async (t) => {
  const coverage = [row('2026-10-01', 'final'), ...rows('2026-11-01', '2026-11-20')]
  t.strictSame(status(coverage, asked()).missing, [])
})

t.test('a lost, a quiet and a damaged day are not missing', async (t) => {
  const coverage = [
    ...rows('2026-11-01', '2026-11-09'),
    row('2026-11-10', 'lost'),
    row('2026-11-11', 'missing', { damaged: true }),
    ...rows('2026-11-12', '2026-11-20')
  ]
  const { missing, lost, damaged } = status(coverage, asked())
  t.strictSame({ missing, lost, damaged }, { missing: [], lost: [range('2026-11-10')], damaged: [range('2026-11-11')] })
})

t.test('a source that is dead for days hides nothing: each day that goes by is one more that is missing', async (t) => {
  const coverage = rows('2026-11-01', '2026-11-20')
  t.strictSame(status(coverage, asked(), '2026-11-21T23:59:59Z').missing, [])
  t.strictSame(status(coverage, asked(), '2026-11-22T00:00:00Z').missing, [range('2026-11-21')])
  t.strictSame(status(coverage, asked(), '2026-12-24T00:00:00Z').missing, [range('2026-11-21', '2026-12-23')])
})

t.test(
  'a source never asked: missing are the days without a row between the first and the last covered one',
  async (t) => {
    const coverage = [
      row('2026-10-01', 'lost'),
      row('2026-10-03', 'final'),
      row('2026-10-05', 'lost'),
      row('2026-10-07', 'provisional')
    ]
    t.strictSame(status(coverage, null).missing, [range('2026-10-04'), range('2026-10-06')])
  }
)

t.test('a source never asked: all that it would say is null or empty', async (t) => {
  t.strictSame(status(rows('2026-10-03', '2026-10-07'), null), {
    sourceFirstDate: null,
    sourceLastDate: null,
    firstDate: '2026-10-03',
    lastDate: '2026-10-07',
    finalThrough: null,
    missing: [],
    lost: [],
    shrunk: [],
    damaged: [],
    atRisk: []
  })
  t.strictSame(status([], null).missing, [])
})

// --- marks ------------------------------------------------------------------------------------------------------

t.test('lost, shrunk and damaged days are told as ranges, whatever the source reaches', async (t) => {
  const coverage = [
    row('2025-01-01', 'lost'),
    row('2025-01-02', 'lost'),
    row('2025-01-04', 'lost'),
    row('2025-02-01', 'final', { shrunk: true }),
    row('2025-02-02', 'provisional', { shrunk: true }),
    row('2025-03-01', 'missing', { damaged: true })
  ]
  for (const bounds of [asked(), null]) {
    const { lost, shrunk, damaged } = status(coverage, bounds)
    t.strictSame(lost, [range('2025-01-01', '2025-01-02'), range('2025-01-04')])
    t.strictSame(shrunk, [range('2025-02-01', '2025-02-02')])
    t.strictSame(damaged, [range('2025-03-01')])
  }
})

// --- finalThrough -----------------------------------------------------------------------------------------------

const finalThrough = (coverage: Coverage, kept: Partial<KeptBounds> = {}): unknown =>
  status(coverage, asked(kept)).finalThrough

t.test('all is final up to the day before the oldest day in reach that is not', async (t) => {
  const final = rows('2026-11-01', '2026-11-12')
  t.equal(finalThrough([...final, ...rows('2026-11-13', '2026-11-20', 'provisional')]), '2026-11-12')
  t.equal(finalThrough(final), '2026-11-12', 'a missing day is not final')
  t.equal(finalThrough([...final, row('2026-11-13', 'lost'), ...rows('2026-11-14', '2026-11-20')]), '2026-11-12')
  t.equal(
    finalThrough([...final, row('2026-11-13', 'missing', { damaged: true }), ...rows('2026-11-14', '2026-11-20')]),
    '2026-11-12'
  )
})

t.test('F, which never becomes final while it is the first day, does not hold it back', async (t) => {
  const final = rows('2026-11-02', '2026-11-12')
  t.equal(finalThrough([row('2026-11-01', 'provisional'), ...final]), '2026-11-12')
  t.equal(finalThrough(final), '2026-11-12')
})

t.test('where the first day in reach is not F, it counts', async (t) => {
  const kept = { firstArrival: d('2026-10-01') }
  t.equal(finalThrough([row('2026-10-22', 'provisional'), ...rows('2026-10-23', '2026-11-12')], kept), '2026-10-21')
  t.equal(finalThrough(rows('2026-10-22', '2026-11-12'), kept), '2026-11-12')
})

t.test('where every day in reach is final, it is the newest of them, and never a day after T', async (t) => {
  t.equal(finalThrough(rows('2026-11-01', '2026-11-20')), '2026-11-20')
  t.equal(finalThrough(rows('2026-11-01', '2026-11-25')), '2026-11-20')
  t.equal(finalThrough([row('2026-11-20', 'final')], { firstArrival: d('2026-11-20') }), '2026-11-20')
})

t.test('where no day in reach is final, but F alone is in it, it is null', async (t) => {
  t.equal(finalThrough([row('2026-11-20', 'provisional')], { firstArrival: d('2026-11-20') }), null)
  t.equal(finalThrough(rows('2026-10-01', '2026-10-31'), { firstArrival: d('2026-11-20') }), null)
})

t.test('what is final before the reach does not matter', async (t) => {
  t.equal(
    finalThrough([...rows('2026-10-01', '2026-10-31', 'provisional'), ...rows('2026-11-01', '2026-11-05')]),
    '2026-11-05'
  )
})

t.test('it tells of the last answered question: time alone does not move it', async (t) => {
  const coverage = rows('2026-11-01', '2026-11-20')
  t.equal(status(coverage, asked(), '2027-11-20T12:00:00Z').finalThrough, '2026-11-20')
})

// --- atRisk -----------------------------------------------------------------------------------------------------

t.test('a missing day is at risk when the source, as we believe, forgets it within seven days', async (t) => {
  const bounds = asked({ firstArrival: d('2026-10-01') })
  // With a retention of 30 days, 29 October is shown up to 27 November, which is seven days off.
  t.strictSame(status([], bounds).atRisk, [{ from: '2026-10-22', to: '2026-10-29', lostAfter: '2026-11-20' }])
  t.strictSame(status(rows('2026-10-22', '2026-10-28'), bounds).atRisk, [
    { from: '2026-10-29', to: '2026-10-29', lostAfter: '2026-11-27' }
  ])
  t.strictSame(status(rows('2026-10-22', '2026-10-29'), bounds).atRisk, [])
})

t.test('only missing days are at risk: no covered, no lost, no damaged one', async (t) => {
  const coverage = [
    row('2026-10-22', 'provisional'),
    row('2026-10-23', 'lost'),
    row('2026-10-24', 'missing', { damaged: true }),
    row('2026-10-25', 'final'),
    ...rows('2026-10-27', '2026-11-20')
  ]
  t.strictSame(status(coverage, asked({ firstArrival: d('2026-10-01') })).atRisk, [
    { from: '2026-10-26', to: '2026-10-26', lostAfter: '2026-11-24' }
  ])
})

t.test('each range of days at risk has the day after which its oldest is lost', async (t) => {
  const coverage = rows('2026-10-24', '2026-10-26')
  t.strictSame(status(coverage, asked({ firstArrival: d('2026-10-01') })).atRisk, [
    { from: '2026-10-22', to: '2026-10-23', lostAfter: '2026-11-20' },
    { from: '2026-10-27', to: '2026-10-29', lostAfter: '2026-11-25' }
  ])
})

t.test(
  'where the source has forgotten days that we have, it keeps them as long as it shows, if that is less',
  async (t) => {
    // It shows 19 days, and we have one from before: keep is 19, and 9 November is shown up to the 27th.
    const before = row('2026-10-31', 'final')
    t.strictSame(status([before], asked()).atRisk, [{ from: '2026-11-02', to: '2026-11-09', lostAfter: '2026-11-20' }])
    t.strictSame(status([before], asked({ retentionDays: 10, firstArrival: d('2026-11-01') })).atRisk, [
      { from: '2026-11-11', to: '2026-11-18', lostAfter: '2026-11-20' }
    ])
  }
)

t.test('a source that only begins late has not forgotten anything: the retention counts', async (t) => {
  t.strictSame(status([], asked()).atRisk, [])
  t.strictSame(status([row('2026-11-01', 'final')], asked()).atRisk, [], 'a covered F is not before F')
  t.strictSame(status([row('2026-10-31', 'lost')], asked()).atRisk, [], 'nor is a lost day covered')
})

t.test('T and F count as they were kept, and the days left as of now', async (t) => {
  const before = row('2026-10-31', 'final')
  const later = status([before, ...rows('2026-11-02', '2026-11-10')], asked(), '2026-11-23T00:00:00Z')
  t.strictSame(later.atRisk, [{ from: '2026-11-11', to: '2026-11-12', lostAfter: '2026-11-29' }])
})

t.test('a missing day that is past its last day stays at risk until a run finds it lost', async (t) => {
  const bounds = asked({ firstArrival: d('2026-10-01') })
  const { atRisk } = status(rows('2026-10-22', '2026-11-20'), bounds, '2027-01-10T00:00:00Z')
  t.strictSame(atRisk, [{ from: '2026-11-21', to: '2026-12-19', lostAfter: '2026-12-20' }])
})

// --- whole domains ----------------------------------------------------------------------------------------------

const START = d('2026-09-01')
const someCoverage: fc.Arbitrary<Row[]> = fc
  .array(fc.constantFrom('final', 'provisional', 'lost', 'damaged', 'no row'), { minLength: 81, maxLength: 81 })
  .map((states) =>
    states.flatMap((state, i) => {
      if (state === 'no row') return []
      const day = addDays(START, i)
      return [state === 'damaged' ? row(day, 'missing', { damaged: true }) : row(day, state)]
    })
  )
const someBounds = fc
  .record({ reach: fc.integer({ min: 0, max: 60 }), retentionDays: fc.integer({ min: 1, max: 90 }) })
  .map(({ reach, retentionDays }) => asked({ firstArrival: addDays(d('2026-11-20'), -reach), retentionDays }))

t.test('every day from A to yesterday but F is covered, lost, damaged or missing, and only one of these', async () => {
  fc.assert(
    fc.property(someCoverage, someBounds, (coverage, bounds) => {
      const { missing, lost, damaged, atRisk } = status(coverage, bounds)
      const covered = coverage.filter(({ state }) => state === 'final' || state === 'provisional').map(({ day }) => day)
      const inReach = (day: Day): boolean => day >= bounds.firstDue && day !== bounds.firstArrival && day < '2026-11-20'
      const all = [missing, lost, damaged].flatMap((ranges) => ranges.flatMap(eachDay)).concat(covered)
      assert.deepEqual(
        all.filter(inReach).toSorted(),
        eachDay({ from: bounds.firstDue, to: d('2026-11-19') }).filter(inReach)
      )
      const missingDays = new Set(missing.flatMap(eachDay))
      assert.ok(atRisk.flatMap(eachDay).every((day) => missingDays.has(day)))
      assert.ok(missing.flatMap(eachDay).every(inReach))
    }),
    { numRuns: 300 }
  )
})

t.test('up to finalThrough, and no further without a break, every day in reach but F is final', async () => {
  fc.assert(
    fc.property(someCoverage, someBounds, (coverage, bounds) => {
      const through = status(coverage, bounds).finalThrough
      const final = new Set(coverage.filter(({ state }) => state === 'final').map(({ day }) => day))
      const reach = eachDay({ from: bounds.firstDue, to: bounds.today }).filter((day) => day !== bounds.firstArrival)
      if (through === null) {
        assert.deepEqual(
          [...reach, bounds.firstArrival].filter((day) => final.has(day) && day >= bounds.firstDue),
          []
        )
        return
      }
      assert.ok(reach.filter((day) => day <= through).every((day) => final.has(day)))
      const next = reach.find((day) => day > through)
      assert.ok(next === undefined || !final.has(next))
    }),
    { numRuns: 300 }
  )
})

// --- lost -------------------------------------------------------------------------------------------------------

t.test('lost are the days without a row between the first day and the reach of the source', async (t) => {
  const coverage = [row('2026-10-03', 'final'), row('2026-10-06', 'provisional'), row('2026-10-07', 'lost')]
  t.strictSame(daysLost(coverage, null, d('2026-10-10')), ['2026-10-04', '2026-10-05', '2026-10-08', '2026-10-09'])
})

t.test('the first day is the earlier of the first covered one and the first ever asked for', async (t) => {
  const coverage = [row('2026-10-01', 'lost'), row('2026-10-05', 'final')]
  t.strictSame(daysLost(coverage, null, d('2026-10-07')), ['2026-10-06'])
  t.strictSame(daysLost([row('2026-10-05', 'provisional')], null, d('2026-10-07')), ['2026-10-06'])
  t.strictSame(daysLost(coverage, d('2026-10-03'), d('2026-10-07')), ['2026-10-04', '2026-10-06'])
  t.strictSame(daysLost(coverage, d('2026-10-06'), d('2026-10-08')), ['2026-10-06', '2026-10-07'])
  t.strictSame(daysLost([], d('2026-10-03'), d('2026-10-06')), ['2026-10-04', '2026-10-05'])
})

t.test('without a first day nothing is lost, and nothing is before it or within the reach', async (t) => {
  t.strictSame(daysLost([], null, d('2026-10-10')), [])
  t.strictSame(daysLost([row('2026-10-01', 'lost')], null, d('2026-10-10')), [])
  t.strictSame(daysLost([row('2026-10-05', 'final')], null, d('2026-10-05')), [])
  t.strictSame(daysLost([row('2026-10-05', 'final')], null, d('2026-10-01')), [])
})

t.test('a damaged day has a row, and is not lost', async (t) => {
  const coverage = [row('2026-10-03', 'final'), row('2026-10-04', 'missing', { damaged: true })]
  t.strictSame(daysLost(coverage, null, d('2026-10-06')), ['2026-10-05'])
})

t.test('marking what is lost twice finds nothing the second time', async () => {
  fc.assert(
    fc.property(someCoverage, fc.integer({ min: 0, max: 81 }), (coverage, i) => {
      const before = addDays(START, i)
      const lost = daysLost(coverage, START, before)
      const marked = [...coverage, ...lost.map((day) => row(day, 'lost'))].toSorted((a, b) => daysBetween(b.day, a.day))
      assert.deepEqual(daysLost(marked, START, before), [])
    })
  )
})
