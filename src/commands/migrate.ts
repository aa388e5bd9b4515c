// `migrate`: a SQLite store into PostgreSQL.
import type { Config } from '../config.ts'
import { sqlitePath } from '../store/open.ts'
import { describeAddress, isPostgresUrl } from '../store/postgres/address.ts'
import { systemClock } from '../system-clock.ts'
import { print, readWords, UsageError, type Command } from './command.ts'
import { requireStore } from './existing-store.ts'
import { openBars } from './progress.ts'

export const migrateCommand: Command = async (words, config) => {
  const { values, positionals } = readWords('migrate', words, { to: { type: 'string' } })
  // What stands there may well be the URL, which may hold a password.
  if (positionals.length > 0) throw new UsageError('migrate takes its target as --to URL: see --help')
  const path = sourceOf(config)
  const url = targetOf(values.to)
  requireStore(config)

  // The driver costs the other commands nothing.
  const { moveStore } = await import('../store/move.ts')
  const bars = openBars()
  try {
    const moved = await moveStore({ path, url, clock: systemClock, onProgress: bars.show })
    bars.close()
    const { workspaces, days, entries, keys } = moved
    const held = `${workspaces} workspaces, ${days} days, ${entries} changes, ${keys} API keys`
    print(`${describeAddress(url)} holds ${held}, compared count by count with ${path}: set STORE_URL to it`)
    return 0
  } finally {
    bars.close()
  }
}

function sourceOf({ storeUrl }: Config): string {
  const path = sqlitePath(storeUrl)
  if (path === null) throw new UsageError('STORE_URL is no SQLite store: migrate moves one into --to')
  return path
}

function targetOf(to: string | undefined): string {
  if (to === undefined) throw new UsageError('migrate needs --to postgres://user@host:5432/database')
  if (isPostgresUrl(to) && URL.canParse(to) && /^\/[^/]+$/.test(new URL(to).pathname)) return to
  throw new UsageError('--to is no URL of a PostgreSQL database: write postgres://user@host:5432/database')
}
