import t from 'tap'
import { DIMENSIONS, foldCells, foldLabel, type Dimension } from '../../src/model/cube.ts'
import { dayOfNumber } from '../../src/model/day.ts'
import type { StoredDay } from '../../src/model/reading.ts'
import { buildSeries, BY, type SeriesQuery } from '../../src/model/series.ts'
import { addUp, type Sorting } from '../../src/model/sums.ts'
import { packDay, readDays } from '../../src/store/day-rows.ts'
import { createLabelBook, type LabelBook } from '../../src/store/label-book.ts'
import { packCells } from '../../src/store/packed-cells.ts'
import { addUpPacked } from '../../src/store/packed-sums.ts'
import { cell } from '../support/counts.ts'
import fc from '../support/properties.ts'
import { someCellsOf } from '../support/some-cells.ts'

const newBook = (lastId = 0): LabelBook => createLabelBook({ rows: [], lastId, add: () => {} })

const LABELS = ['', 'Junk', 'Inbox/Folder', 'Quarantine', 'Deleted items', 'é', '__proto__', '(none)']
const label = fc.constantFrom(...LABELS)
const someCells = someCellsOf(label)
const someLabels = fc.option(fc.uniqueArray(label, { minLength: 1, maxLength: 4 }), { nil: undefined })
const someFilters = fc.record({
  deliveryLocation: someLabels,
  actionType: someLabels,
  actionTrigger: someLabels,
  actionResult: someLabels
})

/** A column for each label, in the order in which they are met. */
function sortingBy(by: Dimension, filters: { readonly [D in Dimension]?: readonly string[] | undefined }): Sorting {
  const met: string[] = []
  const passes = DIMENSIONS.flatMap((dimension) => {
    const asked = filters[dimension]
    return asked === undefined ? [] : [[dimension, (text: string) => asked.includes(text)] as const]
  })
  return {
    by,
    columnOf(text) {
      if (!met.includes(text)) met.push(text)
      return met.indexOf(text)
    },
    passes: Object.fromEntries(passes)
  }
}

t.test('packed cells add up to what the cells add up to, day after day, whatever is asked', async () => {
  fc.assert(
    fc.property(
      fc.array(someCells, { maxLength: 6 }),
      fc.constantFrom(...DIMENSIONS),
      someFilters,
      fc.constantFrom(0, 120, 20_000),
      (days, by, filters, lastId) => {
        const book = newBook(lastId)
        const packed = days.map((cells) => packCells(cells, book))
        const [ofCells, ofBytes] = [sortingBy(by, filters), sortingBy(by, filters)]
        const expected = days.map((cells) => addUp(cells, ofCells))
        const found = packed.map((bytes) => addUpPacked(bytes, book, ofBytes))
        if (JSON.stringify(found) !== JSON.stringify(expected)) {
          throw new Error(`${JSON.stringify(found)} and not ${JSON.stringify(expected)}`)
        }
      }
    )
  )
})

t.test('a series of rows as they are stored is that of the days that they say', async () => {
  const someQuery = fc.record({
    by: fc.constantFrom(...BY),
    locations: fc.subarray(['Quarantine', 'Delete', 'Junk', 'Inbox', 'Other'] as const, { minLength: 1 }),
    filters: someFilters
  })
  fc.assert(
    fc.property(fc.array(someCells, { maxLength: 6 }), someQuery, (days, { by, locations, filters }) => {
      const range = { from: dayOfNumber(20_000), to: dayOfNumber(20_000 + days.length) }
      const labels = Object.fromEntries(Object.entries(filters).filter(([, asked]) => asked !== undefined))
      const query: SeriesQuery = { range, by, step: 'day', locations, labels, today: range.to }
      const book = newBook()
      const entries = days.map((cells, i) => {
        const changedAt = new Date(0)
        return { day: dayOfNumber(20_000 + i), state: 'final' as const, revision: i + 1, changedAt, cells }
      })
      const plain = entries.map(({ day, state, revision, cells }): StoredDay => {
        return { day, state, revision, cells, damaged: false, shrunk: false }
      })
      const stored = readDays(
        7,
        entries.map((entry) => packDay(7, entry, book)),
        book
      )
      const [found, expected] = [buildSeries(query, stored), buildSeries(query, plain)]
      if (JSON.stringify(found) !== JSON.stringify(expected)) {
        throw new Error(`${JSON.stringify(found)} and not ${JSON.stringify(expected)}`)
      }
    })
  )
})

t.test('a damaged row adds up to nothing', async (t) => {
  const book = newBook()
  const entry = { day: dayOfNumber(20_000), state: 'final' as const, revision: 1, changedAt: new Date(0) }
  const row = packDay(7, { ...entry, cells: [cell('Inbox', 5)] }, book)
  const range = { from: entry.day, to: entry.day }
  const query: SeriesQuery = {
    range,
    by: 'total',
    step: 'day',
    locations: ['Quarantine', 'Delete', 'Junk', 'Inbox', 'Other'],
    labels: {},
    today: range.to
  }
  const total = (checksum: number): unknown => buildSeries(query, readDays(7, [{ ...row, checksum }], book)).rows
  t.match(total(row.checksum), [{ state: 'final', values: [5] }])
  t.match(total(row.checksum + 1), [{ state: 'missing', values: [null] }])
})

t.test('a label is asked for once for all days, and no column opens for cells that take no part', async (t) => {
  const asked: string[] = []
  const sorting: Sorting = {
    by: 'deliveryLocation',
    columnOf: (text) => asked.push(`column of ${text}`) - 1,
    passes: { actionType: (text) => (asked.push(text), foldLabel(text) === 'phish zap') }
  }
  const book = newBook()
  const cells = [cell('Inbox', 1, { actionType: 'Phish ZAP' }), cell('Inbox', 2), cell('Junk', 3)]
  const bytes = packCells(foldCells(cells), book)
  for (let day = 0; day < 3; day++) addUpPacked(bytes, book, sorting)
  t.strictSame(asked, ['Phish ZAP', 'column of Inbox', 'Spam ZAP'])
})
