// The records of runs, newest first by number. A damaged one is none.
import { crc32 } from 'node:zlib'
import type { Database } from 'better-sqlite3'
import { RUNS_KEPT, type IngestRun } from '../model/run.ts'
import type { HeardRun } from '../model/store.ts'

interface RunRow {
  readonly number: number
  readonly id: string
  readonly workspace_key: number
  readonly heard_at: number
  readonly record: string
  readonly checksum: number
}

/** All of it runs inside a transaction of the caller's. */
export interface RunTable {
  put(workspaceKey: number, run: IngestRun, heardAt: number): void
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
  const select = db.prepare<[string, number], RunRow>(`
    select ${columns} from run
    where workspace_key in (select value from json_each(?))
    order by number desc
    limit ?`)
  const selectOne = db.prepare<[string], RunRow>(`
    select ${columns} from run
    where id = ?`)
  const selectAll = db.prepare<[number], RunRow>(`
    select ${columns} from run
    where workspace_key = ?`)
  const remove = db.prepare<[number]>('delete from run where number = ?')

  const toHeard = (row: RunRow): HeardRun[] => {
    const workspace = isWhole(row) ? nameOf(row.workspace_key) : undefined
    if (workspace === undefined) return []
    const run: Omit<IngestRun, 'workspace'> = JSON.parse(row.record)
    return [{ run: { ...run, workspace }, heardAt: new Date(row.heard_at) }]
  }
  const damaged = (workspaceKey: number): RunRow[] => selectAll.all(workspaceKey).filter((row) => !isWhole(row))

  return {
    put(workspaceKey, run, heardAt) {
      const { workspace, ...rest } = run
      const record = JSON.stringify(rest)
      const row = { id: run.id, workspace_key: workspaceKey, heard_at: heardAt, record }
      upsert.run(run.id, workspaceKey, heardAt, record, checksumOf(row))
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

function isWhole(row: RunRow): boolean {
  return row.checksum === checksumOf(row)
}

function checksumOf({ id, workspace_key, heard_at, record }: Omit<RunRow, 'number' | 'checksum'>): number {
  return crc32(JSON.stringify([id, workspace_key, heard_at, record]))
}
