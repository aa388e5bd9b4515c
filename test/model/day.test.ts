// The calendar over 400 years, after which the Gregorian one repeats: every day of them, against what Date says.
import assert from 'node:assert/strict'
import t from 'tap'
import {
  addDays,
  dayOf,
  dayOfNumber,
  daysBetween,
  eachDay,
  earlier,
  firstOfMonth,
  isDay,
  later,
  lengthOf,
  mondayOf,
  MS_PER_DAY,
  numberOfDay,
  parseDay,
  toRanges,
  type Day
} from '../../src/model/day.ts'
import { OperationalError } from '../../src/model/errors.ts'
import fc from '../support/properties.ts'

const FIRST = Date.UTC(1900, 0, 1)
const DAYS_OF_400_YEARS = 146_097

const two = (number: number): string => String(number).padStart(2, '0')
/** Midnight of every day from 1900 to 2299, and its text put together from the parts of the date. */
const calendar = Array.from({ length: DAYS_OF_400_YEARS }, (_, i) => {
  const midnight = new Date(FIRST + i * MS_PER_DAY)
  const month = `${midnight.getUTCFullYear()}-${two(midnight.getUTCMonth() + 1)}`
  return { midnight, text: `${month}-${two(midnight.getUTCDate())}`, month }
})
const days = calendar.map(({ text }) => parseDay(text))

/** The first few entries of the calendar for which a claim does not hold; none, one hopes. */
function exceptions(holds: (entry: (typeof calendar)[number], index: number) => boolean): string[] {
  const found: string[] = []
  calendar.forEach((entry, index) => {
    if (found.length < 5 && !holds(entry, index)) found.push(entry.text)
  })
  return found
}

const anyDay = fc.integer({ min: 0, max: DAYS_OF_400_YEARS - 1 }).map((i) => dayAt(i))
function dayAt(index: number): Day {
  const day = days[index]
  if (day === undefined) throw new Error(`no day ${index}`)
  return day
}

t.test('the calendar of the test goes from the first to the last day of 400 years', async (t) => {
  t.equal(calendar[0]?.text, '1900-01-01')
  t.equal(calendar.at(-1)?.text, '2299-12-31')
})

t.test('every day of 400 years is a day, and its number leads back to it', async (t) => {
  const wrong = exceptions(({ text, midnight }) => {
    return (
      isDay(text) && numberOfDay(text) === midnight.getTime() / MS_PER_DAY && dayOfNumber(numberOfDay(text)) === text
    )
  })
  t.strictSame(wrong, [])
})

t.test('a day holds its first and its last millisecond, and none of its neighbours', async (t) => {
  const wrong = exceptions(({ text, midnight }, i) => {
    const at = (ms: number): string => dayOf(new Date(midnight.getTime() + ms))
    const neighbours = i === 0 || at(-1) === calendar[i - 1]?.text
    return at(0) === text && at(MS_PER_DAY - 1) === text && at(MS_PER_DAY) !== text && neighbours
  })
  t.strictSame(wrong, [])
})

t.test('the days of 400 years sort as text in order of time', async (t) => {
  t.strictSame(days.toSorted(), days)
})

t.test('adding days walks the calendar in both directions', async (t) => {
  const steps = [1, 30, 366, 3_660]
  const wrong = exceptions(({ text }, i) => {
    return steps.every((step) => {
      const there = calendar[i + step]?.text
      return there === undefined || (addDays(text as Day, step) === there && addDays(there as Day, -step) === text)
    })
  })
  t.strictSame(wrong, [])
})

t.test('the distance of two days is what must be added to come from one to the other', async (t) => {
  fc.assert(
    fc.property(anyDay, anyDay, (a, b) => {
      return addDays(a, daysBetween(a, b)) === b && daysBetween(b, a) === 0 - daysBetween(a, b)
    })
  )
  t.equal(daysBetween(dayAt(0), dayAt(146_096)), 146_096)
})

t.test('the Monday of a day is the last day before or on it that Date calls a Monday', async (t) => {
  let monday = '1900-01-01'
  const wrong = exceptions(({ text, midnight }) => {
    if (midnight.getUTCDay() === 1) monday = text
    return mondayOf(text as Day) === monday
  })
  t.equal(new Date(FIRST).getUTCDay(), 1, '1900 began with a Monday')
  t.strictSame(wrong, [])
})

t.test('weeks are those of ISO 8601: the year of a week is that of its Thursday', async (t) => {
  // From the standard's own examples: the first and the last days of years that belong to a week of another year.
  const examples: [string, string][] = [
    ['1976-12-31', '1976-12-27'],
    ['1977-01-01', '1976-12-27'],
    ['1977-01-02', '1976-12-27'],
    ['1977-01-03', '1977-01-03'],
    ['1979-12-31', '1979-12-31'],
    ['1981-01-04', '1980-12-29'],
    ['2008-12-29', '2008-12-29'],
    ['2010-01-03', '2009-12-28'],
    ['1969-12-31', '1969-12-29'],
    ['1970-01-01', '1969-12-29']
  ]
  t.strictSame(
    examples.map(([day]) => mondayOf(parseDay(day))),
    examples.map(([, monday]) => monday)
  )
})

t.test('the first of a month is the day 01 of the same year and month', async (t) => {
  t.strictSame(
    exceptions(({ text, month }) => firstOfMonth(text as Day) === `${month}-01`),
    []
  )
})

t.test('around the end of every month only the days of the calendar are days', async (t) => {
  const known = new Set<string>(days)
  const wrong: string[] = []
  for (let year = 1900; year < 2300; year++) {
    for (let month = 0; month <= 13; month++) {
      for (const date of [0, 1, 2, 27, 28, 29, 30, 31, 32, 99]) {
        const text = `${year}-${two(month)}-${two(date)}`
        if (isDay(text) !== known.has(text)) wrong.push(text)
      }
    }
  }
  t.strictSame(wrong, [])
})

t.test('what is no day is refused, with the text that was given and how to write one', async (t) => {
  const none = [
    '',
    ' ',
    'today',
    '2026',
    '2026-11',
    '2026-1-1',
    '2026-11-1',
    '26-11-01',
    '02026-11-01',
    '+002026-11-01',
    '-002026-11-01',
    '0999-12-31',
    '0000-01-01',
    '10000-01-01',
    '2026-11-01T00:00:00Z',
    '2026-11-01Z',
    ' 2026-11-01',
    '2026-11-01 ',
    '2026-11-01\n',
    '2026/11/01',
    '20261101',
    '2026-W45-1',
    '2026-306',
    '1793491200000',
    '２０２６-11-01',
    '٢٠٢٦-١١-٠١',
    '2026\u201311\u201301'
  ]
  for (const text of none) {
    t.notOk(isDay(text), JSON.stringify(text))
    t.throws(
      () => parseDay(text),
      new OperationalError('invalid-request', `'${text}' is no day: write it like 2026-11-01`)
    )
  }
})

t.test('no text is a day but the one that its own number is written as', async () => {
  const digits = fc.stringMatching(/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/)
  fc.assert(
    fc.property(fc.oneof(fc.string(), digits), (text) => !isDay(text) || dayOfNumber(numberOfDay(text)) === text),
    { numRuns: 2_000 }
  )
})

t.test('a number that is none is no day', async (t) => {
  for (const number of [Number.NaN, Number.POSITIVE_INFINITY, 1e12, -1e12])
    t.notOk(isDay(dayOfNumber(number)), `${number}`)
})

t.test('a range has both its ends, one day each, oldest first', async () => {
  fc.assert(
    fc.property(fc.nat({ max: DAYS_OF_400_YEARS - 1 }), fc.nat({ max: 800 }), (start, more) => {
      const expected = days.slice(start, start + more + 1)
      const range = { from: dayAt(start), to: addDays(dayAt(start), expected.length - 1) }
      assert.equal(lengthOf(range), expected.length)
      assert.deepEqual(eachDay(range), expected)
    }),
    { numRuns: 50 }
  )
})

t.test('a range whose ends are in the wrong order holds no day', async (t) => {
  const range = { from: parseDay('2026-03-02'), to: parseDay('2026-03-01') }
  t.equal(lengthOf(range), 0)
  t.strictSame(eachDay(range), [])
})

t.test('of two days one is the earlier and one the later', async () => {
  fc.assert(
    fc.property(anyDay, anyDay, (a, b) => {
      const inOrder = numberOfDay(earlier(a, b)) <= numberOfDay(later(a, b))
      return inOrder && [earlier(a, b), later(a, b)].toSorted().join() === [a, b].toSorted().join()
    })
  )
})

t.test('days become the fewest ranges that hold them and no other day', async (t) => {
  const someDays = fc.array(fc.integer({ min: 70_000, max: 70_040 }).map(dayAt), { maxLength: 60 })
  fc.assert(
    fc.property(someDays, (some) => {
      const ranges = toRanges(some)
      assert.deepEqual(ranges.flatMap(eachDay), [...new Set(some)].toSorted(), 'the same days, each once, oldest first')
      const holes = ranges.slice(1).map((range, i) => daysBetween(ranges[i]?.to ?? range.from, range.from))
      assert.ok(
        holes.every((hole) => hole >= 2),
        'between two ranges a day is missing'
      )
    })
  )
  t.strictSame(toRanges([]), [])
})
