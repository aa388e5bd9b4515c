// Pages of the log.
import { OperationalError } from '../../model/errors.ts'
import { NO_REVISION, type Revision } from '../../model/revision.ts'
import type { ChangeEntry, Workspace } from '../../model/store.ts'
import { ENTRY_COLUMNS, linkEntries, readEntry, type EntryRow } from '../log-rows.ts'
import type { LabelBooks } from './labels.ts'
import { loadDays, type Query } from './load.ts'
import { statement } from './pool.ts'
import { keptAfter } from './trim.ts'

const HAS = statement<{ has: boolean }>(
  'has_entry',
  'select exists (select 1 from change where workspace_key = $1 and revision = $2) as has'
)
const COUNT_UP_TO = statement<{ count: number }>(
  'count_entries',
  'select count(*)::int as count from change where workspace_key = $1 and revision <= $2'
)
const PAGE = statement<EntryRow>(
  'page',
  `select ${ENTRY_COLUMNS}
  from change
  where workspace_key = $1 and revision > $2
  order by revision
  limit $3`
)
const SOME = statement<EntryRow>(
  'some_entries',
  `select ${ENTRY_COLUMNS}
  from change
  where workspace_key = $1 and revision = any($2::bigint[])`
)

/** As the contract of `changes` says. To be called on one snapshot. */
export async function pageOfLog(
  query: Query,
  workspace: Workspace,
  { since, limit }: { readonly since: Revision; readonly limit: number },
  books: LabelBooks
): Promise<{ readonly entries: readonly ChangeEntry[]; readonly more: boolean } | undefined> {
  const { key, name } = workspace
  const { state } = await loadDays(query, workspace, 'none')
  const kept = await keptAfter(query, workspace)
  if (since !== NO_REVISION && since < kept) return undefined
  if (since !== NO_REVISION && (await query.query(HAS, [key, since]))[0]?.has !== true) return undefined
  const old = since === NO_REVISION && kept !== NO_REVISION ? await query.query(COUNT_UP_TO, [key, kept]) : []
  const size = Math.max(limit, old[0]?.count ?? 0)
  const rows = await query.query(PAGE, [key, since, size + 1])
  const before = rows.map(({ previous }) => previous).filter((revision) => revision !== NO_REVISION)
  const previous = before.length === 0 ? [] : await query.query(SOME, [key, before])
  const book = await books.at(query, key, state.revision)

  const previousRows = new Map(previous.map((row) => [row.revision, row]))
  const page = { since, limit: size + 1, last: state.revision }
  const entries = linkEntries(key, rows, page, book).map(([row, entry]): ChangeEntry => {
    if (row === undefined || entry === undefined) throw damaged(name)
    if (row.previous === NO_REVISION) return Object.assign(entry, { previous: null })
    const other = previousRows.get(row.previous)
    const found = other && readEntry(key, other, book)
    if (found === undefined) throw damaged(name)
    return Object.assign(entry, { previous: found })
  })
  return { entries: entries.slice(0, size), more: entries.length > size }
}

function damaged(name: string): OperationalError {
  return new OperationalError('store-unavailable', `the log of ${name} is damaged: run 'verify'`)
}
