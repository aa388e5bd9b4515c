// Entries of the log as they lie on the disk, and how far each can be believed.
import { dayOfNumber } from '../model/day.ts'
import type { Revision } from '../model/revision.ts'
import type { Change } from '../model/store.ts'
import { readChecked, type CheckedRow } from './checked-cells.ts'
import type { LabelBook } from './label-book.ts'

export interface EntryRow extends CheckedRow {
  readonly before: Revision
  readonly previous: Revision
  readonly changed_at: number
}

export const ENTRY_COLUMNS = 'revision, before, previous, changed_at, day, state, cells, checksum'

/** The entry; undefined where it fails its checksum. */
export function readEntry(workspaceKey: number, row: EntryRow, book: LabelBook): Change | undefined {
  const { revision, before, previous, changed_at: changedAt } = row
  const checked = readChecked(workspaceKey, row, book, { changedAt, before, previous })
  if (checked === undefined) return undefined
  const { state } = checked
  return { state, cells: checked.cells(), revision, changedAt: new Date(changedAt), day: dayOfNumber(row.day) }
}
