// Which dates are written below a chart: as many as have room, at places where a calendar has its own marks.
import { mondayOf, numberOfDay, type Day } from '../../model/day.ts'
import type { Step } from '../../model/series.ts'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** The places of the dates that are written, and their texts; a year stands on a line of its own, where it begins. */
export function ticksOf(dates: readonly Day[], step: Step): Map<number, string> {
  const ticks = new Map<number, string>()
  let year = ''
  for (const place of placesOf(dates)) {
    const date = dates[place] ?? ''
    const month = MONTHS[Number(date.slice(5, 7)) - 1] ?? ''
    const name = step === 'month' ? month : `${Number(date.slice(8))} ${month}`
    ticks.set(place, date.slice(0, 4) === year ? name : `${name}\n${date.slice(0, 4)}`)
    year = date.slice(0, 4)
  }
  return ticks
}

/** By the finest scale of which all dates have room. */
function placesOf(dates: readonly Day[]): number[] {
  for (const { most, marks } of SCALES) {
    const places = dates.flatMap((date, place) => (marks(date, dates[place - 1], place) ? [place] : []))
    if (places.length <= most) return places
  }
  return []
}

interface Scale {
  /** As many of its dates as have room side by side; `28 Nov` is wider than `1 Nov`. */
  readonly most: number
  readonly marks: (date: Day, before: Day | undefined, place: number) => boolean
}

const SCALES: readonly Scale[] = [
  { most: 11, marks: () => true },
  { most: 11, marks: (_date, _before, place) => place % 2 === 0 },
  { most: 11, marks: isMonday },
  { most: 11, marks: (date) => isMonday(date) && (numberOfDay(date) + 3) % 14 === 0 },
  { most: 14, marks: beginsMonth },
  { most: 14, marks: (date, before) => beginsMonth(date, before) && QUARTERS.has(date.slice(5, 7)) },
  { most: 14, marks: (date, before) => beginsMonth(date, before) && date.slice(5, 7) === '01' }
]

const QUARTERS = new Set(['01', '04', '07', '10'])

function isMonday(date: Day): boolean {
  return date === mondayOf(date)
}

/** The first row of a month: its first day, or the week that begins first in it. */
function beginsMonth(date: Day, before: Day | undefined): boolean {
  return before === undefined ? date.endsWith('-01') : before.slice(0, 7) !== date.slice(0, 7)
}
