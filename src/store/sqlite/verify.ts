// Everything that can be wrong with a SQLite store.
import type { Database } from 'better-sqlite3'
import type { Workspace } from '../../model/store.ts'
import type { Tables } from './tables.ts'
import { faultsOfDays } from '../verify.ts'

/** What SQLite itself finds wrong with its file: pages, indexes, references. It does not see a changed value. */
export function faultsOfFile(db: Database): string[] {
  const integrity = db.prepare<[], string>('pragma integrity_check').pluck().all()
  const orphans = db.prepare('pragma foreign_key_check').all()
  return [
    ...integrity.filter((line) => line !== 'ok').map((line) => `the file is damaged: ${line}`),
    ...(orphans.length > 0 ? [`${orphans.length} rows belong to no workspace`] : [])
  ]
}

/** Everything that is wrong with what is kept. Runs inside a transaction of the caller's. */
export function faultsOfStore(tables: Tables): string[] {
  const faults = faultsOfFile(tables.db)
  const { keys, workspaces } = tables
  for (const key of workspaces.damaged()) faults.push(`a row of the workspace with the key ${key} is damaged`)
  if (keys.damaged() > 0) faults.push(`damaged API keys, which open nothing: ${keys.damaged()}; make new ones`)
  return [...faults, ...workspaces.all().flatMap((workspace) => faultsOfWorkspace(tables, workspace))]
}

function faultsOfWorkspace(tables: Tables, workspace: Workspace): string[] {
  const { books, runs } = tables
  const { key, name } = workspace
  const faults = books.damaged(key).map((id) => `${name}: the label ${id} is damaged`)
  if (runs.damaged(key) > 0) faults.push(`${name}: damaged records of runs: ${runs.damaged(key)}`)
  return [...faults, ...faultsOfDays(tables, workspace)]
}
