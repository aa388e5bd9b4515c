// Which days to ask the source for now. Pure: computed from coverage and bounds alone, so that a first start, a missed
// schedule, a crash and a failed run all look alike, as days that are not final.
import {
  addDays,
  daysBetween,
  earlier,
  eachDay,
  later,
  lengthOf,
  toRanges,
  type Day,
  type DayRange
} from '../model/day.ts'
import type { SourceBounds } from '../model/reading.ts'
import { firstDueDay, type Coverage } from '../model/status.ts'

export interface PlanOptions {
  readonly lagDays: number
  readonly retentionDays: number
  /** A backfill: these days, final ones too. Null: what is due. */
  readonly range: DayRange | null
}

export interface Plan {
  /** Newest first, each short enough to be asked for at once. */
  readonly chunks: readonly DayRange[]
  readonly days: number
  /** What was asked for by hand and lies outside of what the source can answer. */
  readonly unreachable: readonly DayRange[]
}

/** Days in one question: with few dozen cells a day an answer of some hundred kilobytes. */
const CHUNK_DAYS = 30

export function planRun(bounds: SourceBounds, coverage: Coverage, options: PlanOptions): Plan {
  const reach = { from: firstDueDay(bounds, options.retentionDays), to: bounds.today }
  const days = options.range === null ? dueDays(reach, bounds, coverage, options.lagDays) : within(options.range, reach)
  return {
    chunks: toRanges(days).flatMap(cutFromTheEnd).toReversed(),
    days: days.length,
    unreachable: options.range === null ? [] : outside(options.range, reach)
  }
}

/** The older and the newer half of a range of at least two days, the newer first. */
export function halve({ from, to }: DayRange): [DayRange, DayRange] {
  const middle = addDays(from, Math.floor(lengthOf({ from, to }) / 2))
  return [
    { from: middle, to },
    { from, to: addDays(middle, -1) }
  ]
}

/**
 * The days of the reach that are not final. The first day that the source still shows may be cut, and can gain nothing
 * later: it is due only while it has no counts, or is so new that events for it may still arrive.
 */
function dueDays(reach: DayRange, bounds: SourceBounds, coverage: Coverage, lagDays: number): Day[] {
  const states = new Map(coverage.map((day) => [day.day, day.state]))
  return eachDay(reach).filter((day) => {
    const state = states.get(day) ?? 'missing'
    if (day === bounds.firstArrival && daysBetween(day, bounds.today) > lagDays) {
      return state === 'missing' || state === 'lost'
    }
    return state !== 'final'
  })
}

function within(range: DayRange, reach: DayRange): Day[] {
  return eachDay({ from: later(range.from, reach.from), to: earlier(range.to, reach.to) })
}

function outside(range: DayRange, reach: DayRange): DayRange[] {
  const before = { from: range.from, to: earlier(range.to, addDays(reach.from, -1)) }
  const after = { from: later(range.from, addDays(reach.to, 1)), to: range.to }
  return [before, after].filter((part) => lengthOf(part) > 0)
}

/** Oldest first, the newest as long as it can be: what is due each day then is one question, not two. */
function cutFromTheEnd({ from, to }: DayRange): DayRange[] {
  const cut: DayRange[] = []
  for (let end = to; end >= from; end = addDays(end, -CHUNK_DAYS)) {
    cut.push({ from: later(from, addDays(end, 1 - CHUNK_DAYS)), to: end })
  }
  return cut.toReversed()
}
