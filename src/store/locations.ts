// What happens when a newer program computes another location for a label than the one that last opened the store:
// the days it moves are changes, so that whoever follows the log or caches by revision sees them.
import type { Workspace } from '../model/store.ts'
import type { Changer } from './changes.ts'
import type { DayTable } from './day-rows.ts'
import type { NewLabel } from './label-book.ts'

/** The labels of delivery locations beside the location that was last computed for each. */
export interface LocatedLabels {
  /** Labels of which another location was computed when they were stored than is now. */
  moved(workspaceKey: number): NewLabel[]
  /** Keeps the location of a label as it is computed now. */
  settle(workspaceKey: number, label: NewLabel): void
}

/** Runs inside a transaction of the caller's; `changer` is called only where a label has moved. */
export function moveLocations(
  { books, days }: { readonly books: LocatedLabels; readonly days: Pick<DayTable, 'select' | 'mark'> },
  { key }: Workspace,
  changer: () => Changer
): void {
  const moved = books.moved(key)
  if (moved.length === 0) return

  const labels = new Set(moved.map((row) => row.text))
  const { change, end } = changer()
  for (const stored of days.select(key)) {
    const { day, state, cells, shrunk } = stored
    if (state === 'missing' || !cells.some((cell) => labels.has(cell.deliveryLocation))) continue
    change(day, stored, state, cells)
    if (shrunk) days.mark(key, day, true)
  }
  end()
  for (const label of moved) books.settle(key, label)
}
