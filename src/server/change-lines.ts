// The log of changes as it is told: an entry a line.
import { locationOf, type CellCount, type Location } from '../model/cube.ts'
import type { Change, ChangeEntry } from '../model/store.ts'

/** In the order in which they are always shown. */
type Counts = { readonly [L in Location]: number }

/** Makes one JSON text of each entry of a workspace. */
export function createLineWriter(workspace: string): (entry: ChangeEntry) => string {
  // There are few labels and many cells.
  const locations = new Map<string, Location>()
  const locate = (label: string): Location => {
    const location = locations.get(label) ?? locationOf(label)
    locations.set(label, location)
    return location
  }

  const sum = (cells: readonly CellCount[]): Counts => {
    const counts = { Quarantine: 0, Delete: 0, Junk: 0, Inbox: 0, Other: 0 }
    for (const { deliveryLocation, count } of cells) counts[locate(deliveryLocation)] += count
    return counts
  }

  /** Null where there are none: a lost day is not known. */
  const countsOf = (change: Change | null): Counts | null =>
    change === null || change.state === 'lost' ? null : sum(change.cells)

  return (entry) =>
    JSON.stringify({
      revision: String(entry.revision),
      workspace,
      date: entry.day,
      state: entry.state,
      counts: countsOf(entry),
      previous: countsOf(entry.previous),
      changedAt: entry.changedAt.toISOString()
    })
}
