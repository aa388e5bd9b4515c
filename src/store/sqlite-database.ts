// A SQLite file, opened so that what is acknowledged stays, and that nobody ever waits for a lock.
import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import type { Clock } from '../model/clock.ts'
import { OperationalError } from '../model/errors.ts'
import { MIGRATIONS } from './sqlite-schema.ts'

export interface SqliteDatabase {
  readonly db: Database.Database
  /** Runs `body` in one transaction that may write; another process's lock is waited for without blocking. */
  write<T>(body: () => T): Promise<T>
  /** Runs what is no transaction; waits as `write` does. */
  attempt<T>(run: () => T): Promise<T>
  /** Runs `body` on one snapshot. */
  read<T>(body: () => T): Promise<T>
  close(): void
}

/** How long a statement waits for another process's lock, in steps that leave the event loop free. */
const LOCK_WAIT_MS = 30_000
const LOCK_STEP_MS = 20
/** At the start nothing is served yet, so here waiting may block. */
const OPEN_WAIT_MS = 10_000

/**
 * Opens or makes the file, and its folder, and brings it to this program's format. Throws `store-unavailable`: no
 * SQLite file, damaged, not writable, or of a newer format. `onRollback` is called after each write that came to nothing.
 */
export function openSqliteDatabase(path: string, clock: Clock, onRollback: () => void): SqliteDatabase {
  let db: Database.Database | undefined
  try {
    mkdirSync(dirname(path), { recursive: true })
    if (existsSync(path) && existsSync(`${path}-wal`)) lookFirst(path)
    db = new Database(path, { timeout: OPEN_WAIT_MS })
    refuseNewerFormat(db, path)
    db.pragma('journal_mode = wal')
    // NORMAL would lose acknowledged transactions in a power cut; it is a setting of the connection, not of the file.
    db.pragma('synchronous = full')
    db.pragma('foreign_keys = on')
    migrate(db)
    db.pragma('busy_timeout = 0')
  } catch (error) {
    db?.close()
    if (error instanceof OperationalError) throw error
    throw new OperationalError('store-unavailable', `${path} cannot be opened as a store: ${whatFailed(error)}`, {
      cause: error
    })
  }
  return { db, ...createTransactions(db, clock, onRollback), close: () => void db.close() }
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

function createTransactions(
  db: Database.Database,
  clock: Clock,
  onRollback: () => void
): Pick<SqliteDatabase, 'attempt' | 'read' | 'write'> {
  const attempt = async <T>(run: () => T): Promise<T> => {
    for (let waitedMs = 0; ; waitedMs += LOCK_STEP_MS) {
      try {
        return run()
      } catch (error) {
        if (!isBusy(error)) throw asStoreError(error)
        if (waitedMs >= LOCK_WAIT_MS) {
          const message = `another process has held the store's lock for ${LOCK_WAIT_MS / 1000} seconds`
          throw new OperationalError('store-unavailable', message, { cause: error })
        }
      }
      await clock.after(LOCK_STEP_MS)
    }
  }
  return {
    attempt,
    read: (body) => attempt(() => db.transaction(body).deferred()),
    write: (body) =>
      attempt(() => {
        try {
          return db.transaction(body).immediate()
        } catch (error) {
          // The body or the commit: in either case nothing of it is on the disk.
          onRollback()
          throw error
        }
      })
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')
}

/** SQLite's failures and the use of a closed store are the store's; everything else is passed on as it is. */
function asStoreError(error: unknown): unknown {
  const closed = error instanceof TypeError && error.message.includes('database connection is not open')
  if (!closed && !(error instanceof Database.SqliteError)) return error
  return new OperationalError('store-unavailable', 'the store cannot be read or written at the moment', {
    cause: error
  })
}
