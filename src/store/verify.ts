// The rules that hold among what is stored, looked at one by one.
import type { Database } from 'better-sqlite3'
import { sameCells } from '../model/cube.ts'
import type { Day } from '../model/day.ts'
import type { Change, Workspace } from '../model/store.ts'
import { stateOf, type Tables } from './sqlite-tables.ts'

const PAGE = 1_000

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

/** What is wrong with the days, the log and the runs of a workspace. Runs inside a transaction of the caller's. */
function faultsOfWorkspace(tables: Tables, workspace: Workspace): string[] {
  const { books, days, log, runs } = tables
  const { key, name } = workspace
  const { revision } = stateOf(tables, workspace)
  const faults = books.damaged(key).map((id) => `${name}: the label ${id} is damaged`)
  if (runs.damaged(key) > 0) faults.push(`${name}: damaged records of runs: ${runs.damaged(key)}`)
  const last = new Map<Day, Change>()
  let changedAt = 0
  for (let since = 0, more = true; more;) {
    const page = log.after(key, since, PAGE, revision)
    for (const entry of page) {
      if (entry === undefined)
        return [
          `${name}: the log is damaged after revision ${since}: restore a copy, or follow /changes from a later one`
        ]
      if (entry.changedAt.getTime() < changedAt) faults.push(`${name}: the instant of ${entry.revision} is too early`)
      if (last.get(entry.day)?.state === 'final' && entry.state !== 'final') {
        faults.push(`${name}: ${entry.day} was final and became ${entry.state}`)
      }
      changedAt = entry.changedAt.getTime()
      since = entry.revision
      last.set(entry.day, entry)
    }
    more = page.length === PAGE
  }

  for (const row of days.select(key)) {
    const entry = last.get(row.day)
    last.delete(row.day)
    if (row.damaged)
      faults.push(`${name}: ${row.day} is damaged, and the log cannot put it back: ingest or import it again`)
    else if (entry?.revision !== row.revision || entry.state !== row.state || !sameCells(entry.cells, row.cells)) {
      faults.push(`${name}: ${row.day} is not what the log says of it`)
    } else if (row.state === 'lost' && row.cells.length > 0) faults.push(`${name}: ${row.day} is lost and has counts`)
  }
  for (const day of last.keys()) faults.push(`${name}: ${day} is in the log and has no row`)
  return faults
}
