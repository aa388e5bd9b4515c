// The store, for commands that tell or change what it holds: none of them makes one.
import { existsSync, statSync } from 'node:fs'
import { withRemedy } from '../backups.ts'
import type { Config } from '../config.ts'
import { OperationalError } from '../model/errors.ts'
import type { SeriesStore } from '../model/store.ts'
import { openStore, sqlitePath } from '../store/open.ts'
import { describeAddress, isPostgresUrl } from '../store/postgres/address.ts'
import { systemClock } from '../system-clock.ts'

const BEGIN = "'serve', 'ingest' or 'import' begins one; where there should be one, look at STORE_URL"

/** Closed when the work has ended. Rejects with `store-unavailable` where there is no store yet, and makes none. */
export async function withExistingStore(config: Config, act: (store: SeriesStore) => Promise<number>): Promise<number> {
  requireStore(config)
  await requirePostgresStore(config)
  const store = await openStore(config.storeUrl, systemClock)
  try {
    return await act(store)
  } finally {
    await store.close()
  }
}

/** Throws `store-unavailable`, with the path and what to do, where a SQLite store is not there yet. */
export function requireStore(config: Config): void {
  const path = sqlitePath(config.storeUrl)
  // SQLite makes a file of no bytes when it is opened to write, and the store only after that.
  if (path === null || (existsSync(path) && statSync(path).size > 0)) return
  throw withRemedy(new OperationalError('store-unavailable', `there is no store at ${path}: ${BEGIN}`), config)
}

async function requirePostgresStore({ storeUrl }: Config): Promise<void> {
  if (!isPostgresUrl(storeUrl)) return
  const { lookAt } = await import('../store/postgres/examine.ts')
  if ((await lookAt(storeUrl)) !== null) return
  throw new OperationalError('store-unavailable', `there is no store in ${describeAddress(storeUrl)}: ${BEGIN}`)
}
