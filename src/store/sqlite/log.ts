// The log: an entry for each change of each day, checked whenever it is read. Each names the entry before it, of the
// workspace and of the day, so that one that cannot be found any more is noticed as well.
import type { Database } from 'better-sqlite3'
import { numberOfDay } from '../../model/day.ts'
import { NO_REVISION, type Revision } from '../../model/revision.ts'
import type { LabelBook } from '../label-book.ts'
import { ENTRY_COLUMNS, linkEntries, packEntry, readEntry, type ChangeLog, type EntryRow } from '../log-rows.ts'

export function createChangeLog(db: Database, bookOf: (workspaceKey: number) => LabelBook): ChangeLog {
  const insert = db.prepare<[number, number, number, number, number, number, number, Uint8Array, number]>(`
    insert into change (workspace_key, revision, before, previous, changed_at, day, state, cells, checksum)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const selectOne = db.prepare<[number, number], EntryRow>(`
    select ${ENTRY_COLUMNS} from change
    where workspace_key = ? and revision = ?`)
  const selectCount = db
    .prepare<[number, number], number>('select count(*) from change where workspace_key = ? and revision <= ?')
    .pluck()
  // Of the pluses the table of days tells.
  const selectAfter = db.prepare<[number, number, number], EntryRow>(`
    select ${ENTRY_COLUMNS} from change
    where workspace_key = +? and revision > ?
    order by revision
    limit +?`)
  // Left to itself, SQLite goes back through the whole log for a day that has no entry.
  const selectLast = db.prepare<[number, number], EntryRow>(`
    select ${ENTRY_COLUMNS} from change indexed by change_of_day
    where workspace_key = +? and day = +?
    order by revision desc
    limit 1`)

  const linked = (
    key: number,
    since: Revision,
    limit: number,
    last: Revision
  ): ReturnType<typeof linkEntries<EntryRow>> =>
    linkEntries(key, selectAfter.all(key, since, limit), { since, limit, last }, bookOf(key))

  return {
    append(workspaceKey, change, links) {
      const row = packEntry(workspaceKey, change, links, bookOf(workspaceKey))
      const { revision, before, previous, changed_at: changedAt, day, state, cells, checksum } = row
      insert.run(workspaceKey, revision, before, previous, changedAt, day, state, cells, checksum)
    },
    has: (workspaceKey, revision) => selectOne.get(workspaceKey, revision)?.revision === revision,
    countUpTo: (workspaceKey, revision) => selectCount.get(workspaceKey, revision) ?? 0,
    after: (workspaceKey, since, limit, last) => linked(workspaceKey, since, limit, last).map(([, entry]) => entry),
    page: (workspaceKey, since, limit, last) =>
      linked(workspaceKey, since, limit, last).map(([row, entry]) => {
        if (row === undefined || entry === undefined) return undefined
        if (row.previous === NO_REVISION) return Object.assign(entry, { previous: null })
        const other = selectOne.get(workspaceKey, row.previous)
        // In a damaged tree another row may be found than the one that was looked for.
        if (other?.revision !== row.previous) return undefined
        const previous = readEntry(workspaceKey, other, bookOf(workspaceKey))
        return previous && Object.assign(entry, { previous })
      }),
    lastOf(workspaceKey, day) {
      const row = selectLast.get(workspaceKey, numberOfDay(day))
      if (row === undefined) return null
      return row.day === numberOfDay(day) ? readEntry(workspaceKey, row, bookOf(workspaceKey)) : undefined
    }
  }
}
