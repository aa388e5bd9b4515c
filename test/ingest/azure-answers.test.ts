// What an answer to the question for days may say, and what is refused; without a network.
import t from 'tap'
import { readDaysAnswer } from '../../src/ingest/azure/days.ts'
import type { Day } from '../../src/model/day.ts'
import { OperationalError } from '../../src/model/errors.ts'
import { asHunting, asTables, type Result } from '../support/azure-table.ts'
import fc from '../support/properties.ts'

const d = (text: string): Day => text as Day
const range = { from: d('2026-11-01'), to: d('2026-11-03') }
const LIMIT = 1000

const DAY_COLUMNS = [
  ['Day', 'datetime'],
  ['DeliveryLocation', 'string'],
  ['ActionType', 'string'],
  ['ActionTrigger', 'string'],
  ['ActionResult', 'string'],
  ['Count', 'long']
] as const
type Value = string | number
const days = (...rows: Value[][]): Result => ({ columns: DAY_COLUMNS, rows })
const row = (day: string, count: number, location = 'Quarantine'): Value[] => [
  `${day}T00:00:00Z`,
  location,
  'Phish ZAP',
  '',
  'Success',
  count
]
const read = (json: unknown): unknown => readDaysAnswer(json, range, LIMIT)
const incomplete = { name: 'OperationalError', code: 'source-incomplete' }
const rejected = { name: 'OperationalError', code: 'source-rejected' }

t.test('the rows of a day are its cells, a count of zero is none, and a day without rows is quiet', async (t) => {
  const answer = days(row('2026-11-03', 7), row('2026-11-01', 0), row('2026-11-03', 1, 'inbox/folder'))
  const cell = { actionType: 'Phish ZAP', actionTrigger: '', actionResult: 'Success' }
  for (const json of [asTables(answer), asHunting(answer)]) {
    t.same(read(json), [
      { day: '2026-11-01', cells: [] },
      { day: '2026-11-02', cells: [] },
      {
        day: '2026-11-03',
        cells: [
          { ...cell, deliveryLocation: 'Quarantine', count: 7 },
          { ...cell, deliveryLocation: 'inbox/folder', count: 1 }
        ]
      }
    ])
  }
})

t.test('an answer with no rows but the right columns says that all days were quiet', async (t) => {
  for (const json of [asTables(days()), asHunting(days())]) {
    t.same(
      read(json),
      ['2026-11-01', '2026-11-02', '2026-11-03'].map((day) => ({ day, cells: [] }))
    )
  }
})

t.test('advanced hunting is read whatever the case of its keys', async (t) => {
  const answer = asHunting(days(row('2026-11-03', 7)))
  const upper = JSON.stringify(answer).replaceAll(/"(\w+)":/g, (_, key: string) => `"${key.toUpperCase()}":`)
  t.same(read(JSON.parse(upper)), read(answer))
})

t.test('an answer that is not whole, or does not prove to be, is refused as incomplete', async (t) => {
  const good = asTables(days(row('2026-11-01', 1)))
  const partial = {
    code: 'PartialError',
    message: 'There were some errors when processing your query.',
    details: [
      {
        code: 'EngineError',
        message: 'outer',
        innererror: { code: '-2133196797', message: 'the result was cut at 64 MB' }
      }
    ]
  }
  t.throws(() => read({ ...good, error: partial }), { ...incomplete, message: /the result was cut at 64 MB/ })
  t.throws(() => read({ ...asHunting(days()), Error: partial }), incomplete)
  t.throws(() => read({ ...good, error: 'yes' }), incomplete)
  t.throws(() => read({ ...asHunting(days()), '@odata.nextLink': 'https://graph.example/more' }), incomplete)
  for (const json of [null, 1, 'text', [], {}, { tables: [] }, { tables: null }, { schema: [] }, { results: [] }]) {
    t.throws(() => read(json), incomplete, JSON.stringify(json))
  }
  t.throws(() => read({ tables: [{ name: 'PrimaryResult' }] }), incomplete)
  const full = days(...Array.from({ length: 3 }, (_, i) => row('2026-11-01', 1, `place ${i}`)))
  t.doesNotThrow(() => readDaysAnswer(asTables(full), range, 4))
  t.throws(() => readDaysAnswer(asTables(full), range, 3), { ...incomplete, message: /3 rows/ }, 'as long as the limit')
  t.throws(() => readDaysAnswer(asHunting(full), range, 3), incomplete)
})

t.test('a value that cannot be is refused, with all that came with it', async (t) => {
  const [at, location, type, trigger, result, count] = row('2026-11-01', 1)
  const values: readonly unknown[] = [at, location, type, trigger, result, count]
  const bad: readonly (readonly [number, unknown])[] = [
    ...[null, '', 5, '2026-11-01', '2026-11-01T00:00:01Z', '2026-11-01T00:00:00', '2026-11-01T00:00:00+01:00'].map(
      (value) => [0, value] as const
    ),
    ...['2026-10-31T00:00:00Z', '2026-11-04T00:00:00Z', '2026-02-30T00:00:00Z', '1970-01-01T00:00:00Z'].map(
      (value) => [0, value] as const
    ),
    ...[1, 2, 3, 4].flatMap((i) =>
      [null, 5, true, ['x'], {}, 'a\u0000b', 'a\nb', 'x'.repeat(257), '\ud800'].map((value) => [i, value] as const)
    ),
    ...[null, '1', -1, 1.5, 2 ** 53, 1e300, true, [1], {}].map((value) => [5, value] as const)
  ]
  for (const [i, value] of bad) {
    const rows = [row('2026-11-02', 1), values.with(i, value)] as Value[][]
    for (const json of [asTables(days(...rows)), asHunting(days(...rows))]) {
      t.throws(() => read(json), rejected, `${DAY_COLUMNS[i]?.[0]} of ${JSON.stringify(value)}`)
    }
  }
})

t.test('a day may be told with decimals, if these are zeros', async (t) => {
  const told = row('2026-11-01', 4).with(0, '2026-11-01T00:00:00.0000000Z')
  t.same(read(asTables(days(told))), read(asTables(days(row('2026-11-01', 4)))))
  t.throws(() => read(asTables(days(told.with(0, '2026-11-01T00:00:00.0000001Z')))), rejected)
})

t.test('a column that is missing, twice there, or of another type is refused', async (t) => {
  const good = days(row('2026-11-01', 1))
  for (const i of DAY_COLUMNS.keys()) {
    const name = DAY_COLUMNS[i]?.[0]
    const without = { columns: good.columns.toSpliced(i, 1), rows: good.rows.map((cells) => cells.toSpliced(i, 1)) }
    const other = {
      ...good,
      columns: good.columns.with(i, [name ?? '', i === 1 ? 'long' : i === 5 ? 'datetime' : i === 0 ? 'string' : 'long'])
    }
    const twice = {
      columns: [...good.columns, good.columns[i] ?? (['', 'long'] as const)],
      rows: good.rows.map((cells) => cells.concat(1))
    }
    for (const wrong of [without, other, twice]) {
      t.throws(() => read(asTables(wrong)), { ...rejected, message: new RegExp(name ?? '?') })
    }
    t.throws(() => read(asHunting(without)), rejected)
  }
})

t.test('a row that does not fit the columns, or tells the same twice, is refused', async (t) => {
  const one = row('2026-11-01', 1)
  t.throws(() => read(asTables(days(one.slice(0, 5)))), rejected)
  t.throws(() => read(asTables(days([...one, 1]))), rejected)
  t.throws(() => read(asTables({ columns: DAY_COLUMNS, rows: ['text' as unknown as Value[]] })), rejected)
  t.throws(() => read(asTables(days(one, row('2026-11-02', 5), one))), { ...rejected, message: /twice for 2026-11-01/ })
  t.throws(
    () =>
      read({
        tables: [
          { name: 'A', columns: [], rows: [] },
          { name: 'B', columns: [], rows: [] }
        ]
      }),
    rejected
  )
  const twice = JSON.parse(JSON.stringify(asHunting(days(one))).replace('"Count":1', '"Count":1,"count":2')) as unknown
  t.throws(() => read(twice), rejected)
})

t.test('a day with more cells than are labels, or more events than are exact, is refused', async (t) => {
  const many = days(...Array.from({ length: 10_001 }, (_, i) => row('2026-11-01', 1, `place ${i}`)))
  t.throws(() => readDaysAnswer(asTables(many), range, 500_000), { ...rejected, message: /10000 cells/ })
  t.doesNotThrow(() => readDaysAnswer(asTables({ ...many, rows: many.rows.slice(1) }), range, 500_000))
  const most = row('2026-11-01', Number.MAX_SAFE_INTEGER)
  t.throws(() => read(asTables(days(most, row('2026-11-01', 1, 'Junk')))), rejected)
})

t.test('the table without the time column that is set is told apart from a quiet one', async (t) => {
  t.throws(() => read(asTables(days(row('1900-01-01', 9)))), { ...rejected, message: /TIME_COLUMN=auto/ })
})

t.test('whatever comes is read as it says, or refused with one of our errors', async (t) => {
  const label = fc.constantFrom('Quarantine', 'quarantine', 'Inbox/Folder', '', '__proto__', 'a\nb', 'ü')
  const when = fc.constantFrom(
    '2026-11-01T00:00:00Z',
    '2026-11-02T00:00:00.000Z',
    '2026-11-03T00:00:00Z',
    '2026-11-04T00:00:00Z',
    ''
  )
  const rows = fc.array(
    fc.tuple(when, label, label, label, label, fc.oneof(fc.nat(3), fc.constantFrom(-1, 0.5, 2 ** 60))),
    { maxLength: 6 }
  )
  const order = fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 })
  const noise = fc.record({ at: fc.array(fc.nat(7), { maxLength: 6 }), value: fc.jsonValue(), on: fc.boolean() })
  let whole = 0
  fc.assert(
    fc.property(rows, order, noise, fc.boolean(), (rows, order, noise, hunting) => {
      const answer = {
        columns: order.map((i) => DAY_COLUMNS[i] ?? (['', 'long'] as const)),
        rows: rows.map((cells) => order.map((i) => cells[i] ?? ''))
      }
      const json = JSON.parse(JSON.stringify(hunting ? asHunting(answer) : asTables(answer))) as unknown
      if (noise.on) disturb(json, noise.at, noise.value)
      let days
      try {
        days = readDaysAnswer(json, range, LIMIT)
      } catch (error) {
        return error instanceof OperationalError && ['source-incomplete', 'source-rejected'].includes(error.code)
      }
      whole++
      const cells = days.flatMap(({ day, cells }) =>
        cells.map((cell) => [
          day,
          cell.deliveryLocation,
          cell.actionType,
          cell.actionTrigger,
          cell.actionResult,
          cell.count
        ])
      )
      return JSON.stringify(cells.map(String).toSorted()) === JSON.stringify(rowsIn(json).map(String).toSorted())
    }),
    { numRuns: 3000 }
  )
  t.ok(whole > 300, 'many of them are whole')
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      try {
        readDaysAnswer(json, range, LIMIT)
        return false
      } catch (error) {
        return error instanceof OperationalError
      }
    })
  )
})

/** Puts a value somewhere into JSON. */
function disturb(json: unknown, path: readonly number[], value: unknown): void {
  let at = json as Record<string, unknown>
  for (const [depth, step] of path.entries()) {
    const keys = Object.keys(at)
    const key = keys[step % Math.max(1, keys.length)]
    if (key === undefined) return
    const inner = at[key]
    if (depth === path.length - 1 || typeof inner !== 'object' || inner === null) {
      at[key] = value
      return
    }
    at = inner as Record<string, unknown>
  }
}

/** The rows with a count that an answer holds, read in the plainest way. */
function rowsIn(json: unknown): unknown[][] {
  type Columns = { name: string }[]
  const answer = json as {
    tables?: { columns: Columns; rows: unknown[][] }[]
    schema?: Columns
    results?: Record<string, unknown>[]
  }
  const names = DAY_COLUMNS.map(([name]) => name)
  const table = answer.tables?.[0]
  const rows =
    table === undefined
      ? (answer.results ?? []).map((cells) => names.map((name) => cells[name]))
      : table.rows.map((cells) => names.map((name) => cells[table.columns.findIndex((column) => column.name === name)]))
  return rows.filter((cells) => cells[5] !== 0).map((cells) => cells.with(0, String(cells[0]).slice(0, 10)))
}
