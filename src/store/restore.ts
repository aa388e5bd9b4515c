// Puts a copy in place of a SQLite store, also beside a running server, which sees the old days or the new ones.
import { cpSync, existsSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { NO_REVISION, type Revision } from '../model/revision.ts'
import { checkCopy, copyStore, type CopyFacts } from './copy.ts'
import { goOnAbove, lastOfAll } from './go-on-above.ts'
import { openSqliteDatabase } from './sqlite/database.ts'
import { refuseNewerStore } from './sqlite/format.ts'
import type { KeptKey } from './key-rows.ts'
import { sync } from './sync.ts'
import { openTables, type Tables } from './sqlite/tables.ts'

export interface RestoreOptions {
  /** The copy. */
  readonly from: string
  /** The store that it replaces; it need not be there, and need not be readable. */
  readonly to: string
  /** Take the copy's API keys; else the present ones stay. */
  readonly withKeys: boolean
  readonly now: Date
}

export interface Restored {
  readonly facts: CopyFacts
  /** Where what was replaced is kept; null where there was nothing. */
  readonly kept: string | null
  /** False where there were no present keys to be read, and those of the copy were not taken: there are none now. */
  readonly keysKept: boolean
}

/**
 * Rejects with `store-unavailable`, and changes nothing, where the copy is not good or cannot be written, or where the
 * store is of a newer format.
 * A key that is revoked stays revoked, whichever keys are taken: a copy may be older than the revocation.
 */
export async function restoreStore({ from, to, withKeys, now }: RestoreOptions): Promise<Restored> {
  const staged = `${to}.restored`
  try {
    refuseNewerStore(to)
    checkCopy(from)
    copyStore(from, staged)
    // Brings a copy of an older format to ours.
    openSqliteDatabase(staged, { copyFirst: false }).close()
    const facts = checkCopy(staged)
    const wasThere = existsSync(to)
    const present = presentKeys(to)
    const dropped = mergeKeys(staged, present ?? [], withKeys)
    const last = lastRevision(to)
    within(staged, (tables) => goOnAbove(tables, last, now))

    const kept = wasThere ? keep(to, now) : null
    await replace(staged, to)
    return { facts, kept, keysKept: withKeys || present !== undefined || (!wasThere && dropped === 0) }
  } finally {
    for (const ending of ['', '-wal', '-shm']) rmSync(`${staged}${ending}`, { force: true })
  }
}

/** With the names of the workspaces that they are limited to, since the copy may have other keys for these. */
type PresentKey = KeptKey & { readonly names: readonly string[] | null }

/** Undefined where there is no store, or where it cannot be read. */
function presentKeys(path: string): readonly PresentKey[] | undefined {
  if (!existsSync(path)) return undefined
  try {
    return within(path, ({ keys, workspaces }) =>
      keys.kept().map((key) => {
        const names = key.workspaceKeys?.map(workspaces.nameOf).filter((name) => name !== undefined) ?? null
        return Object.assign(key, { names })
      })
    )
  } catch {
    return undefined
  }
}

/** Of the present store; 0 where there is none, or where it cannot be read. */
function lastRevision(path: string): Revision {
  if (!existsSync(path)) return NO_REVISION
  try {
    return within(path, lastOfAll)
  } catch {
    return NO_REVISION
  }
}

/** How many keys of the copy were not taken. */
function mergeKeys(path: string, present: readonly PresentKey[], withKeys: boolean): number {
  return within(path, ({ db, keys, workspaces }) => {
    const revoked = new Map(present.flatMap((key) => (key.revokedAt === null ? [] : [[key.hash, key.revokedAt]])))
    if (withKeys) {
      for (const { id, hash } of keys.kept()) {
        const at = revoked.get(hash)
        if (at !== undefined) keys.revoke(id, at)
      }
      return 0
    }
    const { changes } = db.prepare('delete from api_key').run()
    for (const { names, ...key } of present) {
      for (const name of names ?? []) workspaces.insert(name)
      keys.insert({ ...key, workspaceKeys: names?.flatMap((name) => workspaces.find(name)?.key ?? []) ?? null })
    }
    return changes
  })
}

function within<T>(path: string, body: (tables: Tables) => T): T {
  const db = new Database(path, { fileMustExist: true, timeout: 10_000 })
  try {
    return db.transaction(() => body(openTables(db))).immediate()
  } finally {
    db.close()
  }
}

/** A copy of what is about to be replaced; of what cannot be read, the files as they are. */
function keep(path: string, now: Date): string {
  const base = `${path}.replaced-${now.toISOString().replaceAll(/[-:]|\.\d+/g, '')}`
  // Two in the same second must not cost what the first has kept.
  let kept = base
  for (let i = 2; existsSync(kept); i++) kept = `${base}-${i}`
  try {
    copyStore(path, kept)
  } catch {
    for (const ending of ['', '-wal']) {
      if (existsSync(`${path}${ending}`)) cpSync(`${path}${ending}`, `${kept}${ending}`)
    }
  }
  return kept
}

/** In one transaction of the old file where it is one, so that whoever has it open goes on with the new days. */
async function replace(staged: string, path: string): Promise<void> {
  if (isDatabase(path)) {
    const db = new Database(staged, { readonly: true })
    try {
      await db.backup(path)
      // It does not sync what it has written to a store that writes ahead.
      for (const ending of ['', '-wal']) if (existsSync(`${path}${ending}`)) sync(`${path}${ending}`)
      return
    } finally {
      db.close()
    }
  }
  // A log of writes that belongs to what was there before must not be taken for one of the new file.
  for (const ending of ['-wal', '-shm']) rmSync(`${path}${ending}`, { force: true })
  sync(staged)
  renameSync(staged, path)
  sync(dirname(path))
}

function isDatabase(path: string): boolean {
  if (!existsSync(path)) return false
  try {
    const db = new Database(path, { fileMustExist: true, timeout: 10_000 })
    try {
      db.exec('begin immediate; rollback')
      return true
    } finally {
      db.close()
    }
  } catch {
    return false
  }
}
