// The log: an entry for each change of each day, checked whenever it is read.
import type { Database } from 'better-sqlite3'
import { dayOfNumber, numberOfDay, type Day, type DayRange } from '../model/day.ts'
import type { StoredDay } from '../model/reading.ts'
import { NO_REVISION, type Revision } from '../model/revision.ts'
import type { Change, Moment } from '../model/store.ts'
import { readChecked, type CheckedRow } from './checked-cells.ts'
import type { LabelBook } from './label-book.ts'
import { checksumOf, packCells, STATE_CODES } from './packed-cells.ts'

interface EntryRow extends CheckedRow {
  readonly changed_at: number
}

type MomentRow = Pick<EntryRow, 'revision' | 'changed_at'>

/** All of it runs inside a transaction of the caller's. */
export interface ChangeLog {
  append(workspaceKey: number, entry: Change): void
  has(workspaceKey: number, revision: Revision): boolean
  /** The entries after a revision, oldest first; one that fails its checksum is undefined. */
  after(workspaceKey: number, since: Revision, limit: number): (Change | undefined)[]
  /** The newest entry of a day before a revision; null where there is none, undefined where it fails its checksum. */
  lastOf(workspaceKey: number, day: Day, before?: Revision): Change | null | undefined
  /** The days of the range that had a row at a revision, oldest first, as they stood then. */
  daysAt(workspaceKey: number, range: DayRange, at: Revision): StoredDay[]
  /** The end of the transaction that holds the newest entry not after a revision, or an instant. */
  momentOf(workspaceKey: number, at: Revision | Date): Moment
}

export function createChangeLog(db: Database, bookOf: (workspaceKey: number) => LabelBook): ChangeLog {
  const columns = 'revision, changed_at, day, state, cells, checksum'
  const insert = db.prepare<[number, number, number, number, number, Buffer, number]>(`
    insert into change (workspace_key, revision, changed_at, day, state, cells, checksum)
    values (?, ?, ?, ?, ?, ?, ?)`)
  const selectOne = db.prepare<[number, number]>(`
    select 1 from change
    where workspace_key = ? and revision = ?`)
  const selectAfter = db.prepare<[number, number, number], EntryRow>(`
    select ${columns} from change
    where workspace_key = ? and revision > ?
    order by revision
    limit ?`)
  const selectLast = db.prepare<[number, number, number], EntryRow>(`
    select ${columns} from change
    where workspace_key = ? and day = ? and revision < ?
    order by revision desc
    limit 1`)
  const selectAt = db.prepare<{ key: number; from: number; to: number; at: number }, EntryRow>(`
    select ${columns} from change
    where workspace_key = :key and revision in (
      select max(revision) from change
      where workspace_key = :key and day between :from and :to and revision <= :at
      group by day)
    order by day`)
  const selectMoment = db.prepare<[number, number], MomentRow>(`
    select revision, changed_at from change
    where workspace_key = ? and revision <= ?
    order by revision desc
    limit 1`)
  const selectMomentsAfter = db.prepare<[number, number], MomentRow>(`
    select revision, changed_at from change
    where workspace_key = ? and revision > ?
    order by revision`)

  const toEntry = (workspaceKey: number, row: EntryRow): Change | undefined => {
    const checked = readChecked(workspaceKey, row, bookOf(workspaceKey))
    if (checked === undefined) return undefined
    const { revision } = row
    const [changedAt, day] = [new Date(row.changed_at), dayOfNumber(row.day)]
    return { state: checked.state, cells: checked.cells(), revision, changedAt, day }
  }

  const toStored = (workspaceKey: number, row: EntryRow): StoredDay => {
    const checked = readChecked(workspaceKey, row, bookOf(workspaceKey))
    return {
      day: dayOfNumber(row.day),
      state: checked?.state ?? 'missing',
      revision: row.revision,
      cells: checked?.cells() ?? [],
      damaged: checked === undefined,
      shrunk: false
    }
  }

  return {
    append(workspaceKey, { day, state, revision, cells, changedAt: instant }) {
      const book = bookOf(workspaceKey)
      const packed = packCells(cells, book)
      const changedAt = instant.getTime()
      const head = { workspaceKey, day: numberOfDay(day), state: STATE_CODES[state], revision, changedAt }
      const checksum = checksumOf(head, packed, book) ?? 0
      insert.run(workspaceKey, revision, changedAt, head.day, head.state, packed, checksum)
    },
    has: (workspaceKey, revision) => selectOne.get(workspaceKey, revision) !== undefined,
    after: (workspaceKey, since, limit) =>
      selectAfter.all(workspaceKey, since, limit).map((row) => toEntry(workspaceKey, row)),
    lastOf(workspaceKey, day, before = Number.MAX_SAFE_INTEGER) {
      const row = selectLast.get(workspaceKey, numberOfDay(day), before)
      return row === undefined ? null : toEntry(workspaceKey, row)
    },
    daysAt: (key, range, at) =>
      selectAt
        .all({ key, from: numberOfDay(range.from), to: numberOfDay(range.to), at })
        .map((row) => toStored(key, row)),
    momentOf(workspaceKey, at) {
      const instant = at instanceof Date ? at.getTime() : undefined
      // An entry's revision is never less than its instant, so the newest entry up to an instant has this revision or
      // a later one.
      let last = selectMoment.get(workspaceKey, at instanceof Date ? at.getTime() : at)
      const until = instant ?? last?.changed_at
      if (until === undefined) return { revision: NO_REVISION, changedAt: null }
      for (const next of selectMomentsAfter.iterate(workspaceKey, last?.revision ?? NO_REVISION)) {
        if (next.changed_at > until) break
        last = next
      }
      const { revision, changed_at } = last ?? { revision: NO_REVISION, changed_at: null }
      return { revision, changedAt: changed_at === null ? null : new Date(changed_at) }
    }
  }
}
