import { resolve } from 'node:path'
import type { Clock } from '../model/clock.ts'
import { OperationalError } from '../model/errors.ts'
import type { SeriesStore } from '../model/store.ts'
import { isPostgresUrl } from './postgres/address.ts'
import { openSqliteStore } from './sqlite.ts'

const SQLITE = 'sqlite:'

/**
 * The store that STORE_URL names: `sqlite:` and a path, which is relative to the working directory, or `postgres://` and
 * what follows. Rejects with `store-unavailable` where it cannot be opened.
 */
export async function openStore(url: string, clock: Clock): Promise<SeriesStore> {
  const path = sqlitePath(url)
  if (path !== null) return openSqliteStore({ path, clock })
  if (isPostgresUrl(url)) {
    // The driver costs whoever uses SQLite nothing.
    const { openPostgresStore } = await import('./postgres.ts')
    return openPostgresStore({ url, clock })
  }
  const scheme = url.split(':', 1)[0] ?? ''
  throw new OperationalError(
    'store-unavailable',
    `no store is known for '${scheme}:'; use sqlite:data/series.db or postgres://user@host/database`
  )
}

/** The absolute path of a SQLite store; null for any other. */
export function sqlitePath(url: string): string | null {
  return url.startsWith(SQLITE) ? resolve(url.slice(SQLITE.length)) : null
}
