// The rules that hold among the days and the log of a workspace, looked at one by one.
import { sameCells } from '../model/cube.ts'
import type { Day } from '../model/day.ts'
import type { Change, Workspace } from '../model/store.ts'
import { stateOf, type WorkspaceTables } from './tables.ts'

const PAGE = 1_000

/** What is wrong with the days and the log of a workspace. Runs inside a transaction of the caller's. */
export function faultsOfDays(tables: WorkspaceTables, workspace: Workspace): string[] {
  const { days, log } = tables
  const { key, name } = workspace
  const { revision } = stateOf(tables, workspace)
  const faults: string[] = []
  const last = new Map<Day, Change>()
  let changedAt = 0
  for (let since = 0, more = true; more;) {
    const page = log.after(key, since, PAGE, revision)
    for (const entry of page) {
      if (entry === undefined)
        return [
          `${name}: the log is damaged after revision ${since}: restore a copy, or follow /changes from a later one`
        ]
      if (entry.changedAt.getTime() < changedAt) faults.push(`${name}: the instant of ${entry.revision} is too early`)
      if (last.get(entry.day)?.state === 'final' && entry.state !== 'final') {
        faults.push(`${name}: ${entry.day} was final and became ${entry.state}`)
      }
      changedAt = entry.changedAt.getTime()
      since = entry.revision
      last.set(entry.day, entry)
    }
    more = page.length === PAGE
  }

  for (const row of days.select(key)) {
    const entry = last.get(row.day)
    last.delete(row.day)
    if (row.damaged)
      faults.push(`${name}: ${row.day} is damaged, and the log cannot put it back: ingest or import it again`)
    else if (entry?.revision !== row.revision || entry.state !== row.state || !sameCells(entry.cells, row.cells)) {
      faults.push(`${name}: ${row.day} is not what the log says of it`)
    } else if (row.state === 'lost' && row.cells.length > 0) faults.push(`${name}: ${row.day} is lost and has counts`)
  }
  for (const day of last.keys()) faults.push(`${name}: ${day} is in the log and has no row`)
  return faults
}
