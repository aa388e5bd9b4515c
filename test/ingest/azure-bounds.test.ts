// What an answer to the question for bounds may say, and what is made of it; without a network.
import t from 'tap'
import { readBoundsAnswer, type BoundsTerms } from '../../src/ingest/azure/bounds.ts'
import type { Day } from '../../src/model/day.ts'
import { OperationalError } from '../../src/model/errors.ts'
import { asTables } from '../support/azure-table.ts'
import fc from '../support/properties.ts'

const d = (text: string): Day => text as Day
const incomplete = { name: 'OperationalError', code: 'source-incomplete' }
const rejected = { name: 'OperationalError', code: 'source-rejected' }
const terms: BoundsTerms = {
  from: d('2026-10-18'),
  today: d('2026-11-20'),
  lagDays: 7,
  retentionDays: 30,
  timeColumn: 'auto',
  rowLimit: 1000
}
const arrivals = (...rows: [string, number, number, number, number][]): object =>
  asTables({
    columns: [
      ['Day', 'datetime'],
      ['Arrived', 'long'],
      ['Ingested', 'long'],
      ['Dated', 'long'],
      ['Stamped', 'long']
    ],
    rows: Array.from(rows, ([day, ...counts]) => [`${day}T00:00:00Z`, ...counts])
  })

const first = (...rows: Parameters<typeof arrivals>): unknown =>
  readBoundsAnswer(arrivals(...rows), terms).bounds?.firstArrival
const column = (answer: object, timeColumn: BoundsTerms['timeColumn']): unknown =>
  readBoundsAnswer(answer, { ...terms, timeColumn }).timeColumn

t.test('the bounds are the first and last day of arrival, and the last that lies as far back as the lag', async (t) => {
  const answer = arrivals(
    ['2026-11-19', 5, 5, 5, 5],
    ['2026-11-01', 5, 5, 5, 5],
    ['2026-11-13', 1, 1, 1, 1],
    ['2026-11-14', 2, 2, 2, 2]
  )
  t.same(readBoundsAnswer(answer, terms), {
    timeColumn: 'Timestamp',
    bounds: { today: '2026-11-20', firstArrival: '2026-11-01', lastArrival: '2026-11-19', proof: '2026-11-13' }
  })
  t.match(readBoundsAnswer(answer, { ...terms, lagDays: 0 }), { bounds: { proof: '2026-11-19' } })
  t.match(readBoundsAnswer(answer, { ...terms, lagDays: 29 }), { bounds: { proof: null } })
})

t.test('arrivals before the start of day T-R-2 do not count, though one day more is asked for', async (t) => {
  t.match(readBoundsAnswer(arrivals(['2026-10-18', 5, 5, 5, 5], ['2026-11-19', 5, 5, 5, 5]), terms), {
    bounds: { firstArrival: '2026-11-19' }
  })
  t.match(readBoundsAnswer(arrivals(['2026-10-19', 5, 5, 5, 5], ['2026-11-19', 5, 5, 5, 5]), terms), {
    bounds: { firstArrival: '2026-10-19' }
  })
  t.match(readBoundsAnswer(arrivals(['2026-10-18', 5, 5, 5, 5]), { ...terms, today: d('2026-11-19') }), {
    bounds: { firstArrival: '2026-10-18' }
  })
  t.same(readBoundsAnswer(arrivals(['2026-10-18', 5, 5, 5, 5]), terms).bounds, null)
  t.throws(() => readBoundsAnswer(arrivals(['2026-10-17', 5, 5, 5, 5]), terms), rejected)
})

t.test('where no row of a day has an ingestion time, it counts two days later for the first arrival', async (t) => {
  t.equal(first(['2026-11-01', 5, 0, 5, 5], ['2026-11-09', 5, 0, 5, 5]), '2026-11-03')
  t.equal(first(['2026-11-01', 5, 1, 5, 5], ['2026-11-09', 5, 0, 5, 5]), '2026-11-01')
  t.equal(first(['2026-11-01', 5, 0, 5, 5], ['2026-11-02', 5, 5, 5, 5]), '2026-11-02')
  t.equal(first(['2026-11-19', 5, 0, 5, 5]), '2026-11-20', 'never after T')
})

t.test('rows of tomorrow prove nothing, and nothing arrives after today', async (t) => {
  t.match(
    readBoundsAnswer(arrivals(['2026-11-19', 1, 1, 1, 1], ['2031-01-01', 1, 1, 1, 1]), { ...terms, lagDays: 0 }),
    {
      bounds: { lastArrival: '2026-11-20', proof: '2026-11-19' }
    }
  )
})

t.test('without a row there are no bounds, and it is not known which columns there are', async (t) => {
  t.same(readBoundsAnswer(arrivals(), terms), { bounds: null, timeColumn: null })
  t.same(readBoundsAnswer(arrivals(['2026-11-01', 0, 0, 0, 0]), { ...terms, timeColumn: 'Timestamp' }), {
    bounds: null,
    timeColumn: 'Timestamp'
  })
})

t.test(
  'the time column is the one that is set, else Timestamp where there is one; one that is not there is refused',
  async (t) => {
    const both = arrivals(['2026-11-01', 5, 5, 5, 5])
    const generatedOnly = arrivals(['2026-11-01', 5, 5, 5, 0])
    const undated = arrivals(['2026-11-01', 5, 5, 0, 0])
    t.same([column(both, 'auto'), column(both, 'TimeGenerated')], ['Timestamp', 'TimeGenerated'])
    t.same([column(generatedOnly, 'auto'), column(generatedOnly, 'TimeGenerated')], ['TimeGenerated', 'TimeGenerated'])
    t.throws(() => column(undated, 'Timestamp'), { ...rejected, message: /Timestamp \(TIME_COLUMN\)/ })
    t.throws(() => column(undated, 'auto'), rejected)
  }
)

t.test('bounds that contradict themselves are refused', async (t) => {
  t.throws(() => readBoundsAnswer(arrivals(['2026-11-01', 5, 6, 5, 5]), terms), rejected)
  t.throws(() => readBoundsAnswer(arrivals(['2026-11-01', 5, 5, 5, 5], ['2026-11-01', 5, 5, 5, 5]), terms), rejected)
  t.throws(() => readBoundsAnswer(arrivals(['2026-11-01', -5, -5, 5, 5]), terms), rejected)
  t.throws(() => readBoundsAnswer({ ...arrivals(), error: { message: 'x' } }, terms), incomplete)
})

t.test('whatever comes, nothing but one of our errors is thrown', async (t) => {
  const days = fc.array(
    fc.tuple(fc.constantFrom('2026-11-01', '2026-11-02', '2026-10-17', 'x'), fc.nat(3), fc.nat(3), fc.nat(3), fc.nat(3))
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.jsonValue(),
        days.map((rows) => arrivals(...rows))
      ),
      (json) => {
        try {
          const { bounds } = readBoundsAnswer(json, terms)
          return bounds === null || (bounds.firstArrival >= '2026-11-01' && bounds.lastArrival <= '2026-11-02')
        } catch (error) {
          return error instanceof OperationalError
        }
      }
    )
  )
  t.pass('for every case')
})
