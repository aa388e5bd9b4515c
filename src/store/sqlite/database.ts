// A SQLite file, opened so that what is acknowledged stays, and that nobody ever waits for a lock.
import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { OperationalError } from '../../model/errors.ts'
import { copyStore } from '../copy.ts'
import { requireDefinitions } from './definitions.ts'
import { formatOf, lookFirst, refuseNewerFormat } from './format.ts'
import { refuseNetwork } from './place.ts'
import { MIGRATIONS } from './schema.ts'

export interface SqliteDatabase {
  /** Each sees its own snapshot; only one of them writes. */
  readonly reader: Database.Database
  readonly writer: Database.Database
  /** A second call does nothing. */
  close(): void
}

/** At the start nothing is served yet, so here waiting for another process may block. */
const OPEN_WAIT_MS = 10_000

/**
 * Opens or makes the file, and its folder, and brings it to this program's format. Throws `store-unavailable`: no
 * SQLite file, damaged, not writable, or of a newer format. What is of an older one is copied first, unless told
 * otherwise: to the same path with `.format-N`.
 */
export function openSqliteDatabase(path: string, { copyFirst = true } = {}): SqliteDatabase {
  const open: Database.Database[] = []
  const close = (): void => {
    for (const db of open) db.close()
  }
  const connect = (): Database.Database => {
    const db = new Database(path, { timeout: OPEN_WAIT_MS })
    open.push(db)
    refuseNewerFormat(db, path)
    db.pragma('journal_mode = wal')
    // NORMAL would lose acknowledged transactions in a power cut; it is a setting of the connection, not of the file.
    db.pragma('synchronous = full')
    db.pragma('foreign_keys = on')
    return db
  }
  try {
    makeFolder(dirname(path))
    refuseNetwork(path)
    lookFirst(path)
    const writer = connect()
    migrate(writer, path, copyFirst)
    requireDefinitions(writer, path)
    const reader = connect()
    reader.pragma('query_only = on')
    for (const db of open) db.pragma('busy_timeout = 0')
    return { reader, writer, close }
  } catch (error) {
    close()
    if (error instanceof OperationalError) throw error
    throw new OperationalError(
      'store-unavailable',
      `${path} cannot be opened as a store (${whatFailed(error)}): check STORE_URL, and who may write there`,
      {
        cause: error
      }
    )
  }
}

/** Node's own recursive mkdir never returns from a place that takes no folders, as /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  try {
    mkdirSync(path)
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!existsSync(path)) throw error
  }
}

function whatFailed(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/**
 * Each migration in a transaction of its own, which another process that starts at the same time waits for. Before the
 * first, a store that holds something is copied: who has to go back to the program from before needs it.
 */
function migrate(db: Database.Database, path: string, copyFirst: boolean): void {
  let copied = !copyFirst
  const step = db.transaction(() => {
    const format = formatOf(db)
    const sql = MIGRATIONS[format]
    if (sql === undefined) return false
    if (format > 0 && !copied) copyStore(path, `${path}.format-${format}`)
    copied = true
    db.exec(sql)
    db.pragma(`user_version = ${format + 1}`)
    return true
  })
  // A store that is of our format already is opened also while others write without a pause.
  while (formatOf(db) < MIGRATIONS.length && step.immediate());
}
