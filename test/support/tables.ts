// The tables of a store in memory, to be filled with what no store would ever write: entries that break a rule, under
// checksums that hold.
import Database from 'better-sqlite3'
import type { CellCount } from '../../src/model/cube.ts'
import { numberOfDay, type Day } from '../../src/model/day.ts'
import { NO_REVISION } from '../../src/model/revision.ts'
import type { Change, Workspace } from '../../src/model/store.ts'
import { MIGRATIONS } from '../../src/store/sqlite/schema.ts'
import { openTables, type Tables } from '../../src/store/sqlite/tables.ts'
import { d } from './counts.ts'

export interface TablesBed {
  readonly tables: Tables
  readonly contoso: Workspace
  /** Adds an entry to the log, and makes it the day's row. */
  write(entry: Change): void
  /** Changes what is kept of a day, so that its checksum does not hold any more. */
  damageDay(day: string): void
  /** The same for an entry of the log. */
  damageEntry(revision: number): void
  /** Runs a statement that must change one row. */
  run(sql: string, ...values: number[]): void
}

export function newTables(t: { teardown(end: () => unknown): void }): TablesBed {
  const db = new Database(':memory:')
  t.teardown(() => db.close())
  for (const sql of MIGRATIONS) db.exec(sql)
  const tables = openTables(db)
  tables.workspaces.insert('contoso')
  const contoso = tables.workspaces.find('contoso')
  if (contoso === undefined) throw new Error('contoso was made just now')

  const last = new Map<Day, number>()
  let before = NO_REVISION
  const run = (sql: string, ...values: number[]): void => {
    const { changes } = db.prepare(sql).run(...values)
    if (changes !== 1) throw new Error(`changed ${changes} rows and not one: ${sql}`)
  }
  return {
    tables,
    contoso,
    write(entry) {
      tables.log.append(contoso.key, entry, { before, previous: last.get(entry.day) ?? NO_REVISION })
      tables.days.put(contoso.key, entry)
      tables.workspaces.advance(contoso.key, entry.revision, entry.changedAt.getTime())
      before = entry.revision
      last.set(entry.day, entry.revision)
    },
    damageDay: (day) => run('update day set state = state % 2 + 1 where day = ?', numberOfDay(d(day))),
    damageEntry: (revision) => run('update change set day = day + 1 where revision = ?', revision),
    run
  }
}

export function entryOf(revision: number, day: string, state: Change['state'], ...cells: CellCount[]): Change {
  return { revision, day: d(day), state, cells, changedAt: new Date(revision) }
}
