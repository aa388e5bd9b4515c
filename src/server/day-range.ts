// The two parameters that most routes take: from when, until when.
import { addDays, dayOf, isDay, later, lengthOf, parseDay, type Day, type DayRange } from '../model/day.ts'
import { instantOf } from './instant.ts'
import { badParameter } from './problem.ts'

/** Ten years: the longest range of one answer, or of one run. */
export const MAX_DAYS = 3_660

/** How many days a range has that is asked for by one end, or by none. */
const DEFAULT_DAYS = 30

/** The first day that we can write. */
export const FIRST_DAY = parseDay('1000-01-01')

/**
 * The days asked for. Without both ends: the 30 full days until yesterday; `from` alone ends yesterday, or at `from`
 * if that is later; `to` alone begins 29 days before. Throws `invalid-request`, or `invalid-range` for order and length.
 */
export function toDayRange(asked: { readonly from?: string; readonly to?: string }, now: Date): DayRange {
  const yesterday = addDays(dayOf(now), -1)
  const from = asked.from === undefined ? undefined : parseMoment('from', asked.from)
  const to = asked.to === undefined ? undefined : parseMoment('to', asked.to)
  const end = to ?? (from === undefined ? yesterday : later(from, yesterday))
  const range = { from: from ?? later(addDays(end, 1 - DEFAULT_DAYS), FIRST_DAY), to: end }
  if (range.from > range.to) {
    throw badParameter('from', `${range.from} lies after to, which is ${range.to}`, 'invalid-range')
  }
  if (lengthOf(range) > MAX_DAYS) {
    const detail = `${range.from} to ${range.to} are ${lengthOf(range)} days: ask for at most ${MAX_DAYS} at once`
    throw badParameter('from', detail, 'invalid-range')
  }
  return range
}

/** The UTC day that a parameter names, or that holds the instant which it names. */
function parseMoment(parameter: string, text: string): Day {
  const day = isDay(text) ? text : (dayOfEpoch(text) ?? dayOfDateTime(text))
  if (day !== undefined) return day
  throw badParameter(
    parameter,
    `'${text}' is neither a day (2026-11-01), nor a time (2026-11-01T08:30:00Z), nor milliseconds since 1970 (13 digits)`
  )
}

function dayOfEpoch(text: string): Day | undefined {
  return /^[1-9]\d{12}$/.test(text) ? dayOf(new Date(Number(text))) : undefined
}

function dayOfDateTime(text: string): Day | undefined {
  const instant = instantOf(text)
  // The zone can move it out of the years that we can write.
  const day = instant === undefined ? '' : dayOf(instant)
  return isDay(day) ? day : undefined
}
