// The counting itself: events in, cells of days out, in memory that grows with days and labels and not with events.
import { foldCells, MAX_CELLS_PER_DAY, type DayCounts } from '../../model/cube.ts'
import {
  dayOf,
  dayOfNumber,
  eachDay,
  lengthOf,
  MS_PER_DAY,
  numberOfDay,
  type Day,
  type DayRange
} from '../../model/day.ts'
import { collectCombinations, type Labels } from './combinations.ts'
import { Fault } from './fault.ts'
import { MAX_DAYS } from './limits.ts'

/** The days to count, both included; null where the events tell that end. */
export interface AskedRange {
  readonly from: Day | null
  readonly to: Day | null
}

interface Counted {
  readonly range: DayRange | null
  readonly days: readonly DayCounts[]
  readonly events: number
  readonly outside: number
}

export interface Tally {
  /** Counts one event, or finds it outside of the range asked for; a fault where it can not be counted. */
  add(instant: number, labels: Labels): void
  finish(): Counted
}

/** Starts to count; a fault where the range asked for is none. */
export function createTally(asked: AskedRange, now: Date): Tally {
  checkRange(asked, now)
  const latest = now.getTime()
  const from = asked.from === null ? -Infinity : numberOfDay(asked.from)
  const to = asked.to === null ? Infinity : numberOfDay(asked.to)
  const combinations = collectCombinations()
  /** By day, how many events had each combination. */
  const days = new Map<number, Map<number, number>>()
  let first = asked.from === null ? Infinity : from
  let last = asked.to === null ? -Infinity : to
  let events = 0
  let outside = 0

  const begin = (day: number): Map<number, number> => {
    first = Math.min(first, day)
    last = Math.max(last, day)
    checkSpan(first, last)
    const counts = new Map<number, number>()
    days.set(day, counts)
    return counts
  }
  const cellsOf = (day: Day): DayCounts['cells'] => {
    const counts = days.get(numberOfDay(day)) ?? new Map<number, number>()
    return foldCells(Array.from(counts, ([combination, count]) => ({ ...combinations.cellOf(combination), count })))
  }

  return {
    add(instant, labels) {
      if (instant > latest) {
        const time = new Date(instant).toISOString()
        throw new Fault(`the event at ${time} lies in the future: check its time zone, and the clock`)
      }
      const combination = combinations.numberOf(labels)
      const day = Math.floor(instant / MS_PER_DAY)
      if (day < from || day > to) {
        outside++
        return
      }
      const counts = days.get(day) ?? begin(day)
      const count = counts.get(combination) ?? 0
      counts.set(combination, count + 1)
      if (counts.size > MAX_CELLS_PER_DAY) {
        const name = dayOfNumber(day)
        throw new Fault(
          `${name} has more than ${MAX_CELLS_PER_DAY} combinations of labels: check what the columns hold`
        )
      }
      events++
    },
    finish() {
      const known = events > 0 || (asked.from !== null && asked.to !== null)
      const range = known ? { from: dayOfNumber(first), to: dayOfNumber(last) } : null
      const covered = range === null ? [] : eachDay(range)
      return { range, days: covered.map((day) => ({ day, cells: cellsOf(day) })), events, outside }
    }
  }
}

function checkRange({ from, to }: AskedRange, now: Date): void {
  const today = dayOf(now)
  for (const day of [from, to]) {
    if (day !== null && day > today) throw new Fault(`can not be imported for ${day}, which is after today, ${today}`)
  }
  if (from === null || to === null) return
  if (from > to) throw new Fault(`can not be imported from ${from} to ${to}: exchange --from and --to`)
  const days = lengthOf({ from, to })
  if (days > MAX_DAYS) {
    throw new Fault(`can not be imported for ${days} days, from ${from} to ${to}: at most ${MAX_DAYS} at once`)
  }
}

/** A single stray date would make thousands of quiet days. */
function checkSpan(first: number, last: number): void {
  if (last - first < MAX_DAYS) return
  const span = `${dayOfNumber(first)} to ${dayOfNumber(last)}`
  throw new Fault(
    `with this event the file covers ${span}, more than ${MAX_DAYS} days: name the days to import by --from and --to`
  )
}
