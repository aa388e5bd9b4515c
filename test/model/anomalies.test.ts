import t from 'tap'
import { findAnomalies, HISTORY_DAYS, type Anomalies, type AnomalyQuestion } from '../../src/model/anomalies.ts'
import { LOCATIONS, type Location } from '../../src/model/cube.ts'
import { addDays, daysBetween, eachDay, numberOfDay, type Day, type DayRange } from '../../src/model/day.ts'
import type { DayState, StoredDay } from '../../src/model/reading.ts'
import { usualOf } from '../../src/model/usual.ts'
import { sampleCells } from '../../src/ingest/sample.ts'
import { cell, d } from '../support/counts.ts'
import fc from '../support/properties.ts'

type Counts = Partial<Record<Location, number>>

function stored(day: Day, counts: Counts, state: DayState = 'final'): StoredDay {
  const cells = Object.entries(counts).flatMap(([location, count]) => (count > 0 ? [cell(location, count)] : []))
  return { day, state, revision: 1, cells, damaged: false, shrunk: false }
}

/** The days of a range, by a rule for each. */
function days(from: string, to: string, countsOf: (day: Day) => Counts): StoredDay[] {
  return eachDay({ from: d(from), to: d(to) }).map((day) => stored(day, countsOf(day)))
}

/** The same days, but for some of them. */
function but(all: readonly StoredDay[], ...changed: StoredDay[]): StoredDay[] {
  const others = all.filter(({ day }) => !changed.some((change) => change.day === day))
  return [...others, ...changed].toSorted((a, b) => (a.day < b.day ? -1 : 1))
}

function find(from: string, to: string, all: readonly StoredDay[], more: Partial<AnomalyQuestion> = {}): Anomalies {
  const question = { range: { from: d(from), to: d(to) }, locations: LOCATIONS, openFrom: d('2027-01-01'), ...more }
  return findAnomalies(question, all)
}

/** Where and when, written short. */
function brief({ anomalies }: Anomalies): string[] {
  return anomalies.map(({ date, location, kind, count }) => `${date} ${location} ${kind} ${count}`)
}

const isWeekend = (day: Day): boolean => [2, 3].includes(numberOfDay(day) % 7)

/** Busy from Monday to Friday, almost quiet on the weekend; the numbers go up and down a little. */
function office(day: Day): Counts {
  const wobble = (numberOfDay(day) * 7) % 5
  return isWeekend(day) ? { Quarantine: 3 + wobble, Inbox: 1 } : { Quarantine: 60 + 5 * wobble, Inbox: 12 + wobble }
}

// Thirteen weeks before 1 November, a Sunday, and the whole of that month.
const OFFICE = days('2026-08-02', '2026-11-30', office)

t.test('ordinary weeks with quiet weekends have nothing unusual, and all of it was judged', async (t) => {
  t.same(find('2026-11-01', '2026-11-30', OFFICE), { anomalies: [], unjudged: [], silenceJudged: true, note: null })
})

t.test('a spike is found on its day, with what was expected, how far out it is, and why, in words', async (t) => {
  const spiked = but(OFFICE, stored(d('2026-11-10'), { Quarantine: 300, Inbox: 13 }))
  t.same(find('2026-11-01', '2026-11-30', spiked).anomalies, [
    {
      date: '2026-11-10',
      until: '2026-11-10',
      location: 'Quarantine',
      kind: 'high',
      count: 300,
      expected: [21, 139],
      score: 11.4,
      reason:
        '300 events in Quarantine on Tuesday 2026-11-10: more than the 139 to be expected after the 12 Tuesdays ' +
        'before, which usually had 65 to 67'
    }
  ])
})

t.test('a final day with far too little is found, and told as such', async (t) => {
  const dropped = but(OFFICE, stored(d('2026-11-10'), { Quarantine: 4, Inbox: 13 }))
  const { anomalies } = find('2026-11-01', '2026-11-30', dropped)
  t.match(anomalies, [{ date: '2026-11-10', location: 'Quarantine', kind: 'low', count: 4, score: /^-\d/ }])
  t.match(anomalies[0]?.reason, /^4 events in Quarantine on Tuesday 2026-11-10: fewer than the 21 to be expected/)
  t.equal(anomalies.length, 1)
})

t.test('a provisional day is never too low, but it can be too high, and then it may still grow', async (t) => {
  const low = but(OFFICE, stored(d('2026-11-10'), { Inbox: 1 }, 'provisional'))
  const high = but(OFFICE, stored(d('2026-11-10'), { Quarantine: 300 }, 'provisional'))
  t.same(brief(find('2026-11-01', '2026-11-30', low)), [])
  t.same(brief(find('2026-11-01', '2026-11-30', high)), ['2026-11-10 Quarantine high 300'])
  t.match(find('2026-11-01', '2026-11-30', high).anomalies[0]?.reason, /; the day is provisional and may still grow$/)
})

t.test('a weekend that is as busy as a working day is unusual', async (t) => {
  const busy = but(OFFICE, stored(d('2026-11-14'), office(d('2026-11-12'))))
  t.match(brief(find('2026-11-01', '2026-11-30', busy)), ['2026-11-14 Quarantine high 75'])
})

t.test('only the locations asked for are judged', async (t) => {
  const both = but(OFFICE, stored(d('2026-11-10'), { Quarantine: 300, Inbox: 90 }))
  t.same(brief(find('2026-11-01', '2026-11-30', both, { locations: ['Inbox'] })), ['2026-11-10 Inbox high 90'])
  t.same(brief(find('2026-11-01', '2026-11-30', both)), ['2026-11-10 Quarantine high 300', '2026-11-10 Inbox high 90'])
})

t.test('a few events where there are usually none are no alarm, many are', async (t) => {
  for (const [count, found] of [
    [2, 0],
    [7, 0],
    [8, 1]
  ] as const) {
    const some = but(OFFICE, stored(d('2026-11-10'), { ...office(d('2026-11-10')), Delete: count }))
    t.equal(find('2026-11-01', '2026-11-30', some).anomalies.length, found, `${count} events`)
  }
})

t.test('a week of holidays is told day by day, and neither it nor the week after spoils the judgement', async (t) => {
  const holidays = eachDay({ from: d('2026-11-09'), to: d('2026-11-15') }).map((day) => stored(day, { Inbox: 1 }))
  const attack = stored(d('2026-11-17'), { Quarantine: 300, Inbox: 13 })
  const found = brief(find('2026-11-01', '2026-11-30', but(OFFICE, ...holidays, attack)))
  t.same(
    found.filter((line) => line.includes('Quarantine')),
    [
      ...eachDay({ from: d('2026-11-09'), to: d('2026-11-13') }).map((day) => `${day} Quarantine low 0`),
      '2026-11-17 Quarantine high 300'
    ]
  )
  t.ok(found.every((line) => line < '2026-11-18'))
})

t.test('three spikes within a quarter do not hide the fourth on the same weekday', async (t) => {
  const spikes = ['2026-08-25', '2026-09-15', '2026-10-20', '2026-11-10']
  const all = but(OFFICE, ...spikes.map((day) => stored(d(day), { Quarantine: 300, Inbox: 13 })))
  t.same(brief(find('2026-11-01', '2026-11-30', all)), ['2026-11-10 Quarantine high 300'])
})

t.test('a new level is news for two weeks, and an ordinary day after that', async (t) => {
  for (const factor of [0.2, 3, 10]) {
    const changed = days('2026-08-02', '2027-03-31', (day) => {
      const { Quarantine = 0 } = office(day)
      return { Quarantine: isWeekend(day) ? 0 : Math.round(Quarantine * (day < '2026-11-02' ? 1 : factor)) }
    })
    const { anomalies } = find('2026-11-01', '2027-03-31', changed)
    t.equal(anomalies.length, 10, `each working day of two weeks at ${factor} times the level`)
    t.ok(anomalies.every(({ date }) => date >= '2026-11-02' && date <= '2026-11-15'))
  }
})

t.test('a level that returns within five weeks is in line at once', async (t) => {
  const changed = days('2026-08-02', '2027-03-31', (day) => {
    const { Quarantine = 0 } = office(day)
    return { Quarantine: isWeekend(day) ? 0 : day < '2026-11-02' || day > '2026-12-06' ? Quarantine : 5 * Quarantine }
  })
  t.same(brief(find('2026-11-16', '2027-03-31', changed)), [])
})

t.test('where past weeks were all alike, a count is in line between these limits', async (t) => {
  const limits = [0, 2, 5, 10, 20, 100, 1_000].map((count) => {
    const { low, high } = usualOf(Array.from({ length: 12 }, () => count))
    return [count, low, high]
  })
  t.same(limits, [
    [0, 0, 7],
    [2, 0, 14],
    [5, 0, 21],
    [10, 1, 32],
    [20, 3, 51],
    [100, 36, 197],
    [1_000, 429, 1_809]
  ])
})

t.test('a spike after a change of level is found as well', async (t) => {
  const doubled = days('2026-08-02', '2026-12-31', (day) => {
    const { Quarantine = 0 } = office(day)
    return { Quarantine: day < '2026-10-05' ? Quarantine : 3 * Quarantine }
  })
  t.same(brief(find('2026-11-01', '2026-12-31', doubled)), [])
  t.same(brief(find('2026-11-01', '2026-12-31', but(doubled, stored(d('2026-11-10'), { Quarantine: 900 })))), [
    '2026-11-10 Quarantine high 900'
  ])
})

t.test('growth by a tenth each week is no alarm', async (t) => {
  const growing = days('2026-01-05', '2026-12-31', (day) => ({
    Junk: Math.round(20 * 1.1 ** (daysBetween(d('2026-01-05'), day) / 7))
  }))
  t.same(brief(find('2026-01-05', '2026-12-31', growing)), [])
})

t.test('with too little history nothing is said but that nothing was judged', async (t) => {
  const young = days('2026-11-01', '2026-11-30', (day) => (day === '2026-11-30' ? { Quarantine: 5_000 } : office(day)))
  t.same(find('2026-11-01', '2026-11-30', young), {
    anomalies: [],
    unjudged: [{ from: '2026-11-01', to: '2026-11-30' }],
    silenceJudged: false,
    note:
      '30 of 30 covered days not judged: each needs 6 covered days of the same weekday in the 12 weeks before it; ' +
      'silence not judged: it needs 56 covered days, 30 of them with events, and there are 30 and 30'
  })
})

t.test('an unusual day after exactly six weeks is found, and one after five is not judged', async (t) => {
  const spike = stored(d('2026-11-10'), { Quarantine: 900, Inbox: 13 })
  const after = (from: string): Anomalies =>
    find('2026-11-10', '2026-11-10', but(days(from, '2026-11-10', office), spike))
  t.same(brief(after('2026-09-29')), ['2026-11-10 Quarantine high 900'])
  t.same(after('2026-09-29').unjudged, [])
  t.same(brief(after('2026-09-30')), [])
  t.same(after('2026-09-30').unjudged, [{ from: '2026-11-10', to: '2026-11-10' }])
})

t.test('the reason names the weekday, and one usual count where all weeks had the same', async (t) => {
  const alike = days('2026-08-10', '2026-11-08', () => ({ Quarantine: 60 }))
  const spikes = eachDay({ from: d('2026-11-02'), to: d('2026-11-08') }).map((day) => stored(day, { Quarantine: 300 }))
  const names = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
  t.same(
    find('2026-11-02', '2026-11-08', but(alike, ...spikes)).anomalies.map(({ reason }) => reason),
    names.map(
      (name, i) =>
        `300 events in Quarantine on ${name} 2026-11-0${i + 2}: more than the 125 to be expected after the ` +
        `12 ${name}s before, which usually had 60`
    )
  )
})

t.test('what is found comes by date, and on one date the whole table before the locations', async (t) => {
  const quiet = eachDay({ from: d('2026-11-10'), to: d('2026-11-30') }).map((day) => stored(day, {}))
  const busy = but(OFFICE, stored(d('2026-11-05'), { Quarantine: 900, Inbox: 13 }), ...quiet)
  t.same(brief(find('2026-11-01', '2026-11-11', busy)), [
    '2026-11-05 Quarantine high 900',
    '2026-11-10 total silent 0',
    '2026-11-10 Quarantine low 0',
    '2026-11-10 Inbox low 0',
    '2026-11-11 Quarantine low 0',
    '2026-11-11 Inbox low 0'
  ])
})

t.test('a day is judged from the seventh week on', async (t) => {
  const young = days('2026-09-20', '2026-11-30', office)
  t.same(find('2026-10-20', '2026-11-30', young).unjudged, [{ from: '2026-10-20', to: '2026-10-31' }])
})

t.test('a workspace without a day has nothing to judge', async (t) => {
  t.match(find('2026-11-01', '2026-11-30', []), { anomalies: [], unjudged: [], silenceJudged: false })
})

t.test('a lost, a missing and a damaged day is neither unusual nor history', async (t) => {
  const unknown = eachDay({ from: d('2026-09-07'), to: d('2026-10-18') })
  const lost = unknown.map((day) => stored(day, {}, 'lost'))
  const damaged = unknown.map((day) => ({ ...stored(day, {}, 'missing'), damaged: true }))
  const missing = OFFICE.filter(({ day }) => !unknown.includes(day))
  const answers = [but(OFFICE, ...lost), but(OFFICE, ...damaged), missing].map((all) =>
    find('2026-09-01', '2026-11-30', all)
  )
  t.same(answers[0], answers[1])
  t.same(answers[0], answers[2])
  t.same(answers[0]?.anomalies, [])
})

/** As the sample makes them. */
const isAttack = (day: Day): boolean => numberOfDay(day) % 29 === 11
const isQuiet = (day: Day): boolean => numberOfDay(day) % 17 === 5

t.test('the sample: attacks and quiet days are found, and little else', async (t) => {
  const sample: StoredDay[] = []
  for (const day of eachDay({ from: d('2026-01-01'), to: d('2026-12-31') })) {
    sample.push({ ...stored(day, {}), cells: sampleCells(day) })
  }
  const { anomalies } = find('2026-04-01', '2026-12-31', sample)
  const dates = new Set(anomalies.map(({ date }) => date))
  const working = eachDay({ from: d('2026-04-01'), to: d('2026-12-31') }).filter((day) => !isWeekend(day))
  t.same(
    working.filter((day) => (isAttack(day) || isQuiet(day)) && !dates.has(day)),
    []
  )
  t.same(
    [...dates].filter((day) => !isAttack(day) && !isQuiet(day)),
    []
  )
})

// --- properties -------------------------------------------------------------------------------------------------

const MONDAY = d('2026-11-02')
const history: DayRange = { from: addDays(MONDAY, -HISTORY_DAYS), to: MONDAY }

const anyCount = fc.oneof(fc.nat(20), fc.nat(3_000), fc.constant(0), fc.nat(Number.MAX_SAFE_INTEGER))
const anyState = fc.constantFrom<DayState>('final', 'final', 'final', 'provisional', 'lost')
const anyDays = fc.array(fc.tuple(anyCount, anyState, fc.boolean()), { minLength: 85, maxLength: 85 }).map((values) =>
  eachDay(history).flatMap((day, i) => {
    const [count = 0, state = 'final', missing = false] = values[i] ?? []
    if (missing && i % 3 === 0) return []
    return [stored(day, state === 'lost' ? {} : { Junk: count }, state)]
  })
)

const mondays = (all: readonly StoredDay[]): StoredDay[] => all.filter(({ day }) => daysBetween(day, MONDAY) % 7 === 0)
const ofMonday = (all: readonly StoredDay[]): Anomalies['anomalies'] =>
  find(MONDAY, MONDAY, all).anomalies.filter(({ location }) => location === 'Junk')

t.test('whatever the counts, a judgement is made of numbers, and fits what it says', async (t) => {
  fc.assert(
    fc.property(anyDays, (all) => {
      for (const { count, expected, score, kind, date } of find(history.from, MONDAY, all).anomalies) {
        const [low, high] = expected
        if (![count, low, high].every((value) => Number.isInteger(value) && value >= 0)) return false
        if (!Number.isFinite(score) || low > high || Math.abs(score) < 4.5) return false
        if (kind === 'high' ? count <= high || score < 0 : count >= low || score > 0) return false
        if (kind === 'low' && all.find(({ day }) => day === date)?.state !== 'final') return false
      }
      return true
    })
  )
  t.pass()
})

t.test('what other weekdays had has no part in the judgement of a Monday', async (t) => {
  fc.assert(
    fc.property(anyDays, anyDays, (all, others) => {
      const mixed = [...mondays(all), ...others.filter(({ day }) => daysBetween(day, MONDAY) % 7 !== 0)]
      t.same(ofMonday(mixed), ofMonday(all))
    })
  )
})

t.test('a day of which nothing is known, or that is too long ago, changes nothing', async (t) => {
  fc.assert(
    fc.property(anyDays, anyCount, (all, count) => {
      const known = new Set(all.map(({ day }) => day))
      const lost = eachDay(history).flatMap((day) => (known.has(day) ? [] : [stored(day, {}, 'lost')]))
      const old = stored(addDays(MONDAY, -HISTORY_DAYS - 7), { Junk: count })
      t.same(ofMonday([old, ...all, ...lost]), ofMonday(all))
    })
  )
})

t.test('the order in which days are given has no part', async (t) => {
  fc.assert(
    fc.property(anyDays, (all) => {
      t.same(find(history.from, MONDAY, all.toReversed()), find(history.from, MONDAY, all))
    })
  )
})

t.test('a range answers as its parts do', async (t) => {
  fc.assert(
    fc.property(anyDays, (all) => {
      const unusual = (from: Day, to: Day): unknown =>
        find(from, to, all).anomalies.filter(({ kind }) => kind !== 'silent')
      const parts = eachDay({ from: addDays(MONDAY, -20), to: MONDAY }).flatMap((day) => unusual(day, day))
      t.same(unusual(addDays(MONDAY, -20), MONDAY), parts)
    }),
    { numRuns: 20 }
  )
})
