import t from 'tap'
import { findAnomalies, type Anomalies } from '../../src/model/anomalies.ts'
import { eachDay, numberOfDay, type Day } from '../../src/model/day.ts'
import type { DayState, StoredDay } from '../../src/model/reading.ts'
import { findSilences, isEnough, type Total } from '../../src/model/silence.ts'
import { cell, d } from '../support/counts.ts'
import fc from '../support/properties.ts'

/** Sunday, 1 November, has a history of 92 days; the connector falls silent on Tuesday, 10 November. */
const START = '2026-08-01'
const isWeekend = (day: Day): boolean => [2, 3].includes(numberOfDay(day) % 7)

function stored(day: Day, count: number, state: DayState = 'final'): StoredDay {
  return { day, state, revision: 1, cells: count === 0 ? [] : [cell('Inbox', count)], damaged: false, shrunk: false }
}

/** Ten events a day but on weekends, until the connector falls silent; from then on nothing is ever final. */
function connector(silentFrom: string, to = '2026-11-30', weekend = 0): StoredDay[] {
  return eachDay({ from: d(START), to: d(to) }).map((day) => {
    if (day >= silentFrom) return stored(day, 0, 'provisional')
    return stored(day, isWeekend(day) ? weekend : 10)
  })
}

/** Silence alone: no location is judged. */
function find(days: readonly StoredDay[], from: string, to: string, openFrom = '2027-01-01'): Anomalies {
  return findAnomalies({ range: { from: d(from), to: d(to) }, locations: [], openFrom: d(openFrom) }, days)
}

function without(days: readonly StoredDay[], ...gap: string[]): StoredDay[] {
  return days.filter(({ day }) => !gap.includes(day))
}

t.test('a connector that falls silent is noticed on the first day that no weekend explains, once', async (t) => {
  t.same(find(connector('2026-11-10'), '2026-11-01', '2026-11-30').anomalies, [
    {
      date: '2026-11-12',
      until: '2026-11-30',
      location: 'total',
      kind: 'silent',
      count: 0,
      expected: [1, 32],
      score: -31.5,
      reason:
        'No event in the whole table from 2026-11-10 to 2026-11-30, 21 days: ' +
        'before, it was never quiet for more than 2 days'
    }
  ])
})

t.test('where no day was ever quiet, the first one is silence', async (t) => {
  const { anomalies } = find(connector('2026-11-10', '2026-11-10', 3), '2026-11-01', '2026-11-10')
  t.match(anomalies, [{ date: '2026-11-10', until: '2026-11-10', kind: 'silent', score: -4.5 }])
  t.equal(anomalies[0]?.reason, 'No event in the whole table on 2026-11-10, 1 day: before, no day was without an event')
})

t.test('two quiet days where weekends are quiet are none', async (t) => {
  t.same(find(connector('2026-11-10', '2026-11-11'), '2026-11-01', '2026-11-11').anomalies, [])
})

t.test('a day that may have been read before it was over proves no silence', async (t) => {
  const days = connector('2026-11-10', '2026-11-12')
  t.same(find(days, '2026-11-01', '2026-11-12', '2026-11-12').anomalies, [])
  t.match(find(days, '2026-11-01', '2026-11-12', '2026-11-13').anomalies, [{ date: '2026-11-12' }])
})

t.test('a silence that goes on is told of every range that it reaches into, and ends with an event', async (t) => {
  const back = connector('2026-11-10').map((day) => (day.day > '2026-11-20' ? stored(day.day, 10) : day))
  t.match(find(back, '2026-11-15', '2026-11-30').anomalies, [{ date: '2026-11-15', until: '2026-11-20' }])
  t.match(find(back, '2026-11-15', '2026-11-16').anomalies, [{ date: '2026-11-15', until: '2026-11-16' }])
  t.match(find(back, '2026-11-20', '2026-11-30').anomalies, [{ date: '2026-11-20', until: '2026-11-20' }])
  t.same(find(back, '2026-11-21', '2026-11-30').anomalies, [])
  t.same(find(back, '2026-11-01', '2026-11-11').anomalies, [])
})

t.test('silence is told beside the locations, or where only one of them was asked for', async (t) => {
  const question = { range: { from: d('2026-11-01'), to: d('2026-11-30') }, openFrom: d('2027-01-01') }
  const { anomalies } = findAnomalies({ ...question, locations: ['Junk'] }, connector('2026-11-10'))
  t.match(anomalies, [{ location: 'total', kind: 'silent' }])
})

t.test('what was quiet once for so long is no silence the next time', async (t) => {
  const holidays = eachDay({ from: d('2026-10-12'), to: d('2026-10-16') })
  const days = connector('2026-11-10').map((day) => (holidays.includes(day.day) ? stored(day.day, 0) : day))
  // From Saturday, 10, to Sunday, 18 October: nine days.
  t.match(find(days, '2026-10-01', '2026-11-30').anomalies, [
    { date: '2026-10-12', until: '2026-10-18', kind: 'silent' },
    { date: '2026-11-19', until: '2026-11-30', kind: 'silent' }
  ])
})

t.test('days of which nothing is known are not quiet: they neither make nor end a silence', async (t) => {
  const silent = connector('2026-11-10')
  t.match(find(without(silent, '2026-11-11'), '2026-11-01', '2026-11-30').anomalies, [{ date: '2026-11-14' }])
  t.match(find(without(silent, '2026-11-20'), '2026-11-01', '2026-11-30').anomalies, [
    { date: '2026-11-12', until: '2026-11-30', reason: /, 20 days:/ }
  ])
  const weekendsOnly = connector('2026-12-01').filter(({ day }) => day < '2026-11-01' || isWeekend(day))
  t.same(find(weekendsOnly, '2026-11-01', '2026-11-30').anomalies, [])
})

t.test(
  'without eight weeks, or without thirty days with events, nobody knows what silence is, and it says so',
  async (t) => {
    const young = connector('2026-09-25', '2026-10-31')
    const { anomalies, silenceJudged } = find(young, '2026-09-01', '2026-10-31')
    t.same(anomalies, [])
    t.equal(silenceJudged, true)

    const rare = eachDay({ from: d(START), to: d('2026-11-30') }).map((day) => stored(day, day.endsWith('5') ? 1 : 0))
    const answer = find(rare, '2026-11-01', '2026-11-30')
    t.same(answer.anomalies, [])
    t.equal(
      answer.note,
      'silence not judged: it needs 56 covered days, 30 of them with events, and there are 122 and 12'
    )
  }
)

t.test('a workspace that has never had an event is not silent but empty', async (t) => {
  const empty = eachDay({ from: d(START), to: d('2026-11-30') }).map((day) => stored(day, 0))
  t.match(find(empty, '2026-08-01', '2026-11-30'), { anomalies: [], silenceJudged: false })
})

t.test('enough is known with the fifty-sixth day, if thirty of them had events, and not with one less', async (t) => {
  t.ok(isEnough({ days: 56, withEvents: 30 }))
  t.notOk(isEnough({ days: 55, withEvents: 55 }))
  t.notOk(isEnough({ days: 100, withEvents: 29 }))
})

t.test('what is known are the days whose total is, quiet ones and ones with events', async (t) => {
  t.strictSame(findSilences([5, null, 0, 1, null, 0, 0]).known, { days: 5, withEvents: 2 })

  const known = Array.from({ length: 55 }, (): Total => 3)
  t.strictSame(findSilences([...known, null, 0]).silences, [], 'the day of which nothing is known is not the 56th')
  t.strictSame(findSilences([...known, 3, 0]).silences, [
    { first: 56, noticed: 56, last: 56, days: 1, longestBefore: 0 }
  ])
})

function longestQuiet(totals: readonly Total[]): number {
  const quiet = totals.map((total) => (total === 0 ? 'q' : ' ')).join('')
  return Math.max(...quiet.split(' ').map(({ length }) => length))
}

t.test('each silence is longer than any quiet time before it, and is told once', async (t) => {
  const anyTotals = fc.array(fc.constantFrom<Total>(0, 0, 0, 1, 2, 5, null), { minLength: 60, maxLength: 400 })
  fc.assert(
    fc.property(anyTotals, (totals) => {
      let end = -1
      for (const silence of findSilences(totals).silences) {
        if (silence.first <= end || silence.noticed < silence.first || silence.last < silence.noticed) return false
        if (silence.noticed - silence.first !== longestQuiet(totals.slice(0, silence.first))) return false
        const within = totals.slice(silence.first, silence.last + 1)
        if (within.some((total) => total !== 0 && total !== null)) return false
        end = silence.last
      }
      return true
    })
  )
  t.pass()
})

t.test('a sparse workspace is called silent less than once a year', async (t) => {
  let seed = 1
  const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647
  for (const perDay of [0.05, 0.1, 0.3, 1, 3]) {
    const years = 200
    let silences = 0
    for (let year = 0; year < years; year++) {
      // Two years each, of which the first months are too young to tell.
      const totals = Array.from({ length: 730 }, () => (random() < 1 - Math.exp(-perDay) ? 1 : 0))
      silences += findSilences(totals).silences.length
    }
    t.comment(`${perDay} events a day: ${(silences / years / 2).toFixed(2)} silences a year`)
    t.ok(silences / years / 2 < 1, `${perDay} events a day`)
  }
})
