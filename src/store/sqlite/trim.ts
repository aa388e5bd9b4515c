// The log cut short, in SQL.
import type { Database } from 'better-sqlite3'
import { NO_REVISION, type Revision } from '../../model/revision.ts'
import type { Change, Workspace } from '../../model/store.ts'
import type { Steps } from '../changes.ts'
import type { LabelBooks } from './labels.ts'
import type { WorkspaceTable } from './workspaces.ts'
import type { ChangeLog } from '../log-rows.ts'
import { keptEntries } from '../trim-log.ts'

/** A step of a transaction of the caller's takes as much at once. */
const PAGE = 200

export interface LogTrimmer {
  /** As the contract of `trimLog` says. */
  trim(workspace: Workspace, before: Date): Steps<number>
}

export interface TrimmedTables {
  readonly log: ChangeLog
  readonly books: LabelBooks
  readonly workspaces: WorkspaceTable
}

export function createLogTrimmer(db: Database, { log, books, workspaces }: TrimmedTables): LogTrimmer {
  // From the end, since all but the last days of the log are old.
  const selectBefore = db.prepare<[number, number], { revision: Revision }>(`
    select revision from change
    where workspace_key = ? and changed_at < ?
    order by revision desc
    limit 1`)
  const remove = db.prepare<[number, number, number]>(`
    delete from change
    where workspace_key = ? and day = ? and revision < ?`)
  const relink = db.prepare<[number, number, number, number, number]>(`
    update change set before = ?, previous = ?, checksum = ?
    where workspace_key = ? and revision = ?`)

  return {
    *trim(workspace, before) {
      const { key, name } = workspace
      const last = workspaces.state(key, name)?.revision ?? NO_REVISION
      const floor = selectBefore.get(key, before.getTime())?.revision ?? NO_REVISION
      if (floor <= workspaces.keptAfter(key)) return 0
      const entries: (Change | undefined)[] = []
      for (let since = NO_REVISION; since < floor; since = entries.at(-1)?.revision ?? floor) {
        entries.push(...log.after(key, since, PAGE, last))
        yield
      }
      let removed = 0
      for (const row of keptEntries(workspace, entries, floor, books.of(key))) {
        removed += remove.run(key, row.day, row.revision).changes
        relink.run(row.before, row.previous, row.checksum, key, row.revision)
        yield
      }
      workspaces.keepAfter(key, floor)
      return removed
    }
  }
}
