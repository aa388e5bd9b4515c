// Rows of days as they lie on the disk, and how far each can be believed.
import type { CellCount } from '../model/cube.ts'
import { dayOfNumber, numberOfDay, type Day, type DayRange } from '../model/day.ts'
import type { StoredDay } from '../model/reading.ts'
import type { Change } from '../model/store.ts'
import { offerSums } from '../model/sums.ts'
import { readChecked, type CheckedCells, type CheckedRow } from './checked-cells.ts'
import type { LabelBook } from './label-book.ts'
import { checksumOf, packCells, STATE_CODES } from './packed-cells.ts'

export interface DayRow extends CheckedRow {
  /** 1: the last reading was refused as empty; outside the checksum. */
  readonly shrunk: number
}

/** The days of a transaction of the caller's. */
export interface DayTable {
  /** The days of the range that have a row, oldest first; all of them where no range is given. */
  select(workspaceKey: number, range?: DayRange): StoredDay[]
  selectOne(workspaceKey: number, day: Day): StoredDay | undefined
  /** Replaces the day's row as an entry of the log says, and clears its mark. */
  put(workspaceKey: number, entry: Change): void
  mark(workspaceKey: number, day: Day, shrunk: boolean): void
  remove(workspaceKey: number, day: Day): void
}

/** The row of a day as an entry of the log says; labels that are new are added to the book. */
export function packDay(workspaceKey: number, { day, state, revision, cells }: Change, book: LabelBook): DayRow {
  const packed = packCells(cells, book)
  const head = { workspaceKey, day: numberOfDay(day), state: STATE_CODES[state], revision }
  const checksum = checksumOf(head, packed, book) ?? 0
  return { day: head.day, state: head.state, revision, cells: packed, shrunk: 0, checksum }
}

/** What a row says; nothing where it fails its checksum. */
export function readDay(workspaceKey: number, row: DayRow, book: LabelBook): StoredDay {
  return toStored(checkDay(workspaceKey, row, book))
}

/** The same of many rows, which can then be added up without making their cells. */
export function readDays(workspaceKey: number, rows: readonly DayRow[], book: LabelBook): StoredDay[] {
  return toStoredDays(rows.map((row) => checkDay(workspaceKey, row, book)))
}

/** A row of which is known whether it passes its checksum; undefined where it does not. */
export interface CheckedDay {
  readonly row: DayRow
  readonly checked: CheckedCells | undefined
}

export function checkDay(workspaceKey: number, row: DayRow, book: LabelBook): CheckedDay {
  return { row, checked: readChecked(workspaceKey, row, book) }
}

export function toStoredDays(days: readonly CheckedDay[]): StoredDay[] {
  const stored = days.map(toStored)
  offerSums(stored, (sorting) => days.map(({ checked }) => checked?.addUp(sorting) ?? []))
  return stored
}

function toStored({ row: { day, revision, shrunk }, checked }: CheckedDay): StoredDay {
  let cells: readonly CellCount[] | undefined
  return {
    day: dayOfNumber(day),
    state: checked?.state ?? 'missing',
    revision,
    // Whoever asks for states or sums alone needs no cells.
    get cells() {
      return (cells ??= checked?.cells() ?? [])
    },
    damaged: checked === undefined,
    shrunk: shrunk === 1
  }
}
