// A database into which a store is moved: marked as such, so that nobody opens it before it is whole, and nothing else
// is ever overwritten.
import { OperationalError } from '../../model/errors.ts'
import { NO_REVISION, type Revision } from '../../model/revision.ts'
import type { DayRow } from '../day-rows.ts'
import type { KeyRow } from '../key-rows.ts'
import type { LabelRow } from '../label-book.ts'
import type { EntryRow } from '../log-rows.ts'
import { describeAddress } from '../postgres/address.ts'
import { asOpeningError } from '../postgres/failure.ts'
import { bringToFormat, lockFormat, setMoving } from '../postgres/format.ts'
import { insertKey } from '../postgres/keys.ts'
import { openPool, statement, type Session } from '../postgres/pool.ts'
import { saveDays, saveEntries, saveLabels } from '../postgres/save.ts'
import { createTransactions } from '../postgres/transactions.ts'
import type { WorkspaceRow } from '../workspace-row.ts'
import type { NumberedRun } from './source.ts'

export interface MoveTarget {
  /** Makes the workspace where it is not there; how much it has of its log so far, or null where that is nothing. */
  begin(workspace: WorkspaceRow): Promise<MovedLog | null>
  /** Forgets what was moved of a workspace: the source tells another story by now. */
  beginAnew(workspace: WorkspaceRow): Promise<void>
  addEntries(key: number, entries: readonly EntryRow[]): Promise<void>
  /** All but the log. */
  finish(workspace: WorkspaceRow, rest: WorkspaceRest): Promise<void>
  /** Keys of API, and the numbers from which those that come are counted. */
  finishAll(keys: readonly KeyRow[], highestKey: number): Promise<void>
  /** From here on it may be opened. */
  open(): Promise<void>
  close(): Promise<void>
}

/** The last entry that was moved, and how many there are up to it. */
export type MovedLog = Pick<EntryRow, 'revision' | 'checksum'> & { readonly entries: number }

export interface WorkspaceRest {
  readonly labels: readonly LabelRow[]
  readonly days: readonly DayRow[]
  readonly runs: readonly NumberedRun[]
}

const NAMES = statement<{ readonly key: number; readonly name: string }>('names', 'select key, name from workspace')
const HOLDS = statement<{ readonly holds: boolean }>(
  'holds_anything',
  'select exists (select 1 from workspace) or exists (select 1 from api_key) as holds'
)
const PUT_NAME = statement(
  'put_name',
  `insert into workspace (key, name, source_kind, source_id, time_column)
  values ($1, $2, $3, $4, $5)
  on conflict (key) do update set source_kind = excluded.source_kind, source_id = excluded.source_id,
    time_column = excluded.time_column`
)
const PUT_CLOCK = statement(
  'put_clock',
  `insert into clock (workspace_key, revision, changed_at, kept_after, first_asked, bounds, last_success_at)
  values ($1, $2, $3, $4, $5, $6, $7)
  on conflict (workspace_key) do update set revision = excluded.revision, changed_at = excluded.changed_at,
    kept_after = excluded.kept_after, first_asked = excluded.first_asked, bounds = excluded.bounds,
    last_success_at = excluded.last_success_at`
)
const LAST = statement<MovedLog>(
  'last_moved',
  `select revision, checksum, (select count(*) from change where workspace_key = $1) as entries
  from change
  where workspace_key = $1
  order by revision desc
  limit 1`
)
const FORGET = statement('forget_workspace', 'delete from workspace where key = $1')
const FORGET_REST = [
  statement('forget_days', 'delete from day where workspace_key = $1'),
  statement('forget_labels', 'delete from label where workspace_key = $1'),
  statement('forget_runs', 'delete from run where workspace_key = $1')
]
const PUT_RUNS = statement(
  'move_runs',
  `insert into run (workspace_key, number, id, heard_at, record, checksum)
  select $1::bigint, * from unnest($2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::bigint[])`
)
const FORGET_KEYS = statement('forget_keys', 'delete from api_key')
const COUNT_KEYS = statement(
  'count_workspaces',
  "select setval(pg_get_serial_sequence('workspace', 'key'), greatest($1::bigint, 1), $1::bigint > 0)"
)
const COUNT_RUNS = statement(
  'count_runs',
  `select setval(pg_get_serial_sequence('run', 'number'), greatest(max(number), 1), max(number) is not null) from run`
)

/** Rejects with `store-unavailable` where the database cannot be reached, or holds anything but what was moved of these. */
export async function openMoveTarget(url: string, workspaces: readonly WorkspaceRow[]): Promise<MoveTarget> {
  const address = describeAddress(url)
  const connections = openPool(url)
  const { write } = createTransactions(connections, { requireReachable() {}, requireWritable() {} })
  /** One of two that move at the same time waits, and then finds what the other has done. */
  const step = <T>(body: (session: Session) => Promise<T>): Promise<T> =>
    write(async (session) => {
      const { moving } = await lockFormat(session)
      if (!moving) throw new OperationalError('store-unavailable', `another process has ended the move to ${address}`)
      return body(session)
    })

  try {
    await bringToFormat(connections, address)
    await write((session) => claim(session, address, workspaces))
  } catch (error) {
    await connections.close()
    throw asOpeningError(error, address)
  }
  return {
    begin: (workspace) =>
      step(async (session) => {
        await putName(session, workspace)
        return (await session.query(LAST, [workspace.key]))[0] ?? null
      }),
    beginAnew: (workspace) =>
      step(async (session) => {
        await session.query(FORGET, [workspace.key])
        await putName(session, workspace)
      }),
    addEntries: (key, entries) => step((session) => saveEntries(session, key, entries)),
    finish: (workspace, { labels, days, runs }) =>
      step(async (session) => {
        const { key } = workspace
        for (const forget of FORGET_REST) await session.query(forget, [key])
        await saveLabels(session, key, labels)
        await saveDays(session, key, days)
        const columns = (['number', 'id', 'heard_at', 'record', 'checksum'] as const).map((name) =>
          runs.map((row) => row[name])
        )
        await session.query(PUT_RUNS, [key, ...columns])
        await putClock(session, workspace, workspace.revision)
      }),
    finishAll: (keys, highestKey) =>
      step(async (session) => {
        await session.query(FORGET_KEYS)
        for (const key of keys) await insertKey(session, key)
        await session.query(COUNT_KEYS, [highestKey])
        await session.query(COUNT_RUNS)
      }),
    open: () => step((session) => setMoving(session, false)),
    close: () => connections.close()
  }
}

/** Marks an empty store, or finds the mark of a move of the same workspaces that was not ended. */
async function claim(session: Session, address: string, workspaces: readonly WorkspaceRow[]): Promise<void> {
  const { moving } = await lockFormat(session)
  const names = new Map(workspaces.map(({ key, name }) => [key, name]))
  const strange = (await session.query(NAMES)).find(({ key, name }) => names.get(key) !== name)
  const holds = (await session.query(HOLDS))[0]?.holds === true
  if (moving ? strange !== undefined : holds) {
    const what = strange === undefined ? 'a store' : `the workspace ${strange.name}`
    const remedy = 'name an empty database, or an empty schema as in ?options=-csearch_path%3Dseries'
    throw new OperationalError('store-unavailable', `${address} holds ${what} already: ${remedy}`)
  }
  if (!moving) await setMoving(session, true)
}

async function putName(session: Session, row: WorkspaceRow): Promise<void> {
  await session.query(PUT_NAME, [row.key, row.name, row.source_kind, row.source_id, row.time_column])
  await putClock(session, row, NO_REVISION)
}

async function putClock(session: Session, row: WorkspaceRow, revision: Revision): Promise<void> {
  const { key, changed_at, kept_after, first_asked, bounds, last_success_at } = row
  await session.query(PUT_CLOCK, [key, revision, changed_at, kept_after, first_asked, bounds, last_success_at])
}
