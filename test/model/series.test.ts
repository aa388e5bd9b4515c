import assert from 'node:assert/strict'
import t from 'tap'
import { DIMENSIONS, foldCells, LOCATIONS, locationOf, type CellCount, type Dimension } from '../../src/model/cube.ts'
import { addDays, eachDay, firstOfMonth, lengthOf, mondayOf, type Day } from '../../src/model/day.ts'
import type { DayState, StoredDay } from '../../src/model/reading.ts'
import {
  buildSeries,
  BY,
  countRows,
  fillsUntil,
  labelNamed,
  nameOf,
  STEPS,
  type SeriesQuery,
  type SeriesTable
} from '../../src/model/series.ts'
import { cell, d } from '../support/counts.ts'
import fc from '../support/properties.ts'

function stored(day: string, state: StoredDay['state'], cells: readonly CellCount[] = []): StoredDay {
  return { day: d(day), state, revision: 1, cells: foldCells(cells), damaged: false, shrunk: false }
}

/** Everything of three days of November, on the tenth. */
const everything: SeriesQuery = {
  range: { from: d('2026-11-01'), to: d('2026-11-03') },
  by: 'location',
  step: 'day',
  locations: LOCATIONS,
  labels: {},
  today: d('2026-11-10')
}

function series(query: Partial<SeriesQuery>, ...days: StoredDay[]): SeriesTable {
  return buildSeries({ ...everything, ...query }, days)
}

const statesOf = ({ rows }: SeriesTable): unknown[] => rows.map(({ date, state, days }) => [date, state, days])
const bare = ({ rows }: SeriesTable): unknown[] => rows.map(({ date, state, values }) => [date, state, ...values])

// --- random cubes -----------------------------------------------------------------------------------------------

const LABELS: Record<Dimension, readonly string[]> = {
  deliveryLocation: ['Quarantine', 'Junk folder', 'Inbox/Folder', 'Deleted items', 'Failed', ''],
  actionType: ['Spam ZAP', 'Phish ZAP', '', 'date', '__proto__'],
  actionTrigger: ['AdminAction', '', '(none)'],
  actionResult: ['Success', 'Error', 'constructor']
}
const START = d('2025-12-20')

const someCells = fc
  .array(
    fc.record({
      deliveryLocation: fc.constantFrom(...LABELS.deliveryLocation),
      actionType: fc.constantFrom(...LABELS.actionType),
      actionTrigger: fc.constantFrom(...LABELS.actionTrigger),
      actionResult: fc.constantFrom(...LABELS.actionResult),
      count: fc.integer({ min: 1, max: 99 })
    }),
    { maxLength: 8 }
  )
  .map((cells) => foldCells(cells))

const someState = fc.constantFrom<(DayState | 'damaged' | 'no row')[]>(
  ...(['final', 'final', 'final', 'provisional', 'provisional', 'lost', 'missing', 'damaged', 'no row'] as const)
)

/** Fifty days around a turn of the year, each with a row or without. */
const someDays = fc.array(fc.tuple(someState, someCells), { minLength: 50, maxLength: 50 }).map((days) =>
  days.flatMap(([state, cells], i): StoredDay[] => {
    if (state === 'no row' || state === 'missing') return []
    const covered = state === 'final' || state === 'provisional'
    return [
      {
        day: addDays(START, i),
        state: state === 'damaged' ? 'missing' : state,
        revision: 1,
        cells: covered ? cells : [],
        damaged: state === 'damaged',
        shrunk: false
      }
    ]
  })
)

const someNames = (dimension: Dimension): fc.Arbitrary<readonly string[] | undefined> =>
  fc.option(fc.subarray([...LABELS[dimension].map(nameOf), 'never seen'], { minLength: 1 }), {
    nil: undefined,
    freq: 2
  })

const someQuery: fc.Arbitrary<SeriesQuery> = fc
  .record({
    from: fc.integer({ min: 0, max: 40 }),
    more: fc.integer({ min: 0, max: 40 }),
    today: fc.integer({ min: -3, max: 60 }),
    by: fc.constantFrom(...BY),
    step: fc.constantFrom(...STEPS),
    locations: fc.oneof(fc.constant(LOCATIONS), fc.subarray([...LOCATIONS], { minLength: 1 })),
    names: fc.tuple(...DIMENSIONS.map(someNames))
  })
  .map(({ from, more, today, by, step, locations, names }) => ({
    by,
    step,
    locations,
    range: { from: addDays(START, from), to: addDays(START, Math.min(from + more, 49)) },
    today: addDays(START, today),
    labels: Object.fromEntries(
      DIMENSIONS.flatMap((dimension, i) => (names[i] === undefined ? [] : [[dimension, names[i]]]))
    )
  }))

const BUCKET = { day: (day: Day) => day, week: mondayOf, month: firstOfMonth }
const WORST: readonly DayState[] = ['lost', 'missing', 'provisional', 'final']

/** The series of a query over those stored days that lie in its range, as a store hands them out. */
function build(query: SeriesQuery, days: readonly StoredDay[]): SeriesTable {
  return buildSeries(
    query,
    days.filter(({ day }) => day >= query.range.from && day <= query.range.to)
  )
}

/** The row of a bucket and one of its values, told once more: looked up day by day, cell by cell. */
function told(query: SeriesQuery, days: readonly StoredDay[], date: Day, column: string): unknown[] {
  const ofBucket = eachDay(query.range).filter(
    (day) => BUCKET[query.step](day) === date && (query.step === 'day' || day <= query.today)
  )
  const rows = ofBucket.map((day) => days.find((row) => row.day === day))
  const states = new Set(rows.map((row) => row?.state ?? 'missing'))
  const state = WORST.find((state) => states.has(state)) ?? 'missing'
  if (state === 'lost' || state === 'missing') return [state, ofBucket.length, null]

  const counts = (one: CellCount): boolean => {
    const location = locationOf(one.deliveryLocation)
    const label = query.by === 'location' ? location : query.by === 'total' ? 'total' : one[query.by]
    return (
      label === column &&
      query.locations.includes(location) &&
      DIMENSIONS.every((dimension) => query.labels[dimension]?.includes(nameOf(one[dimension])) ?? true)
    )
  }
  const counted = rows.flatMap((row) => row?.cells ?? []).filter(counts)
  return [state, ofBucket.length, counted.reduce((sum, { count }) => sum + count, 0)]
}

t.test('every value of a series is the sum of its cells, and every state the worst of its days', async () => {
  fc.assert(
    fc.property(someQuery, someDays, (query, days) => {
      const { columns, rows } = build(query, days)
      for (const { date, state, days: filled, values } of rows) {
        columns.forEach((column, i) => {
          assert.deepEqual([state, filled, values[i]], told(query, days, date, column), `${date} ${column}`)
        })
        assert.equal(values.length, columns.length)
      }
    }),
    { numRuns: 300 }
  )
})

t.test('the columns of a row add up to the total, whatever they stand for', async () => {
  fc.assert(
    fc.property(someQuery, someDays, (query, days) => {
      const total = build({ ...query, by: 'total' }, days)
      const parts = build(query, days)
      const sums = parts.rows.map(({ values }, i) => {
        // Without any column there is no event, or none that is known.
        if (values.length === 0) return total.rows[i]?.values[0] === null ? null : 0
        return values.some((value) => value === null)
          ? null
          : values.reduce((sum: number, value) => sum + (value ?? 0), 0)
      })
      assert.deepEqual(
        sums,
        total.rows.map(({ values }) => values[0])
      )
    }),
    { numRuns: 300 }
  )
})

t.test('a range has a row for each of its buckets, ascending, whatever is stored', async () => {
  fc.assert(
    fc.property(someQuery, someDays, (query, days) => {
      const { rows } = build(query, days)
      const dates = [...new Set(eachDay(query.range).map(BUCKET[query.step]))]
      assert.deepEqual(
        rows.map(({ date }) => date),
        dates
      )
      assert.equal(countRows(query.range, query.step), rows.length)
    }),
    { numRuns: 300 }
  )
})

t.test('states and coverage never depend on filters or on what the columns are', async () => {
  fc.assert(
    fc.property(someQuery, someDays, (query, days) => {
      const filtered = build(query, days)
      const all = build({ ...query, by: 'location', locations: LOCATIONS, labels: {} }, days)
      assert.deepEqual(statesOf(filtered), statesOf(all))
      assert.deepEqual(filtered.coverage, all.coverage)
    })
  )
})

t.test('coverage counts every day of the range once', async () => {
  fc.assert(
    fc.property(someQuery, someDays, (query, days) => {
      const { coverage } = build(query, days)
      assert.equal(
        Object.values(coverage).reduce((sum, count) => sum + count),
        lengthOf(query.range)
      )
      const daily = build({ ...query, step: 'day' }, days).rows
      for (const state of WORST) assert.equal(coverage[state], daily.filter((row) => row.state === state).length)
    })
  )
})

t.test('the order in which the stored days come decides nothing', async () => {
  fc.assert(
    fc.property(someQuery, someDays, (query, days) => {
      assert.deepEqual(build(query, days.toReversed()), build(query, days))
    })
  )
})

t.test(
  'open labels are columns if they have an event after all filters, or are named by one, in order of name',
  async () => {
    fc.assert(
      fc.property(someQuery, someDays, fc.constantFrom(...DIMENSIONS), (query, days, by) => {
        const { columns } = build({ ...query, by }, days)
        const names = columns.map(nameOf)
        assert.deepEqual(names, names.toSorted())
        const expected = [...LABELS[by], 'never seen'].filter((label) => {
          return (
            query.labels[by]?.includes(nameOf(label)) === true ||
            eachDay(query.range).some((day) => Number(told({ ...query, by, step: 'day' }, days, day, label)[2]) > 0)
          )
        })
        assert.deepEqual(columns.toSorted(), expected.toSorted())
      })
    )
  }
)

// --- examples ---------------------------------------------------------------------------------------------------

t.test('a quiet day is zero, a day never read is null, and so is a lost one', async (t) => {
  const table = series({ by: 'total' }, stored('2026-11-01', 'final'), stored('2026-11-02', 'lost'))

  t.strictSame(bare(table), [
    ['2026-11-01', 'final', 0],
    ['2026-11-02', 'lost', null],
    ['2026-11-03', 'missing', null]
  ])
  t.strictSame(table.coverage, { final: 1, provisional: 0, missing: 1, lost: 1 })
})

t.test('the columns of locations are always all five, in their order', async (t) => {
  const table = series({}, stored('2026-11-02', 'final', [cell('Failed', 1), cell('Inbox/Folder', 2), cell('Junk', 3)]))

  t.strictSame(table.columns, ['Quarantine', 'Delete', 'Junk', 'Inbox', 'Other'])
  t.strictSame(bare(table)[1], ['2026-11-02', 'final', 0, 0, 3, 2, 1])
})

t.test('locations that are not asked for are no columns, and their events count in none', async (t) => {
  const day = stored('2026-11-02', 'final', [cell('Failed', 1), cell('Inbox/Folder', 2), cell('Junk', 4)])
  const some = { locations: ['Quarantine', 'Junk'] } as const

  t.strictSame(series(some, day).columns, ['Quarantine', 'Junk'])
  t.strictSame(bare(series({ ...some, by: 'total' }, day))[1], ['2026-11-02', 'final', 4])
  t.strictSame(series({ ...some, by: 'deliveryLocation' }, day).columns, ['Junk'])
})

t.test('a damaged day is served as missing', async (t) => {
  const table = series({ by: 'total' }, { ...stored('2026-11-02', 'missing'), damaged: true })
  t.strictSame(bare(table)[1], ['2026-11-02', 'missing', null])
  t.strictSame(table.coverage, { final: 0, provisional: 0, missing: 3, lost: 0 })
})

t.test('labels that differ only in case are one column, spelled as first met', async (t) => {
  const table = series(
    { by: 'actionType' },
    stored('2026-11-01', 'final', [cell('Junk', 1, { actionType: 'Manual Remediation' })]),
    stored('2026-11-02', 'final', [cell('Junk', 2, { actionType: 'Manual remediation' })])
  )
  t.strictSame(table.columns, ['Manual Remediation'])
  t.strictSame(bare(table), [
    ['2026-11-01', 'final', 1],
    ['2026-11-02', 'final', 2],
    ['2026-11-03', 'missing', null]
  ])
})

t.test('a filter takes labels in any case, several of them, and together with other filters', async (t) => {
  const day = stored('2026-11-02', 'final', [
    cell('Junk', 1),
    cell('Junk', 2, { actionType: 'Phish ZAP' }),
    cell('Inbox', 4, { actionType: 'Phish ZAP', actionResult: 'Error' }),
    cell('Inbox', 8, { actionType: 'Redelivery' })
  ])
  const sum = (labels: SeriesQuery['labels']): unknown => bare(series({ by: 'total', labels }, day))[1]

  t.strictSame(sum({ actionType: ['phish zap'] }), ['2026-11-02', 'final', 6])
  t.strictSame(sum({ actionType: ['PHISH ZAP', 'redelivery'] }), ['2026-11-02', 'final', 14])
  t.strictSame(sum({ actionType: ['Phish ZAP'], actionResult: ['success'] }), ['2026-11-02', 'final', 2])
  t.strictSame(sum({ deliveryLocation: ['inbox'] }), ['2026-11-02', 'final', 12])
  t.strictSame(sum({ actionType: ['Phish'] }), ['2026-11-02', 'final', 0], 'a part of a label is not the label')
})

t.test('the empty label is asked for, and shown, by a name, in any case', async (t) => {
  const day = stored('2026-11-02', 'final', [cell('', 1), cell('Junk', 2), cell('(None)', 4)])

  for (const name of ['(none)', '(None)', '(NONE)']) {
    t.strictSame(bare(series({ by: 'total', labels: { deliveryLocation: [name] } }, day))[1], [
      '2026-11-02',
      'final',
      1
    ])
  }
  const { columns } = series({ by: 'deliveryLocation' }, day)
  t.strictSame(columns.map(nameOf), ['(None) (label)', '(none)', 'Junk'])
})

t.test('a label that a filter names is a column also where it has no event', async (t) => {
  const day = stored('2026-11-02', 'final', [cell('Junk', 2)])
  const table = series({ by: 'actionType', labels: { actionType: ['Redelivery', '(none)', 'spam zap'] } }, day)

  t.strictSame(table.columns, ['', 'Redelivery', 'Spam ZAP'])
  t.strictSame(bare(table)[1], ['2026-11-02', 'final', 0, 0, 2])
  t.strictSame(
    series({ by: 'actionType', labels: { actionResult: ['Error'] } }, day).columns,
    [],
    'of its own dimension only'
  )
})

t.test('labels named like parts of a row or of any object are labels like others', async (t) => {
  const names = ['__proto__', 'constructor', 'date', 'days', 'state', 'toString']
  const cells = names.map((actionType, i) => cell('Junk', i + 1, { actionType }))
  const table = series({ by: 'actionType' }, stored('2026-11-02', 'final', cells))

  t.strictSame(table.columns, names)
  t.strictSame(bare(table)[1], ['2026-11-02', 'final', 1, 2, 3, 4, 5, 6])
})

t.test('no name of a label is that of another one, nor a key that stands in every row', async (t) => {
  const taken = ['(none)', 'date', 'state', 'days', 'workspace']
  const labels = [
    '',
    ...taken.flatMap((name) => [
      name,
      `${name} (label)`,
      `${name} (label) (label)`,
      `${name} (LABEL)`,
      name.toUpperCase()
    ])
  ]
  const names = labels.map((label) => nameOf(label))

  t.equal(new Set(names).size, labels.length)
  for (const name of names.slice(1)) t.notOk(taken.includes(name.toLowerCase()), name)
  t.strictSame(names.map(labelNamed), labels, 'and each name leads back to its label')
})

t.test('other labels are named as they are', async () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (label) => {
      assert.equal(labelNamed(nameOf(label)), label)
    })
  )
  for (const label of ['Junk', 'Dates', 'a date', 'x (label)', '(none', 'states (label)']) {
    assert.equal(nameOf(label), label)
    assert.equal(labelNamed(label), label)
  }
})

t.test('a week begins with its Monday and a month with its first day, also where the range begins later', async (t) => {
  const range = { from: d('2025-12-31'), to: d('2026-02-02') }
  const dates = (step: SeriesQuery['step']): string[] => series({ range, step }).rows.map(({ date }) => date)

  t.strictSame(dates('week'), ['2025-12-29', '2026-01-05', '2026-01-12', '2026-01-19', '2026-01-26', '2026-02-02'])
  t.strictSame(dates('month'), ['2025-12-01', '2026-01-01', '2026-02-01'])
})

t.test('a week is the sum of its days, and says how many of them lie in the range', async (t) => {
  const range = { from: d('2026-11-01'), to: d('2026-11-04') }
  const days = ['2026-11-01', '2026-11-02', '2026-11-03', '2026-11-04'].map((day, i) =>
    stored(day, 'final', [cell('Junk', 10 ** i)])
  )
  t.strictSame(series({ range, step: 'week', by: 'total' }, ...days).rows, [
    { date: '2026-10-26', state: 'final', days: 1, values: [1] },
    { date: '2026-11-02', state: 'final', days: 3, values: [1110] }
  ])
  t.strictSame(series({ range, step: 'month', by: 'total' }, ...days).rows, [
    { date: '2026-11-01', state: 'final', days: 4, values: [1111] }
  ])
})

t.test('a bucket is as bad as its worst day, and null where one of them is not known', async (t) => {
  const range = { from: d('2026-11-02'), to: d('2026-11-03') }
  const junk = [cell('Junk', 5)]
  const week = (a: DayState, b: DayState): unknown => {
    const days = [
      ...(a === 'missing' ? [] : [stored('2026-11-02', a, a === 'lost' ? [] : junk)]),
      ...(b === 'missing' ? [] : [stored('2026-11-03', b, b === 'lost' ? [] : junk)])
    ]
    const [row] = series({ range, step: 'week', by: 'total' }, ...days).rows
    return [row?.state, row?.values[0]]
  }
  const expected: [DayState, DayState, DayState, number | null][] = [
    ['final', 'final', 'final', 10],
    ['final', 'provisional', 'provisional', 10],
    ['provisional', 'provisional', 'provisional', 10],
    ['final', 'missing', 'missing', null],
    ['provisional', 'missing', 'missing', null],
    ['missing', 'missing', 'missing', null],
    ['final', 'lost', 'lost', null],
    ['provisional', 'lost', 'lost', null],
    ['missing', 'lost', 'lost', null],
    ['lost', 'lost', 'lost', null]
  ]
  for (const [a, b, state, value] of expected) {
    t.strictSame(week(a, b), [state, value], `${a} and ${b}`)
    t.strictSame(week(b, a), [state, value], `${b} and ${a}`)
  }
})

t.test('days after today have no part in a week or a month, and do not make it missing', async (t) => {
  const range = { from: d('2026-11-02'), to: d('2026-11-15') }
  const query = { range, step: 'week', by: 'total', today: d('2026-11-03') } as const
  const days = [
    stored('2026-11-02', 'final', [cell('Junk', 5)]),
    stored('2026-11-03', 'provisional', [cell('Junk', 7)])
  ]
  const table = series(query, ...days)

  t.strictSame(table.rows, [
    { date: '2026-11-02', state: 'provisional', days: 2, values: [12] },
    { date: '2026-11-09', state: 'missing', days: 0, values: [null] }
  ])
  t.strictSame(table.coverage, { final: 1, provisional: 1, missing: 12, lost: 0 }, 'the coverage is that of all days')
})

t.test('a day after today is missing', async (t) => {
  const table = series({ by: 'total', today: d('2026-11-01') }, stored('2026-11-01', 'provisional'))
  t.strictSame(bare(table), [
    ['2026-11-01', 'provisional', 0],
    ['2026-11-02', 'missing', null],
    ['2026-11-03', 'missing', null]
  ])
})

t.test('a stored day is told as it is stored, wherever the clock stands', async (t) => {
  const day = stored('2026-11-02', 'final', [cell('Junk', 5)])
  t.strictSame(series({ today: d('2026-10-01') }, day), series({ today: d('2027-01-01') }, day))
})

t.test('the answer depends on today only as far as it cuts a bucket', async () => {
  fc.assert(
    fc.property(someQuery, someDays, (query, days) => {
      assert.deepEqual(build({ ...query, today: fillsUntil(query) }, days), build(query, days))
    })
  )
})

t.test('a series of days is filled to its end whatever today is, one of weeks or months until today', async (t) => {
  const range = { from: d('2026-11-01'), to: d('2026-11-20') }
  const until = (step: SeriesQuery['step'], today: string): string => fillsUntil({ range, step, today: d(today) })

  for (const today of ['2026-10-01', '2026-11-10', '2026-12-01']) t.equal(until('day', today), '2026-11-20')
  for (const step of ['week', 'month'] as const) {
    t.equal(until(step, '2026-11-10'), '2026-11-10')
    t.equal(until(step, '2026-11-20'), '2026-11-20')
    t.equal(until(step, '2026-12-01'), '2026-11-20')
  }
})

t.test('columns may be refused by their number, before there is any row', async (t) => {
  const days = [
    stored('2026-11-01', 'final', [cell('a', 1), cell('b', 1)]),
    stored('2026-11-02', 'final', [cell('c', 1)])
  ]
  const query: SeriesQuery = {
    ...everything,
    by: 'deliveryLocation',
    get range(): never {
      throw new Error('the rows are begun')
    }
  }
  const asked: number[] = []
  const refuse = (columns: number): never => {
    asked.push(columns)
    throw new Error('too many')
  }
  t.throws(() => buildSeries(query, days, refuse), { message: 'too many' })
  t.strictSame(asked, [3])
})

t.test('a range whose ends are in the wrong order has no rows', async (t) => {
  const range = { from: d('2026-11-03'), to: d('2026-11-02') }
  for (const step of STEPS) {
    t.strictSame(series({ range, step }).rows, [])
    t.equal(countRows(range, step), 0)
  }
})

t.test('rows are counted right over every kind of month and week', async () => {
  const day = fc.integer({ min: 0, max: 2_000 }).map((i) => addDays(d('2023-01-01'), i))
  fc.assert(
    fc.property(day, day, fc.constantFrom(...STEPS), (from, to, step) => {
      const range = { from, to }
      assert.equal(countRows(range, step), new Set(eachDay(range).map(BUCKET[step])).size)
    }),
    { numRuns: 300 }
  )
})
