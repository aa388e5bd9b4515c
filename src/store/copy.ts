// Copies of a SQLite store: written beside, checked, and only then given their name.
import { chmodSync, closeSync, mkdirSync, openSync, readSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { OperationalError } from '../model/errors.ts'
import { sync } from './sync.ts'
import { requireDefinitions } from './sqlite/definitions.ts'
import { formatOf, lookFirst, refuseNewerFormat } from './sqlite/format.ts'
import { MIGRATIONS } from './sqlite/schema.ts'
import { openTables } from './sqlite/tables.ts'
import { faultsOfFile, faultsOfStore } from './sqlite/verify.ts'

/** What a good copy holds. */
export interface CopyFacts {
  readonly format: number
  readonly workspaces: number
  /** Days with counts, of all workspaces together. */
  readonly coveredDays: number
}

const COVERED = 'select count(*) from day where state in (1, 2)'

/**
 * Looks at every page, checksum and rule of a store that nobody writes to. Throws `store-unavailable`, with what is
 * wrong: not there, no store, of a newer format, or damaged.
 */
export function checkCopy(path: string): CopyFacts {
  let db: Database.Database | undefined
  try {
    db = new Database(path, { readonly: true, fileMustExist: true })
    refuseNewerFormat(db, path)
    const format = formatOf(db)
    if (format === 0) throw unusable(path, 'is no store of ours')
    if (format === MIGRATIONS.length) requireDefinitions(db, path)
    // Rows of an older format are looked at after they were brought to ours.
    const faults = format === MIGRATIONS.length ? faultsOfStore(openTables(db)) : faultsOfFile(db)
    if (!mayBeWritten(path)) faults.push('its header says that it cannot be written')
    if (faults.length > 0) throw unusable(path, `is damaged: ${faults[0]}`)
    const coveredDays = Number(db.prepare(COVERED).pluck().get())
    const workspaces = Number(db.prepare('select count(*) from workspace').pluck().get())
    return { format, workspaces, coveredDays }
  } catch (error) {
    if (error instanceof OperationalError) throw error
    throw unusable(path, `cannot be read (${error instanceof Error ? error.message : String(error)})`, error)
  } finally {
    db?.close()
  }
}

/**
 * Writes a copy of the store as it stands at this moment, in one step and without stopping its writers; blocks until
 * it is done. The copy is whole and synced before it has its name, and only its owner may read it. Throws
 * `store-unavailable`; what had that name before is then still there.
 */
export function copyStore(from: string, to: string): CopyFacts {
  const aside = `${to}.part`
  try {
    mkdirSync(dirname(to), { recursive: true })
    rmSync(aside, { force: true })
    // The file is made before anything is written to it, so that nobody else could read it meanwhile.
    closeSync(openSync(aside, 'wx', 0o600))
    lookFirst(from)
    const db = new Database(from, { fileMustExist: true, timeout: 10_000 })
    try {
      refuseNewerFormat(db, from)
      db.prepare('vacuum into ?').run(aside)
    } finally {
      db.close()
    }
    chmodSync(aside, 0o600)
    const facts = checkCopy(aside)
    sync(aside)
    renameSync(aside, to)
    sync(dirname(to))
    return facts
  } catch (error) {
    rmSync(aside, { force: true })
    if (error instanceof OperationalError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new OperationalError('store-unavailable', `no copy of ${from} could be written to ${to}: ${reason}`, {
      cause: error
    })
  }
}

/** Whether SQLite would write to it: the first of two versions in the header is none that only a newer one could. */
function mayBeWritten(path: string): boolean {
  const file = openSync(path, 'r')
  try {
    const header = Buffer.alloc(20)
    readSync(file, header, 0, header.length, 0)
    return [header[18], header[19]].every((version) => version === 1 || version === 2)
  } finally {
    closeSync(file)
  }
}

function unusable(path: string, reason: string, cause?: unknown): OperationalError {
  return new OperationalError('store-unavailable', `${path} ${reason}: name another copy`, { cause })
}
