// From stored days to the rows of a series: which columns, which sums, which states. Pure; formats are the server's.
import { DIMENSIONS, foldLabel, LOCATIONS, locationOf, type Dimension, type Location } from './cube.ts'
import { eachDay, earlier, firstOfMonth, lengthOf, mondayOf, numberOfDay, type Day, type DayRange } from './day.ts'
import type { DayState, StoredDay } from './reading.ts'
import { addUpAll, type Sorting } from './sums.ts'

/** What the columns of a series stand for. */
export const BY = ['location', ...DIMENSIONS, 'total'] as const
export type By = (typeof BY)[number]
export const STEPS = ['day', 'week', 'month'] as const
export type Step = (typeof STEPS)[number]

/** How the empty label is written outside. */
export const NO_LABEL = '(none)'

export interface SeriesQuery {
  readonly range: DayRange
  readonly by: By
  readonly step: Step
  /** Only events that ended there; in the order of LOCATIONS. */
  readonly locations: readonly Location[]
  /** Only events with one of these labels, by the names that `nameOf` gives, in any case; absent: all. */
  readonly labels: { readonly [D in Dimension]?: readonly string[] }
  /** Tests that labels have to pass besides; they name no column. */
  readonly passes?: Sorting['passes']
  /** The day until which weeks and months are filled; later days have no part in them. */
  readonly today: Day
}

export interface SeriesRow {
  /** The day, the Monday of the week, or the first of the month. */
  readonly date: Day
  readonly state: DayState
  /** How many days of a week or month lie in the range and not after today. */
  readonly days: number
  /** One for each column: a whole number, or null where the day, or one of the bucket's days, is not covered. */
  readonly values: readonly (number | null)[]
}

export interface SeriesTable {
  /** The labels that the columns stand for: locations, raw labels (an empty one is ''), or `total`. */
  readonly columns: readonly string[]
  readonly rows: readonly SeriesRow[]
  /** How many days of the range are in each state. */
  readonly coverage: { readonly [S in DayState]: number }
}

/**
 * Every day, week or month of the range, oldest first. `days` are those of the range that have a row, in any order.
 * `admit` is called with the number of columns before there is any row, and what it throws is thrown.
 */
export function buildSeries(
  query: SeriesQuery,
  days: readonly StoredDay[],
  admit?: (columns: number) => void
): SeriesTable {
  const { columns, sums } = sumByColumn(query, days, admit)
  const coverage = { final: 0, provisional: 0, missing: 0, lost: 0 }
  const rows: SeriesRow[] = []
  const bucketOf = BUCKETS[query.step]
  let bucket: Bucket | undefined
  for (const day of eachDay(query.range)) {
    const stored = sums.get(day)
    const state = stored?.state ?? 'missing'
    coverage[state]++
    const date = bucketOf(day)
    if (bucket?.date !== date) {
      if (bucket !== undefined) rows.push(toRow(bucket))
      bucket = { date, state: null, days: 0, values: columns.map(() => 0) }
    }
    if (query.step === 'day' || day <= query.today) addDay(bucket, state, stored?.sums)
  }
  if (bucket !== undefined) rows.push(toRow(bucket))
  return { columns, coverage, rows }
}

/** How many rows the series of a range has. */
export function countRows(range: DayRange, step: Step): number {
  const days = lengthOf(range)
  if (step === 'day' || days === 0) return days
  const from = BUCKETS[step](range.from)
  const to = BUCKETS[step](range.to)
  if (step === 'week') return (numberOfDay(to) - numberOfDay(from)) / 7 + 1
  return (
    (Number(to.slice(0, 4)) - Number(from.slice(0, 4))) * 12 + Number(to.slice(5, 7)) - Number(from.slice(5, 7)) + 1
  )
}

const BUCKETS = { day: (day: Day) => day, week: mondayOf, month: firstOfMonth }

interface Bucket {
  readonly date: Day
  state: DayState | null
  days: number
  readonly values: number[]
}

/** From best to worst: a bucket is as bad as its worst day. */
const BADNESS: readonly DayState[] = ['final', 'provisional', 'missing', 'lost']

function addDay(bucket: Bucket, state: DayState, sums: readonly number[] | undefined): void {
  bucket.days++
  if (bucket.state === null || BADNESS.indexOf(state) > BADNESS.indexOf(bucket.state)) bucket.state = state
  sums?.forEach((sum, i) => {
    bucket.values[i] = (bucket.values[i] ?? 0) + sum
  })
}

function toRow({ date, state, days, values }: Bucket): SeriesRow {
  const known = state === 'final' || state === 'provisional'
  return { date, state: state ?? 'missing', days, values: known ? values : values.map(() => null) }
}

interface Summed {
  readonly state: DayState
  /** One for each column. */
  readonly sums: readonly number[]
}

/** The columns of the answer, and for each stored day the sum of each. */
function sumByColumn(
  query: SeriesQuery,
  days: readonly StoredDay[],
  admit?: (columns: number) => void
): { readonly columns: readonly string[]; readonly sums: ReadonlyMap<Day, Summed> } {
  const { sorting, labels } = createSorting(query)
  const summed = addUpAll(days, sorting)
  const columns = columnsOf(query, labels)
  admit?.(columns.length)
  // Where each column was met among the others; those that no cell opened are nowhere.
  const places = columns.map((label) => [...labels.keys()].indexOf(foldLabel(label)))
  const inOrder = (sums: readonly number[]): number[] => places.map((place) => sums[place] ?? 0)
  return {
    columns,
    sums: new Map(days.map(({ day, state }, i) => [day, { state, sums: inOrder(summed[i] ?? []) }]))
  }
}

/** How the cells are sorted, and the labels of the columns by how they are folded, in the order of their places. */
function createSorting(query: SeriesQuery): {
  readonly sorting: Sorting
  readonly labels: ReadonlyMap<string, string>
} {
  const labels = new Map<string, string>()
  const places = new Map<string, number>()
  const placeOf = (label: string): number => {
    const folded = foldLabel(label)
    const known = places.get(folded)
    if (known !== undefined) return known
    places.set(folded, labels.size)
    labels.set(folded, label)
    return labels.size - 1
  }
  const passes = labelFilters(query)
  if (query.by === 'location') {
    return { labels, sorting: { by: 'deliveryLocation', columnOf: (label) => placeOf(locationOf(label)), passes } }
  }
  if (query.by === 'total') {
    return { labels, sorting: { by: 'deliveryLocation', columnOf: () => placeOf('total'), passes } }
  }
  return { labels, sorting: { by: query.by, columnOf: placeOf, passes } }
}

/** Fixed for locations and the total; for open labels those with an event, and those that a filter names. */
function columnsOf(query: SeriesQuery, seen: ReadonlyMap<string, string>): readonly string[] {
  if (query.by === 'location') return query.locations
  if (query.by === 'total') return ['total']
  const labels = new Map(seen)
  for (const label of (query.labels[query.by] ?? []).map(labelNamed)) {
    if (!labels.has(foldLabel(label))) labels.set(foldLabel(label), label)
  }
  return [...labels.values()].toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
}

/** Names that are taken: the empty label's, and those of what else stands in a row; and what is made of them below. */
const TAKEN = /^(?:\(none\)|date|state|days|workspace)(?: \(label\))*$/i

/** How a label is written outside: the empty one has a name, and none passes for it or for another key of a row. */
export function nameOf(label: string): string {
  if (label === '') return NO_LABEL
  return TAKEN.test(label) ? `${label} (label)` : label
}

/** The label that a name means, in any case; a label that was given as it is means itself. */
export function labelNamed(name: string): string {
  if (foldLabel(name) === NO_LABEL) return ''
  return TAKEN.test(name) ? name.replace(/ \(label\)$/i, '') : name
}

function labelFilters(query: SeriesQuery): Sorting['passes'] {
  const filters = DIMENSIONS.flatMap((dimension) => {
    const asked = query.labels[dimension]
    const folded = asked && new Set(asked.map((name) => foldLabel(labelNamed(name))))
    const isAsked = (label: string): boolean => folded?.has(foldLabel(label)) !== false
    const isThere = (label: string): boolean =>
      dimension !== 'deliveryLocation' || query.locations.includes(locationOf(label))
    const passes = query.passes?.[dimension]
    const everywhere = dimension !== 'deliveryLocation' || query.locations.length === LOCATIONS.length
    if (folded === undefined && everywhere && passes === undefined) return []
    return [[dimension, (label: string) => isAsked(label) && isThere(label) && passes?.(label) !== false] as const]
  })
  return Object.fromEntries(filters)
}

/** The last day that can take part in the buckets of a query; only where it cuts one does the clock matter. */
export function fillsUntil(query: Pick<SeriesQuery, 'range' | 'step' | 'today'>): Day {
  return query.step === 'day' ? query.range.to : earlier(query.range.to, query.today)
}
