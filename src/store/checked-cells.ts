// What the rows of days and the entries of the log have in common: packed cells under a checksum.
import type { CellCount } from '../model/cube.ts'
import type { LabelBook } from './label-book.ts'
import { checksumOf, stateOfCode, unpackCells, type StoredState } from './packed-cells.ts'

/** As it comes from the disk: nothing of it is believed before its checksum was looked at. */
export interface CheckedRow {
  readonly day: number
  readonly state: number
  readonly revision: number
  readonly cells: Uint8Array
  readonly checksum: number
  /** Of an entry of the log. */
  readonly changed_at?: number
}

/** State and cells of a row that passes its checksum; undefined where it does not. */
export function readChecked(
  workspaceKey: number,
  row: CheckedRow,
  book: LabelBook
): { readonly state: StoredState; readonly cells: readonly CellCount[] } | undefined {
  const cells = unpackCells(row.cells, book)
  const state = stateOfCode(row.state)
  if (cells === undefined || state === undefined) return undefined
  const { day, revision, changed_at: changedAt } = row
  const checked = {
    workspaceKey,
    day,
    state: row.state,
    revision,
    cells,
    ...(changedAt !== undefined && { changedAt })
  }
  return checksumOf(checked, book) === row.checksum ? { state, cells } : undefined
}
