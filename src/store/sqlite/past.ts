// What was stored at an earlier revision, as the log has it. An entry that cannot be found any more must not let an
// older one pass for it: the entry that came next knows which was before, and so do the rows of days.
import type { Database } from 'better-sqlite3'
import { numberOfDay, type DayRange } from '../../model/day.ts'
import type { StoredDay } from '../../model/reading.ts'
import { NO_REVISION, type Revision } from '../../model/revision.ts'
import type { Change, Moment } from '../../model/store.ts'
import type { LabelBook } from '../label-book.ts'
import { ENTRY_COLUMNS, readEntry, type EntryRow } from '../log-rows.ts'
import { damagedLog, daysFrom, type LinkRow } from '../past-rows.ts'

/** All of it runs inside a transaction of the caller's. */
export interface PastDays {
  /** The days of the range that had a row at a revision, oldest first, as they stood then. */
  daysAt(workspaceKey: number, range: DayRange, at: Revision): StoredDay[]
  /**
   * The end of the transaction that holds the newest entry not after a revision, or an instant; `last` is the
   * workspace's revision now. Throws `store-unavailable` where damage keeps that from being told.
   */
  momentOf(workspaceKey: number, at: Revision | Date, last: Revision): Moment
}

type MomentRow = Pick<EntryRow, 'revision' | 'changed_at'>

export function createPastDays(db: Database, bookOf: (workspaceKey: number) => LabelBook): PastDays {
  type Asked = { readonly key: number; readonly from: number; readonly to: number; readonly at: number }
  // Of the pluses the table of days tells.
  const selectAt = db.prepare<Asked, EntryRow>(`
    select ${ENTRY_COLUMNS} from change
    where workspace_key = +:key and revision in (
      select max(revision) from change
      where workspace_key = +:key and day between :from and :to and revision <= :at
      group by day)`)
  const selectNext = db.prepare<Asked, LinkRow>(`
    select day, previous as newest from change
    where workspace_key = +:key and revision in (
      select min(revision) from change
      where workspace_key = +:key and day between :from and :to and revision > :at
      group by day)`)
  const selectUnchanged = db.prepare<Asked, LinkRow>(`
    select day, revision as newest from day
    where workspace_key = :key and day between :from and :to and revision <= :at`)
  const selectMoment = db.prepare<[number, number], MomentRow>(`
    select revision, changed_at from change
    where workspace_key = +? and revision <= ?
    order by revision desc
    limit 1`)
  const selectMomentsAfter = db.prepare<[number, number], MomentRow>(`
    select revision, changed_at from change
    where workspace_key = +? and revision > ?
    order by revision`)
  const selectEntry = db.prepare<[number, number], EntryRow>(`
    select ${ENTRY_COLUMNS} from change
    where workspace_key = ? and revision = ?`)

  const wholeEntry = (workspaceKey: number, revision: Revision): (Change & Pick<EntryRow, 'before'>) | undefined => {
    const row = selectEntry.get(workspaceKey, revision)
    // In a damaged tree another row may be found than the one that was looked for.
    const entry = row?.revision === revision ? readEntry(workspaceKey, row, bookOf(workspaceKey)) : undefined
    return row && entry && { ...entry, before: row.before }
  }

  return {
    daysAt(workspaceKey, { from, to }, at) {
      const asked = { key: workspaceKey, from: numberOfDay(from), to: numberOfDay(to), at }
      const links = [...selectUnchanged.all(asked), ...selectNext.all(asked)]
      return daysFrom(workspaceKey, { held: selectAt.all(asked), links }, bookOf(workspaceKey))
    },
    momentOf(workspaceKey, at, lastRevision) {
      // An entry's revision is never less than its instant, so the newest entry up to an instant has this revision or
      // a later one.
      const first = selectMoment.get(workspaceKey, Number(at))
      const until = at instanceof Date ? at.getTime() : (first?.changed_at ?? Number.NEGATIVE_INFINITY)
      // In a damaged tree another row may be found, and the one that was looked for be missed.
      if (first !== undefined && first.revision > Number(at)) throw damagedLog()
      // Where a revision is asked for, the end of its transaction is told by its instant.
      const decides = first !== undefined && !(at instanceof Date)
      if (decides && wholeEntry(workspaceKey, first.revision) === undefined) throw damagedLog()
      let last = first
      let next: MomentRow | undefined
      for (const row of selectMomentsAfter.iterate(workspaceKey, first?.revision ?? NO_REVISION)) {
        if (row.revision <= Number(at)) throw damagedLog()
        if (row.changed_at > until) {
          next = row
          break
        }
        last = row
      }
      const end = next === undefined ? lastRevision : wholeEntry(workspaceKey, next.revision)?.before
      if (end !== (last?.revision ?? NO_REVISION)) throw damagedLog()
      if (last === undefined) return { revision: NO_REVISION, changedAt: null }
      const entry = wholeEntry(workspaceKey, last.revision)
      if (entry === undefined && last !== first) throw damagedLog()
      return { revision: last.revision, changedAt: entry?.changedAt ?? null }
    }
  }
}
