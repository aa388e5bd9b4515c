// A folder of copies: which is the newest good one, and which may go.
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { MS_PER_DAY } from '../model/day.ts'
import { OperationalError } from '../model/errors.ts'
import { checkCopy, copyStore, type CopyFacts } from './copy.ts'

const NAME = /^series-\d{8}T\d{6}Z\.db$/

/** Writes a copy named by its instant into the folder, and removes what it and newer ones make needless. */
export function addCopy(store: string, folder: string, keep: number, now: Date): { path: string; facts: CopyFacts } {
  const path = join(folder, `series-${now.toISOString().replaceAll(/[-:]|\.\d+/g, '')}.db`)
  const facts = copyStore(store, path)
  removeOldCopies(folder, keep)
  removeUnfinished(folder, now)
  return { path, facts }
}

/** The newest copy in the folder that passes every check; null where there is none. */
export function newestGoodCopy(folder: string): string | null {
  return copiesIn(folder).find((path) => factsOf(path) !== null) ?? null
}

/** Whether the folder holds any copy, good or not. */
export function holdsCopies(folder: string): boolean {
  return copiesIn(folder).length > 0
}

/** Whether the path holds a store with any day in it, or a file of which that cannot be told. */
export function storeHoldsDays(path: string): boolean {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0) return false
  let db: Database.Database | undefined
  try {
    db = new Database(path, { readonly: true, timeout: 10_000 })
    return db.prepare('select 1 from day limit 1').get() !== undefined
  } catch {
    return true
  } finally {
    db?.close()
  }
}

/**
 * Keeps the newest good copies. An older one goes only where a kept one covers as many days: a store that was begun
 * anew must not push out what is left of the one before. What is damaged is no copy, and is left to be looked at.
 */
function removeOldCopies(folder: string, keep: number): void {
  let covered = 0
  let kept = 0
  for (const path of copiesIn(folder)) {
    const facts = factsOf(path)
    if (facts === null) continue
    if (kept >= keep && facts.coveredDays <= covered) {
      rmSync(path)
      continue
    }
    kept++
    covered = Math.max(covered, facts.coveredDays)
  }
}

/** What a process that was killed has left. A younger one may be another process's that is at work. */
function removeUnfinished(folder: string, now: Date): void {
  for (const name of readdirSync(folder)) {
    if (!name.endsWith('.part') || !NAME.test(name.slice(0, -'.part'.length))) continue
    const stat = statSync(join(folder, name), { throwIfNoEntry: false })
    if (stat !== undefined && now.getTime() - stat.mtimeMs > MS_PER_DAY) rmSync(join(folder, name), { force: true })
  }
}

/** Newest first. */
function copiesIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  const names = readdirSync(folder).filter((name) => NAME.test(name))
  return names.toSorted((a, b) => (a < b ? 1 : -1)).map((name) => join(folder, name))
}

function factsOf(path: string): CopyFacts | null {
  try {
    return checkCopy(path)
  } catch (error) {
    if (error instanceof OperationalError) return null
    throw error
  }
}
