// What a transaction reads of one workspace.
import type { DayRange } from '../../model/day.ts'
import { numberOfDay } from '../../model/day.ts'
import type { Revision } from '../../model/revision.ts'
import type { Workspace } from '../../model/store.ts'
import type { DayRow } from '../day-rows.ts'
import { ENTRY_COLUMNS, type EntryRow } from '../log-rows.ts'
import { gone, type WorkspaceState } from '../tables.ts'
import { toState, type WorkspaceRow } from '../workspace-row.ts'
import { statement, type Session } from './pool.ts'

export type Query = Pick<Session, 'query'>
export type StateRow = Pick<WorkspaceRow, 'revision' | 'changed_at' | 'first_asked' | 'bounds' | 'last_success_at'>

const LOCK = statement<StateRow>(
  'lock',
  `select c.revision, c.changed_at, c.first_asked, c.bounds, c.last_success_at
  from clock c
  join workspace w on w.key = c.workspace_key
  where c.workspace_key = $1 and w.name = $2
  for update of c`
)

/** The state of a workspace, which nobody else changes before this transaction ends. */
export async function lockState(session: Session, { key, name }: Workspace): Promise<WorkspaceState> {
  const [row] = await session.query(LOCK, [key, name])
  return row === undefined ? gone(name) : toState(row)
}

type HeadOrDay = StateRow & Omit<DayRow, 'day'> & { readonly day: number | null }

// One statement is one snapshot. Its first row is the state, the others are days.
const SELECT = statement<HeadOrDay>(
  'state_and_days',
  `select null::integer as day, null::integer as state, c.revision, null::bytea as cells, null::integer as shrunk,
    null::bigint as checksum, c.changed_at, c.first_asked, c.bounds, c.last_success_at
  from clock c
  join workspace w on w.key = c.workspace_key
  where c.workspace_key = $1 and w.name = $2
  union all
  select day, state, revision, cells, shrunk, checksum, null, null, null, null
  from day
  where workspace_key = $1 and day between $3 and $4
  order by day nulls first`
)

/** No day lies outside of these. */
const EVERY_DAY = [-2_147_483_648, 2_147_483_647] as const
const NO_DAY = [1, 0] as const

/** The state of a workspace and its rows of days, oldest first, of one snapshot. */
export async function loadDays(
  query: Query,
  { key, name }: Workspace,
  which: DayRange | 'every' | 'none'
): Promise<{ readonly state: WorkspaceState; readonly days: readonly DayRow[] }> {
  const ends = which === 'every' ? EVERY_DAY : which === 'none' ? NO_DAY : [which.from, which.to].map(numberOfDay)
  const [head, ...rows] = await query.query(SELECT, [key, name, ...ends])
  // Without the workspace there are no days either, or those of its key under another name.
  if (head === undefined || head.day !== null) return gone(name)
  return { state: toState(head), days: rows.flatMap((row) => (row.day === null ? [] : [{ ...row, day: row.day }])) }
}

const SELECT_SOME = statement<DayRow>(
  'some_days',
  `select day, state, revision, cells, shrunk, checksum
  from day
  where workspace_key = $1 and day = any($2::integer[])`
)

export function loadSomeDays(query: Query, key: number, days: readonly number[]): Promise<DayRow[]> {
  return query.query(SELECT_SOME, [key, days])
}

const SELECT_LAST = statement<EntryRow>(
  'last_entries',
  `select distinct on (day) ${ENTRY_COLUMNS}
  from change
  where workspace_key = $1 and day = any($2::integer[])
  order by day, revision desc`
)

/** The newest entry of each of the days that has one. */
export async function loadLastEntries(query: Query, key: number, days: readonly number[]): Promise<EntryRow[]> {
  return days.length === 0 ? [] : query.query(SELECT_LAST, [key, days])
}

const SELECT_LOG = statement<EntryRow>(
  'log',
  `select ${ENTRY_COLUMNS}
  from change
  where workspace_key = $1 and revision > $2
  order by revision
  limit $3`
)

const PAGE = 10_000

/** The whole log of a workspace, oldest first: some tens of megabytes after ten years. To be called on one snapshot. */
export async function loadLog(query: Query, key: number): Promise<EntryRow[]> {
  const log: EntryRow[] = []
  for (let since: Revision = 0; ;) {
    const page = await query.query(SELECT_LOG, [key, since, PAGE])
    log.push(...page)
    if (page.length < PAGE) return log
    since = page.at(-1)?.revision ?? since
  }
}
