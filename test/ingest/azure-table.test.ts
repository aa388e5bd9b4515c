// An answer as a table, and the single values in it; without a network.
import t from 'tap'
import { MAX_BODY_BYTES } from '../../src/ingest/azure/body.ts'
import { readDaysAnswer } from '../../src/ingest/azure/days.ts'
import { readTable, type ColumnType } from '../../src/ingest/azure/table.ts'
import { readCount, readDay } from '../../src/ingest/azure/values.ts'
import { d } from '../support/counts.ts'

const incomplete = { name: 'OperationalError', code: 'source-incomplete' }
const rejected = { name: 'OperationalError', code: 'source-rejected' }

const WANTED = { Day: 'datetime', Count: 'long' } as const
const columns = [
  { name: 'Day', type: 'datetime' },
  { name: 'Count', type: 'long' }
]
const read = (json: unknown): unknown => readTable(json, WANTED, 10)
const table = (name: string, count: number): object => ({ name, columns, rows: [['a day', count]] })

// --- tables -----------------------------------------------------------------------------------------------------

t.test('of several tables the one that is called the primary result is read, wherever it stands', async (t) => {
  t.strictSame(read({ tables: [table('PrimaryResult', 1), table('Statistics', 2)] }), [['a day', 1]])
  t.strictSame(read({ tables: [table('Statistics', 2), table('PrimaryResult', 1)] }), [['a day', 1]])
})

t.test('a table that stands alone is read whatever it is called', async (t) => {
  t.strictSame(read({ tables: [table('Table_0', 1)] }), [['a day', 1]])
})

t.test('several tables of which none, or more than one, is the primary result are rejected', async (t) => {
  const unclear = { ...rejected, message: /which of its tables is the result/ }
  t.throws(() => read({ tables: [table('Table_0', 1), table('Table_1', 2)] }), unclear)
  t.throws(() => read({ tables: [table('PrimaryResult', 1), table('PrimaryResult', 1)] }), unclear)
})

t.test('an error that is null is none, and any other one makes the answer incomplete', async (t) => {
  t.strictSame(read({ tables: [table('PrimaryResult', 1)], error: null }), [['a day', 1]])
  t.throws(() => read({ tables: [table('PrimaryResult', 1)], error: {} }), {
    ...incomplete,
    message: /is partial.*no reason given/
  })
})

t.test('advanced hunting sends a schema and results, and one without the other is no whole answer', async (t) => {
  const results = [{ Day: 'a day', Count: 1 }]
  t.strictSame(read({ schema: columns, results }), [['a day', 1]])
  for (const half of [{ schema: columns }, { results }]) {
    t.throws(() => read(half), { ...incomplete, message: /without columns or rows/ })
  }
  for (const none of [{}, { value: [] }]) t.throws(() => read(none), { ...incomplete, message: /holds no table/ })
  for (const none of [null, [], 'text', 5]) t.throws(() => read(none), { ...incomplete, message: /holds no table/ })
})

t.test('the schema of advanced hunting must have the columns, also where no row came', async (t) => {
  t.throws(() => read({ schema: columns.slice(1), results: [] }), { ...rejected, message: /column Day not at all/ })
  t.strictSame(read({ schema: columns, results: [] }), [])
})

t.test('a column is told by a name and a type, or by a column name and a column type', async (t) => {
  const told = [
    { ColumnName: 'Day', ColumnType: 'datetime' },
    { columnName: 'COUNT', columnType: 'Long' }
  ]
  t.strictSame(read({ tables: [{ name: 'PrimaryResult', columns: told, rows: [['a day', 1]] }] }), [['a day', 1]])
})

function readAs(wanted: ColumnType, type: unknown): unknown {
  return readTable({ tables: [{ columns: [{ name: 'A', type }], rows: [] }] }, { A: wanted }, 10)
}

t.test('types are known as either service calls them, and nothing else passes for them', async (t) => {
  const names: { readonly [T in ColumnType]: readonly string[] } = {
    datetime: ['datetime', 'DateTime', 'Date', 'System.DateTime'],
    string: ['string', 'String', 'System.String'],
    long: ['long', 'Int64', 'int', 'Int32', 'System.Int64']
  }
  for (const wanted of ['datetime', 'string', 'long'] as const) {
    for (const [kind, aliases] of Object.entries(names)) {
      for (const type of aliases) {
        if (kind === wanted) t.strictSame(readAs(wanted, type), [], `${type} is ${wanted}`)
        else
          t.throws(() => readAs(wanted, type), { ...rejected, message: new RegExp(`A is ${type} and not ${wanted}`) })
      }
    }
    for (const type of [undefined, null, 5, '', 'dynamic', 'real']) t.throws(() => readAs(wanted, type), rejected)
  }
})

// --- values -----------------------------------------------------------------------------------------------------

t.test('a day is a midnight of UTC, and the text of nothing else', async (t) => {
  for (const value of ['2026-11-01T00:00:00Z', '2026-11-01T00:00:00.0Z', '2026-11-01T00:00:00.0000000Z']) {
    t.equal(readDay(value), '2026-11-01')
  }
  const none = [
    'x2026-11-01T00:00:00Z',
    '12026-11-01T00:00:00Z',
    '2026-11-01T00:00:00Zx',
    '2026-11-01T00:00:00Z\n',
    '2026-11-01T00:00:00.Z',
    '2026-11-01T00:00:00.00000000Z',
    '2026-11-01T00:00:00.1Z',
    '2026-02-30T00:00:00Z',
    '0026-11-01T00:00:00Z',
    ['2026-11-01T00:00:00Z'],
    null
  ]
  for (const value of none) t.throws(() => readDay(value), rejected, JSON.stringify(value))
})

t.test('a count is a whole number from 0 up that is exact', async (t) => {
  for (const value of [0, 1, Number.MAX_SAFE_INTEGER]) t.equal(readCount(value, 'Count'), value)
  t.ok(Object.is(readCount(-0, 'Count'), 0), 'and the zero that has a sign is the other one')
  for (const value of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '1', [1], true, null, undefined]) {
    t.throws(() => readCount(value, 'Count'), rejected, String(value))
  }
})

t.test('what is refused is named by its column and shown as it came, if it is short and simple', async (t) => {
  const shown: [value: unknown, text: string][] = [
    [-1, '-1'],
    [true, 'true'],
    [null, 'null'],
    ['seven', "'seven'"],
    ['se\nven', "'se ven'"],
    ['a b '.repeat(50), `'${'a b '.repeat(10)}…'`],
    [{ secret: 1 }, 'object'],
    [undefined, 'undefined']
  ]
  for (const [value, text] of shown) {
    t.throws(() => readCount(value, 'Stamped'), { message: `a Stamped is ${text}, which is no whole number from 0 up` })
    t.throws(() => readDay(value), { message: `a day is ${text}, which is no midnight of UTC` })
  }
})

t.test('a label or a count that is refused is named by its column', async (t) => {
  const names = ['DeliveryLocation', 'ActionType', 'ActionTrigger', 'ActionResult', 'Count']
  const types = ['datetime', 'string', 'string', 'string', 'string', 'long']
  const days = { from: d('2026-11-01'), to: d('2026-11-01') }
  const columns = ['Day', ...names].map((name, i) => ({ name, type: types[i] }))
  for (const [i, name] of names.entries()) {
    const row: unknown[] = ['2026-11-01T00:00:00Z', 'Junk', 'Spam ZAP', 'SpecialAction', 'Success', 1]
    row[i + 1] = null
    t.throws(() => readDaysAnswer({ tables: [{ columns, rows: [row] }] }, days, 10), {
      ...rejected,
      message: new RegExp(`^a ${name} is n`)
    })
  }
})

t.test('no more of an answer is held than 128 MB', async (t) => {
  t.equal(MAX_BODY_BYTES, 134_217_728)
})
