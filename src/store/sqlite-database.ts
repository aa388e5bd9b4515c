// A SQLite file, opened so that what is acknowledged stays, and that nobody ever waits for a lock.
import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { OperationalError } from '../model/errors.ts'
import { refuseNetwork } from './sqlite-place.ts'
import { MIGRATIONS } from './sqlite-schema.ts'

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
 * SQLite file, damaged, not writable, or of a newer format.
 */
export function openSqliteDatabase(path: string): SqliteDatabase {
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
    if (existsSync(path) && existsSync(`${path}-wal`)) lookFirst(path)
    const writer = connect()
    migrate(writer)
    const reader = connect()
    reader.pragma('query_only = on')
    for (const db of open) db.pragma('busy_timeout = 0')
    return { reader, writer, close }
  } catch (error) {
    close()
    if (error instanceof OperationalError) throw error
    throw new OperationalError('store-unavailable', `${path} cannot be opened as a store: ${whatFailed(error)}`, {
      cause: error
    })
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

function formatOf(db: Database.Database): number {
  return Number(db.pragma('user_version', { simple: true }))
}

/**
 * What a crashed process left beside the file is brought into it by the first connection that closes again. Of a newer
 * format nothing may change, so the first look is one that cannot write.
 */
function lookFirst(path: string): void {
  const db = new Database(path, { readonly: true, timeout: OPEN_WAIT_MS })
  try {
    refuseNewerFormat(db, path)
  } finally {
    db.close()
  }
}

function refuseNewerFormat(db: Database.Database, path: string): void {
  const format = formatOf(db)
  if (format <= MIGRATIONS.length) return
  throw new OperationalError(
    'store-unavailable',
    `${path} has format ${format}, and this program knows formats up to ${MIGRATIONS.length}: ` +
      `use the newer version of post-delivery-series that wrote it, or restore a copy from before`
  )
}

/** Each migration in a transaction of its own, which another process that starts at the same time waits for. */
function migrate(db: Database.Database): void {
  const step = db.transaction(() => {
    const format = formatOf(db)
    const sql = MIGRATIONS[format]
    if (sql === undefined) return false
    db.exec(sql)
    db.pragma(`user_version = ${format + 1}`)
    return true
  })
  while (step.immediate());
}
