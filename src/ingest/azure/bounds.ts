// The answer to the question how far the source reaches; docs/day.md tells what F and W mean.
import { addDays, earlier, type Day } from '../../model/day.ts'
import { OperationalError } from '../../model/errors.ts'
import type { SourceBounds } from '../../model/reading.ts'
import { BOUNDS_COLUMNS, type TimeColumn } from '../query.ts'
import { readTable, type ColumnType } from './table.ts'
import { readCount, readDay } from './values.ts'

const COLUMNS: { readonly [C in (typeof BOUNDS_COLUMNS)[number]]: ColumnType } = {
  Day: 'datetime',
  Arrived: 'long',
  Ingested: 'long',
  Dated: 'long',
  Stamped: 'long'
}

export interface BoundsTerms {
  /** The first day that was asked for. */
  readonly from: Day
  /** T. */
  readonly today: Day
  readonly lagDays: number
  readonly retentionDays: number
  readonly timeColumn: TimeColumn | 'auto'
  readonly rowLimit: number
}

/** A row without an ingestion time arrived at most so many days after it was generated. */
const MAX_ARRIVAL_DAYS = 2

/** Throws `source-incomplete` or `source-rejected` where anything is doubtful, and never anything else. */
export function readBoundsAnswer(
  json: unknown,
  terms: BoundsTerms
): { bounds: SourceBounds | null; timeColumn: TimeColumn | null } {
  const { today, lagDays, retentionDays, timeColumn } = terms
  const arrivals = readArrivals(json, terms)
  const dated = arrivals.reduce((sum, row) => sum + row.dated, 0)
  const stamped = arrivals.reduce((sum, row) => sum + row.stamped, 0)
  if (arrivals.length > 0 && dated === 0) {
    throw rejected(
      timeColumn === 'auto'
        ? 'no row of the table has a time: set TIME_COLUMN to the column that holds it'
        : `no row of the table has a time in ${timeColumn} (TIME_COLUMN): set TIME_COLUMN=auto`
    )
  }
  const found = stamped > 0 ? 'Timestamp' : arrivals.length > 0 ? 'TimeGenerated' : null
  const column = timeColumn === 'auto' ? found : timeColumn

  // The question was sent with a day more, because the source's clock may be a day behind ours.
  const within = arrivals.filter(({ day }) => day >= addDays(today, -retentionDays - 2))
  if (within.length === 0) return { bounds: null, timeColumn: column }
  const first = within.map(({ day, timed }) => (timed ? day : addDays(day, MAX_ARRIVAL_DAYS))).reduce(earlier)
  const days = within.map(({ day }) => day).toSorted()
  return {
    timeColumn: column,
    bounds: {
      today,
      // A row of tomorrow (a clock that is ahead, somewhere) is no news of tomorrow.
      firstArrival: earlier(first, today),
      lastArrival: earlier(days.at(-1) ?? today, today),
      proof: days.findLast((day) => day <= addDays(today, -lagDays)) ?? null
    }
  }
}

interface Arrivals {
  readonly day: Day
  /** Whether at least one of its rows has an ingestion time, so that a row surely arrived on this day. */
  readonly timed: boolean
  readonly dated: number
  readonly stamped: number
}

function readArrivals(json: unknown, { from, rowLimit }: BoundsTerms): Arrivals[] {
  const seen = new Set<Day>()
  return readTable(json, COLUMNS, rowLimit).flatMap(([at, ...counts]) => {
    const day = readDay(at)
    if (day < from) throw rejected(`rows arrived on ${day}, which was not asked for`)
    if (seen.has(day)) throw rejected(`the answer counts the arrivals of ${day} twice`)
    seen.add(day)
    const [arrived = 0, ingested = 0, dated = 0, stamped = 0] = BOUNDS_COLUMNS.slice(1).map((name, i) =>
      readCount(counts[i], name)
    )
    if (Math.max(ingested, dated, stamped) > arrived) throw rejected(`more rows than arrived are counted for ${day}`)
    return arrived === 0 ? [] : [{ day, timed: ingested > 0, dated, stamped }]
  })
}

function rejected(message: string): OperationalError {
  return new OperationalError('source-rejected', message)
}
