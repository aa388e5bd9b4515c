// The definitions of the tables lie in the file as text. A flipped bit in a name there would change what is read, or under
// which name.
import Database from 'better-sqlite3'
import { OperationalError } from '../../model/errors.ts'
import { MIGRATIONS } from './schema.ts'

type Definition = readonly [type: string, name: string, table: string, sql: string | null]

/** Throws `store-unavailable` where a table or index of ours is not defined as its migrations do; others may be there. */
export function requireDefinitions(db: Database.Database, path: string): void {
  const found = new Set(definitionsIn(db))
  if (expected().every((definition) => found.has(definition))) return
  throw new OperationalError('store-unavailable', `${path} is damaged: its tables are not those of this program`)
}

let known: readonly string[] | undefined

function expected(): readonly string[] {
  if (known !== undefined) return known
  const db = new Database(':memory:')
  try {
    for (const sql of MIGRATIONS) db.exec(sql)
    return (known = definitionsIn(db))
  } finally {
    db.close()
  }
}

function definitionsIn(db: Database.Database): string[] {
  const rows = db.prepare<[], Definition>('select type, name, tbl_name, sql from sqlite_schema').raw().all()
  return rows.map((row) => JSON.stringify(row))
}
