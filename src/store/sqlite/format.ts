// The format of a store: the number of migrations that were applied to it.
import { existsSync } from 'node:fs'
import Database from 'better-sqlite3'
import { OperationalError } from '../../model/errors.ts'
import { MIGRATIONS } from './schema.ts'

const LOOK_WAIT_MS = 10_000

/** 0 for a file that is no store of ours, or an empty one. */
export function formatOf(db: Database.Database): number {
  return Number(db.pragma('user_version', { simple: true }))
}

/** Throws `store-unavailable` where only a newer program knows what it means. */
export function refuseNewerFormat(db: Database.Database, path: string): void {
  const format = formatOf(db)
  if (format <= MIGRATIONS.length) return
  throw new OperationalError(
    'store-unavailable',
    `${path} has format ${format}, and this program knows formats up to ${MIGRATIONS.length}: ` +
      `use the newer version of post-delivery-series that wrote it, or move it away and restore a copy from before`
  )
}

/** As `refuseNewerFormat`, for a file that need not be there, nor be a database. */
export function refuseNewerStore(path: string): void {
  if (!existsSync(path)) return
  let db: Database.Database | undefined
  try {
    db = new Database(path, { readonly: true, timeout: LOOK_WAIT_MS })
    refuseNewerFormat(db, path)
  } catch (error) {
    // What cannot be read is no store of a newer format.
    if (error instanceof OperationalError) throw error
  } finally {
    db?.close()
  }
}

/**
 * Refuses a newer format before anything can change. What a crashed process left beside the file is brought into it by
 * the first connection that closes again, so the first look is one that cannot write.
 */
export function lookFirst(path: string): void {
  if (!existsSync(path) || !existsSync(`${path}-wal`)) return
  const db = new Database(path, { readonly: true, timeout: LOOK_WAIT_MS })
  try {
    refuseNewerFormat(db, path)
  } finally {
    db.close()
  }
}
