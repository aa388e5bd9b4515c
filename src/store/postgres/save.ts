// What a transaction writes of one workspace, in a few statements however many days it has.
import { ENTRY_COLUMNS, type EntryRow } from '../log-rows.ts'
import type { LabelRow } from '../label-book.ts'
import type { DayRow } from '../day-rows.ts'
import type { Written } from './draft.ts'
import { statement, type Session, type Value } from './pool.ts'

const LABELS = statement(
  'put_labels',
  `insert into label (workspace_key, id, dimension, text, location, checksum)
  select $1::bigint, * from unnest($2::integer[], $3::integer[], $4::text[], $5::text[], $6::bigint[])
  on conflict (workspace_key, id) do update set location = excluded.location, checksum = excluded.checksum`
)
const DAYS = statement(
  'put_days',
  `insert into day (workspace_key, day, state, revision, cells, shrunk, checksum)
  select $1::bigint, * from unnest($2::integer[], $3::integer[], $4::bigint[], $5::bytea[], $6::integer[], $7::bigint[])
  on conflict (workspace_key, day) do update set state = excluded.state, revision = excluded.revision,
    cells = excluded.cells, shrunk = excluded.shrunk, checksum = excluded.checksum`
)
const MARKS = statement(
  'mark_days',
  `update day set shrunk = mark.shrunk
  from unnest($2::integer[], $3::integer[]) as mark (day, shrunk)
  where day.workspace_key = $1 and day.day = mark.day`
)
const REMOVED = statement('remove_days', 'delete from day where workspace_key = $1 and day = any($2::integer[])')
const ENTRIES = statement(
  'put_entries',
  `insert into change (workspace_key, ${ENTRY_COLUMNS})
  select $1::bigint, *
  from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::integer[], $7::integer[], $8::bytea[],
    $9::bigint[])`
)
const CLOCK = statement(
  'advance',
  `update clock set revision = coalesce($2, revision), changed_at = coalesce($3, changed_at), writes = writes + 1
  where workspace_key = $1`
)

/** What one statement carries, at most but for a single row. */
const MOST_ROWS = 2_000
const MOST_BYTES = 4 * 1024 * 1024

/** To be called in the transaction that holds the workspace's lock. */
export async function save(
  session: Session,
  key: number,
  { days, marks, removed, entries, clock }: Written,
  labels: readonly LabelRow[]
): Promise<void> {
  await saveLabels(session, key, labels)
  await saveDays(session, key, days)
  if (marks.length > 0) await session.query(MARKS, [key, ...columns(marks, ['day', 'shrunk'])])
  if (removed.length > 0) await session.query(REMOVED, [key, removed])
  await saveEntries(session, key, entries)
  if (days.length + marks.length + removed.length > 0) {
    await session.query(CLOCK, [key, clock?.revision ?? null, clock?.changedAt ?? null])
  }
}

export async function saveLabels(session: Session, key: number, labels: readonly LabelRow[]): Promise<void> {
  for (const some of parts(labels)) {
    await session.query(LABELS, [key, ...columns(some, ['id', 'dimension', 'text', 'location', 'checksum'])])
  }
}

export async function saveDays(session: Session, key: number, days: readonly DayRow[]): Promise<void> {
  for (const some of parts(days)) {
    await session.query(DAYS, [key, ...columns(some, ['day', 'state', 'revision', 'cells', 'shrunk', 'checksum'])])
  }
}

export async function saveEntries(session: Session, key: number, entries: readonly EntryRow[]): Promise<void> {
  for (const some of parts(entries)) {
    const names = ['revision', 'before', 'previous', 'changed_at', 'day', 'state', 'cells', 'checksum'] as const
    await session.query(ENTRIES, [key, ...columns(some, names)])
  }
}

function parts<T extends object>(rows: readonly T[]): (readonly T[])[] {
  const all: T[][] = []
  let bytes = 0
  for (const row of rows) {
    const size = 'cells' in row && row.cells instanceof Uint8Array ? row.cells.length : 0
    const last = all.at(-1)
    if (last === undefined || last.length === MOST_ROWS || bytes + size > MOST_BYTES) {
      all.push([row])
      bytes = size
    } else {
      last.push(row)
      bytes += size
    }
  }
  return all
}

type Plain = number | string | Uint8Array | null

/** The values of each column, one after the other. */
function columns<K extends string>(rows: readonly { readonly [N in K]: Plain }[], names: readonly K[]): Value[] {
  return names.map((name) => rows.map((row) => row[name]))
}
