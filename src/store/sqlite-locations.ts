// What happens when a newer program computes another location for a label than the one that last opened the store:
// the days it moves are changes, so that whoever follows the log or caches by revision sees them.
import { locationOf } from '../model/cube.ts'
import type { Workspace } from '../model/store.ts'
import type { Changer } from './sqlite-changes.ts'
import type { Tables } from './sqlite-tables.ts'

/** Runs inside a transaction of the caller's; `changer` is called only where a label has moved. */
export function moveLocations({ db, days }: Tables, { key }: Workspace, changer: () => Changer): void {
  const rows = db
    .prepare<[number], { id: number; text: string; location: string | null }>(`
      select id, text, location from label
      where workspace_key = ? and dimension = 0`)
    .all(key)
  const moved = rows.filter((row) => row.location !== locationOf(row.text))
  if (moved.length === 0) return

  const labels = new Set(moved.map((row) => row.text))
  const change = changer()
  for (const { day, state, cells, shrunk } of days.select(key)) {
    if (state === 'missing' || !cells.some((cell) => labels.has(cell.deliveryLocation))) continue
    change(day, state, cells)
    if (shrunk) days.mark(key, day, true)
  }
  const update = db.prepare<[string, number, number]>(
    'update label set location = ? where workspace_key = ? and id = ?'
  )
  for (const row of moved) update.run(locationOf(row.text), key, row.id)
}
