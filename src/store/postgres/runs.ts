// The records of runs, newest first by number.
import { RUNS_KEPT, type IngestRun } from '../../model/run.ts'
import type { HeardRun } from '../../model/store.ts'
import { isWholeRun, packRun, readRun, type RunRow } from '../run-rows.ts'
import { gone } from '../tables.ts'
import type { Query } from './load.ts'
import { statement, type Session } from './pool.ts'

type NamedRow = RunRow & { readonly name: string }

const COLUMNS = 'r.id, r.workspace_key, r.heard_at, r.record, r.checksum, w.name'
const SELECT = statement<NamedRow>(
  'runs',
  `select ${COLUMNS}
  from run r
  join workspace w on w.key = r.workspace_key
  where r.workspace_key = any($1::bigint[])
  order by r.number desc
  limit $2`
)
const FIND = statement<NamedRow>(
  'run',
  `select ${COLUMNS}
  from run r
  join workspace w on w.key = r.workspace_key
  where r.id = $1`
)
const KEY = statement<{ key: number }>('workspace_key', 'select key from workspace where name = $1 for key share')
const PUT = statement(
  'put_run',
  `insert into run (workspace_key, id, heard_at, record, checksum)
  values ($1, $2, $3, $4, $5)
  on conflict (workspace_key, id) do update set heard_at = excluded.heard_at, record = excluded.record,
    checksum = excluded.checksum`
)
const PRUNE = statement(
  'prune_runs',
  `delete from run
  where workspace_key = $1 and number <= (
    select number from run
    where workspace_key = $1
    order by number desc
    limit 1 offset $2)`
)
const HEARD = statement(
  'note_run',
  `update clock set last_success_at = coalesce($2, last_success_at), writes = writes + 1
  where workspace_key = $1`
)
const OF_WORKSPACE = statement<RunRow>(
  'runs_of_workspace',
  'select id, workspace_key, heard_at, record, checksum from run where workspace_key = $1'
)
const REMOVE = statement('remove_runs', 'delete from run where workspace_key = $1 and id = any($2::text[])')

export async function selectRuns(query: Query, keys: readonly number[], limit: number): Promise<HeardRun[]> {
  return (await query.query(SELECT, [keys, limit])).flatMap(toHeard)
}

export async function findRun(query: Query, id: string): Promise<HeardRun | undefined> {
  return (await query.query(FIND, [id])).flatMap(toHeard)[0]
}

function toHeard(row: NamedRow): HeardRun[] {
  const heard = readRun(row, () => row.name)
  return heard === undefined ? [] : [heard]
}

/** Throws `unknown-workspace` where its workspace is not there. To be called in a transaction. */
export async function putRun(session: Session, run: IngestRun, at: Date): Promise<void> {
  const [workspace] = await session.query(KEY, [run.workspace])
  if (workspace === undefined) return gone(run.workspace)
  const { key } = workspace
  const { id, heard_at: heardAt, record, checksum } = packRun(key, run, at)
  await session.query(PUT, [key, id, heardAt, record, checksum])
  await session.query(PRUNE, [key, RUNS_KEPT])
  await session.query(HEARD, [key, run.status === 'succeeded' ? at.getTime() : null])
}

/** Ids of the damaged records of a workspace. */
export async function damagedRuns(query: Query, key: number): Promise<string[]> {
  return (await query.query(OF_WORKSPACE, [key])).filter((row) => !isWholeRun(row)).map(({ id }) => id)
}

/** Removes damaged records, which nothing can put back. */
export async function healRuns(session: Session, key: number): Promise<void> {
  const ids = await damagedRuns(session, key)
  if (ids.length > 0) await session.query(REMOVE, [key, ids])
}
