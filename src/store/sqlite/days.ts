// The rows of days, checked whenever they are read.
import type { Database } from 'better-sqlite3'
import { numberOfDay } from '../../model/day.ts'
import { checkDay, packDay, readDay, readDays, type CheckedDay, type DayRow, type DayTable } from '../day-rows.ts'
import type { LabelBook } from '../label-book.ts'

export interface SqliteDayTable extends DayTable {
  /** The rows from one day to another, both by their numbers, oldest first. */
  selectChecked(workspaceKey: number, first: number, last: number, book: LabelBook): CheckedDay[]
  /** The numbers of the oldest and the newest day; null where there is none. */
  span(workspaceKey: number): { readonly first: number | null; readonly last: number | null }
}

export function createDayTable(db: Database, bookOf: (workspaceKey: number) => LabelBook): SqliteDayTable {
  const columns = 'day, state, revision, cells, shrunk, checksum'
  // Where rows are ordered or grouped, SQLite plans for the very values of `column = ?` and `limit ?`, and so plans anew
  // whenever they are bound, which takes several times what it takes to find a row. A plus hides them from it.
  const selectRange = db.prepare<[number, number, number], DayRow>(`
    select ${columns} from day
    where workspace_key = +? and day between ? and ?
    order by day`)
  const selectAll = db.prepare<[number], DayRow>(`
    select ${columns} from day
    where workspace_key = +?
    order by day`)
  const selectSpan = db.prepare<[number, number], ReturnType<SqliteDayTable['span']>>(`
    select
      (select min(day) from day where workspace_key = +?) as first,
      (select max(day) from day where workspace_key = +?) as last`)
  const upsert = db.prepare<[number, number, number, number, Uint8Array, number]>(`
    insert into day (workspace_key, day, state, revision, cells, shrunk, checksum)
    values (?, ?, ?, ?, ?, 0, ?)
    on conflict do update set state = excluded.state, revision = excluded.revision, cells = excluded.cells,
      shrunk = 0, checksum = excluded.checksum`)
  const updateMark = db.prepare<[number, number, number]>(`
    update day set shrunk = ?
    where workspace_key = ? and day = ?`)
  const remove = db.prepare<[number, number]>('delete from day where workspace_key = ? and day = ?')

  return {
    select(workspaceKey, range) {
      const rows =
        range === undefined
          ? selectAll.all(workspaceKey)
          : selectRange.all(workspaceKey, numberOfDay(range.from), numberOfDay(range.to))
      const book = bookOf(workspaceKey)
      return readDays(workspaceKey, rows.filter(onlyOnce()), book)
    },
    selectChecked(workspaceKey, first, last, book) {
      const rows = selectRange.all(workspaceKey, first, last).filter(onlyOnce())
      return rows.map((row) => checkDay(workspaceKey, row, book))
    },
    span: (workspaceKey) => selectSpan.get(workspaceKey, workspaceKey) ?? { first: null, last: null },
    selectOne(workspaceKey, day) {
      const number = numberOfDay(day)
      const [row] = selectRange.all(workspaceKey, number, number)
      return row?.day === number ? readDay(workspaceKey, row, bookOf(workspaceKey)) : undefined
    },
    put(workspaceKey, entry) {
      const { day, state, revision, cells, checksum } = packDay(workspaceKey, entry, bookOf(workspaceKey))
      upsert.run(workspaceKey, day, state, revision, cells, checksum)
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
