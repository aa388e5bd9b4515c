// The log cut short.
import { NO_REVISION, type Revision } from '../../model/revision.ts'
import type { Workspace } from '../../model/store.ts'
import { ENTRY_COLUMNS, linkEntries, type EntryRow } from '../log-rows.ts'
import { keptEntries } from '../trim-log.ts'
import type { LabelBooks } from './labels.ts'
import { lockState, type Query } from './load.ts'
import { statement, type Session } from './pool.ts'

const KEPT_AFTER = statement<{ readonly kept_after: Revision }>(
  'kept_after',
  'select kept_after from clock where workspace_key = $1'
)
const LAST_BEFORE = statement<{ readonly revision: Revision }>(
  'last_before',
  `select revision
  from change
  where workspace_key = $1 and changed_at < $2
  order by revision desc
  limit 1`
)
const UP_TO = statement<EntryRow>(
  'entries_up_to',
  `select ${ENTRY_COLUMNS}
  from change
  where workspace_key = $1 and revision <= $2
  order by revision`
)
const REMOVE = statement<{ readonly revision: Revision }>(
  'remove_entries',
  `delete from change
  where workspace_key = $1 and revision <= $2 and revision <> all($3::bigint[])
  returning revision`
)
const RELINK = statement(
  'relink_entries',
  `update change set before = link.before, previous = 0, checksum = link.checksum
  from unnest($2::bigint[], $3::bigint[], $4::bigint[]) as link (revision, before, checksum)
  where change.workspace_key = $1 and change.revision = link.revision`
)
const KEEP_AFTER = statement(
  'keep_after',
  'update clock set kept_after = $2, writes = writes + 1 where workspace_key = $1'
)

/** After this entry all are kept; 0: all are. */
export async function keptAfter(query: Query, { key }: Workspace): Promise<Revision> {
  return (await query.query(KEPT_AFTER, [key]))[0]?.kept_after ?? NO_REVISION
}

/** As the contract of `trimLog` says. To be called in a transaction. */
export async function trimLog(
  session: Session,
  workspace: Workspace,
  before: Date,
  books: LabelBooks
): Promise<number> {
  const { key } = workspace
  const { revision: last } = await lockState(session, workspace)
  const floor = (await session.query(LAST_BEFORE, [key, before.getTime()]))[0]?.revision ?? NO_REVISION
  if (floor <= (await keptAfter(session, workspace))) return 0

  const book = await books.at(session, key, last)
  const rows = await session.query(UP_TO, [key, floor])
  const page = { since: NO_REVISION, limit: rows.length, last: floor }
  const entries = linkEntries(key, rows, page, book).map(([, entry]) => entry)
  const kept = keptEntries(workspace, entries, floor, book)
  const column = (name: 'revision' | 'before' | 'checksum'): number[] => kept.map((row) => row[name])
  const removed = await session.query(REMOVE, [key, floor, column('revision')])
  await session.query(RELINK, [key, column('revision'), column('before'), column('checksum')])
  await session.query(KEEP_AFTER, [key, floor])
  return removed.length
}
