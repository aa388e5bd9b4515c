// The settings of copies: a schedule needs a folder.
import type { SettingsReader } from './reader.ts'
import { settings } from './settings.ts'

export function readBackupCron(reader: SettingsReader): string | null {
  const cron = reader.read(settings.backupCron)
  if (cron !== null && reader.read(settings.backupDir) === null) {
    reader.refuse(settings.backupCron, {
      remedy: 'it needs BACKUP_DIR, the folder of the copies: set both, or neither'
    })
  }
  if (cron !== null && !reader.read(settings.storeUrl).startsWith('sqlite:')) {
    reader.refuse(settings.backupCron, { remedy: 'only a SQLite store is copied: leave it out, and use pg_dump' })
  }
  return cron
}
