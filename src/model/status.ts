// What a workspace can say of itself: what it has, what it lacks, and what it is about to lose.
import { addDays, dayOf, daysBetween, eachDay, earlier, later, toRanges, type Day, type DayRange } from './day.ts'
import type { SourceBounds, StoredDay } from './reading.ts'

/** The last answer to the question for the source's bounds, as the store keeps it. */
export interface KeptBounds extends SourceBounds {
  /** By our clock, before the question was sent; milliseconds since 1970. */
  readonly askedAt: number
  /** A: the first day that could be asked for then. */
  readonly firstDue: Day
  /** R, as it was set then. */
  readonly retentionDays: number
}

/** What is stored of each day, without its counts; oldest first. */
export type Coverage = readonly Omit<StoredDay, 'cells'>[]

export interface RiskRange extends DayRange {
  /** The last day on which the source is believed to show the oldest day of the range. */
  readonly lostAfter: Day
}

export interface Completeness {
  /** The days on which the source's oldest and newest row arrived. */
  readonly sourceFirstDate: Day | null
  readonly sourceLastDate: Day | null
  /** The first and the last covered day. */
  readonly firstDate: Day | null
  readonly lastDate: Day | null
  /** All that the source reaches is final up to this day. */
  readonly finalThrough: Day | null
  /** Days without a row that the source could still give. */
  readonly missing: readonly DayRange[]
  readonly lost: readonly DayRange[]
  readonly shrunk: readonly DayRange[]
  readonly damaged: readonly DayRange[]
  /** Missing days that the source forgets within a week. */
  readonly atRisk: readonly RiskRange[]
}

/** A missing day is at risk from so many days before the source forgets it. */
const RISK_DAYS = 7

export function completenessOf(coverage: Coverage, bounds: KeptBounds | null, now: Date): Completeness {
  const today = dayOf(now)
  const covered = coverage.filter((day) => day.state === 'final' || day.state === 'provisional')
  const rows = new Set(coverage.map((day) => day.day))
  const without = (range: DayRange): Day[] => eachDay(range).filter((day) => !rows.has(day))
  const firstDate = covered[0]?.day ?? null
  const lastDate = covered.at(-1)?.day ?? null
  const within = (mark: (day: Coverage[number]) => boolean): DayRange[] =>
    toRanges(coverage.filter(mark).map((day) => day.day))

  let missing: Day[] = []
  if (bounds !== null) {
    const from = later(bounds.firstDue, addDays(bounds.firstArrival, 1))
    missing = without({ from, to: addDays(today, -1) })
  } else if (firstDate !== null && lastDate !== null) {
    missing = without({ from: firstDate, to: lastDate })
  }
  return {
    sourceFirstDate: bounds?.firstArrival ?? null,
    sourceLastDate: bounds?.lastArrival ?? null,
    firstDate,
    lastDate,
    finalThrough: bounds === null ? null : finalThrough(coverage, bounds),
    missing: toRanges(missing),
    lost: within((day) => day.state === 'lost'),
    shrunk: within((day) => day.shrunk),
    damaged: within((day) => day.damaged),
    atRisk: bounds === null ? [] : atRisk(missing, keepDays(covered, bounds), today)
  }
}

/** The day before the oldest day of A..T, but for F, that is not final; if all are, the newest final one of them. */
function finalThrough(coverage: Coverage, bounds: KeptBounds): Day | null {
  const final = new Set(coverage.filter((day) => day.state === 'final').map((day) => day.day))
  const reach = eachDay({ from: bounds.firstDue, to: bounds.today })
  const open = reach.find((day) => day !== bounds.firstArrival && !final.has(day))
  if (open !== undefined) return addDays(open, -1)
  return reach.findLast((day) => final.has(day)) ?? null
}

/** For how long the source keeps a day: as long as we believe, or less where we see days that it has forgotten. */
function keepDays(covered: Coverage, bounds: KeptBounds): number {
  const shown = daysBetween(bounds.firstArrival, bounds.today)
  const hasForgotten = covered.some((day) => day.day < bounds.firstArrival)
  return hasForgotten ? Math.min(bounds.retentionDays, shown) : bounds.retentionDays
}

function atRisk(missing: readonly Day[], keep: number, today: Day): RiskRange[] {
  const lostAfter = (day: Day): Day => addDays(day, keep - 1)
  const risky = missing.filter((day) => daysBetween(today, lostAfter(day)) <= RISK_DAYS)
  return toRanges(risky).map(({ from, to }) => ({ from, to, lostAfter: lostAfter(from) }))
}

/** A: the first day to ask for. */
export function firstDueDay(bounds: SourceBounds, retentionDays: number): Day {
  return later(bounds.firstArrival, addDays(bounds.today, 1 - retentionDays))
}

/**
 * The days that are lost once the source reaches no further back than `before`: all without a row after the
 * workspace's first day, which is the first covered one or the first that a run ever asked for.
 */
export function daysLost(coverage: Coverage, firstAsked: Day | null, before: Day): Day[] {
  const firstCovered = coverage.find((day) => day.state === 'final' || day.state === 'provisional')?.day
  const first = earlierOf(firstCovered ?? null, firstAsked)
  if (first === null) return []
  const rows = new Set(coverage.map((day) => day.day))
  return eachDay({ from: addDays(first, 1), to: addDays(before, -1) }).filter((day) => !rows.has(day))
}

function earlierOf(a: Day | null, b: Day | null): Day | null {
  return a === null || b === null ? (a ?? b) : earlier(a, b)
}
