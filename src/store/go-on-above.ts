// Revisions are never issued twice, also where a clock was ahead: a restored store goes on above those of the one that
// it replaces. Else a cursor or an ETag from before would pass for one of now.
import type { Revision } from '../model/revision.ts'
import { createChanger } from './changes.ts'
import type { Tables } from './sqlite/tables.ts'
import { stateOf } from './tables.ts'

/** Revisions run ahead of the clock by one for each day of a transaction; the clock has passed these before long. */
const USUAL_MS = 60_000

/** The last revision that was issued to any workspace. */
export function lastOfAll(tables: Tables): Revision {
  return Math.max(0, ...tables.workspaces.all().map((workspace) => stateOf(tables, workspace).revision))
}

/**
 * Lets each workspace go on above a revision that the clock does not exceed, by an entry that changes nothing. Where
 * the clock does, nothing is to be done. Runs inside a transaction of the caller's.
 */
export function goOnAbove(tables: Tables, last: Revision, now: Date): void {
  if (last < now.getTime() + USUAL_MS) return
  for (const workspace of tables.workspaces.all()) {
    const { key } = workspace
    const newest = tables.days.select(key).toSorted((a, b) => b.revision - a.revision)[0]
    if (newest === undefined || newest.state === 'missing') continue
    const { change, end } = createChanger(tables, workspace, new Date(last + 1))
    change(newest.day, newest, newest.state, newest.cells)
    if (newest.shrunk) tables.days.mark(key, newest.day, true)
    end()
  }
}
