// What was stored at an earlier revision, as the log has it.
import { numberOfDay, type DayRange } from '../../model/day.ts'
import type { StoredDay } from '../../model/reading.ts'
import { NO_REVISION, type Revision } from '../../model/revision.ts'
import type { Moment, Workspace } from '../../model/store.ts'
import { ENTRY_COLUMNS, readEntry, type EntryRow } from '../log-rows.ts'
import { damagedLog, daysFrom, type LinkRow } from '../past-rows.ts'
import { trimmedMeanwhile } from '../trim-log.ts'
import type { LabelBooks } from './labels.ts'
import { loadDays, type Query } from './load.ts'
import { statement } from './pool.ts'
import { keptAfter } from './trim.ts'

const HELD = statement<EntryRow>(
  'held',
  `select distinct on (day) ${ENTRY_COLUMNS}
  from change
  where workspace_key = $1 and day between $2 and $3 and revision <= $4
  order by day, revision desc`
)
// The day's next entry knows which was before; where there is none, the day's row is that of the newest.
const LINKS = statement<LinkRow>(
  'links',
  `select day, revision as newest
  from day
  where workspace_key = $1 and day between $2 and $3 and revision <= $4
  union all
  (select distinct on (day) day, previous as newest
  from change
  where workspace_key = $1 and day between $2 and $3 and revision > $4
  order by day, revision)`
)

/** The days of the range that had a row at a revision, oldest first. To be called on one snapshot. */
export async function daysAt(
  query: Query,
  workspace: Workspace,
  { from, to, at }: DayRange & { readonly at: Revision },
  books: LabelBooks
): Promise<StoredDay[]> {
  const { key } = workspace
  const { state } = await loadDays(query, workspace, 'none')
  const book = await books.at(query, key, state.revision)
  if (at < (await keptAfter(query, workspace))) throw trimmedMeanwhile(workspace)
  const asked = [key, numberOfDay(from), numberOfDay(to), at]
  const held = await query.query(HELD, asked)
  return daysFrom(key, { held, links: await query.query(LINKS, asked) }, book)
}

const UP_TO = statement<EntryRow>(
  'entry_up_to',
  `select ${ENTRY_COLUMNS}
  from change
  where workspace_key = $1 and revision <= $2
  order by revision desc
  limit 1`
)
const FIRST_AFTER = statement<EntryRow>(
  'entry_after',
  `select ${ENTRY_COLUMNS}
  from change
  where workspace_key = $1 and revision > $2 and changed_at > $3
  order by revision
  limit 1`
)

/**
 * The end of the transaction that holds the newest entry not after a revision, or an instant; undefined above the last.
 * Rejects with `store-unavailable` where damage keeps that from being told. To be called on one snapshot.
 */
export async function momentOf(
  query: Query,
  workspace: Workspace,
  at: Revision | Date,
  books: LabelBooks
): Promise<Moment | undefined> {
  const { key } = workspace
  const { state } = await loadDays(query, workspace, 'none')
  if (typeof at === 'number' && at > state.revision) return undefined
  const book = await books.at(query, key, state.revision)
  const whole = (row: EntryRow | undefined): boolean => row === undefined || readEntry(key, row, book) !== undefined

  // An entry's revision is never less than its instant, so the newest entry up to an instant has this revision or a
  // later one.
  const [first] = await query.query(UP_TO, [key, Number(at)])
  // Where a revision is asked for, the end of its transaction is told by its instant.
  if (!(at instanceof Date) && !whole(first)) throw damagedLog()
  const until = at instanceof Date ? at.getTime() : (first?.changed_at ?? Number.MIN_SAFE_INTEGER)
  const [next] = await query.query(FIRST_AFTER, [key, first?.revision ?? NO_REVISION, until])
  if (!whole(next)) throw damagedLog()
  const [last] = await query.query(UP_TO, [key, next === undefined ? state.revision : next.revision - 1])
  const end = next?.before ?? state.revision
  if (end !== (last?.revision ?? NO_REVISION) || !whole(last)) throw damagedLog()
  return { revision: end, changedAt: last === undefined ? null : new Date(last.changed_at) }
}
