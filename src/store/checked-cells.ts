// What the rows of days and the entries of the log have in common: packed cells under a checksum.
import type { CellCount } from '../model/cube.ts'
import type { Sorting } from '../model/sums.ts'
import type { LabelBook } from './label-book.ts'
import { checksumOf, stateOfCode, unpackCells, type CheckedHead, type StoredState } from './packed-cells.ts'
import { addUpPacked } from './packed-sums.ts'

/** As it comes from the disk: nothing of it is believed before its checksum was looked at. */
export interface CheckedRow {
  readonly day: number
  readonly state: number
  readonly revision: number
  readonly cells: Uint8Array
  readonly checksum: number
}

export interface CheckedCells {
  readonly state: StoredState
  /** Unpacks them each time. */
  cells(): readonly CellCount[]
  /** What `addUp` makes of the cells. */
  addUp(sorting: Sorting): number[]
}

/** State and cells of a row that passes its checksum; undefined where it does not. */
export function readChecked(
  workspaceKey: number,
  row: CheckedRow,
  book: LabelBook,
  entry?: CheckedHead['entry']
): CheckedCells | undefined {
  const state = stateOfCode(row.state)
  const { day, revision } = row
  const head = { workspaceKey, day, state: row.state, revision, ...(entry !== undefined && { entry }) }
  if (state === undefined || !(row.cells instanceof Uint8Array)) return undefined
  if (checksumOf(head, row.cells, book) !== row.checksum) return undefined
  return {
    state,
    cells: () => unpackCells(row.cells, book),
    addUp: (sorting) => addUpPacked(row.cells, book, sorting)
  }
}
