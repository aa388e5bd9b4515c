// Puts damaged days back from the log. The log is believed only as far as it can be: an entry must pass its own
// checksum, and a row that says another revision, or that is not there at all, counts only beside a log that is whole.
import type { Day } from '../model/day.ts'
import type { Change, Workspace } from '../model/store.ts'
import { stateOf, type WorkspaceTables } from './tables.ts'

export interface Healed {
  readonly healed: readonly Day[]
  /** What the log could not put back. */
  readonly damaged: readonly Day[]
}

const PAGE = 1_000

/** Runs inside a transaction of the caller's; takes no revision and leaves no entry. */
export function healWorkspace(tables: WorkspaceTables, workspace: Workspace): Healed {
  const { days, log } = tables
  const workspaceKey = workspace.key
  const rows = days.select(workspaceKey)
  if (!rows.some((row) => row.damaged)) return { healed: [], damaged: [] }

  const replayed = replay(tables, workspace)
  const healed: Day[] = []
  const damaged: Day[] = []
  const present = new Set(rows.map((row) => row.day))
  for (const row of rows) {
    if (!row.damaged) continue
    const entry = log.lastOf(workspaceKey, row.day)
    if (entry && (entry.revision === row.revision || replayed !== undefined)) {
      days.put(workspaceKey, entry)
      healed.push(row.day)
    } else if (replayed !== undefined && !replayed.has(row.day)) {
      // Its key is what was damaged: the day it was is put back below.
      days.remove(workspaceKey, row.day)
    } else damaged.push(row.day)
  }
  for (const entry of replayed?.values() ?? []) {
    if (present.has(entry.day)) continue
    days.put(workspaceKey, entry)
    healed.push(entry.day)
  }
  return { healed, damaged }
}

/** The last entry of each day; undefined where any entry is damaged, since it may have been any day's. */
function replay(tables: WorkspaceTables, workspace: Workspace): Map<Day, Change> | undefined {
  const { revision } = stateOf(tables, workspace)
  const last = new Map<Day, Change>()
  for (let since = 0, page: (Change | undefined)[] = []; ;) {
    page = tables.log.after(workspace.key, since, PAGE, revision)
    for (const entry of page) {
      if (entry === undefined) return undefined
      last.set(entry.day, entry)
      since = entry.revision
    }
    if (page.length < PAGE) return last
  }
}
