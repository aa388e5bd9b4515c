// The log: an entry for each change of each day, checked whenever it is read. Each names the entry before it, of the
// workspace and of the day, so that one that cannot be found any more is noticed as well.
import type { Database } from 'better-sqlite3'
import { numberOfDay, type Day } from '../model/day.ts'
import { NO_REVISION, type Revision } from '../model/revision.ts'
import type { Change, ChangeEntry } from '../model/store.ts'
import type { LabelBook } from './label-book.ts'
import { ENTRY_COLUMNS, readEntry, type EntryRow } from './log-rows.ts'
import { checksumOf, packCells, STATE_CODES } from './packed-cells.ts'

/** The revisions of the entries before one, of its workspace and of its day; 0 where there is none. */
export interface Links {
  readonly before: Revision
  readonly previous: Revision
}

/** All of it runs inside a transaction of the caller's. */
export interface ChangeLog {
  append(workspaceKey: number, entry: Change, links: Links): void
  has(workspaceKey: number, revision: Revision): boolean
  /**
   * The entries after a revision, oldest first; undefined in place of one that fails its checksum, or that does not
   * follow the one before. `last` is the workspace's revision: there is one more, undefined, where the log ends earlier.
   */
  after(workspaceKey: number, since: Revision, limit: number, last: Revision): (Change | undefined)[]
  /** The same, each beside the entry of its day before it. */
  page(workspaceKey: number, since: Revision, limit: number, last: Revision): (ChangeEntry | undefined)[]
  /** The newest entry of a day; null where there is none, undefined where it fails its checksum. */
  lastOf(workspaceKey: number, day: Day): Change | null | undefined
}

export function createChangeLog(db: Database, bookOf: (workspaceKey: number) => LabelBook): ChangeLog {
  const insert = db.prepare<[number, number, number, number, number, number, number, Buffer, number]>(`
    insert into change (workspace_key, revision, before, previous, changed_at, day, state, cells, checksum)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const selectOne = db.prepare<[number, number], EntryRow>(`
    select ${ENTRY_COLUMNS} from change
    where workspace_key = ? and revision = ?`)
  const selectAfter = db.prepare<[number, number, number], EntryRow>(`
    select ${ENTRY_COLUMNS} from change
    where workspace_key = ? and revision > ?
    order by revision
    limit ?`)
  const selectLast = db.prepare<[number, number], EntryRow>(`
    select ${ENTRY_COLUMNS} from change
    where workspace_key = ? and day = ?
    order by revision desc
    limit 1`)

  /** Each row with its entry, which is undefined where it cannot be believed. */
  const linked = (
    key: number,
    since: Revision,
    limit: number,
    last: Revision
  ): [EntryRow | undefined, Change | undefined][] => {
    let before = since
    const rows = selectAfter.all(key, since, limit).map((row): [EntryRow, Change | undefined] => {
      const follows = row.before === before
      before = row.revision
      return [row, follows ? readEntry(key, row, bookOf(key)) : undefined]
    })
    return rows.length < limit && before !== last ? [...rows, [undefined, undefined]] : rows
  }

  return {
    append(workspaceKey, { day, state, revision, cells, changedAt: instant }, { before, previous }) {
      const book = bookOf(workspaceKey)
      const packed = packCells(cells, book)
      const entry = { changedAt: instant.getTime(), before, previous }
      const head = { workspaceKey, day: numberOfDay(day), state: STATE_CODES[state], revision, entry }
      const checksum = checksumOf(head, packed, book) ?? 0
      insert.run(workspaceKey, revision, before, previous, entry.changedAt, head.day, head.state, packed, checksum)
    },
    has: (workspaceKey, revision) => selectOne.get(workspaceKey, revision)?.revision === revision,
    after: (workspaceKey, since, limit, last) => linked(workspaceKey, since, limit, last).map(([, entry]) => entry),
    page: (workspaceKey, since, limit, last) =>
      linked(workspaceKey, since, limit, last).map(([row, entry]) => {
        if (row === undefined || entry === undefined) return undefined
        if (row.previous === NO_REVISION) return Object.assign(entry, { previous: null })
        const other = selectOne.get(workspaceKey, row.previous)
        // In a damaged tree another row may be found than the one that was looked for.
        if (other?.revision !== row.previous) return undefined
        const previous = readEntry(workspaceKey, other, bookOf(workspaceKey))
        return previous && Object.assign(entry, { previous })
      }),
    lastOf(workspaceKey, day) {
      const row = selectLast.get(workspaceKey, numberOfDay(day))
      if (row === undefined) return null
      return row.day === numberOfDay(day) ? readEntry(workspaceKey, row, bookOf(workspaceKey)) : undefined
    }
  }
}
