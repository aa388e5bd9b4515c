// Copies that are made on a schedule, and what they are good for when the service starts.
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import { startSchedule, type Schedule } from './ingest/schedule.ts'
import { OperationalError } from './model/errors.ts'
import { holdsCopies, newestGoodCopy, storeHoldsDays } from './store/copies.ts'
import { copyBeside } from './store/copy-beside.ts'
import { sqlitePath } from './store/open.ts'
import { systemClock } from './system-clock.ts'

/** Null where nothing is scheduled. A copy that fails is logged, and tried again at the next time. */
export function startBackups({ backupCron, backupDir, backupKeep, storeUrl }: Config, log: Logger): Schedule | null {
  const store = sqlitePath(storeUrl)
  if (backupCron === null || backupDir === null || store === null) return null
  let running = false
  const copy = async (): Promise<void> => {
    if (running) return
    running = true
    try {
      const task = { store, folder: backupDir, keep: backupKeep, now: systemClock.now() }
      const { path, facts } = await copyBeside(task)
      log.info({ path, ...facts }, 'backup written')
    } catch (err) {
      log.error({ err }, 'backup failed')
    } finally {
      running = false
    }
  }
  return startSchedule({ cron: backupCron, tick: () => void copy() })
}

/**
 * What to do instead of starting with an empty store where there was one: a sentence with the command; undefined where
 * the store is there, or there is no copy of any.
 */
export function missingStore({ storeUrl, backupDir }: Config): string | undefined {
  const store = sqlitePath(storeUrl)
  if (store === null || backupDir === null || storeHoldsDays(store) || !holdsCopies(backupDir)) return undefined
  const override = "'serve --new-store' begins an empty one"
  return `there is no store with any day at ${store}, but BACKUP_DIR holds copies: ${restoreHint(backupDir)}, and ${override}`
}

/** The error of a store that cannot be opened, with the copy that can take its place. */
export function withRemedy(error: unknown, { backupDir, storeUrl }: Config): unknown {
  if (!(error instanceof OperationalError) || error.code !== 'store-unavailable') return error
  if (backupDir === null || sqlitePath(storeUrl) === null || !holdsCopies(backupDir)) return error
  return new OperationalError('store-unavailable', `${error.message}; ${restoreHint(backupDir)}`, { cause: error })
}

function restoreHint(folder: string): string {
  const copy = newestGoodCopy(folder)
  return copy === null ? `none of the copies in ${folder} is good` : `'restore ${copy}' puts the newest good copy back`
}
