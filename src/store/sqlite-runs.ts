// The records of runs, newest first by number.
import type { Database } from 'better-sqlite3'
import { RUNS_KEPT, type IngestRun } from '../model/run.ts'
import type { HeardRun } from '../model/store.ts'

interface RunRow {
  readonly workspace: string
  readonly heard_at: number
  readonly record: string
}

/** All of it runs inside a transaction of the caller's. */
export interface RunTable {
  put(workspaceKey: number, run: IngestRun, heardAt: number): void
  select(workspaceKeys: readonly number[], limit: number): HeardRun[]
  find(id: string): HeardRun | undefined
}

export function createRunTable(db: Database): RunTable {
  const upsert = db.prepare<[string, number, number, string]>(`
    insert into run (id, workspace_key, heard_at, record)
    values (?, ?, ?, ?)
    on conflict (id) do update set heard_at = excluded.heard_at, record = excluded.record`)
  const prune = db.prepare<[number, number, number]>(`
    delete from run
    where workspace_key = ? and number <= (
      select number from run
      where workspace_key = ?
      order by number desc
      limit 1 offset ?)`)
  const select = db.prepare<[string, number], RunRow>(`
    select name as workspace, heard_at, record
    from run join workspace on workspace.key = run.workspace_key
    where workspace_key in (select value from json_each(?))
    order by number desc
    limit ?`)
  const selectOne = db.prepare<[string], RunRow>(`
    select name as workspace, heard_at, record
    from run join workspace on workspace.key = run.workspace_key
    where id = ?`)

  const toHeard = ({ workspace, heard_at, record }: RunRow): HeardRun => {
    const run: Omit<IngestRun, 'workspace'> = JSON.parse(record)
    return { run: { ...run, workspace }, heardAt: new Date(heard_at) }
  }

  return {
    put(workspaceKey, run, heardAt) {
      const { workspace, ...record } = run
      upsert.run(run.id, workspaceKey, heardAt, JSON.stringify(record))
      prune.run(workspaceKey, workspaceKey, RUNS_KEPT)
    },
    select: (workspaceKeys, limit) => select.all(JSON.stringify(workspaceKeys), limit).map(toHeard),
    find(id) {
      const row = selectOne.get(id)
      return row && toHeard(row)
    }
  }
}
