// The rows of days and the entries of the log, written side by side and checked whenever they are read.
import type { Database } from 'better-sqlite3'
import type { CellCount } from '../model/cube.ts'
import { dayOfNumber, numberOfDay, type Day, type DayRange } from '../model/day.ts'
import type { StoredDay } from '../model/reading.ts'
import type { Revision } from '../model/revision.ts'
import type { Change } from '../model/store.ts'
import type { LabelBook } from './label-book.ts'
import { checksumOf, packCells, stateOfCode, STATE_CODES, unpackCells, type StoredState } from './packed-cells.ts'

interface DayRow {
  readonly day: number
  readonly state: number
  readonly revision: number
  readonly cells: Uint8Array
  readonly shrunk: number
  readonly checksum: number
}

interface ChangeRow extends Omit<DayRow, 'shrunk'> {
  readonly changed_at: number
}

/** One change of one day, about to be written. */
export interface NewChange {
  readonly day: Day
  readonly state: StoredState
  readonly cells: readonly CellCount[]
  readonly revision: Revision
  readonly changedAt: number
}

/** All of it runs inside a transaction of the caller's. */
export interface DayTable {
  /** The days of the range that have a row, oldest first; of all days where no range is given. */
  select(workspaceKey: number, range?: DayRange): StoredDay[]
  selectOne(workspaceKey: number, day: Day): StoredDay | undefined
  /** Replaces the day's row, clears its mark, and adds the entry to the log. */
  change(workspaceKey: number, change: NewChange): void
  mark(workspaceKey: number, day: Day, shrunk: boolean): void
  /** The entries after a revision, oldest first; one that fails its checksum is undefined. */
  changesAfter(workspaceKey: number, since: Revision, limit: number): (Change | undefined)[]
  /** The newest entry of a day: undefined where there is none, or where it fails its checksum. */
  lastChange(workspaceKey: number, day: Day): Change | undefined
  /** Writes a day's row as its entry says, and nothing else. */
  restore(workspaceKey: number, entry: Change): void
  remove(workspaceKey: number, day: Day): void
}

export function createDayTable(db: Database, bookOf: (workspaceKey: number) => LabelBook): DayTable {
  const columns = 'day, state, revision, cells, shrunk, checksum'
  const selectRange = db.prepare<[number, number, number], DayRow>(`
    select ${columns} from day
    where workspace_key = ? and day between ? and ?
    order by day`)
  const selectAll = db.prepare<[number], DayRow>(`
    select ${columns} from day
    where workspace_key = ?
    order by day`)
  const upsertDay = db.prepare<[number, number, number, number, Buffer, number]>(`
    insert into day (workspace_key, day, state, revision, cells, shrunk, checksum)
    values (?, ?, ?, ?, ?, 0, ?)
    on conflict do update set state = excluded.state, revision = excluded.revision, cells = excluded.cells,
      shrunk = 0, checksum = excluded.checksum`)
  const deleteDay = db.prepare<[number, number]>('delete from day where workspace_key = ? and day = ?')
  const updateMark = db.prepare<[number, number, number]>(`
    update day set shrunk = ?
    where workspace_key = ? and day = ?`)
  const insertChange = db.prepare<[number, number, number, number, number, Buffer, number]>(`
    insert into change (workspace_key, revision, changed_at, day, state, cells, checksum)
    values (?, ?, ?, ?, ?, ?, ?)`)
  const changeColumns = 'revision, changed_at, day, state, cells, checksum'
  const selectChanges = db.prepare<[number, number, number], ChangeRow>(`
    select ${changeColumns} from change
    where workspace_key = ? and revision > ?
    order by revision
    limit ?`)
  const selectLastChange = db.prepare<[number, number], ChangeRow>(`
    select ${changeColumns} from change
    where workspace_key = ? and day = ?
    order by revision desc
    limit 1`)

  /** The cells of a row that passes its checksum, else undefined. */
  const check = (workspaceKey: number, row: DayRow | ChangeRow, changedAt?: number): CellCount[] | undefined => {
    const book = bookOf(workspaceKey)
    const cells = unpackCells(row.cells, book)
    if (cells === undefined) return undefined
    const { day, state, revision } = row
    const checked = { workspaceKey, day, state, revision, cells, ...(changedAt !== undefined && { changedAt }) }
    return checksumOf(checked, book) === row.checksum ? cells : undefined
  }

  const toStored = (workspaceKey: number, row: DayRow): StoredDay => {
    const cells = check(workspaceKey, row)
    const state = cells && stateOfCode(row.state)
    const damaged = state === undefined
    return {
      day: dayOfNumber(row.day),
      state: state ?? 'missing',
      revision: row.revision,
      cells: damaged ? [] : (cells ?? []),
      damaged,
      shrunk: row.shrunk === 1
    }
  }

  const toChange = (workspaceKey: number, row: ChangeRow): Change | undefined => {
    const cells = check(workspaceKey, row, row.changed_at)
    const state = stateOfCode(row.state)
    if (cells === undefined || state === undefined) return undefined
    const { revision } = row
    return { revision, changedAt: new Date(row.changed_at), day: dayOfNumber(row.day), state, cells }
  }

  const putDay = (
    workspaceKey: number,
    day: Day,
    state: StoredState,
    revision: Revision,
    cells: readonly CellCount[]
  ) => {
    const book = bookOf(workspaceKey)
    const packed = packCells(cells, book)
    const row = { workspaceKey, day: numberOfDay(day), state: STATE_CODES[state], revision, cells }
    upsertDay.run(workspaceKey, row.day, row.state, revision, packed, checksumOf(row, book))
    return { row, packed }
  }

  return {
    select: (workspaceKey, range) =>
      (range === undefined
        ? selectAll.all(workspaceKey)
        : selectRange.all(workspaceKey, numberOfDay(range.from), numberOfDay(range.to))
      ).map((row) => toStored(workspaceKey, row)),
    selectOne(workspaceKey, day) {
      const number = numberOfDay(day)
      const [row] = selectRange.all(workspaceKey, number, number)
      return row && toStored(workspaceKey, row)
    },
    change(workspaceKey, { day, state, cells, revision, changedAt }) {
      const { row, packed } = putDay(workspaceKey, day, state, revision, cells)
      const checksum = checksumOf({ ...row, changedAt }, bookOf(workspaceKey))
      insertChange.run(workspaceKey, revision, changedAt, row.day, row.state, packed, checksum)
    },
    mark: (workspaceKey, day, shrunk) => void updateMark.run(shrunk ? 1 : 0, workspaceKey, numberOfDay(day)),
    changesAfter: (workspaceKey, since, limit) =>
      selectChanges.all(workspaceKey, since, limit).map((row) => toChange(workspaceKey, row)),
    lastChange(workspaceKey, day) {
      const row = selectLastChange.get(workspaceKey, numberOfDay(day))
      return row && toChange(workspaceKey, row)
    },
    restore: (workspaceKey, { day, state, revision, cells }) => void putDay(workspaceKey, day, state, revision, cells),
    remove: (workspaceKey, day) => void deleteDay.run(workspaceKey, numberOfDay(day))
  }
}
