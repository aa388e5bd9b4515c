// The records of runs, newest first by number. A damaged one is none.
import type { Database } from 'better-sqlite3'
import { RUNS_KEPT, type IngestRun } from '../../model/run.ts'
import type { HeardRun } from '../../model/store.ts'
import { isWholeRun, packRun, readRun, type RunRow } from '../run-rows.ts'

type NumberedRow = RunRow & { readonly number: number }

/** All of it runs inside a transaction of the caller's. */
export interface RunTable {
  put(workspaceKey: number, run: IngestRun, heardAt: Date): void
  select(workspaceKeys: readonly number[], limit: number): HeardRun[]
  find(id: string): HeardRun | undefined
  /** How many records of a workspace are damaged. */
  damaged(workspaceKey: number): number
  /** Removes damaged records, which nothing can put back. */
  heal(workspaceKey: number): void
}

export function createRunTable(db: Database, nameOf: (workspaceKey: number) => string | undefined): RunTable {
  const columns = 'number, id, workspace_key, heard_at, record, checksum'
  const upsert = db.prepare<[string, number, number, string, number]>(`
    insert into run (id, workspace_key, heard_at, record, checksum)
    values (?, ?, ?, ?, ?)
    on conflict (id) do update set heard_at = excluded.heard_at, record = excluded.record, checksum = excluded.checksum`)
  const prune = db.prepare<[number, number, number]>(`
    delete from run
    where workspace_key = ? and number <= (
      select number from run
      where workspace_key = ?
      order by number desc
      limit 1 offset ?)`)
  const select = db.prepare<[string, number], NumberedRow>(`
    select ${columns} from run
    where workspace_key in (select value from json_each(?))
    order by number desc
    limit +?`)
  const selectOne = db.prepare<[string], NumberedRow>(`
    select ${columns} from run
    where id = ?`)
  const selectAll = db.prepare<[number], NumberedRow>(`
    select ${columns} from run
    where workspace_key = ?`)
  const remove = db.prepare<[number]>('delete from run where number = ?')

  const toHeard = (row: NumberedRow): HeardRun[] => {
    const heard = readRun(row, nameOf)
    return heard === undefined ? [] : [heard]
  }
  const damaged = (workspaceKey: number): NumberedRow[] => selectAll.all(workspaceKey).filter((row) => !isWholeRun(row))

  return {
    put(workspaceKey, run, heardAt) {
      const { id, heard_at, record, checksum } = packRun(workspaceKey, run, heardAt)
      upsert.run(id, workspaceKey, heard_at, record, checksum)
      prune.run(workspaceKey, workspaceKey, RUNS_KEPT)
    },
    select: (workspaceKeys, limit) =>
      select
        .all(JSON.stringify(workspaceKeys), limit)
        // In a damaged index another row may be found than those that were looked for.
        .filter((row) => workspaceKeys.includes(row.workspace_key))
        .flatMap(toHeard),
    find: (id) =>
      selectOne
        .all(id)
        .flatMap(toHeard)
        .find(({ run }) => run.id === id),
    damaged: (workspaceKey) => damaged(workspaceKey).length,
    heal(workspaceKey) {
      for (const { number } of damaged(workspaceKey)) remove.run(number)
    }
  }
}
