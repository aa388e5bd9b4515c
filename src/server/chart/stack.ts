// What a chart shows of a table: a colour for each column, and no more columns than there are colours.
import { LOCATIONS } from '../../model/cube.ts'
import type { By, SeriesTable } from '../../model/series.ts'
import type { DayState } from '../../model/reading.ts'
import type { Day } from '../../model/day.ts'
import { columnNames } from '../columns.ts'
import { LOCATION_COLORS, OTHERS_COLOR, SERIES_COLORS } from './palette.ts'

/** One column, as a band of the stack. */
export interface Band {
  readonly name: string
  readonly color: string
  /** Over all rows that are known. */
  readonly sum: number
}

export interface Stack {
  /** From the bottom up. */
  readonly bands: readonly Band[]
  readonly rows: readonly StackRow[]
}

export interface StackRow {
  readonly date: Day
  readonly state: DayState
  readonly days: number
  /** One for each band; null where the day, or one of the bucket's days, is not known. */
  readonly values: readonly number[] | null
  /** Their sum. */
  readonly total: number
}

/** As many as there are colours. Where there are more columns, the last band is `others (n)`: all but the largest. */
export const MOST_BANDS = SERIES_COLORS.length + 1

/** Columns keep their order; which of them are the largest is told by their sums, and by their order where these agree. */
export function stackOf(table: SeriesTable, by: By): Stack {
  const sums = table.columns.map((_, i) => table.rows.reduce((sum, row) => sum + (row.values[i] ?? 0), 0))
  const names = columnNames(table.columns, by)
  const shown = largest(sums)
  const rest = sums.map((_, i) => i).filter((i) => !shown.includes(i))
  const colors = by === 'location' ? locationColors(table.columns) : [...SERIES_COLORS, OTHERS_COLOR]
  const bands = shown.map((i, place) => ({
    name: names[i] ?? '',
    color: colors[place] ?? OTHERS_COLOR,
    sum: sums[i] ?? 0
  }))
  if (rest.length > 0) bands.push({ name: `others (${rest.length})`, color: OTHERS_COLOR, sum: add(sums, rest) })
  const rows = table.rows.map(({ date, state, days, values }): StackRow => {
    if (state === 'missing' || state === 'lost') return { date, state, days, values: null, total: 0 }
    const counts = values.map((value) => value ?? 0)
    const shownCounts = shown.map((i) => counts[i] ?? 0)
    if (rest.length > 0) shownCounts.push(add(counts, rest))
    return { date, state, days, values: shownCounts, total: counts.reduce((sum, count) => sum + count, 0) }
  })
  return { bands, rows }
}

function largest(sums: readonly number[]): readonly number[] {
  const places = sums.map((_, i) => i)
  if (places.length <= MOST_BANDS) return places
  return places
    .toSorted((a, b) => (sums[b] ?? 0) - (sums[a] ?? 0))
    .slice(0, MOST_BANDS - 1)
    .toSorted((a, b) => a - b)
}

function locationColors(columns: readonly string[]): readonly string[] {
  const known = new Map<string, string>(LOCATIONS.map((location) => [location, LOCATION_COLORS[location]]))
  return columns.map((column) => known.get(column) ?? OTHERS_COLOR)
}

function add(counts: readonly number[], places: readonly number[]): number {
  return places.reduce((sum, place) => sum + (counts[place] ?? 0), 0)
}
