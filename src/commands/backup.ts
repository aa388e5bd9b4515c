// `backup` and `restore`: copies of a SQLite store, each checked before it counts.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Config } from '../config.ts'
import { copyStore, type CopyFacts } from '../store/copy.ts'
import { sqlitePath } from '../store/open.ts'
import { restoreStore } from '../store/restore.ts'
import { systemClock } from '../system-clock.ts'
import { print, readWords, UsageError, type Command } from './command.ts'
import { requireStore } from './existing-store.ts'

export const backupCommand: Command = async (words, config) => {
  const { positionals } = readWords('backup', words, {})
  const to = onlyFile('backup', positionals)
  const from = pathOf(config)
  requireStore(config)
  if (existsSync(to)) throw new UsageError(`${to} is there already: name a new file`)
  print(`${to}: ${describe(copyStore(from, to))}`)
  return 0
}

export const restoreCommand: Command = async (words, config) => {
  const { values, positionals } = readWords('restore', words, { 'with-keys': { type: 'boolean', default: false } })
  const from = onlyFile('restore', positionals)
  const to = pathOf(config)
  if (resolve(from) === to) throw new UsageError(`${from} is the store itself: name a copy`)
  const restored = await restoreStore({ from, to, withKeys: values['with-keys'], now: systemClock.now() })
  print(`${to} holds the days of ${from} again: ${describe(restored.facts)}`)
  if (restored.kept !== null) print(`what was there before is kept as ${restored.kept}`)
  if (!restored.keysKept) {
    print("no present API keys could be kept, so there are none now: 'keys add', or restore again --with-keys")
  }
  return 0
}

function onlyFile(command: string, words: readonly string[]): string {
  const [file] = words
  if (file === undefined || words.length > 1) throw new UsageError(`${command} takes one file: see --help`)
  return file
}

function pathOf(config: Config): string {
  const path = sqlitePath(config.storeUrl)
  if (path === null) throw new UsageError('STORE_URL is no SQLite store: use the tools of its database for copies')
  return path
}

function describe({ workspaces, coveredDays }: CopyFacts): string {
  return `${coveredDays} days with counts, of ${workspaces} ${workspaces === 1 ? 'workspace' : 'workspaces'}, checked`
}
