// The UTC calendar day: the unit of everything that is asked, stored, marked and served.
import { OperationalError } from './errors.ts'

/** `YYYY-MM-DD`, a UTC calendar day from the year 1000 to 9999; sorts as text in order of time. */
export type Day = string & { readonly __brand: 'Day' }

/** Days from `from` to `to`; both ends belong to it. */
export interface DayRange {
  readonly from: Day
  readonly to: Day
}

export const MS_PER_DAY = 86_400_000

/** The day that a text names; throws `invalid-request` for anything that is no day of the calendar. */
export function parseDay(text: string): Day {
  if (isDay(text)) return text
  throw new OperationalError('invalid-request', `'${text}' is no day: write it like 2026-11-01`)
}

export function isDay(text: string): text is Day {
  return /^[1-9]\d{3}-\d{2}-\d{2}$/.test(text) && dayOfNumber(Date.parse(text) / MS_PER_DAY) === text
}

/** The UTC day that holds an instant. */
export function dayOf(instant: Date): Day {
  return known(instant.toISOString().slice(0, 10))
}

/** Days since 1970-01-01, which is 0. */
export function numberOfDay(day: Day): number {
  return Date.parse(day) / MS_PER_DAY
}

/** The days that were last asked for by their numbers: some decades of them, which are nearly all that there are. */
const remembered = new Map<number, Day>()
const MOST_REMEMBERED = 20_000

/** The inverse of `numberOfDay`; of a number that is none, a text that is no day. */
export function dayOfNumber(number: number): Day {
  const before = remembered.get(number)
  if (before !== undefined) return before
  const instant = new Date(number * MS_PER_DAY)
  const day = known(Number.isNaN(instant.getTime()) ? '' : instant.toISOString().slice(0, 10))
  if (remembered.size >= MOST_REMEMBERED) remembered.clear()
  remembered.set(number, day)
  return day
}

export function addDays(day: Day, days: number): Day {
  return dayOfNumber(numberOfDay(day) + days)
}

/** How many days `to` lies after `from`; negative where it lies before. */
export function daysBetween(from: Day, to: Day): number {
  return numberOfDay(to) - numberOfDay(from)
}

/** How many days a range holds; none where its ends are in the wrong order. */
export function lengthOf(range: DayRange): number {
  return Math.max(0, daysBetween(range.from, range.to) + 1)
}

/** Every day of the range, oldest first. */
export function eachDay(range: DayRange): Day[] {
  const first = numberOfDay(range.from)
  return Array.from({ length: lengthOf(range) }, (_, i) => dayOfNumber(first + i))
}

export function earlier(a: Day, b: Day): Day {
  return a < b ? a : b
}

export function later(a: Day, b: Day): Day {
  return a > b ? a : b
}

/** The Monday on which the ISO week of a day begins. */
export function mondayOf(day: Day): Day {
  // 1970-01-01 was a Thursday, three days after a Monday.
  const number = numberOfDay(day)
  return dayOfNumber(number - ((((number + 3) % 7) + 7) % 7))
}

/** The first day of the month of a day. */
export function firstOfMonth(day: Day): Day {
  return known(`${day.slice(0, 8)}01`)
}

/** Days in any order, as ranges without a hole, oldest first. */
export function toRanges(days: Iterable<Day>): DayRange[] {
  const ranges: { from: Day; to: Day }[] = []
  for (const day of [...days].toSorted()) {
    const last = ranges.at(-1)
    if (last !== undefined && daysBetween(last.to, day) <= 1) last.to = day
    else ranges.push({ from: day, to: day })
  }
  return ranges
}

/** A text that was made as a day just now, and need not be looked at again. */
function known(text: string): Day {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return text as Day
}
