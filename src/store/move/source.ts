// A SQLite store as it stands at one moment, however long it is read.
import Database from 'better-sqlite3'
import type { Revision } from '../../model/revision.ts'
import type { DayRow } from '../day-rows.ts'
import type { KeyRow } from '../key-rows.ts'
import type { LabelRow } from '../label-book.ts'
import { ENTRY_COLUMNS, type EntryRow } from '../log-rows.ts'
import type { RunRow } from '../run-rows.ts'
import { openTables, type Tables } from '../sqlite/tables.ts'
import type { WorkspaceRow } from '../workspace-row.ts'
import { createWorkspaceRows } from '../workspace-rows.ts'

export type NumberedRun = RunRow & { readonly number: number }

export interface MoveSource {
  readonly tables: Tables
  /** By key. */
  readonly workspaces: readonly WorkspaceRow[]
  /** No workspace that comes may have a key that was ever given. */
  readonly highestKey: number
  readonly keys: readonly KeyRow[]
  /** How many days and entries all workspaces have. */
  readonly size: number
  labels(key: number): LabelRow[]
  days(key: number): DayRow[]
  runs(key: number): NumberedRun[]
  entries(key: number, since: Revision, limit: number): EntryRow[]
  entry(key: number, revision: Revision): EntryRow | undefined
  /** How many entries there are up to a revision. */
  entriesUpTo(key: number, revision: Revision): number
  /** Whether anything was written since that moment. */
  changedSince(): boolean
  close(): void
}

export function openMoveSource(path: string): MoveSource {
  const db = new Database(path, { readonly: true, fileMustExist: true })
  db.exec('begin')
  const tables = openTables(db)
  const selectLabels = db.prepare<[number], LabelRow>(
    'select id, dimension, text, location, checksum from label where workspace_key = ? order by id'
  )
  const selectDays = db.prepare<[number], DayRow>(
    'select day, state, revision, cells, shrunk, checksum from day where workspace_key = ? order by day'
  )
  const selectRuns = db.prepare<[number], NumberedRun>(
    'select number, id, workspace_key, heard_at, record, checksum from run where workspace_key = ? order by number'
  )
  const selectEntries = db.prepare<[number, number, number], EntryRow>(
    `select ${ENTRY_COLUMNS} from change where workspace_key = ? and revision > ? order by revision limit ?`
  )
  const countUpTo = db
    .prepare<[number, number], number>('select count(*) from change where workspace_key = ? and revision <= ?')
    .pluck()
  const count = (table: 'day' | 'change'): number => Number(db.prepare(`select count(*) from ${table}`).pluck().get())
  const highest = db.prepare<[], number>("select seq from sqlite_sequence where name = 'workspace'").pluck()
  const before = contentOf(db)

  return {
    tables,
    workspaces: workspacesIn(db),
    highestKey: highest.get() ?? 0,
    keys: keysIn(db),
    size: count('day') + count('change'),
    labels: (key) => selectLabels.all(key),
    days: (key) => selectDays.all(key),
    runs: (key) => selectRuns.all(key),
    entries: (key, since, limit) => selectEntries.all(key, since, limit),
    entry(key, revision) {
      const entry = selectEntries.get(key, revision - 1, 1)
      return entry?.revision === revision ? entry : undefined
    },
    entriesUpTo: (key, revision) => countUpTo.get(key, revision) ?? 0,
    changedSince() {
      const now = new Database(path, { readonly: true, fileMustExist: true })
      try {
        return contentOf(now) !== before
      } finally {
        now.close()
      }
    },
    close() {
      db.exec('commit')
      db.close()
    }
  }
}

/** Every run leaves its mark on the row of its workspace, and so does every change of a day. */
function contentOf(db: Database.Database): string {
  return JSON.stringify([workspacesIn(db), keysIn(db)])
}

function workspacesIn(db: Database.Database): WorkspaceRow[] {
  return createWorkspaceRows(db)
    .all()
    .toSorted((a, b) => a.key - b.key)
}

function keysIn(db: Database.Database): KeyRow[] {
  return db.prepare<[], KeyRow>('select * from api_key order by id').all()
}
