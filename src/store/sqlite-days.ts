// The rows of days, checked whenever they are read.
import type { Database } from 'better-sqlite3'
import { dayOfNumber, numberOfDay, type Day, type DayRange } from '../model/day.ts'
import type { StoredDay } from '../model/reading.ts'
import type { Change } from '../model/store.ts'
import { readChecked, type CheckedRow } from './checked-cells.ts'
import type { LabelBook } from './label-book.ts'
import { checksumOf, packCells, STATE_CODES } from './packed-cells.ts'

interface DayRow extends CheckedRow {
  readonly shrunk: number
}

/** All of it runs inside a transaction of the caller's. */
export interface DayTable {
  /** The days of the range that have a row, oldest first; all of them where no range is given. */
  select(workspaceKey: number, range?: DayRange): StoredDay[]
  selectOne(workspaceKey: number, day: Day): StoredDay | undefined
  /** Replaces the day's row as an entry of the log says, and clears its mark. */
  put(workspaceKey: number, entry: Change): void
  mark(workspaceKey: number, day: Day, shrunk: boolean): void
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
  const upsert = db.prepare<[number, number, number, number, Buffer, number]>(`
    insert into day (workspace_key, day, state, revision, cells, shrunk, checksum)
    values (?, ?, ?, ?, ?, 0, ?)
    on conflict do update set state = excluded.state, revision = excluded.revision, cells = excluded.cells,
      shrunk = 0, checksum = excluded.checksum`)
  const updateMark = db.prepare<[number, number, number]>(`
    update day set shrunk = ?
    where workspace_key = ? and day = ?`)
  const remove = db.prepare<[number, number]>('delete from day where workspace_key = ? and day = ?')

  const toStored = (workspaceKey: number, row: DayRow): StoredDay => {
    const checked = readChecked(workspaceKey, row, bookOf(workspaceKey))
    return {
      day: dayOfNumber(row.day),
      state: checked?.state ?? 'missing',
      revision: row.revision,
      // Whoever asks for states alone needs no cells.
      get cells() {
        return checked?.cells() ?? []
      },
      damaged: checked === undefined,
      shrunk: row.shrunk === 1
    }
  }

  return {
    select(workspaceKey, range) {
      const rows =
        range === undefined
          ? selectAll.all(workspaceKey)
          : selectRange.all(workspaceKey, numberOfDay(range.from), numberOfDay(range.to))
      return rows.filter(onlyOnce()).map((row) => toStored(workspaceKey, row))
    },
    selectOne(workspaceKey, day) {
      const number = numberOfDay(day)
      const [row] = selectRange.all(workspaceKey, number, number)
      return row?.day === number ? toStored(workspaceKey, row) : undefined
    },
    put(workspaceKey, { day, state, revision, cells }) {
      const book = bookOf(workspaceKey)
      const packed = packCells(cells, book)
      const head = { workspaceKey, day: numberOfDay(day), state: STATE_CODES[state], revision }
      upsert.run(workspaceKey, head.day, head.state, revision, packed, checksumOf(head, packed, book) ?? 0)
    },
    mark: (workspaceKey, day, shrunk) => void updateMark.run(shrunk ? 1 : 0, workspaceKey, numberOfDay(day)),
    remove: (workspaceKey, day) => void remove.run(workspaceKey, numberOfDay(day))
  }
}

/** In a damaged tree a row may be found twice; it must not be counted twice. */
function onlyOnce(): (row: DayRow) => boolean {
  const seen = new Set<number>()
  return ({ day }) => seen.size < seen.add(day).size
}
