// The two questions to Azure, in KQL, written once for both ways of asking. Every text binds in every schema of the
// table: Log Analytics with and without `Timestamp`, and advanced hunting, which has no `TimeGenerated`.
import { addDays, type Day, type DayRange } from '../model/day.ts'

export const TABLE = 'EmailPostDeliveryEvents'

export type TimeColumn = 'Timestamp' | 'TimeGenerated'

/** Where the table is asked: each of them knows differently when a row arrived. */
export type Dialect = 'log-analytics' | 'log-analytics-by-time-generated' | 'advanced-hunting'

export interface Question {
  readonly kql: string
  /** Rows generated before this day are not wanted; what else limits time must leave room after it. */
  readonly since: Day
  /** What the answer counts; null: it is about how far the source reaches. */
  readonly days: DayRange | null
}

/** The columns of the answers, by which they are read. */
export const DAY_COLUMNS = ['Day', 'DeliveryLocation', 'ActionType', 'ActionTrigger', 'ActionResult', 'Count'] as const
export const BOUNDS_COLUMNS = ['Day', 'Arrived', 'Ingested', 'Dated', 'Stamped'] as const

/** The day of all events of a table that has not the time column that is set. Nothing happened then. */
export const ABSENT_DAY = '1900-01-01'
const ABSENT = `datetime(${ABSENT_DAY})`

/**
 * A row is generated at or after its event, or up to two days before it arrives where it comes late. Log Analytics is
 * partitioned by this column, so the bound is what keeps a question from scanning all that is retained; it needs no
 * upper end, which would cut late rows. Advanced hunting has no such column, and keeps 30 days anyway.
 */
const SLACK_DAYS = { event: 1, arrival: 3 }

/** How many events had which labels, by UTC day of the event, over the days of the range. */
export function daysQuestion(range: DayRange, timeColumn: TimeColumn | 'auto'): Question {
  const since = addDays(range.from, -SLACK_DAYS.event)
  // A table without the column that was set must not look like a table of quiet days: its rows pass the filter with
  // a time that no reader of the answer accepts.
  const kql = [
    ...rowsSince(since),
    `| extend EventTime = ${eventTime(timeColumn)}`,
    `| where (EventTime >= ${startOf(range.from)} and EventTime < ${startOf(addDays(range.to, 1))}) or EventTime == ${ABSENT}`,
    '| summarize Count = count() by Day = startofday(EventTime), DeliveryLocation, ActionType, ActionTrigger, ActionResult',
    `| project ${DAY_COLUMNS.join(', ')}`
  ]
  return { kql: kql.join('\n'), since, days: range }
}

/**
 * On which days rows arrived, of those that arrived at or after the start of `from`, and how many of them have an
 * ingestion time (Ingested), an event time by the setting (Dated), a `Timestamp` (Stamped).
 */
export function boundsQuestion(from: Day, timeColumn: TimeColumn | 'auto', dialect: Dialect): Question {
  const since = addDays(from, -SLACK_DAYS.arrival)
  const kql = [
    ...rowsSince(since),
    `| extend EventTime = ${eventTime(timeColumn)}, Stamp = column_ifexists("Timestamp", datetime(null)), ${ARRIVAL[dialect]}`,
    `| where Arrival >= ${startOf(from)}`,
    '| summarize Arrived = count(), Ingested = countif(isnotnull(Ingestion)), ' +
      `Dated = countif(EventTime > ${ABSENT}), Stamped = countif(isnotnull(Stamp)) by Day = startofday(Arrival)`,
    `| project ${BOUNDS_COLUMNS.join(', ')}`
  ]
  return { kql: kql.join('\n'), since, days: null }
}

const GENERATED = 'column_ifexists("TimeGenerated", datetime(null))'

/** `Ingestion` is null where only the time at which a row was generated is known, which may be up to two days less. */
const ARRIVAL: { readonly [D in Dialect]: string } = {
  'log-analytics': `Ingestion = ingestion_time(), Arrival = coalesce(ingestion_time(), ${GENERATED})`,
  'log-analytics-by-time-generated': `Ingestion = datetime(null), Arrival = ${GENERATED}`,
  // Without Sentinel nothing tells when a row arrived, so its own time stands for it.
  'advanced-hunting': `Ingestion = ${eventTime('auto')}, Arrival = ${eventTime('auto')}`
}

function rowsSince(day: Day): string[] {
  return [TABLE, `| where column_ifexists("TimeGenerated", datetime(9999-12-31)) >= ${startOf(day)}`]
}

function eventTime(timeColumn: TimeColumn | 'auto'): string {
  if (timeColumn !== 'auto') return `column_ifexists("${timeColumn}", ${ABSENT})`
  return 'column_ifexists("Timestamp", column_ifexists("TimeGenerated", datetime(null)))'
}

/** A day is closed at both ends, an interval of instants half open; they meet here. */
function startOf(day: Day): string {
  return `datetime(${day}T00:00:00Z)`
}
