// The tables as one connection sees them.
import type { Database } from 'better-sqlite3'
import type { ChangeLog } from '../log-rows.ts'
import { createDayTable, type SqliteDayTable } from './days.ts'
import { createKeyTable, type KeyTable } from './keys.ts'
import { createLabelBooks, type LabelBooks } from './labels.ts'
import { createChangeLog } from './log.ts'
import { createPastDays, type PastDays } from './past.ts'
import { rememberDays, type RememberedDays } from './remembered-days.ts'
import { createLogTrimmer, type LogTrimmer } from './trim.ts'
import { createRunTable, type RunTable } from './runs.ts'
import { createWorkspaceTable, type WorkspaceTable } from './workspaces.ts'

export interface Tables {
  readonly db: Database
  /** Runs it in a transaction that only reads, so that all it sees is of one moment. */
  snapshot<T>(body: () => T): T
  /** Another number than before wherever another connection has committed since. */
  dataVersion(): number
  readonly books: LabelBooks
  readonly days: SqliteDayTable
  /** Of a connection that only reads. */
  readonly remembered: RememberedDays
  readonly log: ChangeLog
  readonly past: PastDays
  readonly trimmer: LogTrimmer
  readonly workspaces: WorkspaceTable
  readonly runs: RunTable
  readonly keys: KeyTable
}

export function openTables(db: Database): Tables {
  const books = createLabelBooks(db)
  const workspaces = createWorkspaceTable(db)
  const days = createDayTable(db, books.of)
  const log = createChangeLog(db, books.of)
  const begin = db.prepare('begin')
  const commit = db.prepare('commit')
  const selectVersion = db.prepare<[], number>('pragma data_version').pluck()
  return {
    db,
    snapshot<T>(body: () => T): T {
      begin.run()
      try {
        return body()
      } finally {
        // After some errors SQLite has ended it already.
        if (db.inTransaction) commit.run()
      }
    },
    dataVersion: () => selectVersion.get() ?? 0,
    books,
    workspaces,
    days,
    remembered: rememberDays(days, books.of),
    log,
    past: createPastDays(db, books.of),
    trimmer: createLogTrimmer(db, { log, books, workspaces }),
    runs: createRunTable(db, workspaces.nameOf),
    keys: createKeyTable(db, workspaces.nameOf)
  }
}
