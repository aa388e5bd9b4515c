// What cutting the log needs, in SQL.
import type { Database } from 'better-sqlite3'
import { NO_REVISION, type Revision } from '../model/revision.ts'
import type { LabelBook } from './label-book.ts'
import { ENTRY_COLUMNS, packEntry, readEntry, type EntryRow } from './log-rows.ts'
import type { TrimmedLog } from './trim-log.ts'

export function createTrimmedLog(db: Database, bookOf: (workspaceKey: number) => LabelBook): TrimmedLog {
  // From the end, since all but the last days of the log are old.
  const selectBefore = db
    .prepare<[number, number], Revision>(
      `
    select revision from change
    where workspace_key = ? and changed_at < ?
    order by revision desc
    limit 1`
    )
    .pluck()
  const selectDays = db.prepare<[number, number], { day: number; revision: Revision }>(`
    select day, max(revision) as revision from change
    where workspace_key = ? and revision <= ?
    group by day
    order by max(revision)`)
  const remove = db.prepare<[number, number, number]>(`
    delete from change
    where workspace_key = ? and day = ? and revision < ?`)
  const select = db.prepare<[number, number], EntryRow>(`
    select ${ENTRY_COLUMNS} from change
    where workspace_key = ? and revision = ?`)
  const update = db.prepare<[number, number, number, number, number]>(`
    update change set before = ?, previous = ?, checksum = ?
    where workspace_key = ? and revision = ?`)

  return {
    lastBefore: (workspaceKey, instant) => selectBefore.get(workspaceKey, instant) ?? NO_REVISION,
    lastOfDays: (workspaceKey, upTo) => selectDays.all(workspaceKey, upTo),
    removeBefore: (workspaceKey, day, revision) => remove.run(workspaceKey, day, revision).changes,
    relink(workspaceKey, revision, before) {
      const row = select.get(workspaceKey, revision)
      const entry = row?.revision === revision ? readEntry(workspaceKey, row, bookOf(workspaceKey)) : undefined
      if (row === undefined || entry === undefined) return false
      if (row.before === before && row.previous === NO_REVISION) return true
      const links = { before, previous: NO_REVISION }
      const { checksum } = packEntry(workspaceKey, entry, links, bookOf(workspaceKey))
      update.run(before, NO_REVISION, checksum, workspaceKey, revision)
      return true
    }
  }
}
