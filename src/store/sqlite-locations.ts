// What happens when a newer program computes another location for a label than the one that last opened the store:
// the days it moves are changes, so that whoever follows the log or caches by revision sees them.
import type { Database } from 'better-sqlite3'
import { locationOf, type CellCount } from '../model/cube.ts'
import type { Day } from '../model/day.ts'
import type { StoredState } from './packed-cells.ts'
import type { DayTable } from './sqlite-days.ts'

/** Runs inside a transaction of the caller's; `changer` is called only where a label has moved. */
export function moveLocations(
  db: Database,
  workspaceKey: number,
  days: DayTable,
  changer: () => (day: Day, state: StoredState, cells: readonly CellCount[]) => void
): void {
  const rows = db
    .prepare<[number], { id: number; text: string; location: string | null }>(`
      select id, text, location from label
      where workspace_key = ? and dimension = 0`)
    .all(workspaceKey)
  const moved = rows.filter((row) => row.location !== locationOf(row.text))
  if (moved.length === 0) return

  const labels = new Set(moved.map((row) => row.text))
  const change = changer()
  for (const { day, state, cells, shrunk } of days.select(workspaceKey)) {
    if (state === 'missing' || !cells.some((cell) => labels.has(cell.deliveryLocation))) continue
    change(day, state, cells)
    if (shrunk) days.mark(workspaceKey, day, true)
  }
  const update = db.prepare<[string, number, number]>(
    'update label set location = ? where workspace_key = ? and id = ?'
  )
  for (const row of moved) update.run(locationOf(row.text), workspaceKey, row.id)
}
