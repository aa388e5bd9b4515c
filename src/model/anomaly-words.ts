// Why a day is unusual, or was not judged, in the words of whoever reads it in a dashboard or a ticket.
import type { Location } from './cube.ts'
import { numberOfDay, type Day, type DayRange } from './day.ts'
import type { DayState } from './reading.ts'
import { MIN_DAYS_WITH_EVENTS, MIN_KNOWN_DAYS, isEnough, type Known } from './silence.ts'
import { HISTORY_WEEKS, MIN_HISTORY, type Usual } from './usual.ts'

/** A count that is out of line; `weeks` is how many of the same weekday it was compared with. */
export interface JudgedCount {
  readonly location: Location
  readonly day: Day
  readonly state: DayState
  readonly count: number
  readonly usual: Usual
  readonly weeks: number
}

export function countInWords({ location, day, state, count, usual, weeks }: JudgedCount): string {
  const weekday = weekdayOf(day)
  const [low, high] = usual.middle
  const usually = low === high ? `${low}` : `${low} to ${high}`
  const side = count > usual.high ? `more than the ${usual.high}` : `fewer than the ${usual.low}`
  const growing = state === 'provisional' ? '; the day is provisional and may still grow' : ''
  return (
    `${counted(count, 'event')} in ${location} on ${weekday} ${day}: ${side} to be expected after the ` +
    `${weeks} ${weekday}s before, which usually had ${usually}${growing}`
  )
}

/** `days` are the quiet ones of the range, `longestBefore` the longest quiet time before it, in days. */
export function silenceInWords({ from, to }: DayRange, days: number, longestBefore: number): string {
  const since = from === to ? `on ${from}` : `from ${from} to ${to}`
  const before =
    longestBefore === 0
      ? 'before, no day was without an event'
      : `before, it was never quiet for more than ${counted(longestBefore, 'day')}`
  return `No event in the whole table ${since}, ${counted(days, 'day')}: ${before}`
}

/** What was not judged, and why; null where nothing is to be said. */
export function unjudgedInWords(unjudged: number, covered: number, known: Known): string | null {
  const notes: string[] = []
  if (unjudged > 0) {
    notes.push(
      `${unjudged} of ${counted(covered, 'covered day')} not judged: each needs ${MIN_HISTORY} covered days of the ` +
        `same weekday in the ${HISTORY_WEEKS} weeks before it`
    )
  }
  if (!isEnough(known)) {
    notes.push(
      `silence not judged: it needs ${MIN_KNOWN_DAYS} covered days, ${MIN_DAYS_WITH_EVENTS} of them with events, ` +
        `and there are ${known.days} and ${known.withEvents}`
    )
  }
  return notes.length === 0 ? null : notes.join('; ')
}

const WEEKDAYS = ['Thursday', 'Friday', 'Saturday', 'Sunday', 'Monday', 'Tuesday', 'Wednesday']

function weekdayOf(day: Day): string {
  // 1970-01-01, which is 0, was a Thursday.
  return WEEKDAYS[((numberOfDay(day) % 7) + 7) % 7] ?? ''
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
